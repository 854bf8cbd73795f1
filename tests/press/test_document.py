"""Whole documents: every portrait in both languages and both brands becomes a PDF without a complaint."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from pipeline.catalogue import catalogue
from pipeline.fonts import faces
from pipeline.press import document, reports
from pipeline.press.languages import language
from pipeline.press.pdf import Sheets, embedded_fonts
from pipeline.press.slices import Slice
from pipeline.press.studio import Setup, Studio, css_files, templates_hash, versions
from tests import portraits
from tests.portraits import PORTRAITS

WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG = "钧禾医药流通（集团）股份有限公司华中智慧供应链与冷链配送管理中心第一事业部"
ALL = [
    (name, tongue, brand)
    for name in PORTRAITS
    for tongue in ("zh-Hans", "en")
    for brand in ("industrial", "warm")
]


@pytest.fixture(scope="module")
def studio(installed_fonts: Path) -> Studio:
    assert faces(installed_fonts)
    return Studio(Setup(Path("/nowhere"), installed_fonts))


def printed(studio: Studio, subject: Slice, tongue: str, brand: str) -> Sheets:
    made = document.draft(
        reports.REPORTS["value_report"],
        subject,
        portraits.edition(company="衡川智能装备" if tongue == "zh-Hans" else "Hengchuan Automation"),
        studio.press(brand, tongue),
        studio.templates(tongue),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": 3}],
    )
    families, weights = language(tongue).families, studio.brand(brand).weights
    sheets = studio.engine.printed(made.html, studio.sheet(brand, tongue), families, weights)
    document.sidecar({}, made.figures, sheets, ("customer", "A-1"))
    return sheets


@pytest.mark.parametrize(("tongue", "brand"), [("zh-Hans", "industrial"), ("en", "warm")])
def test_a_rich_report_is_short_small_and_described(studio: Studio, tongue: str, brand: str) -> None:
    made = printed(studio, portraits.rich(), tongue, brand)

    assert made.pages == {"zh-Hans": 5, "en": 6}[tongue]  # English definitions take more room
    assert len(made.content) < 400_000
    assert 1 <= len(embedded_fonts(made.content)) <= 4  # two faces, each as its own and its descendant font
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        drawn = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        assert drawn
        assert all(str(item.get("/Alt", "")) for item in drawn)
        with pdf.open_outline() as outline:
            assert [str(item.title)[:1] for item in outline.root[1:]] == ["1", "2", "3", "4"]
        assert str(pdf.Root.Lang) == tongue


@pytest.mark.slow
@pytest.mark.parametrize(("name", "tongue", "brand"), ALL)
def test_every_portrait_fits_its_pages(studio: Studio, name: str, tongue: str, brand: str) -> None:
    subject = (
        PORTRAITS[name](name=LONG)
        if tongue == "zh-Hans"
        else PORTRAITS[name](name_en="Yuanlan Retail Group Ltd")
    )
    made = printed(studio, subject, tongue, brand)

    assert made.pages <= 6
    assert made.page_of["glance"] == 2
    assert made.page_of["orders"] == 3


@pytest.mark.parametrize(("tongue", "brand"), [("zh-Hans", "industrial"), ("en", "warm")])
def test_a_word_wider_than_its_cell_is_cut_and_costs_no_document(
    studio: Studio, tongue: str, brand: str
) -> None:
    rich = PORTRAITS["rich"](name=WORD, name_en=WORD)
    deliveries = rich.tables["deliveries"]
    said = deliveries.assign(
        delay_cause=deliveries["delay_cause"].where(deliveries["delay_cause"].isna(), WORD)
    )

    made = printed(studio, replace(rich, tables={**rich.tables, "deliveries": said}), tongue, brand)

    assert made.pages <= 6


def test_a_key_follows_everything_that_a_document_is_made_of(studio: Studio) -> None:
    plain = document.Draft("<p>甲</p>", ())
    ingredients = studio.ingredients("warm", "en")

    assert plain.key(ingredients) == document.Draft("<p>甲</p>", ()).key(ingredients)
    assert plain.key(ingredients) != document.Draft("<p>乙</p>", ()).key(ingredients)
    assert len({studio.ingredients(brand, "en") for brand in ("warm", "industrial")}) == 2
    assert {"weasyprint", "pango", "harfbuzz"} <= versions().keys()


def test_a_workspace_may_bring_its_own_style_sheets_and_templates(
    tmp_path: Path, installed_fonts: Path
) -> None:
    before = templates_hash(tmp_path)
    (tmp_path / "templates" / "css").mkdir(parents=True)
    (tmp_path / "templates" / "css" / "glance.css").write_text("p { color: #123456 }", encoding="utf-8")

    assert css_files(tmp_path)["glance.css"].is_relative_to(tmp_path)
    assert css_files(tmp_path)["page.css"].is_relative_to(tmp_path) is False
    assert templates_hash(tmp_path) != before


def test_templates_cannot_reach_into_the_program(tmp_path: Path) -> None:
    (tmp_path / "templates" / "sections").mkdir(parents=True)
    (tmp_path / "templates" / "sections" / "cover.html").write_text(
        "{{ ''.__class__.__mro__ }}", encoding="utf-8"
    )
    template = document.environment(tmp_path, "en").get_template("sections/cover.html")

    with pytest.raises(Exception, match="unsafe"):
        template.render()
