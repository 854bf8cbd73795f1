"""The demo's clients: ten with a story each, and as many more as are asked for. Pure.

Every company here is invented.
"""

from __future__ import annotations

from datetime import date

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.chance import Chance
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

STORIED = 10
"""How many clients have a story; a demo never has fewer."""


def customers(chance: Chance, count: int, until: date) -> tuple[Customer, ...]:
    """`count` clients: the ten with a story first, so that more clients leave them as they are."""
    return (*_storied(until), *(_further(chance, number) for number in range(STORIED + 1, count + 1)))


def _storied(until: date) -> tuple[Customer, ...]:
    last = last_whole_month(until)
    return (
        Customer(
            "A-0001",
            "岚渡供应链集团有限公司",
            "物流",
            "华东",
            date(2020, 3, 16),
            430,
            2_100_000,
            report_unit="customer",
            monthly_cases=120,
            green_reply_hours=1,
            payment_days=45,
            pleased_levels=((99, 84),),
            monthly_answers=200,
        ),
        Customer(
            "A-0002",
            "岚渡云仓（华东）有限公司",
            "物流",
            "华东",
            date(2020, 9, 1),
            2_550,
            11_000_000,
            parent_id="A-0001",
            growth_percent=11,
            discount_percent=15,
            mix="balanced",
            is_seasonal=True,
            monthly_cases=900,
            reply_hours=8,
            resolve_hours=24,
            green_reply_hours=1,
            payment_days=60,
            pleased_levels=((99, 86),),
            monthly_answers=800,
            agreed_story="true",
        ),
        Customer(
            "A-0003",
            "岚渡冷链（成都）有限公司",
            "物流",
            "西南",
            date(2023, 2, 6),
            520,
            2_400_000,
            parent_id="A-0001",
            growth_percent=18,
            monthly_cases=150,
            payment_days=45,
            monthly_answers=120,
            pain_point="低温环境下传感器误报多，人工复核耗时",
        ),
        Customer(
            "A-0004",
            "汐川零售连锁股份有限公司",
            "零售",
            "华南",
            date(2021, 5, 10),
            1_620,
            7_600_000,
            growth_percent=14,
            discount_percent=13,
            is_seasonal=True,
            monthly_cases=480,
            reply_hours=12,
            resolve_hours=36,
            green_reply_hours=1,
            payment_days=60,
            pays_late_levels=((99, 2),),
            late_levels=((99, 9), (4, 6), (2, 4)),
            pleased_levels=((99, 88),),
            monthly_answers=700,
            agreed_story="true",
        ),
        Customer(
            "A-0005",
            "钧禾医药流通（集团）股份有限公司华中智慧供应链与冷链配送管理中心",
            "医药",
            "华中",
            date(2022, 11, 21),
            45,
            110_000,
            growth_percent=0,
            mix="parts",
            payment_days=30,
            wallet_percent=900,
            pain_point="药品批次追溯靠人工抄录，盘点周期长",
        ),
        Customer(
            "A-0006",
            "朔辰电子科技有限公司",
            "电子",
            "华南",
            date(2021, 8, 2),
            820,
            4_200_000,
            growth_percent=0,
            order_levels=((99, 100), (10, 88), (7, 72), (4, 55), (2, 44)),
            late_levels=((99, 9), (8, 22), (4, 42), (2, 55)),
            longest_delay=34,
            short_percent=9,
            payment_days=60,
            pays_late_levels=((99, 6), (10, 28), (5, 55)),
            unpaid_percent=25,
            monthly_cases=420,
            slow_levels=((99, 10), (6, 30), (2, 48)),
            pleased_levels=((99, 76), (7, 52), (2, 34)),
            monthly_answers=420,
            pain_point="交付屡次延期，产线切换无法按计划进行",
        ),
        Customer(
            "A-0007",
            "Nordhavel Parcel Systems GmbH",
            "物流",
            "欧洲",
            date(2022, 4, 4),
            540,
            420_000,
            name_en="Nordhavel Parcel Systems GmbH",
            country="DE",
            currency="EUR",
            locale="en",
            discount_percent=10,
            mix="machines",
            monthly_cases=160,
            reply_hours=24,
            resolve_hours=72,
            time_zone="Europe/Berlin",
            payment_days=30,
            pays_late_levels=((99, 2),),
            pleased_levels=((99, 82),),
            monthly_answers=240,
        ),
        Customer(
            "A-0008",
            "Bluemesa Fulfillment Inc.",
            "零售",
            "北美",
            date(2022, 9, 12),
            610,
            380_000,
            name_en="Bluemesa Fulfillment Inc.",
            country="US",
            currency="USD",
            locale="en",
            growth_percent=4,
            order_levels=((99, 100), (3, 45)),
            monthly_cases=130,
            time_zone="America/Los_Angeles",
            payment_days=45,
            pays_late_levels=((99, 6),),
            pleased_levels=((99, 70),),
            monthly_answers=180,
        ),
        Customer(
            "A-0009",
            "栖禾食品有限公司",
            "食品",
            "华东",
            date(2021, 1, 18),
            420,
            1_200_000,
            status="lapsed",
            growth_percent=0,
            order_levels=((99, 100), (19, 60), (14, 0)),
            mix="parts",
            payment_days=30,
            pays_late_levels=((99, 9),),
            monthly_cases=60,
            pleased_levels=((99, 62),),
            monthly_answers=40,
            pain_point="旺季包装线换型慢",
        ),
        Customer(
            "A-0010",
            "牧野新零售（武汉）科技有限公司",
            "零售",
            "华中",
            add_months(last, -2).replace(day=6),
            780,
            2_600_000,
            growth_percent=0,
            mix="machines",
            late_levels=((99, 3),),
            monthly_cases=260,
            green_reply_hours=1,
            payment_days=30,
            pays_late_levels=((99, 0),),
            slow_levels=((99, 2),),
            pleased_levels=((99, 90),),
            monthly_answers=450,
        ),
    )


