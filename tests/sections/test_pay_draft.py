"""The pay draft: every cent stands in a line, what waits is said, and the lines make the sum."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.press import document
from pipeline.press.reports import REPORTS
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.rules.pay import PayPlanRule
from tests import payrolls as own
from tests import portraits
from tests.goldens import TextGolden
from tests.internal_portraits import drafted, page
from tests.portfolios import MONTH
from tests.section_pages import Page, inks

_SALARY = {"base_amount": 240_001, "currency": "CNY"}


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def sold() -> tuple[Slice, tuple[PayPlanRule, ...]]:
    """A seller with a base, over the target with the last of four sales, a tenth of which comes back."""
    rows = own.company(
        own.order(1, "2026-09-21", 60_000),
        own.order(2, "2026-09-03", 30_000.03),
        own.order(3, "2026-09-10", 30_000),
        own.order(4, "2026-09-17", 33_333.33),
        own.order(5, "2026-09-21", -6_000, of="O1", account="A1"),
        managers=[own.manager(**_SALARY)],
        targets=[own.year_target(100_000)],
    )
    plan = own.plan(
        base_salary=True,
        commission={
            "basis": "ordered", "rates": own.RATES, "clawback_months": 6,
            "accelerator": {"from_attainment": "1.2", "times": "1.5"},
        },
    )  # fmt: skip
    return drafted(rows, plan)


def made(found: tuple[Slice, tuple[PayPlanRule, ...]], ink: Ink, language: str = "en") -> Page:
    return page(found[0], "pay_draft", ink, language, pay_plans=found[1])


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_words_of_a_draft_are_as_a_person_agreed(
    language: str, ink: Ink, snapshot: SnapshotAssertion
) -> None:
    assert made(sold(), ink, language).text == snapshot(extension_class=TextGolden)


def amounts(drawn: Page, label: str) -> list[Decimal]:
    """The amounts of the lines of a part, as printed."""
    found = [each.printed.number for each in drawn.figures if re.fullmatch(rf"{label} \d+.*", each.label)]
    return [Decimal(each.replace(",", "").replace("−", "-")) for each in found]


def test_the_lines_make_the_sum_to_the_cent(ink: Ink) -> None:
    drawn = made(sold(), ink)

    lines = [*amounts(drawn, "base_salary"), *amounts(drawn, "commission"), *amounts(drawn, "clawback")]
    (whole,) = [
        each
        for each in drawn.figures
        if each.reading and each.reading.metric == "pay_draft" and each.reading.window == "month"
    ]
    assert len(lines) >= 4
    assert sum(lines) == Decimal(whole.printed.number.replace(",", ""))


def test_a_sale_across_two_tiers_has_a_line_for_each_with_its_rate(ink: Ink) -> None:
    drawn = made(sold(), ink).text

    assert re.search(r"O1 a公司 60,000.00 100 12,666.64 5 633.33", drawn)
    assert re.search(r"O1 a公司 60,000.00 100 20,000.00 8 1,600.00", drawn)
    assert "with the accelerator × 1.5" in drawn


def test_what_came_back_is_taken_back_in_a_line_of_its_own(ink: Ink) -> None:
    drawn = made(sold(), ink)

    assert amounts(drawn, "clawback") == [Decimal("-551.33")], "a tenth of what the order brought"
    assert re.search(r"21 Sep O1 a公司 5,513.33 10 taken back −551.33", drawn.text)


def test_a_bonus_that_waits_for_a_measure_is_said_and_leaves_no_sum(ink: Ink) -> None:
    rows = own.company(own.order(1, "2026-09-03", 30_000), managers=[own.manager(mode="salary", **_SALARY)])
    plan = own.plan(
        "salary",
        base_salary=True,
        bonus={"of_base": "0.25", "measures": [{"metric": "csat", "weight": 1, "target": 1}]},
    )

    drawn = made(drafted(rows, plan), ink)

    assert "A part of the pay cannot be told yet" in drawn.text
    assert "waits for a measure" in drawn.text
    assert not [each for each in drawn.figures if each.reading and each.reading.metric == "pay_draft"]


def test_the_cents_of_the_year_are_shared_among_its_months(ink: Ink) -> None:
    (base,) = amounts(made(sold(), ink), "base_salary")

    assert base in (Decimal("20000.08"), Decimal("20000.09"))


def test_equity_stands_beside_the_sum_and_not_in_it(ink: Ink) -> None:
    grant = {
        "manager_id": "M1", "granted_on": "2024-09-05", "units": 1200, "vest_from_on": "2024-09-05",
        "vest_months": 48, "cliff_months": 12, "unit_amount": "18.5", "currency": "CNY",
    }  # fmt: skip
    rows = own.company(
        own.order(1, "2026-09-03", 100), managers=[own.manager(mode="equity", **_SALARY)], grants=[grant]
    )

    drawn = made(drafted(rows, own.plan("equity", base_salary=True)), ink).text

    assert "Equity that vested: not cash, and not in the sum" in drawn
    assert re.search(r"5 September 2024 18.50 5 Sep 25 462.50 225 4,162.50", drawn)
    assert re.search(r"To be paid 20,000\.\d\d", drawn)


def test_a_manager_without_a_line_has_no_draft(ink: Ink) -> None:
    subject, plans = sold()
    empty = Slice(subject.subject, (), {"pay_lines": subject.tables["pay_lines"].head(0)})

    assert (
        document.present(REPORTS["pay_draft"], empty, replace(portraits.edition(MONTH), pay_plans=plans))
        == ()
    )
