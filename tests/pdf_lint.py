"""What a screen reader needs of a PDF: a lint of its structure, beside the checks of `pdfua` and of qpdf."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pdfua
import pikepdf

_HEADING = re.compile(r"/H([1-6])")
Node = pikepdf.Dictionary


def complaints(content: bytes, language: str) -> list[str]:
    """All that is wrong with a PDF, a line each; none of a good one."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        nodes = list(_nodes(pdf))
        return [
            *(f"syntax: {each}" for each in pdf.check_pdf_syntax()),
            *_identity(pdf, language),
            *_headings(nodes),
            *_tables(nodes),
            *(
                f"figure without words: {_at(each)}"
                for each in nodes
                if _is(each, "Figure") and not _alt(each)
            ),
            *_pages(pdf),
            *_bookmarks(pdf, nodes),
            *(
                f"pdfua {each.rule_id}: {each.message}"
                for each in pdfua.validate(io.BytesIO(content)).findings
            ),
        ]


def _nodes(pdf: pikepdf.Pdf) -> Iterator[Node]:
    """The elements of the structure, in the order in which they are read."""
    waiting: list[object] = [pdf.Root.StructTreeRoot]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(reversed(list(node)))  # type: ignore[call-overload]
        elif isinstance(node, pikepdf.Dictionary) and (
            node.get("/S") or node.get("/Type") == "/StructTreeRoot"
        ):
            if node.get("/S"):
                yield node
            if "/K" in node:
                waiting.append(node["/K"])


def _is(node: Node, kind: str) -> bool:
    return bool(node.get("/S") == f"/{kind}")


def _alt(node: Node) -> str:
    return str(node.get("/Alt", "")).strip()


def _at(node: Node) -> str:
    return f"object {node.objgen[0]}"


def _identity(pdf: pikepdf.Pdf, language: str) -> Iterator[str]:
    if str(pdf.Root.get("/Lang", "")) != language:
        yield f"language is {pdf.Root.get('/Lang')}, not {language}"
    if not bool(pdf.Root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "is not marked as tagged"
    if not str(pdf.docinfo.get("/Title", "")).strip():
        yield "has no title"
    with pdf.open_metadata() as said:
        if str(said.get("pdfuaid:part")) != "1":
            yield "does not say that it is built to PDF/UA-1"


def _headings(nodes: list[Node]) -> Iterator[str]:
    before = 0
    for node in nodes:
        found = _HEADING.fullmatch(str(node.get("/S")))
        if found:
            level = int(found[1])
            if level > before + 1:
                yield f"heading of level {level} after one of level {before}: {_at(node)}"
            before = level


def _tables(nodes: list[Node]) -> Iterator[str]:
    known = {bytes(node.ID) for node in nodes if "/ID" in node}
    for node in nodes:
        attributes = node.get("/A", {})
        if _is(node, "TH") and attributes.get("/Scope") not in ("/Column", "/Row"):
            yield f"head of a table that says not of what: {_at(node)}"
        if _is(node, "TD"):
            named = {bytes(each) for each in attributes.get("/Headers", [])}  # type: ignore[call-overload]
            if named - known:
                yield f"cell with a head that is not there: {_at(node)}"
            if not named and not _in_head(node):
                yield f"cell without a head: {_at(node)}"


def _in_head(node: Node) -> bool:
    return bool(node.P.P.get("/S") == "/THead")


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, start=1):
        if page.obj.get("/Annots") and page.obj.get("/Tabs") != "/S":
            yield f"page {number}: links are not reached in the order of reading"


def _bookmarks(pdf: pikepdf.Pdf, nodes: list[Node]) -> Iterator[str]:
    with pdf.open_outline() as outline:
        marks = sum(1 for _ in outline.root)
    heads = sum(1 for node in nodes if _is(node, "H1"))
    if heads and not marks:
        yield f"has {heads} headings and no bookmark"
