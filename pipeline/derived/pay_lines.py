"""Pay drafts line by line: base salary, bonus, commission, clawbacks and vested equity, every cent with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.pay_plans import Payee, Payroll, payroll
from pipeline.derived.pay_table import PayLine, pay_table
from pipeline.engine.commission import CENT, half_up, shared
from pipeline.engine.figures import month_ends
from pipeline.periods import add_months, month_start, year_start
from pipeline.policy import Policy
from pipeline.rules.pay import BonusMeasure, PayPlanRule
from pipeline.schema import SCALE

_TWELVE = (1,) * 12


def bonus_metrics(policy: Policy) -> tuple[tuple[str, str], ...]:
    """The metrics and breakdowns that any bonus weighs."""
    terms = [rule.bonus for rule in policy.all("pay_plan") if rule.bonus is not None]
    return tuple(sorted({(each.metric, each.breakdown) for term in terms for each in term.measures}))


@derived(
    "managers",
    last=True,
    gathers=("commission_rows", "commission_reversals"),
    reads=("grants",),
    figures=bonus_metrics,
)
def pay_lines(inputs: Inputs) -> pd.DataFrame:
    """One row per line of a pay draft; the lines of a manager and a month make his draft (`pay_table` has the columns).

    A line falls on its month's last day (of an unfinished month: the as-of date), a vesting on its own. Managers
    without a mode of pay have none. What was paid before, base and bonus alike, is what the same rules make of the months before.
    """
    found = payroll(inputs)
    since = inputs.since or _first_of_year(inputs)
    ends = list(month_ends(since, inputs.until_on))
    said = _said(inputs.figures)
    made: list[PayLine] = []
    for payee in found.payees:
        salary = list(_salary(payee, ends, found, inputs))
        made += salary
        made += _bonus(payee, salary, found, said, inputs)
    made += _vesting(inputs, ends)
    own = pay_table(made)
    return _merged(own, inputs.made("commission_lines"))


def _first_of_year(inputs: Inputs) -> date:
    return year_start(inputs.until_on - timedelta(days=1), inputs.settings.company.fiscal_year_start)


def _merged(own: pd.DataFrame, commission: pd.DataFrame) -> pd.DataFrame:
    """All lines by manager and day; each table is in order, and base and bonus stand before commission."""
    made = pd.concat([own, commission], ignore_index=True)
    return made.sort_values(["manager_id", "falls_on"], kind="stable").reset_index(drop=True)


def _salary(payee: Payee, ends: Sequence[date], found: Payroll, inputs: Inputs) -> Iterator[PayLine]:
    """A twelfth of the base for each month; of a month that is cut by hiring, leaving or the as-of date its days."""
    for end in ends:
        last = end - timedelta(days=1)
        first, whole = month_start(last), (add_months(month_start(last), 1) - month_start(last)).days
        days = _days_served(payee, first, end)
        if not days:
            continue
        plan = found.plan(payee, min(last, (payee.left_on or end) - timedelta(days=1)))
        blank = PayLine(
            manager_id=payee.manager_id, falls_on=last, part="base_salary", currency=payee.currency,
            source=payee.source, base_amount=payee.base_amount, days=days, gate="no_plan",
        )  # fmt: skip
        if plan is None:
            yield blank
            continue
        named = replace(blank, plan=plan.name, plan_from_on=plan.valid_from)
        if not plan.base_salary:
            yield replace(named, gate="no_base", amount=0)
        elif payee.base_amount is None:
            yield replace(named, gate="not_known")
        else:
            twelfth = _twelfth(payee.base_amount, last, inputs.settings.company.fiscal_year_start)
            yield replace(named, gate="paid", amount=half_up(twelfth * days, whole) * CENT)


def _days_served(payee: Payee, first: date, end: date) -> int:
    begun, left = max(first, payee.hired_on or first), min(end, payee.left_on or end)
    return max((left - begun).days, 0)


def _twelfth(base: int, day: date, fiscal_start: int) -> int:
    """The cents of the day's month in its fiscal year: twelve of them make the base to the cent."""
    return shared(half_up(base, CENT), _TWELVE)[(day.month - fiscal_start) % 12]


_Key = tuple[str, str, str, date]
Said = Mapping[_Key, tuple[float | None, float | None, str]]
"""By metric, breakdown, manager and the day after a month: value, target and which way is better."""


