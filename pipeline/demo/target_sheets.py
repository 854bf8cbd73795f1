"""Targets as the sales office keeps them: a manager's year on one row, and the company's quality on a second sheet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.demo.shown import han_day, in_per_cent, in_ten_thousands
from pipeline.demo.workbook import CellKind, Heading

PATH = "office/销售目标.xlsx"
_MONTHS = tuple(f"{month}月" for month in range(1, 13))
_NUMBERS: tuple[CellKind, ...] = ("number",) * 13
_METRICS = {"otif_orders": "订单准时足量率", "sla_attainment": "服务达成率", "csat": "满意度"}
_BASES = {"basis=first_promised": "首次承诺日", "": ""}
_SALES = Heading(
    "客户经理销售目标（单位：万元）",
    ("客户经理编号", "年度", *_MONTHS),
    ("text", *_NUMBERS),
)
_QUALITY = Heading(
    "公司质量目标",
    ("指标", "口径", "起始日期", "截止日期", "目标值"),
    ("text", "text", "text", "text", "text"),
)


@dataclass(frozen=True)
class Page:
    """One sheet with all its rows."""

    name: str
    heading: Heading
    rows: tuple[tuple[str, ...], ...]


def pages(rows: Iterable[Mapping[str, str]]) -> tuple[Page, ...]:
    """The `targets` table as two sheets."""
    every = list(rows)
    sales = [row for row in every if row["subject_kind"] == "manager"]
    quality = [row for row in every if row["subject_kind"] == "portfolio"]
    assert len(sales) + len(quality) == len(every), "a target of another kind has no sheet"
    return (
        Page("销售目标", _SALES, tuple(_years(sales))),
        Page("质量目标", _QUALITY, tuple(_quality(row) for row in quality)),
    )


def _years(rows: list[Mapping[str, str]]) -> list[tuple[str, ...]]:
    amounts: dict[tuple[str, str], dict[int, str]] = {}
    for row in rows:
        year, month, _ = row["from_on"].split("-")
        amounts.setdefault((row["subject_id"], year), {})[int(month)] = in_ten_thousands(row["value"])
    return [
        (manager, year, *(months.get(month, "") for month in range(1, 13)))
        for (manager, year), months in sorted(amounts.items())
    ]


def _quality(row: Mapping[str, str]) -> tuple[str, ...]:
    return (
        _METRICS[row["metric"]],
        _BASES[row["breakdown"]],
        han_day(row["from_on"]),
        han_day(row["to_on"]),
        in_per_cent(row["value"]),
    )
