from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gate import findings, quality
from pipeline.gate.expectations import Expectation, Scope, Severity
from pipeline.gate.findings import Distrust, Finding, Judgement, Outcome, Withheld
from tests.tables import frame, write_tables

TRACE = pd.DataFrame(
    {
        "_source": ["b.csv", "a.csv", "a.csv", "a.csv"],
        "_line": [2, 9, 4, 5],
        "account_id": pd.array(["A2", "A1", "A1", None], dtype="str"),
    },
    index=[10, 11, 12, 13],
)


def outcome(
    positions: list[int],
    *,
    name: str = "all_is_well",
    severity: Severity = "critical",
    scope: Scope = "row",
    section: str | None = None,
) -> Outcome:
    claimed = Expectation("orders", "expect", {}, name, "原因", severity, scope, section)
    return Outcome(claimed, holds=False, positions=np.array(positions, dtype=np.int64))


def judged(*outcomes: Outcome, trace: pd.DataFrame = TRACE, rows: int = 100) -> Judgement:
    return findings.judged("orders", outcomes, trace, rows)


def test_what_holds_has_no_consequence() -> None:
    holds = Outcome(outcome([]).expectation, holds=True, positions=np.zeros(0, dtype=np.int64))

    assert judged(holds) == Judgement("orders", (), {}, ())


def test_a_bad_row_goes_to_quarantine_and_its_account_is_told_but_not_withheld() -> None:
    made = judged(outcome([10, 11, 12]))

    assert made.reasons == dict.fromkeys((10, 11, 12), ("all_is_well: 原因",))
    assert [(each["subject_id"], each["rows"]) for each in made.findings] == [("A1", 2), ("A2", 1)]
    assert made.findings[0]["examples"] == [{"source": "a.csv", "line": 4}, {"source": "a.csv", "line": 9}]
    assert made.withheld == ()


def test_a_row_whose_account_cannot_be_told_is_told_without() -> None:
    (finding,) = judged(outcome([13])).findings

    assert (finding["subject_id"], finding["rows"]) == (None, 1)


def test_an_account_is_withheld_and_its_rows_go_to_quarantine() -> None:
    made = judged(outcome([10, 13], scope="account"))

    assert set(made.reasons) == {10, 13}
    assert made.withheld == (Withheld("account", "A2", None, "KB-1220", "orders.all_is_well"),)


def test_a_section_is_withheld_and_the_rows_go_to_quarantine() -> None:
    made = judged(outcome([11, 12], scope="section", section="service"))

    assert set(made.reasons) == {11, 12}
    assert made.withheld == (Withheld("account", "A1", "service", "KB-1221", "orders.all_is_well"),)
    assert [each["section"] for each in made.findings] == ["service"]


def test_warnings_and_infos_are_only_listed() -> None:
    scopes: tuple[Scope, ...] = ("row", "section", "account", "run")
    severities: tuple[Severity, ...] = ("warning", "info")
    for severity in severities:
        for scope in scopes:
            made = judged(outcome([11], severity=severity, scope=scope))

            assert (made.reasons, made.withheld, len(made.findings)) == ({}, (), 1)


def test_what_is_critical_for_the_run_is_one_finding_and_leaves_the_rows() -> None:
    made = judged(outcome([10, 11, 13], scope="run"))

    assert made.reasons == {}
    assert [(each["subject_id"], each["rows"]) for each in made.findings] == [(None, 3)]


def test_rows_without_an_account_withhold_nothing() -> None:
    trace = TRACE.assign(account_id="~")

    made = judged(outcome([10], scope="account"), trace=trace)

    assert made.withheld == ()
    assert [each["subject_id"] for each in made.findings] == ["~"]


def test_a_row_in_quarantine_keeps_every_reason() -> None:
    made = judged(outcome([11], name="one_holds"), outcome([11, 12], name="two_holds"))

    assert made.reasons == {11: ("one_holds: 原因", "two_holds: 原因"), 12: ("two_holds: 原因",)}


def test_at_most_five_examples_are_given_the_first_by_file_and_line() -> None:
    lines = list(range(2, 40))
    random.Random(1).shuffle(lines)
    trace = pd.DataFrame({"_source": "a.csv", "_line": lines, "account_id": "A1"})

    (finding,) = judged(outcome(list(range(38))), trace=trace).findings

    assert finding["rows"] == 38
    assert [each["line"] for each in finding["examples"]] == [2, 3, 4, 5, 6]


def test_a_row_that_was_made_of_several_has_no_line() -> None:
    trace = pd.DataFrame(
        {"_source": ["a.csv"], "_line": pd.array([None], dtype="Int64"), "account_id": ["A1"]}
    )

    (finding,) = judged(outcome([0]), trace=trace).findings

    assert finding["examples"] == [{"source": "a.csv", "line": None}]


