"""The client's dashboard as a person uses it, in a real browser, from disk: spans, lists, charts, keyboard, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.catalogue import catalogue
from pipeline.press import document
from pipeline.press.reports import REPORTS
from tests import portraits
from tests.browser import Tab, browser
from tests.press.test_run_pages import FAINT
from tests.section_pages import inks

SHOWN = "[...document.querySelectorAll('#orders-list tbody tr')].filter(row => row.offsetHeight).length"
FIRST = "[...document.querySelectorAll('#orders-list tbody tr')].find(row => row.offsetHeight).cells[0].textContent"
SPELLS = "[...document.querySelectorAll('#summary [data-spell]')].filter(each => each.offsetHeight).map(each => each.dataset.spell)"
FOCUS = "document.activeElement"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> dict[str, Path]:
    """A dashboard in each language, each in another brand."""
    folder = tmp_path_factory.mktemp("run") / "客户 看板"
    folder.mkdir()
    made = {}
    for language, brand in (("zh-Hans", "industrial"), ("en", "warm")):
        html = document.draft(
            REPORTS["dashboard"],
            portraits.rich(),
            replace(portraits.edition(), kind="dashboard"),
            document.press(language, inks(installed_fonts)[brand]),
            document.environment(Path("/nowhere"), language),
            catalogue(),
            lambda metric, *_: [{"name": metric, "rows": 3}],
        ).html
        made[language] = folder / f"dashboard.{language}.html"
        made[language].write_text(html, encoding="utf-8")
    return made


@pytest.fixture
def page(tab: Tab, pages: dict[str, Path]) -> Tab:
    """The dashboard in Chinese, freshly opened."""
    tab.size(1280, 900)
    tab.prefers("light")
    tab.open(pages["zh-Hans"])
    return tab


def test_one_span_is_shown_and_another_is_chosen_by_keyboard(page: Tab) -> None:
    assert page.does(SPELLS) == ["quarter"]
    assert page.does(SHOWN) == 20
    page.does("document.querySelector('input[name=spell]:checked').focus()")
    page.press("ArrowLeft")

    assert page.does(SPELLS) == ["month"]
    assert page.does("location.hash") == "#spell=month"
    assert page.does(SHOWN) == 1
    assert page.errors == []


def test_an_address_chooses_span_and_theme(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["zh-Hans"], "spell=t12m&theme=dark")

    assert tab.does(SPELLS) == ["t12m"]
    assert tab.does("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert tab.does("document.querySelectorAll('#summary .mark.outside').length") == 0


def test_orders_are_filtered_searched_and_sorted(page: Tab) -> None:
    page.does("document.querySelector('[data-table=orders] select').focus()")
    page.does(
        "const s = document.querySelector('[data-table=orders] select'); s.value = 'late'; s.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert page.does(SHOWN) == 4
    assert page.does("document.querySelector('[data-table=orders] output').textContent") == "显示4项，共60项"

    page.does("document.querySelectorAll('#orders-list th button')[4].focus()")
    page.press("Enter", text="\r")
    assert page.does(FIRST) == "SO-105"
    page.press("Enter", text="\r")
    assert page.does(FIRST) == "SO-101"
    assert (
        page.does("document.querySelector('#orders-list [aria-sort]').getAttribute('aria-sort')")
        == "descending"
    )

    page.does("document.querySelector('[data-table=orders] input').focus()")
    page.type("ＳＯ-103 运输")
    assert (page.does(SHOWN), page.does(FIRST)) == (1, "SO-103")


def test_what_has_no_value_stays_last_whichever_way_it_is_sorted(page: Tab) -> None:
    last = "[...document.querySelectorAll('#orders-list tbody tr')].at(-1).cells[0].textContent"
    page.does("document.querySelectorAll('#orders-list th button')[3].click()")
    up = page.does(last)
    page.does("document.querySelectorAll('#orders-list th button')[3].click()")

    assert (up, page.does(last)) == ("SO-104", "SO-104")


def test_the_rest_of_a_long_list_is_one_button_away(page: Tab) -> None:
    page.does("document.querySelector('#orders .more').focus()")
    assert page.does("document.querySelector('#orders .more').textContent") == "显示全部60条"
    page.press("Enter", text="\r")

    assert page.does(SHOWN) == 60
    assert page.does("document.querySelector('#orders .more').hidden") is True


def test_a_chart_is_one_stop_of_the_keyboard_and_arrows_walk_in_it(page: Tab) -> None:
    page.does("document.querySelector('#orders .mark[tabindex=\"0\"]').focus()")
    page.press("End")
    assert page.does(f"{FOCUS}.dataset.said") == "2026年9月：100.0%，目标95.0%，已达标"
    assert page.does("document.getElementById('tip').textContent").startswith("2026年9月：100.0%")
    page.press("ArrowLeft")
    assert page.does(f"{FOCUS}.dataset.said") == "2026年8月：90.0%，目标95.0%，未达标"
    assert page.does("document.querySelectorAll('#orders .mark[tabindex=\"0\"]').length") == 1
    page.press("Escape")

    assert page.does("document.getElementById('tip').hidden") is True


def test_everything_can_be_reached_by_tab_and_the_focus_is_seen(page: Tab) -> None:
    page.does("document.activeElement.blur()")
    seen = []
    for _ in range(60):
        page.press("Tab")
        if page.does(f"{FOCUS} === document.body"):
            break
        seen.append(page.does(f"{FOCUS}.id || {FOCUS}.className.baseVal || {FOCUS}.name || {FOCUS}.tagName"))
        outline = page.does(f"(() => {{ const each = {FOCUS}.matches('input[type=radio]') ? {FOCUS}.nextElementSibling : {FOCUS}.querySelector('.reach') ?? {FOCUS}; const style = getComputedStyle(each); return style.outlineStyle !== 'none' || style.stroke !== 'none' }})()")  # fmt: skip
        assert outline, seen[-1]

    assert {"spell", "theme", "print", "q", "state"} <= set(seen)
    assert sum("mark" in each for each in seen) == 3


def test_dark_is_a_button_and_a_wish_of_the_system(page: Tab, pages: dict[str, Path]) -> None:
    page.does("document.getElementById('theme').focus()")
    page.press("Enter", text="\r")
    assert page.does("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.does("document.getElementById('theme').getAttribute('aria-pressed')") == "true"

    page.prefers("dark")
    page.open(pages["zh-Hans"])
    assert page.does("getComputedStyle(document.documentElement).colorScheme") == "dark"


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(language: str, scheme: str, tab: Tab, pages: dict[str, Path]) -> None:
    tab.size(1280, 900)
    tab.prefers(scheme)
    tab.open(pages[language])

    assert tab.does(FAINT) == []


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(language: str, scheme: str, tab: Tab, pages: dict[str, Path]) -> None:
    tab.size(1280, 900)
    tab.prefers(scheme)
    tab.open(pages[language])

    assert tab.faults() == []


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_nothing_runs_out_of_the_window_at_four_hundred_per_cent(
    language: str, tab: Tab, pages: dict[str, Path]
) -> None:
    tab.zoom(400)
    tab.open(pages[language])

    assert tab.does("[innerWidth, document.documentElement.scrollWidth]") == [320, 320]


def test_it_asks_for_nothing_but_itself(tab: Tab, pages: dict[str, Path]) -> None:
    tab.requests.clear()
    tab.open(pages["en"])
    tab.does("document.getElementById('theme').click()")

    assert {each for each in tab.requests if each != "about:blank"} == {pages["en"].as_uri()}
    assert tab.does("fetch('https://example.com/').then(() => 'out', () => 'refused')") == "refused"
    tab.errors.clear()  # that the policy refused it stands among them


def test_it_is_printed_without_its_controls(page: Tab) -> None:
    page.prints()

    assert (
        page.does(
            "[...document.querySelectorAll('#controls, .tools, nav, .more')].filter(each => each.offsetHeight).length"
        )
        == 0
    )
    assert page.does("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_everything_one_can_use_has_a_name(page: Tab) -> None:
    used = [
        text
        for role, text in page.names()
        if role in ("link", "button", "radio", "searchbox", "combobox", "region", "image")
    ]

    assert len(used) > 40
    assert all(used)
