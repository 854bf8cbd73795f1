"""The scorecard: its sentence follows from the ten figures, its rows from who is served, its order from what matters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import catalogue
from pipeline.evidence.counts import facts_named
from pipeline.fonts import faces
from pipeline.press import document, reports
from pipeline.press.brand import brand
from pipeline.press.slices import Reading, Slice
from pipeline.press.svg import Ink
from pipeline.press.typeset import Face
from pipeline.sections import performance, served
from tests import managers
from tests.managers import account, customer, holdings, manager, ten, trend

WORKSPACE = Path("/nowhere")
Drafted = Callable[..., document.Draft]
_TAG, _SVG = re.compile(r"<[^>]+>"), re.compile(r"<svg.*?</svg>", re.DOTALL)


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    widths = {
        each.weight: Face(each.path) for each in faces(installed_fonts) if each.family == "Noto Sans SC"
    }
    return Ink(brand("industrial", WORKSPACE), "Noto Sans SC", widths)


@pytest.fixture(scope="module")
def drafted(ink: Ink) -> Drafted:
    def draft(subject: Slice, language: str = "zh-Hans") -> document.Draft:
        return document.draft(
            reports.REPORTS["manager_scorecard"],
            subject,
            managers.edition(),
            document.press(language, ink),
            document.environment(WORKSPACE, language),
            catalogue(),
            facts_named,
        )

    return draft


def rows_of(html: str, section: str) -> list[list[str]]:
    """The cells of a section's last table, as a reader reads them, drawings left out."""
    part = html.partition(f'id="{section}"')[2].partition("</section>")[0]
    body = _SVG.sub("", part).rpartition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [
            " ".join(_TAG.sub("", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def headline(html: str) -> str:
    return _TAG.sub(
        "", html.partition('class="headline"')[2].partition(">")[2].partition("</h1>")[0]
    ).replace("\n", "")


SERVED = (account("A-1", 500_000.0), customer("A-1", (2, 2)))


def full(**values: tuple[float | None, float | None]) -> Slice:
    return manager(ten(**values), SERVED, holdings(("A-1", "A-1", 10_000, None, None)))


# The ten figures


def test_the_headline_counts_the_targets_reached(drafted: Drafted) -> None:
    assert headline(drafted(full()).html) == "沈予安：九项目标达成九项"
    assert headline(drafted(full(), "en").html) == "沈予安: nine of nine targets reached"


def test_the_headline_names_what_was_missed_while_there_is_room(drafted: Drafted) -> None:
    one = drafted(full(net_sales=(5e6, 6e6))).html
    many = drafted(
        full(net_sales=(5e6, 6e6), csat=(0.5, 0.85), gross_margin=(0.1, 0.32), otif_orders=(0.5, 0.95))
    ).html

    assert headline(one) == "沈予安：九项目标达成八项，净销售额未达标"
    assert headline(many) == "沈予安：九项目标达成五项"


def test_without_targets_nothing_is_judged(drafted: Drafted) -> None:
    html = drafted(full(**{metric.metric: (0.5, None) for metric in performance.KPIS})).html

    assert headline(html) == "沈予安：尚未约定目标"
    assert "tally" not in html.partition("<body")[2]


def test_the_tenth_figure_without_data_is_said_and_no_zero(drafted: Drafted) -> None:
    rows = rows_of(drafted(full(csat=(None, 0.85))).html, "performance")

    satisfaction = next(row for row in rows if row[0].startswith("满意度"))
    assert satisfaction[1:5] == ["85.0", "–", "–", "–"]
    assert satisfaction[6] == "无数据"
    assert len(rows) == 10


def test_days_are_attained_the_other_way_round(drafted: Drafted) -> None:
    rows = {
        row[0].split()[0]: row
        for row in rows_of(drafted(full(turnover_days=(80.0, 60.0))).html, "performance")
    }

    assert rows["应收周转天数"][1:5] == ["≤60", "80", "72", "75.0"]
    assert rows["净销售额"][1:5] == ["600.0", "671.7", "604.6", "112.0"]


def test_every_figure_of_the_card_is_listed_with_its_facts(drafted: Drafted) -> None:
    made = drafted(full())

    parts = {(each.reading.metric, each.part) for each in made.figures if each.reading}
    assert {("net_sales", "value"), ("net_sales", "target"), ("net_sales", "attainment")} <= parts
    assert all(each.facts for each in made.figures if each.reading)
    assert all(rows is None for each in made.figures if each.reading for _name, rows in each.facts)


def test_a_trend_needs_three_months(drafted: Drafted) -> None:
    two = drafted(
        manager(
            [*ten(), *trend("gross_margin", [0.3, 0.31])],
            SERVED,
            holdings(("A-1", "A-1", 10_000, None, None)),
        )
    )
    three = drafted(
        manager(
            [*ten(), *trend("gross_margin", [0.3, 0.31, 0.3])],
            SERVED,
            holdings(("A-1", "A-1", 10_000, None, None)),
        )
    )

    assert three.html.count("<polyline") == two.html.count("<polyline") + 1


# Whom the manager serves


def test_accounts_are_listed_by_sales_with_the_share_of_those_that_are_shared(drafted: Drafted) -> None:
    held = holdings(("A-1", "A-1", 10_000, None, None), ("A-2", "A-2", 6_000, "2026-01-06", None))
    found = manager(
        ten(),
        [
            account("A-1", 500_000.0),
            account("A-2", 818_000.0),
            customer("A-1", (2, 2)),
            customer("A-2", (1, 3)),
        ],
        held,
    )

    rows = rows_of(drafted(found).html, "served")

    assert [row[0] for row in rows] == ["A-2公司 60%", "A-1公司"]
    assert [row[2] for row in rows] == ["81.8", "50.0"]
    assert [row[5] for row in rows] == ["1/3", "2/2"]


def test_an_account_handed_over_within_the_month_is_counted_and_not_listed(drafted: Drafted) -> None:
    held = holdings(
        ("A-1", "A-1", 10_000, None, None),
        ("A-2", "A-2", 10_000, None, "2026-09-10"),
        ("A-3", "A-3", 10_000, "2026-09-10", None),
    )
    members = [
        each for name in ("A-1", "A-2", "A-3") for each in (account(name, 1000.0), customer(name, None))
    ]

    html = drafted(manager(ten(), members, held)).html

    assert [row[0] for row in rows_of(html, "served")] == ["A-1公司", "A-3公司"]
    text = _TAG.sub("", html)
    assert "2个账户，本期接入1个，本期移出1个" in text


def test_an_overdue_promise_stands_before_what_is_due_next(drafted: Drafted) -> None:
    held = holdings(("A-1", "A-1", 10_000, None, None))
    late = manager(
        ten(), [account("A-1", 1.0, action="2026-09-18|上线看板|overdue"), customer("A-1", None)], held
    )
    open_ = manager(
        ten(), [account("A-1", 1.0, action="2026-11-04|场地勘测|open"), customer("A-1", None)], held
    )
    none = manager(ten(), [account("A-1", 1.0), customer("A-1", None)], held)

    assert [rows_of(drafted(each).html, "served")[0][6] for each in (late, open_, none)] == [
        "逾期 9月18日前上线看板",
        "11月4日前场地勘测",
        "12月31日前维持型客户每半年拜访",
    ]


def test_the_title_says_whose_money_is_overdue_and_whom_nobody_met(drafted: Drafted) -> None:
    held = holdings(("A-1", "A-1", 10_000, None, None), ("A-2", "A-2", 10_000, None, None))
    found = manager(
        ten(),
        [account("A-1", 2.0, 5_000.0), account("A-2", 1.0), customer("A-1", (1, 2)), customer("A-2", (1, 1))],
        held,
    )

    assert "两个账户中一个有逾期款，一个本年有触达缺失" in drafted(found).html


def test_long_lists_end_with_how_many_more_there_are(drafted: Drafted) -> None:
    names = [f"A-{number:02}" for number in range(30)]
    held = holdings(*((name, name, 10_000, None, None) for name in names))
    members = [each for name in names for each in (account(name, 1000.0), customer(name, None))]

    rows = rows_of(drafted(manager(ten(), members, held)).html, "served")

    assert len(rows) == served._MOST + 1
    assert rows[-1] == [f"其余{30 - served._MOST}个账户"]


def test_clients_held_back_are_named_above_the_signatures(drafted: Drafted) -> None:
    found = full()

    assert "暂不外发：A-1" in _TAG.sub("", drafted(replace(found, held_back=("A-1",))).html)
    assert "暂不外发" not in drafted(found).html


def test_a_name_from_the_data_is_text(drafted: Drafted) -> None:
    held = holdings(("A-1", "A-1", 10_000, None, None))
    html = drafted(manager(ten(), [account("A-1", 1.0, title="<b>甲</b>"), customer("A-1", None)], held)).html

    assert "<b>" not in html
    assert "&lt;b&gt;甲" in _TAG.sub("", html)


def test_a_manager_who_sold_nothing_and_has_no_target_gets_no_card() -> None:
    nothing = {each.metric: (None, None) for each in performance.KPIS}
    report, edition = reports.REPORTS["manager_scorecard"], managers.edition()

    assert not document.present(report, manager(ten(**nothing | {"net_sales": (0.0, None)})), edition)
    assert document.present(report, manager(ten(**nothing | {"net_sales": (0.0, 5.0)})), edition)
    assert document.present(report, manager(ten(**nothing | {"csat": (0.0, None)})), edition)


# Business by kind


def kind(metric: str, name: str, value: float | None, target: float | None = None, **more: Any) -> Reading:
    window = managers.MONTH if metric == "open_pipeline_value" else managers.YEAR
    plain = {"unit": "share" if metric == "win_rate_by_kind" else "money", "currency": "CNY"}
    return managers.reading(
        metric, value, window, "manager", "M-01", breakdown=f"kind={name}", target=target, **plain, **more
    )


def test_kinds_stand_with_target_pipeline_and_deals_won(drafted: Drafted) -> None:
    readings = [
        *ten(),
        kind("sales_by_kind", "new", 120_000.0, 100_000.0),
        kind("sales_by_kind", "renewal", 1_549_000.0, 4_175_000.0),
        kind("open_pipeline_value", "new", 50_000.0),
        kind("win_rate_by_kind", "new", 0.5, numerator=2.0, denominator=4.0),
    ]

    html = drafted(manager(readings)).html

    assert rows_of(html, "kinds") == [
        ["新客户业务", "10.0", "12.0", "120.0", "", "5.0", "2/4"],
        ["续约", "417.5", "154.9", "37.1", "", "–", "–"],
    ]
    assert "新客户业务达成目标，续约未达成" in html


def test_one_kind_alone_or_kinds_without_targets_are_no_table(drafted: Drafted) -> None:
    alone = [kind("sales_by_kind", "new", 1.0, 2.0)]
    untargeted = [kind("sales_by_kind", "new", 1.0), kind("sales_by_kind", "renewal", 2.0)]

    assert 'id="kinds"' not in drafted(manager([*ten(), *alone])).html
    assert 'id="kinds"' not in drafted(manager([*ten(), *untargeted])).html


def test_figures_that_cannot_be_told_are_named_with_their_reason(drafted: Drafted) -> None:
    html = drafted(full(gross_margin=(None, None), csat=(None, None))).html

    assert len(rows_of(html, "performance")) == 8
    assert "未列示：没有数据：毛利率和满意度。" in _TAG.sub("", html)


def test_one_target_alone_is_told_by_its_name(drafted: Drafted) -> None:
    alone = {each.metric: (0.5, None) for each in performance.KPIS}

    assert headline(drafted(full(**alone | {"net_sales": (5e6, 6e6)})).html) == "沈予安：净销售额未达标"
    assert headline(drafted(full(**alone | {"net_sales": (7e6, 6e6)})).html) == "沈予安：净销售额达标"


def test_sales_and_overdue_money_stand_in_the_one_unit_of_the_head(drafted: Drafted) -> None:
    held = holdings(("A-1", "A-1", 10_000, None, None))
    html = drafted(manager(ten(), [account("A-1", 9_000.0, 25_000.0), customer("A-1", None)], held)).html

    row = rows_of(html, "served")[0]
    assert "销售额 万元" in html
    assert (row[2], row[4]) == ("0.90", "2.50")
