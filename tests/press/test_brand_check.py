"""The check of a brand: what one cannot read or tell apart is named with its token."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.brand_commands import brand_group
from pipeline.cli import Environment
from pipeline.press.brand import read
from pipeline.press.brand_check import contrast, faults
from pipeline.resources import built_in

WARM = (built_in("templates", "brands", "warm") / "tokens.css").read_text("utf-8")


def wrong(**values: str) -> list[str]:
    """What is said of the warm brand with other values."""
    css = WARM
    for name, value in values.items():
        token = name.replace("_", "-")
        line = next(line for line in css.splitlines() if line.strip().startswith(f"--{token}:"))
        css = css.replace(line, f"  --{token}: {value};")
    return [fault.what for fault in faults(read("own", css), {400, 600, 700})]


@pytest.mark.parametrize("name", ["industrial", "warm"])
def test_the_built_in_brands_can_be_used(name: str) -> None:
    css = (built_in("templates", "brands", name) / "tokens.css").read_text("utf-8")

    assert faults(read(name, css), {400, 600, 700}) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ink_3": "#9a9a9a"}, "--ink-3 on --paper has a contrast of 2.81, less than 4.5"),
        ({"cover_missed": "#b8470f"}, "--cover-missed on --cover-art has a contrast of 1.09, less than 3"),
        ({"accent": "#8a5a00", "signal": "#a01818"}, "--accent and --signal look alike to the green-blind"),
        ({"accent": "#6d6d6d", "neutral": "#757575"}, "--accent and --neutral are the same grey in print"),
        ({"weight_display": "300"}, "the typeface has no weight 300"),
        ({"accent": "teal"}, "--accent is no colour that can be checked"),
        ({"mark": '"url(x)"'}, "--mark is no path"),
    ],
)
def test_what_cannot_be_used_is_named(values: dict[str, str], said: str) -> None:
    assert said in wrong(**values)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_command_names_each_fault_with_its_fix(tmp_path: Path, environment: Environment) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "tokens.css").write_text(WARM.replace("--ink-3: #756153", "--ink-3: #c0c0c0"), "utf-8")

    said = CliRunner().invoke(brand_group, ["check", str(folder)], obj=environment)

    assert said.exit_code == 10
    assert "own: --ink-3 on --paper has a contrast of" in said.output
    assert "fix: make --ink-3 darker" in said.output


def test_the_command_says_that_a_brand_can_be_used(environment: Environment) -> None:
    folder = built_in("templates", "brands", "industrial")

    said = CliRunner().invoke(brand_group, ["check", str(folder)], obj=environment)

    assert (said.exit_code, said.output) == (0, "industrial: can be used\n")


@pytest.fixture
def environment(installed_fonts: Path) -> Environment:
    from datetime import date

    return Environment(date(2026, 10, 8), installed_fonts.parent.parent.parent, Path())
