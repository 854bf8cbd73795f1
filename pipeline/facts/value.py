"""Facts about goals and value claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_SPAN: dict[str, Any] = {"on": "from_on", "until": "until_on"}
_REGISTER: dict[str, Any] = {**_SPAN, "history": "register"}
_GOAL: dict[str, Any] = {**_REGISTER, "table": "goals", "unit": "quantity", "only_by": ("goal",)}
_GOALS: dict[str, Any] = {**_REGISTER, "table": "goals", "unit": "count"}
_CLAIM: dict[str, Any] = {**_REGISTER, "table": "value_claims", "only_by": ("confidence",)}
_NUMBERED: dict[str, Any] = {**_REGISTER, "table": "value_claims", "only_by": ("goal",)}
_EVER: dict[str, Any] = {
    "table": "value_claims",
    "on": "from_on",
    "until": "replaced_on",
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


@stock(**_NUMBERED, unit="money", label=Words("该编号主张归因后价值", "value attributed of the number"))
def claim_amount(rows: pd.DataFrame) -> pd.Series:
    """The money of the claim of that number times the share attributed to us; not known where it states neither."""
    return rows["amount"]


@stock(**_NUMBERED, unit="count", label=Words("该编号有效主张数", "claims of the number that count"))
def claims_numbered(rows: pd.DataFrame) -> pd.Series:
    """One where the claim of that number counts, so that it is known whether a customer has one."""
    return rows["outcome_id"].notna().astype("int64")


@stock(
    **_EVER, only_by=("confidence",), unit="money", label=Words("迄今归因后价值", "value attributed to date")
)
def value_ever(rows: pd.DataFrame) -> pd.Series:
    """What was last said of each benefit, whether or not its evidence has expired."""
    return rows["amount"].fillna(0)


@stock(**_EVER, by=("confidence",), unit="count", label=Words("迄今价值主张数", "value claims to date"))
def claims_ever(rows: pd.DataFrame) -> pd.Series:
    """One for each benefit that was ever claimed."""
    return rows["outcome_id"].notna().astype("int64")
