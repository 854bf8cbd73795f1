"""The run's page: whole in itself, every document linked, every reason told, names shown as text, in two languages."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.press.run_index import Around, names_of, page
from pipeline.press.run_lines import lines_of
from pipeline.press.run_movements import Movement, moved, movements_of
from tests.manifests import EMPTY, FINDING, MANIFEST, MOVES, NAMES
from tests.runs import context_for


class Outline(HTMLParser):
    """What of the page a test looks at."""

    VOID = ("meta", "input", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.outside: list[str] = []
        self.open: list[str] = []
        self.rows: list[dict[str, str | None]] = []
        self.labels = 0
        self.fields = 0
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if "data-row" in given:
            self.rows.append(given)
        self.labels += tag == "label"
        self.fields += tag in ("input", "select")
        self.outside += [value or "" for name, value in attrs if name in {"src", "srcset"} or tag == "link"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


def outline(
    manifest: dict[str, Any] = MANIFEST, tongue: str = "zh-Hans", movements: list[Movement] | None = MOVES
) -> Outline:
    made = Outline()
    made.feed(page("甲公司", manifest, Around(NAMES, [FINDING], movements, "2026Q3"), tongue))
    assert made.open == []
    return made


@pytest.mark.parametrize("tongue", ["zh-Hans", "en"])
def test_the_page_needs_nothing_but_itself_and_leads_nowhere_else(tongue: str) -> None:
    found = outline(tongue=tongue)

    assert found.outside == []
    assert not any(link.startswith(("http", "/")) for link in found.links)


def test_every_document_its_sidecar_and_the_quality_page_are_linked() -> None:
    links = outline().links

    assert "quality/index.html" in links
    assert "raw/crm/%E5%AE%A2%E6%88%B7.csv" in links
    for document in MANIFEST["documents"]:
        assert document["path"] in links
        assert document["path"].replace(".pdf", ".json") in links


def test_what_the_schedule_asked_for_is_there_once() -> None:
    rows = outline().rows

    assert len(rows) == 6
    assert [row["data-state"] for row in rows] == [
        "failed",
        "withheld",
        "partial",
        "unchanged",
        "made",
        "made",
    ]
    assert [row["data-audience"] for row in rows] == [*["client"] * 4, "internal", "restricted"]


def test_what_was_not_made_is_told_with_its_reason_and_where_to_look() -> None:
    found = outline()

    for said in (
        "没有可报告的内容",
        "受理时间无法读出。",
        "told nowhere",
        "服务与满意度",
        "KB-1303",
        "correct it",
    ):
        assert said in found.text
    assert "quality/index.html#q=opened_at_can_be_read" in found.links
    assert "4份文件已备好，1份暂不出具，1份失败" in found.text


def test_the_page_speaks_the_language_of_the_company() -> None:
    text = outline(tongue="en").text

    for said in (
        "4 documents are ready, 1 is withheld, 1 has failed",
        "There is nothing to report.",
        "Without “Service and satisfaction”: Rule broken: opened at can be read",
        "Third quarter 2026",
        "1 critical, 2 warnings, 3 for information.",
        "moved down",
    ):
        assert said in text
    han = {character for character in text if "\u4e00" <= character <= "\u9fff"}
    assert han <= set("甲公司客户简体中文" + "".join(NAMES.values()))


def test_what_is_internal_looks_different_and_what_is_restricted_is_not_previewed() -> None:
    made = page("甲公司", MANIFEST, Around(NAMES), "zh-Hans")

    assert made.count('<span class="chip audience">内部</span>') == 1
    assert made.count('<span class="chip audience">限阅</span>') == 1
    previewed = [each["path"] for each in MANIFEST["documents"] if f'data-preview="{each["path"]}"' in made]
    assert previewed == [each["path"] for each in MANIFEST["documents"] if each["audience"] != "restricted"]


def test_the_filter_offers_what_there_is_and_every_field_has_a_label() -> None:
    found = outline()
    made = page("甲公司", MANIFEST, Around(NAMES), "zh-Hans")

    assert found.labels == found.fields == 6
    for value in (
        "failed",
        "withheld",
        "partial",
        "manager_scorecard",
        "internal",
        "restricted",
        "manager",
        "en",
    ):
        assert f'<option value="{value}">' in made
    assert '<option value="team">' not in made


def test_customers_that_changed_class_are_told_from_what_to_what() -> None:
    text = outline().text

    for said in ("核心价值", "维持", "下调", "销售额", "2026年第三季度期末与期初相比"):
        assert said in text
    assert "没有客户的分类发生变化" in outline(movements=[]).text
    assert "客户分类变动" not in outline(movements=None).text


def test_names_are_text_and_a_subject_without_one_is_told_by_its_id() -> None:
    text = outline().text

    assert "远澜<b>零售</b>" in text
    assert "A 2" in text
    assert "沈予安" in text


def test_an_empty_run_has_a_page_too() -> None:
    text = outline(EMPTY, movements=None).text

    assert "本期没有应出具的文件" in text
    assert "policy/reports.toml" in text


def test_a_document_with_a_section_left_out_is_made_in_part() -> None:
    lines = lines_of(lambda text: text, MANIFEST, NAMES, {})

    assert [line.state for line in lines if line.path] == ["partial", "unchanged", "made", "made"]
    assert [why.code for line in lines if line.state == "partial" for why in line.reasons] == ["KB-1221"] * 2


def test_those_that_stay_are_no_movement_and_those_that_went_down_come_first() -> None:
    said = {
        "A-1": {"class_move": "same", "customer_class": "maintain"},
        "A-2": {"class_move": "up", "class_before": "maintain", "customer_class": "core_value", "class_border": "value"},
        "A-3": {"customer_class": "maintain"},
        "A-4": {"class_move": "down", "class_before": "core_value", "customer_class": "maintain"},
    }  # fmt: skip

    assert moved(said) == [
        Movement("A-4", "down", "core_value", "maintain", None),
        Movement("A-2", "up", "maintain", "core_value", "value"),
    ]


def readings(run: Path, rows: list[tuple[str, str, str, str]]) -> None:
    columns = ["subject_id", "metric", "window", "text"]
    frame = pd.DataFrame(rows, columns=columns).assign(
        subject_kind="customer", until_on=pd.Timestamp("2026-10-01").date()
    )
    run.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(run / "readings.parquet")


def test_movements_are_those_of_the_longest_window_that_ends(tmp_path: Path) -> None:
    rows = [
        ("A-1", "class_move", "month", "same"),
        ("A-1", "class_move", "quarter", "down"),
        ("A-1", "customer_class", "t12m", "maintain"),
    ]
    readings(tmp_path, rows)

    assert movements_of(context_for(tmp_path)) == (
        [Movement("A-1", "down", None, "maintain", None)],
        "2026Q3",
    )


def test_a_run_without_classes_has_no_movements(tmp_path: Path) -> None:
    assert movements_of(context_for(tmp_path)) == (None, "")

    readings(tmp_path, [("A-1", "net_sales", "month", "")])
    assert movements_of(context_for(tmp_path)) == (None, "")


def test_names_are_taken_from_what_the_run_holds(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "tables").mkdir()
    customers = {"customer_id": ["A-1", "A-2"], "name": ["甲", "乙"], "name_en": ["Alpha", None]}
    pd.DataFrame(customers).to_parquet(tmp_path / "facts" / "customers.parquet")
    pd.DataFrame({"manager_id": ["M-1"], "name": [None]}).to_parquet(tmp_path / "tables" / "managers.parquet")
    pd.DataFrame({"team_id": ["T1"], "name": ["华东"]}).to_parquet(tmp_path / "tables" / "teams.parquet")

    assert names_of(tmp_path, in_han=True) == {
        ("customer", "A-1"): "甲",
        ("customer", "A-2"): "乙",
        ("team", "T1"): "华东",
    }
    assert names_of(tmp_path, in_han=False)["customer", "A-1"] == "Alpha"
