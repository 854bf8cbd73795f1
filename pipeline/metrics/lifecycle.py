"""Lifecycle: how old relationships are, and in which stage that puts them."""

from __future__ import annotations

from typing import Any

from pipeline.derived.relationships import STAGES
from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import GROUPS, Example, metric
from pipeline.words import Words

_CUSTOMER: dict[str, Any] = {
    "audience": "internal",
    "subjects": ("customer",),
    "windows": ("month", "quarter", "t12m"),
    "better": "none",
}


@metric(
    **_CUSTOMER,
    unit="text",
    label=Words("关系阶段", "stage of the relationship"),
    example=Example(
        {
            "stage_place": [1, 2, 3, 4, 3, 0],
            "relationship_years": [0, 0, 1, 5, 2, 0],
            "trailing(12).sales_rows": [0, 4, 9, 12, 0, 3],
        },
        text=("initial", "stable", "deep", "symbiosis", "lapsed", None),
    ),
)
def lifecycle_stage(f: Any) -> Measure:
    """The stage of a relationship by its age: initial, stable, deep, symbiosis; lapsed where nothing is bought any more.

    按合作时长划分的关系阶段：初期、稳定、深化、共生；长期无采购的列为已停滞。

    Formula: by policy up to 3, 12 and 36 months, then above, counted from the first day signed, else the first sale | 由政策规定，自首次签约日（没有则自首笔销售）起不超过3、12、36个月，及以上

    Edge: lapsed is a relationship of more than a year without a sale in the months that policy calls active; where no signing date is stated, the age is at least that. | 合作满一年且在政策规定月数内无销售的视为停滞；没有签约日期时，实际时长不短于此。

    Source: house definition (policy/lifecycle.toml)
    """
    place = f.stage_place
    bought = f.trailing(f.rule("active").months).sales_rows
    young = ~(f.relationship_years > 0)
    lapsed = bought.known & (bought.values == 0) & ~young
    known = place.known & (place.values > 0)
    texts = [
        ("lapsed" if gone else STAGES[int(at) - 1]) if sure else None
        for at, gone, sure in zip(place.floats, lapsed, known, strict=True)
    ]
    return Measure(place.where(known, "no_data"), text=texts)


@metric(
    **_CUSTOMER,
    unit="count",
    label=Words("合作年数", "years as a customer"),
    example=(
        Example({"stage_place": 4, "relationship_years": 5}, 5),
        Example({"stage_place": 0, "relationship_years": 0}, reason="no_data"),
    ),
)
def years_as_customer(f: Any) -> Quantity:
    """The whole years since the relationship began.

    自合作开始以来的整年数。

    Formula: whole years since the first day signed, else the first sale | 自首次签约日（没有则自首笔销售）起的整年数

    Edge: a group counts from its first account. | 集团从最早签约的账户起算。

    Source: house definition
    """
    return f.relationship_years.where(f.stage_place.values > 0, "no_data")


@metric(
    label=Words("各阶段客户数", "customers by stage"),
    unit="count",
    better="none",
    audience="internal",
    subjects=GROUPS,
    windows=("month", "quarter", "half", "year"),
    breakdowns=("", "stage"),
    example=(
        Example({"customers_in_stage": 12}, 12),
        Example({"customers_in_stage": 3, "chosen(stage)": "initial"}, 3),
    ),
)
def customers_by_stage(f: Any) -> Quantity:
    """How many customers are in each stage on the window's last day.

    期末处于各关系阶段的客户数。

    Formula: customers in the stage | 该阶段的客户数

    Edge: the whole leaves out those that lapsed; a manager is credited with the customers owned on the window's first day, by share. | 合计不含已停滞客户；客户经理按期初所负责的客户及其份额计。

    Source: house definition (policy/lifecycle.toml)
    """
    return f.customers_in_stage
