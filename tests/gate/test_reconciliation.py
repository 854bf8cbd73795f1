from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.fx import Rates, rates_of
from pipeline.errors import DataError
from pipeline.gate import currency_totals, quality, reconciliation
from pipeline.gate.reconciliation import Difference, Rules
from pipeline.rules.finance import CurrencyRule
from pipeline.settings import SalesBasis
from tests.runs import computed
from tests.runs import readings as readings_of
from tests.tables import frame

SALE: dict[str, list[dict[str, object]]] = {
    "accounts": [
        {"account_id": "A1", "name": "Acme"},
        {"account_id": "A2", "name": "Bolt", "parent_id": "A1"},
        {"account_id": "A3", "name": "Cord"},
    ],
    "orders": [
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-02"},
        {"order_id": "O2", "account_id": "A2", "ordered_on": "2026-09-03"},
        {"order_id": "O3", "ordered_on": "2026-09-04"},
        {"order_id": "O4", "account_id": "A3", "ordered_on": "2026-09-05", "status": "cancelled"},
    ],
    "order_lines": [
        {"order_id": f"O{number}", "line_no": 1, "quantity": 1, "net_amount": amount}
        for number, amount in ((1, 10), (2, -3), (3, 7), (4, 100))
    ],
    "invoices": [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-08-01", "due_on": "2026-08-31", "gross_amount": 11},
        {"invoice_id": "I2", "account_id": "A3", "issued_on": "2026-09-01", "due_on": "2026-10-31", "gross_amount": 5},
    ],
    "payments": [{"payment_id": "Y1", "invoice_id": "I1", "paid_on": "2026-09-03", "amount": 4}],
}  # fmt: skip


def line(metric: str, value: float | None, subject: str = "portfolio:all", **more: object) -> dict[str, Any]:
    kind, _, name = subject.partition(":")
    return {
        "subject_kind": kind, "subject_id": name, "metric": metric, "breakdown": "", "window": "month",
        "period": "2026-09", "value": value, "before": None, "currency": "CNY", "reason": "", **more,
    }  # fmt: skip


def readings(*lines: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(lines)).astype({"value": "float64", "before": "float64"})


def test_what_is_computed_closes(tmp_path: Path) -> None:
    table = computed(tmp_path / "runs" / "2026-09", SALE)

    assert set(table["metric"]) >= {"net_sales", "receivables", "ageing"}


def test_a_run_whose_totals_do_not_close_leaves_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = Difference("ageing = receivables", "account, A1", 1.0, 2.0)
    monkeypatch.setattr(reconciliation, "differences", lambda *_: iter([apart]))

    with pytest.raises(DataError) as stopped:
        computed(tmp_path / "runs" / "2026-09", SALE)

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1240", 12)
    assert "1.00 on one side, 2.00 on the other" in stopped.value.what
    assert not (tmp_path / "runs" / "2026-09" / "readings.parquet").exists()


def test_ageing_adds_up_to_the_receivables() -> None:
    buckets = [line("ageing", value, breakdown=f"bucket={value}") for value in (1.0, 2.0)]

    assert list(reconciliation.ageing(readings(*buckets, line("receivables", 3.0)))) == []
    (apart,) = reconciliation.ageing(readings(*buckets, line("receivables", 3.01)))
    assert (apart.one, apart.other) == (3.0, 3.01)


def test_accounts_and_customers_with_nobody_add_up_to_the_portfolio() -> None:
    parts = [line("net_sales", 1.0, "account:A1"), line("net_sales", 2.0, "account:~")]
    customers = [line("net_sales", 1.0, "customer:A1")]

    assert list(reconciliation.members(readings(*parts, *customers, line("net_sales", 3.0)), "CNY")) == []
    found = list(reconciliation.members(readings(*parts, *customers, line("net_sales", 4.0)), "CNY"))
    assert [each.one for each in found] == [3.0, 3.0]


