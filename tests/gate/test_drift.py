from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.gate import earlier_runs
from pipeline.gate.drift import Drift, distrusted_everywhere, drifts, findings_of
from pipeline.gate.profiles import MONTHS, Profile, profile_of
from pipeline.intake.canonical import write_table
from pipeline.press.languages import catalogue
from pipeline.store import write_json
from tests.tables import tables

AS_OF = date(2026, 9, 30)
FEW = "The last month has only {now} rows, the months before {least} to {most}; the export may be incomplete."
DAY = timedelta(days=1)


def payments(days: list[date], **cells: Any) -> list[dict[str, object]]:
    return [
        {"payment_id": f"Y{n}", "paid_on": str(day), "amount": 100, **cells} for n, day in enumerate(days)
    ]


def every_day(until: date = AS_OF, months: int = 13, a_day: int = 1) -> list[date]:
    return [until - DAY * back for back in range(months * 30) for _ in range(a_day)]


def profiled(folder: Path, rows: list[dict[str, object]], table: str = "payments") -> Profile:
    path = folder / f"{table}.parquet"
    write_table(path, tables({table: rows})[table])
    return profile_of(path, table, AS_OF)


def told(profile: Profile, rows_before: int | None = None, as_of: date = AS_OF) -> list[str]:
    return [each.truth for each in drifts(profile, as_of, 10, rows_before)]


def test_a_year_like_the_year_before_says_nothing(tmp_path: Path) -> None:
    assert told(profiled(tmp_path, payments(every_day()))) == []


def test_a_feed_that_ended_early_by_its_own_pace_is_stale_and_costs_everybody(tmp_path: Path) -> None:
    profile = profiled(tmp_path, payments(every_day(AS_OF - 14 * DAY)))

    (stale,) = [each for each in drifts(profile, AS_OF, 10, None) if each.truth == "rows_are_up_to_date"]
    (finding,) = findings_of([stale], str)
    assert (stale.is_certain, finding["severity"], finding["scope"]) == (True, "critical", "section")
    assert {
        (each.subject_id, each.table, each.code) for each in distrusted_everywhere([stale], ["A1", "A2"])
    } == {
        ("A1", "payments", "KB-1223"),
        ("A2", "payments", "KB-1223"),
    }


@pytest.mark.parametrize(
    "days",
    [
        every_day(AS_OF - 9 * DAY),
        [AS_OF - DAY * back for back in range(60, 400, 30)],
        [date(2026, 1, 5) + DAY * (n % 3) for n in range(90)],
    ],
    ids=["within the days of freshness", "no more than twice its own gap", "one load, once"],
)
def test_what_is_within_its_own_pace_is_not_stale(tmp_path: Path, days: list[date]) -> None:
    assert "rows_are_up_to_date" not in told(profiled(tmp_path, payments(days)))


