"""What `kambook doctor` says of the scorecard plan of a workspace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.plan_check import checks
from pipeline.resources import built_in

TODAY = date(2026, 9, 30)
_MEASURES = """
measures = [
  { perspective = "finance", metric = "gross_margin", weight = %s, target = 0.3 },
  { perspective = "customer", metric = "csat", weight = 50, target = 0.8 },
]
"""


def workspace(folder: Path, weight: int = 50) -> Path:
    (folder / "policy").mkdir()
    (folder / "kambook.toml").write_text(
        'schema = 1\n[company]\nname = "x"\n[sources]\nmappings = ["generic"]\n', encoding="utf-8"
    )
    (folder / "policy" / "scorecard.toml").write_text(
        f'schema = 1\n[[scorecard]]\nname = "p"\nvalid_from = 2026-01-01\n{_MEASURES % weight}',
        encoding="utf-8",
    )
    return folder


def test_what_there_is_to_put_right_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (found,) = checks(workspace(tmp_path), TODAY)

    assert (found.ok, found.fatal) == (False, False)
    assert "Only 2 measures" in found.found
    assert "Process, Development" in found.found
    assert "scorecard.toml" in found.fix


def test_a_plan_that_cannot_be_scored_is_fatal_and_names_its_code(tmp_path: Path) -> None:
    (found,) = checks(workspace(tmp_path, 40), TODAY)

    assert (found.ok, found.fatal) == (False, True)
    assert "KB-1060" in found.found
    assert "90" in found.found


def test_before_the_first_plan_there_is_nothing_to_check(tmp_path: Path) -> None:
    (found,) = checks(workspace(tmp_path), date(2025, 1, 1))

    assert found.ok


def test_a_folder_without_settings_is_for_another_check(tmp_path: Path) -> None:
    assert checks(tmp_path, TODAY) == []


def test_the_demos_plan_is_sound() -> None:
    (found,) = checks(built_in("data", "demo"), TODAY)

    assert not found.fatal
    assert "2026" in found.found
