"""Signs and names of currencies beside an amount, and whether they contradict the currency of the row. Pure.

A sign that several currencies share (¥, $) is right for each of them; a row whose sign and currency do not go together
is not read, and neither are unlike signs where the rows name no currency: adding them up would make a wrong figure.
"""

from __future__ import annotations

import re
import unicodedata
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_DOLLARS = frozenset("USD HKD TWD SGD AUD CAD NZD MOP MXN BND FJD CLP COP ARS".split())
_YUAN = frozenset("CNY HKD TWD MOP SGD USD".split())
_CODES = (
    "CNY USD EUR GBP JPY HKD TWD MOP SGD AUD CAD NZD CHF SEK NOK DKK PLN CZK HUF INR KRW THB MYR IDR VND PHP BRL MXN"
    " ZAR TRY RUB AED SAR ILS"
)

SIGNS: dict[str, frozenset[str]] = {
    **{code: frozenset({code}) for code in _CODES.split()},
    "¥": frozenset({"CNY", "JPY"}),
    "元": _YUAN,
    "圆": _YUAN,
    "圓": _YUAN,
    "円": frozenset({"JPY"}),
    "CN¥": frozenset({"CNY"}),
    "JP¥": frozenset({"JPY"}),
    "RMB": frozenset({"CNY"}),
    "CNH": frozenset({"CNY"}),
    "人民币": frozenset({"CNY"}),
    "人民幣": frozenset({"CNY"}),
    "美元": frozenset({"USD"}),
    "欧元": frozenset({"EUR"}),
    "歐元": frozenset({"EUR"}),
    "英镑": frozenset({"GBP"}),
    "英鎊": frozenset({"GBP"}),
    "日元": frozenset({"JPY"}),
    "日圆": frozenset({"JPY"}),
    "日圓": frozenset({"JPY"}),
    "港元": frozenset({"HKD"}),
    "港币": frozenset({"HKD"}),
    "港幣": frozenset({"HKD"}),
    "新台币": frozenset({"TWD"}),
    "新臺幣": frozenset({"TWD"}),
    "新台幣": frozenset({"TWD"}),
    "$": _DOLLARS,
    "US$": frozenset({"USD"}),
    "HK$": frozenset({"HKD"}),
    "NT$": frozenset({"TWD"}),
    "S$": frozenset({"SGD"}),
    "A$": frozenset({"AUD"}),
    "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}),
    "NZ$": frozenset({"NZD"}),
    "R$": frozenset({"BRL"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "₹": frozenset({"INR"}),
    "₩": frozenset({"KRW"}),
    "₽": frozenset({"RUB"}),
    "₺": frozenset({"TRY"}),
    "₪": frozenset({"ILS"}),
    "฿": frozenset({"THB"}),
    "₫": frozenset({"VND"}),
    "₱": frozenset({"PHP"}),
    "zł": frozenset({"PLN"}),
    "Kč": frozenset({"CZK"}),
    "kr": frozenset({"SEK", "NOK", "DKK"}),
    "Fr.": frozenset({"CHF"}),
}
"""What may stand before or after a number, and the currencies it may mean."""

_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True)))
Mask = NDArray[np.bool_]


def meant(cell: str) -> frozenset[str]:
    """The currencies that an amount's sign may mean; empty where it carries none."""
    found = _SIGN.search(unicodedata.normalize("NFKC", cell))
    return SIGNS[found.group()] if found else frozenset()


def _may_be_signed(cells: pd.Series[str]) -> bool:
    """Whether any cell holds more than a plain number; a column of half a million numbers is told at once."""
    odd = pc.match_substring_regex(pa.array(cells, pa.large_string()), r"[^0-9 .,'+()%-]")
    return bool(pc.any(odd).as_py())


def contradicted(cells: pd.Series[str], currencies: pd.Series[str] | None) -> Mask:
    """Amounts whose sign cannot be of their row's currency (ISO codes, NA where the row names none).

    Where rows name none, their signs must have a currency in common, else all of those rows are contradicted.
    """
    if not _may_be_signed(cells):
        return np.zeros(len(cells), np.bool_)
    codes, distinct = pd.factorize(cells)
    signs = [meant(str(cell)) for cell in distinct]
    signed = np.append(np.array([bool(sign) for sign in signs], np.bool_), False)[codes]
    if not signed.any():
        return signed
    named = np.zeros(len(cells), np.bool_) if currencies is None else currencies.notna().to_numpy()
    wrong = np.zeros(len(cells), np.bool_)
    for at in np.flatnonzero(signed & named):
        assert currencies is not None  # `named` says so
        wrong[at] = currencies.iloc[at] not in signs[codes[at]]
    unnamed = signed & ~named
    if unnamed.any() and not reduce(frozenset.__and__, {signs[code] for code in codes[unnamed]}):
        wrong |= unnamed
    return wrong
