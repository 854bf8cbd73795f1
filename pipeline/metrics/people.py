"""People: were changes handed over in time, does somebody stand in, are the roles of a decision known."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import CUSTOMERS, Example, metric
from pipeline.words import Words

_CHANGES: dict[str, Any] = {
    "unit": "share",
    "better": "higher",
    "audience": "internal",
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
}
_PRESENT: dict[str, Any] = {
    "unit": "share",
    "better": "higher",
    "audience": "internal",
    "subjects": CUSTOMERS,
    "windows": ("month", "quarter", "year"),
}


@metric(
    **_CHANGES,
    breakdowns=("", "side"),
    label=Words("24小时交接率", "hand-over within 24 hours"),
    example=(
        Example({"handovers_met": 2, "handovers_due": 3}, 2 / 3),
        Example({"handovers_met": 0, "handovers_due": 0}, reason="not_positive"),
    ),
)
def handover_in_time(f: Any) -> Measure:
    """The share of changes of a contact, or of an owner of ours, that were handed over within a day.

    联系人或我方负责人变动后一天内完成交接的比例，双方分别统计。

    Edge: the hours are policy's; a change not handed over when they have passed is a miss; ours happens as the day begins on which the assignment is over. | 小时数由政策规定；超时未交接计为未达成；我方变动自任期结束当日零时起算。

    Source: house definition (policy/contacts.toml)
    """
    return ratio(f.handovers_met, f.handovers_due, n=f.handovers_due)


@metric(
    **_CHANGES,
    label=Words("新联系人拜访率", "new contacts visited"),
    example=Example({"new_contacts_met": 1, "new_contacts_due": 2}, 0.5),
)
def new_contacts_visited(f: Any) -> Measure:
    """The share of new contacts that were visited within the days that policy allows.

    新联系人在政策规定天数内得到拜访的比例。

    Edge: the first contacts of an account are not new; one whose days have not passed is left out. | 账户最初的联系人不算新联系人；期限未到的不计。

    Source: house definition (policy/contacts.toml)
    """
    return ratio(f.new_contacts_met, f.new_contacts_due, n=f.new_contacts_due)


def _chain(f: Any) -> Quantity:
    return f.customers_active * len(f.rule("contact").roles)


@metric(
    **_PRESENT,
    label=Words("决策链覆盖率", "decision-chain coverage"),
    example=(
        Example({"decision_roles_active": 3, "customers_active": 1}, 0.6),
        Example({"decision_roles_active": 0, "customers_active": 0}, reason="not_positive"),
    ),
)
def decision_chain_coverage(f: Any) -> Measure:
    """The share of the roles of a decision that somebody is known to have, over active customers.

    活跃客户的决策角色中已有明确人选的比例。

    Formula: decision roles known at active customers ÷ (roles expected × active customers) | 活跃客户已知决策角色数 ÷（应有角色数 × 活跃客户数）

    Edge: the roles expected are policy's, the same for all; a role counts once however many have it. | 应有角色由政策统一规定；同一角色有多人只计一次。

    Source: R. B. Miller & S. E. Heiman, Strategic Selling (1985) (buying influences)
    """
    return ratio(f.decision_roles_active, _chain(f), n=f.customers_active)


@metric(
    **_PRESENT,
    label=Words("客户备份联系人覆盖率", "backup contact present"),
    example=Example({"customers_with_backup_contact": 6, "customers_active": 8}, 0.75),
)
def backup_contact_present(f: Any) -> Measure:
    """The share of active customers at which somebody stands in for our contact.

    活跃客户中有备份联系人的比例。

    Edge: for one customer it is 100 % or 0 %. | 单个客户为100%或0%。

    Source: house definition (policy/contacts.toml)
    """
    return ratio(f.customers_with_backup_contact, f.customers_active, n=f.customers_active)


@metric(
    **_PRESENT,
    label=Words("我方备份经理覆盖率", "backup manager present"),
    example=Example({"customers_with_backup_manager": 4, "customers_active": 8}, 0.5),
)
def backup_manager_present(f: Any) -> Measure:
    """The share of active customers for whom somebody of ours stands in for the owner.

    活跃客户中我方有备份经理的比例。

    Edge: by the assignments in force on the window's last day. | 以期末有效的分派为准。

    Source: house definition (policy/contacts.toml)
    """
    return ratio(f.customers_with_backup_manager, f.customers_active, n=f.customers_active)


@metric(
    **_PRESENT,
    label=Words("我方技术支持覆盖率", "technical support present"),
    example=Example({"customers_with_technical_support": 4, "customers_active": 8}, 0.5),
)
def technical_support_present(f: Any) -> Measure:
    """The share of active customers that have technical support of ours.

    活跃客户中我方配有技术支持的比例。

    Edge: by the assignments in force on the window's last day. | 以期末有效的分派为准。

    Source: house definition (policy/contacts.toml)
    """
    return ratio(f.customers_with_technical_support, f.customers_active, n=f.customers_active)
