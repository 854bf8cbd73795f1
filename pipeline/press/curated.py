"""Texts that our own people write in Markdown: headings, paragraphs, lists, tables, quotes and links, and nothing else.

HTML stands as text, pictures are refused, and a link leads to a page or a mailbox only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from pipeline.errors import RenderError

SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True)
class Curated:
    """A text as HTML, its title taken out; empty where it has none."""

    title: str
    body: Markup


def curated(text: str, where: str) -> Curated:
    """The text as HTML. RenderError KB-1341 (a picture, or a link to something else than a page or a mailbox)."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = _any_link  # type: ignore[assignment]  # judged below, where it can be said
    tokens = parser.parse(text)
    for each in _all(tokens):
        _require_harmless(each, where)
    title, rest = _titled(tokens)
    html = parser.renderer.render([_lowered(each) for each in rest], parser.options, {})
    return Curated(title, Markup(html))  # noqa: S704  # HTML in the text was escaped, its links are judged


def _any_link(_url: str) -> bool:
    return True


def _all(tokens: Sequence[Token]) -> Sequence[Token]:
    return [each for token in tokens for each in (token, *(token.children or ()))]


def _require_harmless(token: Token, where: str) -> None:
    if token.type == "image":
        raise _refused(where, "holds a picture", "describe it in words")
    if token.type == "link_open":
        scheme = urlsplit(str(token.attrGet("href") or "")).scheme.lower()
        if scheme not in SCHEMES:
            raise _refused(
                where,
                "links to something that is no page and no mailbox",
                f"begin it with {', '.join(SCHEMES)}",
            )


def _refused(where: str, what: str, fix: str) -> RenderError:
    return RenderError(where=where, what=what, fix=fix, code="KB-1341")


def _titled(tokens: list[Token]) -> tuple[str, list[Token]]:
    """The first heading where the text begins with one of the first level, and all that follows."""
    if len(tokens) >= 3 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        words = [each.content for each in tokens[1].children or () if each.type in ("text", "code_inline")]
        return "".join(words), tokens[3:]
    return "", tokens


def _lowered(token: Token) -> Token:
    """Headings from the second level on, as the page's own heading is the first, and no level left out."""
    if not token.type.startswith("heading_"):
        return token
    return token.copy(tag="h2" if token.tag in ("h1", "h2") else "h3")
