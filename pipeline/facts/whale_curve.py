"""Facts about who brings profit and who takes it, worked out customer by customer before they are added."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact
from pipeline.words import Words

_CUSTOMER: dict[str, Any] = {"member": "customer"}


def contribution_of(f: Any) -> Quantity:
    """Gross profit less the cost to serve."""
    left: Quantity = f.sales_with_cost - f.cost_of_sales - f.serving_cost
    return left


@account_fact(**_CUSTOMER, unit="money", label=Words("客户贡献", "contribution of customers"))
def customer_contribution(f: Any) -> Quantity:
    """What each customer leaves after the cost to serve, whether more or less than nothing."""
    return contribution_of(f)


@account_fact(**_CUSTOMER, unit="money", label=Words("盈利客户贡献", "contribution of profitable customers"))
def contribution_gained(f: Any) -> Quantity:
    """A customer's contribution where it is above zero."""
    left = contribution_of(f)
    return left.where(left.values > 0)


@account_fact(**_CUSTOMER, unit="count", label=Words("盈利客户数", "profitable customers"))
def profitable_customers(f: Any) -> Quantity:
    """One for a customer whose contribution is above zero."""
    left = contribution_of(f)
    return Quantity((left.values > 0).astype(np.int64), 1, left.reasons)


@account_fact(**_CUSTOMER, unit="count", label=Words("计入贡献的客户数", "customers with sales or effort"))
def contributing_customers(f: Any) -> Quantity:
    """One for a customer with sales or with a cost to serve, whatever it leaves."""
    left = contribution_of(f)
    has_any = (f.net_sales.values != 0) | (f.cost_of_sales.values != 0) | (f.serving_cost.values != 0)
    return Quantity((has_any | (left.values != 0)).astype(np.int64), 1, left.reasons)
