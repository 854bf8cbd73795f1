"""The edge to WeasyPrint: HTML in, PDF out, and no silence between: what it only logs, we raise.

A misspelt property, a missing image, a foreign font and a text that runs over its box all leave a PDF behind that
looks finished. Each of them fails the document here.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
import pydyf  # type: ignore[import-untyped]
from weasyprint import CSS, HTML
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from pipeline.errors import RenderError
from pipeline.fonts import Face
from pipeline.press.typeset import Face as Widths

VARIANT = "pdf/ua-1"
HARMLESS: tuple[str, ...] = ()
"""Beginnings of messages of WeasyPrint that may be ignored, each with a reason. None is needed today."""
_LOGGER = "weasyprint"
_SLACK = 0.75
"""CSS pixels by which a box may pass its line: less than a hair."""
_LONGEST_MESSAGE = 160


class RefusedError(FatalURLFetchingError):  # type: ignore[misc]  # WeasyPrint has no types
    """A document asked for something that does not lie in our folders."""


class Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Fetches files from the given folders and `data:` addresses; whatever else is asked for ends the document.

    It raises a BaseException, because WeasyPrint only logs any other and goes on without the picture.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(allowed_protocols=("file", "data"))
        self._folders = tuple(folder.resolve() for folder in folders)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The resource. RefusedError where it is neither `data:` nor below one of the folders."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if not any(path.is_relative_to(folder) for folder in self._folders):
                raise RefusedError(f"file outside the brand's folders: {path.name}")
        elif parts.scheme != "data":
            raise RefusedError(f"address that is no file: {parts.scheme}:")
        return super().fetch(url, headers)


@dataclass(frozen=True)
class Sheets:
    """A document as PDF: its bytes, its pages, and on which page (from 1) each anchor stands."""

    content: bytes
    pages: int
    page_of: Mapping[str, int]


class Engine:
    """WeasyPrint with our fonts; made once in a process, since fonts and style sheets take longer than a document."""

    def __init__(self, faces: Sequence[Face], weights: Iterable[int], folders: Sequence[Path]) -> None:
        wanted = set(weights)
        self.faces = tuple(face for face in faces if face.weight in wanted)
        self._fonts = FontConfiguration()
        self._fetcher = Fetcher([*{face.path.parent for face in self.faces}, *folders])
        with _listening():
            CSS(string=_font_faces(self.faces), font_config=self._fonts, url_fetcher=self._fetcher)

    def widths(self, families: Sequence[str]) -> dict[int, Widths]:
        """The faces by weight, for measuring text that is set in the first family that has a character."""
        paths = {(face.family, face.weight): face.path for face in self.faces}
        return {
            weight: Widths(*(paths[family, weight] for family in families))
            for family, weight in paths
            if family == families[0]
        }

    @cached_property
    def _widths(self) -> dict[tuple[str, int], Widths]:
        return {(face.family, face.weight): Widths(face.path) for face in self.faces}

    def sheet(self, css: str) -> CSS:
        """A style sheet, parsed once. RenderError KB-1301 where WeasyPrint does not understand a part of it."""
        with _listening():
            return CSS(string=css, font_config=self._fonts, url_fetcher=self._fetcher)

    def printed(self, html: str, sheet: CSS, families: Sequence[str], weights: Sequence[int]) -> Sheets:
        """The document as PDF, in these typefaces and weights alone.

        RenderError KB-1301 (WeasyPrint complained), KB-1302 (something was asked for that is not ours), KB-1303 (a
        character or a font that is not the brand's), KB-1304 (text runs over its box or page).
        """
        self._require_glyphs(html, families, weights)
        try:
            with _listening():
                source = HTML(string=html, url_fetcher=self._fetcher, base_url=None)
                laid_out = source.render(
                    font_config=self._fonts, stylesheets=[sheet], pdf_variant=VARIANT, pdf_tags=True
                )
                _require_room(laid_out.pages)
                target = io.BytesIO()
                laid_out.write_pdf(target, pdf_variant=VARIANT, pdf_tags=True, finisher=_scope_headers)
        except FatalURLFetchingError as error:
            raise RenderError(
                where="document",
                what=str(error),
                fix="keep pictures and fonts in the brand's folder",
                code="KB-1302",
            ) from error
        content = target.getvalue()
        _require_own_fonts(content, families)
        return Sheets(content, len(laid_out.pages), _pages_of_anchors(laid_out.pages))

    def _require_glyphs(self, html: str, families: Sequence[str], weights: Sequence[int]) -> None:
        known = [self._widths[family, weight] for family in families for weight in weights[:1]]
        for character in sorted(set(html)):
            if character.isprintable() and not any(face.has(character) for face in known):
                raise RenderError(
                    where=f"character U+{ord(character):04X}",
                    what="is in none of the brand's fonts",
                    fix="correct the text in the export (corrections.toml), or add a font that has it",
                    code="KB-1303",
                )


def _font_faces(faces: Iterable[Face]) -> str:
    rule = '@font-face {{ font-family: "{}"; font-weight: {}; font-style: normal; src: url("{}") }}'
    return "\n".join(rule.format(face.family, face.weight, face.path.resolve().as_uri()) for face in faces)


class _Notes(logging.Handler):
    """Keeps what is logged at WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextlib.contextmanager
def _listening() -> Iterator[None]:
    """Turn what WeasyPrint logs meanwhile into a RenderError KB-1301; the first message is told."""
    logger = logging.getLogger(_LOGGER)
    notes = _Notes()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(notes)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(notes)
        logger.setLevel(level)
        logger.propagate = propagate
    messages = (
        [each for each in notes.messages if not each.startswith(HARMLESS)] if HARMLESS else notes.messages
    )
    if messages:
        raise RenderError(
            where="WeasyPrint",
            what=messages[0][:_LONGEST_MESSAGE],
            fix="correct the template or style sheet; a missing library: kambook doctor",
            code="KB-1301",
        )


def _scope_headers(_document: Any, pdf: Any) -> None:
    """Say of each head of a table whether it is one of a column or of a row; WeasyPrint only links cells to heads."""
    by_reference = {each.reference: each for each in pdf.objects if isinstance(each, pydyf.Dictionary)}
    for each in by_reference.values():
        if each.get("S") == "/TH":
            row = by_reference[each["P"]]
            is_head = by_reference[row["P"]].get("S") == "/THead"
            each["A"]["Scope"] = "/Column" if is_head else "/Row"


def _pages_of_anchors(pages: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, page in enumerate(pages, start=1):
        for name in page.anchors:
            found.setdefault(str(name), number)
    return found


def _require_own_fonts(content: bytes, families: Sequence[str]) -> None:
    """Only the brand's typefaces may be embedded: a missing glyph makes the renderer take another one in silence."""
    own = tuple(family.replace(" ", "-") for family in families)
    for name in embedded_fonts(content):
        if not name.partition("+")[2].startswith(own):
            raise RenderError(
                where=f"font {name.partition('+')[2] or name}",
                what="is not the brand's, but was embedded",
                fix="look for a character that the brand's fonts do not have",
                code="KB-1303",
            )


def embedded_fonts(content: bytes) -> tuple[str, ...]:
    """The names of the fonts in a PDF, as `ABCDEF+Noto-Sans-SC`, sorted."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = {
            str(item.get("/BaseFont", "")).lstrip("/")
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"
        }
    return tuple(sorted(names))


def _require_room(pages: Sequence[Any]) -> None:
    """Stop where a line is wider than its box, or a box passes the area of its page."""
    for number, page in enumerate(pages, start=1):
        box = page._page_box  # noqa: SLF001  # the layout is not offered otherwise
        bottom = box.content_box_y() + box.height
        for line in _lines(box):
            if line.position_y + line.height > bottom + _SLACK:
                raise _overflow(number, "passes the foot of the page", line)
            _require_width(line, number)


def _lines(box: Any) -> Iterator[Any]:
    """The lines of a page's content, each with its parent as `_holder`; margin boxes and pictures are left out."""
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.MarginBox):
            continue
        if isinstance(child, boxes.LineBox):
            child._holder = box  # noqa: SLF001  # our own mark
            yield child
            for inner in _atomic(child):
                yield from _lines(inner)
        else:
            yield from _lines(child)


def _atomic(line: Any) -> Iterator[Any]:
    """The boxes within a line that have lines of their own."""
    for child in getattr(line, "children", ()):
        if isinstance(child, boxes.AtomicInlineLevelBox) or not child.is_in_normal_flow():
            yield child
        else:
            yield from _atomic(child)


def _require_width(line: Any, page: int) -> None:
    holder = line._holder  # noqa: SLF001  # our own mark
    right = holder.content_box_x() + holder.width
    for text in _texts(line):
        if text.position_x + text.width > right + _SLACK:
            raise _overflow(page, "is wider than its box", text)


def _texts(box: Any) -> Iterator[Any]:
    """The pieces of text on a line, and the boxes that stand in it like a word."""
    for child in getattr(box, "children", ()):
        if not child.is_in_normal_flow():
            continue  # placed on purpose, wherever that is
        if isinstance(child, boxes.TextBox | boxes.AtomicInlineLevelBox):
            yield child
        else:
            yield from _texts(child)


def _overflow(page: int, what: str, box: Any) -> RenderError:
    tag = getattr(box, "element_tag", None) or "text"
    return RenderError(
        where=f"page {page}, <{tag}>",
        what=f"text {what}",
        fix="give the column more width in the style sheet, or shorten the text",
        code="KB-1304",
    )
