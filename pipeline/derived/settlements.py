"""Settlements: how late each payment came, and how late what is still open was at the end of each month."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.ledger import due_days
from pipeline.engine.cube import edges_between

_CARRIED = ("account_id", "customer_id", "manager_id", "invoice_id", "currency")


@derived("invoices", "payments")
def settlements(inputs: Inputs) -> pd.DataFrame:
    """One row per payment of an invoice: part payments stand row by row, each with its own days late.

    Days are negative where the money came early. Refunds and what is set against a credit note are left out.
    """
    invoices = inputs.tables["invoices"]
    payments = inputs.tables["payments"]
    payments = payments[(payments["paid_on"] < np.datetime64(inputs.until_on)) & (payments["amount"] > 0)]
    at = pd.Index(invoices["invoice_id"]).get_indexer(pd.Index(payments["invoice_id"]))
    payments, taken = (
        payments[at >= 0].reset_index(drop=True),
        invoices.take(at[at >= 0]).reset_index(drop=True),
    )
    due = due_days(taken, inputs)
    paid = payments["paid_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    rows = pd.DataFrame(
        {
            **{name: payments[name] for name in _CARRIED},
            "paid_on": payments["paid_on"],
            "due_on": pd.Series(due.astype("datetime64[D]").astype("datetime64[s]")),
            "days_late": pd.Series(paid - due, dtype="Int64"),
            "amount": payments["amount"],
            "is_disputed": taken["is_disputed"].fillna(False).astype(bool),
            "_from": "payments:" + payments["_row"] + " invoices:" + taken["_row"],
        }
    )
    credit = taken["is_credit_note"].fillna(False).astype(bool)
    return rows[~credit].reset_index(drop=True)


@derived("invoices")
def late_positions(inputs: Inputs) -> pd.DataFrame:
    """One row per invoice overdue at the end of a month (or on the as-of date), with its days late on that day.

    It holds for that one day, so that a window reads what was overdue on its last day and nothing else.
    """
    spans = inputs.made("ledger")
    owed = (spans["balance_amount"] > 0).fillna(True).astype(bool)  # not known to be paid
    spans = spans[(spans["bucket"] != "not_due") & owed].reset_index(drop=True)
    first = spans["from_on"].min().date() if len(spans) else inputs.until_on
    span, edge = _held(spans, first, inputs.until_on)
    rows = spans.take(span).reset_index(drop=True)
    due = rows["due_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    disputed = _disputed(rows["invoice_id"], inputs.tables["invoices"])
    return pd.DataFrame(
        {
            **{name: rows[name] for name in _CARRIED},
            "due_on": rows["due_on"],
            "from_on": pd.Series((edge - 1).astype("datetime64[D]").astype("datetime64[s]")),
            "until_on": pd.Series(edge.astype("datetime64[D]").astype("datetime64[s]")),
            "days_late": pd.Series(edge - 1 - due, dtype="Int64"),
            "amount": rows["balance_amount"],
            "is_disputed": disputed,
            "_from": rows["_from"],
        }
    )


def _held(spans: pd.DataFrame, first: date, until_on: date) -> tuple[Any, Any]:
    """The spans that hold at each end of a month: positions of spans, and the day after the end."""
    edges = edges_between(first, until_on).days
    begins = spans["from_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    far = np.int64(edges[-1])
    open_still = spans["until_on"].isna().to_numpy()
    ends = spans["until_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    ends = np.where(open_still, far, np.minimum(ends, far))
    low = np.searchsorted(edges, begins, side="right")
    counts = np.maximum(np.searchsorted(edges, ends, side="right") - low, 0)
    span = np.repeat(np.arange(len(spans)), counts)
    edge = np.repeat(low, counts) + np.arange(span.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return span, edges[edge]


def _disputed(invoice_ids: pd.Series, invoices: pd.DataFrame) -> pd.Series:
    at = pd.Index(invoices["invoice_id"]).get_indexer(pd.Index(invoice_ids))
    return invoices["is_disputed"].fillna(False).astype(bool).take(at).reset_index(drop=True)
