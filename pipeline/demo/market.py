"""What the demo company sells and at which price, exchange rates, and the size of its clients' industries. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.calendar import day_number, weekdays
from pipeline.demo.chance import Chance, Integers
from pipeline.periods import add_months

RATE_UNIT = 10_000
"""Exchange rates have four decimals and are whole numbers of 1/RATE_UNIT."""

CURRENCIES = ("CNY", "EUR", "USD")
_FIRST_RATES = {"EUR": 77_350, "USD": 71_820}
_LIST_RATES = {"CNY": 100, "EUR": 780, "USD": 710}
"""Price lists abroad are reckoned once at these hundredths of CNY, not at the day's rate."""

_PRICE_OF_YEAR = {2022: 94, 2023: 96, 2024: 98, 2025: 100, 2026: 103}
_COST_OF_YEAR = {2022: 96, 2023: 97, 2024: 99, 2025: 100, 2026: 101}


@dataclass(frozen=True)
class Product:
    """One product; prices are whole CNY without tax; `largest` bounds the quantity of one order line."""

    product_id: str
    name: str
    category: str
    unit: str
    list_price: int
    unit_cost: int
    smallest: int
    largest: int

    @property
    def is_service(self) -> bool:
        return self.category == "软件与服务"


PRODUCTS: tuple[Product, ...] = (
    Product("P11", "摆轮分拣单元 BL-600", "分拣输送设备", "台", 46_800, 30_900, 1, 2),
    Product("P12", "交叉带分拣小车 JC-12", "分拣输送设备", "台", 6_280, 4_150, 2, 8),
    Product("P13", "模组带输送线 MS-30", "分拣输送设备", "套", 28_600, 19_700, 1, 2),
    Product("P14", "动态称重扫码一体机 DW-5", "分拣输送设备", "台", 32_500, 20_800, 1, 2),
    Product("P21", "伺服驱动电机 1.5kW", "备件", "件", 1_260, 790, 4, 24),
    Product("P22", "输送皮带 2m", "备件", "条", 380, 215, 10, 80),
    Product("P23", "光电传感器", "备件", "件", 145, 76, 20, 160),
    Product("P24", "动力滚筒", "备件", "件", 286, 171, 20, 100),
    Product("P25", "PLC控制模块", "备件", "件", 2_980, 1_960, 2, 10),
    Product("P26", "急停按钮与安全光幕组件", "备件", "套", 920, 560, 4, 24),
    Product("P31", "WCS仓控软件许可", "软件与服务", "套", 58_000, 14_500, 1, 1),
    Product("P32", "年度运维服务", "软件与服务", "年", 48_000, 26_400, 1, 1),
    Product("P33", "远程诊断订阅", "软件与服务", "年", 12_000, 2_900, 1, 3),
    Product("P34", "现场工程师服务", "软件与服务", "人天", 1_800, 1_150, 2, 12),
)
MIXES: Mapping[str, tuple[int, ...]] = {
    "parts": (1, 3, 1, 1, 18, 20, 18, 16, 9, 6, 0, 1, 2, 5),
    "balanced": (3, 6, 3, 2, 14, 15, 15, 14, 9, 6, 1, 2, 3, 7),
    "machines": (6, 10, 6, 4, 11, 10, 11, 12, 8, 6, 2, 3, 4, 7),
}
"""How often an order line of such a client is for each of PRODUCTS."""

_INDUSTRIES: dict[
    str, tuple[int, int, int, int]
] = {  # million CNY in 2023, growth in per cent, our rank, rivals
    "物流": (18_400, 12, 4, 11),
    "零售": (9_600, 8, 5, 12),
    "医药": (5_200, 14, 3, 8),
    "电子": (7_900, 5, 6, 14),
    "食品": (4_100, 6, 5, 9),
    "服装": (3_300, 3, 6, 10),
    "家居": (2_700, 7, 4, 7),
}
INDUSTRIES = tuple(_INDUSTRIES)


def list_prices(year: int) -> Integers:
    """Whole units of currency, currency × product, of a year's price list."""
    return _whole_prices([product.list_price for product in PRODUCTS], _nearest_year(_PRICE_OF_YEAR, year))


def unit_costs(year: int) -> Integers:
    """Whole units of currency, currency × product, of what a year's products cost."""
    return _whole_prices([product.unit_cost for product in PRODUCTS], _nearest_year(_COST_OF_YEAR, year))


def _nearest_year(of_year: Mapping[int, int], year: int) -> int:
    return of_year[min(max(year, min(of_year)), max(of_year))]


def _whole_prices(yuan: list[int], percent: int) -> Integers:
    prices = np.array(yuan, dtype=np.int64) * percent // 100
    rates = np.array([[_LIST_RATES[currency]] for currency in CURRENCIES], dtype=np.int64)
    whole: Integers = np.maximum(prices * 100 // rates, 1)
    return whole


@dataclass(frozen=True)
class RateSeries:
    """One currency's rates in CNY: days in order, and the rate from each of them on."""

    days: Integers
    rates: Integers

    def on(self, days: Integers) -> Integers:
        """The last rate on or before each day."""
        return self.rates[np.searchsorted(self.days, days, side="right") - 1]


def rate_days(first: date, until: date) -> Integers:
    """Month ends from the one before `first` on; every weekday of the last three months."""
    ends = [
        add_months(first.replace(day=1), n) - timedelta(days=1) for n in range(_months_from(first, until) + 1)
    ]
    recent = np.arange(
        day_number(add_months(until.replace(day=1), -3)), day_number(until) + 1, dtype=np.int64
    )
    month_ends = np.array([day_number(end) for end in ends], dtype=np.int64)
    return np.union1d(month_ends, recent[weekdays(recent)])


def _months_from(first: date, until: date) -> int:
    return (until.year - first.year) * 12 + until.month - first.month


def rate_series(chance: Chance, currency: str, days: Integers) -> RateSeries:
    """A walk in steps of up to half a per cent a month, kept within six per cent of where it began."""
    begun = _FIRST_RATES[currency]
    gaps = np.minimum(np.diff(days, prepend=days[:1]), 30)
    keys = chance.keys(f"rate/{currency}", days)
    steps = chance.between("step", keys, -20 * gaps, 22 * gaps)
    walked = begun + np.cumsum(steps)
    return RateSeries(days, np.clip(walked, begun * 94 // 100, begun * 106 // 100))


def product_rows() -> Iterator[dict[str, str]]:
    """The `products` table: this year's list price and cost."""
    for product in PRODUCTS:
        yield {
            "product_id": product.product_id,
            "name": product.name,
            "category": product.category,
            "unit": product.unit,
            "list_amount": f"{product.list_price * _PRICE_OF_YEAR[2026] // 100}.00",
            "unit_cost_amount": f"{product.unit_cost * _COST_OF_YEAR[2026] // 100}.00",
            "currency": "CNY",
        }


def market_rows() -> Iterator[dict[str, str]]:
    """The `market` table: invented sizes of the clients' industries, 2022 to 2026."""
    for industry, (size, growth, rank, rivals) in _INDUSTRIES.items():
        for year in range(2022, 2027):
            yield {
                "industry": industry,
                "region": "中国",
                "year": str(year),
                "market_amount": f"{_grown(size, growth, year - 2023) * 1_000_000}.00",
                "currency": "CNY",
                "our_rank": str(rank + (year < 2024)),
                "rivals_count": str(rivals),
                "source": "行业协会统计（演示数据）",
            }


def _grown(size: int, growth: int, years: int) -> int:
    if years < 0:
        return size * 100 // (100 + growth)
    return int(size * (100 + growth) ** years // 100**years)
