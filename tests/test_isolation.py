"""Isolation: a token for each client in every free text of every table is found in no other client's document."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pikepdf
import pypdfium2
import pytest

from pipeline import run, store
from pipeline.context import Context
from pipeline.schema import TABLES
from tests.pdf_lint import complaints
from tests.ten_accounts import ten_accounts

pytestmark = pytest.mark.slow

_STANDS_FOR_ITSELF = frozenset(
    "region country currency locale brand client_logo report_unit status pain_point email language level"
    " calendar time_zone service_hours unit benefit_key subject_kind breakdown metric measure risk activity"
    " stage priority confirmed_by competitor industry".split()
)
"""Texts that other tables or rules refer to by their value; a token in one would change what is computed."""
_TOLD = {"accounts", "outcomes", "actions", "change_requests", "cases", "orders", "surveys"}
"""Tables whose texts client documents print: where none of their tokens were found, this test would prove nothing."""
_INSIDE = {
    "order_lines": "cost_amount",
    "cost_to_serve": "cost_amount",
    "competitor_events": "",
    "interventions": "",
    "competences": "",
}
"""Tables that no client may learn of: the column that is changed, or all rows taken away where none is named."""
_THROUGH = {"outcome_values": ("outcomes", "outcome_id")}


def token(customer: str, table: str) -> str:
    """Letters and digits alone: nothing that a line would be broken at; short, so that it is not cut."""
    return f"Zq{customer[-2:]}x{list(TABLES).index(table):02}z"


def free_texts(table: str) -> list[str]:
    """The columns of a table that hold what a person wrote."""
    return [
        column.name
        for column in TABLES[table].columns
        if column.kind == "text"
        and not column.allowed
        and not column.name.endswith("_id")
        and column.name not in _STANDS_FOR_ITSELF
    ]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> Context:
    """The month of ten accounts, each text of an account's rows beginning with its customer's token."""
    place = tmp_path_factory.mktemp("isolation") / "company"
    shutil.copytree(ten_accounts(), place)
    exports = place / "exports"
    accounts = pd.read_csv(exports / "accounts.csv", dtype="str", keep_default_na=False)
    customer_of = {row.account_id: row.parent_id or row.account_id for row in accounts.itertuples()}
    for table in TABLES:
        path = exports / f"{table}.csv"
        if path.is_file():
            _plant(path, table, exports, customer_of)
    context = run.context_of(
        workspace=place, output=place, exports=None, period=None, as_of=None, today=date(2026, 10, 8),
        fonts=installed_fonts, jobs=2, quiet=True,
    )  # fmt: skip
    for name in ("ingest", "validate", "compute", "render"):
        run.stage(name)(context)
    return context


def _plant(path: Path, table: str, exports: Path, customer_of: dict[str, str]) -> None:
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    if table in _THROUGH:
        parent, key = _THROUGH[table]
        owners = pd.read_csv(exports / f"{parent}.csv", dtype="str", keep_default_na=False).set_index(key)
        account = rows[key].map(owners["account_id"])
    elif "account_id" in rows:
        account = rows["account_id"]
    else:
        return
    marks = account.map(customer_of).map(lambda each: token(each, table) if isinstance(each, str) else "")
    for name in free_texts(table):
        if name in rows:
            rows[name] = [
                f"{mark} {text}" if mark and text else text
                for mark, text in zip(marks, rows[name], strict=True)
            ]
    rows.to_csv(path, index=False)


def clients(context: Context) -> list[dict[str, str]]:
    documents = store.read_json(context.run / "manifest.json")["documents"]
    return [each for each in documents if each["audience"] == "client"]


def everything(path: Path) -> str:
    """All that a document says: its pages, its metadata, its raw bytes' names, its sidecar, its data, and its path."""
    said = (
        _pages(path)
        + path.with_suffix(".json").read_text(encoding="utf-8")
        + "".join(each.read_text(encoding="utf-8") for each in sorted(path.parent.glob(f"{path.stem}.*.csv")))
        + str(path)
    )
    return re.sub(r"\s", "", said)


def _pages(path: Path) -> str:
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8")
    pdf = pypdfium2.PdfDocument(path)
    text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    with pikepdf.open(path) as opened:
        words = [
            str(each["/Alt"])
            for each in opened.objects
            if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]
    return text + "".join(words) + str(pdf.get_metadata_dict())


def test_every_document_has_the_structure_that_a_screen_reader_needs(planted: Context) -> None:
    documents = store.read_json(planted.run / "manifest.json")["documents"]
    printed = [each for each in documents if each["format"] == "pdf"]
    wrong = {
        each["id"]: found
        for each in printed
        if (found := complaints((planted.run / each["path"]).read_bytes(), each["language"]))
    }

    assert len({each["kind"] for each in printed}) >= 6
    assert wrong == {}


def test_nothing_internal_moves_a_client_document(planted: Context, tmp_path: Path) -> None:
    """Neither by a figure nor by a colour, an order of rows or a file's name: the same bytes at the same places."""
    place = tmp_path / "company"
    shutil.copytree(planted.workspace, place, ignore=shutil.ignore_patterns("runs", "state"))
    changed = _inside_changed(place / "exports")
    context = run.context_of(
        workspace=place, output=place, exports=None, period=None, as_of=None, today=date(2026, 10, 8),
        fonts=planted.fonts, jobs=2, quiet=True,
    )  # fmt: skip
    for name in ("ingest", "validate", "compute", "render"):
        run.stage(name)(context)

    assert changed >= 3
    assert _hashes(context) == _hashes(planted)


def _inside_changed(exports: Path) -> int:
    """Change what no client may learn of, table by table; how many tables that was."""
    done = 0
    for table, column in _INSIDE.items():
        path = exports / f"{table}.csv"
        if path.is_file():
            rows = pd.read_csv(path, dtype="str", keep_default_na=False)
            if column in rows:
                rows[column] = [str(3 * float(each) + 1) if each else each for each in rows[column]]
            else:
                rows = rows.iloc[:0]
            rows.to_csv(path, index=False)
            done += 1
    return done


def _hashes(context: Context) -> dict[str, str]:
    """The hash of every document about a client that it may keep, by its path."""
    return {each["path"]: each["sha256"] for each in clients(context) if each["subject_kind"] == "customer"}


def test_no_client_sees_a_word_of_another(planted: Context) -> None:
    names = {each["subject_id"] for each in clients(planted)}
    assert len(names) >= 4

    for each in clients(planted):
        said = everything(planted.run / each["path"])
        for other in names - {each["subject_id"]}:
            found = [table for table in TABLES if token(other, table) in said]
            assert not found, (each["subject_id"], other, found)


def test_the_tokens_are_where_clients_read_them(planted: Context) -> None:
    seen = {
        table
        for each in clients(planted)
        for table in TABLES
        if token(each["subject_id"], table) in everything(planted.run / each["path"])
    }

    assert seen >= _TOLD


def test_what_is_internal_reaches_no_client(planted: Context) -> None:
    inside = {"competitor_events", "interventions", "plans", "needs", "opportunities"}
    for each in clients(planted):
        said = everything(planted.run / each["path"])
        assert not [table for table in inside if token(each["subject_id"], table) in said]