def test_what_is_not_known_is_not_compared() -> None:
    parts = [line("net_sales", None, f"{kind}:A1") for kind in ("account", "customer")]
    nobody = line("net_sales", 2.0, "account:~")

    assert list(reconciliation.members(readings(*parts, nobody, line("net_sales", 9.0)), "CNY")) == []


def test_a_customers_own_currency_is_no_part_of_the_portfolio() -> None:
    parts = [line("net_sales", 1.0, "account:A1"), line("net_sales", 9.0, "account:A1", currency="EUR")]
    customers = [line("net_sales", 1.0, "customer:A1")]

    assert list(reconciliation.members(readings(*parts, *customers, line("net_sales", 1.0)), "CNY")) == []


def test_customers_before_with_new_without_lost_are_customers_now() -> None:
    moved = [
        line("class_movements", 3.0, breakdown="move=new"),
        line("class_movements", 1.0, breakdown="move=left"),
    ]

    assert list(reconciliation.movements(readings(*moved, line("customers_by_class", 7.0, before=5.0)))) == []
    (apart,) = reconciliation.movements(readings(*moved, line("customers_by_class", 8.0, before=5.0)))
    assert (apart.one, apart.other) == (7.0, 8.0)


CURRENCIES: dict[str, list[dict[str, object]]] = {
    "accounts": [
        {"account_id": "A1", "name": "Acme"},
        {"account_id": "A2", "name": "Bolt", "currency": "EUR"},
    ],
    "fx": [
        {"rate_on": day, "currency": "EUR", "to_currency": "CNY", "rate": rate}
        for day, rate in (("2025-01-01", 7.5), ("2026-09-03", 7.8), ("2026-09-20", 8.1))
    ] + [
        {"rate_on": "2025-01-01", "currency": "CNY", "to_currency": "USD", "rate": 0.14},
        {"rate_on": "2025-01-01", "currency": "GBP", "to_currency": "EUR", "rate": 1.17},
    ],
    "orders": [
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-02", "currency": "USD"},
        {"order_id": "O2", "account_id": "A2", "ordered_on": "2026-09-04"},
        {"order_id": "O3", "ordered_on": "2026-09-25", "currency": "GBP"},
        {"order_id": "O4", "account_id": "A1", "ordered_on": "2026-08-25"},
    ],
    "order_lines": [
        {"order_id": order, "line_no": line, "quantity": 1, "net_amount": amount}
        for order, line, amount in (("O1", 1, 10.01), ("O2", 1, 33.33), ("O2", 2, -3), ("O3", 1, 7.77), ("O4", 1, 500))
    ],
    "invoices": [
        {"invoice_id": "I0", "account_id": "A2", "issued_on": "2026-05-01", "due_on": "2026-06-30", "gross_amount": 20},
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-08-01", "due_on": "2026-08-31", "gross_amount": 11, "currency": "USD"},
        {"invoice_id": "I2", "account_id": "A2", "issued_on": "2026-09-05", "due_on": "2026-10-31", "net_amount": 50.5, "tax_amount": 5},
        {"invoice_id": "I3", "account_id": "A2", "issued_on": "2026-09-06", "due_on": "2026-10-31", "gross_amount": 9, "is_credit_note": True},
    ],
    "payments": [
        {"payment_id": "Y1", "invoice_id": "I1", "paid_on": "2026-07-30", "amount": 4},
        {"payment_id": "Y0", "invoice_id": "I0", "paid_on": "2026-06-30", "amount": 4},
        {"payment_id": "Y2", "invoice_id": "I2", "paid_on": "2026-10-03", "amount": 4},
    ],
    "contracts": [
        {"contract_id": "C1", "account_id": "A2", "starts_on": "2026-09-01", "annual_amount": 70.07},
        {"contract_id": "C2", "account_id": "A1", "signed_on": "2026-09-21", "starts_on": "2026-10-01", "annual_amount": 9, "currency": "GBP"},
    ],
    "opportunities": [
        {"opportunity_id": "D1", "account_id": "A2", "is_won": True, "closed_on": "2026-09-10", "amount": 100.01},
        {"opportunity_id": "D2", "account_id": "A1", "is_won": False, "closed_on": "2026-09-10", "amount": 1000},
        {"opportunity_id": "D3", "account_id": "A1", "is_won": True, "closed_on": "2026-09-11", "amount": 5, "currency": "USD"},
    ],
}  # fmt: skip
BASES: tuple[SalesBasis, ...] = ("ordered", "invoiced", "contracted", "won")
COMPARED = (("net_sales", "value"), ("receivables", "value"), ("receivables_turnover", "numerator"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A run of each basis of sales, over rows in four currencies."""
    made = {basis: tmp_path_factory.mktemp(basis) / "runs" / "2026-09" for basis in BASES}
    for basis, run in made.items():
        computed(run, CURRENCIES, sales={"basis": basis})
    return made


def found_in(run: Path, basis: SalesBasis, **spoilt: pd.DataFrame) -> set[str]:
    """The totals that do not close, with the accepted rows as they are or those given in their place."""

    def accepted(table: str, columns: Collection[str]) -> pd.DataFrame:
        rows = spoilt.get(table)
        return quality.accepted(run, table, list(columns)) if rows is None else rows[list(columns)]

    found = reconciliation.differences(run, Rules(basis, "CNY"), accepted)
    return {f"{each.total} ({each.where})" for each in found}


def with_facts(run: Path, folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """A copy of a run, with one of its fact tables changed."""
    made = folder / "2026-09"
    shutil.copytree(run, made)
    for file in sorted((made / "facts" / f"{name}.parquet").glob("*.parquet")):
        change(pd.read_parquet(file)).to_parquet(file, index=False)
    return made


@pytest.mark.parametrize("basis", BASES)
def test_currencies_add_up_before_and_after_conversion(runs: Mapping[str, Path], basis: SalesBasis) -> None:
    found = readings_of(runs[basis])
    whole = found[(found["subject_kind"] == "portfolio") & (found["breakdown"] == "")]

    assert found_in(runs[basis], basis) == set()
    for metric, column in COMPARED:
        assert whole.loc[whole["metric"] == metric, column].notna().any(), "nothing was compared"


@pytest.mark.parametrize("basis", BASES)
def test_a_wrong_rate_is_found(runs: Mapping[str, Path], basis: SalesBasis) -> None:
    right = quality.accepted(runs[basis], "fx")
    wrong = right.assign(rate=right["rate"] + right["rate"] // 1000)

    totals = {each.partition(" = ")[0] for each in found_in(runs[basis], basis, fx=wrong)}
    assert totals == {f"{name} after conversion" for name in ("sales", "invoices", "receivables")}


def test_figures_at_a_wrong_rate_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = rates_of

    def wrong(fx: pd.DataFrame | None) -> Rates:
        return right(None if fx is None else fx.assign(rate=fx["rate"] + fx["rate"] // 1000))

    monkeypatch.setattr("pipeline.engine.fx.rates_of", wrong)
    with pytest.raises(DataError) as stopped:
        computed(tmp_path / "runs" / "2026-09", CURRENCIES)

    assert stopped.value.code == "KB-1240"
    assert stopped.value.where.startswith("sales after conversion = sales by currency (month")


@pytest.mark.parametrize("basis", BASES)
def test_an_amount_that_lost_its_currency_is_found(
    tmp_path: Path, runs: Mapping[str, Path], basis: SalesBasis
) -> None:
    """The rows are all there, but some of them pass for the company's own money."""
    lost = with_facts(runs[basis], tmp_path, "sales", lambda rows: rows.assign(currency="CNY"))

    assert "sales = accepted rows (CNY)" in found_in(lost, basis)
    assert "sales = accepted rows (EUR)" in found_in(lost, basis)


@pytest.mark.parametrize("basis", BASES)
def test_a_row_that_is_lost_on_the_way_is_found(
    tmp_path: Path, runs: Mapping[str, Path], basis: SalesBasis
) -> None:
    lost = with_facts(runs[basis], tmp_path, "sales", lambda rows: rows[rows["currency"] != "EUR"])

    assert found_in(lost, basis) == {"sales = accepted rows (EUR)"}


@pytest.mark.parametrize(("table", "total"), [("invoices", "invoices"), ("ledger", "receivables")])
def test_what_is_owed_in_another_currency_is_found(
    tmp_path: Path, runs: Mapping[str, Path], table: str, total: str
) -> None:
    lost = with_facts(runs["ordered"], tmp_path, table, lambda rows: rows.assign(currency="CNY"))

    assert {each.partition(" (")[0] for each in found_in(lost, "ordered")} == {f"{total} = accepted rows"}


def test_a_payment_that_is_lost_is_found(runs: Mapping[str, Path]) -> None:
    paid = quality.accepted(runs["ordered"], "payments")

    found = found_in(runs["ordered"], "ordered", payments=paid[paid["payment_id"] != "Y0"])
    assert "receivables = accepted rows (EUR)" in found
    assert {each.partition(" ")[0] for each in found} == {"receivables"}


def sold_in_euro(day: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": pd.to_datetime([day]).astype("datetime64[s]"),
            "currency": ["EUR"],
            "amount": pd.array([1_000_000], "Int64"),
        }
    )


def test_a_figure_that_no_rate_can_have_made_is_found() -> None:
    days = currency_totals.converted(sold_in_euro("2026-09-02"), None, (), "CNY")
    stated = readings(line("net_sales", 1.0, from_on="2026-09-01", until_on="2026-10-01"))

    (apart,) = reconciliation.after_conversion("sales", stated, ("net_sales", "value"), days)
    assert (apart.one, apart.other) == (1.0, None)
    unknown = readings(line("net_sales", None, from_on="2026-09-01", until_on="2026-10-01"))
    assert list(reconciliation.after_conversion("sales", unknown, ("net_sales", "value"), days)) == []


def test_flows_convert_at_the_mean_rate_of_their_month_where_the_policy_says_so() -> None:
    sale = sold_in_euro("2026-09-25")
    fx = frame("fx", CURRENCIES["fx"])

    def total(*begins: date) -> float | None:
        """By the mean of the month from the second day on."""
        kinds: tuple[Literal["day", "month_average"], ...] = ("day", "month_average")
        rules = [CurrencyRule(flows=flows, valid_from=day) for flows, day in zip(kinds, begins, strict=False)]
        return currency_totals.converted(sale, fx, rules, "CNY").between("2026-09-01", "2026-10-01").amount

    assert total(date(1990, 1, 1)) == pytest.approx(810)
    assert total(date(1990, 1, 1), date(2026, 9, 26)) == pytest.approx(810)
    assert total(date(1990, 1, 1), date(2026, 9, 25)) == pytest.approx(795)


amounts = st.lists(
    st.tuples(
        st.sampled_from(["CNY", "EUR", "USD", "GBP"]),
        st.integers(-(10**9), 10**9),
        st.integers(1, 30),
    ),
    max_size=30,
)


@given(amounts)
@settings(max_examples=60, deadline=None)
def test_rounding_row_by_row_stays_within_the_slack(rows: list[tuple[str, int, int]]) -> None:
    fx = frame("fx", CURRENCIES["fx"])
    days = np.array([np.datetime64(f"2026-09-{day:02}") for _, _, day in rows], dtype="datetime64[s]")
    made = pd.DataFrame(
        {
            "day": days,
            "currency": pd.Series([row[0] for row in rows], dtype="str"),
            "amount": pd.array([row[1] for row in rows], "Int64"),
        }
    )
    rates = rates_of(fx)
    number = days.astype("datetime64[D]").astype(np.int64)
    each = [
        rates.converted(np.array([amount]), currency, "CNY", number[place : place + 1])[0][0]
        for place, (currency, amount, _) in enumerate(rows)
    ]
    total = currency_totals.converted(made, fx, (), "CNY").between("2026-09-01", "2026-10-01")

    assert total.amount is not None
    assert abs(sum(each) / 10_000 - total.amount) <= total.slack + 1e-6
