"""Setting text: widths from the font files, lines broken where a reader would, numbers kept with their units.

Chinese has no spaces, so a renderer breaks it between any two characters and cuts words. Headlines and leads are
therefore broken here, by measured widths; in running text only what must never be cut is marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from markupsafe import Markup, escape

from pipeline.errors import RenderError
from pipeline.press.languages import LANGUAGES, Setting

Measure = Callable[[str], float]
"""The width of a text at one size and weight, in points."""

_CLOSING = "，。、；：！？）》」』】〉”’％…—–"
_OPENING = "（《「『【〈“‘"
_FULL_WIDTH_CLOSING = "，。、；：！？）》」』】〉”’"
_SENTENCE_END = "；。！？：;.:"
_NUMBER = r"[−+±≤≥≥]?\d[\d,]*(?:\.\d+)?"


def _set_as(script: str) -> list[Setting]:
    return [each.setting for each in LANGUAGES.values() if each.script == script]


def _units(script: str) -> str:
    """The units of all languages of a script as a pattern, the longest first: `万元` is one, not `万` and `元`."""
    found = {unit for each in _set_as(script) for unit in each.units}
    return "|".join(re.escape(unit) for unit in sorted(found, key=lambda unit: (-len(unit), unit)))


_NAME_PARTS = tuple(part for each in LANGUAGES.values() for part in each.setting.names_break_after)
"""After these a long name of a company is best broken."""
_HAN_UNITS, _LATIN_UNITS = _units("Han"), _units("Latin")
_HAN_KEPT = re.compile(
    rf"\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|\d{{1,2}}月\d{{1,2}}日|第?{_NUMBER}(?:{_HAN_UNITS})?"
    r"|(?<![A-Za-z0-9.&+/_<>{}=*;|@#$-])[A-Za-z0-9][A-Za-z0-9.&+/_-]{0,13}%?(?![A-Za-z0-9.&+/_<>{}=*;|@#$-]|:\S)"
)
_LATIN_KEPT = re.compile(
    rf"\d{{1,2}} [A-Z][a-z]+(?: \d{{4}})?|[−+]?(?:[A-Z]{{0,3}}[$€£¥]|[A-Z]{{3}} )?{_NUMBER}(?:[kM%]| %)?"
    rf"(?: (?:{_LATIN_UNITS})\b)?"
)
_LONG_WORD = re.compile(r"[!-~]{25,}")
"""A run of Latin characters that a line may cut, because none may be wide enough for it."""
_CUT, _AFTER_LIST, _AFTER_NAME, _AFTER_COMMA, _AT_SPACE = 30.0, 8.0, 7.0, 6.0, 8.0
_RAGGED, _SHORT_LAST = 12.0, 20.0
_SHORTEST_LAST = 0.35
_PER_EM = 1000.0


class Face:
    """Font files, for the widths of their characters: each serves what those before it do not have."""

    def __init__(self, *paths: Path) -> None:
        self._per_em = _PER_EM
        self._advances: dict[int, float] = {}
        for path in reversed(paths):
            self._advances |= _advances(path)

    def has(self, character: str) -> bool:
        """Whether the face has a glyph for the character."""
        return ord(character) in self._advances

    def width(self, text: str, size: float) -> float:
        """The width of a text in points, without kerning. A character it does not have counts an em."""
        known = self._advances
        units: float = sum(known.get(ord(character), self._per_em) for character in text)
        return units / self._per_em * size


@cache
def _advances(path: Path) -> dict[int, float]:
    """The advance of each character that a font file has, in thousandths of an em."""
    with TTFont(path, lazy=True) as font:
        advances = font["hmtx"].metrics
        per_em = float(font["head"].unitsPerEm) / _PER_EM
        return {code: advances[glyph][0] / per_em for code, glyph in font.getBestCmap().items()}


@dataclass(frozen=True)
class Run:
    """A piece of text; where it is a figure's, with the id under which the figure is anchored."""

    text: str
    anchor: str = ""
    is_figure: bool = False


