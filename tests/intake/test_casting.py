from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.casting import Cast, Rule, cast, translate
from pipeline.intake.numbers import PLAIN_MARKS, Marks, fixed, written
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
        ("¥5", 50_000),
        ("¥ -5", -50_000),
        ("-¥5", -50_000),
        ("¥(5)", -50_000),
        ("US$5.5", 55_000),
        ("5元", 50_000),
        ("RMB 5", 50_000),
        ("￥５．５", 55_000),
        ("2.3亿", 2_300_000_000_000),
        ("11.5万元", 1_150_000_000),
        ("3 百万", 30_000_000_000),
        ("－１２．５％", -1_250),
        ("（5.5）", -55_000),
        ("¥5元", "failed"),
        ("5%%", "failed"),
        ("5%元", "failed"),
        ("1e3万", "failed"),
        ("-(5)", "failed"),
        ("(5", "failed"),
        ("5)", "failed"),
        ("+5-", "failed"),
        ("万", "failed"),
        ("5 6", "failed"),
        ("5.000.000", "failed"),
        ("5K", "failed"),  # a thousand to some, 千 or 1024 to others
        ("9" * 65, "failed"),
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
        ("¥1,234.50", Marks(thousands=","), 12_345_000),
        ("(1,234)", Marks(thousands=","), -12_340_000),
        ("(¥1,234.50)", Marks(thousands=","), -12_345_000),
        ("1052,75元", Marks(","), 10_527_500),
        ("11,50万元", Marks(","), 1_150_000_000),
        ("1’234’567.5", Marks(thousands="'"), 12_345_675_000),
        ("１，２３４．５", Marks(thousands=","), 12_345_000),
        ("12,5%", Marks(","), 1_250),
        ("1,234,5", Marks(thousands=","), "failed"),
        ("1.5,000", Marks(thousands=","), "failed"),
        ("1234,567.8", Marks(thousands=","), "failed"),
        ("11.5万", Marks(scale=Decimal(10_000)), "failed"),  # 万 of the header or of the cell?
        ("12.5%", Marks(scale=Decimal("0.01")), "failed"),
    ],
)
def test_numbers_are_read_as_the_mapping_writes_them(cell: str, marks: Marks, units: object) -> None:
    assert _one(cell, "exact", marks=marks) == units


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=7, allow_nan=False))
def test_any_decimal_is_rounded_half_up_once(number: Decimal) -> None:
    expected = int((number * 10_000).quantize(Decimal(1), ROUND_HALF_UP))

    assert _one(f"{number:f}", "exact") == expected
    assert _one(f"{number:.4f}", "exact") == int(Decimal(f"{number:.4f}") * 10_000)


@given(st.lists(st.text("0123456789.-", max_size=21), min_size=1, max_size=8))
def test_numbers_are_read_at_once_as_they_are_read_one_by_one(cells: list[str]) -> None:
    together = fixed(pd.Series(cells, dtype="str"), PLAIN_MARKS, 10_000)
    numbers = [written(cell, PLAIN_MARKS) for cell in cells]
    units = [
        None if each is None else int((each.value * 10_000).quantize(Decimal(1), ROUND_HALF_UP))
        for each in numbers
    ]

    assert [None if pd.isna(each) else each for each in together] == [
        each if each is not None and abs(each) < 2**63 else None for each in units
    ]


@pytest.mark.parametrize("repeats", [1, 7])
@pytest.mark.parametrize("kind", KINDS[1:])
def test_cells_are_cast_alike_whether_they_repeat_or_not(kind: Kind, repeats: int) -> None:
    """So many that what is cast once a cell and what is cast once a different cell both occur."""
    some = ["2026-09-03", "2026-09-04T10:00:00Z", "7", "8.5", "1,000", "¥5", "yes", "×", "", None]
    cells = pd.Series([*some] * repeats, dtype="str", index=range(10 * repeats, 0, -1))
    found = cast(cells, Rule(kind))
    each = [cast(cells.iloc[[at]], Rule(kind)) for at in range(len(cells))]

    assert found.failed.tolist() == [bool(one.failed[0]) for one in each]
    pd.testing.assert_series_equal(found.values, pd.concat([one.values for one in each]))


