"""Other people's broken files, each read as a person reads it or refused with a reason.

`messy_files.tsv` says of each what it is: typed after looking at it, or as its folder's answers say. The files are not
part of the project: `../shared/data` beside the checkout, or KAMBOOK_SHARED_DATA.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import SourceError
from pipeline.intake.detection import delimiters_of, encoding_of
from pipeline.intake.dropfolder import Export, content, exports_in
from pipeline.intake.mapped import check_headers
from pipeline.intake.mapping import FileRule, TableRule
from pipeline.intake.reading import Raw, decoded, read

CHECKOUT = Path(__file__).resolve().parents[2]
MESSY = Path(os.environ.get("KAMBOOK_SHARED_DATA") or CHECKOUT.parent / "shared" / "data") / "messy_dev"
pytestmark = pytest.mark.skipif(
    not MESSY.is_dir(),
    reason="the public data set messy_dev is not here (../shared/data, or KAMBOOK_SHARED_DATA)",
)
NO_HEADER, PROSE = "no header", "prose"
GIGABYTE = 1 << 30
MARKS = {"tab": "\t", "-": ","}


@dataclass(frozen=True)
class Expected:
    """A line of the table: what a file is, and what must come of it."""

    source: str
    format: str
    encoding: str
    delimiter: str
    header: Any
    outcome: str

    @property
    def export(self) -> Export:
        path, _, member = self.source.partition("!")
        return Export(path, member)

    @property
    def is_table(self) -> bool:
        return self.outcome[0].isdigit()

    @property
    def shape(self) -> tuple[int, ...]:
        """Columns, rows, rows kept apart."""
        return tuple(map(int, self.outcome.split()[:3]))


@cache
def expected() -> tuple[Expected, ...]:
    text = (Path(__file__).parent / "messy_files.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines()[1:]]
    return tuple(
        Expected(*first, MARKS.get(mark, mark), json.loads(header) if header != "-" else 1, outcome)
        for *first, mark, header, outcome in lines
    )


def _read(each: Expected, **rule: Any) -> Raw:
    format_ = "csv" if each.format == PROSE else each.format
    given = {"path": "x", "format": format_, "header": each.header, **rule}
    return read(MESSY, each.export, FileRule.model_validate(given))


def _some(test: Any) -> list[Any]:
    return [pytest.param(each, id=each.source) for each in expected() if test(each)]


def _rows(raw: Raw) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in raw.cells.fillna("").to_numpy().tolist()]


##### All of them ######################################################################################################


def test_the_table_holds_every_file_of_the_folder() -> None:
    packed = {export.path for export in exports_in(MESSY) if export.member}
    there = {export.source for export in exports_in(MESSY) if export.member or export.path not in packed}

    assert {each.source for each in expected()} == there
    assert len({each.export.path for each in expected()}) == 237


@pytest.mark.parametrize("each", _some(lambda each: each.is_table))
def test_a_table_is_read_with_its_columns_and_rows(each: Expected) -> None:
    raw = _read(each)

    assert (len(raw.headers), len(raw.lines), len(raw.broken)) == each.shape
    if each.outcome.endswith("auto"):
        assert _read(each, header="auto").headers == raw.headers


@pytest.mark.parametrize("each", _some(lambda each: each.outcome.startswith("KB-")))
def test_what_is_no_table_is_refused_with_a_reason(each: Expected) -> None:
    with pytest.raises(SourceError) as error:
        _read(each)

    assert error.value.code == each.outcome
    assert error.value.what
    assert error.value.fix


@pytest.mark.parametrize("each", _some(lambda each: each.outcome == NO_HEADER or each.format == PROSE))
def test_what_has_no_header_is_refused_by_any_mapping(each: Expected) -> None:
    rule = TableRule.model_validate({"from": "x", "columns": {"account_id": "Customer ID"}})

    with pytest.raises(SourceError) as error:
        check_headers(
            _read(each, **({"encoding": each.encoding} if each.format == PROSE else {})), "accounts", rule
        )
    assert error.value.code in ("KB-1103", "KB-1118")


WITHOUT_HEADER = {
    "csvkit_examples/no_header_row.csv": (3, 1),
    "csvkit_examples/no_header_row2.csv": (3, 1),
    "csvkit_examples/no_header_row3.csv": (3, 2),
    "messytables_horror/long.csv": (1, 4000),
    "messytables_horror/null.csv": (4, 10),
    "messytables_horror/small.csv": (1, 1),
}
"""Tables: columns and rows. Those with rows that tell so are asked about; one row alone may be a header."""


@pytest.mark.parametrize("each", _some(lambda each: each.source in WITHOUT_HEADER))
def test_a_table_without_header_is_read_by_the_places_of_its_columns(each: Expected) -> None:
    columns, rows = WITHOUT_HEADER[each.source]
    raw = _read(each, header=0)

    assert each.outcome == NO_HEADER
    assert raw.headers == tuple(f"column {at}" for at in range(1, columns + 1))
    assert (len(raw.lines), raw.lines[0], raw.broken) == (rows, 1, ())
    if rows > 1:
        with pytest.raises(SourceError, match="KB-1135"):
            _read(each, header="auto")


@pytest.mark.parametrize("each", _some(lambda each: each.encoding != "-"))
def test_an_encoding_is_told_or_asked_for(each: Expected) -> None:
    data = content(MESSY, each.export)
    found = encoding_of(data)

    assert found.name in (each.encoding, None)
    if found.name is None:
        with pytest.raises(SourceError, match="KB-1108"):
            decoded(data, "auto", each.source)
    told = decoded(data, each.encoding, each.source).decode()
    assert told == data[found.mark :].decode(each.encoding)


##### Cell by cell #####################################################################################################


@pytest.mark.parametrize(
    "each", _some(lambda each: each.is_table and each.format == "csv" and each.header != [6, 7])
)
def test_every_cell_is_the_one_that_a_plain_reader_gives(each: Expected) -> None:
    """Python's own reader, told encoding, delimiter and header by the table."""
    text = content(MESSY, each.export).decode(each.encoding).removeprefix("\ufeff")
    assert (
        delimiters_of("".join(text.splitlines(keepends=True)[:200])) == (each.delimiter,)
        or len(set(text)) < 3
    )
    lines = io.StringIO(text, newline="").readlines()[each.header - 1 :]
    records = [row for row in csv.reader(lines, delimiter=each.delimiter, skipinitialspace=True) if row][1:]
    width = each.shape[0]
    plain = [row[:width] for row in records if len(row) >= width and not any(row[width:])]
    raw = _read(each)

    wanted = [[cell.strip() for cell in row] for row in plain if any(cell.strip() for cell in row)]
    made = _rows(raw)
    if not raw.broken:
        assert made == wanted
    assert Counter(map(tuple, made)) <= Counter(map(tuple, wanted))
    assert len(wanted) - len(made) <= len(raw.broken)


