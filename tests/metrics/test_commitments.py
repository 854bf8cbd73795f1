from __future__ import annotations

import pytest

from tests.engines import derived_table
from tests.promisers import ACTION, AHEAD, DROPPED, KEPT, Row, company


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (KEPT, -2),
        ({"done_on": "2026-09-10"}, 0),
        ({"done_on": "2026-09-14"}, 4),
        ({}, 20),
        (DROPPED, None),
        (AHEAD, None),
    ],
)
def test_days_late_count_from_the_day_it_was_due(cells: Row, days: int | None) -> None:
    rows: dict[str, list[Row]] = {
        "accounts": [{"account_id": "A-1", "name": "a"}],
        "actions": [{"action_id": "X", **ACTION, **cells}],
    }
    found = derived_table("commitments", rows)["days_late"]

    assert found.astype("object").where(found.notna(), None).tolist() == [days]


def test_the_share_overdue_is_of_those_still_open() -> None:
    found = company([KEPT, {}, AHEAD, AHEAD, DROPPED, {"side": "client"}])
    measure = found.measure("commitments_overdue_share", "customer", "quarter", ("side", "ours"))

    assert found.value("commitments_overdue_share", "customer:A-1", "quarter") == 2 / 4
    assert float(measure.value.floats[found.position("customer:A-1")]) == 1 / 3
    assert found.value("commitments_overdue_share", "customer:A-2", "quarter") is None