def test_a_rate_is_exact_hundred_millionths() -> None:
    assert _cast(["7.8", "0.123456785", None], "rate").values.tolist()[:2] == [780_000_000, 12_345_679]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7", 7),
        ("007", 7),
        ("17850.0", 17850),
        ("-3", -3),
        ("3万", 30_000),
        ("１２", 12),
        ("2.5", "failed"),
        ("x", "failed"),
        ("¥7", "failed"),
        ("700%", "failed"),
    ],
)
def test_a_whole_number(cell: str, value: object) -> None:
    assert _one(cell, "integer") == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Yes", True),
        ("TRUE", True),
        ("Ｙ", True),
        ("是", True),
        ("√", True),
        ("✔", True),
        ("0", False),
        ("n", False),
        ("否", False),
        ("×", False),
        ("maybe", "failed"),
        ("x", "failed"),  # a tick to some, a cross to others
    ],
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
        ("2026年3月1日", ("%Y年%m月%d日",), "2026-03-01"),
        ("２０２６年３月１日", ("%Y年%m月%d日",), "2026-03-01"),
        ("1-Mar-26", ("%d-%b-%y",), "2026-03-01"),
        ("03/04/22", ("%d/%m/%y",), "2022-04-03"),
        ("Friday, March 4, 2022", ("%A, %B %d, %Y",), "2022-03-04"),
        ("Monday, March 4, 2022", ("%A, %B %d, %Y",), "failed"),  # it was no Monday
        ("Fri 4 Mar 2022", ("%a %d %b %Y",), "2022-03-04"),
        ("2026123", ("%Y%m%d",), "failed"),  # 3 December or 23 January
        ("202609031", ("%Y%m%d",), "failed"),
        ("2026-03-01 24:00", ("iso",), "2026-03-01"),  # the day that is written
        ("2026-03-01 24:00:00", ("iso",), "2026-03-01"),
        ("2026-03-01T24:00Z", ("iso",), "2026-03-02"),
        ("2026-03-01 24:01", ("iso",), "failed"),
        ("2026-03-01 24:00:01", ("iso",), "failed"),
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
        ("2026-09-03 24:00", "2026-09-03T22:00:00"),
        ("2026-09-03 10:00 UTC", "2026-09-03T10:00:00"),
        ("2026-09-03 10:00 CST", "failed"),  # Shanghai's or Chicago's
    ],
)
def test_a_time_is_utc_and_a_naive_one_is_in_the_mappings_zone(cell: str, utc: str) -> None:
    found = _one(cell, "timestamp", zone="Europe/Berlin")

    assert (found if isinstance(found, str) else f"{found:%Y-%m-%dT%H:%M:%S}") == utc


def test_zones_may_be_mixed_in_a_column() -> None:
    cells = [
        "2026-09-03T10:00:00+08:00",
        "2026-09-03T10:00:00Z",
        "2026-09-03T10:00:00-0430",
        "2026-09-03 10:00",
    ]
    found = _cast([*cells], "timestamp", zone="Asia/Shanghai")

    assert [f"{each:%H:%M}" for each in found.values] == ["02:00", "10:00", "14:30", "02:00"]


@pytest.mark.parametrize(
    ("cell", "clock"),
    [("2026/3/1 上午9:05", "09:05"), ("2026/3/1 下午12:05", "12:05"), ("2026/3/1 下午3:05", "15:05")],
)
def test_halves_of_a_day_are_read_in_chinese(cell: str, clock: str) -> None:
    assert f"{_one(cell, 'timestamp', formats=('%Y/%m/%d %p%I:%M',)):%H:%M}" == clock


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