_FIRST = "云岚沐朔钧栖汐牧澜骁屿瑾泽昱铭翊峤樾沅烁黎珩叙汀砚祺稷麟翰曜"
_SECOND = "梭渡禾辰川野峰舟恒帆泰原海凌信博森桥嘉远达昌源盛拓睿隆锐瑞成"
_PLACES = "苏州 宁波 合肥 佛山 东莞 长沙 西安 济南 郑州 厦门 无锡 青岛 昆明 沈阳 南昌 温州 泉州 中山 嘉兴 常州".split()
_REGIONS = "华东 华东 华东 华南 华南 华中 西北 华北 华中 华南 华东 华北 西南 东北 华中 华东 华南 华南 华东 华东".split()
_TRADES = {
    "物流": "供应链有限公司",
    "零售": "商贸有限公司",
    "医药": "医药物流有限公司",
    "电子": "电子有限公司",
    "食品": "食品有限公司",
    "服装": "服饰有限公司",
    "家居": "家居有限公司",
}
_NAMES = 6_300
"""After as many clients brand and trade repeat, so the place moves on by one."""


def _further(chance: Chance, number: int) -> Customer:
    """A client without a story, drawn from its number."""
    draw = chance.of("customer", number)
    place, trade = (number * 7 + number // _NAMES) % len(_PLACES), list(_TRADES)[number % len(_TRADES)]
    is_child = number % 9 == 0
    return Customer(
        f"A-{number:04d}",
        f"{_brand(number - is_child)}{_PLACES[place]}{_TRADES[trade]}",
        trade,
        _REGIONS[place],
        date(2019 + draw("year", 6), 1 + draw("month", 12), 1 + draw("day", 28)),
        60 + draw("orders", 240),
        100_000 * (2 + draw("amount", 12)),
        parent_id=f"A-{number - 1:04d}" if is_child else "",
        growth_percent=draw("growth", 25) - 6,
        discount_percent=3 + draw("discount", 10),
        mix=("parts", "balanced", "machines")[draw("mix", 3)],
        is_seasonal=draw("season", 3) == 0,
        late_levels=((99, 3 + draw("late", 12)),),
        payment_days=(30, 45, 60, 90)[draw("terms", 4)],
        pays_late_levels=((99, draw("slow payer", 20)),),
        monthly_cases=draw("cases", 160),
        slow_levels=((99, 2 + draw("slow", 12)),),
        pleased_levels=((99, 60 + draw("pleased", 32)),),
        monthly_answers=draw("answers", 90),
        wallet_percent=120 + draw("wallet", 200),
    )


def _brand(number: int) -> str:
    """Two characters; they repeat after all pairs are used."""
    first, second = divmod(number * 37 % (len(_FIRST) * len(_SECOND)), len(_SECOND))
    return _FIRST[first] + _SECOND[second]
