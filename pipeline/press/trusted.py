"""What a client's document may not know: figures and rows that rest on tables of its rows that cannot be trusted.

A section that is made for such a table is withheld by name. A cover or a summary gathers figures from everywhere: it is
made without these, as though the exports had not brought them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.gate import quality
from pipeline.gate.readers import fact_tables, metrics_on
from pipeline.press.slices import Reading, Slice
from pipeline.settings import SalesBasis

REASON = "withheld"


def distrusted_by_customer(run: Path, customer_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The tables that cannot be trusted of a customer: those of any of its accounts, whose rows its figures add up."""
    found: dict[str, set[str]] = {}
    for entry in quality.distrusted(run):
        found.setdefault(customer_of.get(entry.subject_id, entry.subject_id), set()).add(entry.table)
    return {customer: frozenset(tables) for customer, tables in found.items()}


def trusted(subject: Slice, distrusted: Collection[str], basis: SalesBasis) -> Slice:
    """The slice without the rows that rest on these canonical tables, their readings unknown."""
    if not distrusted:
        return subject
    metrics, tables = metrics_on(distrusted, basis), fact_tables(distrusted, basis)
    return replace(
        subject,
        readings=tuple(_unknown(each) if each.metric in metrics else each for each in subject.readings),
        tables={name: rows for name, rows in subject.tables.items() if name not in tables},
    )


def _unknown(reading: Reading) -> Reading:
    return replace(
        reading,
        value=None, text=None, reason=REASON, numerator=None, denominator=None, n=None, low=None, high=None,
        before=None, year_ago=None, coverage=None, verdict="none",
    )  # fmt: skip
