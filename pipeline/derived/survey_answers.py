"""Answers: what was answered on which scale, for scores that never mix scales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.schema import SCALE

_USUAL = {"csat": 5 * SCALE, "nps": 10 * SCALE}
"""The scale of an answer that does not state its own."""
_TENTHS = 10


@derived("surveys")
def survey_answers(inputs: Inputs) -> pd.DataFrame:
    """One row per answer known by the cut-off: `scale` as text ("5", "10"), `score` in ten-thousandths.

    `is_top` is an answer in the upper part of its scale: four fifths of it or more (4 of 5, 8 of 10).
    """
    rows = inputs.tables["surveys"]
    rows = rows[rows["answered_on"].notna() & (rows["answered_on"] < np.datetime64(inputs.until_on))]
    rows = rows[rows["score"].notna()].reset_index(drop=True)
    usual = rows["kind"].map(_USUAL).astype("Int64")
    scale = rows["scale_max"].fillna(usual)
    return pd.DataFrame(
        {
            **{
                name: rows[name]
                for name in ("account_id", "customer_id", "survey_id", "kind", "answered_on", "score")
            },
            "scale": _text(scale),
            "is_top": (rows["score"] * 5 >= scale * 4).fillna(False).astype(bool),
            "_from": sources("surveys", rows),
        }
    )


def _text(scale: pd.Series) -> pd.Series:
    """The scale as people write it: 5, 10, 6.5; empty where it is not known."""
    tenths = scale.dropna() * _TENTHS // SCALE
    texts = [str(each // _TENTHS) if each % _TENTHS == 0 else str(each / _TENTHS) for each in tenths]
    return pd.Series(texts, index=tenths.index, dtype="str").reindex(scale.index)
