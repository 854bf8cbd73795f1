"""Questions: which surveys were sent, and which of them had been answered by the cut-off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources

_CARRIED = ("account_id", "customer_id", "survey_id", "kind", "asked_on")


@derived("surveys")
def questions(inputs: Inputs) -> pd.DataFrame:
    """One row per survey of which is known when it was sent; an answer after the cut-off is not known yet."""
    rows = inputs.tables["surveys"]
    rows = rows[rows["asked_on"].notna()].reset_index(drop=True)
    answered = rows["answered_on"] < np.datetime64(inputs.until_on)
    return rows[list(_CARRIED)].assign(
        is_answered=answered.fillna(False).astype(bool), _from=sources("surveys", rows)
    )
