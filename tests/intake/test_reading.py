from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapping import FileRule
from pipeline.intake.reading import Raw, read
from pipeline.intake.sheets import text_of
from tests.workbook import Sheet, write_workbook, xlsx


def _read(folder: Path, content: bytes | str, name: str = "a.csv", wanted: Any = (), **rule: Any) -> Raw:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return read(folder, Export(name), FileRule.model_validate({"path": [name], **rule}), wanted)


def _rows(raw: Raw) -> list[dict[str, Any]]:
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in raw.cells.to_dict("records")]


def test_cells_stay_the_text_they_are(tmp_path: Path) -> None:
    raw = _read(tmp_path, "region,id,price,note\nNA,007,1.10,无\nnull,1e5,,  x  \n")

    assert _rows(raw) == [
        {"region": "NA", "id": "007", "price": "1.10", "note": "无"},
        {"region": "null", "id": "1e5", "price": None, "note": "x"},
    ]
    assert raw.lines.tolist() == [2, 3]


def test_what_the_mapping_calls_empty_is_missing(tmp_path: Path) -> None:
    raw = _read(tmp_path, "a,b\nNULL,1\n-,2\n", empty=["NULL", "-"])

    assert raw.cells["a"].isna().all()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_number_is_where_the_record_starts(tmp_path: Path, end: str) -> None:
    text = 'id,note\n1,"two\nlines"\n2,x\n\n3,"a ""quoted"" one"\n4,5" pipe\n'.replace("\n", end)
    raw = _read(tmp_path, text)

    assert raw.cells["id"].tolist() == ["1", "2", "3", "4"]
    assert raw.lines.tolist() == [2, 4, 6, 7]
    assert raw.cells["note"].tolist()[2:] == ['a "quoted" one', '5" pipe']


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab,;"\n 0中'), max_size=6), min_size=3, max_size=3), max_size=12
    )
)
def test_the_fast_way_and_the_careful_way_read_the_same(tmp_path_factory: Any, rows: list[list[str]]) -> None:
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["x", "y", "z"])
    lines = []
    for row in kept:
        lines.append(stream.getvalue().count("\n") + 1)
        writer.writerow(row)
    raw = _read(tmp_path_factory.mktemp("csv"), stream.getvalue(), delimiter=",")

    assert raw.lines.tolist() == lines
    wanted = [[cell.strip() or None for cell in row] for row in kept]
    assert [list(row.values()) for row in _rows(raw)] == wanted


def test_rows_with_another_number_of_cells_are_kept_apart(tmp_path: Path) -> None:
    raw = _read(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8,\n")

    assert raw.cells["a"].tolist() == ["1", "7"]
    assert [(row.line, row.cells) for row in raw.broken] == [(3, ("3",)), (4, ("4", "5", "6"))]
    assert raw.rows == 4


def test_a_quote_that_never_ends_stops_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        _read(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')

    assert (error.value.code, error.value.where) == ("KB-1118", "a.csv, line 3")


def test_a_header_is_given_by_row_or_found(tmp_path: Path) -> None:
    text = "Sales of March,,\n\nid,amount,region\n1,5,N\n2,6,S\n"

    for header in (3, "auto"):
        raw = _read(tmp_path, text, wanted={"id", "amount"}, header=header)
        assert raw.headers == ("id", "amount", "region")
        assert raw.lines.tolist() == [4, 5]
    with pytest.raises(SourceError, match="KB-1118"):
        _read(tmp_path, text, header=9)


def test_two_header_rows_are_one_name_each(tmp_path: Path) -> None:
    raw = _read(tmp_path, "客户,销售,,备注\n编号,数量,金额,\nC1,2,5,x\n", header=[1, 2])

    assert raw.headers == ("客户 / 编号", "销售 / 数量", "销售 / 金额", "备注")
    assert raw.lines.tolist() == [3]


def test_headers_lose_marks_and_blanks_and_repeated_ones_are_numbered(tmp_path: Path) -> None:
    raw = _read(tmp_path, '\ufeff id ,"net\namount",amount,amount,\n1,2,3,4,\n')

    assert raw.headers == ("id", "net amount", "amount", "amount (2)")
    assert raw.repeated == {"amount"}


def test_the_last_rows_can_be_left_out(tmp_path: Path) -> None:
    raw = _read(tmp_path, "a,b\n1,2\n3,4\nTotal,6\nend\n", skip_last=2)

    assert raw.cells["a"].tolist() == ["1", "3"]
    assert not raw.broken


def test_rows_without_any_cell_are_counted_and_left_out(tmp_path: Path) -> None:
    raw = _read(tmp_path, "a,b\n1,2\n,\n , \n3,4\n")

    assert raw.lines.tolist() == [2, 5]
    assert raw.blank == 2


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n", "a,b"])
def test_an_empty_export_has_no_rows(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, text).rows == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_headers_in_the_encodings_of_the_field(tmp_path: Path, encoding: str) -> None:
    text = "客户编号\t客户名称\nC1\t衡川智能装备有限公司\n"
    raw = _read(tmp_path, text.encode(encoding))

    assert _rows(raw) == [{"客户编号": "C1", "客户名称": "衡川智能装备有限公司"}]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5hkscs", "客戶編號,客戶名稱\nC1,衡川智能裝備有限公司\nC2,華東機械設備\n"),
        ("cp1252", "Name,Ort\nMüller & Söhne,Köln\nPérez,Málaga\n"),
    ],
)
def test_the_older_encodings_give_the_same_cells(tmp_path: Path, encoding: str, text: str) -> None:
    made = _read(tmp_path, text.encode(encoding))

    pd.testing.assert_frame_equal(made.cells, _read(tmp_path, text).cells)


