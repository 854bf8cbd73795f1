"""Whatever is written in a way that a mapping can say is read as what it was; whatever is read was written so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, get_args

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.intake.casting import SPREADSHEET_ERRORS, Rule, cast
from pipeline.intake.currency_signs import SIGNS
from pipeline.intake.numbers import MAGNITUDES, Marks, written
from pipeline.schema import RATE_SCALE, SCALE, Kind

WIDE = str.maketrans("0123456789.,-%()", "０１２３４５６７８９．，－％（）")
MARKS = st.sampled_from(
    [
        Marks(decimal, thousands)
        for decimal in ".,"
        for thousands in ("", ",", ".", " ", "'")
        if decimal != thousands
    ]
)
AMOUNTS = st.decimals(-(10**11), 10**11, places=4, allow_nan=False)
CURRENCY = st.sampled_from(["", *sorted(SIGNS)])


def _read(cell: str, kind: Kind, **rule: Any) -> Any:
    """The value of a cell, None where it fails."""
    found = cast(pd.Series([cell], dtype="str"), Rule(kind, **rule))
    value = found.values.iloc[0]
    assert found.failed[0] == pd.isna(value)
    assert bool(found.reason) == found.failed[0]
    return None if found.failed[0] else value


def _digits(number: Decimal, marks: Marks) -> str:
    """A number without sign as the marks write it."""
    whole, _, rest = f"{abs(number):,f}".partition(".")
    return whole.replace(",", marks.thousands) + (marks.decimal + rest if rest else "")


##### Numbers ##########################################################################################################


@given(AMOUNTS, MARKS, st.sampled_from(["-", "()", "after"]), CURRENCY, st.booleans(), st.booleans())
def test_an_amount_is_read_as_it_was_written(
    amount: Decimal, marks: Marks, sign: str, currency: str, before: bool, wide: bool
) -> None:
    digits = _digits(amount, marks)
    text = f"{currency}{digits}" if before else f"{digits} {currency}".strip()
    if amount.is_signed() and amount:
        text = {"-": f"-{text}", "()": f"({text})", "after": f"{text}-"}[sign]
    value = _read(text.translate(WIDE) if wide else text, "exact", marks=marks)

    assert value == int(amount * SCALE)


@given(
    st.decimals(-(10**6), 10**6, places=2, allow_nan=False),
    st.sampled_from(sorted(MAGNITUDES)),
    st.booleans(),
)
def test_a_chinese_magnitude_is_multiplied_on(amount: Decimal, word: str, yuan: bool) -> None:
    value = _read(f"{amount:f}{word}{'元' if yuan else ''}", "exact")

    assert value == int(amount * MAGNITUDES[word] * SCALE)


@given(st.decimals(-1000, 1000, places=2, allow_nan=False), MARKS)
def test_a_share_in_per_cent_is_a_hundredth(share: Decimal, marks: Marks) -> None:
    text = ("-" if share < 0 else "") + _digits(share, marks) + "%"

    assert _read(text, "exact", marks=marks) == int(share * SCALE / 100)


@given(st.decimals(0, 10**6, places=10, allow_nan=False))
def test_a_rate_is_rounded_once(rate: Decimal) -> None:
    assert _read(f"{rate:f}", "rate") == int((rate * RATE_SCALE).quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(-(10**17), 10**17), MARKS)
def test_a_whole_number_is_read_as_it_was_written(number: int, marks: Marks) -> None:
    text = ("-" if number < 0 else "") + _digits(Decimal(number), marks)

    assert _read(text, "integer", marks=marks) == number


PIECES = st.lists(
    st.sampled_from([*"1 23 456 000 . , - + ( ) ' % 万 亿 元 ¥ US$ e3 E-2".split(), " "]), max_size=8
)


@given(PIECES.map("".join), MARKS)
def test_what_is_read_as_a_number_has_its_digits_and_no_other(text: str, marks: Marks) -> None:
    """Seen without any grammar: the digits of the value are those of the text, in order; else it is no number."""
    found = written(text, marks)
    if found is None:
        return
    mantissa = text.lower().partition("e")[0]
    digits = "".join(each for each in mantissa if each.isdigit())

    assert "".join(map(str, found.value.as_tuple().digits)).strip("0") == digits.strip("0")
    minus = set(text.replace("E-2", "")) & set("-(")
    assert (found.value < 0) == bool(minus and digits.strip("0"))


WORDS = {
    True: ["true", "t", "yes", "y", "1", "1.0", "是", "有", "真", "√", "✓", "✔", "☑"],
    False: ["false", "f", "no", "n", "0", "0.0", "否", "无", "無", "假", "×", "✗", "✘", "☐"],
}
_FULL_WIDTH = str.maketrans({chr(at): chr(at + 0xFEE0) for at in range(0x21, 0x7F)})


@given(st.booleans(), st.data(), st.booleans(), st.booleans())
def test_yes_or_no_is_read_as_it_was_written(
    value: bool, data: st.DataObject, upper: bool, wide: bool
) -> None:
    word = data.draw(st.sampled_from(WORDS[value]))
    text = word.upper() if upper else word.title()

    assert _read(text.translate(_FULL_WIDTH) if wide else text, "boolean") == value


@given(st.text(min_size=1, max_size=20))
def test_a_text_stays_what_it_is(text: str) -> None:
    assume(text not in SPREADSHEET_ERRORS)

    assert _read(text, "text") == text


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("error", SPREADSHEET_ERRORS)
def test_an_error_of_a_spreadsheet_is_no_value_of_any_kind(error: str, kind: Kind) -> None:
    assert _read(error, kind) is None


@given(st.text(max_size=20), st.sampled_from(get_args(Kind)))
def test_any_text_is_read_or_fails_with_a_reason(text: str, kind: Kind) -> None:
    assume(text)
    _read(text, kind)
    _read(text, kind, formats=("%d/%m/%Y", "excel", "%Y年%m月%d日"), marks=Marks(",", "."))


##### Days and times ###################################################################################################

DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
FORMATS = st.sampled_from(
    [
        "%Y-%m-%d",
        "%d/%m/%Y",
        "%m/%d/%y",
        "%d.%m.%y",
        "%d-%b-%y",
        "%A, %B %d, %Y",
        "%a %d %b %Y",
        "%Y年%m月%d日",
        "%Y%m%d",
    ]
)


@given(DAYS, FORMATS, st.booleans())
def test_a_day_is_read_as_it_was_written(day: date, format_: str, wide: bool) -> None:
    text = day.strftime(format_)
    value = _read(text.translate(WIDE) if wide else text, "date", formats=(format_,))

    assert value.date() == day


@given(DAYS, st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0.year}/{0.month}/{0.day}"]))
def test_a_day_without_leading_zeros_is_read(day: date, shape: str) -> None:
    text = shape.format(day)

    assert _read(text, "date", formats=("%Y年%m月%d日", "%Y/%m/%d")).date() == day


@given(st.datetimes(datetime(1970, 1, 2), datetime(2068, 1, 1)), st.integers(-56, 56))  # noqa: DTZ001  # zone follows
def test_a_time_with_an_offset_is_that_instant_in_any_zone(moment: datetime, quarters: int) -> None:
    at = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))

    assert _read(at.isoformat(), "timestamp", zone="Asia/Shanghai") == at.astimezone(UTC)
    assert _read(
        f"{at:%d %b %Y %H:%M:%S %z}", "timestamp", formats=("%d %b %Y %H:%M:%S %z",)
    ) == at.astimezone(UTC)


@given(DAYS, st.integers(0, 86_399))
def test_a_serial_number_is_the_second_that_excel_shows(day: date, second: int) -> None:
    serial = (day - date(1899, 12, 30)).days + second / 86_400
    found = _read(f"{serial:.10f}", "timestamp", formats=("excel",))

    assert found == datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)


@given(st.text("0123456789", min_size=1, max_size=9))
def test_digits_alone_are_a_day_only_where_they_are_eight(text: str) -> None:
    value = _read(text, "date", formats=("%Y%m%d",))

    assert value is None or f"{value:%Y%m%d}" == text
