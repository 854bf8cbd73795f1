from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError
from pipeline.gate.check_columns import check_column, needed, own_columns, require_column, with_checks
from pipeline.gate.check_operations import OPERATIONS
from pipeline.gate.checks import Surroundings
from pipeline.gate.expectations import load_suite
from pipeline.resources import built_in
from pipeline.schema import TABLES
from tests.tables import frame

Rows = Sequence[Mapping[str, object]]
AS_OF = date(2026, 9, 30)


def made(table: str, name: str, rows: Rows, **others: Rows) -> list[Any]:
    """The values of one check column; None where it is missing."""
    around = Surroundings(AS_OF, "CNY", {other: frame(other, given) for other, given in others.items()})
    values = with_checks(frame(table, rows), table, [name], around)[name]
    return [None if missing else value for value, missing in zip(values.tolist(), values.isna(), strict=True)]


def test_a_reference_is_known_if_the_parent_has_the_row_or_there_is_none() -> None:
    accounts = [{"account_id": "A1", "name": "Acme"}]
    orders = [{"account_id": "A1"}, {"account_id": "A404"}, {"account_id": "~"}, {}]

    assert made("orders", "account_id__known", orders, accounts=accounts) == [True, False, True, True]
    assert made("orders", "manager_id__known", [{"manager_id": "M1"}]) == [True], (
        "the export has no such table"
    )
    assert made("orders", "manager_id__known", [{"manager_id": "~"}], managers=[]) == [False]


def test_a_reference_to_the_same_table_is_known_by_its_own_rows() -> None:
    accounts = [
        {"account_id": "A1"},
        {"account_id": "A2", "parent_id": "A1"},
        {"account_id": "A3", "parent_id": "A4"},
    ]

    assert made("accounts", "parent_id__known", accounts) == [True, True, False]
    assert needed([check_column("accounts", "parent_id__known")]) == {}


@pytest.mark.parametrize(
    ("parents", "ends"),
    [
        ({"A": None, "B": "A", "C": "B"}, {"A": True, "B": True, "C": True}),
        ({"A": "A"}, {"A": False}),
        (
            {"A": "B", "B": "C", "C": "A", "D": "C", "E": None},
            {"A": False, "B": False, "C": False, "D": False, "E": True},
        ),
        ({"A": "X"}, {"A": True}),
    ],
    ids=["chain", "itself", "circle", "unknown"],
)
def test_a_chain_of_parents_ends_or_goes_round(parents: dict[str, str | None], ends: dict[str, bool]) -> None:
    rows = [{"account_id": account, "parent_id": parent} for account, parent in parents.items()]

    assert made("accounts", "parent_id__acyclic", rows) == list(ends.values())


def test_a_row_without_a_key_is_nobodys_parent() -> None:
    rows: list[dict[str, object]] = [
        {"name": "nameless"},
        {"account_id": "A"},
        {"account_id": "B", "parent_id": "A"},
    ]

    assert made("accounts", "parent_id__acyclic", rows) == [True, True, True]


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from("ABCDEFGHX"), min_size=1))
def test_a_chain_of_parents_ends_exactly_where_walking_it_does(parents: dict[str, str]) -> None:
    def ends(account: str) -> bool:
        for _ in range(len(parents) + 1):
            account = parents.get(account, "")
        return not account

    rows = [{"account_id": account, "parent_id": parent} for account, parent in parents.items()]

    assert made("accounts", "parent_id__acyclic", rows) == [ends(account) for account in parents]


def test_a_day_is_plausible_from_1990_until_five_years_after_the_as_of_date() -> None:
    days = ["1989-12-31", "1990-01-01", "2031-09-30", "2031-10-01", None]

    plausible = made("orders", "ordered_on__plausible", [{"ordered_on": day} for day in days])

    assert plausible == [False, True, True, False, True]


def test_days_and_seconds_are_missing_where_a_side_is() -> None:
    orders = [{"ordered_on": "2026-09-01", "delivered_on": "2026-09-03"}, {"ordered_on": "2026-09-01"}]
    cases = [{"opened_at": "2026-09-01T08:00+08:00", "resolved_at": "2026-09-01T00:00:30"}]

    assert made("orders", "delivered_on__days_after__ordered_on", orders) == [2, None]
    assert made("cases", "resolved_at__seconds_after__opened_at", cases) == [30]


