"""Competence: the latest assessment counts, a surplus makes up for nothing, and a team is who is in it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics import METRICS
from tests.engines import Engine, derived_table, engine

Row = dict[str, Any]


def assessed(
    manager: str, skill: str, level: int | None, on: str, target: int | None = 4, area: str = "engineer"
) -> Row:
    return {
        "manager_id": manager, "skill": skill, "area": area, "level": level, "target_level": target, "assessed_on": on,
    }  # fmt: skip


def company(competences: list[Row], managers: list[Row] | None = None, **more: Any) -> Engine:
    rows: dict[str, Any] = {
        "accounts": [{"account_id": "A", "name": "a", "owner_id": "M1"}],
        "managers": managers
        or [{"manager_id": "M1", "name": "1", "team_id": "T"}, {"manager_id": "M2", "name": "2", "team_id": "T"}],
        "teams": [{"team_id": "T", "name": "t"}, {"team_id": "U", "name": "u"}],
        "orders": [{"order_id": f"O{month}", "account_id": "A", "ordered_on": f"2026-{month:02}-05"} for month in range(1, 10)],
        "order_lines": [
            {"order_id": f"O{month}", "line_no": 1, "net_amount": 1, "cost_amount": 1, "quantity": 1} for month in range(1, 10)
        ],
        "competences": competences,
        **more,
    }  # fmt: skip
    return engine(rows)


def test_the_latest_assessment_up_to_the_windows_last_day_counts() -> None:
    found = company(
        [
            assessed("M1", "s", 2, "2026-01-10"),
            assessed("M1", "s", 3, "2026-09-20"),
            assessed("M1", "s", 5, "2026-10-02"),
        ]
    )

    assert found.value("competence_level", "manager:M1") == 3
    assert found.value("competence_gap", "manager:M1") == 1
    assert found.value("assessment_age", "manager:M1") == 10
    before = found.evaluator.measure(METRICS.get("competence_level"), "manager", found.window("month"))
    assert before.n is not None
    assert before.n.floats[0] == 1


def test_a_level_above_its_target_makes_up_for_no_other() -> None:
    found = company([assessed("M1", "s", 5, "2026-01-10"), assessed("M1", "t", 3, "2026-01-10")])

    assert found.value("competence_level", "manager:M1") == 4
    assert found.value("competence_gap", "manager:M1") == 0.5
    assert found.value("competences_below", "manager:M1") == 1


def test_a_skill_without_a_target_has_a_level_and_no_gap() -> None:
    found = company([assessed("M1", "s", 2, "2026-01-10", None)])

    assert found.value("competence_level", "manager:M1") == 2
    assert found.value("competence_gap", "manager:M1") is None


def test_levels_are_told_by_area_and_by_skill() -> None:
    found = company(
        [assessed("M1", "s", 2, "2026-01-10"), assessed("M1", "t", 4, "2026-01-10", area="leader")]
    )

    for breakdown, gap in ((("area", "engineer"), 2), (("area", "leader"), 0), (("skill", "s"), 2)):
        measure = found.measure("competence_gap", "manager", "month", breakdown)
        assert measure.value.floats[found.position("manager:M1")] == gap


def test_a_team_has_the_skills_of_those_in_it_on_the_day() -> None:
    members = [
        {"manager_id": "M1", "team_id": "T", "from_on": "2020-01-01", "to_on": "2026-09-01"},
        {"manager_id": "M1", "team_id": "U", "from_on": "2026-09-01"},
    ]
    found = company(
        [assessed("M1", "s", 2, "2026-01-10"), assessed("M2", "s", 4, "2026-01-10")], team_members=members
    )

    assert found.value("competence_level", "team:T") == 4
    assert found.value("competence_level", "team:U") == 2
    assert found.value("competence_level", "portfolio:all") == 3


def test_who_has_left_counts_for_nobody() -> None:
    managers = [
        {"manager_id": "M1", "name": "1", "team_id": "T", "left_on": "2026-09-15"},
        {"manager_id": "M2", "name": "2", "team_id": "T"},
    ]
    found = company([assessed("M1", "s", 2, "2026-01-10"), assessed("M2", "s", 4, "2026-01-10")], managers)

    assert found.value("competence_level", "team:T") == 4
    assert found.value("competence_level", "manager:M1") is None


def test_all_of_it_is_restricted() -> None:
    mine = [each for each in METRICS.all().values() if each.theme == "competences"]

    assert len(mine) == 5
    assert {each.audience for each in mine} == {"restricted"}


_LEVELS = st.integers(1, 5)


@given(
    st.lists(
        st.tuples(st.sampled_from("stu"), _LEVELS, _LEVELS, st.integers(1, 270)), min_size=1, max_size=12
    )
)
def test_a_gap_is_that_of_each_skills_newest_row(rows: list[tuple[str, int, int, int]]) -> None:
    """The derived table against the plainest reading of the same rows."""
    newest: dict[str, tuple[int, int, int]] = {}
    unique = {(skill, day): (level, target) for skill, level, target, day in rows}
    for (skill, day), (level, target) in sorted(unique.items(), key=lambda entry: entry[0][1]):
        newest[skill] = (level, target, day)
    first = pd.Timestamp("2026-01-01")
    competences = [
        assessed("M1", skill, level, str((first + pd.Timedelta(days=day - 1)).date()), target)
        for (skill, day), (level, target) in unique.items()
    ]
    made = derived_table(
        "competence_levels", {"accounts": [{"account_id": "A", "name": "a"}], "competences": competences}
    )
    last = made[(made["until_on"] == "2026-10-01") & (made["subject_kind"] == "manager")]

    assert dict(zip(last["skill"], last["gap"], strict=True)) == {
        skill: max(0, target - level) for skill, (level, target, _day) in newest.items()
    }
    assert dict(zip(last["skill"], last["age_days"], strict=True)) == {
        skill: 273 - day for skill, (_level, _target, day) in newest.items()
    }


def test_the_age_never_falls_below_zero() -> None:
    found = company([assessed("M1", "s", 2, "2026-09-30")])

    assert found.value("assessment_age", "manager:M1") == pytest.approx(0)
