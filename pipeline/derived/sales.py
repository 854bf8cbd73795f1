"""What counts as a sale, by the setting `sales.basis`."""

from __future__ import annotations

import pandas as pd

from pipeline.derived import Inputs, derived, sources

COLUMNS = (
    "account_id", "customer_id", "manager_id", "product_id", "product_name", "unit", "kind", "order_id", "currency",
    "sold_on", "quantity", "net_amount", "cost_amount", "_from",
)  # fmt: skip
_CANCELLED = frozenset({"cancelled", "canceled"})


@derived()
def sales(inputs: Inputs) -> pd.DataFrame:
    """One row per sale: an order line, an invoice, a contract or a won deal, as `sales.basis` says.

    Cancelled orders are no sales. Returns and credit notes are negative rows in their own period.
    """
    return _BASES[inputs.settings.sales.basis](inputs)


def _ordered(inputs: Inputs) -> pd.DataFrame:
    if not inputs.has("orders", "order_lines"):
        return _shaped(pd.DataFrame())
    lines = inputs.tables["order_lines"]
    kept = lines[~is_cancelled(lines["status"])]
    return _shaped(kept.assign(sold_on=kept["ordered_on"], _from=sources("order_lines", kept)))


def _invoiced(inputs: Inputs) -> pd.DataFrame:
    if not inputs.has("invoices"):
        return _shaped(pd.DataFrame())
    rows = inputs.tables["invoices"]
    return _shaped(
        rows.assign(sold_on=rows["issued_on"], net_amount=signed(rows), _from=sources("invoices", rows))
    )


def _contracted(inputs: Inputs) -> pd.DataFrame:
    if not inputs.has("contracts"):
        return _shaped(pd.DataFrame())
    rows = inputs.tables["contracts"]
    return _shaped(
        rows.assign(sold_on=rows["signed_on"].fillna(rows["starts_on"]), net_amount=rows["annual_amount"],
                    _from=sources("contracts", rows))
    )  # fmt: skip


def _won(inputs: Inputs) -> pd.DataFrame:
    if not inputs.has("opportunities"):
        return _shaped(pd.DataFrame())
    deals = inputs.tables["opportunities"]
    won = deals[deals["is_won"].fillna(False).astype(bool)]
    return _shaped(
        won.assign(sold_on=won["closed_on"], net_amount=won["amount"], _from=sources("opportunities", won))
    )


_BASES = {"ordered": _ordered, "invoiced": _invoiced, "contracted": _contracted, "won": _won}


def is_cancelled(status: pd.Series) -> pd.Series:
    """Whether an order's status says that it was cancelled."""
    return status.str.lower().isin(_CANCELLED)


def signed(invoices: pd.DataFrame) -> pd.Series:
    """Net amounts of invoices; a credit note counts against sales whichever sign the export gives it."""
    amounts = invoices["net_amount"].fillna(invoices["gross_amount"])
    credit = invoices["is_credit_note"].fillna(False).astype(bool)
    return amounts.where(~credit, -amounts.abs())


_EXACT = {"quantity", "net_amount", "cost_amount"}


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with exactly the table's columns; what a basis does not know is empty."""
    made = {name: rows[name] if name in rows.columns else _absent(name, rows.index) for name in COLUMNS}
    return pd.DataFrame(made, index=rows.index).reset_index(drop=True)


def _absent(name: str, index: pd.Index) -> pd.Series:
    dtype = "Int64" if name in _EXACT else "datetime64[s]" if name == "sold_on" else "str"
    return pd.Series(pd.NA if dtype == "Int64" else None, index=index, dtype=dtype)
