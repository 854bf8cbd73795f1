"""Sections: what they may read is checked before anything is printed; what they print follows the data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.catalogue import catalogue
from pipeline.errors import RenderError, SettingsError
from pipeline.fonts import faces
from pipeline.press import document, reports
from pipeline.press.brand import brand
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.press.tables import AUDIENCES, TABLES
from pipeline.press.typeset import Face
from pipeline.press.view import view_of
from pipeline.resources import built_in
from pipeline.sections import SECTIONS, Section, check, orders
from tests import portraits
from tests.goldens import TextGolden
from tests.portraits import PORTRAITS, QUARTER

REPORT = reports.REPORTS["value_report"]
WORKSPACE = Path("/nowhere")
_TAG, _SVG = re.compile(r"<[^>]+>"), re.compile(r"<svg.*?</svg>", re.DOTALL)
_BLOCK = re.compile(r"</(?:p|h1|h2|h3|tr|div|title)>")
Drafted = Callable[..., document.Draft]


@pytest.fixture(scope="module")
def inks(installed_fonts: Path) -> dict[str, Ink]:
    widths = {
        face.weight: Face(face.path) for face in faces(installed_fonts) if face.family == "Noto Sans SC"
    }
    return {name: Ink(brand(name, WORKSPACE), "Noto Sans SC", widths) for name in ("industrial", "warm")}


@pytest.fixture(scope="module")
def drafted(inks: dict[str, Ink]) -> Drafted:
    def draft(subject: Slice, language: str = "zh-Hans", brand: str = "industrial") -> document.Draft:
        return document.draft(
            REPORT,
            subject,
            portraits.edition(),
            document.press(language, inks[brand]),
            document.environment(WORKSPACE, language),
            catalogue(),
            lambda metric, *_: [{"name": metric, "rows": 3}],
        )

    return draft


def text_of(html: str) -> str:
    """What a reader reads, a block a line, drawings by their titles."""
    titles = _SVG.sub(
        lambda found: f"[{found[0].partition('<title>')[2].partition('</title>')[0]}]</p>", html
    )
    lines = (_TAG.sub("", _BLOCK.sub("\n", line)) for line in titles.replace("<br>", " | ").split("\n"))
    return "\n".join(line.strip() for line in "\n".join(lines).split("\n") if line.strip()) + "\n"


# Declarations


def test_every_report_of_ours_passes_its_own_check() -> None:
    reports.check_reports(catalogue())


def test_each_section_has_a_template_and_each_template_a_section() -> None:
    templates = {
        path.stem for path in built_in("templates", "sections").glob("*.html") if path.stem[0] != "_"
    }

    assert templates == set(SECTIONS.all())


def test_client_sections_can_reach_nothing_internal() -> None:
    metrics = catalogue()
    for name in REPORT.sections:
        found = SECTIONS.get(name)
        assert found.audience == "client"
        assert {metrics[metric].audience for metric in found.metrics} <= {"client"}
        assert {TABLES[table].audience for table in found.tables} <= {"client"}


def declared(**changes: Any) -> Section:
    plain = Section("glance", "At a glance", "client", ("otif_orders",), ("deliveries",), (), lambda view: {})
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"metrics": ("otif_orders", "gross_margin")}, "KB-1046"),
        ({"audience": "internal"}, "KB-1046"),
        ({"evidence": ("gross_margin",)}, "KB-1046"),
        ({"metrics": ("otif_order",)}, "KB-1045"),
        ({"tables": ("delivery",)}, "KB-1045"),
        ({"evidence": ("csat",)}, "KB-1047"),
        ({"metrics": (), "build": orders.orders}, "KB-1047"),
    ],
)
def test_a_section_beyond_its_audience_or_declaration_stops(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check(declared(**changes), "client", catalogue())

    assert caught.value.code == code


def test_an_internal_document_may_hold_client_sections() -> None:
    check(declared(), "internal", catalogue())
    assert AUDIENCES == ("client", "internal", "restricted")


@pytest.mark.parametrize(
    ("ask", "name"), [("reading", "gross_margin"), ("reading", "csat"), ("rows", "ledger")]
)
def test_a_view_refuses_what_its_section_did_not_declare(inks: dict[str, Ink], ask: str, name: str) -> None:
    press = document.press("en", inks["warm"])
    view = view_of(declared(), portraits.rich(), portraits.edition(), press, SimpleNamespace(), catalogue())  # type: ignore[arg-type]

    with pytest.raises(SettingsError) as caught:
        getattr(view, ask)(name)

    assert caught.value.code == "KB-1047"


def test_a_table_gives_only_the_columns_that_clients_may_see() -> None:
    secret = {"cost_amount", "manager_id", "account_id", "unit_cost_amount", "_from"}

    assert all(
        not secret & set(readable.columns) for readable in TABLES.values() if readable.audience == "client"
    )


# Presence

ALWAYS = ("commercial", "joint_projects", "value_added", "restated", "method")
"""Sections without evidence of their own: they are left out where they find nothing to say."""


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("rich", ("cover", "glance", "orders", "service", *ALWAYS)),
        ("sparse", ("cover", "glance", "orders", *ALWAYS)),
        ("plain", ("cover", "glance", "orders", "service", *ALWAYS)),
    ],
)
def test_a_section_is_there_where_its_evidence_is(name: str, sections: tuple[str, ...]) -> None:
    found = document.present(REPORT, PORTRAITS[name](), portraits.edition())

    assert tuple(section.name for section in found) == sections


def test_sales_alone_are_nothing_to_report() -> None:
    subject = Slice(portraits.customer(), tuple(portraits.sold([1.0] * 12, 0.1)), {})

    assert document.present(REPORT, subject, portraits.edition()) == ()


def test_a_section_that_is_withheld_is_left_out_and_said(drafted: Drafted) -> None:
    said = text_of(drafted(replace(portraits.rich(), withheld=("service",))).html)

    assert "服务与满意度\n首" not in said
    assert "× 暂不出具　服务与满意度" in said


# Content


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("name", sorted(PORTRAITS))
def test_the_words_of_a_report_are_as_a_person_agreed(
    name: str, language: str, drafted: Drafted, snapshot: SnapshotAssertion
) -> None:
    assert text_of(drafted(PORTRAITS[name](), language).html) == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("name", sorted(PORTRAITS))
def test_nothing_that_a_machine_would_write_is_printed(name: str, language: str, drafted: Drafted) -> None:
    said = text_of(drafted(PORTRAITS[name](), language).html)

    for raw in ("nan", "None", "NaT", "inf", "<NA>", "{", "}", "-0"):
        assert raw not in said.replace("SO-0", "").replace("-01", "").replace("information", ""), raw
    assert not re.search(r"\d\.\d{4,}", said)


def test_a_miss_is_never_rounded_up_to_its_target(drafted: Drafted) -> None:
    nearly = portraits.rate("otif_orders", (9498, 10_000), QUARTER, "basis=first_promised", 0.95)
    subject = replace(portraits.rich(), readings=(nearly,))

    said = text_of(drafted(subject).html)
    assert "94.98%" in said
    assert "低0.02个点" in said


def test_every_figure_is_anchored_once_and_numbered_in_order(drafted: Drafted) -> None:
    made = drafted(portraits.rich())

    assert [figure.id for figure in made.figures] == [
        f"F{number}" for number in range(1, len(made.figures) + 1)
    ]
    anchors = [figure.anchor for figure in made.figures]
    for anchor in set(anchors):
        assert made.html.count(f'id="{anchor}"') == 1, anchor


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_of_one_deadline_kept_no_figure_is_made_that_the_sentence_does_not_print(
    drafted: Drafted, language: str
) -> None:
    one = portraits.rate("sla_attainment", (1, 1), QUARTER, "clock=first_reply")
    plain = portraits.plain()
    others = [each for each in plain.readings if each.breakdown != one.breakdown and each.metric != "csat"]

    made = drafted(Slice(plain.subject, (*others, one), plain.tables), language)

    for figure in made.figures:
        assert f'id="{figure.anchor}"' in made.html, figure.label


def test_the_amounts_of_a_foreign_client_are_in_its_own_currency(drafted: Drafted) -> None:
    both = [
        *portraits.sold([70_000.0] * 12, 0.1),
        *portraits.sold([9_000.0] * 12, 0.1, "EUR"),
        *portraits.plain().readings,
    ]
    subject = Slice(portraits.customer(currency="EUR"), tuple(both), {})

    said = text_of(drafted(subject, "en").html)
    assert "€k" in said
    assert "¥" not in said


def test_without_a_rate_an_amount_is_unknown_and_never_in_another_currency(drafted: Drafted) -> None:
    readings = (
        *portraits.sold([70_000.0] * 12, 0.1),
        *(each for each in portraits.plain().readings if each.unit != "money"),
    )
    subject = Slice(portraits.customer(currency="EUR"), readings, {})

    said = text_of(drafted(subject, "en").html)
    assert "Net sales: no exchange rate" in said
    assert "210" not in said


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(19, 20)] * 12, "各月均达到目标"),
        ([(17, 20)] * 9 + [(18, 20), (19, 20), (20, 20)], "连升三个月，已达目标"),
        ([(20, 20)] * 9 + [(19, 20), (18, 20), (17, 20)], "连降三个月，已低于目标"),
        ([(20, 20)] * 9 + [(18, 20)] * 3, "连续三个月低于目标"),
        ([(18, 20), (20, 20)] * 6, "12个月中6个月达到目标"),
        ([(20, 20)] * 7, "准时足量率，按月"),
    ],
)
def test_the_title_of_the_line_follows_rules(
    pairs: list[tuple[int, int]], expected: str, drafted: Drafted
) -> None:
    readings = tuple(portraits.monthly("otif_orders", pairs, "basis=first_promised", 0.95))
    said = text_of(drafted(Slice(portraits.customer(), readings, {})).html)

    assert f"\n{expected}\n" in said


def test_a_very_long_name_is_broken_where_the_company_ends(drafted: Drafted) -> None:
    name = "钧禾医药流通（集团）股份有限公司华中智慧供应链与冷链配送管理中心"

    assert "股份有限公司 | 华中智慧供应链与冷链配送管理中心" in text_of(
        drafted(portraits.sparse(name=name)).html
    )


def test_text_from_the_data_cannot_become_markup(drafted: Drafted) -> None:
    html = drafted(portraits.sparse(name="<script>alert(1)</script>")).html

    assert "<script>" not in html


def test_a_figure_that_the_template_forgets_fails_the_document(drafted: Drafted) -> None:
    made = drafted(portraits.young())
    sheets = SimpleNamespace(page_of={figure.anchor: 1 for figure in made.figures[1:]})

    with pytest.raises(RenderError) as caught:
        document.sidecar({}, made.figures, sheets, ("customer", "A-1"))  # type: ignore[arg-type]
    assert caught.value.code == "KB-1322"
