"""Slices: what a document may know of its subject, and nothing else; only that reaches the process that draws.

A client's slice holds the readings and rows of that customer alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import SettingsError, nearest
from pipeline.metrics import METRICS
from pipeline.periods import Window
from pipeline.press.tables import AUDIENCES, TABLES


@dataclass(frozen=True)
class Subject:
    """Who or what a document is about: a customer, one of our managers or teams, or the whole portfolio.

    Texts that are not known are empty. Columns of `customers`, `accounts` and `managers` in `facts/`.
    """

    subject_id: str
    name: str
    name_en: str = ""
    currency: str = ""
    language: str = ""
    brand: str = ""
    owner_name: str = ""
    customer_id: str = ""
    """Of an account: whose it is."""
    team_id: str = ""
    team_name: str = ""
    lead_name: str = ""
    kind: str = "customer"
    consent: str = ""
    """Of a customer: what they agreed to, `story` where their success may be told."""

    @property
    def has_agreed(self) -> bool:
        """Whether the customer's success may be told."""
        return self.consent == "story"

    def named(self, *, in_han: bool) -> str:
        """The name as a document in a Han script, or in another, prints it."""
        return self.name if in_han else self.name_en or self.name


@dataclass(frozen=True)
class Reading:
    """One reading: a metric of one subject in one window. Columns of `readings.parquet`; None is unknown."""

    subject_kind: str
    subject_id: str
    metric: str
    breakdown: str
    window: str
    period: str
    from_on: date
    until_on: date
    value: float | None
    text: str | None
    reason: str
    unit: str
    currency: str
    numerator: float | None
    denominator: float | None
    n: float | None
    low: float | None
    high: float | None
    before: float | None
    year_ago: float | None
    target: float | None
    coverage: float | None
    verdict: str
    definition: int
    audience: str

    @property
    def is_known(self) -> bool:
        return self.value is not None

    @property
    def last_on(self) -> date:
        """The last day of its window."""
        return self.until_on - timedelta(days=1)


READING_COLUMNS = tuple(field.name for field in fields(Reading))


@dataclass(frozen=True)
class Issue:
    """What one issue of a report printed and sent: the first of its period has number 1."""

    period: str
    number: int
    readings: tuple[Reading, ...]

    @property
    def until_on(self) -> date:
        """The day after the last that it tells of."""
        return max(each.until_on for each in self.readings)


@dataclass(frozen=True)
class Slice:
    """All that a document may know of its subject. A client's holds that customer alone."""

    subject: Subject
    readings: tuple[Reading, ...]
    tables: Mapping[str, pd.DataFrame]
    withheld: tuple[str, ...] = ()
    """Names of sections about which nothing may be printed."""
    members: tuple[Slice, ...] = ()
    """Of an internal document: those whom it is about (the customers of a manager), each with its own readings."""
    held_back: tuple[str, ...] = ()
    """Of an internal document: members whose own documents validation holds back."""
    issued: tuple[Issue, ...] = ()
    """Of a client: what was printed and sent before, in order."""
    made_for: tuple[str, str] | None = None
    """The kind and edition of the internal document that it is for; None: for every document for the client."""

    def serves(self, kind: str, edition: str, audience: str) -> bool:
        """Whether a document may be made of it: a client's of a client's slice, any other of its own alone."""
        return self.made_for is None if audience == "client" else self.made_for == (kind, edition)

    @property
    def currency(self) -> str:
        return self.subject.currency


def customers(run: Path) -> tuple[Subject, ...]:
    """Every customer of a run, by id."""
    columns = ("name", "name_en", "currency", "language", "brand", "owner_name")
    return _subjects(run, "customer", columns)


def accounts(run: Path) -> tuple[Subject, ...]:
    """Every account of a run, by id."""
    return _subjects(run, "account", ("name", "name_en", "customer_id"))


