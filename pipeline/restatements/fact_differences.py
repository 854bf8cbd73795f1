"""A fact that a figure was made of, in both runs: by how much it differs, and the causes that add up to that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.engine.evaluate import Breakdown, Evaluator
from pipeline.engine.parts import OWN, REPORTING
from pipeline.engine.quantities import Quantity
from pipeline.evidence.basis import Access, Noting
from pipeline.facts import FACTS, Fact
from pipeline.metrics import Metric
from pipeline.periods import Window
from pipeline.restatements.causes import CAUSES, UNKNOWN, Behind, Pair
from pipeline.restatements.items import Run

CLOSE = 1e-9


@dataclass(frozen=True)
class Cause:
    """One cause of a difference: how many rows, of which table and columns, and what it brought (None: not additive)."""

    cause: str
    rows: int = 0
    amount: float | None = None
    table: str = ""
    columns: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Rows that changed, as `table:row`."""


@dataclass(frozen=True)
class FactDifference:
    """A fact that a figure was made of, in one window, in both runs; the causes add up to the difference."""

    fact: Fact
    access: Access
    was: float | None
    now: float | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Group:
    """Figures of a metric of one kind of subject, in one window, breakdown and currency."""

    metric: Metric
    kind: str
    window: Window
    breakdown: Breakdown
    currency: str

    def own(self, run: Run) -> str:
        """The currency to ask facts for; empty where it is the reporting one."""
        return "" if self.currency in ("", run.basis.setting.currency) else self.currency


def position(evaluator: Evaluator, kind: str, subject: str) -> int | None:
    """Where a subject stands among those of its kind; None where the run has no such subject."""
    ids = evaluator.subjects[kind].ids
    return ids.index(subject) if subject in ids else None


def fact_difference(pair: Pair, group: Group, access: Access, subject: str) -> FactDifference | None:
    """A fact in both runs where it differs; the causes are those of its rows."""
    fact = FACTS.get(access.fact)
    if fact.kind == "account":
        return None  # worked out of the facts that are looked up beside it
    was, now = (_level(run, group, fact, access, subject) for run in pair.both)
    if was is not None and was == now:
        return None
    mine = pair.behind(fact, access, group.kind, group.own(pair.now)).get(subject, [])
    if not mine:
        return None
    causes = tuple(grouped(mine, 0 if fact.kind == "sample" else fact.scale))
    rest = None if was is None or now is None else now - was - sum(each.amount or 0.0 for each in causes)
    if rest is not None and abs(rest) > CLOSE * max(1.0, abs(was or 0.0)):
        causes = (*causes, Cause(UNKNOWN, amount=rest))
    return FactDifference(fact, access, was, now, causes)


def _level(run: Run, group: Group, fact: Fact, access: Access, subject: str) -> float | None:
    """The fact of one subject in a run; None of a sample, and where it is not known."""
    evaluator: Noting = run.basis.evaluators[OWN if group.own(run) else REPORTING]
    at = position(evaluator, group.kind, subject)
    if fact.kind in ("sample", "cell") or access.members:
        return None
    if at is None:
        return None if fact.kind == "stated" else 0.0
    found = _quantity(evaluator, fact, group.kind, access)
    return float(found.floats[at]) if found.known[at] else None


def _quantity(evaluator: Noting, fact: Fact, kind: str, access: Access) -> Quantity:
    if access.from_on is None and fact.kind == "stock":
        return Evaluator.level(evaluator, fact, kind, access.until_on, access.breakdown)
    begins = access.from_on or access.until_on
    window = Window("asked", "asked", begins, access.until_on)
    found = Evaluator.value(evaluator, fact, kind, window, access.breakdown)
    assert isinstance(found, Quantity)
    return found


def grouped(items: Sequence[Behind], scale: int) -> Iterator[Cause]:
    """The causes of some items, as they are told; `scale` 0: values that do not add up."""
    together: dict[tuple[str, str], list[Behind]] = {}
    for each in items:
        together.setdefault((each.cause, each.table), []).append(each)
    for (cause, table), mine in sorted(together.items(), key=lambda found: _place(*found[0])):
        changed = dict.fromkeys(f"{table}:{row}" for each in mine for row in each.rows)
        columns = sorted({name for each in mine for name in each.columns})
        amount = sum(each.difference for each in mine) / scale if scale else None
        yield Cause(cause, len(mine), amount, table, tuple(columns), tuple(changed))


def _place(cause: str, table: str) -> tuple[int, str]:
    return CAUSES.index(cause), table


def merged(facts: Sequence[FactDifference]) -> list[Cause]:
    """The causes of all facts together: the same rows change several facts, so they are counted once."""
    made: dict[tuple[str, str], Cause] = {}
    for each in (cause for fact in facts for cause in fact.causes):
        key = (each.cause, each.table)
        made[key] = _joined(made[key], each) if key in made else each
    return sorted(made.values(), key=lambda each: _place(each.cause, each.table))


def _joined(one: Cause, other: Cause) -> Cause:
    amounts = [each.amount for each in (one, other)]
    return Cause(
        one.cause,
        max(one.rows, other.rows),
        None if None in amounts else sum(each for each in amounts if each is not None),
        one.table,
        tuple(sorted({*one.columns, *other.columns})),
        tuple(dict.fromkeys((*one.examples, *other.examples))),
    )
