"""The early-warning bulletin: what is at stake comes first, gaps stand apart, past warnings are told honestly."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.press import warning_words
from pipeline.press.svg import Ink
from pipeline.rules.warnings import WarningName
from tests.goldens import TextGolden
from tests.internal_portraits import BACK_TEST, WARNINGS, bulletin, page, warning
from tests.section_pages import Page, inks


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def made(ink: Ink, *warnings: dict[str, object], language: str = "en") -> Page:
    return page(bulletin(*(warnings or WARNINGS)), "warning_bulletin", ink, language, back_test=BACK_TEST)


def place(text: str, *words: str) -> list[int]:
    found = [text.find(each) for each in words]
    assert -1 not in found, [each for each, at in zip(words, found, strict=True) if at < 0]
    return found


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_words_of_the_bulletin_are_as_a_person_agreed(
    language: str, ink: Ink, snapshot: SnapshotAssertion
) -> None:
    assert made(ink, language=language).text == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_nothing_that_a_machine_would_write_is_printed(language: str, ink: Ink) -> None:
    said = made(ink, language=language).text

    for raw in ("nan", "None", "NaT", "<NA>", "{", "}"):
        assert raw not in said, raw
    assert not re.search(r"\d\.\d{4,}", said)


def test_the_customer_with_most_at_stake_comes_first(ink: Ink) -> None:
    said = made(ink).text

    assert place(said, "Bluemesa", "朔辰") == sorted(place(said, "Bluemesa", "朔辰"))


def test_warnings_of_one_rule_that_name_several_things_stand_in_one_row(ink: Ink) -> None:
    assert "CR-1, CR-2 not confirmed by both sides in time" in made(ink).text


def test_what_is_no_risk_by_itself_stands_apart_and_puts_nobody_at_risk(ink: Ink) -> None:
    said = made(ink, WARNINGS[4]).text

    assert "business is at risk this month" in said
    assert "Gaps in our own cover" in said


def test_a_warning_that_ended_says_how_it_turned_out(ink: Ink) -> None:
    said = made(ink).text

    assert "did not come true" in said
    assert "No order for 66" not in said, "it does not hold any more"


def test_a_hand_over_that_is_owed_counts_its_days(ink: Ink) -> None:
    said = made(ink).text

    assert "One hand-over is owed and past its 24 hours" in said
    assert re.search(r"Owed 朔辰电子科技有限公司 ours 程屿 10 Sep 20 days", said)


def test_a_loss_that_nobody_was_warned_of_is_said(ink: Ink) -> None:
    said = made(ink).text

    assert "One of two losses in twelve months had been foretold" in said
    assert re.search(r"栖禾食品有限公司 Money long overdue 31 May Not foretold –", said)


def test_a_budget_of_false_warnings_that_is_overrun_is_said_loudly(ink: Ink) -> None:
    assert "140.0% of what is accepted" in made(ink).text
    assert 'class="chip missed">Over the budget' in made(ink).html


def test_nothing_to_tell_but_the_past_is_a_short_bulletin(ink: Ink) -> None:
    empty = bulletin()
    quiet = replace(empty, tables={**empty.tables, "handovers": empty.tables["handovers"].head(0)})

    said = page(quiet, "warning_bulletin", ink, "en", back_test=BACK_TEST).text
    assert "business is at risk this month" in said
    assert "hand-over" not in said
    assert "Of 4 warnings decided in twelve months 2 came true" in said


_TOLD = {
    "sales_drop": ({"about": "net_amount", "observed": 0.0, "expected": 130_000.0}, "sales ¥0, usually ¥130k"),
    "usage_drop": ({"about": "P31/作业单量", "observed": 8618.0, "expected": 17752.3}, "P31, 作业单量: 8,618 in a month"),
    "payment_delay": ({"observed": 21.66, "expected": 8.08}, "Paid 22 days late, usually 8.1 days"),
    "order_gap": ({"observed": 66.0, "expected": 65.0}, "No order for 66 days; that is longer than 65 days"),
    "change_rate": ({"observed": 3.0, "expected": 0.0}, "3 changes asked for in the span that policy looks at; none"),
    "change_unconfirmed": ({"about": "CR-004"}, "CR-004 not confirmed"),
    "handover_late": ({"about": "ours/M-2"}, "Our 程屿 left the account"),
    "contact_unvisited": ({"about": "C-9"}, "C-9 is new"),
    "single_threaded": ({}, "We know one person there"),
    "no_backup": ({}, "Nobody stands in"),
    "no_technical": ({}, "Nobody of ours supports it technically"),
    "competitor": ({"about": "quote/泰岳输送"}, "泰岳输送: quote"),
}  # fmt: skip


@pytest.mark.parametrize("rule", get_args(WarningName))
def test_every_rule_says_what_its_warning_rests_on(rule: str, ink: Ink) -> None:
    cells, expected = _TOLD[rule]

    said = made(ink, warning(rule, **cells)).text

    assert expected in said
    assert warning_words.rule_name(str, rule) in said
