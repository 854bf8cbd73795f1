"""The windows in which lines of the service plan are due to a customer, and the spans in which something holds. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.periods import add_months, year_start

AFTER = ("customer_class", "lifecycle_stage", "revenue_band")
"""By what customers are told apart in the service plan."""
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAYS = {"week": 7, "two_weeks": 14}
Span = tuple[date, date]


@dataclass(frozen=True)
class Standings:
    """What each customer was from which day on, by metric."""

    known: Mapping[tuple[str, str], tuple[Any, list[str | None]]]

    @classmethod
    def of(cls, inputs: Inputs) -> Standings:
        if inputs.standings is None:
            return cls({})
        rows = inputs.standings.sort_values(["customer_id", "metric", "from_on"], kind="stable")
        groups = rows.groupby(["customer_id", "metric"], sort=False)
        return cls(
            {
                (str(key[0]), str(key[1])): (
                    each["from_on"].to_numpy().astype("datetime64[D]"),
                    [text if isinstance(text, str) else None for text in each["text"]],
                )
                for key, each in groups
            }
        )

    def at(self, customer: str, metric: str, day: date) -> str | None:
        """What the metric said of the customer by that day."""
        days, texts = self.known.get((customer, metric), (np.array([], "datetime64[D]"), []))
        place = int(np.searchsorted(days, np.datetime64(day), side="right")) - 1
        return texts[place] if place >= 0 else None

    def changes(self, customer: str) -> set[date]:
        """The days on which anything that is said of the customer changes."""
        nothing: tuple[Any, list[str | None]] = (np.array([], "datetime64[D]"), [])
        return {day for metric in AFTER for day in self.known.get((customer, metric), nothing)[0].tolist()}


@dataclass(frozen=True)
class Window:
    """A window in which a line of the plan is due."""

    line: Any
    from_on: date
    until_on: date


def started(inputs: Inputs) -> Iterator[tuple[str, date]]:
    """Each customer with the first day of its relationship."""
    rows = inputs.tables["relationships"].drop_duplicates("customer_id").sort_values("customer_id")
    for customer, day in zip(rows["customer_id"], rows["started_on"], strict=True):
        yield str(customer), day.date()


def windows_due(
    lines: Sequence[Any], customer: str, since: date, began: date, standings: Standings, inputs: Inputs
) -> Iterator[Window]:
    """The windows of all lines that begin from `began` on, each as often as its line counts.

    A line applies by what the customer was on the window's first day, by the version in force on that day; who lapsed
    is promised nothing. `since` is the first day of the relationship.
    """
    for name in dict.fromkeys(line.name for line in lines):
        versions = [line for line in lines if line.name == name]
        for place, line in enumerate(versions):
            ends = versions[place + 1].valid_from if place + 1 < len(versions) else inputs.until_on
            within = max(line.valid_from, began), min(ends, inputs.until_on)
            for span in _windows(line, since, within, inputs.settings.company.fiscal_year_start):
                if applies(line, customer, span[0], standings):
                    yield from (Window(line, *span) for _ in range(line.count))


def _windows(line: Any, since: date, within: Span, fiscal_start: int) -> Iterator[Span]:
    """The windows of a line that begin inside, as long as the relationship is in the line's span."""
    begins = add_months(since, line.age_from_months)
    ends = None if line.age_until_months is None else add_months(since, line.age_until_months)
    for from_on, until_on in _spans(line.per, begins, ends, within, fiscal_start):
        if max(within[0], begins) <= from_on < within[1] and (ends is None or until_on <= ends):
            yield from_on, until_on


def _spans(per: str, begins: date, ends: date | None, within: Span, fiscal_start: int) -> Iterator[Span]:
    first, last = within
    if per == "once":
        yield begins, ends or date.max
    elif per in _DAYS:
        step = timedelta(days=_DAYS[per])
        while begins < min(last, ends or last):
            yield begins, begins + step
            begins += step
    else:
        day = year_start(first, fiscal_start)
        while day < last:
            yield day, add_months(day, _MONTHS[per])
            day = add_months(day, _MONTHS[per])


def applies(line: Any, customer: str, day: date, standings: Standings) -> bool:
    """Whether a line is for a customer of this class, band and stage on that day; who lapsed has none."""
    stage = standings.at(customer, "lifecycle_stage", day)
    if stage == "lapsed":
        return False
    asked = (
        (getattr(line, "stages", ()), stage),
        (line.classes, standings.at(customer, "customer_class", day)),
        (line.bands, standings.at(customer, "revenue_band", day)),
    )
    return all(not wanted or found in wanted for wanted, found in asked)


def in_force(lines: Sequence[Any], day: date) -> list[Any]:
    """Of each name the latest line in force on a day."""
    latest = {
        line.name: line for line in sorted(lines, key=lambda line: line.valid_from) if line.valid_from <= day
    }
    return list(latest.values())


def without(span: Span, held: Sequence[Span]) -> list[Span]:
    """What of a span none of these cover; they may overlap."""
    found: list[Span] = []
    begins, ends = span
    for first, last in sorted(held):
        if first > begins:
            found.append((begins, min(first, ends)))
        begins = max(begins, last)
        if begins >= ends:
            break
    return [each for each in (*found, (begins, ends)) if each[0] < each[1]]


def joined_spans(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch or overlap as one, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def top_rows(inputs: Inputs) -> dict[str, str]:
    """The `_row` of each customer's top account."""
    accounts = inputs.tables["accounts"]
    tops = accounts[accounts["account_id"] == accounts["customer_id"]]
    return dict(zip(tops["customer_id"].astype("str"), tops["_row"].astype("str"), strict=True))


def dates(days: pd.Series) -> pd.Series:
    """Days as tables hold them; what is no day in reach is empty."""
    return pd.to_datetime(days, errors="coerce").astype("datetime64[s]")
