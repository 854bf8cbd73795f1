"""The weighted scorecard: measures held against their targets, weighed by the plan, and what each could still bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import Example, metric, scorecard_lines
from pipeline.metrics.scorecard_lines import Floats, Line, lines
from pipeline.words import Words


def measures_named(policy: Any, until_on: date) -> tuple[str, ...]:
    """The measures of the plan in force on the last day before `until_on`."""
    rule = policy.find("scorecard", until_on - timedelta(days=1))
    return tuple(each.metric for each in rule.measures) if rule else ()


_PLAN = {
    "scorecard": {
        "coverage_floor": 0.6,
        "measures": [
            {
                "perspective": "finance", "metric": "sales_attainment", "breakdown": "", "window": "ytd", "weight": 50,
                "target": 1.0, "floor": 0.5, "cap": 1.2, "step": None,
            },
            {
                "perspective": "customer", "metric": "csat", "breakdown": "", "window": "ytd", "weight": 30,
                "target": None, "floor": 0.6, "cap": 1.0, "step": None,
            },
            {
                "perspective": "process", "metric": "turnover_days", "breakdown": "", "window": "ytd", "weight": 20,
                "target": 60, "floor": 0.0, "cap": 1.0, "step": 5,
            },
        ],
    }
}  # fmt: skip
_YEAR = {"rule": _PLAN, "sales_attainment": 0.9, "csat": 0.8, "target(csat)": 0.8, "turnover_days": 80}
_SHARED: dict[str, Any] = {
    "audience": "internal",
    "subjects": ("manager", "team"),
    "windows": ("ytd",),
    "kind": "composite",
}
_BY_MEASURE: dict[str, Any] = {**_SHARED, "breakdowns": ("measure",), "parts": measures_named}


@metric(
    **_SHARED,
    unit="score",
    better="higher",
    label=Words("绩效加权得分", "weighted score"),
    example=(
        Example(_YEAR, 85, low=85, high=85),
        Example({**_YEAR, "csat": None}, 100 * 55 / 70, low=55, high=85),
        Example({**_YEAR, "sales_attainment": None}, reason="low_coverage"),
    ),
)
def weighted_score(m: Any) -> Measure:
    """How much of what the scorecard plan asks was reached, from 0 to 100: measures held against targets and weighed.

    绩效计划的加权达成情况，0–100分：各指标对照目标折算后按权重相加。

    Formula: Σ weight × credit ÷ Σ weights measured; credit = (attainment − floor) ÷ (1 − floor), up to the cap | Σ 权重 × 计分率 ÷ 已衡量权重之和；计分率 =（达成率 − 下限）÷（1 − 下限），不超过上限

    Edge: a measure without figure or target is left out and never counts as zero; below the plan's coverage there is no score; low and high show what the missing measures could do; never above 100. | 缺数据或缺目标的指标不计入，绝不按零分计；覆盖率低于计划下限时不给分；上下限表示缺失指标可能造成的影响；最高100分。

    Source: house definition (policy/scorecard.toml); Kaplan & Norton, HBR 70 (1992)
    """
    rule, parts = m.rule_or_none("scorecard"), lines(m)
    if rule is None:
        return Measure(Quantity.unknown(m.size, "no_data"))
    points, present, total = (
        scorecard_lines.points(parts),
        scorecard_lines.present(parts),
        scorecard_lines.total(parts),
    )
    covered = present / total
    enough = covered >= rule.coverage_floor
    best = np.asarray(
        sum(np.where(each.known, 0.0, each.weight * each.rule.cap) for each in parts), dtype=float
    )
    whole = np.full_like(points, total)
    value, low, high = (
        Quantity.of(each).where(enough, "low_coverage")
        for each in (
            scorecard_lines.score(points, present),
            scorecard_lines.score(points, whole),
            scorecard_lines.score(points + best, whole),
        )
    )
    return Measure(value, low=low, high=high, coverage=Quantity.of(covered))


def _of_measure(m: Any, told: Callable[[Line, list[Line]], Measure]) -> Measure:
    """What is told of the measure asked for; unknown where the plan in force does not have it."""
    parts = lines(m)
    chosen = next((each for each in parts if each.rule.metric == m.chosen("measure")), None)
    return Measure(Quantity.unknown(m.size, "no_data")) if chosen is None else told(chosen, parts)


@metric(
    **_BY_MEASURE,
    unit="share",
    better="higher",
    label=Words("指标达成率", "attainment of a measure"),
    example=(
        Example({**_YEAR, "chosen(measure)": "sales_attainment"}, 0.9),
        Example({**_YEAR, "chosen(measure)": "turnover_days"}, 0.75),
    ),
)
def measure_attainment(m: Any) -> Measure:
    """How far a measure of the scorecard came on the way to its target.

    绩效指标相对目标的达成程度。

    Formula: value ÷ target, or target ÷ value where less is better | 实际 ÷ 目标；越低越好的指标为目标 ÷ 实际

    Edge: the subject's own target first, else that of all managers, else the plan's; without one there is no figure; never told beyond tenfold. | 先取本人目标，其次全体客户经理的目标，再次计划中的目标；没有目标则不计算；最高按十倍计。

    Source: house definition (policy/scorecard.toml)
    """
    return _of_measure(m, lambda line, _all: Measure(line.attained, line.value, line.target))


@metric(
    **_BY_MEASURE,
    unit="score",
    better="higher",
    label=Words("指标得分", "points of a measure"),
    example=(
        Example({**_YEAR, "chosen(measure)": "sales_attainment"}, 40),
        Example({**_YEAR, "chosen(measure)": "turnover_days"}, 15),
    ),
)
def measure_points(m: Any) -> Measure:
    """The points that a measure brings: its weight times the credit for its attainment.

    指标带来的分数：权重乘以达成率折算的计分率。

    Formula: weight × (attainment − floor) ÷ (1 − floor), up to the cap | 权重 ×（达成率 − 下限）÷（1 − 下限），不超过上限

    Edge: all points together divided by the coverage are the weighted score. | 各指标得分之和除以覆盖率即为加权得分。

    Source: house definition (policy/scorecard.toml)
    """

    def told(line: Line, _all: list[Line]) -> Measure:
        weight = Quantity.of(np.full(len(line.value), line.weight))
        credit = Quantity(line.earned, 1, line.attained.reasons)
        return Measure(Quantity(line.weight * line.earned, 1, line.attained.reasons), credit, weight)

    return _of_measure(m, told)


def _gained(line: Line, parts: list[Line], earned: Floats) -> Floats:
    """By how much the score rises when the measure earns that part of its weight instead of its own."""
    points, present = scorecard_lines.points(parts), scorecard_lines.present(parts)
    mine = np.where(line.known, line.weight * line.earned, 0.0)
    there = np.where(line.known, line.weight, 0.0)
    after = scorecard_lines.score(points - mine + line.weight * earned, present - there + line.weight)
    found: Floats = np.maximum(after - scorecard_lines.score(points, present), 0.0)
    return found


def _when_scored(m: Any, parts: list[Line], gain: Quantity) -> Quantity:
    """The gain where there is a score that it could be added to."""
    return gain.where(
        scorecard_lines.present(parts) / scorecard_lines.total(parts) >= m.rule("scorecard").coverage_floor,
        "low_coverage",
    )


@metric(
    **_BY_MEASURE,
    unit="score",
    better="none",
    label=Words("达标可增分", "points gained at the target"),
    example=(
        Example({**_YEAR, "chosen(measure)": "sales_attainment"}, 10),
        Example({**_YEAR, "chosen(measure)": "csat"}, 0),
        Example({**_YEAR, "csat": None, "chosen(measure)": "csat"}, 85 - 100 * 55 / 70),
    ),
)
def target_gain(m: Any) -> Measure:
    """What if: by how many points the weighted score rises when a measure reaches its target, all others unchanged.

    假设分析：其他指标不变，该指标达到目标时加权得分可增加的分数。

    Formula: score with the measure at its target − score | 该指标达标时的得分 − 现得分

    Edge: nothing where the target is reached; a measure not yet known counts as measured then. | 已达标的指标为零；尚无数据的指标按届时已衡量计。

    Source: house definition
    """

    def told(line: Line, parts: list[Line]) -> Measure:
        gain = _gained(line, parts, np.maximum(line.earned, 1.0))
        known = Quantity(gain, 1, line.target.reasons).where(line.target.floats > 0, "not_positive")
        return Measure(_when_scored(m, parts, known))

    return _of_measure(m, told)


@metric(
    **_BY_MEASURE,
    unit="score",
    better="none",
    label=Words("进一步可增分", "points gained by one step"),
    example=(
        Example({**_YEAR, "chosen(measure)": "sales_attainment"}, 1),
        Example({**_YEAR, "chosen(measure)": "turnover_days"}, 1),
    ),
)
def step_gain(m: Any) -> Measure:
    """What if: by how many points the weighted score rises when a measure gets one step better, all others unchanged.

    假设分析：其他指标不变，该指标改善一步时加权得分可增加的分数。

    Formula: score with the measure one step better − score | 该指标改善一步后的得分 − 现得分

    Edge: the plan says what a step is, else one point of a share, one day, one of a count, 1 % of an amount's target; at its floor or cap a step may bring nothing. | 一步的大小由计划规定，否则为1个百分点、1天、计数1或金额目标的1%；低于下限或已达上限时一步可能不增分。

    Source: house definition
    """

    def told(line: Line, parts: list[Line]) -> Measure:
        gain = _gained(line, parts, line.one_step_better())
        value = _when_scored(m, parts, Quantity(gain, 1, line.attained.reasons))
        return Measure(value, numerator=Quantity.of(line.step))

    return _of_measure(m, told)
