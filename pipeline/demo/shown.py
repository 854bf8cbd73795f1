"""How one cell is written in the company's own systems: days, moments, amounts and words of other programs. Pure.

Each takes the text of a canonical cell; a text that is not what it should be is written as it is, so that a wrong
cell stays wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

Show = Callable[[str], str]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_AMOUNT = re.compile(r"(-?)(\d+)(\.\d+)?")


def as_it_is(text: str) -> str:
    """The canonical text."""
    return text


def worded(words: Mapping[str, str]) -> Show:
    """Words of a list of choices."""
    return lambda text: words.get(text, text)


def compact_day(text: str) -> str:
    """20260903."""
    return text.replace("-", "") if _DAY.fullmatch(text) else text


def slashed_day(text: str) -> str:
    """2026/9/3."""
    found = _DAY.fullmatch(text)
    return f"{found[1]}/{int(found[2])}/{int(found[3])}" if found else text


def han_day(text: str) -> str:
    """2026年9月3日."""
    found = _DAY.fullmatch(text)
    return f"{found[1]}年{int(found[2])}月{int(found[3])}日" if found else text


def han_month(text: str) -> str:
    """2026年9月."""
    found = _DAY.fullmatch(text)
    return f"{found[1]}年{int(found[2])}月" if found else text


def universal_moment(text: str) -> str:
    """2026-09-03T01:40:00.000Z."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def grouped(text: str) -> str:
    """1,234,567.00."""
    found = _AMOUNT.fullmatch(text)
    return f"{found[1]}{int(found[2]):,}{found[3] or ''}" if found else text


def in_ten_thousands(text: str) -> str:
    """12.35 for 123500.00."""
    return f"{(Decimal(text) / 10_000).normalize():f}" if _AMOUNT.fullmatch(text) else text


def in_per_cent(text: str) -> str:
    """95% for 0.95."""
    return f"{(Decimal(text) * 100).normalize():f}%" if _AMOUNT.fullmatch(text) else text


YES_NO = worded({"true": "是", "false": "否"})
