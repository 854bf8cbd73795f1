"""Fulfilment: which orders were perfect, and how much of what was ordered came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.deliveries import needed_share
from pipeline.derived.sales import is_cancelled
from pipeline.schema import SCALE

_CARRIED = ("account_id", "customer_id", "manager_id", "order_id", "basis", "due_on", "is_due", "is_met")


@derived("orders", "order_lines")
def perfect_orders(inputs: Inputs) -> pd.DataFrame:
    """One row per order and basis: on time, in full, documents right, undamaged, all of it true or not.

    `is_marked` tells whether the export says how the documents and the goods were; `is_judged` whether the order can
    be judged: it is marked, or it never came.
    """
    orders = inputs.made("deliveries")
    marks = inputs.tables["orders"].set_index("order_id").reindex(orders["order_id"])
    document, goods = marks["is_document_correct"], marks["is_undamaged"]
    is_marked = (document.notna() & goods.notna()).to_numpy()
    is_right = (document.fillna(False) & goods.fillna(False)).to_numpy(dtype=bool)
    is_due = orders["is_due"].to_numpy(dtype=bool)
    came = orders["delivered_on"].notna().to_numpy()
    return pd.DataFrame(
        {
            **{name: orders[name] for name in _CARRIED},
            "is_marked": is_due & is_marked,
            "is_judged": is_due & orders["is_quantified"].to_numpy(dtype=bool) & (is_marked | ~came),
            "is_perfect": is_due & orders["is_met"].to_numpy(dtype=bool) & is_right,
            "_from": orders["_from"] + " orders:" + pd.Series(marks["_row"].to_numpy(), index=orders.index),
        }
    )


@derived("orders", "order_lines")
def filled_lines(inputs: Inputs) -> pd.DataFrame:
    """One row per order line, due on the first date it has of first promised, last promised and requested.

    `filled` is what came of the quantity ordered, never more; unknown where the export does not say what came. What may
    be short is by the policy of the day the line was due.
    """
    lines = inputs.tables["order_lines"]
    due = lines["first_promised_on"].fillna(lines["last_promised_on"]).fillna(lines["requested_on"])
    lines = lines.assign(due_on=due)
    lines = lines[
        due.notna() & (lines["quantity"].isna() | (lines["quantity"] >= 0))
    ]  # a return is no delivery
    cut_off = np.datetime64(inputs.until_on)
    delivered = lines["delivered_on"].where(lines["delivered_on"] < cut_off)
    came = lines["delivered_quantity"].where(delivered.notna(), 0)
    ordered = lines["quantity"]
    enough = (came * SCALE >= ordered * needed_share(lines["due_on"], inputs)) & delivered.notna()
    return pd.DataFrame(
        {
            **{
                name: lines[name]
                for name in ("account_id", "customer_id", "manager_id", "order_id", "line_no", "product_id")
            },
            "unit": lines["unit"],
            "due_on": lines["due_on"],
            "delivered_on": delivered,
            "is_due": (lines["due_on"] < cut_off) & ~is_cancelled(lines["status"]),
            "is_measured": ordered.notna() & came.notna(),
            "is_filled": enough.fillna(False).astype(bool),
            "is_correct": lines["is_correct"].where(delivered.notna()),
            "quantity": ordered,
            "filled": came.where(came <= ordered, ordered),
            "_from": sources("order_lines", lines),
        }
    ).reset_index(drop=True)
