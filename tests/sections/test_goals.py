"""The page of goals: baseline, now and target of each, what is reached and what is not, said by rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.goals import decimals, in_own_unit
from pipeline.press.svg import Ink
from tests.claimants import Row, is_ordered, outcomes, slice_of, steps
from tests.section_pages import Page, inks, page, present


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def told(ink: Ink, *rows: Row, values: tuple[Row, ...] | list[Row] = (), language: str = "zh-Hans") -> Page:
    return page(slice_of(outcomes(*rows, values=values)), ink, language, ("goals",))


REACHED: Row = {"goal": "缩短补货时长"}
ON_THE_WAY: Row = {"goal": "降低临时用工", "baseline_value": 140, "target_value": 90, "current_value": 104}
WORSE: Row = {
    "goal": "提升分拣能力",
    "better": "higher",
    "baseline_value": 7200,
    "target_value": 9000,
    "current_value": 6900,
}
EXPIRED: Row = {"goal": "降低能耗", "current_on": "2025-09-30"}


def test_baseline_now_target_and_progress_are_figures_of_the_document(ink: Ink) -> None:
    made = told(ink, REACHED, ON_THE_WAY)

    assert made.printed("各目标基线") == ["38.0", "140"]
    assert made.printed("各目标现值") == ["24.5", "104"]
    assert made.printed("各目标的目标值") == ["26.0", "90"]
    assert made.printed("各目标进度") == ["112.5%", "72.0%"]
    assert {figure.reading.metric for figure in made.figures if figure.reading} == {
        "goal_baseline", "goal_now", "goal_target", "goal_progress", "goals_reached",
    }  # fmt: skip
    for figure in made.figures:
        assert made.html.count(f'id="{figure.anchor}"') == 1, figure.label


def test_unit_direction_and_the_days_of_measuring_stand_beside_the_values(ink: Ink) -> None:
    said = told(ink, REACHED, WORSE).text

    assert "缩短补货时长 分钟/单，越低越好 38.0 2025年1月1日 24.5 9月25日 26.0" in said
    assert "分钟/单，越高越好" in said
    assert "最近一次测量于2026年9月25日。" in said


@pytest.mark.parametrize(
    ("rows", "headline"),
    [
        ([REACHED], "缩短补货时长：已达到目标"),
        ([ON_THE_WAY], "降低临时用工：目标进度72.0%"),
        ([WORSE], "提升分拣能力：比基线时离目标更远"),
        ([{**ON_THE_WAY, "current_value": 140}], "降低临时用工：自基线以来没有进展"),
        ([{**ON_THE_WAY, "money_amount": None}], "降低临时用工：未达成，目标进度72.0%"),
        ([EXPIRED], "降低能耗：证据已过期"),
        ([{"target_value": None}], "贵方目标的现状"),
        ([REACHED, ON_THE_WAY], "两个目标中一个已达成"),
        ([REACHED, REACHED], "两个目标全部达成"),
        ([WORSE, ON_THE_WAY, ON_THE_WAY], "三个目标尚无一达成"),
    ],
)
def test_the_headline_follows_rules(ink: Ink, rows: list[Row], headline: str) -> None:
    assert headline in told(ink, *rows).text.split("\n")[:3]


@pytest.mark.parametrize(
    ("row", "chip", "word"),
    [
        (REACHED, "met", "已达成"),
        (ON_THE_WAY, "near", "未到目标"),
        (WORSE, "missed", "未达成"),
        ({**ON_THE_WAY, "money_amount": None}, "missed", "未达成"),
        (EXPIRED, "near", "证据过期"),
        ({"current_value": None, "current_on": None, "confirmed_on": None}, "unknown", "尚未测量"),
        ({"target_value": None}, "unknown", "未设目标"),
    ],
)
def test_each_goal_has_its_state(ink: Ink, row: Row, chip: str, word: str) -> None:
    made = told(ink, row)

    assert f'{chip}">{word}<' in made.html


def test_those_that_are_reached_stand_first_and_what_cannot_be_judged_last(ink: Ink) -> None:
    rows: list[Row] = [EXPIRED, WORSE, ON_THE_WAY, REACHED]
    said = told(ink, *rows).text

    table = said.partition("状态")[2]
    assert is_ordered(table, "缩短补货时长", "降低临时用工", "提升分拣能力", "降低能耗")
    assert "离目标最远的是“提升分拣能力”" in said


def test_evidence_that_has_expired_is_said_and_a_new_measurement_brings_it_back(ink: Ink) -> None:
    old = told(ink, EXPIRED, REACHED).text
    again: list[Row] = [{"outcome_id": "OC-01", "measured_on": "2026-06-25", "value": 25, "evidence": "EV-9"}]
    fresh = told(ink, EXPIRED, REACHED, values=again).text

    assert "一个目标的证据已过期，待重新测量。" in old
    assert "过期" not in fresh


def test_a_goal_counts_as_reached_by_the_value_on_the_last_day(ink: Ink) -> None:
    later: list[Row] = [{"outcome_id": "OC-01", "measured_on": "2026-10-20", "value": 25}]

    assert told(ink, ON_THE_WAY, values=later).printed("各目标现值") == ["104"]


def test_a_goal_that_is_short_by_a_hair_is_not_printed_as_reached(ink: Ink) -> None:
    almost: Row = {"baseline_value": 0, "better": "higher", "target_value": 10000, "current_value": "9999.6"}
    made = told(ink, almost)

    assert made.printed("各目标进度") == ["99.996%"]
    assert made.printed("各目标现值") == ["9,999.6"]


def test_measurements_over_time_are_drawn_and_each_is_a_figure_where_there_is_one_goal(ink: Ink) -> None:
    made = told(ink, REACHED, values=steps("OC-01", 36, "33.5", 30))

    assert made.printed("目标历次测量值") == ["38.0", "36.0", "33.5", "30.0", "24.5"]
    assert "每次测量都比上一次更好" in made.text
    assert "2025年6月25日 33.5" in made.text


def test_measurements_that_would_look_alike_have_a_decimal_more(ink: Ink) -> None:
    row: Row = {"better": "higher", "baseline_value": 3, "target_value": 6, "current_value": "3.4"}

    assert told(ink, row, values=steps("OC-01", "3.08", "3.14")).printed("目标历次测量值") == [
        "3.00",
        "3.08",
        "3.14",
        "3.40",
    ]


def test_a_step_back_at_the_last_measurement_is_the_title(ink: Ink) -> None:
    said = told(ink, REACHED, ON_THE_WAY, values=[*steps("OC-01", 24, 23), *steps("OC-02", 130, 120)]).text

    assert "最近一次测量出现回退：缩短补货时长" in said


def test_of_many_goals_those_that_are_not_reached_are_drawn_and_the_rest_is_said(ink: Ink) -> None:
    rows = [REACHED] * 5 + [ON_THE_WAY] * 3
    values = [each for at in range(1, 9) for each in steps(f"OC-{at:02}", "36", "30")]
    made = told(ink, *rows, values=values)

    assert made.html.count('class="path"') == 6
    assert made.html.count("<h3>降低临时用工</h3>") == 3
    assert "另有2个目标见上表" in made.text


def test_without_goals_there_is_no_page() -> None:
    nobody = slice_of(outcomes({"account_id": "A-2", "confirmed_by": None}))

    assert present(nobody) == ()
    assert present(slice_of(outcomes(REACHED))) == ("goals", "value")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_names_of_any_length_and_foreign_signs_do_not_stop_the_page(ink: Ink, language: str) -> None:
    rows: list[Row] = [
        {"goal": "缩短<补货>时长" * 40, "unit": "分钟/单" * 9, **cells}
        for cells in ({}, {"current_on": "2025-01-02"}, {"target_value": None})
    ]
    made = told(ink, *rows, language=language)

    assert "&lt;补货&gt;" in made.html
    assert "<补货>" not in made.html
    for raw in ("nan", "None", "NaT", "<NA>", "{", "}"):
        assert raw not in made.text


@given(st.lists(st.decimals(-10_000, 10_000, places=4).map(float), min_size=1, max_size=3))
def test_values_that_differ_are_never_printed_alike(values: list[float]) -> None:
    places = decimals(values)
    printed = {in_own_unit(value, places).number for value in values}

    assert len(printed) == len({value or 0.0 for value in values})
    assert places <= 4
