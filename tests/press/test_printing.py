"""How values are written: rounded once and half-up, in each language's own way, never as a machine would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.press.printing import MINUS, UNKNOWN, Printer, grouped, half_up

ZH, EN = Printer("zh-Hans"), Printer("en")
AMOUNTS = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.125, 2, "0.13"),
        (2.675, 2, "2.68"),
        (-0.5, 0, f"{MINUS}1"),
        (-0.04, 1, "0.0"),
        (1234567.25, 1, "1,234,567.3"),
    ],
)
def test_rounding_is_half_up_and_in_decimal(value: float, decimals: int, expected: str) -> None:
    assert grouped(half_up(value, decimals)) == expected


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (0, "0元", "¥0"),
        (0.5, "0.50元", "¥0.50"),
        (1234, "1,234元", "¥1,234"),
        (9999.6, "1.00万元", "¥10.00k"),
        (507_000, "50.7万元", "¥507k"),
        (5_070_000, "507.0万元", "¥5.07M"),
        (-5_070_000, f"{MINUS}507.0万元", f"{MINUS}¥5.07M"),
        (99_996_000, "1.00亿元", "¥100.0M"),
        (1_234_567_890, "12.3亿元", "¥1,235M"),
    ],
)
def test_money_takes_the_largest_scale_it_reaches(amount: float, chinese: str, english: str) -> None:
    assert ZH.money(amount, "CNY").text == chinese
    assert EN.money(amount, "CNY").text == english


@pytest.mark.parametrize(
    ("currency", "chinese", "english"),
    [("EUR", "12.3万欧元", "€123k"), ("USD", "12.3万美元", "US$123k"), ("TWD", "12.3万 TWD", "TWD 123k")],
)
def test_a_currency_is_named_or_given_by_its_code(currency: str, chinese: str, english: str) -> None:
    assert ZH.money(123_000, currency).text == chinese
    assert EN.money(123_000, currency).text == english


@given(AMOUNTS, st.sampled_from(["CNY", "EUR", "TWD"]), st.sampled_from([ZH, EN]))
def test_money_never_looks_like_a_machine_wrote_it(amount: float, currency: str, printer: Printer) -> None:
    text = printer.money(amount, currency).text

    assert "-" not in text
    assert "e" not in text.replace("EUR", "").lower()
    assert not text.startswith(f"{MINUS}0元")


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 3))
def test_half_up_stays_within_half_a_unit(value: float, decimals: int) -> None:
    assert abs(half_up(value, decimals) - Decimal(repr(value))) <= Decimal(5).scaleb(-decimals - 1)


def test_what_is_not_known_is_a_dash() -> None:
    assert ZH.printed(None, "money", "CNY").text == UNKNOWN
    assert ZH.printed(None, "share").is_unknown
    assert ZH.count(None).number == UNKNOWN


@pytest.mark.parametrize(
    ("value", "unit", "chinese", "english"),
    [
        (0.9525, "share", "95.3%", "95.3%"),
        (1.0, "share", "100.0%", "100.0%"),
        (0.37, "hours", "22分钟", "22 min"),
        (2.55, "hours", "2.6小时", "2.6 h"),
        (44.4, "hours", "44小时", "44 h"),
        (24.0, "hours", "24小时", "24 h"),
        (41.5, "days", "42天", "42 days"),
        (1282, "count", "1,282", "1,282"),
        (4.25, "ratio", "4.25", "4.25"),
    ],
)
def test_units(value: float, unit: str, chinese: str, english: str) -> None:
    assert ZH.printed(value, unit).text == chinese
    assert EN.printed(value, unit).text == english


def test_amounts_of_a_chart_share_a_scale_and_nothing_is_a_bare_zero() -> None:
    printed, unit = ZH.common_money([1_248_000.0, 6_000.0, 0.0, -12_000.0], "CNY")

    assert unit == "万元"
    assert [each.number for each in printed] == ["124.8", "0.6", "0", f"{MINUS}1.2"]


def test_changes_carry_their_sign_and_points_do_not() -> None:
    assert ZH.change(0.0832).text == "+8.3%"
    assert ZH.change(-0.24).text == f"{MINUS}24.0%"
    assert ZH.change(0.0001).text == "0.0%"
    assert ZH.points(Decimal("-0.011")).text == "1.1个点"
    assert EN.points(Decimal("0.011")).text == "1.1 pts"


@pytest.mark.parametrize(
    ("label", "chinese", "english"),
    [
        ("2026Q3", "2026年第三季度", "Third quarter 2026"),
        ("FY2026Q1", "2026财年第一季度", "First quarter FY2026"),
        ("2026H1", "2026年上半年", "First half 2026"),
        ("2026", "2026年", "2026"),
        ("FY2026", "2026财年", "FY2026"),
        ("2026-09", "2026年9月", "September 2026"),
        ("2026-09-22", "2026年9月22日", "22 September 2026"),
        ("t12m-2026-09", "t12m-2026-09", "t12m-2026-09"),
    ],
)
def test_periods(label: str, chinese: str, english: str) -> None:
    assert ZH.period(label) == chinese
    assert EN.period(label) == english


def test_spans_say_a_common_year_once() -> None:
    within, across = (date(2026, 7, 1), date(2026, 10, 1)), (date(2025, 10, 1), date(2026, 10, 1))

    assert ZH.span(*within) == ("2026年7月1日", "至9月30日")
    assert ZH.span(*across) == ("2025年10月1日", "至2026年9月30日")
    assert EN.span(*within) == ("1 July to", "30 September 2026")
    assert EN.span(*across) == ("1 October 2025 to", "30 September 2026")


def test_small_numbers_are_words_and_large_ones_digits() -> None:
    assert [ZH.few(number) for number in (0, 2, 12, 13)] == ["零", "两", "十二", "13"]
    assert EN.few(3) == "three"
    assert EN.few(1300) == "1,300"


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        Printer("zh-Hanss")

    assert caught.value.code == "KB-1050"
    assert caught.value.nearest == "zh-Hans"
