"""Value × potential: which customers carry the business, which could."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pipeline.metrics import Example, metric
from pipeline.quantities import Measure, Quantity, reason_code
from pipeline.words import Words

CLASSES = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
_LOW, _MEDIUM, _HIGH = 0, 1, 2
_QUARTERS, _FEWEST_QUARTERS = 12, 4


class State(NamedTuple):
    """What hysteresis remembers of each customer: its value band and whether its outlook was stable."""

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

    Source: requirement A3 of the house policy; variation as a proxy after Kraljic, HBR 61 (1983)
    """
    rule = f.rule("tier")
    sales = f.net_sales
    band = _band(sales, rule, state)
    stable = _stable(f, rule, state)
    potential = (f.industry_growth.floats >= rule.growing_industry_pct) | _headroom(f, sales, rule)
    pain = f.pain_points.or_zero().values > 0
    worth = band >= _MEDIUM
    chosen = np.select(
        [(band == _HIGH) & stable, worth & potential, worth, (band == _LOW) & pain], [0, 1, 2, 3], default=4
    )
    texts = [CLASSES[each] if known else None for each, known in zip(chosen, sales.known, strict=True)]
    unknown = np.where(sales.known, reason_code(""), sales.reasons).astype(np.int8)
    return Measure(Quantity(chosen.astype(np.float64), 1, unknown), text=texts), State(band, stable)


def _band(sales: Quantity, rule: Any, state: State | None) -> Any:
    """The value band of each customer: a border counts only once it is passed by the hysteresis."""
    amounts = sales.floats
    buying = np.sort(amounts[sales.known & (amounts > 0)])[::-1]
    if not buying.size:
        return np.full(len(sales), _LOW)
    high = buying[max(1, int(buying.size * rule.value_high_share)) - 1]
    middle = float(np.median(buying))
    ease = rule.hysteresis
    before = None if state is None else state.band
    is_high = _passed(amounts, high, ease, before, _HIGH, at_border=True)
    is_medium = _passed(amounts, middle, ease, before, _MEDIUM, at_border=False)
    return np.where(is_high, _HIGH, np.where(is_medium, _MEDIUM, _LOW))


def _passed(amounts: Any, border: float, ease: float, before: Any, band: int, *, at_border: bool) -> Any:
    strictly = (amounts >= border) if at_border else (amounts > border)
    if before is None:
        return strictly & (amounts > 0)
    stays = (before >= band) & (amounts >= border * (1 - ease))
    rises = (before < band) & (amounts >= border * (1 + ease))
    return (stays | rises) & (amounts > 0)


def _stable(f: Any, rule: Any, state: State | None) -> Any:
    quarters = [f.back(3 * n).trailing(3).net_sales for n in range(_QUARTERS)]
    known = [quarter for quarter in quarters if quarter.known.any()]
    covered = f.long_contracts.or_zero().values > 0
    if len(known) < _FEWEST_QUARTERS:
        return covered
    amounts = np.stack([quarter.floats for quarter in known])
    mean = amounts.mean(axis=0)
    variation = np.divide(amounts.std(axis=0), mean, out=np.full(mean.size, np.inf), where=mean > 0)
    limit = np.full(mean.size, rule.stable_variation)
    if state is not None:
        limit = limit * np.where(state.stable, 1 + rule.hysteresis, 1 - rule.hysteresis)
    return covered | (variation <= limit)


def _headroom(f: Any, sales: Quantity, rule: Any) -> Any:
    potential = f.potential.or_zero().floats
    return (potential > 0) & (potential - sales.floats >= rule.headroom_share * potential)
