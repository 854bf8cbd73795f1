"""A manager written by hand for scorecards: readings, accounts and tables as compute leaves them, in September 2026."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.periods import Window, window_ending
from pipeline.press.edition import Edition
from pipeline.press.slices import Reading, Slice, Subject
from tests import portraits
from tests.portraits import PERIOD, months

LINES = {"visit": "维持型客户每半年拜访"}


def ending(name: str) -> Window:
    """The window of that name that ends with September 2026."""
    found = window_ending(name, PERIOD.until_on)
    assert found is not None
    return found


MONTH, YEAR, TWELVE = ending("month"), ending("ytd"), ending("t12m")


def edition() -> Edition:
    """A scorecard of September 2026."""
    return Edition(
        "manager_scorecard", MONTH, PERIOD, "full", "衡川智能装备", "ordered", "Asia/Shanghai", 0, LINES
    )


def reading(
    metric: str, value: float | None, window: Window, kind: str, subject: str, **more: Any
) -> Reading:
    """One reading of a subject of a kind; less is better for days."""
    units = {
        "turnover_days": "days",
        "overdue_amount": "money",
        "customer_class": "text",
        "class_move": "text",
    }
    made = {"subject_kind": kind, "subject_id": subject, "audience": "internal"}
    if metric in units:
        made["unit"] = units[metric]
    if metric == "overdue_amount":
        made["currency"] = "CNY"
    target = more.get("target")
    if metric == "turnover_days" and value is not None and target is not None:
        made["verdict"] = "good" if value <= target else "bad"
    return portraits.reading(metric, value, window, **{**made, **more})


def ten(**values: tuple[float | None, float | None]) -> list[Reading]:
    """The ten figures of M-01 as (value, target); those that are not given are met."""
    plain: dict[str, tuple[float | None, float | None]] = {
        "net_sales": (6_717_303.18, 6_000_000.0),
        "gross_margin": (0.323, 0.32),
        "turnover_days": (59.6, 60.0),
        "sales_growth": (0.239, 0.08),
        "forecast_accuracy": (0.872, 0.85),
        "csat": (0.86, 0.85),
        "share_of_wallet": (0.41, None),
        "new_customer_rate": (0.07, 0.05),
        "net_revenue_retention": (1.05, 1.0),
        "otif_orders": (0.961, 0.95),
    }
    windows = dict.fromkeys(plain, YEAR) | dict.fromkeys(
        ("turnover_days", "share_of_wallet", "new_customer_rate", "net_revenue_retention"), TWELVE
    )
    made = []
    for metric, (value, target) in {**plain, **values}.items():
        breakdown = "basis=first_promised" if metric == "otif_orders" else ""
        more = {"target": target, "year_ago": None if value is None else value * 0.9}
        made.append(reading(metric, value, windows[metric], "manager", "M-01", breakdown=breakdown, **more))
    return made


def trend(metric: str, values: Sequence[float], **more: Any) -> list[Reading]:
    """The months of a figure up to September."""
    return [
        reading(metric, value, window, "manager", "M-01", **more)
        for value, window in zip(values, months()[-len(values) :], strict=True)
    ]


def account(name: str, sales: float | None, overdue: float | None = 0.0, **who: str) -> Slice:
    """An account and what a scorecard tells of it; `action` is a promise of ours still open."""
    readings = [
        reading("net_sales", sales, YEAR, "account", name),
        reading("sales_growth", None if sales is None else 0.1, YEAR, "account", name),
        reading("overdue_amount", overdue, MONTH, "account", name),
    ]
    tables = {}
    if "action" in who:
        due_on, description, state = who.pop("action").split("|")
        tables["commitments"] = pd.DataFrame(
            {
                "action_id": ["AC-1"],
                "description": [description],
                "side": ["ours"],
                "owner": [None],
                "due_on": pd.to_datetime([due_on]),
                "done_on": pd.to_datetime([None]),
                "state": [state],
                "days_late": [None],
            }
        )
    return Slice(
        Subject(name, who.get("title", f"{name}公司"), currency="CNY", kind="account"),
        tuple(readings),
        tables,
    )


def customer(
    name: str, kept: tuple[int, int] | None, standing: str = "maintain", move: str = "same"
) -> Slice:
    """A customer with its class and the touchpoints kept of those due this year; one window is open."""
    done, due = kept or (0, 0)
    share = done / due if due else None
    readings = [
        reading(
            "cadence_compliance", share, YEAR, "customer", name, numerator=float(done), denominator=float(due)
        ),
        reading("customer_class", None, TWELVE, "customer", name, text=standing),
        reading("class_move", None, MONTH, "customer", name, text=move),
    ]
    touchpoints = pd.DataFrame(
        {
            "customer_id": [name],
            "line": ["visit"],
            "state": ["open"],
            "from_on": pd.to_datetime(["2026-07-01"]),
            "due_on": pd.to_datetime(["2026-12-31"]),
            "held_on": pd.to_datetime([None]),
            "days_late": [None],
        }
    )
    return Slice(Subject(name, f"{name}集团", currency="CNY"), tuple(readings), {"touchpoints": touchpoints})


def holdings(*rows: tuple[str, str, int, str | None, str | None]) -> pd.DataFrame:
    """Account, customer, share in ten-thousandths, from, to."""
    return pd.DataFrame(
        {
            "manager_id": ["M-01"] * len(rows),
            "account_id": [row[0] for row in rows],
            "customer_id": [row[1] for row in rows],
            "share": [row[2] for row in rows],
            "from_on": pd.to_datetime([row[3] for row in rows]),
            "to_on": pd.to_datetime([row[4] for row in rows]),
        }
    )


def manager(
    readings: Sequence[Reading], members: Sequence[Slice] = (), held: pd.DataFrame | None = None, **more: Any
) -> Slice:
    """沈予安 with these readings and members."""
    who = Subject(
        "M-01", "沈予安", currency="CNY", kind="manager", team_name="华东大客户部", lead_name="顾明澈"
    )
    tables = {"holdings": holdings() if held is None else held}
    return Slice(who, tuple(readings), tables, members=tuple(members), **more)
