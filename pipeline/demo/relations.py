"""What goes on at the demo's clients beside orders: needs, changed requirements, joint work, things given. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.chance import Chance
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]

# account, kind, need, days from the last day of the last whole month to being raised and to being due, status
_NEEDS: tuple[tuple[str, str, str, int, int, str], ...] = (
    ("A-0002", "business", "旺季单日处理量提升到一百二十万件", -210, 40, "in_progress"),
    ("A-0002", "organisation", "运维团队从外包转自有，需要培训体系", -120, 60, "in_progress"),
    ("A-0002", "personal", "运营副总希望成果在集团年会上展示", -80, 90, "open"),
    ("A-0004", "business", "门店补货从每日一配改为两配", -160, 20, "in_progress"),
    ("A-0004", "business", "降低峰值期临时用工三成", -240, -10, "done"),
    ("A-0006", "business", "按周交付，停用临时改期", -90, 10, "in_progress"),
    ("A-0006", "organisation", "采购与设备部对验收标准不一致", -70, -5, "open"),
    ("A-0011", "business", "齐套出库时间缩短一半", -400, -30, "done"),
    ("A-0011", "organisation", "集团与工厂的备件库存口径统一", -150, 75, "in_progress"),
    ("A-0011", "personal", "信息化项目经理关注公开发表案例", -60, 120, "open"),
    ("A-0013", "business", "包装换型时间缩短到二十分钟", -110, 45, "in_progress"),
    ("A-0014", "business", "批次追溯覆盖全部分仓", -130, 150, "in_progress"),
    ("A-0016", "business", "手持终端改为语音拣选", -75, 30, "open"),
    ("A-0017", "business", "小批量返单的分拣成本降一成", -140, 35, "in_progress"),
    ("A-0018", "business", "换线时间降到三十分钟", -200, 90, "in_progress"),
)  # fmt: skip
_USUAL_NEEDS = ("备件到货时间缩短", "夜班也能得到远程支持", "报表与仓库系统对账一致", "减少分拣差错")

# account, change, days to being asked, our and the client's confirmation after days, delivery after days, cost, delay
_CHANGES: tuple[tuple[str, str, int, int | None, int | None, int | None, str, str, str], ...] = (
    ("A-0002", "分拣口由六十增至六十四个", -130, 2, 5, 41, "186000", "6", "delivered"),
    ("A-0002", "交叉带小车加装称重", -34, 3, 8, None, "92000", "4", "in_progress"),
    ("A-0004", "补货任务改为两配的接口字段", -61, 1, 3, 22, "38000", "0", "delivered"),
    ("A-0006", "产线布局再次调整", -77, 6, None, None, "145000", "21", "open"),
    ("A-0006", "改用客户自购传感器", -52, None, None, None, "", "14", "open"),
    ("A-0006", "交付分三批改为五批", -29, 4, None, None, "27000", "18", "open"),
    ("A-0011", "返修件通道加宽", -95, 2, 4, 30, "64000", "3", "delivered"),
    ("A-0014", "追溯标签改为双面", -48, 2, 6, 25, "21000", "0", "delivered"),
    ("A-0016", "拣选屏换为中文大字版", -40, 5, 12, None, "16000", "2", "in_progress"),
    ("A-0018", "样板线增加换型夹具", -66, 3, 5, 28, "33000", "0", "delivered"),
)  # fmt: skip

# account, kind, name, months to begin and to end, revenue, our share, status, result
_PROJECTS: tuple[tuple[str, str, str, int, int | None, str, str, str, str], ...] = (
    ("A-0001", "platform", "集团备件共享平台", -14, None, "420000", "0.3", "running", "三家子公司已接入"),
    ("A-0002", "case", "双十一零停机保障案例", -11, -8, "", "", "done", "案例已公开发布"),
    ("A-0002", "innovation", "错分视觉识别联合研发", -9, None, "", "0.5", "running", "样机误判率千分之三"),
    ("A-0004", "paper", "门店两配补货白皮书", -6, -1, "", "", "done", "已在行业年会发布"),
    ("A-0004", "event", "新零售物流开放日", -4, -4, "", "", "done", "四十二家同行到场"),
    ("A-0007", "innovation", "Parcel induction with vision", -13, -2, "68000", "0.4", "done", "Induction rate up by a fifth"),
    ("A-0011", "platform", "家居逆向分拣系统联合销售", -18, None, "1260000", "0.1", "running", "已售出两套"),
    ("A-0011", "event", "家居智造沙龙", -7, -7, "", "", "done", "二十六家同行到场"),
    ("A-0014", "innovation", "药品追溯标签识别", -8, None, "", "0.5", "running", "识别率百分之九十九点二"),
)  # fmt: skip

_BENEFITS = (
    ("training", "操作与保养培训", 12_000),
    ("industry_report", "行业洞察月报", 3_000),
    ("upgrade", "分拣控制软件免费升级", 18_000),
    ("introduction", "引荐上下游伙伴", 0),
    ("priority", "旺季备件优先供应", 8_000),
)


def need_rows(clients: tuple[Customer, ...], owners: dict[str, str], until: date) -> Rows:
    """The `needs` table; what a person wants for himself is never shown to the client."""
    cut_off, told = _cut_off(until), {need[0] for need in _NEEDS}
    usual = tuple(
        (
            client.account_id,
            "business",
            _USUAL_NEEDS[number % len(_USUAL_NEEDS)],
            -30 - number % 200,
            60,
            "open",
        )
        for number, client in enumerate(clients, 1)
        if client.account_id not in told and client.status == "active" and number % 2
    )
    for number, (account, kind, need, raised, due, status) in enumerate((*_NEEDS, *usual), 1):
        if account in owners:
            yield {
                "need_id": f"ND-{number:04d}",
                "account_id": account,
                "kind": kind,
                "description": need,
                "raised_on": _day(cut_off, raised),
                "owner_id": owners[account],
                "due_on": _day(cut_off, due),
                "status": status,
                "is_client_visible": "false" if kind == "personal" else "true",
            }


def change_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `change_requests` table: asked, confirmed by both sides or not, delivered or not yet."""
    cut_off, last = _cut_off(until), last_whole_month(until)
    numbers = {client.account_id: number for number, client in enumerate(clients, 1)}
    for number, (account, text, asked, ours, theirs, done, cost, delay, status) in enumerate(_CHANGES, 1):
        if account in numbers:
            yield {
                "change_id": f"CR-{number:03d}",
                "account_id": account,
                "contract_id": f"HT-{last.year % 100:02d}-{numbers[account]:04d}",
                "asked_on": _day(cut_off, asked),
                "description": text,
                "confirmed_by_us_on": _day(cut_off, asked, ours),
                "confirmed_by_client_on": _day(cut_off, asked, theirs),
                "delivered_on": _day(cut_off, asked, done),
                "cost_amount": f"{cost}.00" if cost else "",
                "currency": clients[numbers[account] - 1].currency,
                "delay_days": delay,
                "status": status,
            }


