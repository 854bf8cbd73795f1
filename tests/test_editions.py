"""The editions of the value report: the same numbers in another selection and order, and the short forms without a cover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.catalogue import catalogue
from pipeline.periods import window_ending
from pipeline.press import document
from pipeline.press.document import Draft
from pipeline.press.edition import Edition
from pipeline.press.reports import REPORTS
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from tests import dealings, portraits
from tests.goldens import TextGolden
from tests.portraits import PERIOD
from tests.section_pages import Page, inks

REPORT = REPORTS["value_report"]
EDITIONS = ("full", *REPORT.editions)
Made = Callable[..., Draft]


@pytest.fixture(scope="module")
def made(installed_fonts: Path) -> Made:
    ink = inks(installed_fonts)["industrial"]

    def make(edition: str, language: str = "zh-Hans", window: str = "quarter") -> Draft:
        return drawn(customer(), edition_of(edition, window), language, ink)

    return make


def drawn(subject: Slice, edition: Edition, language: str, ink: Ink) -> Draft:
    return document.draft(
        REPORT,
        subject,
        edition,
        document.press(language, ink),
        document.environment(Path("/nowhere"), language),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": 3}],
    )


def edition_of(name: str, window: str) -> Edition:
    found = window_ending(window, PERIOD.until_on)
    assert found is not None
    return replace(portraits.edition(found), edition=name)


def customer() -> Slice:
    """A customer with orders, cases, use, contracts, invoices, projects and extras."""
    orders = portraits.rich()
    parts = [
        dealings.usage(dealings.used("P1", [100.0] * 9 + [80.0] * 3, 10, 6, 100.0), level=0.8),
        dealings.statement(
            [dealings.contract("HT-1", "2026-01-01", "2026-12-31")],
            [dealings.invoice("IV-1", "2026-07-01", "2026-08-31", 1000.0)],
            (80_000, 100_000),
        ),
        dealings.projects(dealings.project("P1", revenue=5000)),
        dealings.extras(dealings.extra("training", "2026-08-01", 1200)),
    ]
    told = portraits.reading("claims_to_date", 1.0, unit="count")  # so that executives have something to read
    readings = (*orders.readings, told, *(each for part in parts for each in part.readings))
    tables = {**orders.tables, **{name: rows for part in parts for name, rows in part.tables.items()}}
    return Slice(orders.subject, readings, tables)


def words(draft: Draft) -> str:
    return Page(draft.html, draft.figures).text


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_words_of_an_edition_are_as_a_person_agreed(
    edition: str, language: str, made: Made, snapshot: SnapshotAssertion
) -> None:
    assert words(made(edition, language)) == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_words_of_a_monthly_report_are_as_a_person_agreed(
    language: str, made: Made, snapshot: SnapshotAssertion
) -> None:
    assert words(made("full", language, "month")) == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("edition", [each for each in EDITIONS if each != "full"])
def test_every_number_of_an_edition_stands_in_the_full_one(edition: str, made: Made) -> None:
    def numbers(draft: Draft) -> set[tuple[object, ...]]:
        return {
            (
                figure.reading.metric,
                figure.reading.breakdown,
                figure.reading.window,
                figure.part,
                figure.printed.text,
            )
            for figure in draft.figures
            if figure.reading is not None
        }

    assert numbers(made(edition)) <= numbers(made("full"))


def test_procurement_reads_the_commercial_statement_first(made: Made) -> None:
    html = made("procurement").html

    assert html.index('id="commercial"') < html.index('id="orders"')
    assert 'id="service"' not in html


def test_short_forms_have_a_head_and_no_cover(made: Made) -> None:
    for draft in (made("executive"), made("full", window="month")):
        assert '<body class="client short"' in draft.html
        assert 'id="masthead"' in draft.html
        assert 'id="cover"' not in draft.html


def test_each_says_which_edition_it_is(made: Made) -> None:
    assert "Edition for procurement" in words(made("procurement", "en"))
    assert "edition for procurement" in made("procurement", "en").html  # in the foot
    assert "Monthly report" in words(made("full", "en", "month"))
