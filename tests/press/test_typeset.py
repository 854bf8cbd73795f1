"""Lines broken as a reader would, and nothing cut that belongs together."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RenderError
from pipeline.fonts import faces
from pipeline.press.typeset import Face, Phrase, Run, breaks, marked_up

_TAG = re.compile(r"<[^>]+>")


def width(text: str) -> float:
    """Ten points for a Han character or mark, five for any other."""
    return sum(5.0 if character.isascii() else 10.0 for character in text)


def han(text: str) -> Phrase:
    return Phrase((Run(text),), is_han=True)


def latin(text: str) -> Phrase:
    return Phrase((Run(text),), is_han=False)


def lines(phrase: Phrase, most_width: float, most: int = 4) -> list[str]:
    starts = breaks(phrase, width, most_width, most)
    return [
        phrase.plain[a:b].strip() for a, b in zip((0, *starts), (*starts, len(phrase.plain)), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "most_width", "expected"),
    [
        (
            "准时足量率连升三个月，重回目标之上；服务响应未达标",
            200,
            ["准时足量率连升三个月，重回目标之上；", "服务响应未达标"],
        ),
        (
            "单均履约成本比基线低18.0%，本季实测节约50.7万元",
            180,
            ["单均履约成本比基线低18.0%，", "本季实测节约50.7万元"],
        ),
        ("本季全部达标", 200, ["本季全部达标"]),
        (
            "钧禾医药流通（集团）股份有限公司华中冷链配送管理中心",
            200,
            ["钧禾医药流通（集团）股份有限公司", "华中冷链配送管理中心"],
        ),
    ],
)
def test_han_lines_end_after_clauses(text: str, most_width: float, expected: list[str]) -> None:
    assert lines(han(text), most_width) == expected


def test_latin_lines_end_after_clauses_and_never_within_a_word() -> None:
    text = "On time in full was 79.2% this quarter, 15.8 pts below the target"

    assert lines(latin(text), 220) == ["On time in full was 79.2% this quarter,", "15.8 pts below the target"]


def test_a_han_name_in_a_latin_document_can_be_broken_too() -> None:
    assert len(lines(latin("钧禾医药流通股份有限公司华中冷链配送管理中心"), 150)) == 2


@pytest.mark.parametrize("phrase", [han, latin])
def test_a_word_that_is_wider_than_any_line_is_cut(phrase: Callable[[str], Phrase]) -> None:
    word = "Donaudampfschifffahrtselektrizitaetengesellschaft"

    assert "".join(lines(phrase(word), 150)) == word
    assert "kept" not in marked_up(phrase(word))


def test_a_word_that_fits_on_a_line_is_not_cut() -> None:
    assert lines(han("由Schneider-Electric完成"), 115) == ["由", "Schneider-Electric完成"]


def test_a_text_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(RenderError) as caught:
        breaks(han("这一行怎么都放不下" * 5), width, 100, 2)

    assert caught.value.code == "KB-1320"
    assert "放不下" not in str(caught.value)


TEXTS = st.lists(
    st.sampled_from(
        [
            "准时足量率",
            "本季",
            "，",
            "；",
            "、",
            "18.0%",
            "50.7万元",
            "SO-26-001",
            "（",
            "）",
            "7月18日",
            "。",
        ]
    ),
    min_size=1,
    max_size=25,
).map("".join)


@given(TEXTS)
def test_no_line_begins_with_a_closing_mark_or_cuts_a_kept_span(text: str) -> None:
    phrase = han(text)
    try:
        starts = breaks(phrase, width, 160, 12)
    except RenderError:
        return  # a run of marks or one long number that no rule allows to break

    assert not any(text[at] in "，；、）。%" or text[at - 1] == "（" for at in starts)
    assert not any(start < at < end for at in starts for start, end in phrase.kept)
    assert all(width(line) <= 160 for line in lines(phrase, 160, 12))


@given(TEXTS, st.booleans())
def test_marking_up_changes_no_character(text: str, spaced: bool) -> None:
    assert _TAG.sub("", str(marked_up(han(text), spaced=spaced))) == text


@pytest.mark.parametrize(
    "text", ["50.7万元", "7月18日", "SO-26-04417", "18.0%", "2026年7月18日", "15.8个点", "第3页"]
)
def test_numbers_stay_with_their_units(text: str) -> None:
    assert str(marked_up(han(f"节约{text}。"))) == f'节约<span class="kept">{text}</span>。'


def test_figures_are_anchored_and_kept() -> None:
    phrase = Phrase((Run("本季"), Run("1,282", "F3", is_figure=True), Run("单达标")), is_han=True)

    assert str(phrase.__html__()) == '本季<span class="kept"><span id="F3">1,282</span>单</span>达标'


def test_adjacent_marks_give_up_their_empty_half() -> None:
    assert (
        str(marked_up(han("（甲），乙"))) == '<span class="half">（</span>甲<span class="half">）</span>，乙'
    )
    assert str(marked_up(han("甲，乙"))) == "甲，乙"


def test_headlines_put_air_around_numbers_but_not_where_a_line_begins() -> None:
    spaced = str(marked_up(han("低于目标15.8%，本季"), spaced=True))

    assert '<span class="kept air-before">15.8%</span>' in spaced
    assert "air" not in str(marked_up(han("目标15.8个点"), breaks=(2,), spaced=True))


def test_text_from_the_data_is_escaped() -> None:
    assert str(marked_up(han("甲<乙>&丙"))) == "甲&lt;乙&gt;&amp;丙"


def test_widths_come_from_the_font(installed_fonts: object) -> None:
    face = next(each for each in faces(installed_fonts) if each.family == "Noto Sans SC")  # type: ignore[arg-type]
    measured = Face(face.path)

    assert measured.width("准时", 10) == 20.0
    assert measured.width("0", 10) == measured.width("8", 10)  # digits are tabular
    assert measured.has("准")
    assert not measured.has("🙂")
