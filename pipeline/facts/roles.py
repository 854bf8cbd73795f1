"""Facts about roles: those of ours that the service plan promises, and those at the customer that nobody is known to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_SPAN: dict[str, Any] = {
    "on": "from_on",
    "until": "until_on",
    "unit": "count",
    "by": ("role",),
    "history": "register",
}
_DUTY: dict[str, Any] = {"table": "role_duties", **_SPAN}


@stock(**_DUTY, label=Words("应配角色数", "roles promised"))
def roles_promised(rows: pd.DataFrame) -> pd.Series:
    """One for each role of ours that a customer is promised."""
    return rows["role"].notna().astype("int64")


@stock(**_DUTY, label=Words("已配角色数", "roles filled"))
def roles_filled(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that somebody has."""
    return rows["is_held"].astype("int64")


@stock(**_DUTY, label=Words("缺失角色数", "roles missing"))
def roles_vacant(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that nobody has."""
    return (~rows["is_held"]).astype("int64")


@stock(table="blind_spots", **_SPAN, label=Words("决策链盲点数", "blind spots"))
def roles_unknown(rows: pd.DataFrame) -> pd.Series:
    """One for each role of a decision that nobody at the customer is known to have."""
    return rows["role"].notna().astype("int64")
