"""Whitespace and cross-selling: who buys which product, what more there is to sell, and what to offer next."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_YEAR: dict[str, Any] = {"audience": "internal", "windows": ("t12m",)}
_AS_OF: dict[str, Any] = {"audience": "internal", "windows": ("month",)}
"""What is worked out for the as-of date alone, and held by the month that ends with it."""


@metric(
    **_YEAR,
    subjects=("product",),
    breakdowns=("", "industry", "band"),
    unit="share",
    better="higher",
    label=Words("产品渗透率", "product penetration"),
    example=(
        Example({"product_buyers": 12, "product_audience": 40}, 0.3),
        Example({"product_buyers": 0, "product_audience": 0}, reason="not_positive"),
    ),
)
def product_penetration(f: Any) -> Measure:
    """The share of customers that buy a product, of all or of an industry or revenue band.

    购买某产品的客户占比，可按行业或收入等级划分。

    Formula: customers that bought the product ÷ customers that bought anything, in the months that policy calls active | 购买该产品的客户数 ÷ 有采购的客户数，以政策规定的活跃月数为准

    Edge: groups are rolled up; customers without an industry are in the whole only. | 集团先合并；没有行业信息的客户只计入总体。

    Source: P. W. Farris et al., Marketing Metrics, ch. 2
    """
    return ratio(f.product_buyers, f.product_audience, n=f.product_audience)


@metric(
    **_AS_OF,
    subjects=(*EVERYONE, "product"),
    unit="money",
    better="none",
    label=Words("产品空白", "whitespace"),
    example=(
        Example({"product_gap": 120_000, "product_gap_stated": 90_000, "judged_by_peers": 3}, 120_000),
        Example({"product_gap": 0, "product_gap_stated": 0, "judged_by_peers": 1}, 0),
        Example({"product_gap": 0, "product_gap_stated": 0, "judged_by_peers": 0}, reason="no_data"),
    ),
)
def whitespace(f: Any) -> Measure:
    """What customers could buy a year of our products beyond what they buy, judged by peers that buy them.

    参照已购买的同类客户推算，客户一年还可采购而尚未采购的金额。

    Formula: Σ over products: middle share of wallet of the peers that buy it × size of the customer − what it buys, where above zero | 按产品加总：已购同类客户钱包份额中位数 × 客户规模 − 现有采购，仅计正值

    Edge: peers are the other customers of the industry and revenue band, else of the industry, else all, as soon as policy's number of them buy the product; the size is the stated potential, else our own sales, and coverage says how much rests on stated potential; the sum never exceeds what is left of a stated potential; amounts below policy's smallest are left out; without peers enough, or of a product that nobody lacks, there is none. | 同类客户先取同行业同等级，不足政策人数时依次放宽到同行业、全部；客户规模取填报潜力，没有则取我方销售额，覆盖率为依据填报潜力的占比；合计不超过填报潜力的剩余部分；低于政策下限的金额不计；同类客户不足，或没有客户缺少的产品，不给出数值。

    Source: house definition (policy/whitespace.toml); P. W. Farris et al., Marketing Metrics, ch. 2 (share of wallet)
    """
    value = f.product_gap.where(f.judged_by_peers > 0, "no_data")
    return Measure(value, coverage=ratio(f.product_gap_stated, f.product_gap).value)


@metric(
    **_AS_OF,
    subjects=(*EVERYONE, "product"),
    unit="count",
    better="none",
    label=Words("建议推介产品数", "products to offer next"),
    example=Example({"suggestions": 2}, 2),
)
def products_to_offer(f: Any) -> Quantity:
    """How many products are suggested because customers who buy the same things buy them too.

    因购买相同产品的客户也购买而建议推介的产品数。

    Formula: products that a customer does not buy and that policy's share of the buyers of one that it buys do | 客户尚未购买、而其已购某产品的买家中达到政策比例者也购买的产品数

    Edge: nothing is suggested below policy's support, confidence and lift, and never more than policy's number to a customer; of a product it counts the customers it is suggested to. | 未达政策的支持数、置信度与提升度不建议，每个客户不超过政策上限；对产品则为获建议的客户数。

    Source: R. Agrawal, T. Imieliński & A. Swami, "Mining Association Rules", SIGMOD (1993)
    """
    return f.suggestions
