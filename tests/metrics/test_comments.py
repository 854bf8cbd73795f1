from __future__ import annotations

import pytest

from tests.promisers import Row, company

SAID: Row = {"comment": "慢"}
ACTED: Row = {**SAID, "action_taken": "已处理"}


@pytest.mark.parametrize(
    ("answers", "share"),
    [
        ([SAID, ACTED, ACTED], 2 / 3),
        ([{**ACTED, "may_quote": False}, {**SAID, "may_quote": None}], 1 / 2),
        ([ACTED, {**SAID, "score": 4}], 1),
        ([{**SAID, "score": 5}], None),
        ([{**SAID, "comment": "  "}], None),
        ([{**ACTED, "action_taken": " "}], 0),
        ([{**SAID, "answered_on": "2026-06-30"}], None),
    ],
)
def test_criticism_counts_as_acted_on_where_an_action_is_recorded(
    answers: list[Row], share: float | None
) -> None:
    found = company(answers=answers).value("criticism_acted_share", "customer:A-1", "quarter")

    assert found == (None if share is None else pytest.approx(share))


def test_words_stand_in_the_table_only_where_they_may_be_quoted() -> None:
    made = company(answers=[ACTED, {**ACTED, "may_quote": False}]).facts["comments"]
    mine = made[made["customer_id"] == "A-1"]

    assert mine["comment"].notna().tolist() == [True, False]
    assert mine["action_taken"].notna().tolist() == [True, False]
    assert mine["is_acted_on"].tolist() == [True, True]
    assert not {"contact_id", "score"} & set(made.columns)
