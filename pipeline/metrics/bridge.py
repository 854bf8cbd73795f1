"""The sales bridge: why sales are not what they were a year before."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_A_AND_B = {"bridge": -48, "bridge_base": 610, "bridge_all": 610}
"""A: 10 at 10, then 12 at 11; B: 10 at 20, then 6 at 20."""


@metric(
    label=Words("销售额变动拆解（量价结构）", "sales bridge (price, volume, mix)"),
    unit="money",
    better="higher",
    audience="internal",
    windows=("month", "quarter", "half", "ytd", "year", "t12m"),
    breakdowns=("", "part"),
    example=(
        Example(_A_AND_B, -48),
        Example({**_A_AND_B, "bridge": 12, "chosen(part)": "price"}, 12),
        Example({**_A_AND_B, "bridge": -30, "chosen(part)": "volume"}, -30),
        Example({**_A_AND_B, "bridge": -30, "chosen(part)": "mix"}, -30),
        Example(
            {"bridge": 0, "bridge_base": 0, "bridge_all": 90, "chosen(part)": "price"}, reason="input_missing"
        ),
    ),
)
def sales_bridge(f: Any) -> Measure:
    """The change of net sales on the year before, and what each cause brought to it; the parts add up to the cent.

    净销售额与上年同期相比的变动额，以及价格、数量、结构、新增、流失、汇率各自的影响；各部分之和精确到分。

    Formula: by account, product and unit, at last year's rates; of products sold in both windows: volume (Q₁ − Q₀) · Σp₀q₀ ÷ Q₀, mix Σ(q₁ − q₀)p₀ − volume, price Σq₁(p₁ − p₀) | 按客户、产品与计量单位，以上年汇率计；两期均有销售的产品：数量 (Q₁ − Q₀)·Σp₀q₀ ÷ Q₀，结构 Σ(q₁ − q₀)p₀ − 数量，价格 Σq₁(p₁ − p₀)

    Edge: new and lost are products an account bought in one window only; sales without a quantity are "other", and coverage says how much could be taken apart; mix is within accounts; a manager is credited with the accounts owned on the window's first day, by share. | 新增与流失指客户仅在一期购买的产品；没有数量的销售列为其他，覆盖率为可拆解的比例；结构仅指客户内部；客户经理按期初所负责的客户及其份额计。

    Source: price–volume–mix analysis; C. T. Horngren et al., Cost Accounting, ch. 14 (sales-mix and sales-quantity variances)
    """
    base, sales = f.bridge_base, f.bridge_all
    known = (base > 0) | ~(sales > 0) | (f.chosen("part") in ("", "other"))
    value = f.bridge.where(known, "input_missing")
    return Measure(value, coverage=ratio(base, sales).value)
