"""Facts about customers: what each of them is or was, worked out one by one and then added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.engine.quantities import Quantity, smaller
from pipeline.facts import account_fact, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_LEVELS = {"table": "account_levels", "on": "from_on", "until": "until_on"}


def _one_where(condition: Any, like: Quantity) -> Quantity:  # a boolean array
    return Quantity(condition.astype("int64"), 1, like.reasons)


def _active_at_start(f: Any) -> Quantity:  # the view of facts
    return f.at_start.trailing(f.rule("active").months).sales_rows


def _active_at_end(f: Any) -> Quantity:
    return f.trailing(f.rule("active").months).sales_rows


@account_fact(member="customer", unit="count", label=Words("期初活跃客户数", "customers active at the start"))
def customers_at_start(f: Any) -> Quantity:
    """One for a customer with a sale in the twelve months before the window."""
    return _one_where(_active_at_start(f) > 0, _active_at_start(f))


@account_fact(member="customer", unit="count", label=Words("留存客户数", "customers kept"))
def customers_kept(f: Any) -> Quantity:
    """One for a customer active at the start and at the end."""
    return _one_where((_active_at_start(f) > 0) & (_active_at_end(f) > 0), _active_at_start(f))


@account_fact(member="customer", unit="count", label=Words("新客户数", "new customers"))
def customers_new(f: Any) -> Quantity:
    """One for a customer with a first sale ever in the window."""
    before = f.start_of_history.sales_rows
    return _one_where((f.sales_rows > 0) & ~(before > 0), f.sales_rows + before)


@account_fact(member="account", unit="count", label=Words("期初活跃账户数", "accounts active at the start"))
def accounts_at_start(f: Any) -> Quantity:
    """One for an account with a sale in the twelve months before the window."""
    return _one_where(_active_at_start(f) > 0, _active_at_start(f))


@account_fact(member="account", unit="count", label=Words("留存账户数", "accounts kept"))
def accounts_kept(f: Any) -> Quantity:
    """One for an account active at the start and at the end."""
    return _one_where((_active_at_start(f) > 0) & (_active_at_end(f) > 0), _active_at_start(f))


@account_fact(
    member="customer", unit="money", label=Words("期初客户收入", "revenue of the customers a year ago")
)
def cohort_before(f: Any) -> Quantity:
    """Twelve months' sales a year ago of the customers who had any."""
    before = f.year_ago.trailing(12).net_sales
    return before.where(before.values > 0)


@account_fact(
    member="customer", unit="money", label=Words("同批客户现收入", "revenue of the same customers now")
)
def cohort_now(f: Any) -> Quantity:
    """Twelve months' sales of the customers who had sales a year ago."""
    before, now = f.year_ago.trailing(12).net_sales, f.trailing(12).net_sales
    return (now + before.like(0)).where(before.values > 0)


@account_fact(
    member="customer", unit="money", label=Words("同批客户留存收入", "revenue kept of the same customers")
)
def cohort_kept(f: Any) -> Quantity:
    """The smaller of a customer's sales a year ago and now: growth of one never hides the loss of another."""
    before, now = f.year_ago.trailing(12).net_sales, f.trailing(12).net_sales
    return smaller(before, now.where(now.values > 0)).where(before.values > 0)


@stock(**_LEVELS, unit="money", label=Words("潜在年采购额", "potential a year"))  # type: ignore[arg-type]  # shared declaration
def potential(rows: pd.DataFrame) -> pd.Series:
    """What the account could spend a year with firms like us."""
    return rows["value"].where(rows["level"] == "potential", 0)


@stock(**_LEVELS, unit="count", label=Words("已知痛点数", "known pain points"))  # type: ignore[arg-type]
def pain_points(rows: pd.DataFrame) -> pd.Series:
    """One for an account with a known pain point."""
    return rows["value"].where(rows["level"] == "pain_point", 0)


@stock(**_LEVELS, unit="share", label=Words("行业年增长", "growth of the industry"))  # type: ignore[arg-type]
def industry_growth(rows: pd.DataFrame) -> pd.Series:
    """The change of the industry's market from the year before."""
    return rows["value"].where(rows["level"] == "growth", 0)


@stock(**_LEVELS, unit="count", label=Words("三年期合同数", "contracts for three years"))  # type: ignore[arg-type]
def long_contracts(rows: pd.DataFrame) -> pd.Series:
    """One for each contract that still runs for three years."""
    return rows["value"].where(rows["level"] == "cover", 0)
