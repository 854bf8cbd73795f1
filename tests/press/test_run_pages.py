"""The run's pages as a person uses them, in a real browser, from disk: filter, keyboard, screen reader, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline.gate.quality_page import page as quality_page
from pipeline.gate.quality_report import Report
from pipeline.intake.rejects import REJECT_COLUMNS
from pipeline.press.run_index import Around, page
from tests.browser import Tab, browser
from tests.manifests import FINDING, MANIFEST, MOVES, NAMES

SHOWN = "[...document.querySelectorAll('tr[data-row]')].filter(row => !row.hidden && row.offsetHeight).length"
SAID = "document.getElementById('found').textContent"
KEPT = "decodeURIComponent(location.hash)"
_A_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"

FAINT = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (color) => { const [r, g, b] = [...rgba(color)].slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (element) => { for (let each = element; each; each = each.parentElement) { const color = getComputedStyle(each).backgroundColor; if (rgba(color)[3]) return color; } return "white"; };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.offsetHeight || ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) faint.push(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
  }
  return faint;
})()
"""
"""The elements whose text stands out too little from what is behind it."""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with its pages in both languages; blanks and Chinese in its path."""
    folder = tmp_path_factory.mktemp("run") / "客户 报告"
    (folder / "quality").mkdir(parents=True)
    for document in MANIFEST["documents"]:
        path = folder / document["path"]
        path.parent.mkdir(parents=True)
        path.write_bytes(_A_PDF)
    for tongue, name in (("zh-Hans", "index"), ("en", "index.en")):
        around = Around(NAMES, [FINDING], MOVES, "2026Q3")
        (folder / f"{name}.html").write_text(page("甲公司", MANIFEST, around, tongue), encoding="utf-8")
    (folder / "quality" / "index.html").write_text(_quality(), encoding="utf-8")
    return folder


def _quality() -> str:
    findings = (FINDING, {**FINDING, "expectation": "account_is_known", "severity": "warning"})
    return quality_page(
        Report(
            judgements=(),
            findings=findings,  # type: ignore[arg-type]
            withheld=(),
            rejects=pd.DataFrame(columns=list(REJECT_COLUMNS)),
            rows={"cases": 9},
            company="甲公司",
            period="2026-09",
            as_of=date(2026, 9, 30),
        )
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", 6),
        ("state=withheld", 1),
        ("audience=internal", 1),
        ("kind=value_report&state=partial", 1),
        ("subject=manager", 2),
        ("language=en", 2),
        ("q=沈予安", 2),
        ("q=KB-13 朔辰", 1),
        ("q=ＫＢ-1303", 1),
        ("q=nobody", 0),
        ("state=nonsense", 6),
        ("documents", 6),
    ],
)
def test_an_address_presets_the_filter(address: str, shown: int, tab: Tab, run: Path) -> None:
    tab.open(run / "index.html", address)

    assert tab.does(SHOWN) == shown
    assert tab.does(SAID) == f"显示{shown}项，共6项"
    assert tab.errors == []


def test_what_is_typed_filters_and_is_kept_in_the_address(tab: Tab, run: Path) -> None:
    tab.open(run / "index.html", "state=withheld")
    tab.does("document.querySelector('[name=q]').focus()")
    tab.type("栖禾")
    assert (tab.does(SHOWN), tab.does(KEPT)) == (1, "#q=栖禾&state=withheld")

    tab.type("不在")
    assert (
        tab.does(SHOWN),
        tab.does("document.querySelectorAll('tbody[data-group]:not([hidden])').length"),
    ) == (0, 0)

    tab.does("document.getElementById('clear').click()")
    tab.until("location.hash === ''")
    assert (tab.does(SHOWN), tab.does("document.activeElement.name")) == (6, "q")


def test_a_figure_at_the_top_shows_its_documents(tab: Tab, run: Path) -> None:
    tab.open(run / "index.html")
    tab.does("document.querySelector('.figures a[href=\"#state=failed\"]').click()")
    tab.until(f"{SHOWN} === 1")

    assert tab.does("document.querySelector('[name=state]').value") == "failed"


def test_a_document_is_previewed_by_keyboard_and_one_after_another(tab: Tab, run: Path) -> None:
    tab.open(run / "index.html")
    if not tab.does("navigator.pdfViewerEnabled"):
        pytest.skip("this browser shows no PDF")
    assert tab.does("document.querySelectorAll('button[data-preview]:not([hidden])').length") == 3

    tab.does("document.querySelectorAll('button[data-preview]')[1].focus()")
    tab.press("Enter", text="\r")
    tab.until("document.getElementById('preview').open")
    assert "A_2~1f/zh-Hans/value_report.pdf#page=1" in tab.does("document.querySelector('iframe').src")

    tab.does("document.getElementById('preview-after').click()")
    assert tab.does("document.getElementById('preview-title').textContent").startswith("沈予安")
    assert tab.does("document.getElementById('preview-after').disabled") is True

    tab.press("Escape")
    # A dialog is shut first and says so a moment later: what then has the focus is waited for.
    tab.until("document.activeElement?.dataset.preview?.includes('manager_scorecard')")
    assert tab.does("document.getElementById('preview').open") is False
    assert tab.errors == []


@pytest.mark.parametrize("name", ["index.html", "index.en.html", "quality/index.html"])
def test_everything_one_can_use_has_a_name_of_its_own(name: str, tab: Tab, run: Path) -> None:
    tab.open(run / name)
    told = [
        (role, text)
        for role, text in tab.names()
        if role in ("link", "button", "combobox", "searchbox", "region")
    ]

    assert all(text for _, text in told)
    of_documents = [text for role, text in told if role == "link" and text.startswith(("PDF", "JSON"))]
    assert len(set(of_documents)) == len(of_documents)
    assert {role for role, _ in told} >= {"link", "combobox", "searchbox", "region"}


@pytest.mark.parametrize("name", ["index.html", "index.en.html", "quality/index.html"])
@pytest.mark.parametrize("width", [1280, 420])
def test_nothing_runs_out_of_the_window(name: str, width: int, tab: Tab, run: Path) -> None:
    tab.size(width, 900)
    tab.open(run / name)

    assert tab.does("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["index.html", "quality/index.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_in_light_and_in_dark(name: str, scheme: str, tab: Tab, run: Path) -> None:
    tab.prefers(scheme)
    tab.open(run / name)

    assert tab.does("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    assert tab.does(FAINT) == []


def test_a_reason_leads_to_what_was_found(tab: Tab, run: Path) -> None:
    tab.open(run / "index.html")
    path = tab.does("document.querySelector('.why a').getAttribute('href')")
    tab.open(run / path.partition("#")[0], path.partition("#")[2])

    assert (tab.does(SHOWN), tab.does("document.querySelector('[name=q]').value")) == (
        1,
        "opened_at_can_be_read",
    )


@pytest.mark.parametrize("name", ["index.html", "index.en.html", "quality/index.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(name: str, scheme: str, tab: Tab, run: Path) -> None:
    tab.size(1280, 900)
    tab.prefers(scheme)
    tab.open(run / name)

    assert tab.faults() == []


@pytest.mark.parametrize("name", ["index.html", "index.en.html", "quality/index.html"])
def test_nothing_runs_out_of_the_window_at_four_hundred_per_cent(name: str, tab: Tab, run: Path) -> None:
    tab.zoom(400)
    tab.open(run / name)

    assert tab.does("[innerWidth, document.documentElement.scrollWidth]") == [320, 320]


@pytest.mark.parametrize("name", ["index.html", "quality/index.html"])
def test_a_page_asks_for_nothing_outside_its_folder(name: str, tab: Tab, run: Path) -> None:
    tab.requests.clear()
    tab.errors.clear()
    tab.open(run / name)

    asked = {each for each in tab.requests if each != "about:blank"}
    assert asked
    assert all(each.startswith(run.as_uri()) for each in asked)
    assert tab.errors == []


@pytest.mark.parametrize("name", ["index.html", "quality/index.html"])
def test_the_keyboard_alone_reaches_filter_and_documents(name: str, tab: Tab, run: Path) -> None:
    tab.size(1280, 900)
    tab.open(run / name)
    reached = []
    for _ in range(80):
        tab.press("Tab")
        if tab.does("document.activeElement === document.body"):
            break
        reached.append(tab.does("document.activeElement.name || document.activeElement.tagName"))
        assert tab.does("getComputedStyle(document.activeElement).outlineStyle") != "none"

    assert {"q", "A"} <= set(reached)


def test_a_document_is_opened_from_the_index_by_keyboard(tab: Tab, run: Path) -> None:
    tab.open(run / "index.html")
    tab.does("document.querySelector('a[href*=value_report]').focus()")
    link = tab.does("document.activeElement.href")
    tab.does(
        "document.activeElement.target = '_self'; addEventListener('click', (event) => { event.preventDefault(); window.opened = event.target.href; })"
    )
    tab.press("Enter", text="\r")

    assert tab.does("window.opened") == link
    assert link.startswith(run.as_uri())