CHINESE = "客户编号,客户名称,金额\n" + "C1,衡川智能装备有限公司,5\n" * 9 + "C2,华东机械"


@pytest.mark.parametrize("said", [True, False], ids=["said", "found"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_file_that_ends_within_a_character_was_cut_off(tmp_path: Path, encoding: str, said: bool) -> None:
    rule = {"encoding": encoding} if said else {}
    with pytest.raises(SourceError, match=r"KB-1107.*ends in the middle of a character"):
        _read(tmp_path, CHINESE.encode(encoding)[:-1], **rule)
    assert _read(tmp_path, CHINESE.encode(encoding), **rule).rows == 10


@pytest.mark.parametrize("header", [1, "auto", 0])
def test_a_quote_that_never_ends_in_the_first_row_stops_too(tmp_path: Path, header: Any) -> None:
    with pytest.raises(SourceError) as error:
        _read(tmp_path, 'id,"name\n1,a\n2,b\n', header=header)

    assert (error.value.code, error.value.where) == ("KB-1118", "a.csv, line 1")


def test_a_lone_return_ends_a_line_as_every_other_end_does(tmp_path: Path) -> None:
    raw = _read(tmp_path, "a,b\r\n1,x\ry\n2,z\r3,w\n")

    assert raw.cells["a"].tolist() == ["1", "2", "3"]
    assert raw.lines.tolist() == [2, 4, 5]
    assert [(row.line, row.cells) for row in raw.broken] == [(3, ("y",))]


@pytest.mark.parametrize("word", ["N/A", "NULL", "nan", "?", "-", "暂无", "NA"])
def test_a_word_for_nothing_is_one_only_where_the_mapping_says_so(tmp_path: Path, word: str) -> None:
    text = f"region,note\n{word},1\n"

    assert _read(tmp_path, text).cells["region"].tolist() == [word]
    assert _read(tmp_path, text, empty=["", word]).cells["region"].isna().tolist() == [True]


def test_an_encoding_that_cannot_be_told_asks(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        _read(tmp_path, "a,b\n鑫,1\n".encode("gb18030"))

    assert error.value.code == "KB-1108"
    assert "gb18030" in str(error.value.nearest)
    assert _read(tmp_path, "a,b\n鑫,1\n".encode("gb18030"), encoding="gb18030").rows == 1


def test_bytes_of_another_encoding_are_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        _read(tmp_path, b"a,b\n1,2\n\xff,3\n", encoding="utf-8")

    assert (error.value.code, error.value.where) == ("KB-1107", "a.csv, line 3")
    with pytest.raises(SourceError, match="no encoding"):
        _read(tmp_path, b"a\n1\n", encoding="utf8k")


def test_packed_exports_are_read_in_place(tmp_path: Path) -> None:
    text = b"a,b\n1,2\n"
    assert _read(tmp_path, gzip.compress(text), "a.csv.gz").lines.tolist() == [2]
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("crm/a.csv", text)
    raw = read(tmp_path, Export("m.zip", "crm/a.csv"), FileRule(path=("a.csv",)))

    assert (raw.source, raw.rows) == ("m.zip!crm/a.csv", 1)
    with pytest.raises(SourceError, match="KB-1107"):
        _read(tmp_path, gzip.compress(text)[:-9], "b.csv.gz")


def test_a_sheet_gives_texts_as_a_person_sees_them(tmp_path: Path) -> None:
    write_workbook(tmp_path / "s.xlsx")
    raw = read(
        tmp_path, Export("s.xlsx"), FileRule(path=("s.xlsx",), format="xlsx", header="auto"), {"编号", "金额"}
    )

    assert _rows(raw) == [{"编号": "7", "金额": "125.44", "日期": "2026-09-03", "有效": "true"}]
    assert raw.lines.tolist() == [4]
    assert (raw.left_out, raw.blank) == (("notes",), 1)


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_workbook(tmp_path / "s.xlsx")
    with pytest.raises(SourceError) as error:
        read(tmp_path, Export("s.xlsx"), FileRule(path=("s.xlsx",), format="xlsx", sheet="note"))

    assert (error.value.code, error.value.nearest) == ("KB-1110", "notes")
    raw = read(tmp_path, Export("s.xlsx"), FileRule(path=("s.xlsx",), format="xlsx", sheet="notes"))
    assert raw.source == "s.xlsx[notes]"
    with pytest.raises(SourceError, match="KB-1107"):
        _read(tmp_path, b"no workbook", "t.xlsx", format="xlsx")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7, "7"),
        (17850.0, "17850"),
        (-60.70400000000001, "-60.704"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (False, "false"),
        (date(2026, 9, 3), "2026-09-03"),
        (datetime(2026, 9, 3, 10, 30), "2026-09-03 10:30:00"),  # noqa: DTZ001  # a cell knows no zone
        (time(9, 12, 58), "09:12:58"),
        (timedelta(hours=26, seconds=5), "26:00:05"),
        ("x", "x"),
    ],
)
def test_a_cell_of_a_sheet_is_the_text_a_person_sees(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def test_json_keeps_numbers_as_written_and_knows_its_lines(tmp_path: Path) -> None:
    text = (
        '{"total": 2,\n "records": [\n  {"id": 1, "rate": 1.10, "Account": {"Name": "甲"}},\n'
        '  {"id": "2", "rate": null, "tags": ["x"], "ok": true}\n ]}'
    )
    raw = _read(tmp_path, text, "a.json", format="json")

    assert raw.lines.tolist() == [3, 4]
    assert _rows(raw) == [
        {"id": "1", "rate": "1.10", "Account.Name": "甲", "tags": None, "ok": None},
        {"id": "2", "rate": None, "Account.Name": None, "tags": '["x"]', "ok": "true"},
    ]
    assert _read(tmp_path, '\n[{"a": 1},\n{"a": 2}]', "a.json", format="json").lines.tolist() == [2, 3]
    assert _read(tmp_path, "[]", "a.json", format="json").rows == 0


def test_json_of_lists_has_its_header_first(tmp_path: Path) -> None:
    text = '{"range": "A1:C3", "values": [["id", "name"],\n["1", null],\n[2, "b"], ["3"]]}'
    raw = _read(tmp_path, text, "a.json", format="json")

    assert _rows(raw) == [{"id": "1", "name": None}, {"id": "2", "name": "b"}]
    assert (raw.lines.tolist(), [row.line for row in raw.broken]) == ([2, 3], [3])
    with pytest.raises(SourceError, match="KB-1118"):
        _read(tmp_path, '[["a"], {"a": 1}]', "a.json", format="json")
    with pytest.raises(SourceError, match="KB-1118"):
        _read(tmp_path, '[{"a": 1}, ["a"]]', "a.json", format="json")


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"a": 1}', '[{"a": 1} {"a": 2}]', "[{}] x", '{"a": 1}', "", "{} {}"]
)
def test_what_is_no_list_of_objects_stops(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="KB-1118"):
        _read(tmp_path, text or " ", "a.json", format="json")


