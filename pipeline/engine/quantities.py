"""What metrics are written in: one number for each of a column of subjects, exact until it is divided.

A `Quantity` holds int64 in units of 1/scale (facts) or float64 (after a division), and for each subject a
reason where it is not known. The same metric function therefore serves one account or ten thousand. `Symbol`
stands in for a quantity to read a formula off the code.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = npt.NDArray[Any]
Codes = npt.NDArray[np.int8]

REASONS = (
    "",
    "no_data",
    "short_history",
    "not_positive",
    "no_rate",
    "input_missing",
    "too_few",
    "low_coverage",
    "not_sold",
)
"""Why a number is not known; position 0 means that it is."""
KNOWN = 0
_LIMIT = 2.0**62


def reason_code(name: str) -> int:
    """The code of a reason; ValueError where there is none of that name."""
    return REASONS.index(name)


@dataclass(frozen=True)
class Quantity:
    """One number a subject. `values` in units of 1/scale; where `reasons` is not 0 the value means nothing."""

    values: Numbers
    scale: int
    reasons: Codes

    @classmethod
    def of(cls, values: Numbers, scale: int = 1) -> Quantity:
        """A quantity that is known for every subject."""
        return cls(values, scale, np.zeros(len(values), dtype=np.int8))

    @classmethod
    def unknown(cls, count: int, reason: str) -> Quantity:
        """A quantity that is known for no subject."""
        return cls(np.zeros(count, dtype=np.int64), 1, np.full(count, reason_code(reason), dtype=np.int8))

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.reasons == KNOWN)

    @property
    def floats(self) -> npt.NDArray[np.float64]:
        """The numbers in natural units; what is not known is 0 and must be masked by `known`."""
        return np.where(self.known, self.values, 0).astype(np.float64) / self.scale

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: Quantity | float) -> Quantity:
        mine, others = aligned(self, other)
        return Quantity(mine.values + others.values, mine.scale, either(mine, others))

    def __sub__(self, other: Quantity | float) -> Quantity:
        mine, others = aligned(self, other)
        return Quantity(mine.values - others.values, mine.scale, either(mine, others))

    def __mul__(self, other: Quantity | float) -> Quantity:
        if isinstance(other, Quantity):
            return Quantity(self.floats * other.floats, 1, either(self, other))
        if isinstance(other, int):
            return replace(self, values=_multiple(self.values, other))
        return Quantity(self.floats * other, 1, self.reasons)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Quantity:
        return self.like(other) - self

    def __gt__(self, other: Quantity | float) -> npt.NDArray[np.bool_]:
        mine, others = aligned(self, other)
        return np.asarray((mine.values > others.values) & (either(mine, others) == KNOWN))

    def like(self, number: float) -> Quantity:
        """The same number for every subject, in this quantity's scale where it is whole."""
        if isinstance(number, int):
            return Quantity.of(np.full(len(self), number * self.scale, dtype=np.int64), self.scale)
        return Quantity.of(np.full(len(self), number, dtype=np.float64))

    def where(self, condition: npt.NDArray[np.bool_], reason: str | None = None) -> Quantity:
        """This quantity where the condition holds, elsewhere 0, or unknown for `reason`."""
        if reason is None:
            return replace(self, values=np.where(condition, self.values, 0))
        codes = np.where(condition | (self.reasons != KNOWN), self.reasons, reason_code(reason))
        return replace(self, reasons=codes.astype(np.int8))

    def or_zero(self) -> Quantity:
        """0 where it is not known; only for counts whose absence is a zero."""
        return Quantity.of(np.where(self.known, self.values, 0), self.scale)


def _multiple(values: Numbers, times: int) -> Numbers:
    """The multiple, exact while it fits 64 bits; beyond that in floats, which cannot wrap round."""
    inexact: Numbers = values.astype(np.float64) * times
    return values * times if (np.abs(inexact) < _LIMIT).all() else inexact


def aligned(one: Quantity, other: Quantity | float) -> tuple[Quantity, Quantity]:
    """Both quantities in one scale; exact while both are integers."""
    second = one.like(other) if not isinstance(other, Quantity) else other
    if one.scale == second.scale:
        return one, second
    if one.values.dtype.kind == "f" or second.values.dtype.kind == "f":
        return Quantity(one.floats, 1, one.reasons), Quantity(second.floats, 1, second.reasons)
    scale = max(one.scale, second.scale)
    return in_scale(one, scale), in_scale(second, scale)


