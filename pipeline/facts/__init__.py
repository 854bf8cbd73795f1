"""Facts: row-level measures that add up. One function each, by business theme; the engine does the summing.

A *flow* falls on a date. A *stock* holds from a date until another and is read on a window's last day. A *sample*
keeps the row values. An *account fact* is a function of one account's (or customer's) facts in a window, worked
out before adding, for what is not linear. A *cell* is a flow kept for each account and product (or what else is
named), read by account facts alone. A *stated* fact is said of a subject itself, as a target is of a team.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pipeline.errors import SettingsError
from pipeline.plugins import Registry
from pipeline.schema import SCALE
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

FactKind = Literal["flow", "stock", "sample", "account", "cell", "stated"]
FactUnit = Literal["money", "count", "hours", "days", "quantity", "share"]
Member = Literal["account", "customer"]
History = Literal["feed", "beside", "register"]
"""What the first row of a fact's table means. Of a *feed* nothing is known before it, and figures are made from then on;
*beside*: nothing is known before it either, but figures may go back further; a *register* is complete, so that before
its first row there was nothing."""
_EXACT_UNITS = frozenset({"money", "hours", "quantity", "share"})
RESERVED = frozenset(
    "before year_ago back trailing at_start opening mean accounts customers cells days months rule start_of_history"
    " text chosen remembered once".split()
)
"""Names that metrics use for views of their facts; no fact may have one of them."""


@dataclass(frozen=True)
class Fact:
    """One fact: where its rows are, when they count, and the function that measures them.

    `by` names columns over which the fact adds up (breakdowns); `only_by` columns over which it does not, so that
    a metric must ask for one of them (OTIF on three bases counts each order three times). The breakdowns of an
    account fact have no column: `values` names what each can be, `is_sum_of_values` that the whole is all of them
    together. A cell is kept `within` these columns. `history` says
    what the first row of the table means, see `History`.
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
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_sum_of_values: bool = False
    within: tuple[str, ...] = ()
    history: History = "feed"

    @property
    def scale(self) -> int:
        """The fact is an integer in units of 1/scale."""
        return SCALE if self.unit in _EXACT_UNITS or self.is_shared_count else 1

    @property
    def is_shared_count(self) -> bool:
        """Whether rows are measured in ones and added in ten-thousandths, so that owners have their share of each."""
        return self.unit == "count" and self.kind in ("flow", "stock")

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
    history: History = "feed",
) -> Callable[[Measure], Measure]:
    """Declare a fact whose rows fall on the date in column `on`."""

    def register(measure: Measure) -> Measure:
        name = _name(measure)
        _add(
            Fact(name, "flow", unit, label, measure, table, on, "", by, only_by, has_product, history=history)
        )
        return measure

    return register


def stock(
    *,
    table: str,
    on: str,
    until: str,
    unit: FactUnit,
    label: Words,
    by: tuple[str, ...] = (),
    only_by: tuple[str, ...] = (),
    history: History = "beside",
) -> Callable[[Measure], Measure]:
    """Declare a fact whose rows hold from the day in column `on` until the day in `until` (exclusive, may be NaT)."""

    def register(measure: Measure) -> Measure:
        name = _name(measure)
        _add(Fact(name, "stock", unit, label, measure, table, on, until, by, only_by, history=history))
        return measure

    return register


def cell(
    *, table: str, on: str, unit: FactUnit, label: Words, within: tuple[str, ...]
) -> Callable[[Measure], Measure]:
    """Declare a flow that is kept for each account and each combination of the columns `within`.

    Account facts read it as `f.cells.<name>`, for what is worked out product by product before it is added.
    """

    def register(measure: Measure) -> Measure:
        _add(Fact(_name(measure), "cell", unit, label, measure, table, on, within=within))
        return measure

    return register


def stated(
    *, table: str, on: str, unit: FactUnit, label: Words, until: str = "", by: tuple[str, ...] = ()
) -> Callable[[Measure], Measure]:
    """Declare a fact said of a subject itself: its rows carry `subject_kind` and `subject_id`, not an account.

    With `until` it holds over a span like a stock. Where nothing is stated it is not known; it is never 0.
    """

    def register(measure: Measure) -> Measure:
        _add(Fact(_name(measure), "stated", unit, label, measure, table, on, until, by, history="beside"))
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
    *,
    member: Member,
    unit: FactUnit,
    label: Words,
    by: Mapping[str, tuple[str, ...]] | None = None,
    is_sum_of_values: bool = False,
) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare a fact worked out for each account or customer from its own facts, before they are added.

    `by` names breakdowns over which it adds up and their values; the function finds the one asked for with
    `f.chosen(name)`, empty for the whole. Where the whole is the sum of the values it stays so for whoever shares a
    member, to the last digit: each value is shared by itself.
    """
    values = by or {}

    def register(measure: Callable[[Any], Any]) -> Callable[[Any], Any]:
        name = _name(measure)
        _add(
            Fact(
                name,
                "account",
                unit,
                label,
                measure,
                member=member,
                by=tuple(values),
                values=dict(values),
                is_sum_of_values=is_sum_of_values,
            )
        )
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
