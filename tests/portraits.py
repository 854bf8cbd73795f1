"""Customers written by hand for documents: readings and rows as compute leaves them, in the third quarter of 2026.

`rich` has everything, `sparse` one order and no cases, `young` three months, `plain` no targets, `negative` returns
above sales. Numbers are in natural units; a rate is given as (met, due) for each month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from pipeline.engine.quantities import Quantity
from pipeline.metrics.voice import wilson
from pipeline.periods import Window, add_months, parse_period, window_ending
from pipeline.press.edition import Edition
from pipeline.press.slices import Reading, Slice, Subject
from pipeline.press.tables import TABLES

PERIOD = parse_period("2026-09")
QUARTER = window_ending("quarter", PERIOD.until_on)
assert QUARTER is not None
TARGETS = {"otif_orders": 0.95, "sla_attainment": 0.98, "csat": 0.85}
BASES = ("requested", "first_promised", "last_promised")
Pair = tuple[int, int]


def edition(window: Window = QUARTER, company: str = "衡川智能装备") -> Edition:
    """A full value report of a window."""
    return Edition("value_report", window, PERIOD, "full", company, "ordered", "Asia/Shanghai", 0)


def reading(
    metric: str, value: float | None, window: Window = QUARTER, breakdown: str = "", **more: Any
) -> Reading:
    """One reading; its verdict follows from its target unless it is given."""
    target = more.get("target")
    verdict = "none"
    if value is not None and target is not None:
        verdict = "good" if value >= target else "bad"
    units = {"net_sales": "money", "cases": "count", "volume": "quantity"}
    hours = metric.endswith(("_median", "_p90"))
    empty: dict[str, Any] = dict.fromkeys(
        "text numerator denominator n low high before year_ago target coverage".split()
    )
    return Reading(
        **{
            **empty,
            "subject_kind": "customer",
            "subject_id": "A-1",
            "metric": metric,
            "breakdown": breakdown,
            "window": window.name,
            "period": window.period,
            "from_on": window.from_on,
            "until_on": window.until_on,
            "value": value,
            "reason": "" if value is not None else "no_data",
            "unit": "hours" if hours else units.get(metric, "share"),
            "currency": "CNY" if metric == "net_sales" else "",
            "verdict": verdict,
            "definition": 1,
            "audience": "client",
            **more,
        }
    )


def rate(
    metric: str, pair: Pair | None, window: Window, breakdown: str = "", target: float | None = None
) -> Reading:
    """A rate of met and due; None where nothing was due."""
    met, due = pair or (0, 0)
    more: dict[str, Any] = {
        "numerator": float(met),
        "denominator": float(due),
        "n": float(due),
        "target": target,
    }
    if metric == "csat" and due:
        low, high = wilson(*(Quantity.of(pd.array([each]).to_numpy(dtype="int64")) for each in (met, due)))
        more |= {"low": float(low.floats[0]), "high": float(high.floats[0])}
    return reading(metric, met / due if due else None, window, breakdown, **more)


def months(count: int = 12) -> list[Window]:
    """The months up to September 2026, oldest first."""
    found = [window_ending("month", add_months(PERIOD.until_on, -back)) for back in reversed(range(count))]
    return [each for each in found if each is not None]


def monthly(
    metric: str, pairs: Sequence[Pair | None], breakdown: str = "", target: float | None = None
) -> list[Reading]:
    """A rate by month, and for the quarter out of its three months; the other months have no reading at all."""
    windows = months()[-len(pairs) :]
    made = [
        rate(metric, pair, window, breakdown, target)
        for pair, window in zip(pairs, windows, strict=True)
        if pair
    ]
    last = [pair or (0, 0) for pair in pairs[-3:]]
    whole = (sum(met for met, _ in last), sum(due for _, due in last))
    return [*made, rate(metric, whole, QUARTER, breakdown, target)]


def sold(amounts: Sequence[float], growth: float | None, currency: str = "CNY") -> list[Reading]:
    """Net sales by month and for the quarter, and their change on the year before."""
    windows = months()[-len(amounts) :]
    made = [
        reading("net_sales", amount, window, currency=currency)
        for amount, window in zip(amounts, windows, strict=True)
    ]
    return [
        *made,
        reading("net_sales", sum(amounts[-3:]), currency=currency),
        reading("sales_growth", growth, currency=currency),
    ]


def times(**values: float) -> list[Reading]:
    """Times of the quarter, each with what it was before."""
    return [reading(name, value, n=12.0, before=value * 1.3) for name, value in values.items()]


def deliveries(late: Sequence[tuple[str, str, int | None, str | None]], met: int = 20) -> pd.DataFrame:
    """Orders that fell due in the quarter: `met` of them well, the others as (id, due day, days late or open, cause)."""
    rows = [_delivery(f"SO-{number:03}", date(2026, 7, 1 + number % 28), 0, None) for number in range(met)]
    rows += [_delivery(name, date.fromisoformat(due), days, cause) for name, due, days, cause in late]
    frame = pd.DataFrame(rows, columns=["customer_id", *TABLES["deliveries"].columns])
    dates = {name: frame[name].astype("datetime64[s]") for name in ("due_on", "delivered_on", "ordered_on")}
    return frame.assign(**dates, days_late=frame["days_late"].astype("Int64"))


def _delivery(name: str, due: date, days: int | None, cause: str | None) -> dict[str, object]:
    is_met = days == 0
    return {
        "subject_id": "A-1",
        "order_id": name,
        "basis": "first_promised",
        "due_on": due,
        "delivered_on": None if days is None else due + timedelta(days=days),
        "days_late": days,
        "is_due": True,
        "is_cancelled": False,
        "is_met": is_met,
        "is_on_time": is_met,
        "is_in_full": days is not None,
        "is_quantified": True,
        "delay_cause": cause,
        "product_name": "输送皮带 2m",
        "ordered_on": due - timedelta(days=20),
    }


def clocks(rows: Sequence[tuple[str, str, float, float | None]]) -> pd.DataFrame:
    """Service clocks as (case, clock, limit, hours taken or open)."""
    made = [
        {
            "subject_id": "A-1",
            "case_id": case,
            "clock": clock,
            "category": ("设备故障", "软件问题", "备件咨询")[len(case) % 3 - 1 if case < "CS-5" else 0],
            "opened_on": pd.Timestamp("2026-08-03"),
            "limit_hours": int(limit * 10_000),
            "elapsed_hours": int((taken or 0) * 10_000),
            "is_stopped": taken is not None,
            "is_due": True,
            "is_met": taken is not None and taken <= limit,
        }
        for case, clock, limit, taken in rows
    ]
    return pd.DataFrame(made, columns=["customer_id", *TABLES["service_clocks"].columns])


def customer(name: str = "远澜零售集团", **more: str) -> Subject:
    """The client."""
    return Subject(**{"subject_id": "A-1", "name": name, "currency": "CNY", "owner_name": "沈若溪", **more})


def _portrait(who: Subject, readings: Sequence[Reading], tables: Mapping[str, pd.DataFrame]) -> Slice:
    return Slice(who, tuple(readings), dict(tables))


_OTIF: list[Pair] = [(20, 22), (18, 20), (19, 20), (16, 20), (15, 20), (15, 20), (16, 20), (16, 20), (17, 20), (17, 20), (18, 20), (20, 20)]  # fmt: skip
_RATES = [(9, 10)] * 9 + [(10, 10), (9, 10), (10, 10)]


def rich(**who: str) -> Slice:
    """Twelve months of everything, some of it missed."""
    tables = {
        "deliveries": deliveries(
            [
                ("SO-101", "2026-07-02", 12, "物料短缺"),
                ("SO-102", "2026-08-05", 6, "物料短缺"),
                ("SO-103", "2026-08-11", 4, "运输延误"),
                ("SO-104", "2026-09-26", None, None),
                ("SO-105", "2026-07-20", 2, "备货差错"),
            ],
            met=55,
        ),
        "service_clocks": clocks(
            [
                ("CS-1", "first_reply", 24, 3), ("CS-1", "resolution", 48, 50), ("CS-2", "first_reply", 24, 5),
                ("CS-2", "resolution", 48, 20), ("CS-2", "green_channel", 1, 0.4), ("CS-5", "resolution", 48, None),
            ]
        ),
    }  # fmt: skip
    bases = [
        each
        for metric in ("otif_orders", "otif_lines")
        for basis, pair in zip(BASES, ((50, 60), (55, 60), (58, 60)), strict=True)
        if (metric, basis) != ("otif_orders", "first_promised")
        for each in [rate(metric, pair, QUARTER, f"basis={basis}")]
    ]
    readings = [
        *sold([310_000.0 + 9_000 * month for month in range(12)], 0.083),
        *monthly("otif_orders", _OTIF, "basis=first_promised", 0.95),
        *bases,
        *monthly("sla_attainment", _RATES, target=0.98),
        *(
            rate("sla_attainment", (10, 10), QUARTER, f"clock={clock}")
            for clock in ("first_reply", "green_channel")
        ),
        rate("sla_attainment", (9, 10), QUARTER, "clock=resolution"),
        *monthly("csat", [(4, 5)] * 9 + [(5, 5), (4, 5), (4, 5)], target=0.85),
        *times(first_reply_median=3.2, first_reply_p90=9.0, resolution_median=17.0, resolution_p90=70.0),
        reading("cases", 3.0),
    ]
    return _portrait(customer(**who), readings, tables)


def sparse(**who: str) -> Slice:
    """One order in a year, missed; no cases, no answers."""
    tables = {"deliveries": deliveries([("SO-1", "2026-08-06", 3, "物料短缺")], met=0)}
    readings = [
        *sold([0.0] * 10 + [21_500.0, 0.0], -0.463),
        *monthly("otif_orders", [None] * 10 + [(0, 1), None], "basis=first_promised", 0.95),
        rate("sla_attainment", None, QUARTER, target=0.98),
        rate("csat", None, QUARTER, target=0.85),
    ]
    return _portrait(customer(**who), readings, tables)


def young(**who: str) -> Slice:
    """A client of three months in which everything went well."""
    readings = [
        *sold([225_000.0, 340_000.0, 616_000.0], None),
        *monthly("otif_orders", [(10, 10), (12, 12), (15, 15)], "basis=first_promised", 0.95),
        *monthly("sla_attainment", [(5, 5), (6, 6), (6, 6)], target=0.98),
        rate("sla_attainment", (17, 17), QUARTER, "clock=first_reply"),
        *times(first_reply_median=9.2, first_reply_p90=15.0),
        reading("cases", 17.0),
    ]
    return _portrait(customer(**who), readings, {"deliveries": deliveries([], met=37)})


def plain(**who: str) -> Slice:
    """A client without any target."""
    readings = [
        *sold([50_000.0] * 12, 0.0),
        *monthly("otif_orders", [(9, 10)] * 12, "basis=first_promised"),
        *monthly("csat", [(3, 4)] * 12),
    ]
    return _portrait(customer(**who), readings, {})


def negative(**who: str) -> Slice:
    """More came back than went out, in a currency without a sign of its own."""
    readings = [
        *sold([120_000.0, -35_000.0, 80_000.0] * 3 + [10_000.0, -90_000.0, -4_000.0], -1.2, "TWD"),
        *monthly("otif_orders", _OTIF, "basis=first_promised", 0.95),
    ]
    return _portrait(customer(**{"currency": "TWD", **who}), readings, {})


PORTRAITS = {"rich": rich, "sparse": sparse, "young": young, "plain": plain, "negative": negative}
