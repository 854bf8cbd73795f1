"""The run's page: whole in itself, every document linked, every reason told, names shown as text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from pipeline.press.run_index import page

ENTRY = {"subject_kind": "customer", "kind": "value_report", "period": "2026Q3", "language": "zh-Hans"}
MANIFEST: dict[str, Any] = {
    "period": "2026-09",
    "as_of": "2026-09-30",
    "documents": [
        {**ENTRY, "subject_id": "A-1", "path": "documents/client/A-1/zh-Hans/value_report.pdf", "pages": 5, "state": "made"},
        {**ENTRY, "subject_id": "A 2", "path": "documents/client/A_2~1f/zh-Hans/value_report.pdf", "pages": 4, "state": "unchanged"},
    ],
    "withheld": [
        {**ENTRY, "subject_id": "A-3", "section": None, "code": "KB-1310", "reason": "nothing to report"},
        {**ENTRY, "subject_id": "A-1", "section": "service", "code": "KB-1221", "reason": "cases.opened_at"},
    ],
    "failed": [{**ENTRY, "subject_id": "A-4", "section": None, "code": "KB-1303", "error": "character U+1F642: …", "fix": "x"}],
    "findings": {"critical": 1, "warning": 2, "info": 3},
}  # fmt: skip
NAMES = {"A-1": "远澜<b>零售</b>", "A-3": "栖禾食品", "A-4": "朔辰电子"}


class Outline(HTMLParser):
    """What of the page a test looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.outside: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        self.outside += [value or "" for name, value in attrs if name in {"src", "srcset"} or tag == "link"]
        if tag not in {"meta", "input", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(manifest: dict[str, Any] = MANIFEST) -> Outline:
    made = Outline()
    made.feed(page("甲公司", manifest, NAMES))
    assert made.open == []
    return made


def test_the_page_needs_nothing_but_itself() -> None:
    found = outline()

    assert found.outside == []
    assert not any(link.startswith(("http", "/")) for link in found.links)


def test_every_document_its_sidecar_and_the_quality_page_are_linked() -> None:
    links = outline().links

    assert "quality/index.html" in links
    for document in MANIFEST["documents"]:
        assert document["path"] in links
        assert document["path"].replace(".pdf", ".json") in links


def test_what_was_not_made_is_told_with_its_reason() -> None:
    text = outline().text

    for said in (
        "没有可报告的内容",
        "cases.opened_at",
        "service",
        "KB-1303",
        "character U+1F642",
        "严重 1 项",
    ):
        assert said in text
    assert "新制 1 份，未变 1 份，暂不出具 2 项，失败 1 份" in text


def test_names_are_text_and_a_customer_without_one_is_told_by_its_id() -> None:
    text = outline().text

    assert "远澜<b>零售</b>" in text
    assert "A 2" in text


def test_an_empty_run_has_a_page_too() -> None:
    assert "没有文件。" in outline({**MANIFEST, "documents": [], "withheld": [], "failed": []}).text
