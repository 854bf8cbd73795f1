"""The test vectors of the definitions, each worked by the catalogue: from rows where facts do the work, else as stated.

A vector says figures to so many places; what is computed is rounded half-up to as many and must be the same.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pipeline.engine.examples import worked
from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import METRICS, Example
from tests.engines import Engine, engine

Row = dict[str, object]
BEFORE, NOW = "2025-03-01", "2026-03-01"
"""A day in the twelve months before the window of twelve months, and one in it; it ends with September 2026."""


##### From rows ########################################################################################################


def sold(*sales: tuple[str, str, object], parents: dict[str, str] | None = None) -> Engine:
    """A company that sold (account, day, amount), with a sale long ago so that there is a history."""
    rows = [("first", "2023-01-05", 1), *sales]
    above = parents or {}
    names = sorted({account for account, *_ in rows} | set(above.values()))
    return engine(
        {
            "accounts": [{"account_id": name, "name": name, "parent_id": above.get(name)} for name in names],
            "orders": [
                {"order_id": f"O{at}", "account_id": account, "ordered_on": day}
                for at, (account, day, _) in enumerate(rows)
            ],
            "order_lines": [
                {"order_id": f"O{at}", "line_no": 1, "product_id": "P", "net_amount": amount}
                for at, (*_, amount) in enumerate(rows)
            ],
        }
    )


def of_all(found: Engine, metric: str, window: str = "t12m") -> float | None:
    return found.value(metric, "portfolio:all", window)


def bridge() -> list[float | None]:
    """Price, volume, mix, and the whole change."""
    lines = [
        ("A", "2025-09-10", 10, 100), ("B", "2025-09-10", 10, 200), ("A", "2026-09-10", 12, 132),
        ("B", "2026-09-10", 6, 120), ("X", "2024-01-10", 1, 1),
    ]  # fmt: skip
    found = engine(
        {
            "accounts": [{"account_id": "A1", "name": "a"}],
            "orders": [
                {"order_id": f"O{at}", "account_id": "A1", "ordered_on": day}
                for at, (_, day, *_) in enumerate(lines)
            ],
            "order_lines": [
                {"order_id": f"O{at}", "line_no": 1, "product_id": product, "unit": "pc", "quantity": quantity,
                 "net_amount": amount}
                for at, (product, _, quantity, amount) in enumerate(lines)
            ],
        }
    )  # fmt: skip
    parts = [("part", "price"), ("part", "volume"), ("part", "mix"), ("", "")]
    return [known(found.measure("sales_bridge", "portfolio", "month", part).value) for part in parts]


def invoiced(months: dict[str, object], paid: object) -> Engine:
    """A company in March 2026 that sent an invoice a month and was paid a part of January's in the same month."""
    invoices = [("2025-01-10", 1), *((f"{month}-10", amount) for month, amount in months.items())]
    return engine(
        {
            "accounts": [{"account_id": "A1", "name": "a"}],
            "invoices": [
                {"invoice_id": f"I{at}", "account_id": "A1", "issued_on": day, "gross_amount": amount}
                for at, (day, amount) in enumerate(invoices)
            ],
            "payments": [
                {"payment_id": "Z0", "invoice_id": "I0", "paid_on": "2025-01-11", "amount": 1},
                {"payment_id": "Z1", "invoice_id": "I1", "paid_on": "2026-01-20", "amount": paid},
            ],
        },
        period="2026-03",
    )


def simple_days() -> list[float | None]:
    found = invoiced({"2026-01": 7570, "2026-02": 4566, "2026-03": 5538}, 7570 + 4566 + 5538 - 10869)
    return [of_all(found, "dso_simple", "month")]


def countback_days() -> list[float | None]:
    """March, February and January have 31, 28 and 31 days."""
    found = invoiced({"2026-01": 70_000, "2026-02": 80_000, "2026-03": 100_000}, 38_000)
    return [of_all(found, "dso_countback", "month")]


def countback_days_of_30() -> list[float | None]:
    months = [("trailing(1).", 100_000), ("trailing(1).back(1).", 80_000), ("trailing(1).back(2).", 70_000)]
    given = {f"{view}billed": amount for view, amount in months} | {f"{view}days": 30 for view, _ in months}
    return said("dso_countback", {"receivables": 212_000, **given})


def forecast_errors() -> list[float | None]:
    """Weighted error and bias of two products."""
    forecasts = [
        {"account_id": "A1", "product_id": product, "period_on": "2026-09-01", "made_on": "2026-07-15", "amount": amount}
        for product, amount in (("A", 150), ("B", 50))
    ]  # fmt: skip
    found = engine(
        {
            "accounts": [{"account_id": "A1", "name": "a"}],
            "forecasts": forecasts,
            "orders": [{"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-10"}],
            "order_lines": [
                {"order_id": "O1", "line_no": at, "product_id": product, "net_amount": 100}
                for at, product in enumerate("AB")
            ],
        }
    )
    return [of_all(found, "wape", "month"), of_all(found, "forecast_bias", "month")]


def recommendation() -> list[float | None]:
    """Fifteen promoters, ten in between, five detractors: the score and half its interval."""
    scores = [10] * 15 + [8] * 10 + [3] * 5
    surveys = [
        {
            "survey_id": f"S{at}",
            "account_id": "A1",
            "kind": "nps",
            "answered_on": "2026-09-09",
            "score": score,
        }
        for at, score in enumerate(scores)
    ]
    surveys.append({**surveys[0], "survey_id": "S", "answered_on": "2026-01-01"})
    found = engine({"accounts": [{"account_id": "A1", "name": "a"}], "surveys": surveys})
    measure = found.measure("nps", "portfolio", "month")
    assert measure.low is not None
    assert measure.high is not None
    value, low, high = known(measure.value), known(measure.low), known(measure.high)
    assert low is not None
    assert high is not None
    return [value, (high - low) / 2]


