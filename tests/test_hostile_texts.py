"""Texts that someone wrote to break a page are printed as text, or cut with a mark; nothing that they name is fetched."""

from __future__ import annotations

import http.server
import itertools
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from pipeline import run, store
from pipeline.context import Context
from pipeline.schema import TABLES
from tests.test_isolation import free_texts, ten_accounts

pytestmark = pytest.mark.slow

_OF_NO_ACCOUNT = {"fx", "holidays", "market", "targets", "budgets", "pay_plans"}
"""Their texts are keys of other tables: a hostile one stops the run at the gate."""
_SECRET = "Qx7trapfile7xQ"  # no secret: a word that must be printed nowhere


@dataclass
class Trap:
    """A server and a file that nobody may ask for."""

    address: str
    file: Path
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library calls
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    file = tmp_path_factory.mktemp("trap") / "trap.txt"
    file.write_text(_SECRET, encoding="utf-8")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Trap(f"http://127.0.0.1:{server.server_port}", file, asked)
    server.shutdown()
    server.server_close()


def texts(trap: Trap) -> tuple[str, ...]:
    return (
        "<b onclick=alert(1)>bold</b><script>alert(1)</script>",
        "</style><style>*{color:red;background:url(" + trap.address + "/css)}</style>",
        "{{ 7*7 }}{% for x in y %}{{ config }}",
        "javascript:alert(1)",
        "abc\u202edcba\u2066x\u2069\u200fz",
        "a\u200bb\u200cc\u200dd\ufeffe\u2060f",
        "进展😀很好👨‍👩‍👧",
        "长" * 10_000,
        "x" * 10_000,
        "word " * 2_000,
        "</title><h1>evil</h1>",
        trap.file.as_uri(),
        f'<img src="{trap.address}/img"><link rel=stylesheet href="{trap.file.as_uri()}">',
        "a\x07c d\te",
        "{name} %s {0} {x.__class__}",
        "شركة القمر",
        "=cmd|' /C calc'!A1",
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path, trap: Trap) -> Context:
    """The month of ten accounts whose texts are all hostile, one after the other."""
    place = tmp_path_factory.mktemp("hostile") / "company"
    shutil.copytree(ten_accounts(), place)
    endless = itertools.cycle(texts(trap))
    for table in TABLES:
        path = place / "exports" / f"{table}.csv"
        if path.is_file() and table not in _OF_NO_ACCOUNT:
            rows = pd.read_csv(path, dtype="str", keep_default_na=False)
            for name in set(free_texts(table)) & set(rows.columns) - {"to_currency"}:
                rows[name] = [next(endless) if text else text for text in rows[name]]
            rows.to_csv(path, index=False)
    context = run.context_of(
        workspace=place, output=place, exports=None, period=None, as_of=None, today=date(2026, 10, 8),
        fonts=installed_fonts, jobs=2, quiet=True,
    )  # fmt: skip
    for name in ("ingest", "validate", "compute", "render"):
        run.stage(name)(context)
    return context


def printed(context: Context) -> dict[str, str]:
    """The text of every finished PDF, by its path, without white space."""
    documents = store.read_json(context.run / "manifest.json")["documents"]
    found = {}
    for each in documents:
        if each["format"] == "pdf":
            pages = pypdfium2.PdfDocument(context.run / each["path"])
            text = "".join(page.get_textpage().get_text_range() for page in pages)
            found[each["path"]] = "".join(text.split())
    return found


def test_no_text_costs_a_document(made: Context) -> None:
    manifest = store.read_json(made.run / "manifest.json")

    assert manifest["failed"] == []
    assert {each["audience"] for each in manifest["documents"]} >= {"client", "internal"}


def test_what_looks_like_a_program_is_printed_as_text(made: Context) -> None:
    everything = "".join(printed(made).values())

    for beginning in (
        "<bonclick",
        "</style><style>",
        "{{7*7}}",
        "javascript:",
        "</title><h1>",
        "{name}%s{0}",
    ):
        assert beginning in everything, beginning


def test_a_long_text_is_cut_with_a_mark(made: Context) -> None:
    everything = "".join(printed(made).values())

    assert "长…" in everything
    assert "长" * 300 not in everything


def test_nothing_that_a_text_names_is_fetched(made: Context, trap: Trap) -> None:
    assert trap.asked == []
    assert not [path for path, text in printed(made).items() if _SECRET in text]


def test_pages_for_a_browser_hold_no_foreign_element(made: Context) -> None:
    pages = list(made.run.rglob("*.html"))
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        for raw in ("<b onclick", "<script>alert", "<h1>evil", "<img src", "<style>*{color"):
            assert raw not in text, (path.name, raw)
