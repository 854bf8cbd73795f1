from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import DataError
from pipeline.gate import reconciliation
from pipeline.gate.reconciliation import Difference
from tests.runs import computed

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


@pytest.mark.parametrize(("sold", "closes"), [([100, 30], True), ([100], False)])
def test_sales_are_the_accepted_rows_without_the_cancelled(
    tmp_path: Path, sold: list[int], closes: bool
) -> None:
    pq.write_table(pa.table({"net_amount": pa.array(sold, pa.int64())}), tmp_path / "sales.parquet")

    def accepted(table: str, columns: Collection[str]) -> pd.DataFrame:
        made = {
            "orders": pd.DataFrame({"order_id": ["O1", "O4"], "status": [None, "Cancelled"]}),
            "order_lines": pd.DataFrame({"order_id": ["O1", "O1", "O4"], "net_amount": [100, -30, 7]}),
        }[table]
        return made[list(columns)]

    assert (list(reconciliation.ledger(tmp_path, "ordered", accepted)) == []) is closes