def half_a_group() -> list[float | None]:
    """A parent with one account that was kept and one that lapsed: accounts, customers."""
    found = sold(("a", BEFORE, 5), ("b", BEFORE, 5), ("a", NOW, 5), parents={"a": "group", "b": "group"})
    return [of_all(found, "account_retention"), of_all(found, "customer_retention")]


def newcomers() -> list[float | None]:
    old = [(f"old{at}", BEFORE, 1) for at in range(200)]
    return [of_all(sold(*old, *((f"new{at}", NOW, 1) for at in range(40))), "new_customer_rate")]


def one_grows_one_shrinks() -> list[float | None]:
    return revenue_kept(sold(("a", BEFORE, 100), ("b", BEFORE, 100), ("a", NOW, 150), ("b", NOW, 40)))


def expansion_and_contraction() -> list[float | None]:
    return revenue_kept(sold(("a", BEFORE, 5000), ("b", BEFORE, 5000), ("a", NOW, 6500), ("b", NOW, 4500)))


def revenue_kept(found: Engine) -> list[float | None]:
    """Gross and net."""
    return [of_all(found, "gross_revenue_retention"), of_all(found, "net_revenue_retention")]


##### From what facts say ##############################################################################################


def said(metric: str, given: dict[str, Any]) -> list[float | None]:
    """What a metric says where its facts are these."""
    return [known(worked(METRICS.get(metric), Example(given)).value)]


def satisfied(happy: int, answers: int) -> list[float | None]:
    """The interval of satisfaction, in per cent."""
    made: Measure = worked(METRICS.get("csat"), Example({"csat_satisfied": happy, "csat_answers": answers}))
    bounds = [known(each) for each in (made.low, made.high) if each is not None]
    return [None if each is None else 100 * each for each in bounds]


def lifetime() -> list[float | None]:
    scenario = {"retention": 0.8, "discount": 0.1, "margin_factor": 1.0}
    rule = {
        "margin": "contribution",
        "own_retention_from": 25,
        "low": scenario,
        "base": scenario,
        "high": scenario,
    }
    given = {"customers_kept": 3, "customers_at_start": 4, "rule": {"lifetime_value": rule}}
    return said("lifetime_multiple", given)


def wallets() -> list[float | None]:
    """First, second and third of three suppliers."""
    accounts = [
        {"account_id": f"A{rank}", "name": "a", "industry": f"i{rank}", "region": "all"} for rank in (1, 2, 3)
    ]
    market = [
        {"industry": f"i{rank}", "region": "all", "year": 2026, "market_amount": 1, "our_rank": rank, "rivals_count": 2}
        for rank in (1, 2, 3)
    ]  # fmt: skip
    found = engine({"accounts": accounts, "market": market, **some_sale()})
    return [found.value("share_of_wallet_by_rank", f"account:A{rank}", "month") for rank in (1, 2, 3)]


def some_sale() -> dict[str, list[Row]]:
    return {
        "orders": [{"order_id": "O1", "account_id": "A1", "ordered_on": "2024-01-01"}],
        "order_lines": [{"order_id": "O1", "line_no": 1, "net_amount": 1}],
    }


def known(quantity: Quantity) -> float | None:
    """The first subject's number."""
    return float(quantity.floats[0]) if quantity.known[0] else None


##### The table ########################################################################################################


VECTORS: dict[str, tuple[Callable[[], list[float | None]], str]] = {
    "price-volume-mix of two products": (bridge, "12 -30 -30 -48"),
    "lifetime multiple at r .8, i .1": (lifetime, "2.6667"),
    "days outstanding, simple, over 90 days": (simple_days, "55.35"),
    "days outstanding, countback, calendar months": (countback_days, "73.17"),
    "days outstanding, countback, months of 30 days": (countback_days_of_30, "73.71"),
    "weighted error and bias of two products": (forecast_errors, "0.5 0"),
    "satisfaction 13 of 15": (lambda: satisfied(13, 15), "62.1 96.3"),
    "satisfaction 4 of 4": (lambda: satisfied(4, 4), "51.0 100"),
    "satisfaction 960 of 1200": (lambda: satisfied(960, 1200), "77.6 82.2"),
    "recommendation of thirty": (recommendation, "33.3 26.7"),
    "retention of half a group": (half_a_group, "0.5 1"),
    "forty new against two hundred": (newcomers, "0.2"),
    "revenue kept where one grows and one shrinks": (one_grows_one_shrinks, "0.7 0.95"),
    "revenue kept with expansion and contraction": (expansion_and_contraction, "0.95 1.1"),
    "wallet by rank among three": (wallets, "0.50 0.33 0.17"),
}
"""Each vector of the definitions by name, what computes it, and its figures. Commission and vesting are told line by
line and stand with the lines: `tests/engine/test_commission.py`, `tests/derived/test_pay_lines.py`."""


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_what_the_catalogue_makes_of_it(name: str) -> None:
    compute, figures = VECTORS[name]
    stated = [Decimal(each) for each in figures.split()]

    assert [rounded(each, like) for each, like in zip(compute(), stated, strict=True)] == stated


def rounded(value: float | None, like: Decimal) -> Decimal | None:
    """Half-up to as many places as another figure has."""
    if value is None:
        return None
    return Decimal(repr(round(value, 12))).quantize(like, ROUND_HALF_UP)


def test_no_vector_is_computed_twice() -> None:
    figures = [figures for _, figures in VECTORS.values()]

    assert len(set(figures)) == len(figures)
