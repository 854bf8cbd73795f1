"""Competence: an account manager is engineer, salesperson and leader; levels assessed, asked for, and what lacks."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "audience": "restricted",
    "subjects": ("manager", "team", "portfolio"),
    "windows": ("month", "quarter", "ytd", "year"),
    "breakdowns": ("", "area", "skill"),
}
_SIX = {"skills_assessed": 6, "levels_assessed": 22, "skills_targeted": 6, "levels_targeted": 24}


@metric(
    **_SHARED,
    unit="ratio",
    better="higher",
    label=Words("能力等级", "competence level"),
    example=Example(_SIX, 22 / 6),
)
def competence_level(f: Any) -> Measure:
    """The mean level at which skills were last assessed.

    各项能力最近一次评估等级的平均值。

    Formula: Σ levels assessed ÷ skills assessed | Σ 评估等级 ÷ 已评估能力项

    Edge: of each skill the latest assessment up to the window's last day counts; a team has the skills of those in it on that day. | 每项能力只取窗口最后一天及之前的最近一次评估；团队取当日在组成员的能力。

    Source: house definition
    """
    return ratio(f.levels_assessed, f.skills_assessed, n=f.skills_assessed)


@metric(
    **_SHARED,
    unit="ratio",
    better="none",
    label=Words("能力目标等级", "competence level asked for"),
    example=Example(_SIX, 4),
)
def competence_target(f: Any) -> Measure:
    """The mean level asked for, over the skills that were assessed and for which one is asked.

    已评估且设有目标等级的能力项，其目标等级的平均值。

    Formula: Σ levels asked for ÷ skills with a target level | Σ 目标等级 ÷ 有目标等级的能力项

    Edge: a skill without a target level is left out. | 没有目标等级的能力项不计入。

    Source: house definition
    """
    return ratio(f.levels_targeted, f.skills_targeted, n=f.skills_targeted)


@metric(
    **_SHARED,
    unit="ratio",
    better="lower",
    label=Words("能力差距", "competence gap"),
    example=(
        Example({"levels_lacking": 3, "skills_targeted": 6}, 0.5),
        Example({"levels_lacking": 0, "skills_targeted": 0}, reason="not_positive"),
    ),
)
def competence_gap(f: Any) -> Measure:
    """What lacks on average to the level asked for: one level in every second skill is half a level.

    各项能力与目标等级的平均差距（级）；每两项缺一级，差距为0.5级。

    Formula: Σ max(0, target level − level) ÷ skills with a target level | Σ max（0，目标等级 − 评估等级）÷ 有目标等级的能力项

    Edge: a level above its target makes up for no other skill; without target levels there is no figure. | 超出目标的等级不抵补其他能力；没有目标等级则不计算。

    Source: house definition; gap analysis of competence models
    """
    return ratio(f.levels_lacking, f.skills_targeted, n=f.skills_targeted)


@metric(
    **_SHARED,
    unit="count",
    better="lower",
    label=Words("未达标能力项", "skills below target"),
    example=Example({"skills_lacking": 2}, 2),
)
def competences_below(f: Any) -> Quantity:
    """How many skills were last assessed below the level asked for.

    最近一次评估低于目标等级的能力项数。

    Formula: skills assessed below their target level | 评估等级低于目标等级的能力项数

    Edge: of a team each manager's skill counts by itself. | 团队按每人每项能力分别计数。

    Source: house definition
    """
    return f.skills_lacking


@metric(
    **_SHARED,
    unit="days",
    better="lower",
    label=Words("能力评估距今", "age of the assessment"),
    example=Example({"assessment_days": 600, "skills_assessed": 6}, 100),
)
def assessment_age(f: Any) -> Measure:
    """How many days ago skills were last assessed, on average.

    各项能力最近一次评估距窗口最后一天的平均天数。

    Formula: Σ days since assessment ÷ skills assessed | Σ 评估距今天数 ÷ 已评估能力项

    Edge: a skill never assessed has no age and is not counted. | 从未评估的能力项没有距今天数，不计入。

    Source: house definition
    """
    return ratio(f.assessment_days, f.skills_assessed, n=f.skills_assessed)
