from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.engine.references import Figure
from pipeline.explain import explanation
from pipeline.metrics import METRICS
from pipeline.rules.customers import Band, BandRule
from tests.engines import Engine, engine, policy_with
from tests.runs import computed

Row = dict[str, object]


def tables(sales: dict[str, dict[str, object]], since: str = "2023-01-05") -> dict[str, list[Row]]:
    """Sales of customers by day; a small one gives them history since a day."""
    rows = [("A0", since, 1), *((who, day, each) for who, own in sales.items() for day, each in own.items())]
    names = sorted({who for who, _, _ in rows})
    return {
        "accounts": [{"account_id": name, "name": name, "owner_id": "M1"} for name in names],
        "orders": [
            {"order_id": f"O{at}", "account_id": row[0], "ordered_on": row[1]} for at, row in enumerate(rows)
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": row[2]} for at, row in enumerate(rows)
        ],
    }


def said(engine: Engine, metric: str, customer: str, window: str = "quarter") -> str | None:
    text = engine.measure(metric, "customer", window).text
    assert text is not None
    return text[engine.position(f"customer:{customer}")]


BANDS = {
    "UP": {"2025-12-01": 900_000, "2026-08-01": 200_000},
    "DOWN": {"2025-08-01": 700_000, "2025-12-01": 400_000},
    "NEW": {"2026-08-01": 6_000_000},
    "LEFT": {"2025-08-01": 100_000},
    "SAME": {"2025-12-01": 600_000},
    "GONE": {"2024-01-01": 600_000},
}


@pytest.fixture(scope="module")
def bands() -> Engine:
    return engine(tables(BANDS))


@pytest.mark.parametrize(
    ("customer", "before", "now", "move"),
    [
        ("UP", "base", "key", "up"),
        ("DOWN", "key", "below", "down"),
        ("NEW", "below", "strategic", "new"),
        ("LEFT", "below", "below", "left"),
        ("SAME", "base", "base", "same"),
        ("GONE", "below", "below", None),
    ],
)
def test_a_customers_band_moves_over_the_window(
    customer: str, before: str, now: str, move: str | None, bands: Engine
) -> None:
    assert said(bands, "band_before", customer) == before
    assert said(bands, "revenue_band", customer) == now
    assert said(bands, "band_move", customer) == move


def counts(
    engine: Engine, metric: str, name: str, *values: str, subject: str = "portfolio:all"
) -> list[float]:
    kind = subject.partition(":")[0]
    found = [engine.measure(metric, kind, "quarter", (name, each) if each else ("", "")) for each in values]
    return [float(each.value.floats[engine.position(subject)]) for each in found]


def test_movements_are_counted_for_whoever_owns_the_customers(bands: Engine) -> None:
    moves = ("", "up", "down", "new", "left", "same")

    assert counts(bands, "band_movements", "move", *moves) == [4, 1, 1, 1, 1, 1]
    assert counts(bands, "band_movements", "move", *moves, subject="manager:M1") == [4, 1, 1, 1, 1, 1]


def test_active_customers_are_counted_by_band(bands: Engine) -> None:
    found = counts(bands, "customers_by_band", "band", "", "strategic", "key", "base", "below")

    assert found == [4, 1, 1, 1, 1]


def test_the_borders_of_the_band_stand_beside_it(bands: Engine) -> None:
    measure = bands.measure("revenue_band", "customer", "quarter")
    at = bands.position("customer:UP")

    assert measure.numerator is not None
    assert measure.low is not None
    assert measure.high is not None
    numbers = [each.floats[at] for each in (measure.numerator, measure.low, measure.high)]
    assert numbers == [1_100_000, 1_000_000, 5_000_000]
    assert not measure.high.known[bands.position("customer:NEW")]


def test_each_end_of_a_movement_is_judged_by_the_bands_of_its_day() -> None:
    rules = [
        BandRule(bands=(Band(name="base", from_amount=100),), valid_from=date(2000, 1, 1)),
        BandRule(bands=(Band(name="base", from_amount=1000),), valid_from=date(2026, 9, 1)),
    ]
    found = engine(tables({"A1": {"2025-12-01": 500}}), policy=policy_with(band=rules))

    assert said(found, "band_move", "A1") == "down"


def steady(amount: int) -> dict[str, object]:
    months = [f"{year}-{month:02}" for year in (2023, 2024, 2025, 2026) for month in range(1, 13)]
    return {f"{each}-05": amount for each in months if "2023-10" <= each < "2026-10"}


CLASSES: dict[str, dict[str, object]] = {
    "BIG": steady(1000),
    "RISE": {**steady(10), "2026-09-06": 900},
    "MIDDLE": steady(40),
    "SMALL": steady(10),
    "TINY": steady(5),
}


@pytest.fixture(scope="module")
def classes() -> Engine:
    return engine(tables(CLASSES, "2023-10-05"))


def test_a_movement_of_class_says_what_it_was_and_over_which_border(classes: Engine) -> None:
    assert said(classes, "class_before", "RISE") == "not_classed"
    assert said(classes, "class_move", "RISE") == "up"
    assert said(classes, "class_border", "RISE") == "value"
    assert said(classes, "class_move", "BIG") == "same"
    assert said(classes, "class_border", "BIG") is None


def test_classes_are_counted(classes: Engine) -> None:
    names = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
    found = counts(classes, "customers_by_class", "class", *names)

    assert sum(found) == counts(classes, "customers_by_class", "class", "")[0] == 5
    assert found[0] == 1


def test_a_count_of_customers_explains_itself_by_them(classes: Engine) -> None:
    metric = METRICS.get("class_movements")
    figure = Figure(metric, "portfolio", "all", classes.window("quarter"), ("move", "up"), "")
    facts = {each["name"]: each for each in explanation(classes.basis, figure)["facts"]}

    assert facts["customers_moving_class"]["evidence"] == [{"member": "RISE", "amount": 1.0}]
    assert "net_sales" in facts


def test_the_class_of_a_movement_is_the_class_that_is_told(tmp_path: Any) -> None:
    table = computed(tmp_path, tables(CLASSES, "2023-10-05"))
    now = table[(table["metric"] == "customer_class") & (table["until_on"] == table["until_on"].max())]
    before = table[(table["metric"] == "class_before") & (table["window"] == "month")]
    trend = table[(table["metric"] == "customer_class") & (table["period"] == "t12m-2026-08")]

    assert dict(zip(now["subject_id"], now["text"], strict=True))["BIG"] == "core_value"
    assert dict(zip(before["subject_id"], before["text"], strict=True)) == dict(
        zip(trend["subject_id"], trend["text"], strict=True)
    )


def test_words_about_a_customer_are_not_told_again_in_its_currency(tmp_path: Any) -> None:
    rows = tables({"A1": {"2025-12-01": 500_000, "2026-09-09": 1}})
    rows["accounts"][1]["currency"] = "EUR"
    rows["fx"] = [{"rate_on": "2022-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 8}]
    table = computed(tmp_path, rows)
    band = table[
        (table["metric"] == "revenue_band") & (table["subject_id"] == "A1") & (table["window"] == "month")
    ]

    assert band["text"].tolist() == ["key"]
