"""Prepared tables: a canonical table with its parents' columns joined on along the keys the schema declares. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import DataError
from pipeline.schema import NO_ACCOUNT, TABLES

_INHERITED: dict[str, dict[str, tuple[str, ...]]] = {
    "order_lines": {
        "orders": (
            "account_id", "manager_id", "kind", "status", "currency", "ordered_on", "requested_on",
            "first_promised_on", "last_promised_on", "delivered_on", "delay_cause",
        ),
        "products": ("name", "category", "unit"),
    },
    "invoices": {"orders": ("manager_id", "kind")},
    "payments": {"invoices": ("account_id", "manager_id", "currency")},
    "outcome_values": {"outcomes": ("account_id",)},
    "opportunities": {"products": ("name", "category")},
    "usage": {"products": ("name", "category")},
}  # fmt: skip
"""Which columns of which parent a table takes: its own value first, the parent's where it has none."""
_PREFIXED = {"products": "product_"}
"""A product's name and category keep their owner in the name; its unit does not."""


def prepared(tables: Mapping[str, pd.DataFrame], currency: str) -> dict[str, pd.DataFrame]:
    """Every canonical table with its parents' columns, `customer_id` and a currency on each row.

    `accounts` must hold all accounts (the other tables may be one part's rows). Rows of an unknown currency take
    the account's, then `currency`. DataError KB-1291 where a parent's key is not unique: the join would multiply.
    """
    made: dict[str, pd.DataFrame] = {}
    accounts = with_customers(tables["accounts"], currency)
    for name, table in tables.items():
        rows = accounts if name == "accounts" else table
        for parent, columns in _INHERITED.get(name, {}).items():
            if parent in tables:
                rows = _joined(rows, made.get(parent, tables[parent]), parent, columns)
        made[name] = rows if name == "accounts" else _with_account(rows, accounts, currency)
    return made


def with_customers(accounts: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Accounts with `customer_id`, the top of each account's chain of parents, and no empty currency."""
    parents = dict(zip(accounts["account_id"], accounts["parent_id"], strict=True))
    tops = [_top(account, parents) for account in accounts["account_id"]]
    return accounts.assign(
        customer_id=pd.Series(tops, index=accounts.index, dtype="str"),
        currency=accounts["currency"].fillna(currency),
    )


def _top(account: str, parents: Mapping[str, object]) -> str:
    seen = {account}
    parent = parents.get(account)
    while isinstance(parent, str) and parent in parents:
        if parent in seen:
            raise DataError(
                where=f"accounts {account}",
                what="its parents go round in a circle",
                fix="correct parent_id in the export or in corrections.toml",
                code="KB-1292",
            )
        seen.add(parent)
        account, parent = parent, parents.get(parent)
    return account


def _joined(rows: pd.DataFrame, parent: pd.DataFrame, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    key = TABLES[name].key[0]
    if parent[key].duplicated().any():
        raise DataError(
            where=f"{name}.{key}",
            what="is not unique, so joining it would multiply rows",
            fix="give the mapping a newest_by, or correct the export",
            code="KB-1291",
        )
    at = pd.Index(parent[key]).get_indexer(pd.Index(rows[key]))
    taken: dict[str, pd.Series] = {}
    for column in columns:
        values = _taken(parent[column], at, rows.index)
        target = column if column == "unit" else f"{_PREFIXED.get(name, '')}{column}"
        taken[target] = _own(rows, target).fillna(values) if target in rows.columns else values
    return rows.assign(**taken)


def _taken(values: pd.Series, at: npt.NDArray[np.int64], index: pd.Index) -> pd.Series:
    """The values at these positions; missing where the position is -1, also where there is no value at all."""
    return values.reset_index(drop=True).reindex(at).set_axis(index)


def _own(rows: pd.DataFrame, column: str) -> pd.Series:
    """The rows' own values; an account that is nobody's gives way to the parent's."""
    values = rows[column]
    return values.mask(values == NO_ACCOUNT) if column == "account_id" else values


def _with_account(rows: pd.DataFrame, accounts: pd.DataFrame, currency: str) -> pd.DataFrame:
    if "account_id" not in rows.columns:
        return rows
    account = rows["account_id"].fillna(NO_ACCOUNT)
    at = pd.Index(accounts["account_id"]).get_indexer(pd.Index(account))
    customer = _taken(accounts["customer_id"], at, rows.index).fillna(NO_ACCOUNT)
    added = {"account_id": account, "customer_id": customer}
    if "currency" in rows.columns:
        owned = _taken(accounts["currency"], at, rows.index).fillna(currency)
        added["currency"] = rows["currency"].fillna(owned)
    return rows.assign(**added)
