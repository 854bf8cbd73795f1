"""What the demo company and its clients committed themselves to: account plans and their actions. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]

# account, commitment, side, days from the last day of the last whole month to due, days from due to done or none
_COMMITMENTS: tuple[tuple[str, str, str, int, int | None, str], ...] = (
    ("A-0001", "提交集团备件共享库存方案", "ours", -40, -3, "done"),
    ("A-0001", "确认各分仓安全库存标准", "client", -20, 4, "done"),
    ("A-0001", "集团年度框架协议续签草案", "ours", 45, None, "open"),
    ("A-0002", "旺季前完成全部分拣小车预防性保养", "ours", -35, -2, "done"),
    ("A-0002", "开放WCS接口测试环境", "client", -25, 6, "done"),
    ("A-0002", "上线错分自动预警看板", "ours", -12, None, "late"),
    ("A-0002", "双十一驻场工程师排班确认", "ours", 20, None, "open"),
    ("A-0002", "提供十一月单量预测", "client", 15, None, "open"),
    ("A-0003", "更换低温型光电传感器样件", "ours", -30, 0, "done"),
    ("A-0003", "冷库试运行数据移交", "client", 30, None, "open"),
    ("A-0004", "完成华南仓输送线节拍优化", "ours", -50, -6, "done"),
    ("A-0004", "客户经理交接拜访", "ours", -75, 1, "done"),
    ("A-0004", "门店收货差异联合复盘", "client", -18, -1, "done"),
    ("A-0004", "旺季备件前置仓到位", "ours", 25, None, "open"),
    ("A-0006", "提交交付改善计划", "ours", -60, 18, "done"),
    ("A-0006", "补齐逾期订单", "ours", -15, None, "late"),
    ("A-0006", "停用纸质改期单", "client", -30, None, "dropped"),
    ("A-0006", "付款计划书面确认", "client", -10, None, "late"),
    ("A-0006", "每周交付通报", "ours", 14, None, "open"),
    ("A-0007", "Deliver spare-part kit for the Bremen hub", "ours", -28, -1, "done"),
    ("A-0007", "Agree the 2027 maintenance window", "client", 40, None, "open"),
    ("A-0008", "Send root-cause report on conveyor stops", "ours", -22, 3, "done"),
    ("A-0008", "Confirm volume plan for the fourth quarter", "client", -5, None, "late"),
    ("A-0010", "完成操作员培训", "ours", -20, -2, "done"),
    ("A-0010", "二期场地勘测", "ours", 35, None, "open"),
    ("A-0011", "完成齐套出库节拍复测", "ours", -64, -5, "done"),
    ("A-0011", "提交五年框架年度执行回顾", "ours", -33, 0, "done"),
    ("A-0011", "确认宁波二期投资预算", "client", -27, -2, "done"),
    ("A-0011", "上线返修件逆向分拣模块", "ours", -8, None, "late"),
    ("A-0011", "联合发布家居物流白皮书", "ours", 48, None, "open"),
    ("A-0011", "提供明年产能计划", "client", 30, None, "open"),
    ("A-0013", "逾期账款对账确认", "client", -21, None, "late"),
    ("A-0013", "备件寄售协议草案", "ours", -44, 9, "done"),
    ("A-0014", "追溯模块二期需求评审", "ours", -18, -1, "done"),
    ("A-0014", "冷链温控接口联调", "client", 22, None, "open"),
    ("A-0016", "用量下滑原因现场排查", "ours", -12, None, "late"),
    ("A-0016", "停用旧版手持终端", "client", -35, None, "dropped"),
    ("A-0017", "新任供应链总监拜访", "ours", -10, None, "late"),
    ("A-0018", "换线优化样板线验收", "ours", -26, -3, "done"),
    ("A-0018", "季度服务回顾会", "ours", 18, None, "open"),
    ("A-0023", "启动会与培训计划确认", "ours", -38, None, "dropped"),
    ("A-0024", "八月退货差异核对", "ours", -14, 2, "done"),
)  # fmt: skip

# account, objective, metric, baseline, target, months from the last whole one to the end of the due one, status
_OBJECTIVES: tuple[tuple[str, str, str, str, str, int, str], ...] = (
    ("A-0002", "旺季订单准时足量交付", "otif_orders", "0.91", "0.96", 3, "on_track"),
    ("A-0002", "全年满意度", "csat", "0.86", "0.90", 3, "on_track"),
    ("A-0004", "华南二仓软件上线", "seats", "60", "120", 0, "done"),
    ("A-0006", "恢复准时交付", "otif_orders", "0.48", "0.90", 3, "at_risk"),
    ("A-0011", "返修件逆向分拣覆盖门店比例", "coverage", "0.35", "0.80", 6, "on_track"),
    ("A-0011", "服务达成率", "sla_attainment", "0.95", "0.98", 3, "on_track"),
    ("A-0013", "回款恢复至账期内", "days_late", "44", "5", 2, "at_risk"),
    ("A-0014", "药品追溯模块扩至全部分仓", "sites", "3", "11", 6, "on_track"),
    ("A-0016", "软件活跃用户恢复", "active_seats", "46", "100", 3, "at_risk"),
    ("A-0018", "换线时间降至三十分钟", "changeover_minutes", "55", "30", 5, "on_track"),
)  # fmt: skip
_FIRST_COMMITMENTS = 25
"""Those made before there were account plans."""

_OUTCOMES = {"kept": 0, "late": 0, "dropped": 0, "open": 0}


def plan_rows(clients: tuple[Customer, ...], owners: dict[str, str], until: date) -> Rows:
    """The `plans` table: each larger client's sales of the year, then what was agreed with those with a story."""
    last = last_whole_month(until)
    for number, client in enumerate(clients, 1):
        if client.annual_amount >= 1_000_000 and client.status == "active":
            yield {
                "plan_id": f"PL-{number:04d}",
                "account_id": client.account_id,
                "objective": f"{last.year}年销售额",
                "metric": "net_sales",
                "baseline": f"{client.annual_amount * (100 - client.growth_percent) // 100}.00",
                "target": f"{client.annual_amount * 108 // 100}.00",
                "due_on": f"{last.year}-12-31",
                "owner_id": owners[client.account_id],
                "status": "on_track",
            }
    for number, (account, objective, metric, baseline, target, months, status) in enumerate(_OBJECTIVES, 1):
        if account in owners:
            yield {
                "plan_id": plan_id(number),
                "account_id": account,
                "objective": objective,
                "metric": metric,
                "baseline": baseline,
                "target": target,
                "due_on": (add_months(last, months + 1) - timedelta(days=1)).isoformat(),
                "owner_id": owners[account],
                "status": status,
            }


