"""Commission line by line: what each sale brought its manager in each month, at which tier, behind which gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.clawbacks import clawbacks
from pipeline.derived.pay_plans import Payee, Payroll, payroll
from pipeline.derived.pay_table import PayLine, pay_table
from pipeline.derived.sales_targets import sales_targets
from pipeline.engine.commission import RATE_UNITS, Line, Sale, Terms, half_up, lines
from pipeline.periods import add_months, month_start, year_start
from pipeline.rules.pay import CommissionTerms, PayPlanRule
from pipeline.schema import SCALE

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@derived("managers", last=True, gathers=("commission_rows", "commission_reversals"))
def commission_lines(inputs: Inputs) -> pd.DataFrame:
    """One row per sale, tier and month in which it brought something, and per clawback; columns of `pay_table`.

    A month's lines are what the sales of the period have earned by its end, less what was paid before. Where the target
    of the whole period is not known and the plan depends on it, or a cost or a rate is not known, the amount is empty
    from that month of the period on.
    """
    found = payroll(inputs)
    targets = _targets(inputs, found)
    sales = _sales(inputs.made("commission_rows"))
    made: list[PayLine] = []
    for payee in found.payees:
        for period in _periods(payee, sales.get(payee.manager_id, ()), found, inputs):
            made += _of_period(period, targets, inputs)
    taken = clawbacks(made, inputs.made("commission_reversals"), found, inputs.until_on)
    return pay_table([*made, *taken])


@dataclass(frozen=True)
class CommissionRow:
    """A row of `commission_rows`; amounts in ten-thousandths, None where they are not known."""

    account_id: str
    deal_id: str
    deal_amount: int
    product_id: str
    basis: str
    share_pct: int
    earned_on: date
    credit: int | None
    base: int | None
    source: str


@dataclass(frozen=True)
class _Period:
    """What a manager was credited with in a period of a plan, and which of it the plan pays on."""

    payee: Payee
    plan: PayPlanRule
    terms: CommissionTerms
    from_on: date
    to_on: date
    rows: tuple[CommissionRow, ...]
    is_under_plan: tuple[bool, ...]
    is_short: bool

    def pays(self, row: CommissionRow, *, under: bool) -> bool:
        """Whether a row earns by itself: a return within a deal takes back what the deal was paid, and earns nothing."""
        is_return = row.credit is not None and row.credit < 0 < row.deal_amount
        return under and not (is_return and self.terms.clawback_months)

    def month(self, day: date) -> int:
        return (day.year - self.from_on.year) * 12 + day.month - self.from_on.month


def _sales(rows: pd.DataFrame) -> dict[str, tuple[CommissionRow, ...]]:
    """The rows of each manager in the order in which they fell; what falls on one day goes by deal and source."""
    ordered = rows.sort_values(["manager_id", "earned_on", "deal_id", "_from"], kind="stable")
    columns = {name: ordered[name].astype(object).where(ordered[name].notna(), None) for name in _READ}
    records = zip(*(columns[name] for name in _READ), strict=True)
    made = [
        (
            who,
            CommissionRow(
                account,
                deal,
                int(total or 0),
                product or "",
                basis,
                int(share),
                day.date(),
                credit,
                base,
                source,
            ),
        )
        for who, account, deal, total, product, basis, share, day, credit, base, source in records
    ]
    return {who: tuple(row for _, row in group) for who, group in groupby(made, key=lambda each: each[0])}


_READ = (
    "manager_id", "account_id", "deal_id", "deal_amount", "product_id", "basis", "share_pct", "earned_on",
    "credit_amount", "base_amount", "_from",
)  # fmt: skip


def _periods(
    payee: Payee, rows: Sequence[CommissionRow], found: Payroll, inputs: Inputs
) -> Iterator[_Period]:
    """The periods of each plan that a manager's rows fell under; what he was credited with under another counts too."""
    judged = [(row, found.plan(payee, row.earned_on)) for row in rows]
    plans = {(plan.name, plan.valid_from): plan for _, plan in judged if plan is not None and plan.commission}
    start = inputs.settings.company.fiscal_year_start
    since = month_start(inputs.since) if inputs.since else date.min
    for plan in plans.values():
        assert plan.commission is not None
        kind = plan.commission.period
        for first, group in groupby(judged, key=lambda each: _begins(each[0].earned_on, kind, start)):
            inside = list(group)
            under = tuple(judge is plan for _, judge in inside)
            if any(under):
                yield _Period(
                    payee, plan, plan.commission, first, add_months(first, _MONTHS[kind]),
                    tuple(row for row, _ in inside), under, first < since,
                )  # fmt: skip


