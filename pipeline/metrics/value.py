"""Value: the customer's own goals, and what our claims of value come to."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_GOAL: dict[str, Any] = {
    "audience": "client",
    "subjects": ("account", "customer"),
    "windows": ("month", "quarter", "half", "year"),
    "breakdowns": ("goal",),
}
_CLAIM: dict[str, Any] = {
    "audience": "client",
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "year"),
    "breakdowns": ("confidence",),
}


@metric(
    **_GOAL,
    unit="share",
    better="higher",
    label=Words("目标进度", "progress of a goal"),
    example=(
        Example({"goal_gone": 102, "goal_distance": 120, "goals_numbered": 1}, 0.85),
        Example({"goal_gone": -10, "goal_distance": 120, "goals_numbered": 1}, -1 / 12),
        Example({"goal_gone": 5, "goal_distance": 0, "goals_numbered": 1}, reason="not_positive"),
        Example({"goal_gone": 0, "goal_distance": 0, "goals_numbered": 0}, reason="no_data"),
    ),
)
def goal_progress(f: Any) -> Measure:
    """How much of the way from the baseline to the target a goal has come; above 100 % is better than the target.

    目标从基线到目标值已完成的比例，超过100%表示优于目标。

    Formula: distance gone ÷ distance from the baseline to the target | 已改善幅度 ÷ 应改善幅度（基线至目标值）

    Edge: moved the wrong way is below zero; goals are numbered within a customer, and one without baseline or target has no figure. | 反向变动为负；目标在客户内编号；缺少基线或目标值则不计算。

    Source: house definition (policy/value.toml)
    """
    return ratio(_known(f, f.goal_gone), f.goal_distance)


def _known(f: Any, quantity: Quantity) -> Quantity:
    """The quantity of customers that have a goal of the number; the others have no figure."""
    return quantity.where(f.goals_numbered.values > 0, "no_data")


@metric(
    **_GOAL,
    unit="quantity",
    better="none",
    label=Words("目标基线", "baseline of a goal"),
    example=Example({"goal_from": 420, "goals_numbered": 1}, 420),
)
def goal_baseline(f: Any) -> Quantity:
    """Where a goal began, in its own unit.

    目标的起点，以其自身单位计。

    Formula: baseline of the goal | 目标基线值

    Edge: a customer without a goal of the number has no figure. | 客户没有该编号的目标则不计算。

    Source: as agreed with the customer
    """
    return _known(f, f.goal_from)


@metric(
    **_GOAL,
    unit="quantity",
    better="none",
    label=Words("目标现值", "value of a goal now"),
    example=Example({"goal_value": 318, "goals_numbered": 1}, 318),
)
def goal_now(f: Any) -> Quantity:
    """Where a goal stands on the window's last day, as last measured by then.

    目标截至期末最近一次测量的数值。

    Formula: value of the goal now | 目标现值

    Edge: before the first measurement it stands at its baseline. | 首次测量之前为基线值。

    Source: as measured, see the method of the goal
    """
    return _known(f, f.goal_value)


@metric(
    **_GOAL,
    unit="quantity",
    better="none",
    label=Words("目标值", "target of a goal"),
    example=Example({"goal_aim": 300, "goals_numbered": 1}, 300),
)
def goal_target(f: Any) -> Quantity:
    """Where a goal should be, in its own unit.

    目标应达到的数值，以其自身单位计。

    Formula: target of the goal | 目标值

    Edge: a customer without a goal of the number has no figure. | 客户没有该编号的目标则不计算。

    Source: as agreed with the customer
    """
    return _known(f, f.goal_aim)


@metric(
    **{**_GOAL, "subjects": EVERYONE, "breakdowns": ("",)},
    unit="share",
    better="higher",
    label=Words("目标达成率", "goals reached"),
    example=Example({"goals_met": 2, "goals_set": 5}, 0.4),
)
def goals_reached(f: Any) -> Measure:
    """The share of the customers' own goals that stand at their target or better.

    客户自身目标中已达到或优于目标值的比例。

    Edge: goals without a baseline or a target do not count. | 缺少基线或目标值的不计。

    Source: house definition (policy/value.toml)
    """
    return ratio(f.goals_met, f.goals_set, n=f.goals_set)


@metric(
    **_CLAIM,
    unit="money",
    better="higher",
    label=Words("已实现价值", "value realised"),
    example=(
        Example({"value_attributed": 1_500_000, "claims_counted": 3, "claims_valued": 3}, 1_500_000),
        Example({"value_attributed": 0, "claims_counted": 1, "claims_valued": 0}, reason="input_missing"),
    ),
)
def value_realised(f: Any) -> Measure:
    """What claims of value come to after attribution, for each class of confidence by itself; never added together.

    价值主张按归因比例折算后的金额，各可信等级分别列示，不相加。

    Formula: Σ money × share attributed, over claims with fresh evidence | Σ 金额 × 归因比例（证据有效的主张）

    Edge: evidence older than policy allows falls out until it is measured again; one benefit counts once, by its surest claim; claims without money or attribution are left out, and coverage says how many have both. | 证据超过政策期限即不计，重新测量后恢复；同一效益只按最可信的主张计一次；缺少金额或归因比例的不计，由覆盖率反映。

    Source: house definition (policy/value.toml)
    """
    known = (f.claims_valued > 0) | ~(f.claims_counted > 0)
    value = f.value_attributed.where(known, "input_missing")
    return Measure(value, n=f.claims_counted, coverage=ratio(f.claims_valued, f.claims_counted).value)


@metric(
    **_CLAIM,
    unit="count",
    better="none",
    label=Words("价值主张数", "value claims"),
    example=Example({"claims_counted": 3}, 3),
)
def value_claims(f: Any) -> Quantity:
    """How many claims of value have fresh evidence, by class of confidence.

    证据有效的价值主张数，按可信等级划分。

    Formula: value claims | 价值主张数

    Edge: one benefit counts once. | 同一效益只计一次。

    Source: house definition (policy/value.toml)
    """
    return f.claims_counted


@metric(
    **_GOAL,
    unit="money",
    better="higher",
    label=Words("单项主张价值", "value of a claim"),
    example=(
        Example({"claim_amount": 2_412_000, "claims_numbered": 1}, 2_412_000),
        Example({"claim_amount": 0, "claims_numbered": 0}, reason="no_data"),
    ),
)
def claim_value(f: Any) -> Quantity:
    """What one claim of value comes to after attribution, while its evidence is fresh.

    单项价值主张按归因比例折算后的金额，仅在证据有效期内计算。

    Formula: money × share attributed | 金额 × 归因比例

    Edge: claims have the numbers of their goals; a claim that has expired, counts with another of the same benefit, or states no money has no figure. | 主张与其目标同号；证据过期、同一效益已由另一主张计入或未列金额者不计算。

    Source: house definition (policy/value.toml)
    """
    return f.claim_amount.where(f.claims_numbered.values > 0, "no_data")


@metric(
    **_CLAIM,
    unit="money",
    better="higher",
    label=Words("迄今价值", "value to date"),
    example=Example({"value_ever": 838_000}, 838_000),
)
def value_to_date(f: Any) -> Quantity:
    """What all claims recorded so far come to after attribution, expired ones included, for each class of confidence by itself.

    迄今记录的全部价值主张（含证据已过期者）按归因比例折算后的金额，各可信等级分别列示，不相加。

    Formula: Σ money × share attributed, over all claims so far | Σ 金额 × 归因比例（迄今全部主张）

    Edge: each benefit counts once, as it was last stated; amounts of earlier statements are not added up; claims without money or attribution are left out. | 每项效益按最近一次申报计一次，历次申报不累加；缺少金额或归因比例的不计。

    Source: house definition (policy/value.toml)
    """
    return f.value_ever


@metric(
    **{**_CLAIM, "breakdowns": ("",)},
    unit="count",
    better="none",
    label=Words("迄今价值主张数", "value claims to date"),
    example=(
        Example({"claims_ever": 5}, 5),
        Example({"claims_ever": 0}, reason="no_data"),
    ),
)
def claims_to_date(f: Any) -> Quantity:
    """How many claims of value have been recorded so far, expired ones included.

    迄今记录的价值主张数，含证据已过期者。

    Formula: value claims to date | 迄今价值主张数

    Edge: one benefit counts once; where none was ever claimed there is no figure. | 同一效益只计一次；从未提出主张则不计算。

    Source: house definition (policy/value.toml)
    """
    return f.claims_ever.where(f.claims_ever.values > 0, "no_data")
