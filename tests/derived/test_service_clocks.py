from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipeline.rules.service import ServiceRule
from tests.engines import derived_table, policy_with

Cells = dict[str, object]
ACCOUNTS = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b"}]


def clocks(case: Cells, **more: Any) -> dict[str, Any]:
    """The clocks of one case of A1, by name."""
    tables = {name: more.pop(name) for name in ("contracts", "holidays") if name in more}
    rows = {"accounts": ACCOUNTS, "cases": [{"case_id": "C1", "account_id": "A1", **case}], **tables}
    made = derived_table("service_clocks", rows, **more)
    return {row.clock: row for row in made.itertuples()}


def case(opened_at: str, **cells: object) -> Cells:
    return {"opened_at": opened_at, **cells}


def standing(clock: Any) -> str:
    return "left out" if not clock.is_due else "met" if clock.is_met else "missed"


def hours(clock: Any) -> float:
    return float(clock.elapsed_hours) / 10_000


def test_a_case_has_a_clock_for_the_first_reply_and_one_for_the_resolution() -> None:
    assert set(clocks(case("2026-09-01T08:00+08:00"))) == {"first_reply", "resolution"}


def test_a_case_of_the_green_channel_has_a_third() -> None:
    made = clocks(
        case("2026-09-01T08:00+08:00", first_reply_at="2026-09-01T09:30+08:00", is_green_channel=True)
    )

    assert {name: standing(clock) for name, clock in made.items()} == {
        "first_reply": "met", "resolution": "missed", "green_channel": "missed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("replied_at", "expected"),
    [
        ("2026-09-02T08:00+08:00", "met"),
        ("2026-09-02T08:00:01+08:00", "missed"),
        ("2026-09-02T00:00Z", "met"),
        ("2026-09-01T08:00+08:00", "met"),
    ],
)
def test_a_promise_is_kept_up_to_its_last_second(replied_at: str, expected: str) -> None:
    made = clocks(case("2026-09-01T08:00+08:00", first_reply_at=replied_at))

    assert standing(made["first_reply"]) == expected


def test_resolution_is_promised_within_two_days() -> None:
    kept = clocks(case("2026-09-01T08:00+08:00", resolved_at="2026-09-03T08:00+08:00"))
    broken = clocks(case("2026-09-01T08:00+08:00", resolved_at="2026-09-03T08:01+08:00"))

    assert (standing(kept["resolution"]), standing(broken["resolution"])) == ("met", "missed")
    assert hours(kept["resolution"]) == 48.0


def test_a_case_still_open_past_its_limit_is_missed() -> None:
    assert standing(clocks(case("2026-09-29T23:59+08:00"))["first_reply"]) == "missed"


def test_a_case_not_yet_due_is_left_out() -> None:
    assert standing(clocks(case("2026-09-30T00:00+08:00"))["first_reply"]) == "left out"
    assert standing(clocks(case("2026-09-30T00:00+08:00"))["resolution"]) == "left out"


def test_what_is_replied_after_the_as_of_date_is_not_known_yet() -> None:
    made = clocks(case("2026-09-30T23:00+08:00", first_reply_at="2026-10-01T00:00+08:00"))

    assert standing(made["first_reply"]) == "left out"
    assert not made["first_reply"].is_stopped
    assert pd.isna(made["first_reply"].stopped_at)


def test_a_case_opened_after_the_as_of_date_is_not_there() -> None:
    assert clocks(case("2026-10-01T00:00+08:00")) == {}


def test_pauses_stop_the_clocks_but_not_the_green_one() -> None:
    made = clocks(
        case("2026-09-01T08:00+08:00", first_reply_at="2026-09-02T10:00+08:00", first_reply_paused_hours=2,
             resolved_at="2026-09-03T18:00+08:00", paused_hours=10, is_green_channel=True)
    )  # fmt: skip

    assert {name: (standing(clock), hours(clock)) for name, clock in made.items()} == {
        "first_reply": ("met", 24.0), "resolution": ("met", 48.0), "green_channel": ("missed", 26.0),
    }  # fmt: skip


def test_a_pause_longer_than_the_case_leaves_no_time() -> None:
    made = clocks(case("2026-09-01T08:00+08:00", resolved_at="2026-09-01T09:00+08:00", paused_hours=5))

    assert hours(made["resolution"]) == 0.0


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Shanghai", "2026-09-01"), ("UTC", "2026-08-31"), ("America/New_York", "2026-08-31")],
)
def test_a_case_falls_on_the_day_it_is_in_the_companys_zone(zone: str, day: str) -> None:
    made = clocks(case("2026-09-01T02:00+08:00"), company={"time_zone": zone})

    assert made["first_reply"].opened_on == pd.Timestamp(day)


CONTRACT: Cells = {
    "contract_id": "K1",
    "account_id": "A1",
    "starts_on": "2026-01-01",
    "ends_on": "2026-09-10",
}