def test_an_account_withheld_as_a_whole_needs_no_sections() -> None:
    def entry(account: str, section: str | None, reason: str) -> Withheld:
        return Withheld("account", account, section, "KB-1221" if section else "KB-1220", reason)

    together = findings.together(
        [
            entry("A2", "service", "b"),
            entry("A2", "service", "a"),
            entry("A1", "service", "a"),
            entry("A1", None, "z"),
            entry("A2", "service", "a"),
        ]
    )

    assert together == [entry("A1", None, "z"), entry("A2", "service", "a; b")]


def test_rows_that_could_not_be_read_are_told_by_table_and_column() -> None:
    rejects = pd.DataFrame(
        [
            ("orders", "b.csv", 3, "amount", None),
            ("orders", "a.csv", 7, "amount", None),
            ("cases", "c.csv", 2, "opened_at", "~"),
        ],
        columns=["table", "_source", "_line", "column", "account_id"],
    )

    found, distrusted = findings.rejected(rejects, {"orders"}, "why")

    assert distrusted == []
    assert [(each["table"], each["expectation"], each["rows"]) for each in found] == [
        ("cases", "opened_at_can_be_read", 1),
        ("orders", "amount_can_be_read", 2),
    ]
    assert found[1]["examples"] == [{"source": "a.csv", "line": 7}, {"source": "b.csv", "line": 3}]
    assert {(each["severity"], each["scope"], each["subject_id"]) for each in found} == {
        ("critical", "row", None)
    }


def test_a_row_that_could_not_be_read_costs_its_account_the_table_that_a_section_scope_guards() -> None:
    rejects = pd.DataFrame(
        [("payments", "p.csv", 3, "paid_on", "A-1"), ("orders", "o.csv", 4, "ordered_on", "A-1")],
        columns=["table", "_source", "_line", "column", "account_id"],
    )

    found, distrusted = findings.rejected(rejects, {"payments"}, "why")

    assert distrusted == [Distrust("A-1", "payments", "KB-1221", "payments.paid_on_can_be_read")]
    assert [(each["table"], each["subject_id"], each["scope"]) for each in found] == [
        ("orders", "A-1", "row"),
        ("payments", "A-1", "section"),
    ]


def test_what_breaks_in_every_row_is_said_once_for_the_table() -> None:
    (whole,) = judged(outcome([10, 11, 12, 13], severity="warning"), rows=4).findings
    parts = judged(outcome([10, 11, 12, 13], severity="warning"), rows=5).findings

    assert (whole["subject_id"], whole["rows"]) == (None, 4)
    assert [each["subject_id"] for each in parts] == ["A1", "A2", None]


def test_what_costs_a_section_costs_every_one_that_reads_the_table_unless_one_is_named() -> None:
    made = judged(outcome([10], scope="section"), outcome([11], scope="section", section="service"))

    assert made.distrusted == (Distrust("A2", "orders", "KB-1221", "orders.all_is_well"),)
    assert made.withheld == (Withheld("account", "A1", "service", "KB-1221", "orders.all_is_well"),)
    costs = findings.costs_of(made.distrusted, {"orders": ("a", "b")}.__getitem__)
    assert [(each.subject_id, each.section) for each in costs] == [("A2", "a"), ("A2", "b")]


def test_what_is_not_trusted_stands_once_by_account_and_table() -> None:
    entries = [Distrust("A2", "cases", "KB-1222", "b"), Distrust("A2", "cases", "KB-1221", "a")]

    assert findings.distrusted_once(entries * 2) == [Distrust("A2", "cases", "KB-1221", "a; b")]


def finding(table: str, expectation: str, severity: Severity, subject_id: str | None) -> Finding:
    return Finding(
        table=table,
        expectation=expectation,
        severity=severity,
        scope="row",
        subject_id=subject_id,
        section=None,
        why="",
        rows=1,
        examples=[],
    )


FOUND = [
    finding("orders", "a_is_b", "critical", None),
    finding("orders", "a_is_b", "critical", "A1"),
    finding("accounts", "a_is_b", "warning", "A1"),
    finding("orders", "b_is_c", "warning", "A1"),
    finding("accounts", "a_is_b", "info", "A1"),
]


@given(st.permutations(FOUND))
def test_findings_stand_in_one_order_however_they_came(found: list[Any]) -> None:
    assert findings.in_order(found) == FOUND


def test_findings_are_counted_by_severity() -> None:
    assert findings.counts(FOUND) == {"critical": 2, "warning": 2, "info": 1}
    assert findings.counts([]) == {"critical": 0, "warning": 0, "info": 0}


@given(st.sets(st.integers(0, 59)), st.booleans())
def test_rows_read_by_their_positions_are_those_of_the_whole_table(positions: set[int], some: bool) -> None:
    names = ["order_id", "ordered_on", "status"] if some else None
    rows = [
        {
            "order_id": f"O{at:02d}",
            "account_id": f"A{at % 7}",
            "ordered_on": None if at % 5 == 0 else "2026-09-01",
        }
        for at in range(60)
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), {"orders": frame("orders", rows)})
        whole = quality.stored(Path(folder), "orders", names)
        found = quality.stored_at(Path(folder), "orders", np.array(sorted(positions), dtype=np.int64), names)

    pd.testing.assert_frame_equal(found, whole.iloc[sorted(positions)], check_index_type=False)
