"""Roles: whether each customer has the people of ours that it was promised, and where we know nobody at the customer."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import CUSTOMERS, Example, metric
from pipeline.words import Words

_ROLES: dict[str, Any] = {
    "audience": "internal",
    "subjects": CUSTOMERS,
    "windows": ("month", "quarter", "half", "year"),
    "breakdowns": ("", "role"),
}


@metric(
    **_ROLES,
    unit="share",
    better="higher",
    label=Words("服务团队齐备率", "roles of ours filled, share"),
    example=(
        Example({"roles_filled": 5, "roles_promised": 6}, 5 / 6),
        Example({"roles_filled": 0, "roles_promised": 0}, reason="not_positive"),
    ),
)
def role_coverage(f: Any) -> Measure:
    """The share of the roles of ours promised to customers of their class and band that somebody has.

    按客户分类与收入等级应配备的我方角色中已有人担任的比例。

    Edge: by the assignments of the window's last day; an executive owns strategic customers, key ones have a team of two, every one an owner; who lapsed is promised nobody. | 以期末有效的分派为准；战略客户应有高管负责，重点客户应有两人团队，每个客户应有负责人；已停滞客户不要求。

    Source: house definition (policy/service_plan.toml)
    """
    return ratio(f.roles_filled, f.roles_promised, n=f.roles_promised)


@metric(
    **_ROLES,
    unit="count",
    better="lower",
    label=Words("缺失角色数", "roles of ours missing"),
    example=Example({"roles_vacant": 1}, 1),
)
def roles_missing(f: Any) -> Quantity:
    """How many roles of ours promised to customers of their class and band nobody has.

    按客户分类与收入等级应配备而无人担任的我方角色数。

    Formula: roles missing | 缺失角色数

    Edge: the table of role duties names each with the day since when it is missing. | 每个缺失角色及其起始日期见角色明细表。

    Source: house definition (policy/service_plan.toml)
    """
    return f.roles_vacant


@metric(
    **_ROLES,
    unit="count",
    better="lower",
    label=Words("决策链盲点数", "blind spots of the decision chain"),
    example=Example({"roles_unknown": 2}, 2),
)
def blind_spots(f: Any) -> Quantity:
    """How many roles of a decision nobody at the customer is known to have, of the roles that policy expects.

    政策要求掌握、而客户方尚无已知人选的决策角色数。

    Formula: blind spots | 决策链盲点数

    Edge: somebody who has left does not count; a customer that lapsed has none. | 已离职的联系人不计；已停滞客户不统计。

    Source: R. B. Miller & S. E. Heiman, Strategic Selling (1985) (buying influences)
    """
    return f.roles_unknown