def test_a_currency_is_a_code_and_can_be_converted_directly_or_through_a_third() -> None:
    rows = [{"currency": name} for name in ("CNY", "EUR", "USD", "GBP", "JPY", "RMB", None)]
    fx = [
        {"currency": "EUR", "to_currency": "CNY"},
        {"currency": "CNY", "to_currency": "USD"},
        {"currency": "GBP", "to_currency": "USD"},
    ]

    codes = made("orders", "currency__iso_4217", rows)
    assert codes == [True, True, True, True, True, False, True]
    linked = made("orders", "currency__convertible", rows, fx=fx)
    assert linked == [True, True, True, True, False, False, True]
    assert made("orders", "currency__convertible", rows[:2]) == [True, False], "without a table of rates"


def test_a_key_of_several_columns_takes_two_missing_values_for_the_same() -> None:
    rows = [
        {"industry": "steel", "year": 2025},
        {"industry": "steel", "year": 2025},
        {"industry": "steel", "year": 2026},
    ]

    assert made("market", "year__unique_within__industry__region", rows) == [False, False, True]


def test_rows_of_a_child_are_counted() -> None:
    lines = [{"order_id": "O1", "line_no": 1}, {"order_id": "O1", "line_no": 2}]
    orders = [{"order_id": "O1"}, {"order_id": "O2"}]

    assert made("orders", "order_id__count_in__order_lines", orders, order_lines=lines) == [2, 0]
    assert made("orders", "order_id__count_in__order_lines", orders) == [None, None]


def test_parts_are_taken_off_exactly() -> None:
    rows: Rows = [
        {"gross_amount": "113.01", "net_amount": 100, "tax_amount": 13},
        {"gross_amount": 1, "net_amount": 1},
    ]

    assert made("invoices", "gross_amount__less__net_amount__tax_amount", rows) == [100, None]


def test_payments_are_added_up_and_compared_with_their_invoice_whatever_the_sign() -> None:
    invoices: Rows = [
        {"invoice_id": "I1", "gross_amount": 10, "currency": "CNY"},
        {"invoice_id": "I2", "gross_amount": -10},
        {"invoice_id": "I3"},
    ]
    payments = [
        {"invoice_id": "I1", "amount": 8, "currency": "CNY"},
        {"invoice_id": "I1", "amount": 3},
        {"invoice_id": "I2", "amount": -4},
        {"invoice_id": "I3", "amount": 4},
        {"amount": 4},
    ]

    beyond = made("payments", "amount__total_beyond__invoice_id__gross_amount", payments, invoices=invoices)

    assert beyond == [10_000, 10_000, -60_000, None, None]


def test_payments_of_different_currencies_are_never_added_together() -> None:
    """Ninety euros do not make an invoice of 100 yuan overpaid that has 20 yuan to come."""
    invoices: Rows = [
        {"invoice_id": "I1", "gross_amount": 100, "currency": "CNY"},
        {"invoice_id": "I2", "gross_amount": 100},
    ]
    payments = [
        {"invoice_id": "I1", "amount": 80, "currency": "CNY"},
        {"invoice_id": "I1", "amount": 90, "currency": "EUR"},
        {"invoice_id": "I2", "amount": 60, "currency": "CNY"},
        {"invoice_id": "I2", "amount": 50, "currency": "EUR"},
    ]

    beyond = made("payments", "amount__total_beyond__invoice_id__gross_amount", payments, invoices=invoices)

    assert beyond == [-200_000, None, -400_000, -500_000]


def test_a_return_gives_no_money_in() -> None:
    pairs = [(1, 5), (-1, -5), (-1, 0), (-1, 5), (1, -5), (None, 5), (-1, None)]
    rows = [{"quantity": quantity, "net_amount": amount} for quantity, amount in pairs]

    agree = made("order_lines", "quantity__negative_only_with__net_amount", rows)

    assert agree == [True, True, True, False, True, True, True]


