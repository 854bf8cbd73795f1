"""The account brief: what a visitor must know, and nothing that is not his to know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.press.slices import Slice
from pipeline.press.standing import Borders
from pipeline.press.svg import Ink
from tests.goldens import TextGolden
from tests.internal_portraits import BORDERS, brief, page, table
from tests.section_pages import Page, inks


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["warm"]


def made(
    ink: Ink, subject: Slice | None = None, language: str = "en", borders: Borders | None = BORDERS
) -> Page:
    return page(
        subject or brief(), "account_brief", ink, language, borders=borders, lines={"visit": "每半年拜访"}
    )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_words_of_a_brief_are_as_a_person_agreed(
    language: str, ink: Ink, snapshot: SnapshotAssertion
) -> None:
    assert made(ink, language=language).text == snapshot(extension_class=TextGolden)


def test_personal_interests_of_contacts_are_left_out(ink: Ink) -> None:
    said = made(ink, language="zh-Hans").text

    assert "喜欢钓鱼" not in said
    assert "已满足的需求" not in said
    assert "两项客户需求尚未满足，其中一项逾期" in said


@pytest.mark.parametrize(
    ("borders", "expected"),
    [
        (BORDERS, "37.7% above the border of high value (¥1.83M)"),
        (Borders(900_000.0, 2_600_000.0, 2_000_000.0), "3.1% below the border of high value (¥2.60M)"),
        (Borders(2_400_000.0, 9_000_000.0, 8_000_000.0), "5.0% above the border of medium value (¥2.40M)"),
        (Borders(2_700_000.0, 9_000_000.0, 8_000_000.0), "6.7% below the border of medium value (¥2.70M)"),
    ],
)
def test_the_nearest_border_of_value_is_named_with_its_distance(
    borders: Borders, expected: str, ink: Ink
) -> None:
    assert expected in made(ink, borders=borders).text


def test_the_open_potential_is_held_against_its_border(ink: Ink) -> None:
    assert "60.0% of it still open, 10.0 pts above the border of high potential (50%)" in made(ink).text


def test_the_weakest_measure_of_health_comes_first(ink: Ink) -> None:
    said = made(ink).text

    assert "Health 25 of 100, a month ago 19" in said
    assert said.index("On time in full 25.0% 0") < said.index("Satisfaction 95.0% 100")


def test_a_competitor_without_an_answer_of_ours_is_marked(ink: Ink) -> None:
    assert re.search(r"3 Aug 泰岳输送 quote −12.0 输送线改造口头询价 No answer yet", made(ink).text)


def test_the_next_touchpoint_and_the_next_product_are_named(ink: Ink) -> None:
    said = made(ink).text

    assert re.search(r"每半年拜访 1 0 1 31 Dec", said)
    assert "To offer next: 远程诊断" in said
    assert "79% of those who buy 分拣机 buy it too" in said


def test_actions_that_are_not_done_are_listed_the_overdue_one_marked(ink: Ink) -> None:
    said = made(ink).text

    assert "Two actions are open, one of them overdue" in said
    assert re.search(r"提交交付改善方案 ours 陆知行 15 Sep Past due", said)
    assert "已完成的行动" not in said


def test_blind_spots_are_named_in_the_title(ink: Ink) -> None:
    assert "1 of 2 roles of the decision chain known; blind: economic buyer" in made(ink).text


def test_where_nothing_is_known_blocks_are_left_out(ink: Ink) -> None:
    names = (
        "warnings", "competitor_events", "customer_needs", "client_roles", "blind_spots", "our_roles", "touchpoints",
        "objectives", "commitments", "whitespace", "activities",
    )  # fmt: skip
    said = made(ink, brief(**{name: table(name) for name in names})).text

    for word in (
        "open warning",
        "competitor",
        "need",
        "Decision chain",
        "objective",
        "are open, one",
        "To offer",
        "face to face",
    ):
        assert word not in said, word
