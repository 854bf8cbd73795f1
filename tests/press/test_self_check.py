"""A finished PDF is held against its sidecar: a number that no reader sees fails the document."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from weasyprint import HTML

from pipeline.errors import RenderError
from pipeline.press.self_check import numbers, page_texts, require_printed

_PAGE = "<html lang='en'><title>t</title><body>{}</body></html>"


def pdf(*pages: str) -> bytes:
    body = "".join(f"<div style='break-after: page'>{page}</div>" for page in pages[:-1]) + pages[-1]
    content: bytes = HTML(string=_PAGE.format(body)).write_pdf()
    return content


def figure(printed: str, page: int = 1, name: str = "F1") -> dict[str, Any]:
    return {"id": name, "label": "on time", "printed": printed, "page": page}


def said(*figures: dict[str, Any], pages: int = 1) -> dict[str, Any]:
    return {"document": {"pages": pages}, "figures": list(figures)}


def refused(content: bytes, sidecar: dict[str, Any]) -> RenderError:
    with pytest.raises(RenderError) as caught:
        require_printed(content, sidecar)
    return caught.value


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("<p>96.2%</p>", "96.2%"),
        ("<p>96.2 <small>%</small></p>", "96.2%"),  # unit and number stand apart
        ("<p>− 4.9%, −4.9%</p>", "−4.9%"),
        ("<p>1,234 k</p>", "1,234 k EUR"),  # the unit is said in a head
        ("<p>core<br>value</p>", "core value"),
        ("<p>It rose by +3.5.</p>", "+3.5"),
    ],
)
def test_a_figure_that_can_be_read_on_its_page_passes(shown: str, printed: str) -> None:
    require_printed(pdf(shown), said(figure(printed)))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("<p>96.3%</p>", "96.2%"),
        ("<p>196.2%</p>", "96.2%"),
        ("<p>96.21%</p>", "96.2%"),
        ("<p>−96.2%</p>", "96.2%"),
        ("<p>1,962</p>", "962"),
        ("<p style='display: none'>96.2%</p><p>other</p>", "96.2%"),
        ("<p>core</p>", "core value"),
    ],
)
def test_a_figure_that_is_not_on_its_page_fails_the_document(shown: str, printed: str) -> None:
    error = refused(pdf(shown), said(figure(printed)))

    assert error.code == "KB-1324"
    assert "page 1, figure F1" in error.where
    assert printed not in str(error)  # a client's value stands in no message


def test_a_figure_on_another_page_fails_the_document() -> None:
    content = pdf("<p>96.2%</p>", "<p>7</p>")

    require_printed(content, said(figure("96.2%"), figure("7", 2, "F2"), pages=2))
    assert "page 2" in refused(content, said(figure("96.2%", 2), pages=2)).where


def test_two_figures_of_the_same_number_must_both_be_printed() -> None:
    both = said(figure("12"), figure("12 days", name="F2"))

    require_printed(pdf("<p>12 orders, 12 days</p>"), both)
    assert "figure F2" in refused(pdf("<p>12 orders</p>"), both).where


def test_a_page_more_or_less_fails_the_document() -> None:
    content = pdf("<p>96.2%</p>", "<p>7</p>")
    with pikepdf.open(io.BytesIO(content)) as opened:
        del opened.pages[1]
        target = io.BytesIO()
        opened.save(target)

    assert refused(target.getvalue(), said(figure("96.2%"), pages=2)).code == "KB-1323"
    assert refused(content, said(figure("96.2%"), pages=1)).code == "KB-1323"


def test_the_text_of_a_page_is_what_a_reader_copies() -> None:
    assert [text.split() for text in page_texts(pdf("<p>准时 96.2%</p>", "<p>two</p>"))] == [
        ["准时", "96.2%"],
        ["two"],
    ]


def test_numbers_are_whole() -> None:
    assert numbers("−4.9%, 1,234.50; 7. 2026年9月") == {"−4.9": 1, "1,234.50": 1, "7": 1, "2026": 1, "9": 1}


def test_a_column_that_runs_on_to_the_next_page_is_followed_there() -> None:
    content = pdf("<p>96.2%</p>", "<p>7</p>")
    said_of_it = said(figure("96.2%"), figure("7", 1, "F2"), pages=2)

    require_printed(content, said_of_it, {"F2"})
    assert "figure F2" in refused(content, said_of_it).where
    with pytest.raises(RenderError, match="F1"):  # never on a page before
        require_printed(content, said(figure("96.2%", 2), pages=2), {"F1"})
