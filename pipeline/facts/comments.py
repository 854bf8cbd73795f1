"""Facts about what was said in answers, and whether anything was done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_SAID: dict[str, Any] = {"table": "comments", "on": "answered_on", "unit": "count"}


@flow(**_SAID, label=Words("批评意见数", "critical comments"))
def criticisms(rows: pd.DataFrame) -> pd.Series:
    """One for each comment of an answer in the lower three fifths of its scale."""
    return rows["is_critical"].astype("int64")


@flow(**_SAID, label=Words("已处理的批评意见数", "critical comments acted on"))
def criticisms_acted_on(rows: pd.DataFrame) -> pd.Series:
    """One for each of them on which an action was taken."""
    return (rows["is_critical"].astype(bool) & rows["is_acted_on"].astype(bool)).astype("int64")
