"""Commission of one manager in one period, to the cent: tiers, gate and cap, month by month. Pure, in whole numbers.

Amounts are ten-thousandths of money, rates hundred-millionths; their product, an *exact* amount, is kept whole until a
month's commission is rounded to cents once, and its lines share the cents by largest remainder.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from pipeline.schema import SCALE

RATE_UNITS = 100_000_000
CENT = SCALE // 100
"""Ten-thousandths of money in a cent."""
_EXACT_CENT = CENT * RATE_UNITS


@dataclass(frozen=True)
class Terms:
    """A plan's terms with its period's target worked in.

    `bounds` are the credited amounts at which tiers 1, 2 … begin, `rates` the rate of each tier from tier 0 on;
    `opens_at` the credited amount from which anything is paid (None: always); `cap` the most of the period (None: any).
    """

    bounds: tuple[int, ...]
    rates: tuple[int, ...]
    is_retroactive: bool = False
    opens_at: Fraction | None = None
    cap: int | None = None

    def tier_at(self, credited: int) -> int:
        """The tier that an amount reaches."""
        return sum(bound <= credited for bound in self.bounds)

    def is_open(self, credited: int) -> bool:
        """Whether the threshold is reached."""
        return self.opens_at is None or credited >= self.opens_at


@dataclass(frozen=True)
class Sale:
    """A row that commission is paid on: the month of the period, what was credited before and with it, and the base."""

    month: int
    before: int
    after: int
    base: int


@dataclass(frozen=True)
class Piece:
    """The part of a sale that lies in one tier; `sale` is its position."""

    sale: int
    month: int
    tier: int
    base: int


@dataclass(frozen=True)
class Line:
    """What a piece brings in a month: cents in ten-thousandths of money, at which tier and behind which gate."""

    sale: int
    month: int
    tier: int
    base: int
    gate: str
    amount: int


def pieces(sales: Sequence[Sale], terms: Terms) -> list[Piece]:
    """Every sale cut where its manager passes into the next tier; the pieces' bases add up to the sale's."""
    if terms.is_retroactive or not terms.bounds:
        return [Piece(at, sale.month, 0, sale.base) for at, sale in enumerate(sales)]
    return [
        Piece(at, sale.month, tier, base)
        for at, sale in enumerate(sales)
        for tier, base in _by_tier(sale, terms)
    ]


def _by_tier(sale: Sale, terms: Terms) -> list[tuple[int, int]]:
    """The base of a sale in each tier that its credit passes through; a sale without credit lies in one."""
    low, high = sorted((sale.before, sale.after))
    first, last = terms.tier_at(low), sum(bound < high for bound in terms.bounds)
    if first >= last:
        return [(first if sale.after >= sale.before else last, sale.base)]
    edges = [low, *terms.bounds[first:last], high]
    widths = [after - before for before, after in pairwise(edges)]
    parts = shared(sale.base, widths)
    passed = [(tier, base) for tier, base in enumerate(parts, start=first) if base or len(parts) == 1]
    return passed if sale.after >= sale.before else passed[::-1]


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount by weight, by largest remainder: the parts add up to it; ties go to the earlier."""
    total = sum(weights)
    size = abs(amount)
    floors = [size * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % total), at))
    extra = set(order[: size - sum(floors)])
    return [(floor + (at in extra)) * (1 if amount >= 0 else -1) for at, floor in enumerate(floors)]


def lines(sales: Sequence[Sale], closing: Sequence[int], terms: Terms) -> list[Line]:
    """The lines of every month of a period: what each sale has earned by then, less what was paid for it before.

    `sales` lie in the order in which they fell; `closing` is what was credited by the end of each month so far. The
    lines of the months up to any one add up to the commission of the period to date, rounded to the cent once.
    """
    parts = pieces(sales, terms)
    months = [part.month for part in parts]
    made: list[Line] = []
    earned: list[int] = []
    states = [_State(terms.is_open(credited), _reached(credited, terms)) for credited in closing]
    for month, state in enumerate(states):
        same = terms.cap is None and month > 0 and state == states[month - 1]
        kept = bisect_left(months, month) if same else 0
        known = bisect_right(months, month)
        levels = [*earned[:kept], *_earned(parts[kept:known], state, terms)]
        paid = half_up(sum(earned), _EXACT_CENT)
        changed = [
            _Change(part, state, new - old)
            for part, new, old in zip(
                parts[kept:known], levels[kept:], [*earned[kept:], *[0] * (known - len(earned))], strict=True
            )
            if part.month == month or new != old
        ]
        made += _in_cents(changed, month, half_up(sum(levels), _EXACT_CENT) - paid, terms)
        earned = levels
    return made


@dataclass(frozen=True)
class _State:
    """What a month's end decides: whether anything is paid, and (retroactive) the tier that counts for all."""

    is_open: bool
    tier: int | None


def _reached(credited: int, terms: Terms) -> int | None:
    return terms.tier_at(credited) if terms.is_retroactive else None


@dataclass(frozen=True)
class _Change:
    """By how much (exactly) what a piece has earned changes in a month."""

    part: Piece
    state: _State
    exact: int

    @property
    def tier(self) -> int:
        return self.part.tier if self.state.tier is None else self.state.tier


def _earned(parts: Sequence[Piece], state: _State, terms: Terms) -> list[int]:
    """What each piece has earned exactly, in the order in which they fell until the cap is reached."""
    if not state.is_open:
        return [0] * len(parts)
    full = [part.base * terms.rates[part.tier if state.tier is None else state.tier] for part in parts]
    if terms.cap is None:
        return full
    most = terms.cap * RATE_UNITS
    running = [min(each, most) for each in accumulate(full, initial=0)]
    return [after - before for before, after in pairwise(running)]


def _in_cents(changes: Sequence[_Change], month: int, due: int, terms: Terms) -> Iterator[Line]:
    """The lines of a month: its cents by largest remainder of what each piece brings exactly."""
    floors = [each.exact // _EXACT_CENT for each in changes]
    order = sorted(range(len(changes)), key=lambda at: (-(changes[at].exact % _EXACT_CENT), at))
    extra = set(order[: due - sum(floors)])
    for at, each in enumerate(changes):
        part, cents = each.part, floors[at] + (at in extra)
        yield Line(part.sale, month, each.tier, part.base, _gate(each, month, terms), cents * CENT)


def _gate(change: _Change, month: int, terms: Terms) -> str:
    """Why a line brings what it brings: paid, below the threshold, capped, or caught up for an earlier month."""
    if not change.state.is_open:
        return "below_threshold"
    if change.part.month < month:
        return "caught_up"
    return "paid" if change.exact == change.part.base * terms.rates[change.tier] else "capped"


def half_up(numerator: int, denominator: int) -> int:
    """To the nearest whole, halves away from zero."""
    quotient, rest = divmod(abs(numerator), denominator)
    return (quotient + (2 * rest >= denominator)) * (1 if numerator >= 0 else -1)
