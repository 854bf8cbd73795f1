"""What the files of an entry give together: rows, rejects, and what is said of all that was left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import exports_in
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.source import Gathered, gathered, source_of
from pipeline.log import Log
from tests.workbook import Sheet, xlsx

ORDERS = "[tables.orders.columns]\norder_id = 'id'\naccount_id = 'customer'\nordered_on = 'day'\ncurrency = 'money'\n"
LINES = "[tables.order_lines.columns]\norder_id = 'id'\nline_no = 'no'\nnet_amount = { from = 'amount', number = { thousands = ',' } }\n"
HEADER = ("id", "customer", "day", "money")


@pytest.fixture
def gather(tmp_path: Path) -> Any:
    """What exports give that are named with their bytes, mapped by an entry and a table."""

    def given(exports: dict[str, bytes], columns: str, entry: str = "") -> Gathered:
        table = columns.split(".")[1]
        files = {**{f"exports/{name}": data for name, data in exports.items()}}
        mapping = (
            f"schema = 1\n[files.rows]\npath = ['rows*']\n{entry}\n[tables.{table}]\nfrom = 'rows'\n{columns}"
        )
        for name, data in {**files, "sources/own.toml": mapping.encode()}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(data)
        source = source_of(load_mapping("own", tmp_path), "Asia/Shanghai", exports_in(tmp_path / "exports"))
        log = Log(tmp_path / "log.jsonl", quiet=True)
        with log.progress("ingest", 1) as bar:
            return gathered(source, tmp_path / "exports", (), bar)

    return given


def _said(found: Gathered) -> dict[str, tuple[str, int, list[int | None]]]:
    return {
        note["expectation"]: (note["severity"], note["rows"], [each["line"] for each in note["examples"]])
        for note in found.notes
    }


def test_what_a_workbook_holds_beside_its_rows_is_said(gather: Any) -> None:
    rows = [
        HEADER,
        ("O1", "A", "2026-09-01", "CNY"),
        ("O2", None, "2026-09-02", "CNY"),
        ("合计", None, None, None),
    ]
    data = xlsx(
        Sheet("九月", rows, merged=["B2:B3"]),
        Sheet("notes", [("x",)]),
        Sheet("old", [("y",)], state="hidden"),
    )
    found = gather({"rows.xlsx": data}, ORDERS, "format = 'xlsx'")

    assert found.parts[0].rows["account_id"].tolist() == ["A", "A"]
    assert _said(found) == {
        "totals_are_no_rows": ("info", 1, [4]),
        "cells_are_not_merged": ("info", 1, [None]),
        "sheets_are_mapped": ("info", 1, [None]),
        "sheets_are_shown": ("info", 1, [None]),
    }


def test_a_merged_number_is_warned_of(gather: Any) -> None:
    rows = [("id", "no", "amount"), ("O1", "1", 5), ("O1", "2", None)]
    found = gather({"rows.xlsx": xlsx(Sheet(rows=rows, merged=["C2:C3"]))}, LINES, "format = 'xlsx'")

    assert found.parts[0].rows["net_amount"].isna().tolist() == [False, True]
    assert _said(found)["numbers_are_not_merged"] == ("warning", 1, [2])


def test_of_complete_exports_the_newest_by_its_name_counts(gather: Any) -> None:
    day = "id,customer,day,money\n{},A,2026-08-01,CNY\n"
    files = {f"rows_{month}.csv": day.format(month).encode() for month in ("2025-12", "2026-01")}
    found = gather(files, ORDERS, "complete = true")

    assert found.parts[0].rows["order_id"].tolist() == ["2026-01"]
    assert _said(found)["one_complete_export"][:2] == ("info", 1)
    with pytest.raises(SourceError, match="KB-1134") as error:
        gather({"rows_new.csv": day.encode()}, ORDERS, "complete = true")
    assert error.value.where == "sources/own.toml: files.rows"


def test_a_sign_that_is_not_the_rows_currency_is_a_finding_with_its_line(gather: Any) -> None:
    text = 'id,no,amount,money\nO1,1,"¥1,234.50",CNY\nO1,2,"$1,234.50",CNY\nO1,3,5,CNY\n'
    found = gather({"rows.csv": text.encode()}, LINES + "currency = 'money'\n")

    rejects = found.parts[0].rejects
    assert found.parts[0].rows["net_amount"].tolist() == [12_345_000, 50_000]
    assert rejects[["_line", "column"]].to_numpy().tolist() == [[3, "net_amount"]]
    assert "currency sign" in rejects["_reason"].item()
    assert "$" not in rejects["_reason"].item()


def test_cells_are_empty_only_where_the_mapping_says_so(gather: Any) -> None:
    text = "id,customer,day,money\nO1,N/A,暂无,NA\nO2,?,2026-09-01,-\nO3,nan,NULL,CNY\n"
    kept = gather({"rows.csv": text.encode()}, ORDERS)
    assert kept.parts[0].rejects["_line"].tolist() == [2, 4]
    assert kept.parts[0].rows[["account_id", "currency"]].to_numpy().tolist() == [["?", "-"]]

    emptied = gather({"rows.csv": text.encode()}, ORDERS, "empty = ['N/A', 'NULL', 'nan', '?', '-', '暂无']")
    rows = emptied.parts[0].rows
    assert rows["account_id"].isna().all()
    assert rows["currency"].fillna("").tolist() == ["NA", "", "CNY"]
    assert rows["ordered_on"].isna().tolist() == [True, False, True]
