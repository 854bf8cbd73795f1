from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapped import cast_texts
from pipeline.intake.mapping import FileRule
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.reading import Raw, read
from pipeline.intake.sql_tables import selected

DEALS = "deal,account,amount\nD1,Acme,1.5\nD2,Bolt,x\nD3,Acme,2.25\nD4,,3\n"
ACCOUNTS = "select account as account_id, account as name, list(_row) as _from from deals where account is not null group by all"


def _raws(folder: Path, **files: str) -> list[Raw]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return [read(folder, Export(f"{name}.csv"), FileRule(path=("*.csv",))) for name in files]


def _selected(folder: Path, sql: str, table: str = "accounts", **files: str) -> Any:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "own.toml").write_text(
        f"schema = 1\n[files.deals]\npath = ['*.csv']\n[tables.{table}]\nsql = '''{sql}'''\n"
    )
    raws = _raws(folder, **(files or {"deals": DEALS}))
    return selected(load_mapping("own", folder), table, {"deals": raws}, "Asia/Shanghai")


def test_a_grouped_row_is_traced_to_the_first_row_it_was_made_of(tmp_path: Path) -> None:
    texts = _selected(tmp_path, ACCOUNTS + " order by 1 desc")

    assert texts.columns["account_id"].tolist() == ["Bolt", "Acme"]
    assert texts.lines.tolist() == [3, 2]
    assert texts.sources.tolist() == ["deals.csv", "deals.csv"]


def test_several_files_of_an_entry_are_one_table(tmp_path: Path) -> None:
    sql = "select account as account_id, deal as name, _row from deals order by name desc;"
    texts = _selected(tmp_path, sql, a=DEALS, b="deal,account,amount\nD9,Zeta,1\n")

    assert (texts.sources.tolist()[0], texts.lines.tolist()[0]) == ("b.csv", 2)
    with pytest.raises(SourceError) as error:
        _selected(tmp_path, sql, a=DEALS, b="deal,acount,amount\nD9,Zeta,1\n")
    assert (error.value.code, error.value.where, error.value.nearest) == ("KB-1103", "b.csv", "acount")


def test_results_are_cast_exactly_by_the_kind_of_their_column(tmp_path: Path) -> None:
    sql = (
        "select deal as opportunity_id, try_cast(amount as decimal(18, 4)) * 3 as amount, deal = 'D1' as is_won,"
        " date '2026-09-03' as closed_on, _row from deals where deal <> 'D2'"
    )
    rows = cast_texts(_selected(tmp_path, sql, "opportunities")).rows

    assert rows["amount"].tolist() == [45_000, 67_500, 90_000]
    assert rows["is_won"].tolist() == [True, False, False]
    assert rows["closed_on"].eq(pd.Timestamp("2026-09-03")).all()


def test_a_result_that_cannot_be_cast_is_rejected_with_its_line(tmp_path: Path) -> None:
    sql = "select deal as opportunity_id, amount, _row from deals"
    part = cast_texts(_selected(tmp_path, sql, "opportunities"))

    assert part.rejects[["_line", "column", "_reason"]].to_numpy().tolist() == [[3, "amount", "not a number"]]
    assert len(part.rows) == 3


@pytest.mark.parametrize(
    ("sql", "code", "nearest"),
    [
        ("select account as account_id, account as name from deals", "KB-1113", None),
        ("select account as account_id, account as name, _row, [_row] as _from from deals", "KB-1113", None),
        ("select account as account_id, account as name, 'x' as _row from deals", "KB-1113", None),
        ("select account as account_id, account as name, []::varchar[] as _from from deals", "KB-1113", None),
        ("select account as acount_id, account as name, _row from deals", "KB-1104", "account_id"),
        ("select account as account_id, _row from deals", "KB-1105", None),
        ("select account as account_id, nam as name, _row from deals", "KB-1112", None),
        ("selec account from deals", "KB-1112", None),
        ("select account::date as account_id, account as name, _row from deals", "KB-1112", None),
        ("copy deals to 'x.csv'", "KB-1112", None),
        ("select account as account_id, name, _row from deals, '/etc/passwd'", "KB-1112", None),
        (
            "select content as account_id, filename as name, _row from deals, read_text('/etc/hostname')",
            "KB-1112",
            None,
        ),
    ],
)
def test_sql_that_breaks_the_contract_or_reaches_out_stops(
    tmp_path: Path, sql: str, code: str, nearest: str | None
) -> None:
    with pytest.raises(SourceError) as error:
        _selected(tmp_path, sql)

    assert error.value.code == code
    assert "Acme" not in str(error.value)
    if nearest:
        assert error.value.nearest == nearest