def _begins(day: date, kind: str, fiscal_start: int) -> date:
    """The first day of the month, quarter or fiscal year that holds a day."""
    first, months = year_start(day, fiscal_start), _MONTHS[kind]
    into = (day.year - first.year) * 12 + day.month - first.month
    return add_months(first, into // months * months)


@dataclass(frozen=True)
class _Target:
    amount: int
    days: int


def _targets(inputs: Inputs, found: Payroll) -> dict[str, list[tuple[date, _Target]]]:
    """The pieces of each manager's sales target to the end of the fiscal year, by their first day."""
    if not inputs.has("targets", "accounts") or not found.payees:
        return {}
    last = inputs.until_on - timedelta(days=1)
    year_end = add_months(year_start(last, inputs.settings.company.fiscal_year_start), 12)
    pieces = sales_targets(replace(inputs, until_on=year_end, _made={}))
    pieces = pieces[pieces["subject_kind"] == "manager"]
    made: dict[str, list[tuple[date, _Target]]] = {}
    for who, day, amount, days in zip(
        pieces["subject_id"], pieces["falls_on"], pieces["amount"], pieces["days"], strict=True
    ):
        made.setdefault(who, []).append((day.date(), _Target(int(amount), int(days))))
    return made


def _target(period: _Period, targets: Mapping[str, list[tuple[date, _Target]]]) -> int | None:
    """The target of the whole period, of the days on which the manager is in service; None where a day has none."""
    payee = period.payee
    first = max(period.from_on, payee.hired_on or period.from_on)
    until = min(period.to_on, payee.left_on or period.to_on)
    pieces = [each for day, each in targets.get(payee.manager_id, ()) if period.from_on <= day < period.to_on]
    total = sum(each.amount for each in pieces)
    covered = sum(each.days for each in pieces) >= (until - first).days
    return total if covered and total > 0 else None


def _of_period(
    period: _Period, targets: Mapping[str, list[tuple[date, _Target]]], inputs: Inputs
) -> Iterator[PayLine]:
    """The lines of a period, month by month."""
    target = _target(period, targets)
    earning = [
        period.pays(row, under=under) for row, under in zip(period.rows, period.is_under_plan, strict=True)
    ]
    terms = worked_in(period.terms, target)
    lost = (
        ""
        if not period.terms.needs_target
        else "short_history"
        if period.is_short
        else "no_target"
        if terms is None
        else ""
    )
    unknown_from = 0 if lost else _first_unknown(period)
    known = [row for row in period.rows if period.month(row.earned_on) < unknown_from]
    paid = [
        (row, sale)
        for row, sale, earns in zip(known, _as_sales(known, period), earning, strict=False)
        if earns
    ]
    closing = _closing(period, known, unknown_from, inputs.until_on)
    for line in lines([sale for _, sale in paid], closing, terms) if terms is not None else ():
        yield _line(line, paid[line.sale][0], period, target, closing[line.month], inputs)
    for row, earns in zip(period.rows, earning, strict=True):
        if earns and period.month(row.earned_on) >= unknown_from:
            yield _unknown(row, period, lost or "not_known", inputs)


def worked_in(terms: CommissionTerms, target: int | None) -> Terms | None:
    """The terms with the target worked in; None where there is none and they depend on it."""
    if target is None:
        if terms.needs_target:
            return None
        target = 0
    tiers = terms.tiers
    bounds = tuple(half_up(int(tier.from_attainment * SCALE) * target, SCALE) for tier in tiers[1:])
    opens_at = Fraction(terms.threshold) * target if terms.threshold > 0 else None
    cap = None if terms.cap_amount is None else int(terms.cap_amount * SCALE)
    rates = tuple(int(tier.rate * RATE_UNITS) for tier in tiers)
    return Terms(bounds, rates, terms.how == "retroactive", opens_at, cap)


def _first_unknown(period: _Period) -> int:
    """The month of the period from which on what a row brought is not known; past its end where all is."""
    months = [period.month(row.earned_on) for row in period.rows if row.credit is None or row.base is None]
    return min(months, default=_MONTHS[period.terms.period])


def _closing(period: _Period, rows: Sequence[CommissionRow], until_month: int, until_on: date) -> list[int]:
    """What was credited by the end of each month of the period that has begun."""
    last = period.month(until_on - timedelta(days=1)) + 1
    sums = np.zeros(max(min(_MONTHS[period.terms.period], last, until_month), 0), dtype=object)
    for row in rows:
        sums[period.month(row.earned_on)] += row.credit
    return [int(each) for each in np.cumsum(sums)] if sums.size else []


def _as_sales(rows: Sequence[CommissionRow], period: _Period) -> Iterator[Sale]:
    credited = 0
    for row in rows:
        after = credited + (row.credit or 0)
        yield Sale(period.month(row.earned_on), credited, after, row.base or 0)
        credited = after


def _line(
    line: Line, row: CommissionRow, period: _Period, target: int | None, credited: int, inputs: Inputs
) -> PayLine:
    tier = period.terms.tiers[line.tier]
    return replace(
        _blank(row, period, line.month, inputs),
        base_amount=line.base,
        rate=f"{tier.rate.normalize():f}",
        tier_pct=int(tier.from_attainment * SCALE),
        target_amount=target,
        credited_amount=credited,
        attainment_pct=half_up(credited * SCALE, target) if target else None,
        gate=line.gate,
        amount=line.amount,
    )


def _unknown(row: CommissionRow, period: _Period, gate: str, inputs: Inputs) -> PayLine:
    blank = _blank(row, period, period.month(row.earned_on), inputs)
    return replace(blank, base_amount=row.base, gate=gate)


def _blank(row: CommissionRow, period: _Period, month: int, inputs: Inputs) -> PayLine:
    """What a line says of its row and its plan."""
    ends = min(add_months(period.from_on, month + 1), inputs.until_on)
    return PayLine(
        manager_id=period.payee.manager_id,
        falls_on=ends - timedelta(days=1),
        part="commission",
        plan=period.plan.name,
        plan_from_on=period.plan.valid_from,
        currency=inputs.settings.company.currency,
        source=row.source,
        sold_to_id=row.account_id,
        deal_id=row.deal_id,
        deal_amount=row.deal_amount,
        basis=row.basis,
        product_id=row.product_id,
        earned_on=row.earned_on,
        share_pct=row.share_pct,
    )
