"""Slices of internal documents: a manager or the portfolio, with the customers and managers that they tell of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.context import Context
from pipeline.periods import Window, month_start
from pipeline.press.reports import REPORTS, Report, sections_of
from pipeline.press.slices import Reading, Slice, Subject, held_within, month_of, readings_of, tables_of

INSIDE = ("manager", "portfolio")
"""Kinds of subjects that only internal documents are about."""
_KEY = {"customer": "customer_id", "account": "account_id", "manager": "manager_id"}
_SERVED = ("customer", "account")


def internal_slices(
    context: Context,
    asked: Mapping[str, Sequence[Subject]],
    subjects: Mapping[str, Sequence[Subject]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    """The slice of each subject that is asked for, in the company's currency; of its members what ends with the period.

    `held_back` are the customers whose documents validation withholds wholly. A manager's members are the
    accounts held on any day of the period's month, and their customers; the portfolio's are all.
    """
    for report in (each for each in REPORTS.values() if each.subject_kind in INSIDE):
        wanted = asked[report.subject_kind]
        if wanted:
            yield from _slices(context, report, wanted, subjects, held_back)


def _slices(
    context: Context,
    report: Report,
    wanted: Sequence[Subject],
    subjects: Mapping[str, Sequence[Subject]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    metrics = {name for section in sections_of(report) for name in section.metrics}
    readings = readings_of(context.run, report.subject_kind, report.audience, metrics)
    tables = _tables(context, report)
    members = _members(context, report, metrics, subjects, tables)
    period = month_of(month_start(context.period.as_of), context.period.until_on)
    for subject in wanted:
        own = tuple(_own(members, subject, tables["holdings"], period))
        customers = {each.subject.subject_id for each in own if each.subject.kind == "customer"}
        yield Slice(
            _in_currency(subject, context.settings.company.currency),
            readings.get(subject.subject_id, ()),
            {name: _rows_of(rows, subject, customers) for name, rows in tables.items()},
            members=own,
            held_back=tuple(sorted(customers & set(held_back))),
        )


def _own(
    members: Sequence[Slice], subject: Subject, holdings: pd.DataFrame, period: Window
) -> Iterator[Slice]:
    """The members whom a subject's document tells of: a manager's customers and accounts; all of the portfolio's."""
    served = {kind: served_by(holdings, subject, period, kind) for kind in _SERVED}
    for each in members:
        kind = each.subject.kind
        if subject.kind != "manager" or kind not in served or each.subject.subject_id in served[kind]:
            yield each


def served_by(
    holdings: pd.DataFrame, manager: Subject, window: Window, kind: str = "customer"
) -> frozenset[str]:
    """The accounts that a manager held on any day of a window, or their customers."""
    rows = holdings[holdings["manager_id"] == manager.subject_id]
    return frozenset(held_within(rows, window.from_on, window.until_on)[_KEY[kind]])


def _members(
    context: Context,
    report: Report,
    metrics: Collection[str],
    subjects: Mapping[str, Sequence[Subject]],
    tables: Mapping[str, pd.DataFrame],
) -> tuple[Slice, ...]:
    currency = context.settings.company.currency
    made: list[Slice] = []
    for kind in report.members:
        readings = readings_of(context.run, kind, report.audience, metrics, context.period.until_on)
        rows = {name: _by_key(each, _KEY[kind]) for name, each in tables.items()}
        for subject in subjects[kind]:
            own = {
                name: groups[subject.subject_id]
                for name, groups in rows.items()
                if subject.subject_id in groups
            }
            told = tuple(each for each in readings.get(subject.subject_id, ()) if _is_in(each, currency))
            made.append(Slice(_in_currency(subject, currency), told, own))
    return tuple(made)


def _is_in(reading: Reading, currency: str) -> bool:
    return reading.currency in ("", currency)


def _in_currency(subject: Subject, currency: str) -> Subject:
    """The subject as an internal document tells of it: in the company's currency."""
    return replace(subject, currency=currency)


def _by_key(rows: pd.DataFrame, key: str) -> dict[str, pd.DataFrame]:
    if key not in rows.columns:
        return {}
    return {str(name): group.reset_index(drop=True) for name, group in rows.groupby(key, sort=True)}


def _rows_of(rows: pd.DataFrame, subject: Subject, customers: Collection[str]) -> pd.DataFrame:
    """A table's rows for a subject: its own where they name a manager, else those of its customers."""
    if subject.kind != "manager":
        return rows
    own = (
        rows["manager_id"] == subject.subject_id
        if "manager_id" in rows.columns
        else rows["customer_id"].isin(customers)
    )
    return rows[own].reset_index(drop=True)


def _tables(context: Context, report: Report) -> dict[str, pd.DataFrame]:
    """The tables that the report's sections read, of all customers; `holdings` always, where it says who serves whom."""
    names = {name for section in sections_of(report) for name in section.tables} - {"holdings"}
    found: dict[str, list[pd.DataFrame]] = {}
    for part in tables_of(context.run, names):
        for tables in part.values():
            for name, rows in tables.items():
                found.setdefault(name, []).append(rows)
    made = {name: pd.concat(pieces, ignore_index=True) for name, pieces in sorted(found.items())}
    return made | {"holdings": pd.read_parquet(context.run / "facts" / "holdings.parquet")}


def managers_at_work(
    everyone: Sequence[Subject], run: Path, until_on: date, window: Window
) -> tuple[Subject, ...]:
    """The managers who held an account on a day of the window, or have a target that ends with it."""
    holdings = pd.read_parquet(run / "facts" / "holdings.parquet")
    wanted = (
        (pc.field("subject_kind") == "manager")
        & (pc.field("until_on") == until_on)
        & (pc.field("metric") == "net_sales")
        & pc.field("target").is_valid()
    )
    named = set(
        pq.read_table(run / "readings.parquet", columns=["subject_id"], filters=wanted)[
            "subject_id"
        ].to_pylist()
    )
    return tuple(each for each in everyone if each.subject_id in named or served_by(holdings, each, window))
