"""The demo's other clients, drawn from their numbers, and the list of all of them. Pure.

Every company here is invented.
"""

from __future__ import annotations

from datetime import date

from pipeline.demo.cast import STORIED, leading
from pipeline.demo.chance import Chance
from pipeline.demo.customers import Customer, Steps
from pipeline.demo.ensemble import LAST, ensemble

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

_ORDER_YUAN = {"parts": 19_000, "balanced": 36_000, "machines": 44_000}
"""What an order of such a client is worth, roughly."""

_PAINS = (
    "旺季爆仓，分拣线常成瓶颈",
    "退货逆向处理靠人工，差错多",
    "备件到货慢，停线时间长",
    "库存账实不符，盘点频繁",
)


def customers(chance: Chance, count: int, until: date) -> tuple[Customer, ...]:
    """`count` clients: those with a story first, so that more clients leave them as they are."""
    told = (*leading(until), *(ensemble(until) if count > STORIED else ()))
    return (*told, *(_drawn(chance, number) for number in range(LAST + 1, count + 1)))[:count]


def _drawn(chance: Chance, number: int) -> Customer:
    """A client without a story, drawn from its number."""
    draw = chance.of("customer", number)
    place, trade = (number * 7 + number // _NAMES) % len(_PLACES), list(_TRADES)[number % len(_TRADES)]
    is_child = number % 9 == 0
    mix = ("parts", "balanced", "machines")[draw("mix", 3)]
    orders = 40 + draw("orders", 165)
    return Customer(
        f"A-{number:04d}",
        f"{_brand(number - is_child)}{_PLACES[place]}{_TRADES[trade]}",
        trade,
        _REGIONS[place],
        date(2019 + draw("year", 7), 1 + draw("month", 12), 1 + draw("day", 28)),
        orders,
        _ORDER_YUAN[mix] * orders * 12 * (85 + draw("amount", 40)) // 10_000 // 10_000 * 10_000,
        parent_id=f"A-{number - 1:04d}" if is_child else "",
        status="lapsed" if number % 17 == 3 else "active",
        pain_point=_PAINS[number % len(_PAINS)] if number % 7 == 4 else "",
        growth_percent=draw("growth", 25) - 6,
        order_levels=_levels(number),
        discount_percent=3 + draw("discount", 10),
        mix=mix,
        is_seasonal=draw("season", 3) == 0,
        late_levels=((99, 3 + draw("late", 12)),),
        payment_days=(30, 45, 60, 90)[draw("terms", 4)],
        pays_late_levels=((99, draw("slow payer", 20)),),
        monthly_cases=draw("cases", 90),
        slow_levels=((99, 2 + draw("slow", 12)),),
        pleased_levels=((99, 60 + draw("pleased", 32)),),
        monthly_answers=draw("answers", 70),
        wallet_percent=120 + draw("wallet", 200),
        monthly_deals=5 + draw("deals", 18),
        monthly_touches=8 + draw("touches", 40),
        visit_every=(3, 6, 6)[draw("visits", 3)],
        missed_percent=4 + draw("missed", 22),
        monthly_hours=1 + draw("hours", 9),
        seats=max(draw("seats", 90) - 45, 0),
    )


def _levels(number: int) -> Steps:
    """One client of seventeen is lost, another buys less and less."""
    if number % 17 == 3:
        return ((99, 100), (14, 55), (9, 0))
    if number % 17 == 8:
        return ((99, 100), (11, 82), (5, 60))
    return ()


def _brand(number: int) -> str:
    """Two characters; they repeat after all pairs are used."""
    first, second = divmod(number * 37 % (len(_FIRST) * len(_SECOND)), len(_SECOND))
    return _FIRST[first] + _SECOND[second]
