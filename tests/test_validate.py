from __future__ import annotations

import csv
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import store, validate
from pipeline.context import Context
from pipeline.errors import DataError, UsageError
from pipeline.gate import judging, quality
from pipeline.gate.judging import present
from pipeline.log import Log
from pipeline.periods import Period, parse_period
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.schema import TABLES
from pipeline.settings import Settings
from tests.tables import tables, write_tables

Rows = Mapping[str, Sequence[Mapping[str, object]]]
START: dict[str, list[dict[str, object]]] = {
    "accounts": [{"account_id": "A1", "name": "Acme"}, {"account_id": "A2", "name": "Bolt"}],
    "orders": [
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-29"},
        {"order_id": "O2", "account_id": "A2", "ordered_on": "2026-09-01"},
        {"order_id": "O3", "account_id": "A2", "ordered_on": "2026-10-05"},
    ],
}
LINES: list[dict[str, object]] = [
    {"order_id": "O1", "line_no": 1, "quantity": 1, "net_amount": 10},
    {"order_id": "O2", "line_no": 1, "quantity": 1, "net_amount": 10},
    {"order_id": "O3", "line_no": 1, "quantity": 1, "net_amount": 10},
]
LENIENT = {"quality": {"quarantine_limit_pct": 1.0}}
Start = Callable[..., Context]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """A context whose run holds the tables that START has, with some replaced."""

    def started(
        given: Rows | None = None,
        *,
        rejects: Any = (),
        notes: Any = (),
        period: Period | None = None,
        **settings: Any,
    ) -> Context:
        context = Context(
            workspace=tmp_path / "workspace",
            run=tmp_path / "runs" / "2026-09",
            exports=tmp_path / "exports",
            settings=Settings.model_validate({"schema": 1, "company": {"name": "Ours"}, **settings}),
            policy=load_policy(tmp_path),
            period=period or parse_period("2026-09"),
            fonts=tmp_path,
            log=Log(tmp_path / "log.jsonl", quiet=True),
        )
        write_tables(context.run, tables({**START, **(given or {})}), rejects=rejects, notes=notes)
        return context

    return started


