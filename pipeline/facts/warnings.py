"""Facts about early warning: what was raised and holds, what is at risk, what came of it, and how long was watched."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.facts import flow, sample, stock
from pipeline.words import Words

_WARNING: dict[str, Any] = {"table": "warnings", "history": "register"}
_RISK: dict[str, Any] = {"table": "at_risk", "on": "from_on", "until": "until_on", "history": "register"}
_OUTCOME: dict[str, Any] = {
    "table": "warning_outcomes",
    "on": "decided_on",
    "unit": "count",
    "by": ("rule",),
    "history": "register",
}
_LOSS: dict[str, Any] = {
    "table": "losses",
    "on": "event_on",
    "unit": "count",
    "by": ("kind",),
    "history": "register",
}


@stock(
    **_WARNING,
    on="raised_on",
    until="until_on",
    unit="count",
    by=("rule",),
    label=Words("未解除预警数", "warnings that hold"),
)
def warnings_holding(rows: pd.DataFrame) -> pd.Series:
    """One for each warning while it holds."""
    return _ones(rows)


@flow(**_WARNING, on="raised_on", unit="count", by=("rule",), label=Words("新发预警数", "warnings raised"))
def warnings_begun(rows: pd.DataFrame) -> pd.Series:
    """One for each warning, on the day on which it was raised."""
    return _ones(rows)


@sample(
    table="warnings",
    on="until_on",
    unit="days",
    label=Words("预警持续天数", "days that a warning held"),
)
def warning_days(rows: pd.DataFrame) -> pd.Series:
    """Days from the day on which a warning was raised to the one on which it was over."""
    return (rows["until_on"] - rows["raised_on"]).dt.days.astype("Int64")


@stock(**_RISK, unit="money", label=Words("面临风险的年销售额", "a year's business at risk"))
def risked_sales(rows: pd.DataFrame) -> pd.Series:
    """What customers with a warning bought in the year before it began, each customer once."""
    return rows["at_stake_amount"]


@stock(**_RISK, unit="count", label=Words("有风险的客户数", "customers at risk"))
def risked_customers(rows: pd.DataFrame) -> pd.Series:
    """One for each customer while its business is at risk."""
    return _ones(rows)


@flow(**_OUTCOME, label=Words("已见分晓的预警数", "warnings decided"))
def warnings_decided(rows: pd.DataFrame) -> pd.Series:
    """One for each past warning that has come true or whose time is over."""
    return _ones(rows)


@flow(**_OUTCOME, label=Words("应验的预警数", "warnings that came true"))
def warnings_true(rows: pd.DataFrame) -> pd.Series:
    """One for each past warning that has come true."""
    return rows["is_true"].astype("int64")


@flow(**_OUTCOME, label=Words("统计类误报数", "false warnings from figures"))
def false_warnings(rows: pd.DataFrame) -> pd.Series:
    """One for each warning concluded from figures that did not come true in its time."""
    return rows["is_false_alarm"].astype("int64")


@flow(**_LOSS, label=Words("已发生的损失数", "losses that showed"))
def losses_shown(rows: pd.DataFrame) -> pd.Series:
    """One for each loss, on the day on which it showed."""
    return _ones(rows)


@flow(**_LOSS, label=Words("事先预警的损失数", "losses that were foretold"))
def losses_foretold(rows: pd.DataFrame) -> pd.Series:
    """One for each loss of which a warning told in the time before it."""
    return rows["is_foretold"].astype("int64")


@sample(table="losses", on="event_on", unit="days", label=Words("预警提前天数", "days of warning"))
def days_of_warning(rows: pd.DataFrame) -> pd.Series:
    """Days from the first warning of a loss to the day on which it showed."""
    return rows["lead_days"]


@flow(
    table="watched_months",
    on="watched_on",
    unit="count",
    label=Words("监测的客户月数", "account-months watched"),
)
def months_watched(rows: pd.DataFrame) -> pd.Series:
    """One for each whole month of an account since its first sale."""
    return _ones(rows)


def _ones(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(1, index=rows.index, dtype="int64")
