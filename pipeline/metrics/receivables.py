"""Receivables: what is open, how old it is, how fast it turns into money."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import KNOWN, Measure, Quantity, ratio, reason_code
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_LONGEST_COUNTBACK = 36
_CENT = 100
"""A cent in ten-thousandths: countback rounds to it at each step, or a residue walks one month too far."""


@metric(
    label=Words("应收账款", "receivables"),
    unit="money",
    better="none",
    audience="client",
    windows=("month", "quarter", "half", "year"),
    trend="month",
    example=Example({"receivables": 300}, 300),
)
def receivables(f: Any) -> Quantity:
    """What was open on the window's last day, gross of tax.

    期末未结清的应收金额，含税。

    Formula: receivables on the last day | 期末应收账款

    Edge: each document is valued in its own currency and converted at the rate of the day. | 每张单据先按原币计算，再按当日汇率折算。

    Source: IFRS 9; IAS 21.23 (closing rate)
    """
    return f.receivables


@metric(
    label=Words("账龄", "ageing of receivables"),
    unit="money",
    better="none",
    audience="client",
    windows=("month", "quarter", "half", "year"),
    breakdowns=("bucket",),
    example=Example({"receivables": 120}, 120),
)
def ageing(f: Any) -> Quantity:
    """Receivables by days past the due date; the buckets add up to the receivables.

    按逾期天数划分的应收账款，各档之和等于应收账款。

    Formula: receivables of the bucket on the last day | 该账龄档的期末应收账款

    Edge: an invoice without a due date is due after the policy's payment days, and is reported as a finding. | 没有到期日的发票按政策账期计算，并列为数据问题。

    Source: usual practice
    """
    return f.receivables


@metric(
    label=Words("应收账款周转率", "receivables turnover"),
    unit="ratio",
    better="higher",
    audience="internal",
    windows=("quarter", "half", "year", "t12m"),
    trend="t12m",
    example=Example({"billed": 1200, "mean.receivables": 300}, 4),
)
def receivables_turnover(f: Any) -> Measure:
    """How often the mean receivable was invoiced anew in the window; not annualised.

    期内开票额相当于平均应收账款的次数，不年化。

    Edge: the mean is taken over the opening and every month-end; both sides include tax. | 平均值取期初与每个月末；分子分母均含税。

    Source: 财政部《企业绩效评价标准值》 (应收账款周转率); usual practice
    """
    return ratio(f.billed, f.mean.receivables)


@metric(
    label=Words("应收账款周转天数", "receivables turnover days"),
    unit="days",
    better="lower",
    audience="internal",
    windows=("quarter", "half", "year", "t12m"),
    trend="t12m",
    example=Example({"billed": 1200, "mean.receivables": 300, "days": 365}, 91.25),
)
def turnover_days(f: Any) -> Measure:
    """The days of the window divided by the turnover.

    期内天数除以应收账款周转率。

    Formula: days × mean receivables ÷ invoiced, gross of tax | 天数 × 平均应收账款 ÷ 开票金额（含税）

    Edge: the policy's year of 360 or 365 days applies to windows of a year. | 整年窗口按政策取360或365天。

    Source: usual practice
    """
    days = f.rule("receivables").year_days if f.days >= 365 else f.days
    return ratio(f.mean.receivables * days, f.billed)


@metric(
    label=Words("应收账款周转天数（简单法）", "days sales outstanding, simple"),
    unit="days",
    better="lower",
    audience="internal",
    windows=("month", "quarter", "half", "year"),
    trend="month",
    example=Example(
        {"receivables": 10869, "trailing(3).billed": 5538 + 4566 + 7570, "trailing(3).days": 90},
        55.35,
        tolerance=0.005,
    ),
)
def dso_simple(f: Any) -> Measure:
    """Receivables at the end against the invoices of the last three months, whatever the window.

    期末应收账款与最近三个月开票额之比，折算为天数，与窗口长短无关。

    Formula: receivables × days of the last three months ÷ invoiced in the last three months | 应收账款 × 最近三个月天数 ÷ 最近三个月开票额

    Edge: no invoices in three months give no figure. | 三个月内无开票则不计算。

    Source: Credit Research Foundation, "Days Sales Outstanding"
    """
    quarter = f.trailing(3)
    return ratio(f.receivables * quarter.days, quarter.billed)


@metric(
    label=Words("应收账款周转天数（倒推法）", "days sales outstanding, countback"),
    unit="days",
    better="lower",
    audience="internal",
    windows=("month", "quarter", "half", "year"),
    trend="month",
    example=(
        Example(
            {
                "receivables": 212_000,
                "trailing(1).billed": 100_000, "trailing(1).days": 31,
                "trailing(1).back(1).billed": 80_000, "trailing(1).back(1).days": 28,
                "trailing(1).back(2).billed": 70_000, "trailing(1).back(2).days": 31,
            },
            73.17, tolerance=0.005,
        ),
        Example(
            {
                "receivables": 212_000,
                "trailing(1).billed": 100_000, "trailing(1).days": 30,
                "trailing(1).back(1).billed": 80_000, "trailing(1).back(1).days": 30,
                "trailing(1).back(2).billed": 70_000, "trailing(1).back(2).days": 30,
            },
            73.71, tolerance=0.005,
        ),
        Example(
            {
                "receivables": 212_000,
                "trailing(1).billed": 100_000, "trailing(1).days": 30,
                "trailing(1).back(1).billed": 80_000, "trailing(1).back(1).days": 31,
                "trailing(1).back(2).days": 31,
            },
            reason="short_history", low=61,
        ),
    ),
)  # fmt: skip
def dso_countback(f: Any) -> Measure:
    """How many days of invoices, from the last month back, are still open.

    从最近一个月往回推，相当于多少天的开票额尚未收回。

    Formula: while receivables exceed a month's invoices, subtract them and add the month's days; the last month pro rata | 应收大于当月开票额时逐月扣减并累加天数，最后一个月按比例

    Edge: history exhausted before the receivables are used up gives no figure ("at least N days"); low holds N. | 历史用尽而应收仍有余时不给出数值（至少 N 天），下限列为 N。

    Source: Credit Research Foundation, "count-back (exhaustion) method"
    """
    open_now = f.receivables
    left = np.where(open_now.known, _to_cents(open_now.values), 0)
    days = np.zeros(len(left), dtype=np.float64)
    exhausted = np.zeros(len(left), dtype=bool)
    for months in range(_LONGEST_COUNTBACK):
        if not ((left > 0) & ~exhausted).any():
            break
        month = f.trailing(1).back(months)
        billed = month.billed
        exhausted |= (left > 0) & ~billed.known
        sold = np.where(billed.known, np.maximum(_to_cents(billed.values), 0), 0)
        whole = left >= sold
        part = np.divide(left, sold, out=np.zeros(len(left)), where=sold > 0)
        days += np.where(exhausted | (left <= 0), 0, np.where(whole, month.days, part * month.days))
        left = np.where(exhausted, left, np.maximum(left - sold, 0))
    exhausted |= left > 0
    reasons = np.where(
        (open_now.reasons == KNOWN) & exhausted, reason_code("short_history"), open_now.reasons
    )
    value = Quantity(days, 1, reasons.astype(np.int8))
    return Measure(
        value, numerator=open_now, low=Quantity(days, 1, open_now.reasons).where(exhausted, "no_data")
    )


def _to_cents(values: Any) -> Any:
    return np.asarray(values, dtype=np.int64) // _CENT * _CENT


@metric(
    label=Words("未核销回款", "unapplied cash"),
    unit="money",
    better="lower",
    audience="internal",
    windows=("month", "quarter", "half", "year"),
    example=Example({"unapplied": 12_000}, 12_000),
)
def unapplied_cash(f: Any) -> Quantity:
    """Money in that is set against no invoice on the window's last day; the receivables are shown without it.

    期末尚未核销到任何发票的回款；应收账款未扣除该金额。

    Formula: payments that name no invoice, up to the last day | 截至期末未对应发票的回款

    Edge: it is known as exported today: a payment applied later is seen as applied from its own day on. | 以当前导出为准：事后核销的回款自其到账日起视为已核销。

    Source: usual practice
    """
    return f.unapplied


@metric(
    label=Words("汇兑影响", "currency effect on receivables"),
    unit="money",
    better="none",
    audience="internal",
    windows=("month", "quarter", "half", "year"),
    subjects=EVERYONE,
    example=Example({"receivables": 0, "opening.receivables": 0, "billed": 780, "collected": 760}, -20),
)
def currency_effect(f: Any) -> Measure:
    """What rates alone did to the receivables: the end less the start, the invoices and the money in.

    仅由汇率引起的应收变动：期末减期初、开票与回款后的余额。

    Formula: receivables − (receivables at the start + invoiced − collected) | 期末应收 −（期初应收 + 开票 − 回款）

    Edge: zero where everything is in one currency; payments without a known invoice fall in here. | 单一币种时为零；无对应发票的回款也会落在此处。

    Source: IAS 21.28
    """
    return Measure(f.receivables - (f.opening.receivables + f.billed - f.collected))