@pytest.mark.parametrize(
    ("opened_at", "limit"),
    [
        ("2025-12-31T23:59+08:00", 24.0),
        ("2026-01-01T00:00+08:00", 8.0),
        ("2026-09-10T23:59+08:00", 8.0),
        ("2026-09-11T00:00+08:00", 24.0),
    ],
)
def test_the_contracts_hours_hold_from_its_first_day_to_its_last(opened_at: str, limit: float) -> None:
    made = clocks(case(opened_at), contracts=[{**CONTRACT, "reply_hours": 8}])

    assert float(made["first_reply"].limit_hours) / 10_000 == limit
    assert float(made["resolution"].limit_hours) / 10_000 == 48.0


def test_another_accounts_contract_does_not_hold() -> None:
    made = clocks(
        case("2026-03-01T00:00+08:00"), contracts=[{**CONTRACT, "account_id": "A2", "reply_hours": 8}]
    )

    assert float(made["first_reply"].limit_hours) / 10_000 == 24.0


def test_of_two_contracts_in_force_the_later_one_holds() -> None:
    contracts = [
        {**CONTRACT, "reply_hours": 8, "resolve_hours": 12},
        {**CONTRACT, "contract_id": "K2", "starts_on": "2026-02-01", "reply_hours": 4},
    ]
    made = clocks(case("2026-03-01T00:00+08:00"), contracts=contracts)

    assert float(made["first_reply"].limit_hours) / 10_000 == 4.0
    assert float(made["resolution"].limit_hours) / 10_000 == 12.0


def test_a_case_is_judged_by_the_policy_of_the_day_it_was_opened() -> None:
    rules = [
        ServiceRule(reply_hours=24, resolve_hours=48, green_reply_hours=1, valid_from=date(2000, 1, 1)),
        ServiceRule(reply_hours=2, resolve_hours=48, green_reply_hours=1, valid_from=date(2026, 9, 1)),
    ]
    replied = {
        opened: standing(
            clocks(
                case(f"{opened}T08:00+08:00", first_reply_at=f"{opened}T12:00+08:00"),
                policy=policy_with(service=rules),
            )["first_reply"]
        )
        for opened in ("2026-08-31", "2026-09-01")
    }

    assert replied == {"2026-08-31": "met", "2026-09-01": "missed"}


BUSINESS: Cells = {**CONTRACT, "ends_on": None, "calendar": "business"}


def business_hours(opened_at: str, resolved_at: str, **contract: object) -> float:
    holidays = [
        {"country": "CN", "day_on": "2026-10-01", "is_workday": False},
        {"country": "CN", "day_on": "2026-09-17", "is_workday": False},
        {"country": "CN", "day_on": "2026-09-20", "is_workday": True},  # a Sunday, worked in exchange
        {"country": "DE", "day_on": "2026-09-16", "is_workday": False},
    ]
    made = clocks(
        case(opened_at, resolved_at=resolved_at), contracts=[{**BUSINESS, **contract}], holidays=holidays
    )
    return hours(made["resolution"])


@pytest.mark.parametrize(
    ("opened_at", "resolved_at", "expected"),
    [
        ("2026-09-08T09:00+08:00", "2026-09-08T18:00+08:00", 9.0),
        ("2026-09-08T08:00+08:00", "2026-09-08T23:00+08:00", 9.0),
        ("2026-09-11T17:00+08:00", "2026-09-14T10:00+08:00", 2.0),
        ("2026-09-12T10:00+08:00", "2026-09-13T16:00+08:00", 0.0),
        ("2026-09-16T17:00+08:00", "2026-09-18T10:00+08:00", 2.0),
        ("2026-09-18T17:00+08:00", "2026-09-21T10:00+08:00", 11.0),
        ("2026-09-20T10:00+08:00", "2026-09-20T12:30+08:00", 2.5),
    ],
    ids=[
        "a whole day", "around a whole day", "over a weekend", "within a weekend", "over a holiday",
        "over a weekend with a make-up workday", "on a make-up workday",
    ],
)  # fmt: skip
def test_business_hours_run_on_working_days_only(opened_at: str, resolved_at: str, expected: float) -> None:
    assert business_hours(opened_at, resolved_at) == expected


def test_the_contracts_opening_hours_hold() -> None:
    opened_at, resolved_at = "2026-09-08T07:00+08:00", "2026-09-08T23:00+08:00"

    assert business_hours(opened_at, resolved_at, service_hours="08:00-20:00") == 12.0


def test_business_hours_run_in_the_contracts_zone() -> None:
    opened_at, resolved_at = "2026-09-08T09:00+02:00", "2026-09-08T18:00+02:00"

    assert business_hours(opened_at, resolved_at, time_zone="Europe/Berlin") == 9.0
    assert business_hours(opened_at, resolved_at) == 3.0


def test_in_calendar_hours_a_weekend_counts() -> None:
    assert business_hours("2026-09-11T17:00+08:00", "2026-09-14T10:00+08:00", calendar="calendar") == 65.0


def test_a_change_of_summer_time_is_no_hour_more_or_less() -> None:
    made = clocks(case("2026-03-28T12:00+01:00", resolved_at="2026-03-29T12:00+02:00"))

    assert hours(made["resolution"]) == 23.0
