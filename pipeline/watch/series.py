"""From the alarms of judged series to warnings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import numpy as np

from pipeline.derived import Inputs
from pipeline.rules.warnings import BaselineRule, WarningRule
from pipeline.watch.judging import Alarm, Limits
from pipeline.watch.months import Months, first_day, last_day
from pipeline.watch.rows import NEVER, Found
from pipeline.watch.statistics import Floats

Sources = Callable[[str, Alarm], tuple[str, ...]]
_CLEAR = 1.5
"""How far outside, in units of the limit, a point must be for the warning to be more than likely."""


def limits_of(rule: WarningRule, baseline: BaselineRule) -> Limits:
    """When a point is outside, by a rule."""
    return Limits(
        rule.threshold,
        baseline.drift,
        baseline.weight,
        baseline.zone,
        rule.points,
        baseline.lasting,
        baseline.settled,
    )


def baseline_of(inputs: Inputs) -> BaselineRule:
    """How series are compared with their past, by the rule of the as-of date."""
    found: BaselineRule = inputs.policy.at("baseline", inputs.until_on - timedelta(days=1))
    return found


def confidence(alarm: Alarm) -> str:
    """High: clear, with two seasons of its own; low: not clear, with none; else medium."""
    is_clear, is_seasoned = alarm.score >= _CLEAR, alarm.seasons > 1
    if is_clear and is_seasoned:
        return "high"
    return "medium" if is_clear or is_seasoned else "low"


def found_in(
    months: Months,
    alarms: Iterable[Alarm],
    rule: str,
    customers: Mapping[str, str],
    natural: Callable[[float], float],
    sources: Sources,
    *,
    first_of_span: int = 0,
) -> list[Found]:
    """Warnings of alarms about months; known on the last day of the month in which they were raised.

    `natural` turns a judged value into one that people read; a point is a span of months that began `first_of_span`
    months before it.
    """
    return [
        Found(
            account_id=months.keys[each.series][0],
            customer_id=customers[months.keys[each.series][0]],
            rule=rule,
            about="/".join(name for name in months.keys[each.series][1:] if name),
            since_on=first_day(months.first + each.since - first_of_span),
            raised_on=last_day(months.first + each.raised),
            until_on=NEVER if each.until is None else last_day(months.first + each.until),
            sources=sources(months.keys[each.series][0], each),
            confidence=confidence(each),
            ground=each.ground,
            observed=natural(each.observed),
            expected=natural(each.expected),
            score=each.score,
        )
        for each in alarms
    ]


def lower_by(share: float, natural: Callable[[Floats], Floats]) -> Callable[[Floats, Floats], np.ndarray]:
    """Whether a value is lower than expected by at least a share, in natural units."""
    return lambda value, expected: natural(value) <= (1 - share) * natural(expected)
