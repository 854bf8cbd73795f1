"""Use of products: how much, by how many of the seats, and against what is usual for the account itself."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_USE: dict[str, Any] = {
    "subjects": ("account", "customer"),
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
    "trend": "month",
}
_BY = ("", "module", "measure")


@metric(
    **_USE,
    audience="client",
    unit="quantity",
    better="higher",
    breakdowns=("module", "measure"),
    label=Words("使用量", "use"),
    example=(
        Example({"used_quantity": 126_400, "usage_expected": 1}, 126_400),
        Example({"used_quantity": 0, "usage_expected": 0}, reason="no_data"),
    ),
)
def usage_quantity(f: Any) -> Quantity:
    """How much of a product was used, by product with its measure, and by measure.

    各产品的使用量，按产品及其计量口径、按计量口径分别统计。

    Formula: use | 使用量

    Edge: different measures are never added; a month without a feed makes the window unknown, it is not zero; a product of which the feed never told has no figure. | 不同计量口径不相加；缺少数据的月份使该期间无法计算，而非记为零；从未有过数据的产品不计算。

    Source: house definition (policy/usage.toml)
    """
    return f.used_quantity.where(f.usage_expected.values > 0, "no_data")


@metric(
    **_USE,
    audience="client",
    unit="share",
    better="higher",
    breakdowns=_BY,
    label=Words("席位活跃率", "seats in use, share"),
    example=(
        Example({"active_seat_months": 270, "seat_months": 300}, 0.9),
        Example({"active_seat_months": 0, "seat_months": 0}, reason="not_positive"),
    ),
)
def seats_active_share(f: Any) -> Measure:
    """The share of the seats paid for that were in use, over the months of the window.

    期内各月已购席位中实际使用的比例。

    Edge: months are weighed by their seats; only rows that tell both numbers; a month without a feed makes the window unknown. | 各月按席位数加权；只计两项都有的记录；缺少数据的月份使该期间无法计算。

    Source: house definition (policy/usage.toml)
    """
    return ratio(f.active_seat_months, f.seat_months, n=f.seat_months)


@metric(
    **_USE,
    audience="client",
    unit="ratio",
    better="higher",
    breakdowns=_BY,
    label=Words("使用水平（与自身常态比）", "use against the account's own usual"),
    example=(
        Example({"usage_levels": 2.7, "usage_compared": 3}, 0.9),
        Example({"usage_levels": 0, "usage_compared": 0}, reason="not_positive"),
    ),
)
def usage_level(f: Any) -> Measure:
    """How much a product was used, over what is usual for this account in that month; the mean over months and products.

    使用量与该账户同月常态之比，取各月各产品的平均。

    Formula: Σ (use ÷ usual use of the month) ÷ months that compare | Σ（使用量 ÷ 当月常态）÷ 可比月数

    Edge: usual is the median of the months before, as many as policy looks back on; from two seasons on without the effect of the month; with too few months there is no figure, and a month without a feed makes the window unknown. | 常态为此前各月（由政策规定回看月数）的中位数，满两个季节后剔除月份影响；月数不足则不计算，缺少数据的月份使该期间无法计算。

    Source: house definition (policy/usage.toml); ratio to the median, as in robust seasonal adjustment (Cleveland et al., STL, 1990)
    """
    return ratio(f.usage_levels, f.usage_compared, n=f.usage_compared)


@metric(
    **{**_USE, "trend": None},
    audience="internal",
    unit="share",
    better="higher",
    breakdowns=_BY,
    label=Words("使用数据到位率", "months with a usage feed, share"),
    example=Example({"usage_fed": 5, "usage_expected": 6}, 5 / 6),
)
def usage_feed_share(f: Any) -> Measure:
    """The share of the months since a product's feed began of which the feed told.

    自开始提供数据以来实际有使用数据的月份比例。

    Edge: a feed that ended for good is still expected; that is for a person to find out. | 已停止提供的数据仍视为应有，需人工核实。

    Source: house definition (policy/usage.toml)
    """
    return ratio(f.usage_fed, f.usage_expected, n=f.usage_expected)
