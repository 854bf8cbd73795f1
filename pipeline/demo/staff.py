"""What the demo company's own people can do, what they were given, and what is budgeted for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.chance import Chance
from pipeline.demo.people import manager_id, manager_rows
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]

_SKILLS = (
    ("engineer", "分拣系统方案设计"),
    ("engineer", "现场诊断"),
    ("salesperson", "商务谈判"),
    ("salesperson", "价值量化与陈述"),
    ("leader", "跨部门协同"),
    ("leader", "带教"),
)
_SEASON = (70, 74, 104, 103, 104, 108, 98, 98, 106, 104, 120, 111)


def competence_rows(chance: Chance, managers: int, until: date) -> Rows:
    """The `competences` table: assessed on five each June, by the lead."""
    last = last_whole_month(until)
    newest = last.year if last.month >= 6 else last.year - 1
    leads = {row["manager_id"]: row["reports_to_id"] for row in manager_rows(managers)}
    for number in range(1, managers + 1):
        draw = chance.of("competence", number)
        for area, skill in _SKILLS:
            first = 2 + draw(skill, 3)
            for year in (newest - 1, newest):
                yield {
                    "manager_id": manager_id(number),
                    "skill": skill,
                    "area": area,
                    "level": str(min(first + (year == newest and draw(f"{skill}+", 2)), 5)),
                    "target_level": "4",
                    "assessed_on": f"{year}-06-{18 + number % 9}",
                    "assessor": leads[manager_id(number)] or "销售总监",
                }


def grant_rows(managers: int) -> Rows:
    """The `grants` table: every third manager's pay has a part in equity, vesting over four years."""
    for number, row in enumerate(manager_rows(managers), 1):
        if row["pay_mode"] == "equity":
            granted = date(2023, 4, 1 + number % 20)
            yield {
                "manager_id": row["manager_id"],
                "granted_on": granted.isoformat(),
                "units": str(1_200 * (1 + number % 3)),
                "vest_from_on": granted.isoformat(),
                "vest_months": "48",
                "cliff_months": "12",
                "unit_amount": "18.50",
                "currency": "CNY",
            }


def budget_rows(yearly: dict[str, int], until: date) -> Rows:
    """The `budgets` table: sales of each manager, cost and pay of each, by month; `yearly` is the sales plan in CNY."""
    last = last_whole_month(until)
    for month in range(1, 13):
        first = add_months(date(last.year, 1, 1), month - 1).isoformat()
        for manager, amount in yearly.items():
            sales = amount * _SEASON[month - 1] // 1_200 // 10_000 * 10_000
            for kind, value in (("sales", sales), ("cost", sales * 66 // 100), ("pay", 18_000 + sales // 50)):
                yield {
                    "subject_kind": "manager",
                    "subject_id": manager,
                    "month_on": first,
                    "kind": kind,
                    "amount": f"{value}.00",
                    "currency": "CNY",
                }
