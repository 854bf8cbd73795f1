"""Collection: how late money comes, what is overdue, how much of what could be collected was."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_LATE: dict[str, Any] = {
    "unit": "days",
    "better": "lower",
    "audience": "internal",
    "windows": ("month", "quarter", "half", "year", "t12m"),
}
_OVERDUE: dict[str, Any] = {
    "better": "lower",
    "audience": "client",
    "windows": ("month", "quarter", "half", "year"),
    "trend": "month",
}


@metric(
    **_LATE,
    trend="month",
    label=Words("金额加权逾期天数", "weighted days late"),
    example=(
        Example({"settled": 300, "settled_days": 900, "still_late": 0, "still_late_days": 0}, 3),
        Example({"settled": 300, "settled_days": -600, "still_late": 100, "still_late_days": 3000}, 6),
        Example(
            {"settled": 0, "settled_days": 0, "still_late": 0, "still_late_days": 0}, reason="not_positive"
        ),
    ),
)
def weighted_days_late(f: Any) -> Measure:
    """How many days after the due date a unit of money came; early money counts against late money.

    每一元货款平均在到期日之后多少天到账，提前到账抵减逾期。

    Edge: part payments count row by row; what is still overdue counts up to the last day, so the figure is a lower bound; disputed invoices stand apart. | 部分付款逐笔计算；仍逾期的计至期末，因此为下限；争议发票单列。

    Source: Credit Research Foundation, "Average Days Delinquent", weighed by amount; house definition
    """
    return ratio(f.settled_days + f.still_late_days, f.settled + f.still_late)


@metric(
    **_LATE,
    label=Words("金额加权逾期天数（提前计零）", "weighted days late, early as zero"),
    example=Example(
        {"settled": 300, "settled_days_floored": 600, "still_late": 100, "still_late_days": 3000}, 9
    ),
)
def weighted_days_late_floored(f: Any) -> Measure:
    """How many days after the due date a unit of money came; early money counts as on the day.

    每一元货款平均在到期日之后多少天到账，提前到账按零天计。

    Edge: early money does not make up for late money here. | 此处提前到账不能抵减逾期。

    Source: house definition
    """
    return ratio(f.settled_days_floored + f.still_late_days, f.settled + f.still_late)


@metric(
    **_LATE,
    label=Words("争议发票加权逾期天数", "weighted days late of disputed invoices"),
    example=Example(
        {
            "settled_disputed": 100,
            "settled_disputed_days": 4000,
            "still_late_disputed": 100,
            "still_late_disputed_days": 2000,
        },
        30,
    ),
)
def weighted_days_late_disputed(f: Any) -> Measure:
    """The same of disputed invoices, which the other figures leave out.

    争议发票的金额加权逾期天数，其他两项不含争议发票。

    Edge: whether an invoice is disputed is known as of today only. | 是否存在争议只有当前状态。

    Source: house definition
    """
    return ratio(
        f.settled_disputed_days + f.still_late_disputed_days, f.settled_disputed + f.still_late_disputed
    )


@metric(
    **_OVERDUE,
    unit="money",
    label=Words("逾期金额", "overdue amount"),
    example=Example({"overdue": 120}, 120),
)
def overdue_amount(f: Any) -> Quantity:
    """What was open past its due date on the window's last day, gross of tax.

    期末已过到期日仍未结清的金额，含税。

    Formula: overdue receivables on the last day | 期末逾期应收账款

    Edge: the ageing buckets from the first day late on; open credit notes past their date count against it. | 账龄各逾期档之和；到期未抵扣的贷项抵减。

    Source: usual practice
    """
    return f.overdue


@metric(
    **_OVERDUE,
    unit="share",
    label=Words("逾期占比", "overdue share"),
    example=(
        Example({"overdue": 120, "receivables": 480}, 0.25),
        Example({"overdue": 0, "receivables": 0}, reason="not_positive"),
    ),
)
def overdue_share(f: Any) -> Measure:
    """The share of the receivables that was past its due date on the window's last day.

    期末应收账款中已逾期的比例。

    Edge: nothing open gives no figure. | 没有应收账款则不计算。

    Source: usual practice
    """
    return ratio(f.overdue, f.receivables)


@metric(
    label=Words("回款效率", "collection effectiveness"),
    unit="share",
    better="higher",
    audience="internal",
    windows=("month", "quarter", "half", "year"),
    trend="month",
    example=Example({"opening.receivables": 300, "billed": 500, "receivables": 350, "overdue": 50}, 0.9),
)
def collection_effectiveness(f: Any) -> Measure:
    """Of what could have been collected in the window the share that was.

    期内可回款金额中实际收回的比例。

    Formula: (receivables at the start + invoiced − receivables) ÷ (receivables at the start + invoiced − receivables not yet due) | （期初应收 + 开票 − 期末应收）÷（期初应收 + 开票 − 期末未到期应收）

    Edge: what is not yet due at the end could not be collected; nothing collectable gives no figure. | 期末未到期的不属可回款；没有可回款金额则不计算。

    Source: Credit Research Foundation, "Collection Effectiveness Index"
    """
    begun = f.opening.receivables + f.billed
    return ratio(begun - f.receivables, begun - (f.receivables - f.overdue))
