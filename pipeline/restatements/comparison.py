"""Two runs held against each other: what is told differently, and for each figure the facts and causes behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.engine.evaluate import Breakdown
from pipeline.engine.parts import OWN, REPORTING
from pipeline.engine.quantities import Measure
from pipeline.engine.subjects import PORTFOLIO
from pipeline.evidence.basis import Access, Noting
from pipeline.facts import FACTS, Fact
from pipeline.metrics import METRICS
from pipeline.periods import Window
from pipeline.restatements.causes import (
    DEFINITION,
    OF_PEOPLE,
    OTHERS,
    OWNERSHIP,
    POLICY,
    PROGRAM,
    RE_PARENTED,
    REMEMBERED,
    UNKNOWN,
    Behind,
    Pair,
)
from pipeline.restatements.fact_differences import (
    CLOSE,
    Cause,
    FactDifference,
    Group,
    fact_difference,
    grouped,
    merged,
    position,
)
from pipeline.restatements.items import Run

_GROUP = ["metric", "subject_kind", "window", "period", "breakdown", "currency"]


@dataclass(frozen=True)
class Restated:
    """A figure that is told differently: the row of `differences.compared`, its causes, and the facts behind it.

    Where the figure is one fact, or facts that were added, the causes' amounts add up to its difference.
    """

    row: Any
    causes: tuple[Cause, ...]
    facts: tuple[FactDifference, ...] = ()


@dataclass(frozen=True)
class _Played:
    """What one group of figures (a metric of a kind of subject in a window) says in both runs, and what it looked up."""

    was: Measure | None
    under_rules: Measure | None
    """Of the first run's facts by the second run's policy."""
    now: Measure | None
    accesses: tuple[Access, ...]


def restated(pair: Pair, found: pd.DataFrame) -> Iterator[Restated]:
    """The rows of `differences`, each with its causes, in their order."""
    made: dict[int, Restated] = {}
    changed = _figures(found)
    for key, rows in found.groupby(_GROUP, sort=True):
        metric, kind, name, period, breakdown, currency = map(str, key)
        first = rows.iloc[0]
        window = Window(name, period, _day(first["from_on"]), _day(first["until_on"]))
        group = Group(METRICS.get(metric), kind, window, _parts(breakdown), currency)
        played = _play(pair, group)
        for at, row in zip(rows.index, rows.itertuples(index=False), strict=True):
            made[at] = _explained(pair, group, played, row, changed)
    yield from (made[at] for at in found.index)


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, pd.Timestamp) else value


def _parts(breakdown: str) -> Breakdown:
    name, _, value = breakdown.partition("=")
    return name, value


def _figures(found: pd.DataFrame) -> frozenset[tuple[str, ...]]:
    """Metric, kind, subject and last day of what changed: a metric with memory follows the month before."""
    columns = ["metric", "subject_kind", "subject_id", "until_on"]
    return frozenset(tuple(map(str, each)) for each in found[columns].itertuples(index=False))


##### What both runs say ###############################################################################################


def _play(pair: Pair, group: Group) -> _Played:
    was, one = _measured(pair.was.basis.evaluators, group, pair.was)
    now, other = _measured(pair.now.basis.evaluators, group, pair.now)
    under = _measured(pair.under_rules, group, pair.was)[0] if pair.under_rules else was
    return _Played(was, under, now, tuple(dict.fromkeys([*other, *one])))


def _measured(
    evaluators: Mapping[str, Noting], group: Group, run: Run
) -> tuple[Measure | None, list[Access]]:
    """The measure of every subject, and the look-ups that it took; None where the run has none of the kind."""
    evaluator = evaluators[OWN if group.own(run) else REPORTING]
    evaluator.asked.clear()
    evaluator.forget()
    if not len(evaluator.subjects[group.kind]):
        return None, []
    measure = evaluator.measure(group.metric, group.kind, group.window, group.breakdown)
    return measure, list(evaluator.asked)


def _value(run: Run, group: Group, measure: Measure | None, subject: str) -> float | None:
    at = position(run.basis.evaluators[REPORTING], group.kind, subject)
    if measure is None or at is None or measure.text is not None or not measure.value.known[at]:
        return None
    return float(measure.value.floats[at])


##### One figure #######################################################################################################


def _explained(
    pair: Pair, group: Group, played: _Played, row: Any, changed: frozenset[tuple[str, ...]]
) -> Restated:
    facts = tuple(
        each for access in played.accesses if (each := fact_difference(pair, group, access, row.subject_id))
    )
    causes = list(merged(facts))
    values = [
        _value(pair.was, group, played.was, row.subject_id),
        _value(pair.was, group, played.under_rules, row.subject_id),
        _value(pair.now, group, played.now, row.subject_id),
    ]
    told = [_number(row.was), _number(row.now)]
    causes += _of_rules(pair, row, told, values, played)
    by_facts = _minus(values[2], values[1])
    if not facts and (not causes or by_facts not in (None, 0.0)):
        causes += _from_elsewhere(pair, group, played, row, changed)
    return Restated(row, _adding_up(tuple(causes), facts, row, by_facts), facts)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _of_rules(
    pair: Pair, row: Any, told: list[float | None], values: list[float | None], played: _Played
) -> list[Cause]:
    """What the definition, or the program, and the policy brought: the same facts, worked out by other rules."""
    made = []
    before, after = _minus(values[0], told[0]), _minus(told[1], values[2])
    by_program = None if before is None and after is None else (before or 0.0) + (after or 0.0)
    if row.definition_was != row.definition_now and by_program != 0.0:
        made.append(
            Cause(
                DEFINITION,
                amount=by_program,
                columns=(f"v{row.definition_was:g}", f"v{row.definition_now:g}"),
            )
        )
    elif by_program is not None and abs(by_program) > CLOSE:
        made.append(Cause(PROGRAM, amount=by_program))
    by_policy = _minus(values[1], values[0])
    if (by_policy is not None and abs(by_policy) > CLOSE) or _texts_differ(pair, row, played):
        made.append(Cause(POLICY, amount=by_policy))
    return made


def _texts_differ(pair: Pair, row: Any, played: _Played) -> bool:
    if pair.under_rules is None or played.was is None or played.was.text is None:
        return False
    at = position(pair.was.basis.evaluators[REPORTING], row.subject_kind, row.subject_id)
    under = played.under_rules.text if played.under_rules is not None else None
    return at is not None and under is not None and under[at] != played.was.text[at]


def _from_elsewhere(
    pair: Pair, group: Group, played: _Played, row: Any, changed: frozenset[tuple[str, ...]]
) -> list[Cause]:
    """No fact of its own changed: a metric with memory follows the month before, a rank what became of others."""
    if group.metric.kind == "replayed":
        month_before = (row.metric, row.subject_kind, row.subject_id, str(_day(row.from_on)))
        if month_before in changed:
            return [Cause(REMEMBERED)]
    if regrouped := _regrouped(pair, group, played):
        return list(grouped(regrouped, 0))
    if members := _members_moved(pair, group, played, row.subject_id):
        return [Cause(OWNERSHIP if group.kind in OF_PEOPLE else RE_PARENTED, members)]
    everyone = replace(group, kind="portfolio")
    others = [
        each for access in played.accesses if (each := fact_difference(pair, everyone, access, PORTFOLIO))
    ]
    return [Cause(OTHERS, max(cause.rows for each in others for cause in each.causes))] if others else []


def _members_moved(pair: Pair, group: Group, played: _Played, subject: str) -> int:
    """How many accounts or customers count for the subject in one run only, or by another share."""
    moved = 0
    for access in played.accesses:
        fact = FACTS.get(access.fact)
        if fact.kind == "account" and access.from_on is not None:
            was, now = (_members(run, fact, group, access, subject) for run in pair.both)
            moved = max(moved, len(was ^ now))
    return moved


def _members(run: Run, fact: Fact, group: Group, access: Access, subject: str) -> set[tuple[str, int]]:
    """The members of a subject for an account fact, each with what it brings."""
    evaluator = run.basis.evaluators[OWN if group.own(run) else REPORTING]
    at = position(evaluator, group.kind, subject)
    window = Window("asked", "asked", access.from_on or access.until_on, access.until_on)
    held = evaluator.member_shares(fact, group.kind, window, access.breakdown)
    ids = evaluator.subjects[fact.member].ids
    mine = np.flatnonzero(held.owner == (-2 if at is None else at))
    return {(ids[held.member[each]], int(held.quantity.values[each])) for each in mine}


def _regrouped(pair: Pair, group: Group, played: _Played) -> list[Behind]:
    """The items that belong to another customer: what compares customers changes, though no sum does."""
    facts = [(FACTS.get(access.fact), access) for access in played.accesses]
    behind = [
        pair.behind(fact, access, "customer", group.own(pair.now))
        for fact, access in facts
        if fact.kind != "account"
    ]
    found = {
        each.item: each
        for one in behind
        for mine in one.values()
        for each in mine
        if each.cause == RE_PARENTED
    }
    return list(found.values())


def _adding_up(
    causes: tuple[Cause, ...], facts: Sequence[FactDifference], row: Any, by_facts: float | None
) -> tuple[Cause, ...]:
    """The causes with what is not attributed; amounts of rows only where the facts' differences are the figure's."""
    total = _sum(_minus(each.now, each.was) for each in facts)
    adds = (
        by_facts is not None and total is not None and abs(total - by_facts) <= CLOSE * max(1.0, abs(total))
    )
    kept = causes if adds else tuple(_without_amount(each) for each in causes)
    if not adds:
        return kept or (Cause(UNKNOWN, amount=_number(row.difference)),)
    whole = by_facts if pd.isna(row.difference) else float(row.difference)
    rest = (whole or 0.0) - sum(each.amount or 0.0 for each in kept)
    unexplained = abs(rest) > CLOSE * max(1.0, abs(whole or 0.0))
    return (*kept, Cause(UNKNOWN, amount=rest)) if unexplained else kept


def _sum(values: Any) -> float | None:
    known = list(values)
    return None if any(each is None for each in known) else float(sum(known))


def _without_amount(cause: Cause) -> Cause:
    return cause if cause.cause in (DEFINITION, PROGRAM, POLICY) else replace(cause, amount=None)
