from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.gate import fixes
from pipeline.gate.fixes import Fix, Rule
from tests.tables import frame

AS_OF = date(2026, 9, 30)
INVOICES: list[dict[str, object]] = [
    {
        "invoice_id": "I1",
        "account_id": "A1",
        "issued_on": "2026-09-01",
        "gross_amount": 100,
        "currency": "CNY",
    },
    {"invoice_id": "I2", "account_id": "A1", "issued_on": "2026-09-01", "net_amount": -50, "currency": "USD"},
    {"invoice_id": "I3", "account_id": "A2", "issued_on": "2026-09-01", "manager_id": "M2"},
    {"invoice_id": "I4", "account_id": "A2", "issued_on": "2026-09-01", "gross_amount": 9, "currency": "JPY"},
]
ACCOUNTS = frame(
    "accounts",
    [
        {"account_id": "A1", "name": "Acme", "owner_id": "M1"},
        {"account_id": "A2", "name": "Bolt", "owner_id": "M1"},
    ],
)
MANAGERS = frame("managers", [{"manager_id": "M1", "name": "Lin"}, {"manager_id": "M2", "name": "Zhou"}])
FX = frame(
    "fx",
    [
        {"rate_on": "2026-09-01", "currency": "USD", "to_currency": "CNY", "rate": 7},
        {"rate_on": "2026-10-01", "currency": "USD", "to_currency": "CNY", "rate": 9},
    ],
)


def records(*names: str) -> pd.DataFrame:
    rows = frame("invoices", INVOICES)
    trace = rows[["_source", "_line", "account_id"]]
    every = np.arange(len(rows))
    made = [
        fixes.records(Rule("invoices", name, "warning", "why"), rows, trace, every, None) for name in names
    ]
    return fixes.owned(fixes.together(made), ACCOUNTS, MANAGERS, FX, "CNY", AS_OF)


def fix(**more: Any) -> Fix:
    base = Fix(
        table="t", expectation="a_is_b", severity="warning", why="", source="s", owner_id="", owner_name="",
        rows=1, accounts=1, amount=None, withheld=0,
    )  # fmt: skip
    return Fix(**{**base, **more})  # type: ignore[typeddict-item]


def test_money_is_in_one_currency_at_the_newest_rate_and_unknown_where_there_is_none() -> None:
    found = records("a_is_b").set_index("key")["amount"]

    assert found["I1"] == 100
    assert found["I2"] == -350
    assert pd.isna(found["I3"])
    assert pd.isna(found["I4"])


def test_the_owner_is_the_records_own_else_the_accounts() -> None:
    found = records("a_is_b").set_index("key")

    assert found.loc["I1", ["owner_id", "owner_name"]].tolist() == ["M1", "Lin"]
    assert found.loc["I3", ["owner_id", "owner_name"]].tolist() == ["M2", "Zhou"]


def test_records_are_put_together_by_rule_source_and_owner() -> None:
    made = fixes.fix_first(records("a_is_b"), {"invoices.a_is_b": 3})

    assert [
        (each["owner_id"], each["rows"], each["accounts"], each["amount"], each["withheld"]) for each in made
    ] == [
        ("M1", 3, 2, 450.0, 3),
        ("M2", 1, 1, None, 3),
    ]


def test_what_keeps_a_report_back_comes_first_then_the_most_money_and_what_is_only_told_last() -> None:
    mixed = [
        fix(amount=9.0),
        fix(amount=1.0, withheld=1),
        fix(amount=99.0),
        fix(amount=999.0, severity="info"),
        fix(),
    ]

    assert [each["amount"] for each in sorted(mixed, key=fixes._urgency)] == [1.0, 99.0, 9.0, None, 999.0]


def test_a_long_list_names_the_records_with_the_most_money(monkeypatch: Any) -> None:
    monkeypatch.setattr(fixes, "MOST_RECORDS", 2)

    assert fixes.listed(records("a_is_b", "b_is_c"))["key"].tolist() == ["I1", "I2", "I1", "I2"]


def test_an_order_is_worth_what_its_lines_say() -> None:
    lines = frame("order_lines", [{"order_id": "O1", "line_no": n, "net_amount": n} for n in (1, 2)])

    totals = fixes.line_totals(pd.Series(["O1", "O2"], dtype="str"), lines)

    assert totals[0] == 30_000
    assert pd.isna(totals[1])


def test_nothing_to_fix_makes_an_empty_list() -> None:
    assert fixes.fix_first(fixes.owned(fixes.together([]), ACCOUNTS, None, None, "CNY", AS_OF), {}) == []
