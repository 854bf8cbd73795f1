"""How numbers, money, times and dates are written in each language: rounded once, half-up, in decimal arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date

from pipeline.press import languages
from pipeline.press.languages import Scale

UNKNOWN = "–"
MINUS = "−"
_MINUTES_BELOW = Decimal(1)
_TENTHS_BELOW = Decimal(20)
_WITH_CENTS = Decimal(100)


@dataclass(frozen=True)
class Printed:
    """A number as it is printed: its digits, its unit, and both as they stand in a sentence."""

    number: str
    unit: str = ""
    text: str = ""

    @property
    def is_unknown(self) -> bool:
        return self.number == UNKNOWN


NOT_KNOWN = Printed(UNKNOWN, "", UNKNOWN)


_PERIOD = re.compile(
    r"^(?P<fiscal>FY)?(?P<year>\d{4})(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?$"
)


def half_up(value: float | Decimal, decimals: int) -> Decimal:
    """The value rounded half-up; a float counts as the shortest decimal that reads back as it."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return rounded or abs(rounded)  # never −0


def grouped(value: Decimal) -> str:
    """A decimal with thousands separators and a true minus sign."""
    return f"{value:,f}".replace("-", MINUS)


def _digits(number: Decimal, decimals: tuple[int, ...]) -> Decimal:
    """The number with fewer decimals the longer its whole part: 1.23, 12.3, 123.4 or 123, 1,234."""
    by_length = zip((1000, 100, 10), decimals, strict=False)
    places = next((places for least, places in by_length if abs(number) >= least), decimals[-1])
    return half_up(number, places)