def _said(figures: pd.DataFrame | None) -> Said:
    if figures is None:
        return {}
    return {
        (row["metric"], row["breakdown"], row["manager_id"], row["until_on"].date()): (
            _number(row["value"]),
            _number(row["target"]),
            row["better"],
        )
        for row in figures.to_dict("records")
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


@dataclass(frozen=True)
class _Score:
    """What a measure of a bonus reached: attainment as printed, and what of it counts, in ten-thousandths."""

    measure: BonusMeasure
    attainment: int
    counts: int


def attainment(value: float, target: float | Decimal, better: str) -> int | None:
    """value ÷ target in ten-thousandths, half-up; target ÷ value where lower is better. None where that cannot be said."""
    reached, aim = Decimal(repr(value)), Decimal(str(target))
    above, below = (aim, reached) if better == "lower" else (reached, aim)
    if below <= 0:
        return None
    return int((above / below * SCALE).to_integral_value(ROUND_HALF_UP))


def _scores(payee: Payee, plan: PayPlanRule, end: date, said: Said) -> list[_Score] | None:
    """The scores of every measure of a plan's bonus; None where one of them cannot be measured."""
    assert plan.bonus is not None
    made = []
    for measure in plan.bonus.measures:
        value, aim, better = said.get(
            (measure.metric, measure.breakdown, payee.manager_id, end), (None, None, "")
        )
        goal = measure.target if measure.target is not None else aim
        reached = None if value is None or goal is None else attainment(value, goal, better)
        if reached is None:
            return None
        most, least = int(measure.cap * SCALE), int(measure.floor * SCALE)
        counts = min(reached, most) if reached >= least else 0
        made.append(_Score(measure, reached, counts))
    return made


def _bonus(
    payee: Payee, salary: Sequence[PayLine], found: Payroll, said: Said, inputs: Inputs
) -> Iterator[PayLine]:
    """A bonus year to date less what was given before, measure by measure; a month that cannot be measured waits.

    Year to date it is base earned × share of base × Σ weight × capped attainment. What waits is caught up in the month in which
    every measure can be told.
    """
    start = inputs.settings.company.fiscal_year_start
    for year in sorted({year_start(line.falls_on, start) for line in salary}):
        own = [line for line in salary if year_start(line.falls_on, start) == year]
        ends = min(add_months(year, 12), payee.left_on or inputs.until_on)
        is_over = ends < inputs.until_on or add_months(year, 12) == inputs.until_on
        yield from _waiting_until(_bonus_of_year(payee, own, found, said), is_over=is_over)


def _bonus_of_year(payee: Payee, salary: Sequence[PayLine], found: Payroll, said: Said) -> Iterator[PayLine]:
    earned: dict[str, Fraction] = {}
    base, paid = 0, 0
    for line in salary:
        plan = found.plan(payee, line.falls_on)
        if plan is None or plan.bonus is None:
            continue
        if line.amount is None:
            yield replace(line, part="bonus", gate="not_known", days=None)
            continue
        base += line.amount
        scores = _scores(payee, plan, line.falls_on + timedelta(days=1), said)
        blank = replace(
            line, part="bonus", base_amount=base, days=None, rate=f"{plan.bonus.of_base.normalize():f}"
        )
        if scores is None:
            yield replace(blank, gate="not_measured", amount=0)
            continue
        now = {_named(each.measure): _worth(each, base, plan) for each in scores}
        due = _rounded(sum(now.values(), Fraction(0)))
        changes = {
            name: now.get(name, Fraction(0)) - earned.get(name, Fraction(0))
            for name in [*now, *(set(earned) - set(now))]
        }
        cents = _in_cents(list(changes.values()), due - paid)
        known = {_named(each.measure): each for each in scores}
        for name, amount in zip(changes, cents, strict=True):
            yield _of_measure(blank, name, known.get(name), amount)
        earned, paid = now, due


def _named(measure: BonusMeasure) -> str:
    return f"{measure.metric}[{measure.breakdown}]" if measure.breakdown else measure.metric


def _worth(score: _Score, base: int, plan: PayPlanRule) -> Fraction:
    """What a measure has earned exactly, in cents."""
    assert plan.bonus is not None
    return (
        Fraction(base, CENT)
        * Fraction(plan.bonus.of_base)
        * Fraction(score.measure.weight)
        * Fraction(score.counts, SCALE)
    )


def _rounded(exact: Fraction) -> int:
    return half_up(exact.numerator, exact.denominator)


def _in_cents(exact: Sequence[Fraction], due: int) -> list[int]:
    """Cents that add up to what is due, by largest remainder."""
    floors = [each.numerator // each.denominator for each in exact]
    order = sorted(range(len(exact)), key=lambda at: (floors[at] - exact[at], at))
    extra = set(order[: due - sum(floors)])
    return [(floor + (at in extra)) * CENT for at, floor in enumerate(floors)]


def _of_measure(blank: PayLine, name: str, score: _Score | None, amount: int) -> PayLine:
    if score is None:
        return replace(blank, measure=name, gate="caught_up", amount=amount)
    measure = score.measure
    gate = "below_threshold" if score.counts == 0 else "capped" if score.counts < score.attainment else "paid"
    return replace(
        blank,
        measure=name,
        attainment_pct=score.attainment,
        weight_pct=int(measure.weight * SCALE),
        cap_pct=int(measure.cap * SCALE),
        gate=gate,
        amount=amount,
    )


def _waiting_until(lines: Iterator[PayLine], *, is_over: bool) -> Iterator[PayLine]:
    """The lines of a year, those that wait for a measure with the end of the month in which they were caught up.

    Of a year that is over and was never measured again the last one has no amount, so that it is never taken for 0.
    """
    made = list(lines)
    for at, line in enumerate(made):
        later = [each.falls_on for each in made[at + 1 :] if each.gate not in _WAITS]
        if line.gate != "not_measured":
            yield line
        elif later:
            yield replace(line, until_on=min(later))
        elif is_over:
            last = at == len(made) - 1
            yield replace(line, until_on=made[-1].falls_on, amount=None if last else 0)
        else:
            yield line


_WAITS = ("not_measured", "not_known")


def vested(units: int, months: int, cliff: int, elapsed: int) -> int:
    """How many units of a grant have vested after so many full months: none before the cliff, then month by month."""
    if elapsed < cliff or elapsed <= 0:
        return 0
    return units * min(elapsed, months) // months


def _vesting(inputs: Inputs, ends: Sequence[date]) -> Iterator[PayLine]:
    """The tranches of every grant that vested in the months that are added up, while its holder was in service."""
    if not inputs.has("grants") or not ends:
        return
    first = month_start(ends[0] - timedelta(days=1))
    managers = inputs.tables["managers"]
    left = dict(zip(managers["manager_id"], managers["left_on"], strict=True))
    grants: Any = inputs.tables["grants"].sort_values(["manager_id", "granted_on"], kind="stable")
    for row in grants.to_dict("records"):
        gone = left.get(row["manager_id"])
        for line in _tranches(row, inputs.settings.company.currency):
            served = pd.isna(gone) or line.falls_on < pd.Timestamp(gone).date()
            if served and first <= line.falls_on < inputs.until_on:
                yield line


_TERMS = ("units", "vest_from_on", "vest_months", "cliff_months")


def _tranches(row: Mapping[str, Any], currency: str) -> Iterator[PayLine]:
    """A line for each month in which units vest; one without units, on the day of the grant, where a term is not known."""
    price = None if pd.isna(row["unit_amount"]) else int(row["unit_amount"])
    blank = PayLine(
        manager_id=row["manager_id"], falls_on=row["granted_on"].date(), part="vesting", gate="not_known",
        currency=currency if pd.isna(row["currency"]) else row["currency"], source=f"grants:{row['_row']}",
        base_amount=price, earned_on=row["granted_on"].date(),
    )  # fmt: skip
    if any(pd.isna(row[name]) for name in _TERMS) or row["vest_months"] <= 0:
        yield blank
        return
    units, months, cliff = int(row["units"]) // SCALE, int(row["vest_months"]), int(row["cliff_months"])
    before = 0
    for elapsed in range(1, max(months, cliff) + 1):
        now = vested(units, months, cliff, elapsed)
        if now > before:
            worth = None if price is None else half_up((now - before) * price, CENT) * CENT
            falls_on = add_months(row["vest_from_on"].date(), elapsed)
            yield replace(blank, falls_on=falls_on, gate="paid", units=now - before, amount=worth)
        before = now
