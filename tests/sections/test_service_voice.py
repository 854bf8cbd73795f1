"""What customers said: quoted only with consent, with what was done about it, beside the clocks or on a page of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from tests import portraits
from tests.portraits import QUARTER
from tests.promisers import Row, customer
from tests.section_pages import Page, inks, page


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["warm"]


def told(ink: Ink, *answers: Row, language: str = "zh-Hans") -> Page:
    return page(customer(answers=answers), ink, language, ("service",))


def clocked(*answers: Row) -> Slice:
    """A customer with cases beside the answers."""
    plain = portraits.rich()
    others = [each for each in plain.readings if each.metric not in ("csat", "nps")]
    found = customer(answers=answers, others=others)
    return Slice(found.subject, found.readings, {**plain.tables, **found.tables})


ACTED: Row = {"comment": "同一故障反复出现", "action_taken": "已更换供货批次"}
OPEN: Row = {"comment": "交期一再推迟"}
PRAISE: Row = {"comment": "现场工程师很专业", "score": 5}


def test_what_was_said_stands_beside_what_was_done(ink: Ink) -> None:
    said = told(ink, ACTED, OPEN, PRAISE).text

    assert "“同一故障反复出现” 已更换供货批次 1 8月5日 已处理" in said
    assert "“交期一再推迟” – 1 8月5日 待处理" in said
    assert "“现场工程师很专业” – 1 8月5日 已记录" in said
    assert said.index("交期一再推迟") < said.index("同一故障反复出现") < said.index("现场工程师很专业")


def test_only_what_is_not_acted_on_is_flagged(ink: Ink) -> None:
    assert told(ink, ACTED, OPEN, PRAISE).html.count("chip missed") == 1
    assert "chip missed" not in told(ink, ACTED, PRAISE).html


@pytest.mark.parametrize("may_quote", [False, None])
def test_without_consent_nothing_is_quoted_but_it_counts(ink: Ink, may_quote: bool | None) -> None:
    secret: Row = {**OPEN, "comment": "机密的话", "action_taken": "机密的事", "may_quote": may_quote}
    subject = customer(answers=[ACTED, secret])
    made = page(subject, ink, "zh-Hans", ("service",))

    assert "机密" not in made.html
    assert (
        not subject.tables["comments"]
        .astype("str")
        .apply(lambda column: column.str.contains("机密"))
        .any(axis=None)
    )
    assert "2条批评意见中已处理2条" in made.text
    assert "另有1条意见未获同意引用" in made.text


@pytest.mark.parametrize(
    ("answers", "title"),
    [
        ([ACTED], "您提出的一条意见已全部处理"),
        ([OPEN], "您提出的一条意见尚待处理"),
        ([ACTED, OPEN], "您提出的两条意见，一条已处理，一条待处理"),
        ([PRAISE], "本季您说了什么"),
    ],
)
def test_the_title_says_how_much_was_acted_on(ink: Ink, answers: list[Row], title: str) -> None:
    assert f"\n{title}\n" in told(ink, *answers).text


def test_the_same_words_stand_once_with_how_often_they_were_said(ink: Ink) -> None:
    made = told(ink, PRAISE, {**PRAISE, "answered_on": "2026-09-03"}, OPEN)

    assert "“现场工程师很专业” – 2 9月3日" in made.text
    assert made.printed("引用的回答") == ["1", "2"]


@pytest.mark.parametrize(
    ("kind", "score", "scale", "is_critical"),
    [("csat", 3, 5, True), ("csat", 4, 5, False), ("nps", 6, 10, True), ("nps", 7, None, False), ("csat", 60, 100, True)],
)  # fmt: skip
def test_critical_is_the_lower_three_fifths_of_a_scale(
    kind: str, score: int, scale: int | None, is_critical: bool
) -> None:
    row: Row = {**OPEN, "kind": kind, "score": score, "scale_max": scale}

    assert customer(answers=[row]).tables["comments"]["is_critical"].tolist() == [is_critical]


def test_answers_outside_the_window_are_left_out(ink: Ink) -> None:
    old: Row = {"comment": "旧话", "answered_on": "2026-06-30"}
    new: Row = {"comment": "后话", "answered_on": "2026-10-01"}

    assert not {"旧话", "后话"} & set(told(ink, PRAISE, old, new).html.split("“"))
    assert "旧话" not in told(ink, PRAISE, old, new).html


def test_few_words_stand_below_the_clocks_many_on_a_page_of_their_own(ink: Ink) -> None:
    beside = page(clocked(ACTED), ink, "zh-Hans", ("service",))
    apart = page(clocked(ACTED, OPEN, PRAISE), ink, "zh-Hans", ("service",))

    assert beside.html.count('<section class="section') == 1
    assert apart.html.count('<section class="section') == 2
    assert "\n0服务\n" in apart.text.replace(" ", "")
    for made in (beside, apart):
        assert made.text.count("您说 我们做") == 1
        for figure in made.figures:
            assert made.html.count(f'id="{figure.anchor}"') == 1, figure.label


def test_recommendation_is_scored_only_with_enough_answers(ink: Ink) -> None:
    answer: Row = {"kind": "nps", "scale_max": 10, "comment": None}
    few = told(ink, PRAISE, *[{**answer, "score": 9}] * 4)
    enough = told(ink, PRAISE, *[{**answer, "score": score} for score in (9, 10, 9, 3, 10)])

    assert "推荐意愿（NPS） – 4份，样本少，不计分" in few.text
    assert "推荐意愿（NPS） 60.0 5份，区间" in enough.text
    assert "问卷回收率 100.0% 发出6份，收回6份" in enough.text


def test_satisfaction_is_told_with_its_target(ink: Ink) -> None:
    reached = portraits.rate("csat", (19, 20), QUARTER, target=0.85)
    subject = customer(answers=[ACTED])
    others = [each for each in subject.readings if each.metric != "csat"]

    said = page(Slice(subject.subject, (*others, reached), subject.tables), ink, "en", ("service",)).text

    assert "Satisfaction reached its target" in said
    assert "every criticism has been acted on" in said.lower()
