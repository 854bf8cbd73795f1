"""Facts about joint projects: how many there are, what they brought, and what of it is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_PROJECT: dict[str, Any] = {
    "table": "joint_projects",
    "on": "from_on",
    "until": "until_on",
    "by": ("kind", "state"),
}


@stock(**_PROJECT, unit="count", label=Words("联合项目数", "joint projects"))
def projects_known(rows: pd.DataFrame) -> pd.Series:
    """One for each project that was not dropped."""
    return (rows["state"] != "dropped").astype("int64")


@stock(**_PROJECT, unit="money", label=Words("联合项目收入", "revenue of joint projects"))
def projects_revenue(rows: pd.DataFrame) -> pd.Series:
    """What a project brought so far, where it is meant to bring money."""
    return rows["revenue_amount"].fillna(0).where(rows["state"] != "dropped", 0)


@stock(**_PROJECT, unit="money", label=Words("可分成收入", "revenue that is shared"))
def projects_shared(rows: pd.DataFrame) -> pd.Series:
    """The revenue of projects of which a share is agreed."""
    is_shared = rows["shared_pct"].notna() & (rows["state"] != "dropped")
    return rows["revenue_amount"].fillna(0).where(is_shared, 0)


@stock(**_PROJECT, unit="money", label=Words("我方分成", "our share of revenue"))
def projects_ours(rows: pd.DataFrame) -> pd.Series:
    """Our share of the revenue of those projects."""
    is_shared = rows["shared_pct"].notna() & (rows["state"] != "dropped")
    return rows["our_amount"].fillna(0).where(is_shared, 0)


@flow(
    table="finished_projects", on="ends_on", unit="count", by=("kind",), history="register",
    label=Words("完成的联合项目数", "joint projects finished"),
)  # fmt: skip
def projects_ended(rows: pd.DataFrame) -> pd.Series:
    """One for each project that ended."""
    return rows["project_id"].notna().astype("int64")
