"""`sources check`: what a mapping finds in an export, what is missing, left over or does not cast; never a cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.intake.dropfolder import Export
from pipeline.intake.given_files import Given, given_exports
from pipeline.intake.mapped import texts_of
from pipeline.intake.mapping_check import CheckedMapping, Failing, Missing, checked, printed
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.reading import read
from tests.workbook import write_workbook

Check = Callable[..., CheckedMapping]
MAPPING = """
schema = 1
[files.deals]
path = ["crm/deals*.csv"]
ignore = ["Photo*"]
[files.clients]
path = ["clients.csv"]
optional = true
[tables.opportunities]
from = "deals"
newest_by = "Changed"
[tables.opportunities.columns]
opportunity_id = "Deal ID"
account_id = { first_of = ["Company ID", "Company"] }
amount = "Amount"
closed_on = { from = "Closed", date = "%d/%m/%Y" }
is_won = { from = "Stage", values = { Won = true, Lost = false } }
currency = { value = "EUR" }
[tables.accounts]
sql = "select Id as account_id, Name as name, _row from clients"
"""
HEADER = "Deal ID,Company ID,Company,Amount,Closed,Stage,Changed,Photo 1,Colour\n"
GOOD = HEADER + "D1,1,,10,01/02/2026,Won,2026-01-01,,secret\n"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(files: dict[str, str], mapping: str = MAPPING) -> CheckedMapping:
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "sources" / "own.toml").write_text(mapping, encoding="utf-8")
        for name, text in files.items():
            path = tmp_path / "drop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        given = given_exports([tmp_path / "drop" / name for name in files])
        return checked(load_mapping("own", tmp_path), given, "UTC")

    return run


def test_what_fits_is_told_column_by_column(check: Check) -> None:
    found = check({"crm/deals_09.csv": GOOD})
    (file,) = found.files
    (table,) = file.tables

    assert (file.source, file.entry, file.rows) == ("crm/deals_09.csv", "deals", 1)
    assert dict(table.matched)["account_id"] == "Company ID or Company"
    assert (file.unmapped, file.ignored) == (("Colour",), ("Photo 1",))
    assert (found.stops, found.sets_aside, found.not_given) == (False, False, (("clients", True),))


def test_a_missing_header_is_told_with_the_nearest_and_the_rest_is_still_checked(check: Check) -> None:
    text = GOOD.replace("Amount", "Amuont").replace("Changed", "Modified")
    found = check({"crm/deals.csv": text})
    (table,) = found.files[0].tables

    assert table.missing == (
        Missing("Amount", ("amount",), "Amuont"),
        Missing("Changed", ("where or newest_by",), "Stage"),
    )
    assert "closed_on" in dict(table.matched)
    assert found.stops


def test_cells_that_do_not_cast_are_counted_with_their_lines(check: Check) -> None:
    rows = "".join(f"D{at},1,,ten,2026-02-01,Maybe,2026-01-01,,\n" for at in range(2, 9))
    found = check({"crm/deals.csv": GOOD + rows})
    (table,) = found.files[0].tables

    assert {each.column: (each.rows, each.lines) for each in table.failing} == {
        "amount": (7, (3, 4, 5, 6, 7)),
        "closed_on": (7, (3, 4, 5, 6, 7)),
        "is_won": (7, (3, 4, 5, 6, 7)),
    }
    assert isinstance(table.failing[0], Failing)
    assert (found.stops, found.sets_aside) == (False, True)


def test_a_select_is_checked_where_its_exports_are_given(check: Check) -> None:
    clients = {"clients.csv": "Id,Name\n1,Acme\n"}
    good, bad = check(clients), check(clients, MAPPING.replace("Name as name", "Nmae as name"))

    assert [(each.table, each.rows, each.error) for each in good.selects] == [("accounts", 1, "")]
    assert "KB-1112" in bad.selects[0].error
    assert bad.stops


def test_an_export_that_cannot_be_read_is_told_and_the_others_are_checked(check: Check) -> None:
    found = check({"crm/deals_1.csv": GOOD, "crm/deals_2.csv": "\0\x01\x02" * 50, "notes.csv": "a\n"})

    assert [bool(file.error) for file in found.files] in ([False, True], [False, False])
    assert found.not_meant == ("notes.csv",)


def test_the_text_names_headers_and_lines_and_no_cell(check: Check) -> None:
    text = printed(
        check({"crm/deals.csv": GOOD.replace("10,01/02", "secret,soon/02").replace("Stage", "Stgae")})
    )

    for expected in ("MISSING Stage (for is_won); nearest: Stgae", "DOES NOT CAST amount", "lines 2"):
        assert expected in text
    assert "secret" not in text
    assert "unmapped: Stgae, Colour" in text


def test_files_are_found_by_name_in_folders_and_in_archives(tmp_path: Path) -> None:
    import zipfile

    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "deals.csv").write_text(GOOD)
    with zipfile.ZipFile(tmp_path / "march.zip", "w") as archive:
        archive.writestr("crm/deals.csv", GOOD)
    found = given_exports([tmp_path / "crm" / "deals.csv", tmp_path / "march.zip"])
    below = given_exports([tmp_path])

    assert [(each.export.path, each.export.member) for each in found] == [
        ("deals.csv", ""),
        ("march.zip", "crm/deals.csv"),
    ]
    assert len(below) == 2
    assert all(isinstance(each, Given) for each in below)


def test_a_sheet_of_a_workbook_is_checked_like_a_file(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text(
        "schema = 1\n[files.a]\npath = 'book.xlsx'\nformat = 'xlsx'\nsheet = '销售'\nheader = 2\n"
        "[tables.accounts]\nfrom = 'a'\n[tables.accounts.columns]\naccount_id = '编号'\nname = '金'\n"
    )
    found = checked(load_mapping("own", tmp_path), given_exports([tmp_path / "book.xlsx"]), "UTC")

    assert found.files[0].tables[0].missing == (Missing("金", ("name",), "金额"),)


def test_an_id_of_several_columns_is_there_where_all_of_them_are(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text(
        'schema = 1\n[files.people]\npath = "people*.csv"\n[tables.contacts]\nfrom = "people"\n'
        '[tables.contacts.columns]\ncontact_id = { all_of = ["Company", "Name"] }\naccount_id = "Company"\n',
        encoding="utf-8",
    )
    (tmp_path / "people.csv").write_text("Company,Name\nAcme,Ann\nBolt,Ann\nAcme,\n", encoding="utf-8")
    (tmp_path / "people_2.csv").write_text("Company,Nmae\nAcme,Ann\n", encoding="utf-8")
    mapping = load_mapping("own", tmp_path)
    raw = read(tmp_path, Export("people.csv"), mapping.files["people"])
    texts = texts_of(raw, "contacts", mapping.tables["contacts"], "UTC")

    assert texts.columns["contact_id"].fillna("-").tolist() == ["Acme/Ann", "Bolt/Ann", "-"]
    found = checked(mapping, given_exports([tmp_path / "people.csv", tmp_path / "people_2.csv"]), "UTC")
    first, second = (file.tables[0] for file in found.files)
    assert dict(first.matched)["contact_id"] == "Company and Name"
    assert [(each.header, each.nearest) for each in second.missing] == [("Name", "Nmae")]
    assert "contact_id" not in dict(second.matched)
