"""What the demo company promised and proved: contracts, targets, value claims, commitments. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.customers import Customer, level_at
from pipeline.demo.people import manager_id
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]


def contract_rows(clients: tuple[Customer, ...], first_year: int, until: date) -> Rows:
    """The `contracts` table: one framework contract a client and calendar year, `ends_on` its last day."""
    for number, client in enumerate(clients, 1):
        for year in range(max(first_year, client.signed_on.year), until.year + 1):
            if _ordered_in(client, year, until):
                yield _contract(client, number, year, until)


def _ordered_in(client: Customer, year: int, until: date) -> bool:
    last = last_whole_month(until)
    ago = (last.year - year) * 12 + last.month - 1
    return level_at(client.order_levels, max(ago, 0), 100) > 0


def _contract(client: Customer, number: int, year: int, until: date) -> dict[str, str]:
    starts = max(date(year, 1, 1), client.signed_on)
    amount = client.annual_amount * (100 - client.growth_percent * (until.year - year)) // 100
    is_last = year == until.year
    return {
        "contract_id": f"HT-{year % 100:02d}-{number:04d}",
        "account_id": client.account_id,
        "signed_on": (client.signed_on if starts == client.signed_on else date(year - 1, 12, 18)).isoformat(),
        "starts_on": starts.isoformat(),
        "ends_on": date(year, 12, 31).isoformat(),
        "annual_amount": f"{amount}.00" if amount else "",
        "currency": client.currency,
        "payment_days": str(client.payment_days),
        "reply_hours": _text(client.reply_hours),
        "resolve_hours": _text(client.resolve_hours),
        "green_reply_hours": _text(client.green_reply_hours),
        "calendar": "calendar",
        "time_zone": client.time_zone,
        "status": "active" if is_last and client.status == "active" else "expired",
    }


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def target_rows(clients: tuple[Customer, ...], owners: dict[str, str], managers: int, until: date) -> Rows:
    """The `targets` table (`to_on` is the first day after): quality for the portfolio by year, sales by manager and month in CNY."""
    for year in (until.year - 1, until.year):
        yield from _quality(year, otif="0.93" if year < until.year else "0.95")
        for number in range(1, managers + 1):
            served = [
                client
                for client in clients
                if owners[client.account_id] == manager_id(number) and client.status == "active"
            ]
            yearly = sum(_in_yuan(client) for client in served)
            for month in range(1, 13):
                yield _sales_target(manager_id(number), year, month, max(yearly // 12, 50_000))


def _in_yuan(client: Customer) -> int:
    return client.annual_amount * {"EUR": 78, "USD": 71}.get(client.currency, 10) // 10


def _quality(year: int, otif: str) -> Rows:
    rows = (
        ("otif_orders", "basis=first_promised", otif),
        ("sla_attainment", "", "0.98"),
        ("csat", "", "0.85"),
    )
    for metric, breakdown, value in rows:
        yield {
            "subject_kind": "portfolio",
            "subject_id": "all",
            "metric": metric,
            "breakdown": breakdown,
            "from_on": f"{year}-01-01",
            "to_on": f"{year + 1}-01-01",
            "value": value,
        }


def _sales_target(manager: str, year: int, month: int, amount: int) -> dict[str, str]:
    first = date(year, month, 1)
    seasonal = (70, 74, 104, 103, 104, 108, 98, 98, 106, 104, 120, 111)[month - 1]
    return {
        "subject_kind": "manager",
        "subject_id": manager,
        "metric": "net_sales",
        "from_on": first.isoformat(),
        "to_on": add_months(first, 1).isoformat(),
        "value": f"{amount * seasonal // 100 // 10_000 * 10_000}.00",
    }


# account, goal, unit, better, baseline, target, now, method, confidence, attribution, money a year, benefit
_CLAIMS: tuple[tuple[str, str, str, str, str, str, str, str, str, str, str, str], ...] = (
    ("A-0001", "降低集团备件库存占用", "万元", "lower", "420", "300", "318", "集团仓储系统月末库存", "confirmed", "0.7", "1020000", "group-stock"),
    ("A-0002", "提升单小时分拣能力", "件/小时", "higher", "9600", "12000", "11850", "WCS系统日志，旺季前后各四周均值", "measured", "1", "1860000", "sorting"),
    ("A-0002", "降低错分率", "‰", "lower", "2.4", "1", "0.9", "抽检与退件记录比对", "measured", "0.8", "640000", "missort"),
    ("A-0002", "缩短故障停机时间", "小时/月", "lower", "31", "12", "14.5", "设备运行日志", "confirmed", "0.9", "720000", "downtime"),
    ("A-0003", "降低冷库人工复核工时", "工时/月", "lower", "860", "600", "710", "客户考勤与工位记录", "modelled", "0.6", "98000", "recheck"),
    ("A-0004", "缩短门店补货拣选时长", "分钟/单", "lower", "38", "26", "24.5", "WMS任务时间戳，九月全量", "measured", "1", "2350000", "picking"),
    ("A-0004", "降低峰值期临时用工", "人/天", "lower", "140", "90", "104", "客户人力外包结算单", "confirmed", "0.5", "910000", "labour"),
    ("A-0004", "提升发货准确率", "%", "higher", "98.6", "99.8", "99.7", "门店收货差异单", "measured", "0.8", "430000", "accuracy"),
    ("A-0006", "提升产线切换效率", "次/班", "higher", "3", "6", "3.4", "客户生产日报", "estimated", "0.5", "", "changeover"),
    ("A-0007", "Raise parcels sorted per hour", "parcels/h", "higher", "5400", "7000", "6820", "Sorter log, four-week mean", "measured", "1", "310000", "sorting"),
    ("A-0008", "Cut unplanned downtime", "h/month", "lower", "22", "10", "16", "Maintenance log", "confirmed", "0.8", "54000", "downtime"),
    ("A-0010", "新仓上线准时投产", "天", "lower", "45", "30", "29", "项目里程碑签收单", "confirmed", "1", "", "go-live"),
)  # fmt: skip


def outcome_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `outcomes` table: what was better than before, by which method, confirmed by whom."""
    last = last_whole_month(until)
    by_id = {client.account_id: client for client in clients}
    for number, claim in enumerate(_CLAIMS, 1):
        client = by_id[claim[0]]
        yield {
            "outcome_id": f"OC-{number:02d}",
            "account_id": claim[0],
            "goal": claim[1],
            "unit": claim[2],
            "better": claim[3],
            "baseline_value": claim[4],
            "baseline_on": max(add_months(last, -20), client.signed_on).isoformat(),
            "target_value": claim[5],
            "current_value": claim[6],
            "current_on": last.replace(day=25).isoformat(),
            "method": claim[7],
            "evidence": f"EV-{number:03d}",
            "confidence": claim[8],
            "attribution_pct": claim[9],
            "money_amount": f"{claim[10]}.00" if claim[10] else "",
            "currency": client.currency,
            "benefit_key": f"{claim[0]}/{claim[11]}",
            "confirmed_by": f"C-{int(claim[0][2:]):04d}-1" if claim[8] in {"measured", "confirmed"} else "",
            "confirmed_on": last.replace(day=28).isoformat() if claim[8] in {"measured", "confirmed"} else "",
        }


