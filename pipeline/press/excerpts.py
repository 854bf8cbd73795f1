"""Text that people wrote, as a page can bear it: what no typeface has and what is too long is cut, with a mark.

A comment or a description may hold anything: line breaks, signs that turn the reading direction, pictures, a page of
prose, a web address. None of that may run over a column or fail the document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pipeline.press.charts import CATEGORY
from pipeline.press.svg import Ink

MARK = "…"
_LONGEST_WORD = 24
_WORD = re.compile(rf"[!-~]{{{_LONGEST_WORD + 1},}}")
_PIECE = re.compile(r"[^\s\u2e80-\uffef]+\s*|\s+|.")
_LAST_WORD = re.compile(r"[!-~]+$")
_MARKS = re.compile(rf"{MARK}(?:\s*{MARK})+")


def readable(text: str, ink: Ink) -> str:
    """The text on one line, in characters of the brand's typeface; a mark stands for what it does not have."""
    spaced = " ".join(text.split())
    seen = "".join(_shown(character, ink) for character in spaced)
    shortened = _WORD.sub(lambda found: found[0][: _LONGEST_WORD - 1] + MARK, seen)
    return _MARKS.sub(MARK, shortened).strip()


def _shown(character: str, ink: Ink) -> str:
    """The character; a mark where no face has it, nothing where it is not for reading (a sign of direction)."""
    if unicodedata.category(character).startswith("C") or unicodedata.combining(character):
        return ""
    return character if all(face.has(character) for face in ink.faces.values()) else MARK


def excerpt(text: str, width: float, lines: int, ink: Ink, size: float = CATEGORY) -> str:
    """As much of a readable text as stands on so many lines of `width` points; a mark where something is left out."""
    whole = readable(text, ink)
    kept = _filled(whole, width, lines, ink, size)
    if len(kept) == len(whole):
        return whole
    cut = kept
    while cut and len(_filled(cut + MARK, width, lines, ink, size)) < len(cut) + 1:
        cut = cut[:-1]
    return _whole_words(cut, whole).rstrip(" ，。、；,.;：:") + MARK


def _whole_words(cut: str, whole: str) -> str:
    """The beginning of a text without the word that was cut in two; a long one is cut all the same."""
    is_inside = cut[-1:].isascii() and whole[len(cut) : len(cut) + 1].strip().isascii()
    word = _LAST_WORD.search(cut)
    if not is_inside or not whole[len(cut) : len(cut) + 1].strip() or word is None:
        return cut
    return cut[: word.start()] if word.start() > 0 and len(word[0]) <= _LONGEST_WORD else cut


def _filled(text: str, width: float, lines: int, ink: Ink, size: float) -> str:
    """The beginning of a text that a renderer sets on so many lines, breaking between words and between Han characters."""
    taken, line, left = 0, 1, width
    for piece in _pieces(text, width, ink, size):
        needed = ink.width(piece.rstrip(), size)
        if needed > left:
            line, left = line + 1, width
        if line > lines:
            break
        left -= ink.width(piece, size)
        taken += len(piece)
    return text[:taken]


def _pieces(text: str, width: float, ink: Ink, size: float) -> Iterator[str]:
    """What cannot be broken: words with the space after them, Han characters; a word wider than a line by letters."""
    for piece in _PIECE.findall(text):
        if ink.width(piece, size) <= width:
            yield piece
        else:
            yield from piece


def row_height(text: str, width: float, ink: Ink, size: float = CATEGORY) -> float:
    """How high a table's row stands that holds an excerpt of at most two lines, in millimetres."""
    return 6.25 if len(_filled(text, width, 1, ink, size)) == len(text) else 10.0
