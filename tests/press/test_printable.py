"""What people wrote reaches a page in characters that the brand has, and of a bounded length."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fonts import faces
from pipeline.press.printable import cut, printable
from pipeline.press.slices import Slice, Subject
from pipeline.press.studio import Setup, Studio
from pipeline.press.svg import Ink


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    assert faces(installed_fonts)
    return Studio(Setup(Path("/nowhere"), installed_fonts)).press("industrial", "zh-Hans").ink


def slice_of(text: str) -> Slice:
    rows = pd.DataFrame({"order_id": [text], "delay_cause": [text], "days_late": [3]})
    member = Slice(Subject("B", text), (), {})
    return Slice(Subject("A", text, owner_name=text), (), {"deliveries": rows}, members=(member,))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("进展😀很好", "进展…很好"),
        ("abc\u202edcba\u2066x\u2069\u200fz", "abcdcbaxz"),
        ("a\u200bb\u200cc\ufeffd", "abcd"),
        ("شركة", "…"),
        ("<b>{{ 7*7 }}</b>", "<b>{{ 7*7 }}</b>"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_a_text_is_shown_in_characters_that_the_brand_has(ink: Ink, written: str, shown: str) -> None:
    made = printable(slice_of(written), ink)

    assert made.subject.name == made.subject.owner_name == made.members[0].subject.name == shown
    assert made.tables["deliveries"]["delay_cause"][0] == shown
    assert made.tables["deliveries"]["order_id"][0] == written  # an id leads to its source and stays
    assert made.tables["deliveries"]["days_late"][0] == 3


def test_the_slice_that_came_in_is_left_as_it_was(ink: Ink) -> None:
    given_ = slice_of("😀")
    printable(given_, ink)

    assert given_.subject.name == given_.tables["deliveries"]["delay_cause"][0] == "😀"


@pytest.mark.parametrize("letter", ["长", "x "])
def test_what_is_too_long_is_cut_with_a_mark(ink: Ink, letter: str) -> None:
    made = printable(slice_of(letter * 10_000), ink)

    assert len(made.subject.name) <= 81
    assert made.subject.name.endswith("…")
    assert 81 < len(made.tables["deliveries"]["delay_cause"][0]) <= 401


@given(st.text(max_size=60), st.integers(1, 60))
def test_a_cut_text_begins_as_it_was_and_is_no_wider_than_asked(text: str, columns: int) -> None:
    made = cut(text, columns)

    assert made == text or (made.endswith("…") and text.startswith(made[:-1]))
    assert len(made) <= max(columns, 1)
