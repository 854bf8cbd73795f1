from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gate.customer_limits import Share, over_limit, shares

AS_OF = date(2026, 9, 30)


def traced(*rows: tuple[str | None, str | None]) -> pd.DataFrame:
    customers, days = zip(*rows, strict=True)
    return pd.DataFrame(
        {"customer_id": pd.array(customers, dtype="str"), "ordered_on": pd.to_datetime(list(days))}
    )


def test_only_rows_of_the_last_twelve_months_count_and_those_without_a_date() -> None:
    trace = traced(("A1", "2025-09-30"), ("A1", "2025-10-01"), ("A1", None), ("A2", "2026-09-01"))
    unusable = np.array([True, True, True, False])

    assert shares("orders", trace, unusable, {}, AS_OF) == {"A1": Share(2, 2)}


def test_rows_that_could_not_be_read_are_rows_of_their_account() -> None:
    trace = traced(("A1", "2026-09-01"), ("~", "2026-09-01"))

    assert shares("orders", trace, np.zeros(2, np.bool_), {"A1": 1, "A9": 2, "~": 1}, AS_OF) == {
        "A1": Share(2, 1),
        "A9": Share(2, 2),
    }


def test_a_table_without_a_date_counts_whole() -> None:
    trace = pd.DataFrame({"customer_id": ["A1", "A1"]})

    assert shares("order_lines", trace, np.array([True, False]), {}, AS_OF) == {"A1": Share(2, 1)}


@given(st.integers(1, 200), st.integers(0, 200), st.floats(0, 1))
def test_an_account_is_told_exactly_where_its_share_is_above_the_limit(
    rows: int, bad: int, limit: float
) -> None:
    share = Share(rows, min(bad, rows))

    told = list(over_limit("cases", {"A1": share}, limit, str))

    assert bool(told) is (share.unusable / rows > limit)
    for entry, finding in told:
        assert (entry.subject_id, entry.table, entry.code) == ("A1", "cases", "KB-1222")
        assert (finding["rows"], finding["severity"]) == (share.unusable, "critical")
