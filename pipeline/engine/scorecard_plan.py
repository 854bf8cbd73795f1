"""The scorecard plan checked: what makes it unusable stops the run, what a person should put right is remarked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Literal

from pipeline.catalogue import facts_used
from pipeline.engine.readings import Target
from pipeline.errors import SettingsError, nearest
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.periods import add_months, fiscal_year, year_start
from pipeline.policy import Policy
from pipeline.rules.scorecard import PERSPECTIVES, ScorecardMeasure, ScorecardRule

FEWEST, MOST = 5, 12
_JUDGED = ("manager", "team")
_PLANNED = frozenset({"sales_targets", "budget_pieces"})
"""Tables of what should be: what is sold and what is sold against its target are one thing."""

RemarkKind = Literal[
    "perspective_missing", "too_few", "too_many", "same_facts", "target_missing", "target_carried_over"
]


@dataclass(frozen=True)
class Remark:
    """Something a person should put right: which perspective or measures it concerns, and which year, where one."""

    kind: RemarkKind
    names: tuple[str, ...] = ()
    year: int | None = None
    count: int | None = None


def require_sound(policy: Policy) -> None:
    """Stop where a measure of any plan cannot be scored. SettingsError KB-1062, KB-1021 where there is no such metric."""
    for rule in policy.all("scorecard"):
        for each in rule.measures:
            fault = _fault(each)
            if fault:
                raise SettingsError(
                    where=f"policy [[scorecard]] {rule.name!r} from {rule.valid_from}: {each.metric}",
                    what=fault,
                    nearest=nearest(each.breakdown, METRICS.get(each.metric).breakdowns),
                    fix="name another measure, its window or its breakdown; kambook metrics lists them",
                    code="KB-1062",
                )


def _fault(measure: ScorecardMeasure) -> str:
    """Why a measure cannot be scored; empty where it can."""
    metric = METRICS.get(measure.metric)
    label = measure.breakdown.partition("=")[0]
    faults = {
        "has no better or worse, so nothing can be scored": metric.better == "none",
        "is told in words": metric.unit == "text",
        "is not told of managers": "manager" not in metric.subjects,
        "is restricted, and the score would give it away": metric.audience == "restricted",
        f"is not told over the window {measure.window!r}": measure.window not in metric.windows,
        "is not told by that breakdown": label not in metric.breakdowns,
        "is itself a weighted score": metric.kind == "composite",
    }
    return next((fault for fault, holds in faults.items() if holds), "")


def remarks(rule: ScorecardRule, aims: Sequence[Target], day: date, fiscal_start: int) -> tuple[Remark, ...]:
    """What to put right in the plan in force on `day`, the run's last."""
    return (
        *_perspectives(rule),
        *_size(rule),
        *_counted_twice(rule),
        *_targets(rule, aims, day, fiscal_start),
    )


def _perspectives(rule: ScorecardRule) -> Iterator[Remark]:
    covered = {each.perspective for each in rule.measures}
    missing = tuple(each for each in PERSPECTIVES if each not in covered)
    if missing:
        yield Remark("perspective_missing", missing)


def _size(rule: ScorecardRule) -> Iterator[Remark]:
    count = len(rule.measures)
    if count < FEWEST:
        yield Remark("too_few", count=count)
    if count > MOST:
        yield Remark("too_many", count=count)


def _counted_twice(rule: ScorecardRule) -> Iterator[Remark]:
    """Two measures count the same thing where they are made of the same facts, those of what should be left aside.

    What was sold, its growth and its attainment are all made of net sales; margin is made of its cost as well.
    """
    for one, other in combinations([each.metric for each in rule.measures], 2):
        if _made_of(one) == _made_of(other):
            yield Remark("same_facts", (one, other))


def _made_of(metric: str) -> frozenset[str]:
    used = facts_used(METRICS.get(metric))
    return frozenset(name for name in used if FACTS.get(name).table not in _PLANNED)


def _targets(rule: ScorecardRule, aims: Sequence[Target], day: date, fiscal_start: int) -> Iterator[Remark]:
    """Measures without a target at the end of a year of the plan, and those whose target was not set for this one."""
    this_year = fiscal_year(day, fiscal_start)
    for first in _years(rule, day, fiscal_start):
        last = add_months(first, 12) - timedelta(days=1)
        set_on = {each.metric: _set_on(each, rule, aims, last) for each in rule.measures}
        year = fiscal_year(first, fiscal_start)
        missing = tuple(name for name, found in set_on.items() if found is None)
        if missing:
            yield Remark("target_missing", missing, year)
        carried = tuple(name for name, found in set_on.items() if found is not None and found < first)
        if carried and year == this_year:
            yield Remark("target_carried_over", carried, year)


def _years(rule: ScorecardRule, day: date, fiscal_start: int) -> list[date]:
    """The first day of this fiscal year, and of the one before where the plan held then."""
    first = year_start(day, fiscal_start)
    before = add_months(first, -12)
    return [before, first] if rule.valid_from <= before else [first]


def _set_on(
    measure: ScorecardMeasure, rule: ScorecardRule, aims: Sequence[Target], last: date
) -> date | None:
    """From when on the target holds that is in force on a year's last day; None where there is none."""
    days = [each.from_on for each in aims if _concerns(each, measure) and _holds(each, last)]
    if measure.target is not None and rule.valid_from <= last:
        days.append(rule.valid_from)
    return max(days, default=None)


def _concerns(aim: Target, measure: ScorecardMeasure) -> bool:
    return any(aim.concerns(measure.metric, measure.breakdown, kind) for kind in _JUDGED)


def _holds(aim: Target, last: date) -> bool:
    return (
        aim.from_on <= last and (aim.to_on is None or aim.to_on > last) and aim.window in ("", "ytd", "t12m")
    )


FILE = "scorecard_plan.json"
"""In `facts/`: what the run has to remark on the plan in force on its last day."""


def as_json(found: Sequence[Remark]) -> list[dict[str, Any]]:
    """Remarks as a run keeps them."""
    return [asdict(each) for each in found]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Remark, ...]:
    """Remarks as they were kept."""
    return tuple(Remark(**{**each, "names": tuple(each["names"])}) for each in kept)
