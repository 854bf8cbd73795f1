from __future__ import annotations

from tests.engines import Engine, engine

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
Row = dict[str, object]


def made(*deals: Row) -> Engine:
    early: Row = {
        "opened_on": "2025-01-05",
        "closed_on": "2025-02-01",
        "is_won": True,
        "amount": 1,
        "stage": "Won",
    }
    rows = [
        {"opportunity_id": f"D{number}", "account_id": "A1", **deal}
        for number, deal in enumerate([early, *deals])
    ]
    return engine({"accounts": ACCOUNTS, "opportunities": rows}, sales={"basis": "won"})


def value(
    engine: Engine, metric: str, breakdown: tuple[str, str] = ("", ""), window: str = "month"
) -> float | None:
    measure = engine.measure(metric, "portfolio", window, breakdown)
    return float(measure.value.floats[0]) if measure.value.known[0] else None


OPEN: Row = {"opened_on": "2026-05-01", "stage": "Offer", "kind": "new", "amount": 100}


def test_open_deals_are_told_by_stage_and_kind() -> None:
    found = made(OPEN, {**OPEN, "stage": "Lead", "amount": 30, "kind": "renewal"}, {**OPEN, "amount": 70})

    assert value(found, "open_pipeline_value") == 200
    assert value(found, "open_pipeline_value", ("stage", "Offer")) == 170
    assert value(found, "open_deals_count", ("kind", "renewal")) == 1


def test_what_is_closed_or_not_opened_yet_is_not_open() -> None:
    closed = {**OPEN, "closed_on": "2026-09-30", "is_won": False}
    undated = {**OPEN, "is_won": True}
    later = {**OPEN, "opened_on": "2026-10-02"}
    closes_later = {**OPEN, "closed_on": "2026-10-02", "is_won": True}

    assert value(made(closed, undated, later, closes_later), "open_deals_count") == 1


def test_a_deal_without_a_day_of_opening_is_open() -> None:
    assert value(made({**OPEN, "opened_on": None}), "open_deals_count") == 1


def test_deals_without_an_amount_are_left_out_and_coverage_says_so() -> None:
    found = made(OPEN, {**OPEN, "amount": None})
    measure = found.measure("open_pipeline_value", "portfolio", "month")

    assert value(found, "open_pipeline_value") == 100
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == 0.5
    assert value(made({**OPEN, "amount": None}), "open_pipeline_value") is None


def test_the_stage_of_the_past_is_not_known_so_earlier_windows_have_no_figure() -> None:
    found = made(OPEN)
    before = found.evaluator.facts("portfolio", found.window("month")).before

    assert not before.open_deals_amount.known.any()


def test_closed_deals_are_told_by_kind() -> None:
    won: Row = {"opened_on": "2026-05-01", "closed_on": "2026-09-09", "is_won": True, "kind": "up_sell"}
    found = made(won, won, {**won, "is_won": False}, {**won, "kind": "new"})

    assert value(found, "won_count_by_kind", ("kind", "up_sell")) == 2
    assert value(found, "win_rate_by_kind", ("kind", "up_sell")) == 2 / 3
    assert value(found, "win_rate_by_kind", ("kind", "new")) == 1
