"""Exact arithmetic on int64 columns: sums that no order can change, conversions, splits that add up. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError
from pipeline.schema import RATE_SCALE

Integers = npt.NDArray[np.int64]
_LIMIT = 2.0**62


def guard_overflow(values: Integers, where: str) -> None:
    """Stop with KB-1290 where a sum of these values could leave 64 bits; no sum ever wraps round."""
    if values.size and float(np.abs(values.astype(np.float64)).sum()) >= _LIMIT:
        raise _too_large(where)


def _too_large(where: str) -> DataError:
    return DataError(
        where=where,
        what="the sum is too large to be kept exactly",
        fix="check the unit of the amounts (a scale in the mapping may be applied twice)",
        code="KB-1290",
    )


def grouped_sums(codes: Integers, values: Integers, groups: int) -> Integers:
    """The exact sum of `values` for each code 0 … groups-1."""
    totals = np.zeros(groups, dtype=np.int64)
    if codes.size:
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        totals[ordered[starts]] = np.add.reduceat(values[order], starts)
    return totals


def half_up(numerators: Integers, denominators: Integers) -> Integers:
    """numerator ÷ denominator to the nearest integer, halves away from zero; denominators are positive."""
    sizes = np.abs(numerators)
    rounded: Integers = (2 * (sizes % denominators) >= denominators) + sizes // denominators
    return np.sign(numerators) * rounded


def times_rate(amounts: Integers, rates: Integers) -> Integers:
    """amount × rate / RATE_SCALE, half-up and exact: the product is taken in two halves that fit 64 bits."""
    sizes = np.abs(amounts)
    if sizes.size and (int(sizes.max()) // 10_000 + 1) * int(rates.max()) >= 2**62:
        return _in_python(amounts, rates)
    high, low = np.divmod(sizes, np.int64(10_000))
    whole, rest = np.divmod(high * rates, np.int64(RATE_SCALE // 10_000))
    # high·rate·10⁴/S = whole + rest·10⁴/S, so both remainders are brought over S before the one rounding
    remainder = rest * 10_000 + low * rates
    return np.sign(amounts) * (whole + half_up(remainder, np.full_like(remainder, RATE_SCALE)))


def _in_python(amounts: Integers, rates: Integers) -> Integers:
    pairs = zip(amounts.tolist(), rates.tolist(), strict=True)
    return _in_64_bits([_half_up(amount * rate, RATE_SCALE) for amount, rate in pairs])


def divided_by_rate(amounts: Integers, rates: Integers) -> Integers:
    """amount × RATE_SCALE / rate, half-up and exact (in Python integers: foreign rows are few)."""
    pairs = zip(amounts.tolist(), rates.tolist(), strict=True)
    return _in_64_bits([_half_up(amount * RATE_SCALE, rate) for amount, rate in pairs])


def _in_64_bits(numbers: list[int]) -> Integers:
    if any(abs(number) >= _LIMIT for number in numbers):
        raise _too_large("fx")
    return np.array(numbers, dtype=np.int64)


def _half_up(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(abs(numerator), denominator)
    return (quotient + (2 * rest >= denominator)) * (1 if numerator >= 0 else -1)


def split(amounts: Integers, weights: Integers, groups: Integers) -> Integers:
    """Each row's share of its group's amount by weight, by largest remainder: a group's shares add up exactly.

    `amounts` repeats the group's amount on each of its rows; `weights` are non-negative with a positive sum;
    ties in the remainder go to the earlier row.
    """
    if not amounts.size:
        return amounts
    total = grouped_sums(groups, weights, int(groups.max()) + 1)[groups]
    sizes = np.abs(amounts)
    whole, rest = np.divmod(sizes, total)
    floors, remainders = np.divmod(rest * weights, total)
    shares = whole * weights + floors
    missing = sizes - grouped_sums(groups, shares, int(groups.max()) + 1)[groups]
    order = np.lexsort((np.arange(groups.size), -remainders, groups))
    rank = np.empty(groups.size, dtype=np.int64)
    first = np.r_[True, groups[order][1:] != groups[order][:-1]]
    starts = np.flatnonzero(first)
    rank[order] = np.arange(groups.size) - np.repeat(starts, np.diff(np.r_[starts, groups.size]))
    return np.sign(amounts) * (shares + (rank < missing))
