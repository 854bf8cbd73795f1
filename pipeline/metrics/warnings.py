"""Early warning: what holds, what is at risk, and how right past warnings were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, median, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.metrics.voice import wilson
from pipeline.words import Words

_INTERNAL: dict[str, Any] = {"audience": "internal", "subjects": EVERYONE}
_NOW: dict[str, Any] = {**_INTERNAL, "windows": ("month", "quarter", "half", "year")}
_PAST: dict[str, Any] = {**_INTERNAL, "windows": ("quarter", "half", "year", "t12m")}
_MONTHS_A_YEAR = 12


@metric(
    **_NOW,
    label=Words("未解除预警数", "open warnings"),
    unit="count",
    better="lower",
    breakdowns=("", "rule"),
    trend="month",
    example=Example({"warnings_holding": 3}, 3),
)
def open_warnings(f: Any) -> Quantity:
    """How many early warnings hold on the last day of the window; a customer may have several.

    期末仍未解除的风险预警数；同一客户可有多条。

    Formula: warnings that hold | 未解除预警数

    Edge: one that was raised and is over again within the window is not in it; a rule whose table the exports lack raises none. | 期内发出且已解除的不计；导出数据缺少所需表的规则不会发出预警。

    Source: house definition (policy/warnings.toml)
    """
    return f.warnings_holding


@metric(
    **_INTERNAL,
    label=Words("新发预警数", "warnings raised in the window"),
    unit="count",
    better="lower",
    breakdowns=("", "rule"),
    example=Example({"warnings_begun": 2}, 2),
)
def warnings_raised(f: Any) -> Quantity:
    """How many early warnings were raised in the window, whether they still hold or not.

    期内新发出的风险预警数，不论是否已解除。

    Formula: warnings raised | 新发预警数

    Edge: one that is raised again after it was over counts again; while it holds it counts once. | 解除后再次发出的另计一次；持续期间只计一次。

    Source: house definition (policy/warnings.toml)
    """
    return f.warnings_begun


@metric(
    **_INTERNAL,
    label=Words("预警持续天数中位数", "days a warning held, median"),
    unit="days",
    better="lower",
    example=(Example({"warning_days": [10, 40, 90]}, 40), Example({"warning_days": []}, reason="no_data")),
)
def warning_duration(f: Any) -> Measure:
    """How long half of the warnings that ended in the window had held.

    期内解除的预警中，一半在此天数内解除。

    Formula: median of the days from being raised to being over | 从发出到解除的天数的中位数

    Edge: warnings that still hold are not in it. | 尚未解除的预警不计入。

    Source: usual practice
    """
    return median(f.warning_days)


@metric(
    **_NOW,
    label=Words("风险客户数", "customers at risk"),
    unit="count",
    better="lower",
    trend="month",
    example=Example({"risked_customers": 4}, 4),
)
def customers_at_risk(f: Any) -> Quantity:
    """How many customers have a warning on the last day of the window that puts their business at risk.

    期末存在业务风险预警的客户数。

    Formula: customers at risk | 有风险的客户数

    Edge: a role of ours that nobody has, or a contact nobody visited, is a gap and not a risk of its own. | 我方岗位空缺、联系人未拜访属于服务缺口，单独不构成业务风险。

    Source: house definition (policy/warnings.toml)
    """
    return f.risked_customers


@metric(
    **_NOW,
    label=Words("风险业务金额", "business at risk"),
    unit="money",
    better="lower",
    trend="month",
    example=Example({"risked_sales": 5_400_000}, 5_400_000),
)
def business_at_risk(f: Any) -> Quantity:
    """What customers with a warning bought in the year before it began; each customer counts once.

    存在业务风险预警的客户，在预警起因出现前一年的销售额；每个客户只计一次。

    Formula: a year's business at risk | 面临风险的年销售额

    Edge: it is what is at stake, not what will be lost. | 这是可能受影响的金额，不是预计损失。

    Source: house definition (policy/warnings.toml)
    """
    return f.risked_sales


@metric(
    **_PAST,
    label=Words("预警应验率", "warnings that came true, share"),
    unit="share",
    better="higher",
    breakdowns=("", "rule"),
    example=(
        Example(
            {"warnings_true": 13, "warnings_decided": 15}, 13 / 15, low=0.621, high=0.963, tolerance=0.0005
        ),
        Example({"warnings_true": 0, "warnings_decided": 0}, reason="not_positive"),
    ),
)
def warning_precision(f: Any) -> Measure:
    """The share of past warnings after which a loss showed within the time that policy gives them, with its 95 % interval.

    过往预警中，在规定期限内确实出现损失的比例，附95%置信区间。

    Formula: warnings that came true ÷ warnings decided | 应验的预警数 ÷ 已见分晓的预警数

    Edge: a customer that was helped in time counts as not come true, so this is a lower bound; warnings whose time is not over are left out. | 及时挽回的客户计为未应验，因此这是下限；期限未到的预警不计。

    Source: house definition (policy/warnings.toml); interval by E. B. Wilson, JASA 22 (1927)
    """
    return _share(f.warnings_true, f.warnings_decided)


@metric(
    **_PAST,
    label=Words("损失预警率", "losses foretold, share"),
    unit="share",
    better="higher",
    breakdowns=("", "kind"),
    example=(
        Example({"losses_foretold": 4, "losses_shown": 4}, 1.0, low=0.510, high=1.0, tolerance=0.0005),
        Example({"losses_foretold": 0, "losses_shown": 0}, reason="not_positive"),
    ),
)
def warning_recall(f: Any) -> Measure:
    """The share of losses that showed in the window of which a warning had told before, with its 95 % interval.

    期内出现的损失中，事先已有预警的比例，附95%置信区间。

    Formula: losses that were foretold ÷ losses that showed | 事先预警的损失数 ÷ 已发生的损失数

    Edge: what counts as a loss is stated in policy; losses of small customers may be chance, of which nobody can warn. | 何为损失由规则规定；小客户的损失可能出于偶然，无从预警。

    Source: house definition (policy/warnings.toml); interval by E. B. Wilson, JASA 22 (1927)
    """
    return _share(f.losses_foretold, f.losses_shown)


def _share(hits: Any, cases: Any) -> Measure:
    low, high = wilson(hits, cases)
    made: Measure = ratio(hits, cases, n=cases)
    return replace(made, low=low, high=high)


@metric(
    **_PAST,
    label=Words("预警提前天数中位数", "days of warning, median"),
    unit="days",
    better="higher",
    example=(
        Example({"days_of_warning": [30, 60, 150]}, 60),
        Example({"days_of_warning": []}, reason="no_data"),
    ),
)
def warning_lead_time(f: Any) -> Measure:
    """How long before a loss showed its first warning had been raised, for half of the losses that were foretold.

    有预警的损失中，一半在出现前至少这么多天已发出首次预警。

    Formula: median of the days from the first warning to the loss | 从首次预警到损失出现的天数的中位数

    Edge: losses of which no warning told are not in it; their share is told apart. | 未被预警的损失不计入，另以损失预警率反映。

    Source: house definition (policy/warnings.toml)
    """
    return median(f.days_of_warning)


@metric(
    **_PAST,
    label=Words("误报预算使用率", "false-warning budget used"),
    unit="share",
    better="lower",
    example=(
        Example(
            {"false_warnings": 3, "months_watched": 720, "rule.back_test": {"budget_account_years": 20}}, 1.0
        ),
        Example(
            {"false_warnings": 0, "months_watched": 0, "rule.back_test": {"budget_account_years": 20}},
            reason="not_positive",
        ),
    ),
)
def false_warnings_used(f: Any) -> Measure:
    """How much of the accepted number of false warnings was used up: above 100 % the thresholds in policy are too low.

    误报预算的使用比例：超过100%说明规则中的阈值偏低。

    Formula: false warnings × account-years per false warning accepted ÷ (account-months watched ÷ 12) | 误报数 × 每次可接受误报对应的客户年数 ÷（监测的客户月数 ÷ 12）

    Edge: only warnings concluded from figures count; one that was acted on well counts as false, so this is an upper bound. | 只计由数据推断的预警；处置得当的预警也计为误报，因此这是上限。

    Source: house definition (policy/warnings.toml)
    """
    accepted = f.rule("back_test").budget_account_years
    return ratio(f.false_warnings * accepted * _MONTHS_A_YEAR, f.months_watched, n=f.months_watched)
