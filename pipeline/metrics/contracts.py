"""Commercial statement: contracts in force, how long they last, and what was spent against what was agreed."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_CLIENT: dict[str, Any] = {"audience": "client"}
_NOW: dict[str, Any] = {**_CLIENT, "windows": ("month", "quarter", "half", "year")}
_SPAN: dict[str, Any] = {
    **_CLIENT,
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
}


@metric(
    **_NOW,
    subjects=EVERYONE,
    unit="count",
    better="none",
    label=Words("有效合同数", "contracts in force"),
    example=Example({"contracts_held": 2}, 2),
)
def contracts_in_force(f: Any) -> Quantity:
    """How many contracts are in force on the window's last day.

    期末有效的合同数。

    Formula: contracts in force | 有效合同数

    Edge: the last day of a contract counts; drafts and withdrawn contracts do not; one without a first day is left out. | 合同最后一日仍有效；草稿与撤销的不计；没有生效日期的不计。

    Source: house definition
    """
    return f.contracts_held


@metric(
    **_NOW,
    subjects=("customer",),
    unit="days",
    better="none",
    label=Words("合同剩余天数", "days to the end of contract"),
    example=(
        Example({"cover_days": 92, "customers_covered": 1}, 92),
        Example({"cover_days": 0, "customers_covered": 0}, reason="no_data"),
    ),
)
def contract_days_left(f: Any) -> Quantity:
    """For how many days after the as-of date the customer is covered by contracts.

    截止日之后客户仍有合同覆盖的天数。

    Formula: days from the as-of date to the last day covered | 自截止日至最后覆盖日的天数

    Edge: a contract that follows without a gap goes on; 0 on the last day; without a contract in force, or with one that has no end, there is no figure. | 无缝衔接的续约合并计算；最后一日为0；没有有效合同或合同无到期日的不计算。

    Source: house definition
    """
    return f.cover_days.where(f.customers_covered.values > 0, "no_data")


@metric(
    **_SPAN,
    unit="money",
    better="none",
    label=Words("按期间折算的合同额", "contract amount pro rata"),
    example=Example({"agreed_amount": 500_000}, 500_000),
)
def contract_amount(f: Any) -> Quantity:
    """What was agreed for the days of the window on which contracts were in force.

    期内合同有效天数对应的合同额。

    Formula: Σ annual amount × days in force ÷ days of the contract's year | Σ 年度金额 × 有效天数 ÷ 合同年度天数

    Edge: a year of the contract begins on its first day and adds up to the annual amount exactly; a contract without an amount makes the figure unknown. | 合同年度自生效日起算，整年合计恰为年度金额；合同未注明金额则无法计算。

    Source: house definition
    """
    return f.agreed_amount


@metric(
    **_SPAN,
    unit="share",
    better="higher",
    label=Words("合同执行率", "spend against contract"),
    example=(
        Example({"contract_spend": 450_000, "agreed_amount": 500_000}, 0.9),
        Example({"contract_spend": 0, "agreed_amount": 0}, reason="not_positive"),
    ),
)
def contract_fulfilment(f: Any) -> Measure:
    """What was bought under contract, over what was agreed for the same days.

    合同期内采购额占按期间折算的合同额的比例。

    Edge: both sides count only days on which a contract of that account was in force; above 100 % more was bought than agreed. | 分子分母均只计账户合同有效期内的日期；超过100%表示采购多于约定。

    Source: house definition
    """
    return ratio(f.contract_spend, f.agreed_amount)


@metric(
    **{**_NOW, "windows": ("month", "quarter", "ytd", "year", "t12m")},
    subjects=EVERYONE,
    unit="count",
    better="none",
    label=Words("未结发票数", "open invoices"),
    example=Example({"invoices_outstanding": 4}, 4),
)
def open_invoices(f: Any) -> Quantity:
    """How many invoices and credit notes have an open balance at the end of the window.

    期末仍有未结余额的发票与红字发票张数。

    Formula: open invoices | 未结发票数

    Edge: invoices by their balance on that day, disputed ones included; without payments in the export it is unknown. | 以当日余额为准，含有争议的发票；来源没有回款数据则无法计算。

    Source: house definition
    """
    return f.invoices_outstanding
