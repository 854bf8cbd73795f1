"""People on both sides: hand-overs that are late, contacts nobody has visited, roles nobody has. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.schema import NO_ACCOUNT
from pipeline.watch.gaps import Span, short_of
from pipeline.watch.money import SPAN, Book, day_numbers, scaled
from pipeline.watch.months import last_day, whole_until
from pipeline.watch.rows import NEVER, Found, Version, after, first_of, sources_in, versions
from pipeline.watch.statistics import Flags

_DAY_HOURS = 24
_NEVER_SOLD = 4_000_000
"""A day far past any export: an account without sales has no history."""
_EVER, _FAR = np.datetime64("1990-01-01", "s"), np.datetime64("2200-01-01", "s")


def warnings(inputs: Inputs, accounts: Book, customers: Book) -> list[Found]:
    """Warnings about people; the books say since when there is a history, and what a year with a customer is worth."""
    found: list[Found] = []
    if inputs.has("contacts"):
        found += [*_handovers(inputs), *_unvisited(inputs, accounts), *_single_threaded(inputs, customers)]
    if inputs.has("assignments"):
        for rule, role in (("no_backup", "backup"), ("no_technical", "technical")):
            found += _unfilled(inputs, customers, rule, role)
    return found


def _handovers(inputs: Inputs) -> Iterator[Found]:
    """Changes of a contact or of an owner of ours that were not handed over within the hours of policy."""
    rows = inputs.made("handovers")
    rows = rows[rows["is_due"] & ~rows["is_met"]]
    for version in versions(inputs.policy, "handover_late"):
        yield from version.raised(_handover(row, version, inputs) for row in _each(rows))


def _handover(row: dict[str, Any], version: Version, inputs: Inputs) -> Found:
    left: pd.Timestamp = row["left_on"]
    hours = inputs.policy.at("contact", left.date()).handover_hours
    done = row["handed_over_at"]
    zone = inputs.settings.company.zone
    handed = None if pd.isna(done) else done.tz_convert(zone).tz_localize(None).normalize()
    raised = after(left, ceil(hours / _DAY_HOURS))
    return Found(
        row["account_id"], row["customer_id"], "handover_late", f"{row['side']}/{row['person_id']}",
        np.datetime64(left, "s"), raised, first_of(handed, after(raised, version.rule.open_days)),
        sources_in([row["_from"]]),
    )  # fmt: skip


def _unvisited(inputs: Inputs, accounts: Book) -> Iterator[Found]:
    """New contacts nobody visited within the days of policy, neither by their own record nor by an activity.

    Of contacts who came before the account's first sale in the exports it is not known who visited them then.
    """
    rows = inputs.made("new_contacts")
    contacts = inputs.tables["contacts"]
    left = contacts["left_at"].dt.tz_convert(inputs.settings.company.zone).dt.tz_localize(None).dt.normalize()
    at = pd.Index(contacts["contact_id"]).get_indexer(pd.Index(rows["contact_id"]))
    rows = rows.assign(left_on=left.take(at).array)
    began = day_numbers(rows["active_from_on"])
    known = [accounts.first_day(name, _NEVER_SOLD) for name in rows["account_id"]]
    rows = rows[began > np.array(known, dtype=np.int64)]
    visits = _visits(inputs)
    for version in versions(inputs.policy, "contact_unvisited"):
        made = [_new_contact(row, visits.get(row["contact_id"], []), version, inputs) for row in _each(rows)]
        yield from version.raised(each for each in made if each.until_on > each.raised_on)


def _visits(inputs: Inputs) -> dict[str, list[Any]]:
    """The days on which somebody of ours met each contact."""
    if not inputs.has("activities"):
        return {}
    rows = inputs.tables["activities"]
    met = (
        rows["held_on"].notna()
        & (rows["held_on"] < np.datetime64(inputs.until_on))
        & rows["contact_id"].notna()
    )
    rows = rows[met & ~rows["status"].fillna("").str.lower().isin(("planned", "cancelled"))]
    return {str(name): sorted(each) for name, each in rows.groupby("contact_id")["held_on"]}


def _new_contact(row: dict[str, Any], visits: list[Any], version: Version, inputs: Inputs) -> Found:
    """The warning about one new contact: over on the day of the visit, or when the contact left."""
    began: pd.Timestamp = row["active_from_on"]
    raised = after(began, inputs.policy.at("contact", began.date()).visit_days + 1)
    seen = first_of(row["visited_on"], row["left_on"], *(day for day in visits if day >= began))
    return Found(
        row["account_id"], row["customer_id"], "contact_unvisited", str(row["contact_id"]),
        np.datetime64(began, "s"), raised, first_of(seen, after(raised, version.rule.open_days)), sources_in([row["_from"]]),
    )  # fmt: skip


def _single_threaded(inputs: Inputs, customers: Book) -> Iterator[Found]:
    """Customers of some size with fewer people known than policy wants."""
    rows = inputs.tables["contacts"]
    rows = rows[rows["account_id"] != NO_ACCOUNT]
    left = rows["left_at"].dt.tz_convert(inputs.settings.company.zone).dt.tz_localize(None).dt.normalize()
    held = _spans(rows, rows["active_from_on"], left, "contacts")
    for version in versions(inputs.policy, "single_threaded"):
        yield from version.raised(_short(held, held, version, customers, inputs))


def _unfilled(inputs: Inputs, customers: Book, rule: str, role: str) -> Iterator[Found]:
    """Customers of some size whom somebody of ours owns, but for whom nobody has a role."""
    rows = inputs.tables["assignments"]
    rows = rows[rows["account_id"].isin(inputs.tables["accounts"]["account_id"])]
    spans = _spans(rows, rows["from_on"], rows["to_on"], "assignments")
    roles = rows["role"].fillna("owner").tolist()
    owned, filled = (
        [span for name, span in zip(roles, spans, strict=True) if name == wanted]
        for wanted in ("owner", role)
    )
    for version in versions(inputs.policy, rule):
        yield from version.raised(_short(owned, filled, version, customers, inputs))


def _spans(rows: pd.DataFrame, from_on: pd.Series, until_on: pd.Series, table: str) -> list[Span]:
    """The span of each row for its customer; from ever where no day is given, and still."""
    begun = from_on.fillna(pd.Timestamp(_EVER)).to_numpy().astype("datetime64[s]")
    ended = until_on.fillna(pd.Timestamp(_FAR)).to_numpy().astype("datetime64[s]")
    texts = (table + ":") + rows["_row"].astype("str")
    return [Span(*each) for each in zip(rows["customer_id"].astype("str"), begun, ended, texts, strict=True)]


def _short(
    served: list[Span], held: list[Span], version: Version, customers: Book, inputs: Inputs
) -> Iterator[Found]:
    """Where a customer is served, but for longer than the days of policy too few of these spans hold.

    Raised on the first end of a month by which a year with the customer was worth what policy asks for.
    """
    rule = version.rule
    ends, enough = _worth(customers, scaled(rule.least_amount), inputs)
    for gap in short_of(served, held, rule.least_count):
        code = customers.codes.get(gap.customer_id)
        inside = (ends >= after(gap.from_on, rule.days)) & (ends < gap.until_on)
        at = np.flatnonzero(inside & enough[code]) if code is not None else np.zeros(0, dtype=np.int64)
        if at.size:
            yield Found(
                gap.customer_id, gap.customer_id, rule.rule, "", gap.from_on, ends[at[0]],
                NEVER if gap.until_on >= _FAR else gap.until_on, sources_in(gap.sources),
            )  # fmt: skip


def _worth(customers: Book, least: int, inputs: Inputs) -> tuple[Any, Flags]:
    """The ends of the months, and for customers × ends whether the year up to then was worth so much."""
    until = whole_until(inputs.until_on)
    first = _month_of(int((customers.keys % SPAN).min())) if customers.keys.size else until
    ends = np.array([last_day(month) for month in range(first, until)], dtype="datetime64[s]")
    total, _ = customers.table(ends + np.timedelta64(1, "D"))
    return ends, total >= least


def _month_of(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))


def _each(rows: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    return found
