"""Text that people wrote: whatever it holds, it stands in its column and in the brand's typeface."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.charts import CATEGORY
from pipeline.press.excerpts import MARK, excerpt, readable, row_height
from pipeline.press.svg import MM, Ink
from tests.section_pages import inks

INK: dict[str, Ink] = {}


@pytest.fixture(scope="module", autouse=True)
def ink(installed_fonts: Path) -> Ink:
    INK["x"] = inks(installed_fonts)["industrial"]
    return INK["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  夜班\n打绿色通道\t没人接 ", "夜班 打绿色通道 没人接"),
        ("好👍👍的", "好…的"),
        ("看\u202e反了\u200b\x07", "看反了"),
        ("https://example.com/a/very/long/path/for/it", "https://example.com/a/v…"),
        ("", ""),
    ],
)
def test_a_mark_stands_for_what_cannot_be_printed(ink: Ink, text: str, expected: str) -> None:
    assert readable(text, ink) == expected


def test_what_fits_is_left_as_it_is(ink: Ink) -> None:
    assert excerpt("备件到货时间说不准。", 61 * MM, 2, ink) == "备件到货时间说不准。"


def test_what_is_too_long_is_cut_at_a_word_with_a_mark(ink: Ink) -> None:
    cut = excerpt("we would like to see our own stop log online by line and shift", 30 * MM, 1, ink)

    assert cut.endswith(MARK)
    assert cut[:-1] in "we would like to see our own stop log online by line and shift"
    assert ("we would like to see our own stop log online" + " ")[len(cut) - 1] == " "


@given(st.text(max_size=400), st.integers(15, 80), st.integers(1, 3))
def test_an_excerpt_is_never_wider_than_its_lines(text: str, millimetres: int, lines: int) -> None:
    width = millimetres * MM
    made = excerpt(text, width, lines, INK["x"])

    assert INK["x"].width(made, CATEGORY) <= width * lines
    assert all(INK["x"].faces[400].has(character) for character in made)
    assert "\n" not in made


def test_a_row_is_as_high_as_its_text_needs(ink: Ink) -> None:
    assert row_height("短", 30 * MM, ink) == 6.25
    assert row_height("长" * 20, 30 * MM, ink) == 10.0
