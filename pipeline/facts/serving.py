"""Facts about the effort that an account takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.engine.exact import half_up
from pipeline.facts import flow
from pipeline.schema import SCALE
from pipeline.words import Words

if TYPE_CHECKING:
    from pipeline.engine.exact import Integers

_EFFORT: dict[str, Any] = {
    "table": "cost_to_serve",
    "on": "month_on",
    "by": ("activity",),
    "history": "beside",
}


@flow(**_EFFORT, unit="money", label=Words("服务成本", "cost to serve"))
def serving_cost(rows: pd.DataFrame) -> pd.Series:
    """Hours times their rate."""
    known = rows["hours"].notna() & rows["rate_amount"].notna()
    hours: Integers = rows["hours"].to_numpy(dtype=np.int64, na_value=0)
    cost = half_up(
        hours * rows["rate_amount"].to_numpy(dtype=np.int64, na_value=0), np.full_like(hours, SCALE)
    )
    return pd.Series(cost, index=rows.index, dtype="Int64").where(known)


@flow(**_EFFORT, unit="hours", label=Words("服务工时", "hours of service"))
def serving_hours(rows: pd.DataFrame) -> pd.Series:
    """Hours spent on the account."""
    return rows["hours"]
