"""Clawbacks: commission that goes back in the month in which a return, a credit note or a default is known. No table of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from pipeline.derived.pay_plans import Payroll
from pipeline.derived.pay_table import PayLine
from pipeline.engine.commission import CENT, half_up
from pipeline.periods import add_months, month_start
from pipeline.schema import SCALE


@dataclass(frozen=True)
class Reversal:
    """What came back of a deal from a day until another (None: still), or was sold with it (`kind` sold).

    `amount` is negative where it lessens what is unpaid.
    """

    kind: str
    amount: int
    known_on: date
    from_on: date
    until_on: date | None
    sources: tuple[str, ...]

    def holds_before(self, day: date) -> bool:
        """Whether it holds at the end of the day before."""
        return self.from_on < day and (self.until_on is None or self.until_on >= day)


def clawbacks(
    lines: Sequence[PayLine], reversals: pd.DataFrame, found: Payroll, until_on: date
) -> Iterator[PayLine]:
    """The lines that take commission back, and give it back where a late payer pays after all.

    At each month's end so much of what was paid for a row is taken back as then had come back of its deal, known within
    the plan's months after the row's day; never more than was paid for it.
    """
    known = _by_deal(reversals)
    payees = {payee.manager_id: payee for payee in found.payees}
    paid: dict[tuple[Any, ...], list[PayLine]] = {}
    for line in lines:
        if (line.basis, line.deal_id) in known:
            paid.setdefault((line.manager_id, line.source, line.basis), []).append(line)
    for own in paid.values():
        first = own[0]
        assert first.earned_on is not None
        plan = found.plan(payees[first.manager_id], first.earned_on)
        terms = plan.commission if plan else None
        months = terms.clawback_months if terms else 0
        counted = _within(known[first.basis, first.deal_id], first.earned_on, months, terms)
        if counted:
            yield from _of_row(own, counted, until_on)


def _by_deal(reversals: pd.DataFrame) -> dict[tuple[str, str], list[Reversal]]:
    made: dict[tuple[str, str], list[Reversal]] = {}
    for row in reversals[reversals["amount"].notna()].to_dict("records"):
        ends = None if pd.isna(row["until_on"]) else row["until_on"].date()
        found = Reversal(
            row["kind"], int(row["amount"]), row["known_on"].date(), row["from_on"].date(), ends,
            tuple(row["_from"].split()),
        )  # fmt: skip
        made.setdefault((row["basis"], row["deal_id"]), []).append(found)
    return made


def _within(events: Sequence[Reversal], earned_on: date, months: int, terms: Any) -> list[Reversal]:
    """The reversals of a deal that are known in time for a row of it; credit notes that lessen a debt always are."""
    last = add_months(earned_on, months)
    timely = [
        each for each in events if each.kind == "sold" or each.amount < 0 or earned_on <= each.known_on < last
    ]
    if terms is not None and terms.unpaid_days is None:
        timely = [each for each in timely if each.kind != "unpaid"]
    return timely if any(each.amount > 0 and each.kind != "sold" for each in timely) else []


def levels(events: Sequence[Reversal], until_on: date) -> Mapping[str, int]:
    """How much of each kind there was at the end of the day before."""
    made = dict.fromkeys(("sold", "returned", "credited", "unpaid"), 0)
    for each in events:
        if each.holds_before(until_on):
            made[each.kind] += each.amount
    return made


def reversed_share(level: Mapping[str, int]) -> Fraction:
    """Which share of a deal has come back: returned or credited, and what is still unpaid; never more than all of it.

    A return and its credit note are one; an unpaid item counts less the credit notes that are still open.
    """
    back = max(level["returned"], level["credited"]) + max(level["unpaid"], 0)
    return min(Fraction(back, level["sold"]), Fraction(1)) if level["sold"] > 0 else Fraction(0)


def _of_row(own: Sequence[PayLine], events: Sequence[Reversal], until_on: date) -> Iterator[PayLine]:
    """What is taken back for a row, month by month."""
    first = own[0]
    taken = 0
    for end in _month_ends(first.falls_on, events, own, until_on):
        before = [line.amount for line in own if line.falls_on < end]
        if any(amount is None for amount in before):
            return
        paid = max(sum(amount for amount in before if amount is not None), 0)
        level = levels(events, end)
        share = reversed_share(level)
        due = half_up(paid // CENT * share.numerator, share.denominator) * CENT
        if due != taken:
            known = replace(first, deal_amount=level["sold"], base_amount=paid, amount=taken - due)
            yield _line(known, share, events, end)
        taken = due


def _month_ends(
    paid_on: date, events: Sequence[Reversal], own: Sequence[PayLine], until_on: date
) -> list[date]:
    """The ends of the months from the first payment on in which anything changes, each as the day after."""
    changes = [
        *(line.falls_on for line in own),
        *(each.from_on for each in events),
        *(each.until_on for each in events if each.until_on is not None),
    ]
    days = {max(day, paid_on) for day in changes if day < until_on}
    return sorted({min(add_months(month_start(day), 1), until_on) for day in days})


def _line(known: PayLine, share: Fraction, events: Sequence[Reversal], end: date) -> PayLine:
    sources = (each for event in events if event.from_on < end for each in event.sources)
    return replace(
        known,
        part="clawback",
        falls_on=end - timedelta(days=1),
        rate="",
        tier_pct=None,
        target_amount=None,
        credited_amount=None,
        attainment_pct=None,
        reversed_pct=half_up(SCALE * share.numerator, share.denominator),
        gate="taken_back" if (known.amount or 0) < 0 else "given_back",
        source=" ".join(dict.fromkeys([*known.source.split(), *sources])),
    )
