"""Facts about people on both sides: hand-overs, visits to new contacts, roles that are held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact, flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_CHANGE: dict[str, Any] = {
    "table": "handovers",
    "on": "left_on",
    "unit": "count",
    "by": ("side",),
    "history": "register",
}
_NEW: dict[str, Any] = {
    "table": "new_contacts",
    "on": "active_from_on",
    "unit": "count",
    "history": "register",
}
_SPAN: dict[str, Any] = {"on": "from_on", "until": "until_on", "unit": "count", "history": "register"}
_ROLE: dict[str, Any] = {"table": "client_roles", **_SPAN}
_OURS: dict[str, Any] = {"table": "our_roles", **_SPAN}
_CUSTOMER: dict[str, Any] = {"member": "customer", "unit": "count"}


@flow(**_CHANGE, label=Words("应交接次数", "hand-overs due"))
def handovers_due(rows: pd.DataFrame) -> pd.Series:
    """One for each change of a contact or of an owner whose time for a hand-over has passed."""
    return rows["is_due"].astype("int64")


@flow(**_CHANGE, label=Words("按时交接次数", "hand-overs in time"))
def handovers_met(rows: pd.DataFrame) -> pd.Series:
    """One for each change that was handed over in the time that policy allows."""
    return (rows["is_due"] & rows["is_met"]).astype("int64")


@flow(**_NEW, label=Words("应拜访新联系人数", "new contacts to be visited"))
def new_contacts_due(rows: pd.DataFrame) -> pd.Series:
    """One for each new contact whose time for a visit has passed."""
    return rows["is_due"].astype("int64")


@flow(**_NEW, label=Words("按时拜访新联系人数", "new contacts visited in time"))
def new_contacts_met(rows: pd.DataFrame) -> pd.Series:
    """One for each new contact that was visited in time."""
    return (rows["is_due"] & rows["is_met"]).astype("int64")


@stock(**_ROLE, label=Words("已知决策角色数", "decision roles known"))
def decision_roles(rows: pd.DataFrame) -> pd.Series:
    """One for each role of a decision that somebody at the customer is known to have."""
    return (rows["role"] != "backup").astype("int64")


@stock(**_ROLE, label=Words("客户备份联系人", "backup contact at the customer"))
def backup_contacts(rows: pd.DataFrame) -> pd.Series:
    """One for a customer with somebody who stands in."""
    return (rows["role"] == "backup").astype("int64")


@stock(**_OURS, label=Words("我方备份经理", "backup manager of ours"))
def backup_managers(rows: pd.DataFrame) -> pd.Series:
    """One for a customer for whom somebody of ours stands in."""
    return (rows["role"] == "backup").astype("int64")


@stock(**_OURS, label=Words("我方技术支持", "technical support of ours"))
def technical_managers(rows: pd.DataFrame) -> pd.Series:
    """One for a customer with technical support of ours."""
    return (rows["role"] == "technical").astype("int64")


def _active(f: Any) -> Quantity:
    return f.trailing(f.rule("active").months).sales_rows


def _where_active(f: Any, held: Quantity) -> Quantity:
    """What is held at active customers."""
    active = _active(f)
    return (held + active.like(0)).where(active.values > 0)


@account_fact(**_CUSTOMER, label=Words("活跃客户数", "active customers"))
def customers_active(f: Any) -> Quantity:
    """One for a customer with a sale in the months that policy calls active."""
    active = _active(f)
    return Quantity((active.values > 0).astype("int64"), 1, active.reasons)


@account_fact(**_CUSTOMER, label=Words("活跃客户已知决策角色数", "decision roles known at active customers"))
def decision_roles_active(f: Any) -> Quantity:
    """The roles of a decision that are known at an active customer."""
    return _where_active(f, f.decision_roles)


@account_fact(**_CUSTOMER, label=Words("有备份联系人的客户数", "customers with a backup contact"))
def customers_with_backup_contact(f: Any) -> Quantity:
    """One for an active customer with a backup contact."""
    return _where_active(f, f.backup_contacts)


@account_fact(**_CUSTOMER, label=Words("有备份经理的客户数", "customers with a backup manager"))
def customers_with_backup_manager(f: Any) -> Quantity:
    """One for an active customer with a backup manager."""
    return _where_active(f, f.backup_managers)


@account_fact(**_CUSTOMER, label=Words("有技术支持的客户数", "customers with technical support"))
def customers_with_technical_support(f: Any) -> Quantity:
    """One for an active customer with technical support."""
    return _where_active(f, f.technical_managers)
