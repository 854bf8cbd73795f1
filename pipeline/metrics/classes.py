"""Value × potential: which customers carry the business, which could."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, reason_code
from pipeline.metrics import Example, metric
from pipeline.words import Words

CLASSES = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
_LOW, _MEDIUM, _HIGH = 0, 1, 2
_FRESH = -1
"""The band of one whose sales were never known: no class to hold on to yet."""
_QUARTERS, _FEWEST_QUARTERS = 12, 4


class State(NamedTuple):
    """What hysteresis remembers of each customer: its value band, and whether its outlook was stable.

    The outlook is None until there were quarters enough to judge it by.
    """

    band: Any
    stable: Any


@metric(
    label=Words("客户分类（价值×潜力）", "customer class (value × potential)"),
    unit="text",
    better="none",
    audience="internal",
    subjects=("customer",),
    windows=("t12m",),
    trend="t12m",
    kind="replayed",
    example=Example(
        {
            "net_sales": [900, 300, 200, 50, 10, 5],
            "long_contracts": [1, 0, 0, 0, 0, 0],
            "potential": [1000, 1000, 250, 60, 0, 0],
            "industry_growth": [0, 0, 0, 0, 0, 0],
            "pain_points": [0, 0, 0, 1, 0, 0],
            **{f"back({3 * n}).trailing(3).net_sales": [225, 75, 50, 12, 3, 1] for n in range(1, 12)},
            "trailing(3).net_sales": [225, 75, 50, 12, 3, 1],
        },
        text=("core_value", "high_potential", "maintain", "to_optimise", "not_classed", "not_classed"),
    ),
)
def customer_class(f: Any, state: State | None) -> tuple[Measure, State]:
    """The class of a customer by what it buys, how steady that is, and what it could buy.

    按采购额、稳定性与潜力划分的客户类别。

    Formula: first that holds: core value (high value, stable outlook); high potential (medium or high value, with potential); maintain (medium or high value); to optimise (low value, known pain point); else not classed | 依次判断：核心价值（高价值且稳定）、高潜力（中高价值且有潜力）、维持型（中高价值）、待优化（低价值且有已知痛点）、未分类

    Edge: high is the top decile (at least one), medium above the median; stable means contracts for three years, else a coefficient of variation over up to twelve quarters (at least four); a border must be passed by the policy's share before the class changes, replayed from the first month of data. | 高价值为前十分之一（至少一户），中价值高于中位数；稳定指三年期合同，否则以最多十二个季度（至少四个）的变异系数代替；须越过边界一定比例才改类，从首月起逐月重演。

    Source: house definition (policy/customers.toml); variation as a proxy after Kraljic, HBR 61 (1983)
    """
    rule = f.rule("tier")
    sales = f.net_sales
    band = _band(sales, rule, np.full(len(sales), _FRESH) if state is None else state.band)
    stable, judged = _stable(f, rule, None if state is None else state.stable)
    potential = (f.industry_growth.floats >= rule.growing_industry_pct) | _headroom(f, sales, rule)
    pain = f.pain_points.or_zero().values > 0
    worth = band >= _MEDIUM
    chosen = np.select(
        [(band == _HIGH) & stable, worth & potential, worth, (band == _LOW) & pain], [0, 1, 2, 3], default=4
    )
    texts = [CLASSES[each] if known else None for each, known in zip(chosen, sales.known, strict=True)]
    unknown = np.where(sales.known, reason_code(""), sales.reasons).astype(np.int8)
    return Measure(Quantity(chosen.astype(np.float64), 1, unknown), text=texts), State(band, judged)


def _band(sales: Quantity, rule: Any, before: Any) -> Any:
    """The value band of each customer: a border counts only once it is passed by the hysteresis."""
    amounts = sales.floats
    if not sales.known.any():
        return before
    buying = np.sort(amounts[sales.known & (amounts > 0)])[::-1]
    is_high = _is_high(amounts, buying, rule, before)
    middle = np.full(amounts.size, np.median(buying) if buying.size else 0.0)
    is_medium = _passed(amounts, middle, rule.hysteresis, before, _MEDIUM) & (
        (before != _FRESH) | (amounts > middle)
    )
    band = np.where(is_high, _HIGH, np.where(is_medium, _MEDIUM, _LOW))
    return np.where(sales.known, band, before)


def _is_high(amounts: Any, buying: Any, rule: Any, before: Any) -> Any:
    """Whether a customer is of the top share: against the last of it, who is in it against the first below.

    Nobody is measured against himself, or the largest could never rise. Somebody is always high.
    """
    if not buying.size:
        return np.zeros(amounts.size, dtype=bool)
    count = max(1, int(buying.size * rule.value_high_share))
    below = buying[count] if buying.size > count else 0.0
    in_top = amounts >= buying[count - 1]
    border = np.where(in_top, below, buying[count - 1])
    passed = _passed(amounts, border, rule.hysteresis, before, _HIGH)
    return passed if passed.any() else in_top


def _passed(amounts: Any, border: Any, ease: float, before: Any, band: int) -> Any:
    """Who is at or above the border, or, of those with a band already, so far above or below that it changes."""
    stays = (before >= band) & (amounts >= border * (1 - ease))
    rises = (before < band) & (amounts >= border * (1 + ease))
    return np.where(before == _FRESH, amounts >= border, stays | rises) & (amounts > 0)


def _stable(f: Any, rule: Any, before: Any) -> tuple[Any, Any]:
    """Whether each customer's outlook is stable, and what to remember of it."""
    quarters = [f.back(3 * n).trailing(3).net_sales for n in range(_QUARTERS)]
    known = [quarter for quarter in quarters if quarter.known.any()]
    covered = f.long_contracts.or_zero().values > 0
    if len(known) < _FEWEST_QUARTERS:
        return covered, before
    amounts = np.stack([quarter.floats for quarter in known])
    mean = amounts.mean(axis=0)
    variation = np.divide(amounts.std(axis=0), mean, out=np.full(mean.size, np.inf), where=mean > 0)
    limit = np.full(mean.size, rule.stable_variation)
    if before is not None:
        limit = limit * np.where(before, 1 + rule.hysteresis, 1 - rule.hysteresis)
    stable = covered | (variation <= limit)
    return stable, stable


def _headroom(f: Any, sales: Quantity, rule: Any) -> Any:
    potential = f.potential.or_zero().floats
    return (potential > 0) & (potential - sales.floats >= rule.headroom_share * potential)
