"""The edge to WeasyPrint: nothing is only logged, nothing foreign gets in, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from weasyprint import CSS

from pipeline.errors import RenderError
from pipeline.fonts import faces
from pipeline.press.pdf import Engine, Sheets, embedded_fonts

FAMILIES = ("Noto Sans SC",)
STYLE = """
@page { size: 100mm 60mm; margin: 5mm }
body { font-family: "Noto Sans SC"; font-size: 9pt; line-height: 5mm; margin: 0 }
"""


@pytest.fixture(scope="module")
def engine(installed_fonts: Path) -> Engine:
    return Engine([face for face in faces(installed_fonts) if face.family in FAMILIES], [400, 600], [])


@pytest.fixture(scope="module")
def sheet(engine: Engine) -> CSS:
    return engine.sheet(STYLE)


def page(body: str, head: str = "") -> str:
    return f'<html lang="zh-Hans"><head><title>样张</title>{head}</head><body>{body}</body></html>'


def printed(engine: Engine, sheet: CSS, body: str, head: str = "") -> Sheets:
    return engine.printed(page(body, head), sheet, FAMILIES, (400, 600))


def refused(engine: Engine, sheet: CSS, body: str, head: str = "") -> RenderError:
    with pytest.raises(RenderError) as caught:
        printed(engine, sheet, body, head)
    return caught.value


def test_a_document_is_tagged_and_says_what_it_is(engine: Engine, sheet: CSS) -> None:
    made = printed(engine, sheet, '<h1 id="one">准时</h1><p style="break-before: page" id="two">96.2%</p>')

    assert made.pages == 2
    assert made.page_of == {"one": 1, "two": 2}
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "样张"
        assert str(pdf.Root.Lang) == "zh-Hans"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/CreationDate" not in pdf.docinfo
        assert b"pdfuaid:part" in pdf.Root.Metadata.read_bytes()
    assert all("Noto-Sans-SC" in name for name in embedded_fonts(made.content))


@pytest.mark.parametrize(
    ("body", "head", "code"),
    [
        ('<p style="colr: red">甲</p>', "", "KB-1301"),
        ("<p>甲</p>", "<style>p { widht: 3mm }</style>", "KB-1301"),
        ('<a href="#nowhere">甲</a>', "", "KB-1301"),
        ('<p id="a">甲</p><p id="a">乙</p>', "", "KB-1301"),
        ('<img src="https://example.com/x.png" alt="x">', "", "KB-1302"),
        ('<img src="file:///etc/hostname" alt="x">', "", "KB-1302"),
        ("<p>🙂</p>", "", "KB-1303"),
        ('<p style="width: 5mm">SO-26-04417-LONG</p>', "", "KB-1304"),
        ('<p style="width: 9mm"><span style="display: inline-block">准时足量率</span></p>', "", None),
        (
            '<p style="width: 9mm"><span style="display: inline-block; white-space: nowrap">准时足量率</span></p>',
            "",
            "KB-1304",
        ),
        ('<p style="position: absolute; top: 52mm">甲</p>', "", "KB-1304"),
    ],
)
def test_what_goes_wrong_fails_the_document(
    engine: Engine, sheet: CSS, body: str, head: str, code: str | None
) -> None:
    if code is None:
        assert printed(engine, sheet, body, head).pages == 1
    else:
        assert refused(engine, sheet, body, head).code == code


def test_a_message_names_no_text_of_the_document(engine: Engine, sheet: CSS) -> None:
    assert "机密" not in str(
        refused(engine, sheet, '<p style="width: 5mm; white-space: nowrap">机密机密机密</p>')
    )


def test_a_font_of_the_machine_is_not_accepted(engine: Engine) -> None:
    sheet = engine.sheet(STYLE.replace('"Noto Sans SC"', "monospace"))

    assert refused(engine, sheet, "<p>ABC</p>").code == "KB-1303"


def test_a_wrong_style_sheet_stops_before_any_document(engine: Engine) -> None:
    with pytest.raises(RenderError) as caught:
        engine.sheet("p { colour: red }")

    assert caught.value.code == "KB-1301"
    assert "colour" in caught.value.what


def test_after_a_failure_the_next_document_is_whole(engine: Engine, sheet: CSS) -> None:
    before = printed(engine, sheet, "<p>准时</p>").content
    refused(engine, sheet, "<p>🙂</p>")

    assert printed(engine, sheet, "<p>准时</p>").content == before


_ALONE = """
import hashlib, sys
from pathlib import Path
from pipeline.fonts import faces
from pipeline.press.pdf import Engine
folder, html, style = sys.argv[1:]
engine = Engine([face for face in faces(Path(folder)) if face.family == "Noto Sans SC"], [600, 400], [])
made = engine.printed(html, engine.sheet(style), ("Noto Sans SC",), (400, 600))
print(hashlib.sha256(made.content).hexdigest())
"""


def test_every_process_makes_the_same_bytes(
    engine: Engine, sheet: CSS, installed_fonts: Path, checkout: Path, tmp_path: Path
) -> None:
    html = page('<h1>准时足量率 96.2%</h1><svg width="20" height="20"><title>甲</title><circle r="5"/></svg>')
    here = hashlib.sha256(engine.printed(html, sheet, FAMILIES, (400, 600)).content).hexdigest()

    there = subprocess.run(
        [sys.executable, "-c", _ALONE, str(installed_fonts), html, STYLE],
        env={
            **os.environ,
            "TZ": "America/New_York",
            "PYTHONHASHSEED": "7",
            "PYTHONPATH": str(checkout),
            "LC_ALL": "C",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert there == here