def managers(run: Path, window: Window) -> tuple[Subject, ...]:
    """The managers of a run who had not left before the window, by id."""
    everyone = _subjects(run, "manager", ("name", "team_id", "team_name", "lead_name"))
    rows = pd.read_parquet(run / "facts" / "managers.parquet", columns=["manager_id", "left_on"])
    gone = set(rows.loc[rows["left_on"] < np.datetime64(window.from_on), "manager_id"])
    return tuple(each for each in everyone if each.subject_id not in gone)


def teams(managers: Iterable[Subject]) -> tuple[Subject, ...]:
    """The teams of these managers, by id; whoever most of a team report to is its lead."""
    own: dict[str, list[Subject]] = {}
    for each in managers:
        if each.team_id:
            own.setdefault(each.team_id, []).append(each)
    return tuple(_team(name, people) for name, people in sorted(own.items()))


def _team(team_id: str, people: Sequence[Subject]) -> Subject:
    leads = Counter(each.lead_name for each in people if each.lead_name)
    return Subject(
        team_id,
        people[0].team_name or team_id,
        team_id=team_id,
        team_name=people[0].team_name,
        lead_name=leads.most_common(1)[0][0] if leads else "",
        kind="team",
    )


def products(run: Path) -> tuple[Subject, ...]:
    """Every product of a run that has an id, by id; none where the export names no products."""
    path = run / "tables" / "products.parquet"
    if not path.is_file():
        return ()
    rows = pd.read_parquet(path, columns=["product_id", "name"]).dropna(subset=["product_id"])
    rows = rows.drop_duplicates("product_id").sort_values("product_id", kind="stable")
    return tuple(
        Subject(str(key), _text(name) or str(key), kind="product")
        for key, name in zip(rows["product_id"], rows["name"], strict=True)
    )


