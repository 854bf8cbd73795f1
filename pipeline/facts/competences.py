"""Facts about competences: levels assessed and asked for, and how old the assessments are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stated
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_LEVELS: dict[str, Any] = {
    "table": "competence_levels",
    "on": "from_on",
    "until": "until_on",
    "by": ("area", "skill"),
}


@stated(**_LEVELS, unit="count", label=Words("已评估能力项", "skills assessed"))
def skills_assessed(rows: pd.DataFrame) -> pd.Series:
    """One for each skill of a manager that was assessed."""
    return rows["level"].notna().astype("int64")


@stated(**_LEVELS, unit="count", label=Words("能力等级之和", "levels assessed"))
def levels_assessed(rows: pd.DataFrame) -> pd.Series:
    """The levels as last assessed."""
    return rows["level"]


@stated(**_LEVELS, unit="count", label=Words("有目标等级的能力项", "skills with a target level"))
def skills_targeted(rows: pd.DataFrame) -> pd.Series:
    """One for each skill that was assessed and for which a level is asked."""
    return rows["target_level"].notna().astype("int64")


@stated(**_LEVELS, unit="count", label=Words("目标等级之和", "levels asked for"))
def levels_targeted(rows: pd.DataFrame) -> pd.Series:
    """The levels asked for, where one is."""
    return rows["target_level"].fillna(0)


@stated(**_LEVELS, unit="count", label=Words("能力差距之和", "levels lacking"))
def levels_lacking(rows: pd.DataFrame) -> pd.Series:
    """What lacks to the level asked for, where less was assessed."""
    return rows["gap"].fillna(0)


@stated(**_LEVELS, unit="count", label=Words("未达目标等级的能力项", "skills below target"))
def skills_lacking(rows: pd.DataFrame) -> pd.Series:
    """One for each skill assessed below the level asked for."""
    return (rows["gap"].fillna(0) > 0).astype("int64")


@stated(**_LEVELS, unit="days", label=Words("评估距今天数之和", "days since assessment"))
def assessment_days(rows: pd.DataFrame) -> pd.Series:
    """The days from each skill's latest assessment to the window's last day."""
    return rows["age_days"]
