"""Facts about recommendation, other scales, and how many of those asked answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.schema import SCALE
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_ANSWERS: dict[str, Any] = {"table": "survey_answers", "on": "answered_on", "unit": "count"}
_ASKED: dict[str, Any] = {"table": "questions", "on": "asked_on", "unit": "count", "by": ("kind",)}
_PROMOTER, _DETRACTOR = 9 * SCALE, 6 * SCALE


def _nps(rows: pd.DataFrame) -> pd.Series:
    """Answers to the recommendation question, from 0 to 10."""
    return (rows["kind"] == "nps") & (rows["scale"] == "10")


def _other(rows: pd.DataFrame) -> pd.Series:
    """Satisfaction on another scale than five."""
    return (rows["kind"] == "csat") & rows["scale"].notna() & (rows["scale"] != "5")


@flow(**_ANSWERS, label=Words("推荐意愿回答数", "answers on recommendation"))
def nps_answers(rows: pd.DataFrame) -> pd.Series:
    """One for each answer from 0 to 10."""
    return _nps(rows).astype("int64")


@flow(**_ANSWERS, label=Words("推荐者数", "promoters"))
def promoters(rows: pd.DataFrame) -> pd.Series:
    """One for each answer of 9 or 10."""
    return (_nps(rows) & (rows["score"] >= _PROMOTER)).astype("int64")


@flow(**_ANSWERS, label=Words("贬损者数", "detractors"))
def detractors(rows: pd.DataFrame) -> pd.Series:
    """One for each answer of 6 or less."""
    return (_nps(rows) & (rows["score"] <= _DETRACTOR)).astype("int64")


@flow(
    **_ANSWERS,
    only_by=("scale",),
    label=Words("其他分制满意度回答数", "satisfaction answers on other scales"),
)
def scale_answers(rows: pd.DataFrame) -> pd.Series:
    """One for each satisfaction answer on another scale than five."""
    return _other(rows).astype("int64")


@flow(**_ANSWERS, only_by=("scale",), label=Words("其他分制满意回答数", "satisfied answers on other scales"))
def scale_satisfied(rows: pd.DataFrame) -> pd.Series:
    """One for each of them in the upper fifth and above: four fifths of the scale or more."""
    return (_other(rows) & rows["is_top"]).astype("int64")


@flow(**_ASKED, label=Words("发出问卷数", "surveys asked"))
def surveys_asked(rows: pd.DataFrame) -> pd.Series:
    """One for each survey sent."""
    return rows["asked_on"].notna().astype("int64")


@flow(**_ASKED, label=Words("回收问卷数", "surveys answered"))
def surveys_answered(rows: pd.DataFrame) -> pd.Series:
    """One for each survey sent that was answered by the cut-off."""
    return rows["is_answered"].astype("int64")