def project_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `projects` table: joint work, with what it earned and which share of it is ours."""
    last = last_whole_month(until)
    currencies = {client.account_id: client.currency for client in clients}
    for number, (account, kind, name, begun, ended, revenue, share, status, result) in enumerate(
        _PROJECTS, 1
    ):
        if account in currencies:
            yield {
                "project_id": f"PJ-{number:02d}",
                "account_id": account,
                "kind": kind,
                "name": name,
                "starts_on": add_months(last, begun).isoformat(),
                "ends_on": "" if ended is None else add_months(last, ended).replace(day=28).isoformat(),
                "revenue_amount": f"{revenue}.00" if revenue else "",
                "currency": currencies[account],
                "share_pct": share,
                "status": status,
                "result": result,
            }


def benefit_rows(chance: Chance, clients: tuple[Customer, ...], until: date) -> Rows:
    """The `benefits` table: larger clients get something each quarter, others now and then; worth is in CNY."""
    last = last_whole_month(until)
    for number, client in enumerate(clients, 1):
        draw = chance.of("benefits", number)
        every = 3 if client.annual_amount >= 1_000_000 else 9
        for ago in range(23 - draw("phase", every), -1, -every):
            kind, text, worth = _BENEFITS[draw(f"kind {ago}", len(_BENEFITS))]
            given = add_months(last, -ago) + timedelta(days=3 + draw(f"day {ago}", 24))
            if given > client.signed_on and client.status == "active":
                yield {
                    "benefit_id": f"BN-{number:04d}-{24 - ago:02d}",
                    "account_id": client.account_id,
                    "kind": kind,
                    "given_on": given.isoformat(),
                    "description": text,
                    "worth_amount": f"{worth}.00",
                    "currency": "CNY",
                }


def parent_rows(clients: tuple[Customer, ...]) -> Rows:
    """The `parents` table: who belonged to which group when; one client has left its group."""
    for client in clients:
        if client.parent_id:
            yield {
                "account_id": client.account_id,
                "parent_id": client.parent_id,
                "from_on": client.signed_on.isoformat(),
            }
        elif client.account_id == LEFT_GROUP[0]:
            yield {
                "account_id": client.account_id,
                "parent_id": LEFT_GROUP[1],
                "from_on": client.signed_on.isoformat(),
                "to_on": LEFT_GROUP[2].isoformat(),
            }


LEFT_GROUP = ("A-0022", "A-0011", date(2025, 7, 1))
"""The account that left a group, the group, and the first day on its own."""


def _cut_off(until: date) -> date:
    return add_months(last_whole_month(until), 1) - timedelta(days=1)


def _day(cut_off: date, offset: int, after: int | None = 0) -> str:
    """A day so many days from the cut-off, and so many after that; empty where it has not come."""
    return "" if after is None else (cut_off + timedelta(days=offset + after)).isoformat()
