"""Facts about what customers said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow
from pipeline.schema import SCALE
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_FIVE = 5 * SCALE


def _five_point(rows: pd.DataFrame) -> pd.Series:
    """Answers on a scale of five; other scales are never mixed in. No stated scale of a csat answer means five."""
    return (rows["kind"] == "csat") & rows["score"].notna() & (rows["scale_max"].fillna(_FIVE) == _FIVE)


@flow(table="surveys", on="answered_on", unit="count", label=Words("满意度回答数", "satisfaction answers"))
def csat_answers(rows: pd.DataFrame) -> pd.Series:
    """One for each answer on a scale of five."""
    return _five_point(rows).astype("int64")


@flow(table="surveys", on="answered_on", unit="count", label=Words("满意回答数", "satisfied answers"))
def csat_satisfied(rows: pd.DataFrame) -> pd.Series:
    """One for each answer of four or five on five."""
    return (_five_point(rows) & (rows["score"] >= 4 * SCALE).fillna(False)).astype("int64")
