"""The page of method: every metric that is printed is defined, and every figure is in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.catalogue import catalogue
from pipeline.press.svg import Ink
from tests import portraits
from tests.promisers import AGREED, AHEAD, DONE_LATE, KEPT, customer
from tests.section_pages import Page, inks, page

SECTIONS = ("glance", "orders", "service", "commitments", "method")


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def told(ink: Ink, language: str) -> Page:
    others = portraits.rich().readings
    subject = customer([KEPT, DONE_LATE, AHEAD], [AGREED, {}], [{"comment": "慢"}], others=others)
    return page(subject, ink, language, SECTIONS)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_metric_that_is_printed_is_defined_from_the_catalogue(ink: Ink, language: str) -> None:
    made = told(ink, language)
    text = re.sub(r"<[^>]+>", "", made.html.partition('id="method"')[2])
    printed = {figure.reading.metric for figure in made.figures if figure.reading}

    assert {
        "commitments_kept_share",
        "changes_confirmed_share",
        "otif_orders",
        "criticism_acted_share",
    } & printed
    for metric in printed:
        assert str(catalogue()[metric].meaning(language)).replace("&", "&amp;") in text, metric


def test_what_is_not_printed_is_not_defined(ink: Ink) -> None:
    text = re.sub(r"<[^>]+>", "", told(ink, "en").html)

    assert catalogue()["value_realised"].meaning("en") not in text


def test_every_figure_before_the_page_is_in_the_index_once(ink: Ink) -> None:
    made = told(ink, "en")
    rows = re.findall(r'<tr><th scope="row">(F\d+)(?:–(F\d+))?</th>', made.html.partition('id="method"')[2])
    first = [int(one[1:]) for one, _ in rows]

    assert first == sorted(set(first))
    assert first[0] == 1
    assert max(int((last or one)[1:]) for one, last in rows) <= len(made.figures)
