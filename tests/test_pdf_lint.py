"""The lint of a PDF's structure finds what it is there for."""

from __future__ import annotations

import io

import pikepdf
import pytest
from weasyprint import HTML

from tests.pdf_lint import complaints

TABLE = "<table><thead><tr>{}</tr></thead><tbody><tr>{}</tr></tbody></table>"


def pdf(body: str, *, language: str = "en", title: str = "t", variant: str | None = "pdf/ua-1") -> bytes:
    html = f"<html lang='{language}'><head><title>{title}</title></head><body>{body}</body></html>"
    content: bytes = HTML(string=html).write_pdf(pdf_variant=variant, pdf_tags=True)
    return content


def told(content: bytes) -> str:
    return "\n".join(complaints(content, "en"))


def changed(content: bytes, key: str, value: object, role: str) -> bytes:
    """The PDF with one entry of every element of a role replaced, or taken away where `value` is None."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == role:
                if value is None:
                    del item[key]
                else:
                    item[key] = value
        opened.save(target)
    return target.getvalue()


def test_a_plain_document_has_nothing_wrong() -> None:
    assert told(pdf("<h1>One</h1><h2>Two</h2><p>text</p><ul><li>a</li></ul>")) == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<h1>One</h1><h3>Three</h3>", "heading of level 3 after one of level 1"),
        ("<h2>Two</h2>", "heading of level 2 after one of level 0"),
        (TABLE.format("<th>a</th>", "<td>1</td>"), "says not of what"),
        (TABLE.format("<td>a</td>", "<td>1</td>"), "cell without a head"),
        ("<svg viewBox='0 0 9 9'><path d='M0 0h9'/></svg>", "figure without words"),
    ],
)
def test_a_fault_of_the_page_is_named(body: str, said: str) -> None:
    assert said in told(pdf(body))


def test_what_a_document_does_not_say_of_itself_is_named() -> None:
    assert "language is zh, not en" in told(pdf("<p>a</p>", language="zh"))
    assert "has no title" in told(pdf("<p>a</p>", title=""))
    assert "PDF/UA-1" in told(pdf("<p>a</p>", variant=None))


def test_a_picture_whose_words_were_lost_and_a_head_that_is_gone_are_named() -> None:
    drawn = pdf("<svg aria-label='rising' role='img' viewBox='0 0 9 9'><path d='M0 0h9'/></svg>")
    assert "figure without words" in told(changed(drawn, "/Alt", pikepdf.String(" "), "/Figure"))

    table = pdf(TABLE.format("<th>a</th>", "<td>1</td>"))
    assert "a head that is not there" in told(changed(table, "/ID", None, "/TH"))


def test_a_broken_file_is_named() -> None:
    content = pdf("<p>a</p>" * 50)

    assert "syntax" in told(content.replace(b"startxref\n", b"startxref\n9"))
