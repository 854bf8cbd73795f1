"""The page of commitments and changes: what became of each, what is to come, and what waits for a confirmation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.press import document, reports
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from tests import portraits
from tests.promisers import AGREED, AHEAD, DONE_LATE, DROPPED, KEPT, Row, customer
from tests.section_pages import Page, inks, page

SECTION = ("commitments",)


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def told(ink: Ink, subject: Slice, language: str = "zh-Hans") -> Page:
    return page(subject, ink, language, SECTION)


def headline(made: Page) -> str:
    return re.sub(r"<br>|<[^>]+>", "", re.findall(r'<h1 class="headline"[^>]*>(.*?)</h1>', made.html)[0])


def present(subject: Slice) -> tuple[str, ...]:
    found = document.present(reports.REPORTS["value_report"], subject, portraits.edition())
    return tuple(section.name for section in found)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([KEPT, KEPT, DONE_LATE, DROPPED], "四项承诺兑现两项，一项延期，一项取消"),
        ([KEPT, KEPT], "两项承诺全部兑现"),
        ([KEPT], "一项承诺按时兑现"),
        ([DROPPED], "一项承诺未兑现"),
        ([DONE_LATE, DONE_LATE, AHEAD], "两项承诺均未兑现，两项延期；未来90天有一项到期"),
        ([AHEAD, AHEAD], "未来90天有两项到期"),
        ([{"due_on": "2026-06-01"}], "一项已逾期"),
        ([{}, DROPPED], "两项承诺均未兑现，一项延期，一项取消"),
        ([{"due_on": "2027-03-01"}], "另有一项以后到期"),
        ([KEPT] * 13 + [DROPPED], "14项承诺兑现13项，1项取消"),
    ],
)
def test_the_headline_says_what_became_of_them_by_rule(ink: Ink, actions: list[Row], expected: str) -> None:
    assert headline(told(ink, customer(actions))) == expected


def test_each_commitment_that_fell_due_stands_with_its_day_result_and_distance(ink: Ink) -> None:
    said = told(ink, customer([KEPT, DONE_LATE, {}, DROPPED, {"due_on": "2026-06-10"}])).text

    assert "AC-01 提交改善计划 沈若溪 9月10日 9月8日 [兑现]\n兑现 提前2天" in said
    assert "[延期]\n延期 晚4天" in said
    assert "AC-03 提交改善计划 沈若溪 9月10日 – [逾期]\n逾期 晚20天" in said
    assert "[取消]\n取消 –" in said
    assert "AC-05 提交改善计划 沈若溪 6月10日" not in said


def test_squares_and_days_are_figures_of_the_document(ink: Ink) -> None:
    made = told(ink, customer([KEPT, DONE_LATE, {}, DROPPED]))

    assert made.printed("到期的承诺") == ["1", "2", "1"]
    assert made.printed("提前或延迟天数") == ["2天", "4天", "20天"]
    assert "兑现1项, 延期2项, 取消1项" in made.html
    for figure in made.figures:
        assert made.html.count(f'id="{figure.anchor}"') == 1, figure.label


def test_what_the_client_may_not_see_is_told_nowhere(ink: Ink) -> None:
    hidden = {**KEPT, "is_client_visible": False, "description": "内部事项"}

    assert "内部事项" not in told(ink, customer([KEPT, hidden])).html
    assert present(customer([hidden])) == ()


def test_an_overdue_commitment_comes_first_and_says_since_when(ink: Ink) -> None:
    said = told(ink, customer([AHEAD, {"due_on": "2026-05-04", "description": "旧承诺"}])).text

    assert said.index("[已逾期，原定5月4日]") < said.index("[2026年10月20日]")
    assert "一项已逾期；未来90天有一项到期" in said


@pytest.mark.parametrize(
    ("cells", "zh", "en"),
    [
        ({"side": "client", "owner": "周岚"}, "贵方周岚", "You, 周岚"),
        ({"side": "client", "owner": None}, "贵方", "You"),
        ({"owner": None}, "我方", "Us"),
    ],
)
def test_the_owner_is_named_where_the_data_name_one(ink: Ink, cells: Row, zh: str, en: str) -> None:
    subject = customer([{**AHEAD, **cells}])

    assert f"提交改善计划 {zh} [" in told(ink, subject).text
    assert f"提交改善计划 {en} [" in told(ink, subject, "en").text


def test_a_commitment_of_both_sides_stands_once_and_is_hatched(ink: Ink) -> None:
    both: Row = {**AHEAD, "description": "联合复核"}
    made = told(ink, customer([both, {**both, "side": "client"}, AHEAD]))

    assert made.text.count("联合复核") == 1
    assert "双方沈若溪" in made.text
    assert "斜线双方" in made.text
    assert "斜线双方" not in told(ink, customer([AHEAD])).text


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ([{}, {**AGREED}, {"confirmed_by_us_on": "2026-08-05"}], "三项变更中两项未经双方确认"),
        ([{}, {}], "两项变更均未经双方确认"),
        ([AGREED, {**AGREED, "delivered_on": "2026-09-02"}], "两项变更均经双方确认"),
        ([AGREED], "一项变更已经双方确认"),
        ([{}], "一项变更未经双方确认"),
        ([{"status": "cancelled"}], "一项变更已取消"),
    ],
)
def test_the_title_of_the_changes_says_whether_both_sides_confirmed(
    ink: Ink, changes: list[Row], title: str
) -> None:
    assert f"\n{title}\n" in told(ink, customer([KEPT], changes)).text


def test_a_change_stands_with_its_confirmations_effect_and_state(ink: Ink) -> None:
    half: Row = {"confirmed_by_us_on": "2026-08-05", "cost_amount": None, "delay_days": None}
    made = told(ink, customer([KEPT], [{**AGREED, "delivered_on": "2026-09-02"}, half, {}]))

    assert "CR-01 追溯标签改为双面 8月3日 8月5日 8月9日 9月2日 2.10 4 已交付" in made.text
    assert "CR-02 追溯标签改为双面 8月3日 8月5日 – – – – 待贵方确认" in made.text
    assert "CR-03 追溯标签改为双面 8月3日 – – – 2.10 4 待双方确认" in made.text
    assert made.html.count("chip missed") == 1
    assert made.html.count("chip near") == 1
    assert "本季交付1项变更，费用2.10万元，工期影响4天。" in made.text
    assert made.printed("各项变更的费用") == ["2.10万元", "2.10万元"]


def test_costs_in_several_currencies_are_printed_each_in_full(ink: Ink) -> None:
    said = told(ink, customer([KEPT], [AGREED, {**AGREED, "currency": "EUR", "cost_amount": 30_000}])).text

    assert "2.10万元" in said
    assert "3.00万欧元" in said


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        ({"asked_on": "2026-02-01", "delivered_on": "2026-06-30", **AGREED}, False),
        ({"asked_on": "2026-02-01", "delivered_on": "2026-07-01", **AGREED}, True),
        ({"asked_on": "2026-02-01"}, True),
        ({"asked_on": "2026-02-01", "status": "dropped"}, False),
    ],
)
def test_old_changes_are_told_while_they_are_open(ink: Ink, change: Row, is_told: bool) -> None:
    assert ("追溯标签" in told(ink, customer([KEPT], [change])).text) is is_told


def test_many_changes_get_a_page_of_their_own(ink: Ink) -> None:
    few = told(ink, customer([KEPT, AHEAD], [AGREED]))
    many = told(ink, customer([KEPT] * 12 + [AHEAD] * 6, [AGREED] * 6))

    assert few.html.count('<section class="section') == 1
    assert many.html.count('<section class="section') == 2
    assert "\n6项变更" not in many.text


@pytest.mark.parametrize(
    ("subject", "is_there"),
    [
        (customer([KEPT]), True),
        (customer([AHEAD]), True),
        (customer([], [AGREED]), True),
        (customer([], [{"asked_on": "2026-01-04", "delivered_on": "2026-08-01"}]), True),
        (customer([], [{"asked_on": "2026-01-04", "delivered_on": "2026-03-01"}]), False),
        (customer([{"due_on": "2026-01-10", "done_on": "2026-01-09"}]), False),
    ],
)
def test_the_section_is_there_where_there_is_something_to_tell(subject: Slice, is_there: bool) -> None:
    assert ("commitments" in present(subject)) is is_there


def test_text_from_the_data_can_neither_become_markup_nor_fail_the_page(ink: Ink) -> None:
    nasty = "<b>粗</b>\u202e\x07 {n} 👍 " + "长" * 300 + "w" * 300
    made = told(ink, customer([{**KEPT, "description": nasty, "owner": nasty}], [{"description": nasty}]))

    assert "<b>" not in made.html
    assert "👍" not in made.html
    assert "长" * 60 not in made.html
    assert "…" in made.html
