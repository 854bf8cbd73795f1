"""Facts about deals in the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow, sample
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_DEALS = {"table": "opportunities", "on": "closed_on", "by": ("kind",), "has_product": True}


def _is_won(rows: pd.DataFrame) -> pd.Series:
    return rows["is_won"].fillna(False).astype(bool)


@flow(**_DEALS, unit="money", label=Words("赢单金额", "value won"))  # type: ignore[arg-type]  # one declaration for several
def won_amount(rows: pd.DataFrame) -> pd.Series:
    """The amount of each deal that was won."""
    return rows["amount"].where(_is_won(rows), 0)


@flow(**_DEALS, unit="count", label=Words("赢单数", "deals won"))  # type: ignore[arg-type]
def deals_won(rows: pd.DataFrame) -> pd.Series:
    """One for each deal that was won."""
    return _is_won(rows).astype("int64")


@flow(**_DEALS, unit="count", label=Words("输单数", "deals lost"))  # type: ignore[arg-type]
def deals_lost(rows: pd.DataFrame) -> pd.Series:
    """One for each deal that was closed and not won."""
    return (rows["is_won"].notna() & ~_is_won(rows)).astype("int64")


@sample(table="opportunities", on="closed_on", unit="days", label=Words("成交天数", "days to close"))
def days_to_close(rows: pd.DataFrame) -> pd.Series:
    """Days from opening to closing of each deal that was won."""
    return (rows["closed_on"] - rows["opened_on"]).dt.days.astype("Int64").where(_is_won(rows))