def test_json_lines_have_one_object_a_line(tmp_path: Path) -> None:
    raw = _read(tmp_path, '{"a": 1}\r\n\n{"a": 2}\n', "a.jsonl", format="jsonl")

    assert raw.lines.tolist() == [1, 3]
    with pytest.raises(SourceError, match="line 2"):
        _read(tmp_path, '{"a": 1}\n{"a": \n', "a.jsonl", format="jsonl")


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=5), min_size=1), max_size=5),
    st.integers(0, 3),
)
def test_any_list_of_objects_is_read(
    tmp_path_factory: Any, records: list[dict[str, str]], indent: int
) -> None:
    raw = _read(
        tmp_path_factory.mktemp("json"), json.dumps(records, indent=indent or None), "a.json", format="json"
    )

    assert raw.rows + raw.blank == len(records)


def test_parquet_comes_as_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "at": pd.to_datetime(["2026-09-03 10:00", None]),
            "ok": [True, None],
            "name": pa.array(["a", "b"]).dictionary_encode(),
            "list": [[1], []],
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    raw = _read(tmp_path, stream.getvalue(), "a.parquet", format="parquet")

    assert raw.lines.tolist() == [1, 2]
    assert _rows(raw)[0]["id"] == "1"
    assert str(_rows(raw)[0]["at"]).startswith("2026-09-03 10:00:00")
    assert (_rows(raw)[0]["ok"], _rows(raw)[0]["list"], _rows(raw)[1]["at"]) == ("true", "[1]", None)
    with pytest.raises(SourceError, match="KB-1107"):
        _read(tmp_path, b"PAR1", "b.parquet", format="parquet")


