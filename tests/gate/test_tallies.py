from __future__ import annotations

import pandas as pd

from pipeline.gate.tallies import Tally, tallies

RECORDS = pd.DataFrame(
    [
        ("orders", "O1", "a.csv", 2, "M1", "Ann", 10.0),
        ("orders", "O1", "a.csv", 2, "M1", "Ann", 10.0),
        ("orders", "O2", "a.csv", 3, "M2", None, -30.0),
        ("cases", None, "b.csv", 3, None, None, None),
    ],
    columns=["table", "key", "_source", "_line", "owner_id", "owner_name", "amount"],
)


def test_a_record_that_breaks_two_rules_counts_once_and_most_money_comes_first() -> None:
    assert tallies(RECORDS, "owner") == [Tally("M2", 1, 30.0), Tally("Ann", 1, 10.0), Tally("", 1, None)]
    assert tallies(RECORDS, "source") == [Tally("a.csv", 2, 40.0), Tally("b.csv", 1, None)]


def test_no_records_make_no_tally() -> None:
    assert tallies(pd.DataFrame(), "owner") == []
