"""Slices of internal documents: a manager, a team or the portfolio, with the customers and managers that they tell of."""

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
from pipeline.press.reports import Report, report_of, sections_of
from pipeline.press.slices import Reading, Slice, Subject, held_within, month_of, readings_of, tables_of
from pipeline.press.tables import TABLES

INSIDE = ("manager", "team", "portfolio")
"""Kinds of subjects that only internal documents are about."""
_KEY = {
    "customer": "customer_id",
    "account": "account_id",
    "manager": "manager_id",
    "product": "product_id",
    "team": "team_id",
}
_SERVED = ("customer", "account")


def internal_slices(
    context: Context,
    asked: Mapping[tuple[str, str], Sequence[Subject]],
    subjects: Mapping[str, Sequence[Subject]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    """The slice of each subject that is asked for, in the company's currency; of its members what ends with the period.

    `asked` names them by the kind and edition of the document: each has slices of its own, with what its audience may see.
    `held_back` are the customers whose documents validation withholds wholly. A manager's members are the
    accounts held on any day of the period's month, and their customers; a team's those of its managers, and these;
    the portfolio's are all.
    """
    for (kind, edition), wanted in sorted(asked.items(), key=lambda each: each[0]):
        report = report_of(kind)
        make = _of_customers if report.subject_kind == "customer" else _slices
        if wanted:
            yield from make(context, report, edition, wanted, subjects, held_back)


def _slices(
    context: Context,
    report: Report,
    edition: str,
    wanted: Sequence[Subject],
    subjects: Mapping[str, Sequence[Subject]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    metrics = _metrics(report, edition)
    readings = readings_of(context.run, report.subject_kind, report.audience_of(edition), metrics)
    tables = _tables(context, report, edition)
    members = _members(context, report, edition, subjects, tables)
    period = month_of(month_start(context.period.as_of), context.period.until_on)
    for subject in wanted:
        own = tuple(_own(members, subject, tables["holdings"], period))
        customers = {each.subject.subject_id for each in own if each.subject.kind == "customer"}
        people = _people(subject, members)
        yield Slice(
            _in_currency(subject, context.settings.company.currency),
            readings.get(subject.subject_id, ()),
            {name: _rows_of(rows, people, customers) for name, rows in tables.items()},
            members=own,
            held_back=tuple(sorted(customers & set(held_back))),
            made_for=(report.kind, edition),
        )


def _metrics(report: Report, edition: str) -> frozenset[str]:
    return frozenset(name for section in sections_of(report, edition) for name in section.metrics)


def _of_customers(
    context: Context,
    report: Report,
    edition: str,
    wanted: Sequence[Subject],
    subjects: Mapping[str, Sequence[Subject]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    """The slices of customers for our own eyes: readings, rows and accounts of each, and the names of our managers."""
    del held_back  # a customer's own data under review withhold the document itself
    chosen = {each.subject_id for each in wanted}
    readings = readings_of(context.run, "customer", report.audience_of(edition), _metrics(report, edition))
    tables = _tables_by_customer(context, report, edition, chosen)
    members = _members(context, report, edition, subjects, {})
    for subject in wanted:
        own = (each for each in members if each.subject.customer_id in ("", subject.subject_id))
        yield Slice(
            _in_currency(subject, context.settings.company.currency),
            readings.get(subject.subject_id, ()),
            tables.get(subject.subject_id, {}),
            members=tuple(own),
            made_for=(report.kind, edition),
        )


def _tables_by_customer(
    context: Context, report: Report, edition: str, chosen: Collection[str]
) -> dict[str, dict[str, pd.DataFrame]]:
    """The rows of the tables that an edition reads, of these customers alone."""
    names = {name for section in sections_of(report, edition) for name in section.tables}
    return {
        customer: tables
        for part in tables_of(context.run, names)
        for customer, tables in part.items()
        if customer in chosen
    }


def _own(
    members: Sequence[Slice], subject: Subject, holdings: pd.DataFrame, period: Window
) -> Iterator[Slice]:
    """The members whom a subject's document tells of: those of a manager or of a team; all of the portfolio's."""
    people = _people(subject, members)
    if people is None:
        yield from members
        return
    told = {kind: _held(holdings, people, period, kind) for kind in _SERVED}
    told["manager"] = people
    for each in members:
        if each.subject.kind not in told or each.subject.subject_id in told[each.subject.kind]:
            yield each


def _people(subject: Subject, members: Sequence[Slice]) -> frozenset[str] | None:
    """The managers whose work a document tells of: the manager, those of a team; None for everybody's."""
    if subject.kind == "manager":
        return frozenset({subject.subject_id})
    if subject.kind == "team":
        return frozenset(
            each.subject.subject_id for each in members if each.subject.team_id == subject.subject_id
        )
    return None


def served_by(
    holdings: pd.DataFrame, manager: Subject, window: Window, kind: str = "customer"
) -> frozenset[str]:
    """The accounts that a manager held on any day of a window, or their customers."""
    return _held(holdings, {manager.subject_id}, window, kind)


def _held(holdings: pd.DataFrame, people: Collection[str], window: Window, kind: str) -> frozenset[str]:
    rows = holdings[holdings["manager_id"].isin(people)]
    return frozenset(held_within(rows, window.from_on, window.until_on)[_KEY[kind]])


def _members(
    context: Context,
    report: Report,
    edition: str,
    subjects: Mapping[str, Sequence[Subject]],
    tables: Mapping[str, pd.DataFrame],
) -> tuple[Slice, ...]:
    currency = context.settings.company.currency
    made: list[Slice] = []
    for kind in report.members:
        readings = readings_of(
            context.run, kind, report.audience_of(edition), _metrics(report, edition), context.period.until_on
        )
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


def _rows_of(rows: pd.DataFrame, people: Collection[str] | None, customers: Collection[str]) -> pd.DataFrame:
    """A table's rows for managers: their own where they name one, else those of their customers; all for None."""
    if people is None:
        return rows
    own = (
        rows["manager_id"].isin(people)
        if "manager_id" in rows.columns
        else rows["customer_id"].isin(customers)
    )
    return rows[own].reset_index(drop=True)


def _tables(context: Context, report: Report, edition: str) -> dict[str, pd.DataFrame]:
    """The tables that the edition's sections read, of all customers; `holdings` always, where it says who serves whom."""
    names = {name for section in sections_of(report, edition) for name in section.tables} - {"holdings"}
    company = {name for name in names if "subject_kind" in TABLES[name].columns}
    found: dict[str, list[pd.DataFrame]] = {}
    for part in tables_of(context.run, names - company):
        for tables in part.values():
            for name, rows in tables.items():
                found.setdefault(name, []).append(rows)
    made = {name: pd.concat(pieces, ignore_index=True) for name, pieces in sorted(found.items())}
    whole = {"holdings", *company}
    return made | {name: _whole(context.run, name) for name in sorted(whole)}


def _whole(run: Path, name: str) -> pd.DataFrame:
    """A table that belongs to no customer."""
    path = run / "facts" / f"{name}.parquet"
    return pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=list(TABLES[name].columns))


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
