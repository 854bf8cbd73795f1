"""First deliveries: whether the first order of a new relationship came on time, or a day or two early."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, ratio
from pipeline.metrics import CUSTOMERS, Example, metric
from pipeline.words import Words

_FIRST: dict[str, Any] = {
    "audience": "client",
    "subjects": CUSTOMERS,
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
    "unit": "share",
    "better": "higher",
}


@metric(
    **_FIRST,
    label=Words("首单准时率", "first deliveries on time"),
    example=(
        Example({"first_orders_on_time": 1, "first_orders_due": 1}, 1),
        Example({"first_orders_on_time": 0, "first_orders_due": 0}, reason="not_positive"),
    ),
)
def first_delivery_on_time(f: Any) -> Measure:
    """The share of first orders of new customers that came on the day promised first, or before.

    新客户首单按首次承诺日或提前送达的比例。

    Edge: the first order since the relationship began, of customers that began within the export; cancelled orders are left out; not delivered when its day has passed is late. | 合作开始后的首个订单，仅限数据期内开始合作的客户；已取消的不计；到期未送达视为延迟。

    Source: house definition
    """
    return ratio(f.first_orders_on_time, f.first_orders_due, n=f.first_orders_due)


@metric(
    **_FIRST,
    label=Words("首单提前率", "first deliveries early"),
    example=Example({"first_orders_early": 1, "first_orders_due": 2}, 0.5),
)
def first_delivery_early(f: Any) -> Measure:
    """The share of first orders of new customers that came at least a day before the day promised first.

    新客户首单比首次承诺日至少提前一天送达的比例。

    Edge: as for first deliveries on time. | 口径同首单准时率。

    Source: house definition
    """
    return ratio(f.first_orders_early, f.first_orders_due, n=f.first_orders_due)