##### Without header ###################################################################################################


def test_columns_without_header_are_named_by_their_place(tmp_path: Path) -> None:
    raw = _read(tmp_path, "C001,5,x\nC002,6,\n", header=0)

    assert raw.headers == ("column 1", "column 2", "column 3")
    assert raw.cells["column 1"].tolist() == ["C001", "C002"]
    assert raw.lines.tolist() == [1, 2]


def test_without_header_the_commonest_width_is_that_of_the_table(tmp_path: Path) -> None:
    raw = _read(tmp_path, 'C001,5\nC002,"6\n7"\nC003\nC004,8,9\nC005,1,\nC006,2\n', header=0)

    assert raw.cells["column 2"].tolist() == ["5", "6\n7", "1", "2"]
    assert [row.line for row in raw.broken] == [4, 5]
    assert _read(tmp_path, "", header=0).rows == 0
    assert _read(tmp_path, "\n\n", header=0).rows == 0


def test_a_file_without_header_is_asked_about_where_the_header_is_to_be_found(tmp_path: Path) -> None:
    text = "C001,2026-01-05,5\nC002,2026-01-06,6\n"
    with pytest.raises(SourceError) as error:
        _read(tmp_path, text, header="auto")

    assert (error.value.code, error.value.where) == ("KB-1135", "a.csv, row 1")
    assert "header = 0" in error.value.fix
    assert _read(tmp_path, text, header="auto", wanted={"C001"}).headers[0] == "C001"


def test_a_sheet_without_header_has_columns_by_their_place(tmp_path: Path) -> None:
    data = xlsx(Sheet("s", [("C001", 5.5), ("C002", 6.5, "late"), (None, None), ("C003",)]))
    raw = _read(tmp_path, data, "a.xlsx", format="xlsx", header=0)

    assert raw.headers == ("column 1", "column 2", "column 3")
    assert (raw.cells["column 1"].tolist(), raw.lines.tolist()) == (["C001", "C002", "C003"], [1, 2, 4])
    assert _read(tmp_path, xlsx(Sheet("s")), "b.xlsx", format="xlsx", header=0).headers == ()
    with pytest.raises(SourceError, match="KB-1135"):
        _read(tmp_path, data, "a.xlsx", format="xlsx", header="auto")
