"""Who reads a table: the sections and metrics whose figures rest on it, through facts and derived tables.

What cannot be trusted of a table must reach no page. Which pages that concerns is read off what sections, metrics and
derived tables name, so that a section added later is withheld by the same suites.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from functools import cache

from pipeline.catalogue import facts_used
from pipeline.derived import DERIVED, Derived
from pipeline.facts import FACTS
from pipeline.gate.traces import THROUGH, parent_of
from pipeline.metrics import METRICS
from pipeline.press.reports import REPORTS, every_section
from pipeline.sections import SECTIONS, Section
from pipeline.settings import SalesBasis

_SOLD: dict[SalesBasis, frozenset[str]] = {
    "ordered": frozenset({"orders", "order_lines"}),
    "invoiced": frozenset({"invoices"}),
    "contracted": frozenset({"contracts"}),
    "won": frozenset({"opportunities"}),
}
"""What sales are made of. The module that makes them names all, but reads those of the setting alone."""
_HELPERS = ("pipeline.derived.", "pipeline.watch.")
"""Where the modules stand that derived tables are made with."""


@cache
def sections_on(table: str, basis: SalesBasis) -> tuple[str, ...]:
    """The sections of a customer's documents that are made for what a canonical table tells, sorted.

    Documents about anybody else (a manager, the portfolio) are made all the same: what they say of the customer is
    hidden from them, see `metrics_on`.
    A section without evidence of its own (a cover, a summary) stands in every document of its kind and gathers what
    others tell. It is not left out; the figures that rest on the table are hidden from it, see `metrics_on`.
    """
    return tuple(sorted(name for name in _of_customers() if _is_made_for(SECTIONS.get(name), table, basis)))


def _of_customers() -> frozenset[str]:
    return frozenset(
        each.name
        for report in REPORTS.values()
        if report.subject_kind == "customer"
        for each in every_section(report)
    )


def metrics_on(tables: Iterable[str], basis: SalesBasis) -> frozenset[str]:
    """The metrics made of a fact that rests on one of these canonical tables."""
    read = fact_tables(tables, basis)
    return frozenset(name for name in METRICS.all() if _measured_on(name) & read)


def fact_tables(tables: Iterable[str], basis: SalesBasis) -> frozenset[str]:
    """The tables that facts are measured on and that lack something where rows of these canonical tables do."""
    return frozenset(name for table in tables for name in _made_of(table, basis))


@cache
def _made_of(table: str, basis: SalesBasis) -> frozenset[str]:
    """A canonical table, the tables whose rows follow theirs into quarantine, and what is derived of them."""
    made = {table, *(child for child in THROUGH if parent_of(child) == table)}
    derived = DERIVED.all()
    while more := {name for name, entry in derived.items() if _inputs(entry, basis) & made} - made:
        made |= more
    return frozenset(made)


def _inputs(entry: Derived, basis: SalesBasis) -> frozenset[str]:
    """The tables that a derived table reads, canonical or derived.

    Those that it reads only where they are there are not among those it declares to need: the module names them, or
    one that it borrows from.
    """
    if entry.name == "sales":
        return _SOLD[basis]
    module = inspect.getmodule(entry.make)
    named = _texts(module.__name__) if module is not None else frozenset()
    return frozenset((*entry.needs, *entry.reads, *entry.gathers)) | named


@cache
def _texts(module: str) -> frozenset[str]:
    """The texts that stand in a module's code, and in that of the modules it borrows from, and so on."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    own = frozenset(value for value in values if isinstance(value, str))
    return own.union(*(_texts(each) for each in _borrowed(tree)))


def _borrowed(tree: ast.Module) -> frozenset[str]:
    """The modules imported that only help to make derived tables; one that makes its own is reached by its name."""
    makers = {inspect.getmodule(each.make) for each in DERIVED.all().values()}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names = {
        name
        for node in imports
        for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names))
    }
    return frozenset(
        name for name in names
        if name is not None and name.startswith(_HELPERS) and sys.modules.get(name) not in (None, *makers)
    )  # fmt: skip


def _is_made_for(section: Section, table: str, basis: SalesBasis) -> bool:
    if not section.evidence:
        return False
    measured = {
        name for metric in (*section.metrics, *section.evidence_metrics) for name in _measured_on(metric)
    }
    return bool(_made_of(table, basis) & {*section.tables, *measured})


@cache
def _measured_on(metric: str) -> frozenset[str]:
    return frozenset(FACTS.get(name).table for name in facts_used(METRICS.get(metric))) - {""}
