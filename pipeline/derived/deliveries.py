"""Deliveries: whether each order and each line came on time and in full, against each of three dates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, begins, by_rule, derived, joined, sources
from pipeline.derived.sales import is_cancelled
from pipeline.schema import SCALE

BASES = ("requested", "first_promised", "last_promised")
_CARRIED = ("account_id", "customer_id", "manager_id", "order_id", "ordered_on", "status", "delay_cause")


@derived("orders", "order_lines")
def delivery_lines(inputs: Inputs) -> pd.DataFrame:
    """One row per order line and basis (requested, first or last promised date) that has such a date.

    `due_on` is the date of the basis, `is_due` tells whether it has come by the cut-off and the order was not
    cancelled; a line not delivered by then counts as missed. A delivery after the cut-off is not known yet. The
    tolerance is that of the policy on the day the line was due. `is_quantified` tells whether it can be known if the
    line came in full.
    """
    lines = inputs.tables["order_lines"]
    lines = lines[lines["quantity"].isna() | (lines["quantity"] >= 0)]  # a return is no delivery
    lines = lines.assign(is_quantified=_quantified(lines))
    return pd.concat([_judged(lines, basis, inputs) for basis in BASES], ignore_index=True)


def _quantified(lines: pd.DataFrame) -> pd.Series:
    """Whether the export says how much came of a line, or that nothing did.

    Where it never says so of a customer's deliveries, none of its lines can be judged: only what never came would be
    left, and every rate would be 0.
    """
    came, stated = lines["delivered_on"].notna(), lines["delivered_quantity"].notna()
    told = set(lines.loc[came & stated, "customer_id"])
    silent = set(lines.loc[came & ~stated, "customer_id"]) - told
    return (stated | ~came) & ~lines["customer_id"].isin(silent)


def _judged(lines: pd.DataFrame, basis: str, inputs: Inputs) -> pd.DataFrame:
    rows = lines[lines[f"{basis}_on"].notna()]
    cut_off = np.datetime64(inputs.until_on)
    due = rows[f"{basis}_on"]
    delivered = rows["delivered_on"].where(rows["delivered_on"] < cut_off)
    late = ((delivered - due).dt.days).astype("Int64")
    is_due = (due < cut_off) & ~is_cancelled(rows["status"])
    too_early = (late < -by_rule(inputs, "delivery", "early_days", due)).fillna(False)
    on_time = (late <= by_rule(inputs, "delivery", "late_days", due)).fillna(False) & ~too_early
    enough = rows["delivered_quantity"] * SCALE >= rows["quantity"] * needed_share(due, inputs)
    in_full = enough.fillna(False) & delivered.notna()
    return pd.DataFrame(
        {
            **{name: rows[name] for name in _CARRIED},
            "line_no": rows["line_no"],
            "product_id": rows["product_id"],
            "product_name": rows.get("product_name", pd.Series(dtype="str", index=rows.index)),
            "basis": pd.Series(basis, index=rows.index, dtype="str"),
            "due_on": due,
            "delivered_on": delivered,
            "days_late": late,
            "is_due": is_due,
            "is_cancelled": is_cancelled(rows["status"]),
            "is_on_time": on_time.astype(bool),
            "is_in_full": in_full.astype(bool),
            "is_quantified": rows["is_quantified"],
            "is_met": (on_time & in_full).astype(bool),
            "quantity": rows["quantity"],
            "delivered_quantity": rows["delivered_quantity"].where(delivered.notna(), 0),
            "_from": sources("order_lines", rows),
        }
    )


def needed_share(due: pd.Series, inputs: Inputs) -> pd.Series:
    """The share of a quantity that must have come to be in full, in ten-thousandths, by the rule of the day it was due."""
    short = by_rule(inputs, "delivery", "short_pct", due)
    return SCALE - (short * SCALE).round().astype("Int64")


@derived("orders", "order_lines")
def deliveries(inputs: Inputs) -> pd.DataFrame:
    """One row per order and basis: met only where every line was, dated by the order's own date of that basis."""
    lines = inputs.made("delivery_lines")
    if lines.empty:
        return lines.drop(columns=["line_no", "product_id", "quantity", "delivered_quantity"])
    orders = inputs.tables["orders"].set_index("order_id")
    lines = lines.sort_values(["order_id", "basis", "line_no"], kind="stable", ignore_index=True)
    starts = begins(lines["order_id"].to_numpy(dtype=object), lines["basis"].to_numpy(dtype=object))
    order = np.cumsum(starts) - 1
    made = lines[starts].reset_index(drop=True)
    made = made.assign(
        **{
            name: ~_any_of(~lines[name].to_numpy(dtype=bool), order)
            for name in ("is_on_time", "is_in_full", "is_met", "is_quantified")
        },
        delivered_on=_last_of(lines["delivered_on"], order),
        _from=joined(lines["_from"], starts),
    )
    due = made["due_on"].copy()
    for basis in BASES:
        own = pd.Series(orders[f"{basis}_on"].reindex(made["order_id"]).to_numpy(), index=made.index)
        due = due.where((made["basis"] != basis) | own.isna(), own)
    late = (made["delivered_on"] - due).dt.days.astype("Int64")
    is_due = (due < np.datetime64(inputs.until_on)) & ~made["is_cancelled"]
    return made.assign(due_on=due, days_late=late, is_due=is_due).drop(
        columns=["line_no", "product_id", "quantity", "delivered_quantity"]
    )


def _any_of(flags: npt.NDArray[np.bool_], order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether any line of each order has the flag."""
    return np.bincount(order, weights=flags) > 0


def _last_of(days: pd.Series, order: npt.NDArray[np.int64]) -> pd.Series:
    """The last delivery of each order; none while a line is still to come."""
    known = days.notna().to_numpy()
    numbers = np.where(known, days.to_numpy().astype("datetime64[D]").astype(np.int64), 0)
    latest = np.zeros(order[-1] + 1, dtype=np.int64)
    np.maximum.at(latest, order, numbers)
    dates = pd.Series(latest.astype("datetime64[D]").astype("datetime64[s]"))
    return dates.where(~_any_of(~known, order))