def test_presence_may_depend_on_another_column() -> None:
    invoices = [{"gross_amount": 1}, {"net_amount": 1}, {}]
    surveys = [{"score": 1, "scale_max": 5}, {"score": 1}, {}]
    deals: Rows = [{"is_won": True, "amount": 1}, {"is_won": True}, {"is_won": False}, {}]

    assert made("invoices", "gross_amount__present_or__net_amount", invoices) == [True, True, False]
    assert made("surveys", "scale_max__present_with__score", surveys) == [True, False, True]
    assert made("opportunities", "amount__present_where__is_won", deals) == [True, False, True, True]


def test_only_what_the_schema_allows_is_allowed() -> None:
    rows = [{"kind": "nps"}, {"kind": "NPS"}, {}]

    assert made("surveys", "kind__allowed", rows) == [True, False, True]


def test_a_subject_is_looked_for_where_its_kind_says() -> None:
    targets = [
        {"subject_kind": "account", "subject_id": "A1"},
        {"subject_kind": "manager", "subject_id": "A1"},
        {"subject_kind": "team", "subject_id": "T1"},
        {"subject_kind": "region", "subject_id": "north"},
    ]
    others: dict[str, Rows] = {"accounts": [{"account_id": "A1"}], "managers": [{"manager_id": "M1"}]}

    known = made("targets", "subject_id__known_subject__subject_kind", targets, **others)

    assert known == [True, False, True, True], "the export has no teams"


SHARES = "share_pct__whole_within__account_id__role"


def assignment(share: str | None, first: str | None, until: str | None, **more: object) -> dict[str, object]:
    return {"account_id": "A1", "role": "owner", "share_pct": share, "from_on": first, "to_on": until, **more}


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        ([assignment("1", "2026-01-01", None)], [True]),
        ([assignment("0.6", "2026-01-01", None), assignment("0.4", "2026-01-01", None)], [True, True]),
        ([assignment("0.6", "2026-01-01", None), assignment("0.5", "2026-01-01", None)], [False, False]),
        ([assignment("1", None, "2026-01-01"), assignment("1", "2026-01-01", None)], [True, True]),
        ([assignment("1", None, "2026-01-02"), assignment("1", "2026-01-01", None)], [False, False]),
        (
            [assignment("0.5", "2026-01-01", "2026-06-01"), assignment("0.5", "2026-01-01", None)],
            [True, False],
        ),
        (
            [assignment("1", "2026-01-01", None), assignment("1", "2026-01-01", None, role="backup")],
            [True, True],
        ),
        ([assignment(None, "2026-01-01", None), assignment(None, "2026-01-01", None)], [True, True]),
        ([assignment("1", "2026-02-01", "2026-01-01")], [True]),
    ],
    ids=[
        "alone",
        "split",
        "too much",
        "hand-over",
        "a day twice",
        "a gap later",
        "roles",
        "not given",
        "never",
    ],
)
def test_shares_of_a_day_make_a_whole(rows: list[dict[str, object]], whole: list[bool]) -> None:
    assert made("assignments", SHARES, rows) == whole


spans = st.tuples(
    st.sampled_from(["0.3", "0.7", "1"]), st.integers(1, 8), st.integers(1, 9), st.sampled_from("AB")
)


@given(st.lists(spans, min_size=1, max_size=6))
def test_shares_are_whole_exactly_where_adding_them_day_by_day_says_so(
    given_spans: list[tuple[str, int, int, str]],
) -> None:
    def covers(span: tuple[str, int, int, str], day: int, account: str) -> bool:
        return span[3] == account and span[1] <= day < span[2]

    def whole(span: tuple[str, int, int, str]) -> bool:
        sums = [
            sum(round(float(other[0]) * 10) for other in given_spans if covers(other, day, span[3]))
            for day in range(span[1], span[2])
        ]
        return set(sums) <= {10}

    rows = [
        assignment(share, f"2026-01-0{first}", f"2026-01-0{until}", account_id=account)
        for share, first, until, account in given_spans
    ]

    assert made("assignments", SHARES, rows) == [whole(span) for span in given_spans]


