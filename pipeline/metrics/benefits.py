"""Benefits: what customers were given beside what they bought."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_GIVEN: dict[str, Any] = {
    "audience": "client",
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
    "breakdowns": ("", "kind"),
    "better": "higher",
}


@metric(
    **_GIVEN,
    unit="count",
    label=Words("增值服务次数", "benefits given"),
    example=Example({"benefits_handed": 5}, 5),
)
def benefits_given(f: Any) -> Quantity:
    """How many things the customer was given beside what it bought: trainings, industry reports, introductions, upgrades.

    客户在采购之外获得的增值服务次数：培训、行业报告、资源引荐、免费升级等。

    Formula: benefits given | 增值服务次数

    Edge: a training or introduction noted as an activity counts too; noted in both places on one day it counts once. | 以活动形式登记的培训与引荐也计入；同一天两处登记只计一次。

    Source: house definition
    """
    return f.benefits_handed


@metric(
    **_GIVEN,
    unit="money",
    label=Words("增值服务价值", "worth of benefits"),
    example=Example({"benefits_value": 26_000, "benefits_valued": 2}, 26_000),
)
def benefits_worth(f: Any) -> Measure:
    """What the things given to the customer are stated to be worth.

    客户所获增值服务的注明价值合计。

    Formula: worth of benefits | 增值服务价值

    Edge: only what the export states; a benefit without a worth adds nothing, and n counts those that have one. | 仅合计已注明的价值；未注明的不计，n为已注明价值的次数。

    Source: house definition
    """
    return Measure(f.benefits_value, n=f.benefits_valued)
