from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.dropfolder import Export
from pipeline.intake.mapping import FileRule
from pipeline.intake.reading import Raw, read

ROWS = "name,city,amount,count\nAcme,Berlin,5,1\nBolt,Paris,6,2\n"


def _read(folder: Path, text: str) -> Raw:
    (folder / "a.csv").write_text(text)
    return read(folder, Export("a.csv"), FileRule(path=("a.csv",), delimiter=","))


@pytest.mark.parametrize(
    "total",
    [
        "Total,,11,3",
        "TOTAL,,,",
        "合计,,¥11.00,3",
        "合 计：,,11,3",
        ",总计,11,3",
        "Grand Totals (2 records),,11,3",
        'Summe,,"11,00",3',
        "Total,11",  # fewer cells than the header
    ],
)
def test_a_total_at_the_end_is_left_out_and_said(tmp_path: Path, total: str) -> None:
    raw = _read(tmp_path, f"{ROWS}\n{total}\n")

    assert (raw.cells["name"].tolist(), raw.totals, raw.rows) == (["Acme", "Bolt"], (5,), 2)
    assert not raw.broken


def test_several_totals_at_the_end_are_left_out(tmp_path: Path) -> None:
    raw = _read(tmp_path, f"{ROWS}小计,,5,1\n小计,,6,2\n,,,\n合计,,11,3\n")

    assert (raw.cells["name"].tolist(), raw.totals) == (["Acme", "Bolt"], (4, 5, 7))


@pytest.mark.parametrize(
    "row",
    [
        "Total,Paris,11,3",  # a customer of that name
        "Totalis,,11,3",
        "T,合计,11,3",
        "Total,,11,see below",
        "Acme,,11,3",
    ],
)
def test_a_row_that_says_more_than_a_total_is_a_row(tmp_path: Path, row: str) -> None:
    raw = _read(tmp_path, f"{ROWS}{row}\n")

    assert (raw.rows, raw.totals) == (3, ())


def test_a_total_within_the_rows_is_left_to_the_checks(tmp_path: Path) -> None:
    raw = _read(tmp_path, f"{ROWS}小计,,11,3\nCoil,Rome,7,1\n")

    assert (raw.rows, raw.totals) == (4, ())
