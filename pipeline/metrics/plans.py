"""Plan alignment: how the objectives of account plans stand, who has a plan, and whether it is worked on."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import CUSTOMERS, EVERYONE, Example, metric
from pipeline.words import Words

_NOW: dict[str, Any] = {"audience": "internal", "windows": ("month", "quarter", "ytd", "year")}
_OBJECTIVES: dict[str, Any] = {**_NOW, "subjects": EVERYONE, "breakdowns": ("", "basis")}


@metric(
    **_OBJECTIVES,
    unit="share",
    better="higher",
    label=Words("计划目标推进率", "plan objectives on course"),
    example=(
        Example({"objectives_met": 2, "objectives_on_the_way": 4, "objectives_told": 8}, 0.75),
        Example(
            {"objectives_met": 0, "objectives_on_the_way": 0, "objectives_told": 0}, reason="not_positive"
        ),
    ),
)
def plan_alignment(f: Any) -> Measure:
    """The share of account plan objectives that were met or are where they should be by now.

    客户计划目标中，已达成或按进度推进的比例。

    Formula: (objectives met + on the way) ÷ objectives that can be told | （已达成 + 推进中的目标）÷ 可判断的目标

    Edge: an objective whose measure is in the catalogue is read from it, for its account; else the plan's own words count, told apart by basis; what neither tells is left out. Only as of the run's date: plans of the past are not known. | 衡量指标在目录中的目标按该账户的实际数判断，其余以计划自身状态为准并按依据分列；两者皆无的不计入。只反映本期末状态，过去的计划不可知。

    Source: house definition (policy/account_plan.toml)
    """
    return ratio(f.objectives_met + f.objectives_on_the_way, f.objectives_told, n=f.objectives_told)


@metric(
    **_OBJECTIVES,
    unit="count",
    better="higher",
    label=Words("已达成的计划目标", "plan objectives met"),
    example=Example({"objectives_met": 2}, 2),
)
def plan_objectives_met(f: Any) -> Quantity:
    """How many objectives of account plans were met.

    已达成的客户计划目标数。

    Formula: objectives met | 已达成的目标数

    Edge: an amount that is reached is met before its day; a rate only on its day. | 金额类目标达到即算达成；比率类到期时才算。

    Source: house definition (policy/account_plan.toml)
    """
    return f.objectives_met


@metric(
    **_OBJECTIVES,
    unit="count",
    better="none",
    label=Words("推进中的计划目标", "plan objectives on the way"),
    example=Example({"objectives_on_the_way": 4}, 4),
)
def plan_objectives_on_the_way(f: Any) -> Quantity:
    """How many objectives of account plans still to come are where they should be by now.

    尚未到期、进度符合预期的客户计划目标数。

    Formula: objectives on or ahead of the straight line from baseline to target | 不落后于基线至目标直线进度的目标数

    Edge: an amount begins at zero with the year; a rate without a baseline is on the way only where it has reached its target. | 金额类自年初从零起算；没有基线的比率只有达到目标值才算推进中。

    Source: house definition (policy/account_plan.toml)
    """
    return f.objectives_on_the_way


@metric(
    **_OBJECTIVES,
    unit="count",
    better="lower",
    label=Words("落后的计划目标", "plan objectives behind"),
    example=Example({"objectives_behind": 1}, 1),
)
def plan_objectives_behind(f: Any) -> Quantity:
    """How many objectives of account plans still to come are not where they should be by now.

    尚未到期但进度落后的客户计划目标数。

    Formula: objectives behind the straight line from baseline to target | 落后于基线至目标直线进度的目标数

    Edge: of what cannot be measured the plan's own word counts (at risk). | 无法衡量的以计划自身状态（有风险）为准。

    Source: house definition (policy/account_plan.toml)
    """
    return f.objectives_behind


@metric(
    **_OBJECTIVES,
    unit="count",
    better="lower",
    label=Words("未达成的计划目标", "plan objectives missed"),
    example=Example({"objectives_missed": 1}, 1),
)
def plan_objectives_missed(f: Any) -> Quantity:
    """How many objectives of account plans passed their day without being met.

    到期未达成的客户计划目标数。

    Formula: objectives due and not met | 到期未达成的目标数

    Edge: the figure at the end of the month in which the objective was due decides. | 以到期当月月末的数值判断。

    Source: house definition (policy/account_plan.toml)
    """
    return f.objectives_missed


@metric(
    **_OBJECTIVES,
    unit="count",
    better="lower",
    label=Words("无法判断的计划目标", "plan objectives that cannot be told"),
    example=Example({"objectives_untold": 1}, 1),
)
def plan_objectives_untold(f: Any) -> Quantity:
    """How many objectives no metric measures, with a plan that says nothing of how they stand.

    既无指标衡量、计划也未说明状态的目标数。

    Formula: objectives of unknown standing | 状态不明的目标数

    Edge: such an objective counts neither as met nor as missed. | 此类目标既不算达成也不算未达成。

    Source: house definition
    """
    return f.objectives_untold


@metric(
    **_NOW,
    subjects=CUSTOMERS,
    unit="share",
    better="higher",
    label=Words("客户计划覆盖率", "customers with the plan promised"),
    example=(
        Example({"plans_made": 9, "plans_due": 12}, 0.75),
        Example({"plans_made": 0, "plans_due": 0}, reason="not_positive"),
    ),
)
def plan_coverage(f: Any) -> Measure:
    """The share of customers of classes that are promised an account plan which have one.

    应有客户计划的类别中，已制定计划的客户比例。

    Formula: customers with a plan ÷ customers promised one | 已有计划的客户 ÷ 应有计划的客户

    Edge: an objective still to come, on any account of a group, makes a plan; policy names the classes. | 集团任一账户有未到期目标即视为有计划；应有计划的类别由政策规定。

    Source: house definition (policy/account_plan.toml)
    """
    return ratio(f.plans_made, f.plans_due, n=f.plans_due)


@metric(
    **_NOW,
    subjects=EVERYONE,
    unit="days",
    better="lower",
    label=Words("计划距上次推进", "days since the plan was worked on"),
    example=(
        Example({"plan_idle_days": 90, "accounts_touched": 3}, 30),
        Example({"plan_idle_days": 0, "accounts_touched": 0}, reason="not_positive"),
    ),
)
def plan_freshness(f: Any) -> Measure:
    """How many days ago account plans were last worked on, on average.

    客户计划距上次推进的平均天数。

    Formula: Σ days since a plan was last worked on ÷ accounts whose plan was | Σ 计划未推进天数 ÷ 计划推进过的账户

    Edge: worked on is an action of the plan done or a review held with the account; a plan never worked on has no age and is counted apart. | 完成计划内行动或与客户召开回顾会议即为推进；从未推进的计划没有天数，另行计数。

    Source: house definition
    """
    return ratio(f.plan_idle_days, f.accounts_touched, n=f.accounts_touched)


@metric(
    **_NOW,
    subjects=EVERYONE,
    unit="count",
    better="lower",
    label=Words("从未推进的计划", "plans never worked on"),
    example=Example({"accounts_planned": 4, "accounts_touched": 3}, 1),
)
def plans_untouched(f: Any) -> Quantity:
    """How many accounts have a running plan on which nothing was ever done.

    有计划但从未推进过的账户数。

    Formula: accounts with a plan − accounts whose plan was worked on | 有计划的账户 − 计划推进过的账户

    Edge: see days since the plan was worked on. | 参见“计划距上次推进”。

    Source: house definition
    """
    return f.accounts_planned - f.accounts_touched


@metric(
    audience="internal",
    subjects=EVERYONE,
    windows=("month", "quarter", "half", "ytd", "year", "t12m"),
    unit="share",
    better="higher",
    label=Words("计划行动按时完成率", "plan actions done in time"),
    example=(
        Example({"plan_actions_kept": 3, "plan_actions_due": 4}, 0.75),
        Example({"plan_actions_kept": 0, "plan_actions_due": 0}, reason="not_positive"),
    ),
)
def plan_actions_done(f: Any) -> Measure:
    """The share of account plan actions due in the window that were done by their day.

    期内到期的客户计划行动中，按时完成的比例。

    Formula: plan actions done in time ÷ plan actions due | 按时完成的计划行动 ÷ 到期的计划行动

    Edge: actions that name a plan, seen by the client or not; what was dropped is left out; done late counts as due and not in time. | 只计归属计划的行动，无论客户是否可见；已撤销的不计入；逾期完成的计为到期但未按时。

    Source: house definition (policy/account_plan.toml)
    """
    return ratio(f.plan_actions_kept, f.plan_actions_due, n=f.plan_actions_due)