class Printer:
    """Writes values in one language; a value of None is always the unknown sign."""

    def __init__(self, language: str) -> None:
        found = languages.language(language)
        self.language = language
        self._forms = found.writing
        self._locale = found.locale

    def printed(
        self, value: float | None, unit: str, currency: str = "", decimals: int | None = None
    ) -> Printed:
        """A metric's value in its unit (money, share, hours, days, count, ratio, index, quantity, score)."""
        if value is None:
            return NOT_KNOWN
        if unit == "money":
            return self.money(value, currency)
        if unit == "share":
            return self._share(value, 1 if decimals is None else decimals)
        if unit in ("hours", "days"):
            return self.duration(value, unit)
        return self._plain(value, unit, decimals)

    def money(self, value: float, currency: str) -> Printed:
        """An amount in the largest scale that it reaches: 万 and 亿, or k and M."""
        scale, number = self._scaled(Decimal(repr(value)))
        digits = grouped(number)
        forms = self._forms
        name = forms.currencies.get(currency)
        if forms.sign_first:
            sign = name or f"{currency} "
            minus, bare = (MINUS, digits[1:]) if digits.startswith(MINUS) else ("", digits)
            return Printed(digits, f"{sign}{scale.name}".strip(), f"{minus}{sign}{bare}{scale.name}")
        unit = f"{scale.name}{name}" if name else f"{scale.name} {currency}".strip()
        return Printed(digits, unit, f"{digits}{'' if name or scale.name else ' '}{unit}")

    def _scaled(self, value: Decimal) -> tuple[Scale, Decimal]:
        """The largest scale that the amount reaches, and the number in it with three or four digits that say enough."""
        for scale in self._forms.scales[:-1]:
            if abs(half_up(value / scale.unit, 2)) >= scale.starts_at:
                return scale, _digits(value / scale.unit, scale.decimals)
        cents = 2 if abs(value) < _WITH_CENTS and value != value.to_integral_value() else 0
        return self._forms.scales[-1], half_up(value, cents)

    def common_money(
        self, values: Sequence[float], currency: str, deciding: float | None = None
    ) -> tuple[list[Printed], str]:
        """Amounts of one column or chart in one scale, that of the largest, and its unit; nothing is a bare 0.

        `deciding` is the amount that sets scale and decimals where the largest, say a total, is of another order.
        """
        largest = max((Decimal(repr(value)) for value in values), key=abs, default=Decimal(0))
        model = largest if deciding is None else Decimal(repr(deciding))
        scale, number = self._scaled(model)
        places = max(0, -int(number.as_tuple().exponent))
        unit = self.money(float(model), currency).unit
        made = [
            grouped(half_up(Decimal(repr(value)) / scale.unit, places)) if value else "0" for value in values
        ]
        return [Printed(digits, unit, f"{digits}{unit}") for digits in made], unit

    def _share(self, value: float, decimals: int) -> Printed:
        digits = grouped(half_up(Decimal(repr(value)) * 100, decimals))
        return Printed(digits, "%", f"{digits}%")

    def duration(self, value: float, unit: str = "hours") -> Printed:
        """Hours (minutes where there is less than one of them) or days."""
        exact = Decimal(repr(value))
        forms = self._forms
        if unit == "hours" and abs(exact) < _MINUTES_BELOW:
            return self._with_unit(half_up(exact * 60, 0), forms.minute)
        decimals = 1 if abs(exact) < _TENTHS_BELOW and exact != exact.to_integral_value() else 0
        return self._with_unit(half_up(exact, decimals), forms.hour if unit == "hours" else forms.day)

    def _plain(self, value: float, unit: str, decimals: int | None) -> Printed:
        places = {"count": 0, "quantity": 0, "ratio": 2, "index": 3, "score": 1}
        if decimals is None:
            decimals = places.get(unit, 1)
        digits = grouped(half_up(value, decimals))
        return Printed(digits, "", digits)

    def _with_unit(self, value: Decimal, unit: str) -> Printed:
        digits = grouped(value)
        return Printed(digits, unit, f"{digits}{self._forms.gap}{unit}")

    def count(self, value: float | None) -> Printed:
        """A whole number."""
        return self.printed(value, "count")

    def points(self, share: Decimal, decimals: int = 1) -> Printed:
        """A difference between shares, in percentage points, without its sign."""
        return self._with_unit(abs(half_up(share * 100, decimals)), self._forms.point)

    def change(self, share: float) -> Printed:
        """A change as a percentage with its sign, `+` as well."""
        made = self._share(share, 1)
        sign = "+" if not made.number.startswith(MINUS) and made.number.strip("0.") else ""
        return Printed(f"{sign}{made.number}", "%", f"{sign}{made.text}")

    def few(self, number: int) -> str:
        """A small whole number as a word, a larger one in digits."""
        words = self._forms.counts
        return words[number] if 0 <= number < len(words) else grouped(Decimal(number))

    def currency(self, code: str) -> str:
        """A currency's name in this language where it is unambiguous, else its code."""
        return self._forms.currencies.get(code, code)

    def quoted(self, text: str) -> str:
        """Words in the language's quotation marks."""
        before, after = self._forms.quotes
        return f"{before}{text}{after}"

    def day(self, day: date) -> str:
        """A day with its year."""
        return self._date(day, self._forms.long_day)

    def short_day(self, day: date) -> str:
        """A day within a year that is known from the context."""
        return self._date(day, self._forms.short_day)

    def month(self, day: date) -> str:
        """The day's month with its year."""
        return self._date(day, self._forms.month)

    def month_name(self, day: date) -> str:
        """The day's month, as short as an axis wants it."""
        return self._date(day, self._forms.month_name)

    def year(self, day: date) -> str:
        """The day's calendar year."""
        return self._forms.year.format(day.year)

    def span(self, from_on: date, until_on: date) -> tuple[str, str]:
        """The first and the last day of a closed-open span, on two lines; a common year stands only once."""
        last = until_on - timedelta(days=1)
        forms = self._forms
        first_pattern, last_pattern = forms.span if from_on.year == last.year else forms.span_over_years
        return self._date(from_on, first_pattern), self._date(last, last_pattern)

    def period(self, label: str) -> str:
        """A window's period label in words: `2026Q3` is the third quarter of 2026.

        A label that names no calendar or fiscal span (`t12m-2026-09`) is given back as it is.
        """
        found = _PERIOD.match(label)
        if not found:
            return label
        forms = self._forms
        year = (forms.fiscal_year if found["fiscal"] else forms.year).format(found["year"])
        if found["quarter"]:
            return forms.quarters[int(found["quarter"]) - 1].format(year)
        if found["half"]:
            return forms.halves[int(found["half"]) - 1].format(year)
        if found["day"]:
            return self.day(date.fromisoformat(label))
        return self.month(date.fromisoformat(f"{label}-01")) if found["month"] else year

    def _date(self, day: date, pattern: str) -> str:
        return str(format_date(day, pattern, locale=self._locale))
