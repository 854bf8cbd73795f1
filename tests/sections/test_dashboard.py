"""The client's dashboard: the report's own figures, one file that asks for nothing, and nobody's text as code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalogue import catalogue
from pipeline.errors import RenderError
from pipeline.press import document, screen
from pipeline.press.reports import REPORTS
from pipeline.press.screen_charts import is_trough
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.sections import dashboard_orders, dashboard_service
from tests import portraits
from tests.section_pages import inks

_NOWHERE = Path("/nowhere")
_TOLD = ("net_sales", "sales_growth", "otif_orders", "otif_lines", "sla_attainment", "csat")
_POLICY = re.compile(r'Content-Security-Policy" content="([^"]+)"')


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> dict[str, Ink]:
    return inks(installed_fonts)


def drafted(kind: str, subject: Slice, ink: Ink, language: str = "zh-Hans") -> document.Draft:
    edition = replace(portraits.edition(), kind=kind)
    return document.draft(
        REPORTS[kind],
        subject,
        edition,
        document.press(language, ink),
        document.environment(_NOWHERE, language),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": 3}],
    )


def printed(made: document.Draft) -> dict[tuple[str, ...], set[str]]:
    """How each part of each reading is printed, with its unit."""
    found: dict[tuple[str, ...], set[str]] = {}
    for each in made.figures:
        if each.reading is not None:
            own = each.reading
            key = (own.metric, own.breakdown, own.window, own.period, each.part)
            found.setdefault(key, set()).add(each.printed.text)
    return found


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("who", ["rich", "sparse", "young", "plain", "negative"])
def test_its_figures_are_those_of_the_report(who: str, language: str, ink: dict[str, Ink]) -> None:
    subject = portraits.PORTRAITS[who]()
    report = printed(drafted("value_report", subject, ink["industrial"], language))
    board = printed(drafted("dashboard", subject, ink["industrial"], language))
    both = report.keys() & board.keys()

    # Amounts of a chart stand in one unit, so the last month's is printed in its own as well.
    assert [key for key in both if not board[key] & report[key]] == []
    assert [key for key in both if key[2] == "quarter" and not board[key] <= report[key]] == []
    kept = {key for key in report if key[0] in _TOLD and key[2] == "quarter" and key[4] == "value"}
    assert kept
    assert kept <= board.keys()


@pytest.mark.parametrize("who", sorted(portraits.PORTRAITS))
def test_a_reader_finds_every_figure_of_the_sidecar(who: str, ink: dict[str, Ink]) -> None:
    made = drafted("dashboard", portraits.PORTRAITS[who](), ink["warm"])
    sheets = screen.sheets(made.html)
    beside = document.sidecar({"pages": 1}, made.figures, sheets, ("customer", "A-1"))

    screen.require_shown(sheets.content, beside)
    with pytest.raises(RenderError) as caught:
        screen.require_shown(
            made.html.replace("<main", "<script").replace("</main>", "</script>").encode(), beside
        )
    assert caught.value.code == "KB-1324"


@pytest.mark.parametrize("brand", ["industrial", "warm"])
def test_it_allows_its_own_style_and_script_and_nothing_else(brand: str, ink: dict[str, Ink]) -> None:
    html = drafted("dashboard", portraits.rich(), ink[brand]).html
    found = _POLICY.search(html)
    assert found is not None
    policy = unescape(found[1])
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for each in (*style, *script):
        digest = base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert (len(style), len(script)) == (1, 1)
    assert not re.search(r"""\s(?:style|on\w+|src|srcset|action)=|url\(|@import|https?://""", html)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', html))


def test_the_same_slice_makes_the_same_bytes(ink: dict[str, Ink]) -> None:
    first, again = (drafted("dashboard", portraits.rich(), ink["industrial"]).html for _ in range(2))

    assert first == again
    assert len(first.encode()) < 300_000


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}\u202e"


def test_what_clients_and_exports_say_is_shown_as_text(ink: dict[str, Ink]) -> None:
    subject = portraits.rich(name=HOSTILE)
    rows = subject.tables["deliveries"]
    tables = {
        **subject.tables,
        "deliveries": rows.assign(product_name=HOSTILE, delay_cause=HOSTILE),
        "service_clocks": subject.tables["service_clocks"].assign(category=HOSTILE),
    }
    html = drafted("dashboard", replace(subject, tables=tables), ink["industrial"]).html

    assert html.count("<script") == 2
    assert "<img" not in html
    assert "49" not in screen.visible(html.partition("<main")[0])
    assert "&lt;/script&gt;" in html


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=40)))
def test_data_never_leave_their_script(content: dict[str, str]) -> None:
    text = str(screen.embedded(content))

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == content


@pytest.mark.parametrize("text", ["p { color: red } </style>", "<!-- x"])
def test_a_style_that_ends_before_its_end_is_refused(text: str) -> None:
    with pytest.raises(RenderError) as caught:
        screen.whole(text)

    assert caught.value.code == "KB-1340"


def test_the_orders_listed_are_those_that_were_counted(ink: dict[str, Ink]) -> None:
    html = drafted("dashboard", portraits.rich(), ink["industrial"]).html
    body = html.partition('id="orders-list"')[2].partition("</table>")[0]
    states = re.findall(r'data-state="(\w+)"', body)

    assert len(states) == 60
    assert {state: states.count(state) for state in set(states)} == {"met": 55, "late": 4, "open": 1}


ORDER = {
    "is_cancelled": False,
    "is_due": True,
    "is_quantified": True,
    "is_met": False,
    "delivered_on": "2026-07-02",
    "is_on_time": False,
}


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "late"),
        ({"is_met": True}, "met"),
        ({"is_on_time": True}, "short"),
        ({"delivered_on": None}, "open"),
        ({"is_quantified": False}, "unjudged"),
        ({"is_cancelled": True, "is_met": True}, "cancelled"),
    ],
)
def test_what_became_of_an_order(changed: dict[str, Any], state: str) -> None:
    assert dashboard_orders.state_of({**ORDER, **changed}) == state


MET = {"is_due": True, "is_met": True, "is_stopped": True}


@pytest.mark.parametrize(
    ("clocks", "state"),
    [
        ([MET, MET], "met"),
        ([MET, {**MET, "is_met": False}], "missed"),
        ([MET, {"is_due": False, "is_met": False, "is_stopped": False}], "open"),
    ],
)
def test_what_became_of_a_case(clocks: list[dict[str, bool]], state: str) -> None:
    assert dashboard_service.state_of({str(at): each for at, each in enumerate(clocks)}) == state


def test_a_value_stands_below_a_trough_with_room_below() -> None:
    heights = [0.9, 0.5, 0.8, None, 0.7, 0.1, 0.6]

    assert [at for at in range(len(heights)) if is_trough(heights, at)] == [1]


def test_a_section_that_is_withheld_is_named_and_gone(ink: dict[str, Ink]) -> None:
    made = drafted("dashboard", replace(portraits.rich(), withheld=("dashboard_orders",)), ink["industrial"])

    assert 'id="orders"' not in made.html
    assert "otif_lines" not in {each.reading.metric for each in made.figures if each.reading}
    assert "订单与交付" in screen.visible(made.html)