def _subjects(run: Path, kind: str, columns: tuple[str, ...]) -> tuple[Subject, ...]:
    key, path = f"{kind}_id", f"facts/{kind}s.parquet"
    rows = _declared(pd.read_parquet(run / path), [key, *columns], path).sort_values(key, kind="stable")
    return tuple(
        Subject(subject_id=row[key], kind=kind, **{name: _text(row[name]) for name in columns})
        for row in rows.to_dict("records")
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _declared(rows: pd.DataFrame, names: Iterable[str], where: str) -> pd.DataFrame:
    """Exactly these columns. SettingsError KB-1044 where the file has no such column."""
    wanted = list(names)
    for name in wanted:
        if name not in rows.columns:
            raise SettingsError(
                where=where,
                what=f"has no column {name!r}",
                nearest=nearest(name, [str(column) for column in rows.columns]),
                fix="run kambook compute again",
                code="KB-1044",
            )
    return rows[wanted]


def readings_of(
    run: Path,
    subject_kind: str,
    audience: str,
    metrics: Collection[str] | None = None,
    until_on: date | None = None,
) -> dict[str, tuple[Reading, ...]]:
    """The readings of every subject of a kind, as far as they are meant for the audience, by subject.

    Only those of `metrics`, and of windows that end with `until_on`, where these are given.
    """
    allowed = list(AUDIENCES[: AUDIENCES.index(audience) + 1])
    wanted = (pc.field("subject_kind") == subject_kind) & pc.field("audience").isin(allowed)
    if metrics is not None:
        wanted &= pc.field("metric").isin(sorted(metrics))
    if until_on is not None:
        wanted &= pc.field("until_on") == until_on
    table = pq.read_table(run / "readings.parquet", columns=list(READING_COLUMNS), filters=wanted)
    found: dict[str, list[Reading]] = {}
    for row in table.to_pylist():
        found.setdefault(row["subject_id"], []).append(reading_of(row))
    return {subject: tuple(rows) for subject, rows in found.items()}


def reading_of(row: Mapping[str, Any]) -> Reading:
    """A row of `readings.parquet` as a reading."""
    texts = {name: row[name] or "" for name in ("reason", "currency", "breakdown", "verdict")}
    return Reading(**{**row, **texts})


def tables_of(run: Path, names: Iterable[str]) -> Iterator[dict[str, dict[str, pd.DataFrame]]]:
    """The rows of these fact tables by customer, one part of the customers after another: customer → table → rows.

    A table is one file or a folder of parts; the rows of a customer stand in the same part of every table.
    """
    files = {name: _parts(run / "facts" / f"{name}.parquet") for name in sorted(set(names))}
    for part in sorted({part for parts in files.values() for part in parts}):
        found: dict[str, dict[str, pd.DataFrame]] = {}
        for name, parts in files.items():
            if part in parts:
                for customer, rows in pd.read_parquet(parts[part]).groupby("customer_id", sort=True):
                    found.setdefault(str(customer), {})[name] = rows.reset_index(drop=True)
        yield found


def _parts(path: Path) -> dict[str, Path]:
    if path.is_dir():
        return {file.stem: file for file in sorted(path.glob("*.parquet"))}
    return {"": path} if path.is_file() else {}


def readable(slice_: Slice, table: str) -> pd.DataFrame:
    """The customer's rows of a table, with the columns that a document may read; no rows where there is no table."""
    rows = slice_.tables.get(table)
    columns = list(TABLES[table].columns)
    return (
        pd.DataFrame(columns=columns) if rows is None else _declared(rows, columns, f"facts/{table}.parquet")
    )


def inside(rows: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    """The rows that fall into a window by the date in `column`."""
    if rows.empty:
        return rows
    day = rows[column]
    return rows[(day >= np.datetime64(window.from_on)) & (day < np.datetime64(window.until_on))]


def held_within(holdings: pd.DataFrame, from_on: date, until_on: date) -> pd.DataFrame:
    """The rows of `holdings` in force on any day of a closed-open span."""
    begun = holdings["from_on"].isna() | (holdings["from_on"] < np.datetime64(until_on))
    lasting = holdings["to_on"].isna() | (holdings["to_on"] > np.datetime64(from_on))
    return holdings[begun & lasting]


def by_key(subject: Slice) -> dict[tuple[str, str, str, str], list[Reading]]:
    """The readings of a slice by metric, breakdown, window and period."""
    found: dict[tuple[str, str, str, str], list[Reading]] = {}
    for row in subject.readings:
        found.setdefault((row.metric, row.breakdown, row.window, row.period), []).append(row)
    return found


def part_of(reading: Reading, part: str) -> float | None:
    """The number that a part of a reading is.

    `missed` is what of the denominator is not in the numerator; `attainment` the value over its target, or the target
    over the value where less is better, and 0 where the value is below zero.
    """
    if part == "missed":
        if reading.numerator is None or reading.denominator is None:
            return None
        return reading.denominator - reading.numerator
    if part == "attainment":
        return _attainment(reading)
    value: float | None = getattr(reading, part)
    return value


def _attainment(reading: Reading) -> float | None:
    if reading.value is None or reading.target is None or reading.target <= 0:
        return None
    if METRICS.get(reading.metric).better == "lower":
        return reading.target / reading.value if reading.value > 0 else None
    return max(reading.value / reading.target, 0.0)


def month_of(first: date, until: date) -> Window:
    """The window of a month, as readings name it: a whole one by its month, an unfinished one by its last day."""
    whole = until.day == 1
    last = until - timedelta(days=1)
    return Window("month", f"{last:%Y-%m}" if whole else f"{last:%Y-%m-%d}", first, until)


def unknown(
    subject: Subject, metric: str, breakdown: str, window: Window, reason: str, entry: Any
) -> Reading:
    """A reading that is not known; `entry` is the metric's in the catalogue."""
    return Reading(
        subject_kind=subject.kind,
        subject_id=subject.subject_id,
        metric=metric,
        breakdown=breakdown,
        window=window.name,
        period=window.period,
        from_on=window.from_on,
        until_on=window.until_on,
        value=None,
        text=None,
        reason=reason,
        unit=entry.unit,
        currency="",
        numerator=None,
        denominator=None,
        n=None,
        low=None,
        high=None,
        before=None,
        year_ago=None,
        target=None,
        coverage=None,
        verdict="none",
        definition=entry.definition,
        audience=entry.audience,
    )
