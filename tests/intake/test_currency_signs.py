from __future__ import annotations

import pandas as pd
import pytest

from pipeline.intake.currency_signs import SIGNS, contradicted, meant


def _wrong(cells: list[str | None], currencies: list[str | None] | None = None) -> list[bool]:
    rows = None if currencies is None else pd.Series(currencies, dtype="str")
    return contradicted(pd.Series(cells, dtype="str"), rows).tolist()


@pytest.mark.parametrize(
    ("cell", "currency", "is_meant"),
    [
        ("¥5", "CNY", True),
        ("￥5", "JPY", True),
        ("¥5", "USD", False),
        ("CN¥5", "JPY", False),
        ("5万元", "CNY", True),
        ("5美元", "CNY", False),
        ("US$5", "HKD", False),
        ("$5", "HKD", True),
        ("EUR 5", "EUR", True),
    ],
)
def test_a_sign_means_its_own_currencies(cell: str, currency: str, is_meant: bool) -> None:
    assert (currency in meant(cell)) == is_meant


def test_every_sign_means_itself_and_not_the_part_of_another() -> None:
    assert {sign: meant(f"{sign}5") for sign in SIGNS} == SIGNS


def test_a_sign_that_is_not_the_rows_is_contradicted() -> None:
    assert _wrong(["¥5", "$5", "5", None, "€5"], ["CNY", "CNY", "CNY", "CNY", "EUR"]) == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_unlike_signs_in_rows_without_a_currency_are_all_contradicted() -> None:
    assert _wrong(["¥5", "RMB 5", "5"]) == [False, False, False]
    assert _wrong(["¥5", "$5", "5"]) == [True, True, False]
    assert _wrong(["¥5", "$5"], ["CNY", None]) == [False, False]
    assert _wrong(["¥5", "$5", "€1"], ["CNY", None, None]) == [False, True, True]


def test_plain_numbers_are_never_contradicted() -> None:
    assert _wrong(["5", "(1,234.50)", "-3", "12.5%", None], [None, "CNY", "USD", "EUR", None]) == [False] * 5
