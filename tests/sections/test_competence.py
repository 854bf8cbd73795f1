"""Competence and development in the restricted edition of the scorecard."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.press.svg import Ink
from tests import managers
from tests.internal_portraits import page, skills
from tests.section_pages import inks

SKILLS = (
    ("现场诊断", "engineer", 5, 4),
    ("价值量化", "salesperson", 3, 4),
    ("带教", "leader", 2, 4),
)


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def said(ink: Ink, *levels: tuple[str, str, int, int], edition: str = "restricted") -> str:
    subject = managers.manager(managers.ten())
    own = replace(subject, tables={**subject.tables, "competence_levels": skills(*levels)})
    return page(own, "manager_scorecard", ink, "en", edition, lines=managers.LINES).text


def test_each_skill_says_where_it_was_is_and_should_be(ink: Ink) -> None:
    text = said(ink, *SKILLS)

    assert "Two of three skills are below the level asked for" in text
    assert re.search(r"带教 2 2 4 2 \[带教: 2/4\]", text)
    assert re.search(r"现场诊断 2 5 4 0 \[现场诊断: 5/4\]", text)


def test_the_largest_gap_is_first_to_be_agreed_on(ink: Ink) -> None:
    agreed = said(ink, *SKILLS).partition("Training plan for what lacks")[2]

    assert agreed.index("带教 2 → 4") < agreed.index("价值量化 3 → 4")
    assert "现场诊断" not in agreed


def test_where_nothing_lacks_only_the_next_step_is_to_be_agreed(ink: Ink) -> None:
    text = said(ink, ("现场诊断", "engineer", 5, 4))

    assert "Every skill is at the level asked for" in text
    assert "Nothing lacks: agree the next step" in text


def test_the_full_edition_says_nothing_of_competence(ink: Ink) -> None:
    text = said(ink, *SKILLS, edition="full")

    assert "带教" not in text
    assert "Restricted" not in text


def test_an_unassessed_manager_has_the_rest_of_the_card(ink: Ink) -> None:
    text = said(ink)

    assert "Training plan" not in text
    assert "M-01" in text
