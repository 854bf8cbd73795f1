"""What the demo company's clients gained, and how well it is known: value claims and their history. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]
Claim = tuple[str, str, str, str, str, str, str, str, str, str, str, str]

# account, goal, unit, better, baseline, target, now, method, confidence, attribution, money a year, benefit
_CLAIMS: tuple[Claim, ...] = (
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
    ("A-0011", "降低成品仓分拣人工成本", "万元/月", "lower", "86", "60", "58", "客户工资与工时系统，二三季度均值", "measured", "0.9", "2680000", "labour"),
    ("A-0011", "提升人均分拣件数", "件/人时", "higher", "145", "190", "196", "WCS系统日志，二三季度均值", "measured", "0.9", "2680000", "labour"),
    ("A-0011", "缩短齐套出库时间", "小时", "lower", "18", "10", "9.5", "WMS任务时间戳", "confirmed", "0.8", "860000", "kitting"),
    ("A-0011", "降低退货二次分拣量", "件/月", "lower", "4200", "2500", "3100", "抽样推算", "modelled", "0.6", "240000", "returns"),
    ("A-0011", "减少缺件客诉", "起/月", "lower", "36", "15", "17", "客服登记估算", "estimated", "0.5", "120000", "complaints"),
    ("A-0011", "降低老仓照明与输送能耗", "千瓦时/月", "lower", "61000", "52000", "50500", "电费单", "confirmed", "1", "150000", "energy"),
    ("A-0014", "缩短药品批次追溯时间", "分钟/批", "lower", "42", "8", "7.5", "追溯系统查询日志", "measured", "1", "520000", "trace"),
    ("A-0016", "提升单小时分拣能力", "件/小时", "higher", "7200", "9000", "6900", "WCS系统日志，九月全量", "measured", "1", "", "sorting"),
    ("A-0018", "缩短换线时间", "分钟/次", "lower", "55", "30", "38", "客户生产日报", "confirmed", "0.7", "210000", "changeover"),
)  # fmt: skip
EXPIRED, EXPIRED_MONTHS = "A-0011/energy", 30
"""The benefit whose evidence is too old to count, and how old it is."""


def claims(clients: tuple[Customer, ...]) -> tuple[Claim, ...]:
    """The claims of the clients that there are."""
    known = {client.account_id for client in clients}
    return tuple(claim for claim in _CLAIMS if claim[0] in known)


def _age(claim: Claim) -> int:
    """Months since the claim was last measured."""
    return EXPIRED_MONTHS if f"{claim[0]}/{claim[11]}" == EXPIRED else 0


def realised(clients: tuple[Customer, ...]) -> dict[str, dict[str, Decimal]]:
    """By account and confidence, money × attribution of what is not expired; each benefit once."""
    found: dict[str, dict[str, Decimal]] = {}
    counted: set[str] = set()
    for claim in claims(clients):
        benefit = f"{claim[0]}/{claim[11]}"
        if claim[10] and benefit not in counted and not _age(claim):
            counted.add(benefit)
            worth = found.setdefault(claim[0], {})
            worth[claim[8]] = worth.get(claim[8], Decimal(0)) + Decimal(claim[10]) * Decimal(claim[9])
    return found


def outcome_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `outcomes` table: what was better than before, by which method, confirmed by whom."""
    last = last_whole_month(until)
    by_id = {client.account_id: client for client in clients}
    for number, claim in enumerate(claims(clients), 1):
        client, measured = by_id[claim[0]], add_months(last, -_age(claim))
        yield {
            "outcome_id": f"OC-{number:02d}",
            "account_id": claim[0],
            "goal": claim[1],
            "unit": claim[2],
            "better": claim[3],
            "baseline_value": claim[4],
            "baseline_on": max(add_months(measured, -20), client.signed_on).isoformat(),
            "target_value": claim[5],
            "current_value": claim[6],
            "current_on": measured.replace(day=25).isoformat(),
            "method": claim[7],
            "evidence": f"EV-{number:03d}",
            "confidence": claim[8],
            "attribution_pct": claim[9],
            "money_amount": f"{claim[10]}.00" if claim[10] else "",
            "currency": client.currency,
            "benefit_key": f"{claim[0]}/{claim[11]}",
            "confirmed_by": f"C-{int(claim[0][2:]):04d}-1" if claim[8] in {"measured", "confirmed"} else "",
            "confirmed_on": measured.replace(day=28).isoformat()
            if claim[8] in {"measured", "confirmed"}
            else "",
        }


def outcome_value_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `outcome_values` table: how far each claim had come at the end of the last quarters."""
    last = last_whole_month(until)
    signed = {client.account_id: client.signed_on for client in clients}
    for number, claim in enumerate(claims(clients), 1):
        before, now = (round(float(claim[at]) * 100) for at in (4, 6))
        for months_ago, percent in ((15, 22), (12, 37), (9, 55), (6, 68), (3, 86)):
            measured = add_months(last, -months_ago).replace(day=25)
            if measured > signed[claim[0]] and not _age(claim):
                value = before + (now - before) * percent // 100
                yield {
                    "outcome_id": f"OC-{number:02d}",
                    "measured_on": measured.isoformat(),
                    "value": f"{value // 100}.{value % 100:02d}",
                    "evidence": f"EV-{number:03d}-{12 - months_ago // 3}",
                }
