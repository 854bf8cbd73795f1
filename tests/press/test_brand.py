"""Brands: complete, readable by everyone, and all that differs between two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.press.brand import TOKENS, brand, brands, read
from pipeline.resources import built_in

BUILT_IN = sorted(brands(Path("/nowhere")))
ON_PAPER = ("ink", "ink-2", "ink-3", "accent", "signal")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_there_are_two_brands() -> None:
    assert BUILT_IN == ["industrial", "warm"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_text_colour_can_be_read(name: str) -> None:
    found = brand(name, Path("/nowhere"))

    for token in ON_PAPER:
        assert contrast(found[token], found["paper"]) >= 4.5, token
        assert contrast(found[token], found["panel"]) >= 4.5, token
    assert contrast(found["on-signal"], found["signal"]) >= 4.5
    assert contrast(found["cover-missed"], found["cover-art"]) >= 3


@pytest.mark.parametrize("name", BUILT_IN)
def test_two_weights_are_embedded(name: str) -> None:
    assert len(brand(name, Path("/nowhere")).weights) == 2


def test_style_sheets_hold_no_colour_or_family_of_their_own() -> None:
    for path in sorted((built_in("templates") / "css").glob("*.css")):
        text = path.read_text(encoding="utf-8")
        assert "#" not in text.replace("/* #", ""), path.name
        assert "Noto" not in text, path.name


def test_a_workspace_may_bring_its_own_brand(tmp_path: Path) -> None:
    (tmp_path / "brands" / "own").mkdir(parents=True)
    css = (built_in("templates", "brands", "warm") / "tokens.css").read_text(encoding="utf-8")
    (tmp_path / "brands" / "own" / "tokens.css").write_text(
        css.replace("#b8470f", "#004400"), encoding="utf-8"
    )

    assert brand("own", tmp_path)["accent"] == "#004400"


@pytest.mark.parametrize(
    ("change", "code", "nearest"),
    [
        (("--accent:", "--acent:"), "KB-1043", None),
        (("--radius: 0mm;", "--radius: 0mm; }\n:root {\n  --tab-widht: 1mm;"), "KB-1043", "tab-width"),
        (("--cover-motif: lines", "--cover-motif: line"), "KB-1043", "lines"),
    ],
)
def test_a_token_too_few_or_too_many_stops(change: tuple[str, str], code: str, nearest: str | None) -> None:
    css = (built_in("templates", "brands", "industrial") / "tokens.css").read_text(encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        read("industrial", css.replace(*change))

    assert caught.value.code == code
    assert caught.value.nearest == nearest


def test_an_unknown_brand_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        brand("warmer", tmp_path)

    assert (caught.value.code, caught.value.nearest) == ("KB-1042", "warm")


def test_every_token_is_read_by_something() -> None:
    root = built_in("templates").parent
    texts = [path.read_text(encoding="utf-8") for path in (root / "templates" / "css").glob("*.css")]
    texts += [
        path.read_text(encoding="utf-8")
        for path in (root / "pipeline").rglob("*.py")
        if path.name != "brand.py"
    ]
    everything = "\n".join(texts)

    unread = {token for token in TOKENS if f"--{token}" not in everything and f'"{token}"' not in everything}
    assert unread <= {"weight-text", "weight-strong", "weight-display", "mark"}  # read by name of their role
