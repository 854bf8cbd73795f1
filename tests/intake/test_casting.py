from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.casting import Cast, Marks, Rule, cast, translate
from pipeline.schema import PANDAS_DTYPE, Kind

KINDS: tuple[Kind, ...] = ("text", "date", "timestamp", "exact", "rate", "integer", "boolean")


def _cast(cells: list[str | None], kind: Kind, **rule: Any) -> Cast:
    return cast(pd.Series(cells, dtype="str"), Rule(kind, **rule))


def _one(cell: str, kind: Kind, **rule: Any) -> Any:
    """The value of one cell; "failed" where it cannot be cast."""
    found = _cast([cell], kind, **rule)
    return "failed" if found.failed[0] else found.values.iloc[0]


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("1", 10_000),
        ("-1.5", -15_000),
        ("+7", 70_000),
        (".5", 5_000),
        ("1.", 10_000),
        ("1.00005", 10_001),  # half-up at the fourth decimal
        ("-1.00005", -10_001),  # away from zero
        ("1.00004999", 10_000),
        ("1e3", 10_000_000),
        ("1.5E-4", 2),
        ("12%", 1_200),
        ("(5.5)", -55_000),
        ("5-", -50_000),
        ("１２", 120_000),
        ("−3", -30_000),
        ("922337203685477.5807", 2**63 - 1),
        ("922337203685477.5808", "failed"),
        ("1,000", "failed"),
        ("1 000", "failed"),
        ("abc", "failed"),
        ("", "failed"),
        ("NaN", "failed"),
        ("inf", "failed"),
        ("--5", "failed"),
        ("1e999", "failed"),
        ("¥5", "failed"),
    ],
)
def test_a_number_is_exact_ten_thousandths(cell: str, units: object) -> None:
    assert _one(cell, "exact") == units


@pytest.mark.parametrize(
    ("cell", "marks", "units"),
    [
        ("1,234.50", Marks(thousands=","), 12_345_000),
        ("12,345,678", Marks(thousands=","), 123_456_780_000),
        ("1234.5", Marks(thousands=","), 12_345_000),
        ("1,23", Marks(thousands=","), "failed"),  # a decimal comma is not a thousands mark
        ("1.234,50", Marks(",", "."), 12_345_000),
        ("1,5", Marks(","), 15_000),
        ("1\u202f234,5", Marks(",", " "), 12_345_000),
        ("12.34565", Marks(scale=Decimal(10_000)), 1_234_565_000),  # 万元
        ("1250", Marks(scale=Decimal("0.01")), 125_000),  # cents
    ],
)
def test_numbers_are_read_as_the_mapping_writes_them(cell: str, marks: Marks, units: object) -> None:
    assert _one(cell, "exact", marks=marks) == units


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=7, allow_nan=False))
def test_any_decimal_is_rounded_half_up_once(number: Decimal) -> None:
    expected = int((number * 10_000).quantize(Decimal(1), ROUND_HALF_UP))

    assert _one(f"{number:f}", "exact") == expected
    assert _one(f"{number:.4f}", "exact") == int(Decimal(f"{number:.4f}") * 10_000)


def test_a_rate_is_exact_hundred_millionths() -> None:
    assert _cast(["7.8", "0.123456785", None], "rate").values.tolist()[:2] == [780_000_000, 12_345_679]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("7", 7), ("007", 7), ("17850.0", 17850), ("-3", -3), ("2.5", "failed"), ("x", "failed")],
)
def test_a_whole_number(cell: str, value: object) -> None:
    assert _one(cell, "integer") == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("Yes", True), ("TRUE", True), ("是", True), ("0", False), ("否", False), ("maybe", "failed")],
)
def test_yes_or_no(cell: str, value: object) -> None:
    assert _one(cell, "boolean") == value