def suite_of(context: Context, table: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Give the workspace the built-in suite of a table with one thing changed."""
    suite = json.loads(built_in("expectations", f"{table}.json").read_text(encoding="utf-8"))
    change(suite)
    store.write_json(context.workspace / "expectations" / f"{table}.json", suite)


def claim(**more: Any) -> dict[str, Any]:
    meta = {"name": "lines_are_few", "why": "试验", "severity": "critical", "scope": "run"}
    kwargs = {"min_value": 0, "max_value": 2}
    return {"type": "expect_table_row_count_to_be_between", "kwargs": kwargs, "meta": meta, **more}


def quarantine(context: Context, table: str) -> list[dict[str, str]]:
    path = context.run / "quality" / "quarantine" / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows_in_order_leave_no_finding(start: Start) -> None:
    context = start()

    validate.validate(context)

    assert quality.findings(context.run) == []
    assert quality.withheld(context.run) == []
    assert len(quality.accepted(context.run, "orders")) == 3
    assert not (context.run / "quality" / "quarantine").exists()


def test_a_row_of_an_unknown_account_goes_to_quarantine_with_file_and_line(start: Start) -> None:
    orders = [
        *START["orders"],
        {"order_id": "O4", "account_id": "A404", "ordered_on": "2026-09-02", "status": "=1+1"},
    ]
    context = start({"orders": orders}, **LENIENT)

    validate.validate(context)

    (finding,) = quality.findings(context.run)
    assert finding | {"why": ""} == {
        "table": "orders",
        "expectation": "account_is_known",
        "severity": "critical",
        "scope": "row",
        "subject_id": "A404",
        "section": None,
        "why": "",
        "rows": 1,
        "examples": [{"source": "orders.csv", "line": 5}],
    }
    (row,) = quarantine(context, "orders")
    assert (row["order_id"], row["_source"], row["_line"]) == ("O4", "orders.csv", "5")
    assert row["_reason"].startswith("account_is_known: ")
    assert row["status"] == "'=1+1", "no spreadsheet may run a cell"
    assert set(quality.accepted(context.run, "orders")["order_id"]) == {"O1", "O2", "O3"}
    assert quality.withheld(context.run) == []


def test_children_of_a_row_in_quarantine_follow_it(start: Start) -> None:
    orders = [*START["orders"][:2], {"order_id": "O3", "account_id": "A404", "ordered_on": "2026-09-05"}]
    context = start({"orders": orders, "order_lines": LINES}, **LENIENT)

    validate.validate(context)

    assert set(quality.accepted(context.run, "order_lines")["order_id"]) == {"O1", "O2"}
    told = {each["expectation"]: each["subject_id"] for each in quality.findings(context.run)}
    assert told["order_is_known"] == "A404", "the account is told through the order"


def test_rows_without_an_account_are_kept(start: Start) -> None:
    orders = [*START["orders"][:2], {"order_id": "O3", "ordered_on": "2026-09-05"}]
    context = start({"orders": orders})

    validate.validate(context)

    assert "~" in set(quality.accepted(context.run, "orders")["account_id"])
    assert quality.findings(context.run) == []


def test_an_account_is_withheld_with_its_rows(start: Start) -> None:
    circle = [
        {"account_id": "A1", "name": "Acme"},
        {"account_id": "A2", "name": "Bolt", "parent_id": "A3"},
        {"account_id": "A3", "name": "Cord", "parent_id": "A2"},
    ]
    context = start({"accounts": circle}, **LENIENT)

    validate.validate(context)

    held = [
        (each.subject_kind, each.subject_id, each.section, each.code)
        for each in quality.withheld(context.run)
    ]
    assert held == [("account", "A2", None, "KB-1220"), ("account", "A3", None, "KB-1220")]
    assert set(quality.accepted(context.run, "orders")["account_id"]) == {"A1"}
    logged = [json.loads(line) for line in context.log.path.read_text(encoding="utf-8").splitlines()]
    assert [each["subject_id"] for each in logged if each["event"] == "withheld"] == ["A2", "A3"]


def test_a_row_that_breaks_a_section_costs_its_account_every_section_that_reads_the_table(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "sections_on", lambda table, basis: (f"about_{table}_{basis}",))
    invoices = [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-09-01", "due_on": "2026-08-01", "net_amount": 1},
        {"invoice_id": "I2", "account_id": "A2", "issued_on": "2026-09-01", "due_on": "2026-10-01", "net_amount": 1},
    ]  # fmt: skip
    payments = [{"payment_id": "Y1", "invoice_id": "I1", "paid_on": "2026-09-03", "amount": 1}]
    context = start({"invoices": invoices, "payments": payments}, **LENIENT)

    validate.validate(context)

    held = [(each.subject_id, each.section, each.code, each.reason) for each in quality.withheld(context.run)]
    assert [entry[:3] for entry in held] == [
        ("A1", "about_invoices_ordered", "KB-1221"),
        ("A1", "about_payments_ordered", "KB-1221"),
    ]
    assert held[0][3] == "invoices.due_date_is_not_before_the_issue; invoices.enough_rows_are_usable"
    assert {(each.subject_id, each.table) for each in quality.distrusted(context.run)} == {
        ("A1", "invoices"),
        ("A1", "payments"),
    }
    assert list(quality.accepted(context.run, "invoices")["invoice_id"]) == ["I2"]


def test_too_large_a_share_of_a_customers_rows_withholds_what_rests_on_them(start: Start) -> None:
    cases = [
        {"case_id": f"C{number}", "account_id": account, "opened_at": "2026-09-02T08:00",
         "first_reply_at": "2026-09-01T08:00" if number in broken else "2026-09-02T09:00"}
        for account, numbers, broken in (("A1", range(10), {0, 1}), ("A2", range(10, 20), {10}))
        for number in numbers
    ]  # fmt: skip
    context = start({"cases": cases})

    validate.validate(context)

    (entry,) = quality.distrusted(context.run)
    assert (entry.subject_id, entry.table, entry.code) == ("A1", "cases", "KB-1222")
    assert {each.section for each in quality.withheld(context.run)} >= {"service"}
    (told,) = [
        each for each in quality.findings(context.run) if each["expectation"] == "enough_rows_are_usable"
    ]
    assert (told["subject_id"], told["rows"], told["severity"]) == ("A1", 2, "critical")


def test_rows_dated_after_the_as_of_date_are_no_fault(start: Start) -> None:
    context = start()

    validate.validate(context)

    assert "O3" in set(quality.accepted(context.run, "orders")["order_id"])


def test_what_ingest_could_not_read_is_told_and_kept_as_it_came(start: Start) -> None:
    reject = {
        "table": "orders",
        "_source": "o.csv",
        "_line": 9,
        "_reason": "not a date",
        "column": "ordered_on",
        "cells": {"下单日期": "昨天"},
    }
    note: dict[str, object] = {
        "table": "orders",
        "expectation": "headers_are_mapped",
        "severity": "info",
        "scope": "run",
        "subject_id": None,
        "section": None,
        "why": "有一列没有映射",
        "rows": 0,
        "examples": [],
    }
    context = start(rejects=[reject], notes=[note], **LENIENT)

    validate.validate(context)

    first, last = quality.findings(context.run)
    assert (first["expectation"], first["rows"]) == ("ordered_on_can_be_read", 1)
    assert first["examples"] == [{"source": "o.csv", "line": 9}]
    assert last == note
    (row,) = quarantine(context, "orders")
    assert json.loads(row["_cells"]) == {"下单日期": "昨天"}
    assert (row["_source"], row["_line"], row["_reason"]) == ("o.csv", "9", "ordered_on: not a date")


def test_exact_cells_are_printed_in_units_in_quarantine(start: Start) -> None:
    lines = [
        *LINES,
        {"order_id": "O404", "line_no": 1, "quantity": "-0.5", "net_amount": "-12.5", "is_correct": True},
    ]
    context = start({"order_lines": lines}, **LENIENT)

    validate.validate(context)

    (row,) = quarantine(context, "order_lines")
    assert (row["quantity"], row["net_amount"], row["line_no"], row["is_correct"]) == (
        "-0.5",
        "-12.5",
        "1",
        "true",
    )


def test_exports_that_end_too_early_stop_the_run_and_say_how_far_they_reach(start: Start) -> None:
    context = start(period=parse_period("2026-12"))

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1212", 12)
    assert "exports end on 2026-10-05" in stopped.value.what
    assert "-p 2026-09" in str(stopped.value.fix)


def test_what_was_found_can_be_read_after_a_stop_but_does_not_count(start: Start) -> None:
    context = start({"orders": [dict(row, account_id="A404") for row in START["orders"]]})

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert stopped.value.code == "KB-1214"
    assert "3 of 3 rows" in stopped.value.what
    assert "orders.csv:2" in stopped.value.where
    assert len(quarantine(context, "orders")) == 3
    assert "KB-1214" in (context.run / "quality" / "index.html").read_text(encoding="utf-8")
    assert store.done(context.run, store.STAGES["validate"]) is None
    with pytest.raises(UsageError):
        quality.accepted(context.run, "orders")


def test_what_a_killed_run_left_behind_is_swept(start: Start) -> None:
    context = start({"orders": [dict(row, account_id="A404") for row in START["orders"]]})
    (context.run / ".validate.tmp" / "quality").mkdir(parents=True)

    with pytest.raises(DataError):
        validate.validate(context)

    assert sorted(path.name for path in context.run.iterdir()) == ["quality", "raw", "tables"]


def test_a_corrected_export_is_validated_after_a_stop(start: Start) -> None:
    stopped = start({"orders": [dict(row, account_id="A404") for row in START["orders"]]})
    with pytest.raises(DataError):
        validate.validate(stopped)

    corrected = start()
    validate.validate(corrected)

    assert quality.findings(corrected.run) == []
    assert sorted(path.name for path in corrected.run.iterdir()) == ["quality", "raw", "tables"]


@pytest.mark.parametrize("table", ["accounts", "orders"])
def test_an_empty_table_stops_the_run_though_it_passes_every_check(start: Start, table: str) -> None:
    with pytest.raises(DataError) as stopped:
        validate.validate(start({table: []}))

    assert stopped.value.exit_code == 12
    assert (stopped.value.code, stopped.value.where) == ("KB-1211", table)


def test_a_table_that_nothing_can_do_without_stops_the_run(start: Start) -> None:
    with pytest.raises(DataError) as stopped:
        validate.validate(start(sales={"basis": "invoiced"}))

    assert (stopped.value.code, stopped.value.where) == ("KB-1211", "invoices")


def test_a_misspelt_expectation_stops_the_run_and_names_the_nearest(start: Start) -> None:
    context = start()
    suite_of(
        context,
        "orders",
        lambda suite: suite["expectations"].append(claim(type="expect_table_row_count_between")),
    )

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1202", 12)
    assert stopped.value.nearest == "expect_table_row_count_to_be_between"


def test_an_argument_that_an_expectation_does_not_know_stops_the_run(start: Start) -> None:
    context = start()
    suite_of(context, "orders", lambda suite: suite["expectations"].append(claim(kwargs={"most": 2})))

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1202", 12)


def test_an_expectation_that_crashes_stops_the_run_without_telling_a_cell(start: Start) -> None:
    orders = [dict(row, status="confidential") for row in START["orders"]]
    context = start({"orders": orders})
    crashing = claim(type="expect_column_values_to_be_between", kwargs={"column": "status", "min_value": 0})
    suite_of(context, "orders", lambda suite: suite["expectations"].append(crashing))

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1210", 12)
    assert "TypeError" in stopped.value.what
    assert "confidential" not in str(stopped.value)


def test_an_expectation_that_says_of_no_row_why_it_fails_must_speak_of_the_run(start: Start) -> None:
    context = start()
    of_rows = claim()
    of_rows["meta"]["scope"] = "row"
    suite_of(context, "orders", lambda suite: suite["expectations"].append(of_rows))

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert stopped.value.code == "KB-1210"


def test_a_critical_expectation_about_the_run_stops_it(start: Start) -> None:
    context = start()
    suite_of(context, "orders", lambda suite: suite["expectations"].append(claim()))

    with pytest.raises(DataError) as stopped:
        validate.validate(context)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1213", 12)
    assert "lines_are_few" in stopped.value.what


def test_a_warning_about_the_run_is_only_listed(start: Start) -> None:
    context = start()
    gentle = claim()
    gentle["meta"]["severity"] = "warning"
    suite_of(context, "orders", lambda suite: suite["expectations"].append(gentle))

    validate.validate(context)

    (finding,) = quality.findings(context.run)
    assert (finding["expectation"], finding["severity"], finding["rows"]) == ("lines_are_few", "warning", 0)


def test_the_same_input_is_not_validated_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    context = start()
    validate.validate(context)
    monkeypatch.setattr(judging, "evaluate", lambda *_: pytest.fail("validated again"))

    validate.validate(context)

    events = [json.loads(line) for line in context.log.path.read_text(encoding="utf-8").splitlines()]
    assert [each["event"] for each in events if each["stage"] == "validate"][-1] == "unchanged"


@pytest.mark.parametrize(
    "again",
    [
        lambda start: start({"accounts": [*START["accounts"], {"account_id": "A3", "name": "Cord"}]}),
        lambda start: start(freshness={"days": 11}),
        lambda start: start(period=Period("2026-09", date(2026, 9, 30))),
    ],
    ids=["tables", "settings", "days"],
)
def test_other_tables_settings_or_days_are_validated_again(
    start: Start, again: Callable[[Start], Context]
) -> None:
    context = start()
    validate.validate(context)
    before = store.read_json(context.run / "quality" / "done.json")["key"]

    validate.validate(again(start))

    assert store.read_json(context.run / "quality" / "done.json")["key"] != before


def test_a_suite_of_the_workspace_is_used_and_makes_the_run_new(start: Start) -> None:
    context = start()
    validate.validate(context)

    def gentle(suite: dict[str, Any]) -> None:
        suite["expectations"][0]["meta"]["severity"] = "info"

    suite_of(context, "orders", gentle)
    before = store.read_json(context.run / "quality" / "done.json")["key"]
    validate.validate(context)

    assert store.read_json(context.run / "quality" / "done.json")["key"] != before


def test_rows_are_not_accepted_once_the_tables_were_written_again(start: Start) -> None:
    context = start()
    validate.validate(context)
    start({"orders": START["orders"][:2]})

    with pytest.raises(UsageError) as refused:
        quality.accepted(context.run, "orders")

    assert refused.value.code == "KB-0203"


def test_the_order_of_the_rows_changes_nothing(start: Start) -> None:
    dirty = [
        *START["orders"],
        {"order_id": "O4", "account_id": "A404", "ordered_on": "2026-09-02", "_line": 9},
    ]
    numbered = [{"_line": place, **row} for place, row in enumerate(dirty)]
    wrote = []
    for rows in (numbered, numbered[::-1]):
        context = start({"orders": rows}, **LENIENT)
        (context.run / "quality" / "done.json").unlink(missing_ok=True)
        validate.validate(context)
        wrote.append(store.read_json(context.run / "quality" / "done.json")["wrote"])

    assert wrote[0] == wrote[1]


def test_no_host_is_asked_and_nothing_is_drawn(
    start: Start, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a host was asked"))

    validate.validate(start())

    assert capfd.readouterr() == ("", "")


def test_the_page_lists_what_was_found_and_asks_no_host(start: Start) -> None:
    orders = [*START["orders"], {"order_id": "O4", "account_id": "<b>A404", "ordered_on": "2026-09-02"}]
    context = start({"orders": orders}, **LENIENT)

    validate.validate(context)

    page = (context.run / "quality" / "index.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in page
    assert "account_is_known" in page
    assert "orders.csv:5" in page
    assert "&lt;b&gt;A404" in page
    assert "http" not in page.replace("http-equiv", "")
    assert 'src="' not in page


def test_parents_are_judged_before_their_children(start: Start) -> None:
    given: Rows = {"fx": [], "invoices": [], "payments": [], "managers": [], "teams": [], "products": []}
    order = present(start(given).run)

    for table in order:
        assert all(
            order.index(parent) < order.index(table)
            for parent in TABLES[table].parents.values()
            if parent in order and parent != table
        )
    assert order.index("fx") < order.index("orders")


def test_a_stored_table_has_the_types_of_the_schema(start: Start) -> None:
    context = start()

    rows = quality.stored(context.run, "orders", ["ordered_on", "order_id"])

    assert {name: str(dtype) for name, dtype in rows.dtypes.items()} == {
        "ordered_on": "datetime64[s]",
        "order_id": "str",
    }
    assert isinstance(rows, pd.DataFrame)


def test_a_groups_documents_add_up_its_accounts_and_so_do_their_shares(start: Start) -> None:
    accounts = [{"account_id": "A1", "name": "Acme"}, {"account_id": "A2", "name": "Bolt", "parent_id": "A1"}]
    cases = [
        {"case_id": f"C{number}", "account_id": "A2" if number < 2 else "A1", "opened_at": "2026-09-02T08:00",
         "first_reply_at": "2026-09-01T08:00" if number == 0 else None}
        for number in range(10)
    ]  # fmt: skip
    context = start({"accounts": accounts, "cases": cases})
    validate.validate(context)

    assert quality.distrusted(context.run) == [], (
        "one of two rows of the account, but one of ten of the customer"
    )

    strict = start({"accounts": accounts, "cases": cases}, quality={"customer_limit_pct": 0.09})
    validate.validate(strict)

    assert [(each.subject_id, each.table) for each in quality.distrusted(strict.run)] == [("A1", "cases")]
