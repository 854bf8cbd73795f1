"""The last look at a finished PDF: every figure of its sidecar is read back from the page it is said to stand on.

What a template left out, a style sheet hid or a font could not draw is a number that no reader sees, while the sidecar
vouches for it. Such a document fails here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pypdfium2  # type: ignore[import-untyped]

from pipeline.errors import RenderError

_NUMBER = re.compile(r"[−+]?\d(?:[\d.,]*\d)?")
_GAPS = re.compile(r"\s+")


def require_printed(
    content: bytes, sidecar: Mapping[str, Any], series: Collection[str] = frozenset()
) -> None:
    """Hold a PDF against its sidecar.

    `series` are the ids of the figures that stand in a column or chart: their page is the one on which it begins, and a
    long table runs on to the next ones.

    RenderError KB-1323 where it has another number of pages, KB-1324 where a figure's number is not on its page, or
    not as often as figures have it.
    """
    require_read(page_texts(content), sidecar, series)


def require_read(
    texts: Sequence[str], sidecar: Mapping[str, Any], series: Collection[str] = frozenset()
) -> None:
    """Hold the texts of a document's pages against its sidecar; errors as of `require_printed`."""
    said = int(sidecar["document"]["pages"])
    if len(texts) != said:
        raise RenderError(
            where="document",
            what=f"has {len(texts)} pages, and its sidecar says {said}",
            fix="render again; if it stays, report it: the PDF was changed after it was laid out",
            code="KB-1323",
        )
    for page, figures in _by_page(sidecar["figures"]).items():
        own = [each for each in figures if each["id"] not in series]
        _require_on_page(texts[page - 1], own, page)
        _require_on_page("\n".join(texts[page - 1 :]), figures, page)


def page_texts(content: bytes) -> tuple[str, ...]:
    """The text of each page, as a reader who selects and copies it gets it."""
    return tuple(_texts(content))


def _texts(content: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        for page in document:
            yield page.get_textpage().get_text_range()
    finally:
        document.close()


def numbers(text: str) -> Counter[str]:
    """The numbers of a text, whole, with their signs, and how often each stands there."""
    return Counter(_NUMBER.findall(text))


def _by_page(figures: Sequence[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for figure in figures:
        found.setdefault(int(figure["page"]), []).append(figure)
    return found


def _require_on_page(text: str, figures: Sequence[Mapping[str, Any]], page: int) -> None:
    there, closed = numbers(text), _GAPS.sub("", text)
    wanted: Counter[str] = Counter()
    for figure in figures:
        held = numbers(figure["printed"])
        wanted += held
        # A figure without a digit is a word: a class, a stage.
        if any(there[number] < wanted[number] for number in held) or (
            not held and _GAPS.sub("", figure["printed"]) not in closed
        ):
            raise RenderError(
                where=f"page {page}, figure {figure['id']} ({figure['label']})",
                what="is in the sidecar, but cannot be read on the page",
                fix="place it in the section's template as it is printed, or do not ask the view for it",
                code="KB-1324",
            )