def in_scale(quantity: Quantity, scale: int) -> Quantity:
    """The same whole numbers in a finer scale, a multiple of their own."""
    return Quantity(quantity.values * (scale // quantity.scale), scale, quantity.reasons)


def either(one: Quantity, other: Quantity) -> Codes:
    """The reason of the first that is not known, else of the second."""
    return np.where(one.reasons != KNOWN, one.reasons, other.reasons).astype(np.int8)


def smaller(one: Quantity, other: Quantity) -> Quantity:
    """The smaller of two, subject by subject."""
    mine, others = aligned(one, other)
    return Quantity(np.minimum(mine.values, others.values), mine.scale, either(mine, others))


@dataclass(frozen=True)
class Measure:
    """What a metric says of each subject: the value, what it was divided from, and how sure it is."""

    value: Quantity
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    n: Quantity | None = None
    low: Quantity | None = None
    high: Quantity | None = None
    coverage: Quantity | None = None
    text: Sequence[str | None] | None = None


def ratio(numerator: Any, denominator: Any, *, n: Any = None) -> Any:  # quantities or symbols
    """numerator ÷ denominator; unknown ("not_positive") where the denominator is zero or less."""
    if isinstance(numerator, Symbol):
        return Symbol(numerator.formula.divided_by(denominator.formula))
    top, bottom = numerator.floats, denominator.floats
    positive = bottom > 0
    value = np.divide(top, bottom, out=np.zeros_like(top), where=positive)
    reasons = either(numerator, denominator)
    reasons = np.where((reasons == KNOWN) & ~positive, reason_code("not_positive"), reasons).astype(np.int8)
    return Measure(Quantity(value, 1, reasons), numerator, denominator, n)


@dataclass(frozen=True)
class Samples:
    """The row values of a sample fact, each with the position of its subject; `count` subjects."""

    values: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]
    count: int
    scale: int
    short: bool = False
    """The window begins before the data does."""


def percentile(samples: Samples, share: float) -> Measure:
    """The value below which `share` of a subject's row values lie, between two of them by linear interpolation."""
    order = np.lexsort((samples.values, samples.owners))
    values, owners = samples.values[order].astype(np.float64) / samples.scale, samples.owners[order]
    counts = np.bincount(owners, minlength=samples.count)
    starts = np.r_[0, np.cumsum(counts)[:-1]]
    position = starts + share * np.maximum(counts - 1, 0)
    known = (counts > 0) & (not samples.short)
    at = np.minimum(np.floor(position).astype(np.int64), max(len(values) - 1, 0))
    after = np.minimum(at + 1, starts + np.maximum(counts - 1, 0))
    safe = values if len(values) else np.zeros(1)
    after = np.minimum(after, len(safe) - 1)
    value = safe[at] + (position - at) * (safe[after] - safe[at])
    reason = reason_code("short_history" if samples.short else "no_data")
    reasons = np.where(known, KNOWN, reason).astype(np.int8)
    return Measure(Quantity(np.where(known, value, 0.0), 1, reasons), n=Quantity.of(counts.astype(np.int64)))


def median(samples: Samples) -> Measure:
    """The middle row value of each subject; of an even number the mean of the middle two."""
    return percentile(samples, 0.5)


@dataclass(frozen=True)
class Members:
    """A quantity of every member (account or customer) of each subject, for figures about a distribution."""

    quantity: Quantity
    owners: npt.NDArray[np.int64]
    count: int
    short: bool = False
    unknown: Codes | None = None
    """Of each subject why one of its members is not known; None where all are."""

    def positive(self) -> Members:
        """The members whose total is above zero; a subject of which one is not known keeps the reason."""
        unknown = np.zeros(self.count, dtype=np.int8)
        np.maximum.at(unknown, self.owners, self.quantity.reasons)
        keep = self.quantity.known & (self.quantity.values > 0)
        return Members(_taken(self.quantity, keep), self.owners[keep], self.count, self.short, unknown)

    def figure(self, value: Numbers) -> Measure:
        """A value of each subject, known where it has members and all of them are; n counts them."""
        counts = self.counts()
        absent = reason_code("short_history" if self.short else "no_data")
        reasons = np.where((counts > 0) & (not self.short), KNOWN, absent)
        if self.unknown is not None:
            reasons = np.where(self.unknown != KNOWN, self.unknown, reasons)
        return Measure(Quantity(np.asarray(value), 1, reasons.astype(np.int8)), n=Quantity.of(counts))

    def totals(self) -> npt.NDArray[np.float64]:
        """The sum over members of each subject, in natural units."""
        return np.bincount(self.owners, weights=self.quantity.floats, minlength=self.count).astype(np.float64)

    def counts(self) -> npt.NDArray[np.int64]:
        """How many members each subject has."""
        return np.bincount(self.owners, minlength=self.count).astype(np.int64)


def _taken(quantity: Quantity, keep: npt.NDArray[np.bool_]) -> Quantity:
    return Quantity(quantity.values[keep], quantity.scale, quantity.reasons[keep])


@dataclass(frozen=True)
class Formula:
    """A formula in words: alternating text and names of facts; `binds` tells whether it needs brackets."""

    parts: tuple[str, ...] = field(default_factory=tuple)
    binds: int = 2

    def joined(self, sign: str, other: Formula, binds: int) -> Formula:
        return Formula((*self.bracketed(binds), sign, *other.bracketed(binds + (sign != " + "))), binds)

    def divided_by(self, other: Formula) -> Formula:
        return Formula((*self.bracketed(2), " ÷ ", *other.bracketed(2)), 1)

    def bracketed(self, binds: int) -> tuple[str, ...]:
        return self.parts if self.binds >= binds else ("(", *self.parts, ")")


@dataclass(frozen=True)
class Symbol:
    """Stands in for a quantity where a formula is read off the code."""

    formula: Formula

    def __add__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.formula.joined(" + ", _formula_of(other), 0))

    def __sub__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.formula.joined(" − ", _formula_of(other), 0))

    def __mul__(self, other: Symbol | float) -> Symbol:
        return Symbol(self.formula.joined(" × ", _formula_of(other), 1))

    __radd__ = __add__
    __rmul__ = __mul__


def _formula_of(value: Symbol | float) -> Formula:
    return value.formula if isinstance(value, Symbol) else Formula((str(value),))