@pytest.mark.parametrize(
    ("cell", "formats", "day"),
    [
        ("2026-09-03", ("iso",), "2026-09-03"),
        ("2026-09-03 23:59:59", ("iso",), "2026-09-03"),
        ("2026-09-03T23:30:00Z", ("iso",), "2026-09-04"),  # in Shanghai the next day
        ("2026-02-30", ("iso",), "failed"),
        ("2026-09-03 25:00", ("iso",), "failed"),
        ("2026-9-3", ("iso",), "failed"),
        ("20260903", ("iso",), "failed"),
        ("20260903", ("%Y%m%d",), "2026-09-03"),
        ("2026年9月3日", ("%Y年%m月%d日",), "2026-09-03"),
        ("03/09/2026", ("%d/%m/%Y",), "2026-09-03"),
        ("31/09/2026", ("%d/%m/%Y",), "failed"),
        ("2-Jun-06", ("iso", "%d-%b-%y"), "2006-06-02"),
        ("2026-09-03", ("%d/%m/%Y", "iso"), "2026-09-03"),
        ("46268", ("excel",), "2026-09-03"),
        ("46268.75", ("excel",), "2026-09-03"),
        ("60", ("excel",), "failed"),  # 29 February 1900 never was
        ("0001-01-01", ("iso",), "0001-01-01"),
        ("3 Sep 2026 23:00 +0000", ("%d %b %Y %H:%M %z",), "2026-09-04"),
    ],
)
def test_a_day_in_the_formats_of_the_mapping(cell: str, formats: tuple[str, ...], day: str) -> None:
    found = _one(cell, "date", formats=formats, zone="Asia/Shanghai")

    assert (found if isinstance(found, str) else f"{found.date():%Y-%m-%d}".rjust(10, "0")) == day


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-09-03 10:00", "2026-09-03T08:00:00"),
        ("2026-09-03T10:00:00.250", "2026-09-03T08:00:00"),
        ("2026-09-03T10:00:00+08:00", "2026-09-03T02:00:00"),
        ("2026-09-03 10:00:00+00", "2026-09-03T10:00:00"),
        ("2026-09-03", "2026-09-02T22:00:00"),
        ("2026-03-29 02:30:00", "failed"),  # skipped when summer time begins
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00"),  # there twice: the first
    ],
)
def test_a_time_is_utc_and_a_naive_one_is_in_the_mappings_zone(cell: str, utc: str) -> None:
    found = _one(cell, "timestamp", zone="Europe/Berlin")

    assert (found if isinstance(found, str) else f"{found:%Y-%m-%dT%H:%M:%S}") == utc


@given(st.datetimes(datetime(1995, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001  # naive is what is tested
def test_any_local_time_is_the_instant_that_python_says(moment: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    moment = moment.replace(microsecond=0, fold=0)
    instant = moment.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    exists = instant.astimezone(zone).replace(tzinfo=None) == moment

    found = _one(moment.isoformat(), "timestamp", zone="Europe/Berlin")
    assert (found == instant) if exists else found == "failed"


@given(st.dates(date(1900, 3, 1), date(2100, 1, 1)))
def test_a_day_is_the_same_in_every_format(day: date) -> None:
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    texts = {"iso": day.isoformat(), "%d.%m.%Y": f"{day:%d.%m.%Y}", "excel": serial}

    assert {_one(text, "date", formats=(name,)).date() for name, text in texts.items()} == {day}


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_cell_is_missing_and_no_failure(kind: Kind) -> None:
    found = _cast([None, None], kind)

    assert found.values.isna().all()
    assert not found.failed.any()
    assert str(found.values.dtype) == PANDAS_DTYPE[kind]
    assert str(_cast([], kind).values.dtype) == PANDAS_DTYPE[kind]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_cannot_be_cast_fails_with_a_reason_and_never_holds_the_cell(kind: Kind) -> None:
    found = _cast(["secret", None, "secret"], kind)

    assert found.failed.tolist() == [True, False, True]
    assert found.reason
    assert "secret" not in found.reason


def test_rows_keep_their_place_and_index() -> None:
    cells = pd.Series(["3", None, "1", "x", "3"], index=[9, 7, 5, 3, 1], dtype="str")
    found = cast(cells, Rule("exact"))

    assert found.values.index.tolist() == [9, 7, 5, 3, 1]
    assert found.values.fillna(-1).tolist() == [30_000, -1, 10_000, -1, 30_000]
    assert cells.tolist()[0] == "3"


def test_texts_are_translated_and_unlisted_ones_fail() -> None:
    cells = pd.Series(["Won", "Lost", None, "Open"], dtype="str")
    found = translate(cells, {"Won": "true", "Lost": "null"}, "*", "null")

    assert found.values.fillna("-").tolist() == ["true", "-", "-", "-"]
    assert found.failed.tolist() == [False, False, False, True]


def test_a_star_stands_for_every_other_text() -> None:
    cells = pd.Series(["technolgy", "retail"], dtype="str")

    assert translate(cells, {"technolgy": "technology", "*": "*"}, "*", "null").values.tolist() == [
        "technology",
        "retail",
    ]
    assert translate(cells, {"*": "null"}, "*", "null").values.isna().all()
    assert translate(cells, {"*": "other"}, "*", "null").values.tolist() == ["other", "other"]
