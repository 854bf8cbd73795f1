"""Restatements: what was sent with one value and is another now, and what the report says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import RenderError
from pipeline.press.issued import FOLDER, issues_of, restated
from pipeline.press.slices import Issue, Reading, Slice
from pipeline.press.svg import Ink
from tests.dealings import customer
from tests.portraits import PERIOD, months, reading
from tests.section_pages import inks, page

AUGUST, SEPTEMBER = months(2)
UNTIL = PERIOD.until_on


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def rate(value: float | None, window: object = AUGUST, **more: object) -> Reading:
    return reading("otif_orders", value, window, "basis=first_promised", **more)  # type: ignore[arg-type]


def why(was: Reading, now: Reading) -> list[str]:
    return [each.why for each in restated([Issue("2026-08", 1, (was,))], [now])]


def test_a_figure_that_is_the_same_is_not_restated() -> None:
    assert why(rate(0.9), rate(0.9)) == []
    assert why(rate(None), rate(None)) == []


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        (rate(0.9), rate(0.8), "entries"),
        (rate(None), rate(0.8), "arrived"),
        (rate(0.9), rate(None), "withdrawn"),
        (rate(0.9), rate(0.8, definition=2), "definition"),
    ],
)
def test_each_restatement_says_why(was: Reading, now: Reading, reason: str) -> None:
    assert why(was, now) == [reason]


def test_the_last_issue_that_printed_a_figure_counts() -> None:
    issues = [Issue("2026-08", 1, (rate(0.7),)), Issue("2026-09", 1, (rate(0.9),))]

    assert [(each.was.value, each.period) for each in restated(issues, [rate(0.8)])] == [(0.9, "2026-09")]
    assert restated(issues, [rate(0.9)]) == []


def test_figures_of_other_windows_and_currencies_are_not_compared() -> None:
    was = rate(0.9, currency="CNY")

    assert restated([Issue("2026-08", 1, (was,))], [rate(0.8, SEPTEMBER), rate(0.8, currency="EUR")]) == []


# What stands on disk


def write(output: Path, name: str, readings: Iterable[Reading], customer_id: str = "A-1") -> Path:
    path = output / FOLDER / customer_id / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([asdict(each) for each in readings]), path)
    return path


def test_issues_are_read_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    for name in ("2026-09.10", "2026-09", "2026-09.2"):
        write(tmp_path, name, [rate(0.9, SEPTEMBER)])
    write(tmp_path, "2026-08", [rate(0.9)])

    found = issues_of(tmp_path, "A-1", UNTIL)

    assert [(each.period, each.number) for each in found] == [
        ("2026-08", 1), ("2026-09", 1), ("2026-09", 2), ("2026-09", 10),
    ]  # fmt: skip
    assert found[0].readings == (rate(0.9),)


def test_a_past_period_knows_nothing_of_later_issues(tmp_path: Path) -> None:
    write(tmp_path, "2026-08", [rate(0.9)])
    write(tmp_path, "2026-09", [rate(0.9, SEPTEMBER)])

    assert [each.period for each in issues_of(tmp_path, "A-1", date(2026, 9, 1))] == ["2026-08"]


def test_a_customer_to_whom_nothing_was_sent_has_no_issue(tmp_path: Path) -> None:
    write(tmp_path, "2026-08", [replace(rate(0.9), subject_id="A-2")], "A-2")

    assert issues_of(tmp_path, "A-1", UNTIL) == ()


def test_readings_of_somebody_else_stop(tmp_path: Path) -> None:
    write(tmp_path, "2026-08", [replace(rate(0.9), subject_id="A-2")])

    with pytest.raises(RenderError, match="KB-1327"):
        issues_of(tmp_path, "A-1", UNTIL)


def test_a_file_without_a_column_stops_and_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, "2026-08", [rate(0.9)])
    pq.write_table(pq.read_table(path).drop(["definition"]), path)

    with pytest.raises(RenderError, match="definition"):
        issues_of(tmp_path, "A-1", UNTIL)


# What the report says


def sent(was: float | None, now: float | None, period: str = "2026-08", number: int = 1) -> Slice:
    subject = customer([rate(now), reading("claims_to_date", 1.0)], {})
    issues = tuple(Issue(period, each, (rate(was),)) for each in range(1, number + 1))
    return replace(subject, issued=issues)


def test_was_is_and_why_stand_in_the_report(ink: Ink) -> None:
    found = page(sent(0.912, 0.884), ink, "en", ("cover", "restated", "value"))

    assert "One figure that we sent you is another now" in found.text
    assert "August 2026 91.2% 88.4% Entries added or corrected after the issue" in found.text
    assert "Final (issue 1)" in found.text  # of another period: this one is sent for the first time


def test_a_period_that_was_sent_before_is_restated_by_its_number(ink: Ink) -> None:
    for number in (1, 2):
        found = page(sent(0.912, 0.884, "2026Q3", number), ink, "en", ("cover", "restated", "value"))

        assert f"Restated no. {number}" in found.text


def test_what_was_sent_and_still_holds_is_no_restatement(ink: Ink) -> None:
    found = page(sent(0.912, 0.912, "2026Q3"), ink, "en", ("cover", "restated", "value"))

    assert "Restated" not in found.text
    assert "Final (issue 1)" in found.text


def test_a_difference_below_what_is_printed_is_none(ink: Ink) -> None:
    assert "Restated" not in page(sent(0.88401, 0.88402), ink, "en", ("cover", "restated", "value")).text


def test_the_method_points_at_what_was_restated(ink: Ink) -> None:
    found = page(sent(0.912, 0.884), ink, "en", ("restated", "value", "method"))

    assert "1 figure sent earlier" in found.text