@pytest.mark.parametrize(
    ("table", "name", "says", "closest"),
    [
        ("orders", "ordered_onn", "no such column", "ordered_on"),
        ("orders", "account_id__knwon", "no operation", "known"),
        ("orders", "acount_id__known", "no column", "account_id"),
        ("orders", "status__known", "no parent", None),
        ("orders", "status__allowed", "any value", None),
        ("orders", "status__plausible", "kind text", None),
        ("orders", "ordered_on__plausible__now", "takes nothing", None),
        ("orders", "ordered_on__days_after", "takes column", None),
        ("orders", "ordered_on__days_after__delivered", "no column", "delivered_on"),
        ("orders", "order_id__count_in__payments", "no table that refers", None),
        ("payments", "amount__total_beyond__payment_id__gross_amount", "refers to no other", None),
        ("payments", "amount__total_beyond__invoice_id__total", "no column 'total'", None),
        ("projects", "share_pct__whole_within__account_id", "from_on", None),
    ],
)
def test_a_column_that_cannot_be_made_is_an_error(
    table: str, name: str, says: str, closest: str | None
) -> None:
    with pytest.raises(DataError) as refused:
        require_column(table, name)

    assert refused.value.code == "KB-1203"
    assert says in refused.value.what
    assert refused.value.nearest == closest


def test_only_the_columns_behind_the_named_ones_are_read() -> None:
    names = ["amount__total_beyond__invoice_id__gross_amount", "paid_on"]

    assert own_columns("payments", names) == ("payment_id", "invoice_id", "paid_on", "currency", "amount")
    assert needed([check_column("payments", names[0])]) == {
        "invoices": ("currency", "gross_amount", "invoice_id")
    }


@pytest.mark.parametrize("table", TABLES)
def test_every_check_column_can_be_made_of_no_rows(table: str) -> None:
    suite = load_suite(built_in("expectations", f"{table}.json"), table)
    around = Surroundings(AS_OF, "CNY", {name: frame(name, []) for name in TABLES})

    assert with_checks(frame(table, []), table, suite.columns, around).empty


def test_every_operation_is_used_by_a_built_in_suite() -> None:
    suites = [load_suite(built_in("expectations", f"{table}.json"), table) for table in TABLES]

    assert {check.operation for suite in suites for check in suite.check_columns} == set(OPERATIONS)


def test_no_argument_is_changed() -> None:
    rows = frame("orders", [{"order_id": "O1", "account_id": "A1"}])
    before = rows.copy(deep=True)

    with_checks(
        rows, "orders", ["account_id__known"], Surroundings(AS_OF, "CNY", {"accounts": frame("accounts", [])})
    )

    assert rows.equals(before)


def test_invoices_of_an_order_are_held_against_its_lines() -> None:
    lines = [{"order_id": "O1", "line_no": n, "net_amount": 10, "currency": "CNY"} for n in (1, 2)]
    invoices = [
        {
            "invoice_id": "I1",
            "order_id": "O1",
            "issued_on": "2026-09-01",
            "net_amount": 15,
            "currency": "CNY",
        },
        {"invoice_id": "I2", "order_id": "O1", "issued_on": "2026-09-01", "net_amount": 6, "currency": "CNY"},
        {"invoice_id": "I3", "order_id": "O1", "issued_on": "2026-09-01", "net_amount": 1, "currency": "USD"},
        {"invoice_id": "I4", "order_id": "O2", "issued_on": "2026-09-01", "net_amount": 9},
    ]

    beyond = made("invoices", "net_amount__beyond_lines__order_id", invoices, order_lines=lines)

    assert beyond == [10_000, 10_000, None, None]
    assert made("invoices", "net_amount__beyond_lines__order_id", invoices) == [None] * 4


def test_lines_and_invoices_of_different_currencies_are_never_added_together() -> None:
    lines: Rows = [
        {"order_id": order, "line_no": n, "net_amount": amount, "currency": currency}
        for order, n, amount, currency in (("O1", 1, 10, "CNY"), ("O1", 2, 30, "USD"), ("O2", 1, 5, "CNY"))
    ]
    invoices: Rows = [
        {"invoice_id": "I1", "order_id": "O1", "net_amount": 15, "currency": "CNY"},
        {"invoice_id": "I2", "order_id": "O1", "net_amount": 15, "currency": "USD"},
        {"invoice_id": "I3", "order_id": "O1", "net_amount": 1},
        {"invoice_id": "I4", "order_id": "O2", "net_amount": 6},
    ]

    beyond = made("invoices", "net_amount__beyond_lines__order_id", invoices, order_lines=lines)

    assert beyond == [50_000, -150_000, None, 10_000]