@dataclass(frozen=True)
class Phrase:
    """A text made of runs, in Han typesetting or in Latin; printed by templates as marked-up text."""

    runs: tuple[Run, ...]
    is_han: bool

    @property
    def plain(self) -> str:
        return "".join(run.text for run in self.runs)

    def __str__(self) -> str:
        return self.plain

    def __html__(self) -> str:
        return str(marked_up(self))

    def __bool__(self) -> bool:
        return bool(self.plain)

    @cached_property
    def kept(self) -> tuple[tuple[int, int], ...]:
        """The spans that no line may cut: numbers with their units, dates, Latin words, figures."""
        pattern = _HAN_KEPT if self.is_han else _LATIN_KEPT
        spans = [found.span() for found in pattern.finditer(self.plain) if not self._is_within_word(found)]
        return tuple(_merged([*spans, *self._figures()]))

    def _is_within_word(self, found: re.Match[str]) -> bool:
        """Whether Latin characters stand on both sides: a renderer cannot cut such a word beside a kept span."""
        start, end = found.span()
        sides = self.plain[max(start - 1, 0) : start] + self.plain[end : end + 1]
        return len(sides) == 2 and start > 0 and all("!" <= side <= "~" for side in sides)

    def _figures(self) -> Iterator[tuple[int, int]]:
        start = 0
        for run in self.runs:
            if run.is_figure:
                yield start, start + len(run.text)
            start += len(run.text)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        elif end > start:
            made.append((start, end))
    return made


def marked_up(phrase: Phrase, breaks: Sequence[int] = (), *, spaced: bool = False) -> Markup:
    """The phrase as HTML: kept spans, figures with their anchors, punctuation set narrow, lines broken at `breaks`.

    `spaced` puts a little air around numbers between Han characters, as headlines want it.
    """
    plain = phrase.plain
    edges = {0, len(plain), *breaks, *(edge for span in phrase.kept for edge in span)}
    kept = dict(phrase.kept)
    made = Markup()
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        if start in breaks:
            made += Markup("<br>")
        piece = _piece(phrase, start, end)
        made += _kept(piece, phrase, start, end, breaks, spaced=spaced) if kept.get(start) == end else piece
    return made


def _kept(
    piece: Markup, phrase: Phrase, start: int, end: int, breaks: Sequence[int], *, spaced: bool
) -> Markup:
    """A span that no line cuts; in a spaced text with air on the sides where Han characters stand."""
    classes = ["kept"]
    if spaced and phrase.is_han and phrase.plain[start : start + 1].isascii():
        if start > 0 and start not in breaks and _is_han(phrase.plain[start - 1]):
            classes.append("air-before")
        if end < len(phrase.plain) and phrase.plain[end - 1].isascii() and _is_han(phrase.plain[end]):
            classes.append("air-after")
    return Markup('<span class="{}">{}</span>').format(" ".join(classes), piece)


def _is_han(character: str) -> bool:
    return "一" <= character <= "鿿"


def _piece(phrase: Phrase, start: int, end: int) -> Markup:
    """The characters from `start` to `end`, each run's in its own element where it is a figure."""
    made = Markup()
    at = 0
    for run in phrase.runs:
        low, high = max(start, at), min(end, at + len(run.text))
        if low < high:
            text = _narrowed(phrase, low, high)
            if run.anchor and low == at:
                text = Markup('<span id="{}">{}</span>').format(run.anchor, text)
            made += text
        at += len(run.text)
    return made


def _narrowed(phrase: Phrase, start: int, end: int) -> Markup:
    """The characters, those at half width in an element of their own."""
    if not phrase.is_han:
        return escape(phrase.plain[start:end])
    made = Markup()
    for at in range(start, end):
        character = escape(phrase.plain[at])
        made += (
            Markup('<span class="half">{}</span>').format(character)
            if _is_half(phrase.plain, at)
            else character
        )
    return made


