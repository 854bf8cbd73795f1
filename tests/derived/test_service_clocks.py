from __future__ import annotations

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived.service_clocks import OpeningHours
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


@pytest.mark.parametrize(
    ("status", "limit"), [("active", 8.0), (None, 8.0), ("terminated", 8.0), ("Draft", 24.0)]
)
def test_a_contract_that_never_came_into_force_promises_nothing(status: str | None, limit: float) -> None:
    made = clocks(
        case("2026-03-01T00:00+08:00"), contracts=[{**CONTRACT, "reply_hours": 8, "status": status}]
    )

    assert float(made["first_reply"].limit_hours) / 10_000 == limit


def test_the_contracts_hour_of_the_green_channel_comes_before_the_policys() -> None:
    green = case("2026-03-01T08:00+08:00", first_reply_at="2026-03-01T08:50+08:00", is_green_channel=True)
    strict = clocks(green, contracts=[{**CONTRACT, "green_reply_hours": "0.5"}])

    assert standing(clocks(green)["green_channel"]) == "met"
    assert standing(strict["green_channel"]) == "missed"


def test_what_a_contract_leaves_open_is_the_policys() -> None:
    made = clocks(case("2026-03-01T00:00+08:00"), contracts=[{**CONTRACT, "reply_hours": 8}])

    assert float(made["first_reply"].limit_hours) / 10_000 == 8.0
    assert float(made["resolution"].limit_hours) / 10_000 == 48.0


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


SPRING_FESTIVAL: list[dict[str, object]] = [
    *({"country": "CN", "day_on": f"2026-02-{day}", "is_workday": False} for day in range(15, 24)),
    *(
        {"country": "CN", "day_on": f"2026-02-{day}", "is_workday": True} for day in (14, 28)
    ),  # Saturdays, worked
]


@pytest.mark.parametrize(
    ("opened_at", "resolved_at", "expected"),
    [
        ("2026-02-13T17:00+08:00", "2026-02-24T10:00+08:00", 11.0),
        ("2026-02-14T17:00+08:00", "2026-02-24T10:00+08:00", 2.0),
        ("2026-02-16T10:00+08:00", "2026-02-20T10:00+08:00", 0.0),
        ("2026-02-27T17:00+08:00", "2026-03-02T10:00+08:00", 11.0),
    ],
    ids=[
        "over the make-up Saturday before",
        "over the holiday",
        "within the holiday",
        "over the make-up Saturday after",
    ],
)
def test_the_clock_stands_still_over_spring_festival_and_runs_on_the_saturdays_worked_for_it(
    opened_at: str, resolved_at: str, expected: float
) -> None:
    made = clocks(case(opened_at, resolved_at=resolved_at), contracts=[BUSINESS], holidays=SPRING_FESTIVAL)

    assert hours(made["resolution"]) == expected


def test_a_pause_is_taken_from_business_hours() -> None:
    made = clocks(
        case("2026-02-13T17:00+08:00", resolved_at="2026-02-24T10:00+08:00", paused_hours=9),
        contracts=[{**BUSINESS, "resolve_hours": 2}], holidays=SPRING_FESTIVAL,
    )  # fmt: skip

    assert (standing(made["resolution"]), hours(made["resolution"])) == ("met", 2.0)


def test_without_a_calendar_of_holidays_only_weekends_are_off() -> None:
    made = clocks(case("2026-02-16T09:00+08:00", resolved_at="2026-02-16T18:00+08:00"), contracts=[BUSINESS])

    assert hours(made["resolution"]) == 9.0


MOMENTS = st.integers(0, 60 * 24 * 60)


@settings(max_examples=40, deadline=None)
@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up_and_is_never_longer_than_time(one: int, two: int, three: int) -> None:
    start = 1_767_200_000
    first, middle, last = (start + each * 60 for each in sorted((one, two, three)))
    off = np.array(["2026-02-16", "2026-02-17"], dtype="datetime64[D]")
    extra = np.array(["2026-01-04", "2026-02-14"], dtype="datetime64[D]")
    clock = OpeningHours(time(9), time(18), ZoneInfo("Asia/Shanghai"), off, extra)
    begun, half, ended = clock.seconds_before(np.array([first, middle, last]))

    assert 0 <= half - begun <= middle - first
    assert ended - begun == (ended - half) + (half - begun)
    assert 0 <= ended - half <= last - middle