def plan_id(number: int) -> str:
    """The id of an agreed objective."""
    return f"PL-Z{number:02d}"


def commitments_of(account: str, from_day: date, until_day: date, until: date) -> dict[str, int]:
    """How many of an account's commitments that fall due in a window were kept, late, dropped or are still open.

    Late is what was done after it was due, or is not done although the window's last whole month is over.
    """
    found = dict(_OUTCOMES)
    cut_off = add_months(last_whole_month(until), 1) - timedelta(days=1)
    for owner, _, _, due_in, done_after, status in _COMMITMENTS:
        due = cut_off + timedelta(days=due_in)
        if owner == account and from_day <= due < until_day:
            found[_outcome(status, done_after)] += 1
    return found


def _outcome(status: str, done_after: int | None) -> str:
    if done_after is None:
        return status
    return "late" if done_after > 0 else "kept"


def action_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `actions` table: last quarter's commitments and those of the next ninety days."""
    cut_off = add_months(last_whole_month(until), 1) - timedelta(days=1)
    known = {client.account_id for client in clients}
    for number, (account, description, side, due_in, done_after, status) in enumerate(_COMMITMENTS, 1):
        due = cut_off + timedelta(days=due_in)
        if account not in known:
            continue
        yield {
            "action_id": f"AC-{number:03d}",
            "account_id": account,
            "plan_id": _plan_of(account) if number > _FIRST_COMMITMENTS else "",
            "description": description,
            "side": side,
            "owner": "衡川项目组" if side == "ours" else "客户设备部",
            "due_on": due.isoformat(),
            "done_on": "" if done_after is None else (due + timedelta(days=done_after)).isoformat(),
            "status": status,
            "is_client_visible": "true",
        }


def _plan_of(account: str) -> str:
    """The first agreed objective of an account, which its commitments serve."""
    numbers = [number for number, objective in enumerate(_OBJECTIVES, 1) if objective[0] == account]
    return plan_id(numbers[0]) if numbers else ""
