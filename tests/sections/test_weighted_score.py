"""The weighted score of a scorecard: its sentence, its rows, what is missing, and what the plan's check remarks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import catalogue
from pipeline.engine.scorecard_plan import Remark
from pipeline.evidence.counts import facts_named
from pipeline.fonts import faces
from pipeline.press import document, reports
from pipeline.press.brand import brand
from pipeline.press.slices import Reading, Slice
from pipeline.press.svg import Ink
from pipeline.press.typeset import Face
from pipeline.rules.scorecard import ScorecardRule
from tests import managers
from tests.managers import YEAR, account, customer, holdings, manager, ten
from tests.scorecards import measure, plan

WORKSPACE = Path("/nowhere")
Drafted = Callable[..., document.Draft]
_TAG, _SVG = re.compile(r"<[^>]+>"), re.compile(r"<svg.*?</svg>", re.DOTALL)
PLAN = plan(
    measure("sales_attainment", 50, "finance", target=1.0, floor=0.5, cap=1.2),
    measure("turnover_days", 10, "finance", window="t12m", step=5),
    measure("csat", 25, "customer"),
    measure("cadence_compliance", 15, "process", target=0.9),
    valid_from=date(2026, 1, 1),
    name="客户经理2026",
    name_en="Account managers 2026",
)


@pytest.fixture(scope="module")
def drafted(installed_fonts: Path) -> Drafted:
    widths = {
        each.weight: Face(each.path) for each in faces(installed_fonts) if each.family == "Noto Sans SC"
    }
    ink = Ink(brand("industrial", WORKSPACE), "Noto Sans SC", widths)

    def draft(
        subject: Slice,
        language: str = "zh-Hans",
        rule: ScorecardRule | None = PLAN,
        remarks: tuple[Remark, ...] = (),
    ) -> document.Draft:
        return document.draft(
            reports.REPORTS["manager_scorecard"],
            subject,
            replace(managers.edition(), scorecard=rule, plan_remarks=remarks),
            document.press(language, ink),
            document.environment(WORKSPACE, language),
            catalogue(),
            facts_named,
        )

    return draft


def score(metric: str, value: float | None, part: str = "", **more: Any) -> Reading:
    breakdown = f"measure={part}" if part else ""
    unit = "share" if metric == "measure_attainment" else "score"
    return managers.reading(
        metric, value, YEAR, "manager", "M-01", **{"breakdown": breakdown, "unit": unit, **more}
    )


def of_measure(name: str, weight: float, attained: float | None, credit: float | None, gains: tuple[float | None, float | None], step: float = 0.01) -> list[Reading]:  # fmt: skip
    points = None if credit is None else weight * credit
    return [
        score("measure_attainment", attained, name),
        score(
            "measure_points", points, name, numerator=credit, denominator=None if credit is None else weight
        ),
        score("target_gain", gains[0], name),
        score("step_gain", gains[1], name, numerator=None if gains[1] is None else step),
    ]


def judged(**more: Any) -> Slice:
    """Sales at 90 %, days met, satisfaction not known, cadence at nothing."""
    told = {"value": 100 * 50 / 75, "low": 50.0, "high": 75.0, "coverage": 0.75, **more}
    readings = [
        score("weighted_score", told.pop("value"), **told),
        *of_measure("sales_attainment", 50, 0.9, 0.8, (13.3, 1.3)),
        *of_measure("turnover_days", 10, 1.1, 1.0, (0.0, 0.0), 5.0),
        *of_measure("csat", 25, None, None, (8.3, None)),
        *of_measure("cadence_compliance", 15, 0.0, 0.0, (20.0, 0.2)),
    ]
    held = holdings(("A-1", "A-1", 10_000, None, None))
    return manager([*ten(), *readings], (account("A-1", 5.0), customer("A-1", (2, 2))), held)


def section(html: str) -> str:
    return html.partition('id="weighted_score"')[2].partition("</section>\n</section>")[0]


def words(html: str) -> str:
    return " ".join(_TAG.sub(" ", _SVG.sub("", html)).split())


def rows(html: str) -> list[list[str]]:
    body = _SVG.sub("", section(html)).partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [
            " ".join(_TAG.sub("", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]


def title(html: str) -> str:
    return words(section(html).partition('class="title">')[2].partition("</h2>")[0]).replace(" ", "")


def test_the_title_says_the_score_and_where_most_is_to_be_gained(drafted: Drafted) -> None:
    assert title(drafted(judged()).html) == "加权得分66.7分，服务节奏达成率达标可再增20.0分，空间最大"
    assert "66.7;mosttogainwithcadencecompliance:20.0points" in title(drafted(judged(), "en").html)


def test_each_measure_has_its_weight_credit_points_and_what_if(drafted: Drafted) -> None:
    found = rows(drafted(judged()).html)

    assert found[0] == ["财务", "销售目标达成率", "50", "90.0", "80.0", "", "40.0", "+13.3", "+1.3"]
    assert found[1] == ["应收周转天数 近12月", "10", "110.0", "100.0", "", "10.0", "–", "–"]
    assert found[3] == ["流程", "服务节奏达成率", "15", "0.0", "0.0", "", "0.0", "+20.0", "+0.2"]
    assert found[-1] == ["加权得分", "100", "", "", "", "66.7", "", ""]


def test_what_is_missing_is_said_and_counts_as_no_zero(drafted: Drafted) -> None:
    html = drafted(judged()).html

    assert rows(html)[2] == ["客户", "满意度", "25", "–", "–", "无数据", "–", "+8.3", "–"]
    said = words(section(html)).replace(" ", "")
    assert "已衡量权重75.0%；缺项按最差与最好计：50.0–75.0" in said
    assert "加权得分=各项得分之和÷已衡量权重" in said


def test_with_everything_measured_there_is_no_range(drafted: Drafted) -> None:
    html = drafted(judged(value=70.0, low=70.0, high=70.0, coverage=1.0)).html

    assert "缺项" not in words(section(html)).partition("维度")[0]


def test_below_the_floor_there_is_no_score_but_the_rows_stand(drafted: Drafted) -> None:
    html = drafted(judged(value=None, low=None, high=None, coverage=0.5)).html

    assert title(html) == "可衡量的权重不足，不给加权得分"
    assert "已衡量权重50.0%，达到60.0%才给分" in words(section(html)).replace(" ", "")
    assert rows(html)[-1][5] == "–"


def test_steps_are_said_once_for_all_that_share_them(drafted: Drafted) -> None:
    assert "一步：1个百分点；应收周转天数为5天。" in words(section(drafted(judged()).html)).replace(" ", "")
    assert "One step: 1 percentage point; 5 days for receivables turnover." in words(
        section(drafted(judged(), "en").html)
    )


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        (Remark("perspective_missing", ("process", "development")), "计划检查：流程和发展维度没有指标。"),
        (Remark("too_few", count=4), "计划检查：只有4项指标，计划至少应有5项。"),
        (Remark("too_many", count=14), "计划检查：共14项指标，计划最多应有12项。"),
        (Remark("same_facts", ("net_sales", "sales_attainment")), "计划检查：净销售额和销售目标达成率出自相同的数据，重复计分。"),
        (Remark("target_missing", ("csat",), 2026), "计划检查：2026年度没有目标：满意度。"),
        (Remark("target_carried_over", ("csat",), 2026), "计划检查：2026年度沿用以往目标、未重新设定：满意度。"),
    ],
)  # fmt: skip
def test_what_the_check_of_the_plan_found_stands_under_it(
    drafted: Drafted, remark: Remark, said: str
) -> None:
    assert said in words(section(drafted(judged(), remarks=(remark,)).html)).replace(" ", "")


def test_a_company_without_a_plan_has_no_such_block(drafted: Drafted) -> None:
    assert 'id="weighted_score"' not in drafted(judged(), rule=None).html


def test_the_score_and_every_part_of_it_are_figures_of_the_document(drafted: Drafted) -> None:
    made = drafted(judged())

    found = {(each.reading.metric, each.part) for each in made.figures if each.reading}
    assert {
        ("weighted_score", "value"), ("weighted_score", "coverage"), ("weighted_score", "low"),
        ("measure_points", "value"), ("measure_points", "numerator"), ("measure_points", "denominator"),
        ("measure_attainment", "value"), ("target_gain", "value"), ("step_gain", "value"),
    } <= found  # fmt: skip


def test_the_page_names_the_plan_in_the_readers_language(drafted: Drafted) -> None:
    assert "客户经理2026" in words(section(drafted(judged()).html)).replace(" ", "")
    assert "Account managers 2026" in words(section(drafted(judged(), "en").html))
