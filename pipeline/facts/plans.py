"""Facts about account plans: objectives and how they stand, who has a plan, and what became of its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_AS_OF: dict[str, Any] = {"on": "from_on", "until": "until_on", "unit": "count"}
_OBJECTIVE: dict[str, Any] = {"table": "objectives", "by": ("basis",), **_AS_OF}
_ACTION: dict[str, Any] = {"table": "plan_actions", "on": "due_on", "unit": "count", "history": "register"}


@stock(**_OBJECTIVE, label=Words("可判断的计划目标", "objectives that can be told"))
def objectives_told(rows: pd.DataFrame) -> pd.Series:
    """One for each objective of which is known how it stands; what was dropped is no objective any more."""
    return (~rows["state"].isin(["dropped", "unknown"])).astype("int64")


@stock(**_OBJECTIVE, label=Words("无法判断的计划目标", "objectives that cannot be told"))
def objectives_untold(rows: pd.DataFrame) -> pd.Series:
    """One for each objective that no metric measures and of which the plan says nothing."""
    return (rows["state"] == "unknown").astype("int64")


@stock(**_OBJECTIVE, label=Words("已达成的计划目标", "objectives met"))
def objectives_met(rows: pd.DataFrame) -> pd.Series:
    """One for each objective that was met."""
    return (rows["state"] == "met").astype("int64")


@stock(**_OBJECTIVE, label=Words("推进中的计划目标", "objectives on the way"))
def objectives_on_the_way(rows: pd.DataFrame) -> pd.Series:
    """One for each objective that is where it should be by now."""
    return (rows["state"] == "on_the_way").astype("int64")


@stock(**_OBJECTIVE, label=Words("落后的计划目标", "objectives behind"))
def objectives_behind(rows: pd.DataFrame) -> pd.Series:
    """One for each objective still to come that is not where it should be by now."""
    return (rows["state"] == "behind").astype("int64")


@stock(**_OBJECTIVE, label=Words("未达成的计划目标", "objectives missed"))
def objectives_missed(rows: pd.DataFrame) -> pd.Series:
    """One for each objective whose day has passed without it."""
    return (rows["state"] == "missed").astype("int64")


@stock(table="plan_duties", **_AS_OF, label=Words("应有计划的客户", "customers promised a plan"))
def plans_due(rows: pd.DataFrame) -> pd.Series:
    """One for each customer whose class is promised an account plan."""
    return rows["has_plan"].notna().astype("int64")


@stock(table="plan_duties", **_AS_OF, label=Words("已有计划的客户", "customers with the plan promised"))
def plans_made(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that has one."""
    return rows["has_plan"]


@stock(table="plan_touches", **_AS_OF, label=Words("有计划的账户", "accounts with a plan"))
def accounts_planned(rows: pd.DataFrame) -> pd.Series:
    """One for each account with an objective still to come."""
    return rows["account_id"].notna().astype("int64")


@stock(table="plan_touches", **_AS_OF, label=Words("计划推进过的账户", "accounts whose plan was worked on"))
def accounts_touched(rows: pd.DataFrame) -> pd.Series:
    """One for each account whose plan was ever worked on."""
    return rows["idle_days"].notna().astype("int64")


@stock(table="plan_touches", **_AS_OF, label=Words("计划未推进天数之和", "days since plans were worked on"))
def plan_idle_days(rows: pd.DataFrame) -> pd.Series:
    """The days since each plan was last worked on."""
    return rows["idle_days"].fillna(0)


@flow(**_ACTION, label=Words("到期的计划行动", "plan actions due"))
def plan_actions_due(rows: pd.DataFrame) -> pd.Series:
    """One for each action of a plan that fell due or was done before, other than dropped."""
    return rows["state"].isin(["kept", "late", "overdue"]).astype("int64")


@flow(**_ACTION, label=Words("按时完成的计划行动", "plan actions done in time"))
def plan_actions_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that was done by its day."""
    return (rows["state"] == "kept").astype("int64")
