"""Answers: what was answered on which scale, for scores that never mix scales, and what was said with it."""

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


@derived("surveys")
def comments(inputs: Inputs) -> pd.DataFrame:
    """One row per answer with a comment known by the cut-off; text stands here only where it may be quoted.

    `is_critical` is an answer in the lower three fifths of its scale (3 of 5, 6 of 10): those whom Reichheld calls
    detractors. `is_acted_on`: an action was taken on it, whether or not it may be quoted.
    """
    rows = inputs.tables["surveys"]
    rows = rows[rows["answered_on"].notna() & (rows["answered_on"] < np.datetime64(inputs.until_on))]
    rows = rows[_is_said(rows["comment"])].reset_index(drop=True)
    scale = rows["scale_max"].fillna(rows["kind"].map(_USUAL).astype("Int64"))
    may_quote = rows["may_quote"].fillna(value=False).astype(bool)
    acted = _is_said(rows["action_taken"])
    return pd.DataFrame(
        {
            **{
                name: rows[name] for name in ("account_id", "customer_id", "survey_id", "kind", "answered_on")
            },
            "comment": rows["comment"].where(may_quote),
            "action_taken": rows["action_taken"].where(may_quote & acted),
            "may_quote": may_quote,
            "is_critical": (rows["score"] * 5 <= scale * 3).fillna(value=False).astype(bool),
            "is_acted_on": acted,
            "_from": sources("surveys", rows),
        }
    )


def _is_said(texts: pd.Series) -> pd.Series:
    """Whether a text says anything."""
    return texts.fillna("").astype("str").str.strip() != ""
