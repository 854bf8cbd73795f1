"""Facts: row-level measures that add up. One function each, by business theme; the engine does the summing.

A *flow* falls on a date. A *stock* holds from a date until another and is read on a window's last day. A *sample*
keeps the row values. An *account fact* is a function of one account's (or customer's) facts in a window, worked
out before adding, for what is not linear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.errors import SettingsError
from pipeline.plugins import Registry
from pipeline.schema import SCALE
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

FactKind = Literal["flow", "stock", "sample", "account"]
FactUnit = Literal["money", "count", "hours", "days", "quantity", "share"]
Member = Literal["account", "customer"]
_EXACT_UNITS = frozenset({"money", "hours", "quantity", "share"})
RESERVED = frozenset(
    "before year_ago back trailing at_start opening mean accounts customers days months rule start_of_history".split()
)
"""Names that metrics use for views of their facts; no fact may have one of them."""


@dataclass(frozen=True)
class Fact:
    """One fact: where its rows are, when they count, and the function that measures them.

    `by` names columns over which the fact adds up (breakdowns); `only_by` columns over which it does not, so that
    a metric must ask for one of them (OTIF on three bases counts each order three times).
    """

    name: str
    kind: FactKind
    unit: FactUnit
    label: Words
    measure: Callable[[Any], Any]
    table: str = ""
    on: str = ""
    until: str = ""
    by: tuple[str, ...] = ()
    only_by: tuple[str, ...] = ()
    has_product: bool = False
    member: Member = "account"

    @property
    def scale(self) -> int:
        """The fact is an integer in units of 1/scale."""
        return SCALE if self.unit in _EXACT_UNITS else 1

    @property
    def breakdowns(self) -> tuple[str, ...]:
        return self.by + self.only_by


FACTS: Registry[Fact] = Registry("fact", "pipeline.facts")
Measure = Callable[["pd.DataFrame"], "pd.Series[Any]"]


def flow(
    *,
    table: str,
    on: str,
    unit: FactUnit,
    label: Words,
    by: tuple[str, ...] = (),
    only_by: tuple[str, ...] = (),
    has_product: bool = False,
) -> Callable[[Measure], Measure]:
    """Declare a fact whose rows fall on the date in column `on`."""

    def register(measure: Measure) -> Measure:
        _add(Fact(_name(measure), "flow", unit, label, measure, table, on, "", by, only_by, has_product))
        return measure

    return register


def stock(
    *, table: str, on: str, until: str, unit: FactUnit, label: Words, by: tuple[str, ...] = ()
) -> Callable[[Measure], Measure]:
    """Declare a fact whose rows hold from the day in column `on` until the day in `until` (exclusive, may be NaT)."""

    def register(measure: Measure) -> Measure:
        _add(Fact(_name(measure), "stock", unit, label, measure, table, on, until, by))
        return measure

    return register


def sample(
    *, table: str, on: str, unit: FactUnit, label: Words, only_by: tuple[str, ...] = ()
) -> Callable[[Measure], Measure]:
    """Declare a fact that keeps its row values, for medians and percentiles at any grain."""

    def register(measure: Measure) -> Measure:
        _add(Fact(_name(measure), "sample", unit, label, measure, table, on, "", (), only_by))
        return measure

    return register


def account_fact(
    *, member: Member, unit: FactUnit, label: Words
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare a fact worked out for each account or customer from its own facts, before they are added."""

    def register(measure: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _add(Fact(_name(measure), "account", unit, label, measure, member=member))
        return measure

    return register


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", ""))


def _add(fact: Fact) -> None:
    if fact.name in RESERVED:
        raise SettingsError(
            where=f"fact {fact.name}",
            what="this name is a view that metrics use",
            fix="give the fact another name",
            code="KB-1022",
        )
    FACTS.add(fact.name, fact)
