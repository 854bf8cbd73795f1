"""How much of one customer's rows may be unusable before its figures mislead. Pure.

A row in quarantine costs only itself, which is right for one in a thousand and wrong for one in three. Rows of the last
twelve months count, those without a date among them; tables whose rows carry no date of their own count whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.gate.expectations import Gettext
from pipeline.gate.findings import NOBODY, Distrust, Finding
from pipeline.periods import add_months
from pipeline.schema import TABLES

TOO_MUCH = "KB-1222"
"""The code of sections withheld because too large a share of the customer's rows is unusable."""
TRUTH = "enough_rows_are_usable"
_RECENT_MONTHS = 12


@dataclass(frozen=True)
class Share:
    """How many of a customer's recent rows of a table there are, and how many of them cannot be used."""

    rows: int
    unusable: int

    @property
    def pct(self) -> float:
        return self.unusable / self.rows if self.rows else 0.0


def shares(
    table: str,
    trace: pd.DataFrame,
    unusable: np.ndarray[Any, np.dtype[np.bool_]],
    rejected: Mapping[str, int],
    as_of: date,
) -> dict[str, Share]:
    """The share of each customer that has unusable rows; `trace` holds every row with its customer and date, if any.

    Documents are about customers: an account with its children. `rejected` counts the rows of each that could not be read: they have no date that could be relied on.
    """
    recent = _recent(table, trace, as_of)
    rows = trace.loc[recent, "customer_id"].value_counts()
    bad = trace.loc[recent & unusable, "customer_id"].value_counts()
    return {
        customer: Share(int(rows.get(customer, 0)) + unread, int(bad.get(customer, 0)) + unread)
        for customer in sorted({*bad.index, *rejected} - NOBODY)
        for unread in (rejected.get(customer, 0),)
    }


def over_limit(
    table: str, found: Mapping[str, Share], limit: float, gettext: Gettext
) -> Iterator[tuple[Distrust, Finding]]:
    """The customers of whose recent rows more than the share `limit` is unusable, and what is said of each."""
    for account, share in sorted(found.items()):
        if share.pct > limit:
            yield (
                Distrust(account, table, TOO_MUCH, f"{table}.{TRUTH}"),
                _finding(table, account, share, _why(limit, gettext)),
            )


def _why(limit: float, gettext: Gettext) -> str:
    """The same for every customer, so that a page says it once and lists them."""
    text = gettext(
        "More than {limit} of this customer’s rows of the last {months} months cannot be used; its sections and"
        " figures that rest on them are held back."
    )
    return text.format(months=_RECENT_MONTHS, limit=f"{limit:.0%}")


def _finding(table: str, customer: str, share: Share, why: str) -> Finding:
    return Finding(
        table=table,
        expectation=TRUTH,
        severity="critical",
        scope="section",
        subject_id=customer,
        section=None,
        why=why,
        rows=share.unusable,
        examples=[],
    )


def _recent(table: str, trace: pd.DataFrame, as_of: date) -> np.ndarray[Any, np.dtype[np.bool_]]:
    dated = TABLES[table].dated
    if dated is None:
        return np.ones(len(trace), dtype=np.bool_)
    days = trace[dated].to_numpy(dtype="datetime64[D]", na_value=np.datetime64("NaT"))
    first = np.datetime64(add_months(as_of, -_RECENT_MONTHS))
    return np.asarray(np.isnat(days) | (days > first), dtype=np.bool_)