@pytest.mark.parametrize(
    "each",
    _some(
        lambda each: (
            each.source.startswith(("csv_spectrum", "csv_test_data")) and each.source.endswith(".csv")
        )
    ),
)
def test_every_cell_is_that_of_the_folders_answer(each: Expected) -> None:
    answer = (MESSY / each.source).with_suffix(".json")
    if not answer.exists():
        assert "bad-" in each.source
        return
    given = json.loads(answer.read_text(encoding="utf-8"))
    given = [given] if isinstance(given, dict) else given
    header, rows = _header_and_rows(given)
    raw = _read(each)

    # The copy of newlines_crlf.csv has lost the CR that its answer has.
    tidy = [[cell.strip().replace("\r\n", "\n") for cell in row] for row in rows]
    wanted = [row for row in tidy if any(row)]
    if each.source != "csv_spectrum/location_coordinates.csv":  # the answer is of another telephone number
        assert _rows(raw) == wanted
        answer_too = next(other for other in expected() if MESSY / other.source == answer)
        assert [[cell.replace("\r\n", "\n") for cell in row] for row in _rows(_read(answer_too))] == wanted
    assert not wanted or list(raw.headers) == header


def _header_and_rows(answer: list[Any]) -> tuple[list[str], list[list[str]]]:
    if answer and isinstance(answer[0], dict):
        return list(answer[0]), [list(row.values()) for row in answer]
    return (answer[0], answer[1:]) if answer else ([], [])


@pytest.mark.parametrize(
    ("workbook", "text"),
    [
        ("csvkit_examples/dummy.xlsx", "csvkit_examples/dummy.csv"),
        ("csvkit_examples/dummy.xls", "csvkit_examples/dummy.csv"),
        ("messytables_horror/simple.xlsx", "messytables_horror/simple.csv"),
        ("messytables_horror/simple.xls", "messytables_horror/simple.csv"),
        ("messytables_horror/simple.zip!simple.csv", "messytables_horror/simple.csv"),
        ("messytables_horror/simple.ssv", "messytables_horror/simple.csv"),
        ("tabulator_special/doublequote.csv.zip!doublequote.csv", "tabulator_special/doublequote.csv"),
    ],
)
def test_the_same_table_in_another_format_has_the_same_cells(workbook: str, text: str) -> None:
    by_name = {each.source: each for each in expected()}
    one, other = _read(by_name[workbook]), _read(by_name[text])

    pd.testing.assert_frame_equal(one.cells, other.cells)


##### Bounds ###########################################################################################################


def test_all_of_them_are_read_with_less_than_a_gigabyte() -> None:
    code = "import tests.intake.test_messy_files as messy; print(*messy.outcomes())"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    read_, refused, memory = map(int, ended.stdout.split())

    assert read_ + refused == len(expected())
    assert memory < GIGABYTE


def outcomes() -> Iterator[int]:
    """How many are read, how many refused, and the most memory that it took, that of the programs it starts included."""
    import resource

    counted: Counter[bool] = Counter()
    for each in expected():
        try:
            _read(each, header="auto")
        except SourceError:
            counted[False] += 1
        else:
            counted[True] += 1
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    yield from (counted[True], counted[False], sum(used) * 1024)