def outcome_value_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `outcome_values` table: how far each claim had come at the end of the last quarters."""
    last = last_whole_month(until)
    signed = {client.account_id: client.signed_on for client in clients}
    for number, claim in enumerate(_CLAIMS, 1):
        before, now = (round(float(claim[at]) * 100) for at in (4, 6))
        for months_ago, percent in ((15, 22), (12, 37), (9, 55), (6, 68), (3, 86)):
            measured = add_months(last, -months_ago).replace(day=25)
            if measured > signed[claim[0]]:
                value = before + (now - before) * percent // 100
                yield {
                    "outcome_id": f"OC-{number:02d}",
                    "measured_on": measured.isoformat(),
                    "value": f"{value // 100}.{value % 100:02d}",
                    "evidence": f"EV-{number:03d}-{12 - months_ago // 3}",
                }


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
)  # fmt: skip


def action_rows(until: date) -> Rows:
    """The `actions` table: last quarter's commitments and those of the next ninety days."""
    cut_off = add_months(last_whole_month(until), 1) - timedelta(days=1)
    for number, (account, description, side, due_in, done_after, status) in enumerate(_COMMITMENTS, 1):
        due = cut_off + timedelta(days=due_in)
        yield {
            "action_id": f"AC-{number:03d}",
            "account_id": account,
            "description": description,
            "side": side,
            "owner": "衡川项目组" if side == "ours" else "客户设备部",
            "due_on": due.isoformat(),
            "done_on": "" if done_after is None else (due + timedelta(days=done_after)).isoformat(),
            "status": status,
            "is_client_visible": "true",
        }