@pytest.mark.parametrize(("last", "stale"), [(9, False), (8, True)])
def test_a_monthly_table_is_stale_where_its_last_month_is_missing(
    tmp_path: Path, last: int, stale: bool
) -> None:
    months = [date(2025 + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(12)] + [date(2026, 9, 1)]
    rows: list[dict[str, object]] = [
        {"account_id": "A1", "product_id": "P1", "month_on": str(day), "measure": "m", "quantity": 1}
        for day in months
        if day <= date(2026, last, 1)
    ]

    profile = profiled(tmp_path, rows, "usage")

    assert ("rows_are_up_to_date" in told(profile)) is stale
    assert told(profile, as_of=AS_OF - DAY) == [], "a month that has not ended may still come"


def test_a_month_with_half_its_rows_and_one_with_twice_as_many_are_told(tmp_path: Path) -> None:
    days = every_day(AS_OF - 30 * DAY, 12, 3)
    few = [*days, *(AS_OF - DAY * (2 * back) for back in range(10))]
    many = [*days, *(AS_OF - DAY * back for back in range(30) for _ in range(9))]

    assert told(profiled(tmp_path, payments(few))) == ["month_has_its_rows"]
    assert told(profiled(tmp_path, payments(many))) == ["month_has_no_more_than_its_rows"]


def test_months_of_few_rows_may_be_empty_by_chance(tmp_path: Path) -> None:
    sparse = [date(2025, 9, 3) + 30 * DAY * n for n in range(12)]

    assert told(profiled(tmp_path, payments(sparse))) == []


def test_a_column_that_comes_empty_is_told_by_its_name(tmp_path: Path) -> None:
    new = payments([day for day in every_day() if day.month == 9 and day.year == 2026], currency=None)
    old = payments([day for day in every_day() if day < date(2026, 9, 1)], currency="CNY")
    rows = [{**row, "payment_id": f"Y{n}"} for n, row in enumerate([*old, *new])]

    assert told(profiled(tmp_path, rows)) == ["currency_is_as_full_as_before"]


def test_a_column_filled_in_later_is_not_compared(tmp_path: Path) -> None:
    lines = [
        {
            "opportunity_id": f"D{n}",
            "closed_on": str(day),
            "competitor": "X" if day < date(2026, 9, 1) else None,
        }
        for n, day in enumerate(every_day())
    ]

    assert told(profiled(tmp_path, lines, "opportunities")) == []  # type: ignore[arg-type]


def test_values_of_a_list_that_were_renamed_are_told(tmp_path: Path) -> None:
    rows = [
        {"activity_id": f"T{n}", "held_on": str(day), "kind": "visit" if day < date(2026, 9, 1) else "拜访"}
        for n, day in enumerate(every_day())
    ]

    assert told(profiled(tmp_path, rows, "activities")) == ["kind_has_values_seen_before"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("factor", "certain"), [(5, None), (50, False), (10_000, True)])
def test_amounts_of_another_size_are_told_and_of_another_unit_cost_everybody(
    tmp_path: Path, factor: int, certain: bool | None
) -> None:
    rows = [
        {**row, "amount": 100 * factor if str(row["paid_on"]) >= "2026-09-01" else 100}
        for row in payments(every_day())
    ]

    found = list(drifts(profiled(tmp_path, rows), AS_OF, 10, None))

    expected = [] if certain is None else [("amount_is_of_its_usual_size", certain)]
    assert [(each.truth, each.is_certain) for each in found] == expected


@pytest.mark.parametrize(("before", "truths"), [(None, []), (400, []), (500, ["rows_do_not_vanish"])])
def test_rows_that_an_earlier_run_had_are_missed(
    tmp_path: Path, before: int | None, truths: list[str]
) -> None:
    assert told(profiled(tmp_path, payments(every_day())), before) == truths


@settings(max_examples=60)
@given(st.lists(st.integers(0, 500), min_size=MONTHS, max_size=MONTHS))
def test_nothing_is_said_of_a_month_within_the_span_of_the_others(months: list[int]) -> None:
    middling = replace(
        Profile("payments", 9999), months=(*months[:-1], sorted(months[:-1])[len(months) // 2])
    )

    assert list(drifts(middling, AS_OF, 10, None)) == []


def test_runs_of_earlier_months_are_found_oldest_first_and_later_ones_are_not(tmp_path: Path) -> None:
    for name, day in (("2026-07", "2026-07-31"), ("2026-08", "2026-08-31"), ("2026-10", "2026-10-31")):
        said = {"period": name, "as_of": day, "rows": {}, "findings": {}, "quarantined": 0}
        write_json(tmp_path / name / "quality" / "profile.json", said)

    assert [each.said["period"] for each in earlier_runs.before(tmp_path / "2026-09", AS_OF)] == [
        "2026-07",
        "2026-08",
    ]


def test_a_warning_costs_nobody_anything() -> None:
    assert list(distrusted_everywhere([Drift("payments", "t", "w", {}, 1)], ["A1"])) == []


def test_what_is_said_is_filled_in_after_it_was_translated() -> None:
    chinese = catalogue("zh-Hans").ugettext
    few = Drift("payments", "month_has_its_rows", FEW, {"now": 3, "least": 20, "most": 30}, 0)
    stale = replace(few, consequence="Please check the export.")

    assert (
        few.said(str)
        == "The last month has only 3 rows, the months before 20 to 30; the export may be incomplete."
    )
    assert stale.said(chinese) == "截止月只有3行，此前各月为20至30行，导出可能不完整。请核对导出。"
    assert stale.said(str).endswith("incomplete. Please check the export.")
