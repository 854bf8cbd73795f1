"""Roles: who of ours the service plan promises each customer, and which roles of a decision at the customer are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.plan_windows import (
    AFTER,
    Span,
    Standings,
    applies,
    dates,
    in_force,
    joined_spans,
    started,
    top_rows,
    without,
)

Held = Mapping[tuple[str, str], Sequence[tuple[Span, str]]]
"""By customer and role the spans in which somebody has it, with the rows that say so."""
_NEAR = date(1990, 1, 1)
_NOBODY: Sequence[tuple[Span, str]] = ()
_COLUMNS = ("customer_id", "role", "is_held", "from_on", "until_on", "_from")


@derived("our_roles", "relationships", after=AFTER)
def role_duties(inputs: Inputs) -> pd.DataFrame:
    """One row per customer, role of ours that the service plan promises it, and span in which it was held or missing.

    The roles follow the customer's class and band and the rule of the day; who lapsed is promised none. An account
    with no owner in `assignments` at all has the one that it names itself. `until_on` is empty for what is still so.
    """
    standings, tops = Standings.of(inputs), top_rows(inputs)
    held = _held(inputs.tables["our_roles"], inputs)
    own = _named_owners(inputs)
    rows: list[dict[str, Any]] = []
    for customer, since in started(inputs):
        for role, spans in _promised(customer, since, standings, inputs).items():
            by = held.get((customer, role), _NOBODY)
            if role == "owner":
                by = by or own.get(customer, _NOBODY)
            rows += _judged(customer, role, spans, by, f"accounts:{tops[customer]}")
    return _shaped(rows, inputs)


def _promised(customer: str, since: date, standings: Standings, inputs: Inputs) -> dict[str, list[Span]]:
    """The spans in which the customer is promised each role."""
    lines = inputs.policy.all("roles")
    changes = standings.changes(customer) | {line.valid_from for line in lines} | {since}
    days = sorted(day for day in changes if since <= day < inputs.until_on)
    found: dict[str, list[Span]] = {}
    for first, last in zip(days, [*days[1:], inputs.until_on], strict=True):
        fitting = [line for line in in_force(lines, first) if applies(line, customer, first, standings)]
        for role in sorted({role for line in fitting for role in line.roles}):
            found.setdefault(role, []).append((first, last))
    return {role: joined_spans(spans) for role, spans in found.items()}


def _judged(
    customer: str, role: str, spans: Sequence[Span], held: Sequence[tuple[Span, str]], account: str
) -> Iterator[dict[str, Any]]:
    """A row for each span of a promise in which the role was held, and in which it was not."""
    for span in spans:
        for (first, last), source in held:
            common = max(first, span[0]), min(last, span[1])
            if common[0] < common[1]:
                yield _row(customer, role, common, is_held=True, source=source)
        for gap in without(span, [each for each, _ in held]):
            yield _row(customer, role, gap, is_held=False, source=account)


def _row(customer: str, role: str, span: Span, *, is_held: bool, source: str) -> dict[str, Any]:
    cells = (customer, role, is_held, *span, source)
    return dict(zip(_COLUMNS, cells, strict=True))


def _held(rows: pd.DataFrame, inputs: Inputs) -> dict[tuple[str, str], list[tuple[Span, str]]]:
    """Who has which role, from a table of spans that do not overlap."""
    found: dict[tuple[str, str], list[tuple[Span, str]]] = {}
    ordered = rows.sort_values(["customer_id", "role", "from_on"], kind="stable")
    cut_off = pd.Timestamp(inputs.until_on)
    until = ordered["until_on"].where(ordered["until_on"] < cut_off, cut_off)
    for customer, role, first, last, source in zip(
        ordered["customer_id"], ordered["role"], ordered["from_on"], until, ordered["_from"], strict=True
    ):
        span = first.date(), last.date()
        found.setdefault((str(customer), str(role)), []).append((span, str(source)))
    return found


def _named_owners(inputs: Inputs) -> dict[str, list[tuple[Span, str]]]:
    """For customers with an owner named on one of their accounts: all the time, as nothing is said of its history."""
    accounts = inputs.tables["accounts"].sort_values("account_id", kind="stable")
    named = accounts[accounts["owner_id"].notna()].drop_duplicates("customer_id")
    span = _NEAR, inputs.until_on
    return {
        str(customer): [(span, f"accounts:{row}")]
        for customer, row in zip(named["customer_id"], named["_row"], strict=True)
    }


def _shaped(rows: Sequence[dict[str, Any]], inputs: Inputs) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(_COLUMNS))
    until = dates(made["until_on"])
    return pd.DataFrame(
        {
            "account_id": made["customer_id"].astype("str"),
            "customer_id": made["customer_id"].astype("str"),
            "role": made["role"].astype("str"),
            "is_held": made["is_held"].astype(bool),
            "from_on": dates(made["from_on"]),
            "until_on": until.where(until < pd.Timestamp(inputs.until_on)),
            "_from": made["_from"].astype("str"),
        }
    )


@derived("client_roles", "relationships", after=AFTER)
def blind_spots(inputs: Inputs) -> pd.DataFrame:
    """One row per customer, role of a decision that policy expects, and span in which nobody is known to have it.

    From the first day of the relationship on; a customer that lapsed has none. The evidence is its account.
    """
    standings, tops = Standings.of(inputs), top_rows(inputs)
    held = _held(inputs.tables["client_roles"], inputs)
    expected = inputs.policy.at("contact", inputs.until_on - timedelta(days=1)).roles
    rows: list[dict[str, Any]] = []
    for customer, since in started(inputs):
        spans = _served(customer, since, standings, inputs)
        for role in expected:
            known = held.get((customer, role), _NOBODY)
            judged = _judged(customer, role, spans, known, f"accounts:{tops[customer]}")
            rows += [each for each in judged if not each["is_held"]]
    return _shaped(rows, inputs).drop(columns="is_held")


def _served(customer: str, since: date, standings: Standings, inputs: Inputs) -> list[Span]:
    """The spans of the relationship in which the customer had not lapsed."""
    days = sorted({since} | {day for day in standings.changes(customer) if since < day < inputs.until_on})
    pieces = zip(days, [*days[1:], inputs.until_on], strict=True)
    return joined_spans(
        [span for span in pieces if standings.at(customer, "lifecycle_stage", span[0]) != "lapsed"]
    )