def _is_half(text: str, at: int) -> bool:
    """Whether a mark gives up its empty half: a closing one before a mark, an opening one after a mark or at the start."""
    character = text[at]
    if character in _FULL_WIDTH_CLOSING:
        after = text[at + 1 : at + 2]
        return bool(after) and after in _FULL_WIDTH_CLOSING + _OPENING
    if character in _OPENING:
        return at == 0 or text[at - 1] in _OPENING
    return False


def breaks(phrase: Phrase, measure: Measure, width: float, most: int) -> tuple[int, ...]:
    """Where the lines of a phrase begin (without the first), so that each is at most `width` points.

    As few lines as possible; then breaks after a sentence, a clause, a list's comma; then lines of even length, the
    last not short. RenderError KB-1320 where even `most` lines do not hold it.
    """
    if not phrase:
        return ()
    for lines in range(1, most + 1):
        found = _best(phrase, measure, width, lines)
        if found is not None:
            return found
    raise RenderError(
        where=f"a text of {len(phrase.plain)} characters",
        what=f"does not fit on {most} lines",
        fix="shorten the text in the section or its catalogue",
        code="KB-1320",
    )


def _best(phrase: Phrase, measure: Measure, width: float, lines: int) -> tuple[int, ...] | None:
    """The cheapest way to break into exactly `lines` lines, or None where a line would be too wide."""
    text = phrase.plain
    places = [0, *_opportunities(phrase), len(text)]
    average = measure(text) / lines
    best: list[dict[int, tuple[float, tuple[int, ...]]]] = [{0: (0.0, ())}]
    for line in range(lines):
        reached: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (cost, taken) in best[-1].items():
            for end in places:
                if end <= start or (line == lines - 1) != (end == len(text)):
                    continue
                long = measure(text[start:end].strip())
                if long > width:
                    break
                spent = cost + _cost(text, end, long / average, is_last=end == len(text))
                if end not in reached or spent < reached[end][0]:
                    reached[end] = (spent, taken if end == len(text) else (*taken, end))
        best.append(reached)
    found = best[-1].get(len(text))
    return None if found is None else found[1]


def _cost(text: str, end: int, share: float, *, is_last: bool) -> float:
    """What a line costs that ends before `end` and is `share` of the average line long."""
    ragged = _RAGGED * (share - 1) ** 2
    if is_last:
        return ragged + (_SHORT_LAST if share < _SHORTEST_LAST else 0)
    before = text[:end].rstrip()[-1]
    if before in _SENTENCE_END:
        return ragged
    if before in "，,":
        return ragged + _AFTER_COMMA
    if text[:end].endswith(_NAME_PARTS):
        return ragged + _AFTER_NAME
    if before in "、）":
        return ragged + _AFTER_LIST
    return ragged + (_AT_SPACE if text[end - 1] == " " else _CUT)


def _opportunities(phrase: Phrase) -> list[int]:
    """The positions before which a line may end, by the rules for line starts and line ends."""
    inside = {at for start, end in phrase.kept for at in range(start + 1, end)}
    long = {
        at for word in _LONG_WORD.finditer(phrase.plain) for at in range(word.start() + 1, word.end())
    } - inside
    long = {at for at in long if phrase.plain[at] not in _CLOSING and phrase.plain[at - 1] not in _OPENING}
    free = set(range(1, len(phrase.plain))) - inside - long
    return sorted(long | {at for at in free if _may_break(phrase, at)})


def _may_break(phrase: Phrase, at: int) -> bool:
    before, after = phrase.plain[at - 1], phrase.plain[at]
    if not phrase.is_han and not (_is_han(before) and (_is_han(after) or after in _OPENING)):
        return before == " " and after != "–"
    if after in _CLOSING or before in _OPENING or after == " ":
        return False
    return not (before.isascii() and after.isascii()) or before == " "
