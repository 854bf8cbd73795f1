from __future__ import annotations

from pipeline.engine.quantities import REASONS
from tests.engines import Engine, engine


def case(
    number: int, reply: float | None, resolve: float | None = None, *, account: str = "A", green: bool = False
) -> dict[str, object]:
    """A case of 1 September, replied to and resolved after so many hours."""
    return {
        "case_id": f"C{number}", "account_id": account, "opened_at": "2026-09-01T00:00+08:00",
        "first_reply_at": after(reply), "resolved_at": after(resolve), "is_green_channel": green,
    }  # fmt: skip


def after(hours: float | None) -> str | None:
    if hours is None:
        return None
    days, left = divmod(hours * 60, 24 * 60)
    return f"2026-09-{1 + int(days):02}T{int(left) // 60:02}:{int(left) % 60:02}+08:00"


def served(*cases: dict[str, object]) -> Engine:
    return engine(
        {
            "accounts": [{"account_id": "A", "name": "a"}, {"account_id": "B", "name": "b"}],
            "cases": list(cases),
        }
    )


def test_a_promise_is_counted_on_each_clock_and_over_all_of_them() -> None:
    found = served(case(1, 1, 10, green=True), case(2, 30, 40), case(3, 2, 60, green=True), case(4, None))

    by_clock = {
        clock: found.measure("sla_attainment", "account", "month", ("clock", clock)).value.floats[0]
        for clock in ("first_reply", "resolution", "green_channel")
    }
    assert by_clock == {"first_reply": 2 / 4, "resolution": 2 / 4, "green_channel": 1 / 2}
    assert found.value("sla_attainment", "account:A") == 5 / 10


def test_a_case_is_one_case_however_many_clocks_it_has() -> None:
    found = served(case(1, 1, green=True), case(2, 1))

    assert found.value("cases", "account:A") == 2.0


def test_medians_are_of_the_rows_not_of_the_accounts() -> None:
    found = served(case(1, 1), case(2, 2), case(3, 6), case(4, 100, account="B"), case(5, None))

    assert found.value("first_reply_median", "account:A") == 2.0
    assert found.value("first_reply_median", "account:B") == 100.0
    assert found.value("first_reply_median", "portfolio:all") == 4.0


def test_nine_in_ten_is_taken_between_two_values() -> None:
    found = served(case(1, 0, 0), case(2, 10, 20))

    assert found.value("first_reply_p90", "account:A") == 9.0
    assert found.value("resolution_p90", "account:A") == 18.0
    assert found.value("resolution_median", "account:A") == 10.0


def test_without_a_reply_there_is_no_median_and_a_reason() -> None:
    measure = served(case(1, None), case(2, 3)).measure("first_reply_median", "account", "month")

    assert REASONS[measure.value.reasons[1]] == "no_data"
    assert measure.n is not None
    assert measure.n.values.tolist() == [1, 0, 0]
