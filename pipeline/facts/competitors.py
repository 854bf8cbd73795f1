"""Facts about competitors seen at accounts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.facts import flow, sample
from pipeline.words import Words

_SEEN: dict[str, Any] = {"table": "competitor_events", "on": "seen_on"}


@flow(
    **_SEEN,
    unit="count",
    by=("kind", "competitor"),
    history="register",
    label=Words("竞争对手动向数", "competitor sightings"),
)
def rivals_seen(rows: pd.DataFrame) -> pd.Series:
    """One for each time a competitor was seen at an account."""
    return rows["event_id"].notna().astype("int64")


@sample(**_SEEN, unit="share", label=Words("竞争对手价差", "price gap of a competitor"))
def price_gaps(rows: pd.DataFrame) -> pd.Series:
    """By how much a competitor's price differed from ours, where it is known; negative where it was lower."""
    return rows["price_gap_pct"]
