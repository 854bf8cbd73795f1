"""The page of value: classes of confidence apart, one benefit once, expired evidence out, failures last."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.claims import Amounts, amounts, standing_of
from pipeline.press.document import press
from pipeline.press.svg import Ink
from tests.claimants import CONFIDENCES, Row, is_ordered, outcomes, slice_of, steps
from tests.section_pages import Page, inks, page


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def told(ink: Ink, *rows: Row, language: str = "zh-Hans", currency: str = "CNY") -> Page:
    found = outcomes(*rows, currency=currency)
    return page(slice_of(found, currency), ink, language)


def claim(title: str, confidence: str = "measured", **cells: object) -> Row:
    return {"goal": title, "confidence": confidence, **cells}


MEASURED = claim("甲项")
CONFIRMED = claim("乙项", "confirmed", money_amount=300_000)
MODELLED = claim("丙项", "modelled", money_amount=98_000, confirmed_by=None, confirmed_on=None)
FAILED = claim(
    "丁项", "estimated", current_value="37.5", money_amount=None, confirmed_by=None, confirmed_on=None
)
EXPIRED = claim("戊项", "confirmed", current_on="2025-09-30", confirmed_on="2025-09-30")


def test_each_class_has_its_own_amount_and_no_sum_is_printed(ink: Ink) -> None:
    made = told(ink, MEASURED, CONFIRMED, MODELLED)

    assert "实测价值80.00万元，贵方确认24.00万元" in made.text
    assert made.printed("按可信度的价值") == ["80.00万元", "24.00万元", "7.84万元", "0万元"]
    amounts_ = {800_000, 240_000, 78_400}
    sums = {sum(each) for size in (2, 3) for each in combinations(amounts_, size)}
    assert not sums & {figure.value for figure in made.figures}


def test_each_claim_prints_its_evidence(ink: Ink) -> None:
    said = told(ink, MEASURED, CONFIRMED).text

    assert "甲项 分钟/单 38.0 24.5 −35.5% 80% 80 任务时间戳 EV-1，柏文渊，9月28日确认" in said
    assert said.count("柏文渊，9月28日确认") == 2


def test_what_is_modelled_or_estimated_is_said_not_to_be_confirmed(ink: Ink) -> None:
    assert "EV-1，未经确认" in told(ink, MODELLED).text


def test_classes_stand_from_the_surest_on_then_what_expired_then_what_failed(ink: Ink) -> None:
    said = told(ink, FAILED, EXPIRED, MODELLED, CONFIRMED, MEASURED).text
    table = said.partition("方法与证据")[2]

    assert is_ordered(
        table, "实测", "甲项", "贵方确认", "乙项", "模型测算", "丙项", "证据过期", "戊项", "未达成", "丁项"
    )
    assert "“丁项”未达成" in said
    assert "目标26.0" in table.partition("丁项")[2]
    assert "1项未达成，列在表末。" in said


def test_expired_evidence_falls_out_and_stays_in_what_was_claimed_so_far(ink: Ink) -> None:
    made = told(ink, MEASURED, CONFIRMED, EXPIRED)

    assert made.printed("按可信度的价值")[1] == "24万元"
    assert "1项证据过期，不再计入。" in made.text
    assert "EV-1，9月30日过期" in made.text
    assert "迄今共主张3项效益。含证据过期者，贵方确认104万元。" in made.text


def test_one_benefit_counts_once_and_the_other_claim_says_so(ink: Ink) -> None:
    made = told(ink, {**MEASURED, "benefit_key": "K"}, {**CONFIRMED, "benefit_key": "K"})

    assert made.printed("按可信度的价值") == ["80万元", "0万元", "0万元", "0万元"]
    assert "与“甲项”为同一效益" in made.text
    assert "同一效益只计一次" in made.text
    assert "两项价值中一项计入金额" in made.text


@pytest.mark.parametrize(
    ("rows", "headline"),
    [
        ([FAILED], "目标未达成，不计价值"),
        ([EXPIRED], "证据已过期，不计价值"),
        ([claim("甲项", money_amount=None)], "价值尚未折算成金额"),
        ([MODELLED], "模型测算价值7.84万元"),
        ([FAILED, MODELLED], "模型测算价值7.84万元"),
    ],
)
def test_the_headline_follows_rules(ink: Ink, rows: list[Row], headline: str) -> None:
    assert f"\n{headline}\n" in told(ink, *rows).text


def test_a_claim_without_money_is_listed_and_not_counted(ink: Ink) -> None:
    made = told(ink, MEASURED, claim("己项", money_amount=None))

    assert "己项 分钟/单 38.0 24.5 −35.5% 80% 未计金额" in made.text
    assert made.printed("价值项金额") == ["80万元"]


def test_a_claim_that_was_never_measured_is_listed_by_the_day_it_was_confirmed(ink: Ink) -> None:
    bare = claim(
        "庚项", "confirmed", baseline_value=None, baseline_on=None, current_value=None, current_on=None
    )
    made = page(slice_of(outcomes(bare)), ink)

    assert "贵方确认价值80万元" in made.text
    assert "庚项" in made.text
    assert 'id="goals"' not in made.html


@pytest.mark.parametrize(
    ("cells", "change"),
    [
        ({}, "−35.5%"),
        (
            {
                "unit": "%",
                "better": "higher",
                "baseline_value": "98.6",
                "target_value": "99.8",
                "current_value": "99.7",
            },
            "+1.1个点",
        ),
        ({"baseline_value": 0, "target_value": 9, "current_value": 4, "better": "higher"}, "+4"),
        ({"current_value": 38}, "0.0%"),
    ],
)
def test_a_change_is_a_share_points_or_a_difference(ink: Ink, cells: Row, change: str) -> None:
    assert told(ink, {**MEASURED, **cells}).printed("价值项变化") == [change]


def test_another_customers_contact_is_never_named(ink: Ink) -> None:
    said = told(ink, {**MEASURED, "confirmed_by": "C-2"}).text

    assert "别家的人" not in said
    assert "C-2" not in said
    assert "EV-1，9月28日确认" in said


def test_a_name_that_is_no_contacts_id_is_printed_as_it_is(ink: Ink) -> None:
    assert "周岚，9月28日确认" in told(ink, {**MEASURED, "confirmed_by": "周岚"}).text


def test_the_amounts_of_a_foreign_client_are_in_its_own_currency(ink: Ink) -> None:
    made = told(ink, {**MEASURED, "money_amount": 54_000, "currency": "EUR"}, language="en", currency="EUR")

    assert "Value measured: €43.2k" in made.text
    assert "Value, €k" in made.text
    assert "¥" not in made.text


def test_one_goal_shares_its_page_with_its_value(ink: Ink) -> None:
    assert 'class="section dense joined" id="value"' in told(ink, MEASURED).html
    assert "joined" not in told(ink, MEASURED, CONFIRMED).html


def test_bars_before_and_now_are_left_out_where_they_could_not_show_the_change(ink: Ink) -> None:
    rate: Row = {
        "unit": "%",
        "better": "higher",
        "baseline_value": "98.6",
        "target_value": "99.8",
        "current_value": "99.7",
    }

    assert "甲项：从38.0到24.5分钟/单" in told(ink, MEASURED, CONFIRMED).text
    assert "从98.6到" not in told(ink, {**MEASURED, **rate}, {**CONFIRMED, **rate}).text


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_figure_is_anchored_once(ink: Ink, language: str) -> None:
    rows: list[Row] = [
        MEASURED,
        {**CONFIRMED, "benefit_key": "K"},
        {**MODELLED, "benefit_key": "K"},
        FAILED,
        EXPIRED,
    ]
    found = outcomes(*rows, values=steps("OC-01", 36, 30))
    made = page(slice_of(found), ink, language)

    for figure in made.figures:
        assert made.html.count(f'id="{figure.anchor}"') == 1, figure.label
    for raw in ("nan", "None", "NaT", "<NA>", "{", "}"):
        assert raw not in made.text


@pytest.mark.parametrize(
    ("is_counting", "is_valued", "has_twin", "expected"),
    [
        (True, True, False, "counted"),
        (True, False, False, "unvalued"),
        (False, False, True, "twin"),
        (False, True, False, "expired"),
    ],
)
def test_what_is_said_of_a_claim(is_counting: bool, is_valued: bool, has_twin: bool, expected: str) -> None:
    found = standing_of(None, is_counting=is_counting, is_valued=is_valued, has_twin=has_twin)

    assert found == expected


def scale(ink: Ink, language: str, currency: str, values: list[float]) -> Amounts:
    made = press(language, ink)

    class Viewed:
        is_han = language == "zh-Hans"
        press = made
        printer = made.printer
        slice = type("Of", (), {"currency": currency})

    return amounts(Viewed(), values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "currency", "values", "printed"),
    [
        ("zh-Hans", "CNY", [2_412_000, 688_000, 60_000, 0], ["241.2万元", "68.8万元", "6.0万元", "0万元"]),
        ("zh-Hans", "TWD", [43_200], ["4.32万 TWD"]),
        ("zh-Hans", "CNY", [800], ["800元"]),
        ("zh-Hans", "TWD", [800], ["800 TWD"]),
        ("en", "CNY", [2_412_000, 688_000], ["¥2,412k", "¥688k"]),
        ("en", "TWD", [43_200], ["TWD 43.2k"]),
        ("en", "EUR", [9_000, 12], ["€9,000", "€12"]),
        ("en", "USD", [5_000_000, 30], ["US$5,000.00k", "US$0.03k"]),
    ],
)
def test_amounts_of_a_page_share_a_scale(
    ink: Ink, language: str, currency: str, values: list[float], printed: list[str]
) -> None:
    found = scale(ink, language, currency, values)

    assert [found.printed(value).text for value in values] == printed


@given(values=st.lists(st.integers(1, 10**10).map(lambda each: each / 100), min_size=1, max_size=4))
def test_an_amount_of_something_is_never_printed_as_nothing(
    installed_fonts: Path, values: list[float]
) -> None:
    found = scale(_ink(installed_fonts), "en", "EUR", values)
    if max(values) / min(values) < 10**5:
        assert all(found.printed(value).number.strip("0.,") for value in values)


_INKS: dict[Path, Ink] = {}


def _ink(folder: Path) -> Ink:
    if folder not in _INKS:
        _INKS[folder] = inks(folder)["warm"]
    return _INKS[folder]


def test_every_class_has_a_name_in_both_languages(ink: Ink) -> None:
    for language in ("zh-Hans", "en"):
        made = told(ink, *(claim(f"项{each}", each) for each in CONFIDENCES), language=language)
        assert (
            len(made.printed("按可信度的价值" if language == "zh-Hans" else "Value by class of confidence"))
            == 4
        )
