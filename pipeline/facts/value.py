"""Facts about goals, value claims and commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_SPAN: dict[str, Any] = {"on": "from_on", "until": "until_on"}
_REGISTER: dict[str, Any] = {**_SPAN, "history": "register"}
_GOAL: dict[str, Any] = {**_REGISTER, "table": "goals", "unit": "quantity", "only_by": ("goal",)}
_GOALS: dict[str, Any] = {**_REGISTER, "table": "goals", "unit": "count"}
_CLAIM: dict[str, Any] = {**_REGISTER, "table": "value_claims", "only_by": ("confidence",)}
_PROMISE: dict[str, Any] = {
    "table": "commitments",
    "on": "due_on",
    "unit": "count",
    "by": ("side",),
    "history": "register",
}


@stock(**_GOAL, label=Words("目标基线值", "baseline of the goal"))
def goal_from(rows: pd.DataFrame) -> pd.Series:
    """Where the goal began."""
    return rows["baseline"]


@stock(**_GOAL, label=Words("目标现值", "value of the goal now"))
def goal_value(rows: pd.DataFrame) -> pd.Series:
    """Where it stands on the window's last day."""
    return rows["value"]


@stock(**_GOAL, label=Words("目标值", "target of the goal"))
def goal_aim(rows: pd.DataFrame) -> pd.Series:
    """Where it should be."""
    return rows["target"]


@stock(**_GOAL, label=Words("已改善幅度", "distance gone"))
def goal_gone(rows: pd.DataFrame) -> pd.Series:
    """How far it has come, positive in the direction that is better."""
    return rows["reached"]


@stock(**_GOAL, label=Words("应改善幅度", "distance to go in all"))
def goal_distance(rows: pd.DataFrame) -> pd.Series:
    """How far it has to come in all."""
    return rows["distance"]


@stock(**_GOALS, only_by=("goal",), label=Words("该编号目标数", "goals of the number"))
def goals_numbered(rows: pd.DataFrame) -> pd.Series:
    """One for the goal of that number, so that it is known whether a customer has one."""
    return rows["outcome_id"].notna().astype("int64")


@stock(**_GOALS, label=Words("目标数", "goals"))
def goals_set(rows: pd.DataFrame) -> pd.Series:
    """One for each goal with a baseline and a target."""
    return (rows["distance"] > 0).fillna(False).astype("int64")


@stock(**_GOALS, label=Words("已达成目标数", "goals reached"))
def goals_met(rows: pd.DataFrame) -> pd.Series:
    """One for each goal that stands at its target or better."""
    return ((rows["distance"] > 0) & (rows["reached"] >= rows["distance"])).fillna(False).astype("int64")


@stock(**_CLAIM, unit="money", label=Words("归因后价值", "value attributed"))
def value_attributed(rows: pd.DataFrame) -> pd.Series:
    """The money of each claim that counts times the share attributed to us."""
    return rows["amount"].fillna(0)


@stock(**_CLAIM, unit="count", label=Words("价值主张数", "value claims"))
def claims_counted(rows: pd.DataFrame) -> pd.Series:
    """One for each claim that counts."""
    return rows["outcome_id"].notna().astype("int64")


@stock(**_CLAIM, unit="count", label=Words("有金额的价值主张数", "value claims with an amount"))
def claims_valued(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that states money and attribution."""
    return rows["amount"].notna().astype("int64")


@flow(**_PROMISE, label=Words("到期承诺数", "commitments due"))
def promises_due(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment that fell due, or was done or dropped before."""
    return (rows["state"] != "open").astype("int64")


@flow(**_PROMISE, label=Words("按时兑现承诺数", "commitments kept"))
def promises_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment done by its day."""
    return (rows["state"] == "kept").astype("int64")


@flow(**_PROMISE, label=Words("逾期承诺数", "commitments late"))
def promises_late(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment done after its day, or overdue and not done."""
    return rows["state"].isin(["late", "overdue"]).astype("int64")


@flow(**_PROMISE, label=Words("撤销承诺数", "commitments dropped"))
def promises_dropped(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment that was dropped."""
    return (rows["state"] == "dropped").astype("int64")


@stock(
    **_SPAN,
    table="open_commitments",
    unit="count",
    by=("side",),
    label=Words("未完成承诺数", "commitments open"),
)
def promises_open(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment neither done nor dropped."""
    return rows["action_id"].notna().astype("int64")
