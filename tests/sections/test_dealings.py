"""Usage, commercial statement, joint projects and value added: what they say of rich, sparse, empty and extreme data."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.press.usage import Module, proposal
from tests import dealings
from tests.dealings import (
    HOSTILE,
    contract,
    customer,
    extra,
    extras,
    invoice,
    project,
    projects,
    statement,
    usage,
    used,
)
from tests.portraits import reading
from tests.section_pages import Page, inks, page

STEADY = [100.0] * 12
SECTIONS = ("usage", "commercial", "joint_projects", "value_added")


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def made(subject: Slice, ink: Ink, section: str, language: str = "zh-Hans") -> Page:
    return page(
        subject, ink, language, (section, "value")
    )  # value gives evidence where a section has none of its own


def with_evidence(subject: Slice) -> Slice:
    """The slice of a customer for whom a report is made at all."""
    told = reading("claims_to_date", 1.0, unit="count")
    return Slice(subject.subject, (*subject.readings, told), subject.tables, issued=subject.issued)


def text(subject: Slice, ink: Ink, section: str, language: str = "en") -> str:
    return made(with_evidence(subject), ink, section, language).text


# Usage


def module(level: float | None = 1.0, seats: float | None = 0.8, *, is_fed: bool = True) -> Module:
    named = "module=P1:x"
    return Module(
        "P1:x", "P1", "x", reading("usage_quantity", 3.0, breakdown=named),
        reading("usage_level", level, breakdown=named), reading("seats_active_share", seats, breakdown=named),
        (), (), 2, is_fed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (module(), "none"),
        (module(level=0.89), "low"),
        (module(level=0.90), "none"),
        (module(level=1.15), "high"),
        (module(seats=0.69), "idle"),
        (module(seats=0.95), "full"),
        (module(level=None, seats=None), "none"),
        (module(level=0.5, is_fed=False), "feed"),
        (module(level=0.5, seats=0.5), "low"),
    ],
)
def test_a_proposal_follows_from_the_figures_by_a_rule(each: Module, expected: str) -> None:
    assert proposal(each) == expected


def test_use_below_the_usual_is_said_in_the_headline_and_proposed_on(ink: Ink) -> None:
    found = text(usage(used("P1", [100.0] * 9 + [70.0] * 3, 10, 8, 100.0), level=0.7), ink, "usage")

    assert "Use this quarter was 30% below your usual" in found
    assert "Below usual" in found
    assert "Go through the use together" in found


def test_steady_use_asks_for_nothing(ink: Ink) -> None:
    found = text(usage(used("P1", STEADY, 10, 8, 100.0)), ink, "usage")

    assert "Use this quarter was as usual for you" in found
    assert "Use and seats give no reason for a change." in found


def test_a_month_without_a_feed_is_a_gap_and_never_a_zero(ink: Ink) -> None:
    found = text(usage(used("P1", [*STEADY[:10], None, 100.0], 10, 8, 100.0), level=None), ink, "usage")

    assert "August 2026 –" in found
    assert "Feed with gaps" in found


def test_idle_seats_are_counted(ink: Ink) -> None:
    found = made(with_evidence(usage(used("P1", STEADY, 10, 4, 100.0))), ink, "usage", "en")

    assert found.printed("Idle seats: 模块P1") == ["6"]


def test_without_a_feed_there_is_no_section(ink: Ink) -> None:
    assert "Usage" not in text(usage(), ink, "usage")


# Commercial statement


def test_open_invoices_add_up_to_the_cent_and_the_longest_overdue_comes_first(ink: Ink) -> None:
    rows = [invoice(f"IV-{at:02}", "2026-08-01", "2026-10-30", 1000.10 + at) for at in range(14)]
    rows.append(invoice("IV-LATE", "2026-06-01", "2026-08-31", 99.99))
    found = made(with_evidence(statement([], rows)), ink, "commercial", "en")

    total = sum(1000.10 + at for at in range(14)) + 99.99
    assert found.printed("Open invoices, total") == [f"{total:,.2f}"]
    assert "5 more" in found.text
    lines = found.text.split("\n")
    assert next(line for line in lines if line.startswith("IV-")).startswith("IV-LATE 1 Jun 31 Aug")
    assert "One open invoice is overdue, the oldest by 30 days" in found.text


def test_a_credit_is_no_claim_on_the_client(ink: Ink) -> None:
    found = text(statement([], [invoice("CN-1", "2026-06-01", "2026-06-30", -50.0)]), ink, "commercial")

    assert "Credit" in found
    assert "no invoice overdue" in found.lower()


def test_a_disputed_invoice_is_said_to_be_so(ink: Ink) -> None:
    rows = [invoice("IV-1", "2026-06-01", "2026-06-30", 50.0, is_disputed=True)]

    assert "Disputed" in text(statement([], rows), ink, "commercial")


def test_invoices_of_several_currencies_are_never_added(ink: Ink) -> None:
    rows = [
        invoice("IV-1", "2026-08-01", "2026-10-30", 10.0),
        invoice("IV-2", "2026-08-01", "2026-10-30", 20.0, currency="EUR"),
    ]
    found = made(with_evidence(statement([], rows)), ink, "commercial", "en")

    assert found.printed("Open invoices, total") == []
    assert "20.00 EUR" in found.text


def test_where_nobody_knows_what_was_paid_nothing_is_said_to_be_open(ink: Ink) -> None:
    subject = statement(
        [contract("HT-1", "2026-01-01", "2026-12-31")], [invoice("IV-1", "2026-08-01", None, 5.0)]
    )
    ledger = subject.tables["ledger"].assign(balance_amount=dealings.pd.array([None], dtype="Int64"))
    unknown = customer(subject.readings, {**subject.tables, "ledger": ledger})

    assert "it is not known which invoices are open" in text(unknown, ink, "commercial")


@pytest.mark.parametrize(
    ("last", "state"),
    [
        ("2026-12-31", "In force"),
        ("2026-10-31", "Ends in 31 days"),
        ("2026-09-30", "Ends today"),
        (None, "In force"),
    ],
)
def test_a_contract_that_ends_soon_is_flagged(last: str | None, state: str, ink: Ink) -> None:
    assert state in text(statement([contract("HT-1", "2026-01-01", last)], []), ink, "commercial")


def test_contracts_that_ended_before_the_window_are_left_out(ink: Ink) -> None:
    rows = [
        contract("HT-OLD", "2025-01-01", "2025-12-31"),
        contract("HT-NOW", "2026-01-01", "2026-08-31"),
        contract("HT-NEXT", "2027-01-01", "2027-12-31", None),
    ]
    found = text(statement(rows, []), ink, "commercial")

    assert "HT-OLD" not in found
    assert "Ended" in found
    assert "To come" in found


def test_spend_is_told_against_what_was_agreed(ink: Ink) -> None:
    found = text(statement([contract("HT-1", "2026-01-01", None)], [], (81_000, 100_000)), ink, "commercial")

    assert "81.0% of the agreed volume bought this quarter" in found
    assert "This quarter: 19.0% of the agreed amount not called" in found


def test_returns_above_purchases_are_no_bar_below_zero(ink: Ink) -> None:
    subject = statement([contract("HT-1", "2026-01-01", None)], [], (-5_000, 100_000))

    assert 'width="-' not in made(with_evidence(subject), ink, "commercial").html


# Joint projects


def test_revenue_is_shared_to_the_cent(ink: Ink) -> None:
    found = made(with_evidence(projects(project("P1", revenue=1000.05))), ink, "joint_projects", "en")

    assert found.printed("Our part") == ["100.01"]  # 100.005, half up
    assert found.printed("Your part") == ["900.04"]


def test_projects_without_revenue_have_no_statement(ink: Ink) -> None:
    found = text(projects(project("P1", "done"), project("P2", "dropped")), ink, "joint_projects")

    assert "One joint project completed" in found
    assert "How the revenue is shared" not in found
    assert "项目P2" not in found


def test_dropped_projects_alone_make_no_section(ink: Ink) -> None:
    assert "Joint projects" not in text(projects(project("P1", "dropped")), ink, "joint_projects")


# Value added


def test_what_was_given_is_listed_latest_first_with_its_worth(ink: Ink) -> None:
    found = text(
        extras(extra("training", "2026-07-05", 1200), extra("introduction", "2026-09-02"), extra("upgrade", "2025-11-01", 9)),
        ink,
        "value_added",
    )  # fmt: skip

    assert "Two extras beside your orders this quarter" in found
    assert found.index("Introduction") < found.index("Training")
    assert "1,200.00" in found


def test_a_window_without_extras_admits_it(ink: Ink) -> None:
    found = text(extras(extra("training", "2026-01-05"), extra("training", "2026-02-05")), ink, "value_added")

    assert "Nothing beside your orders was given this quarter" in found


def test_without_extras_in_a_year_there_is_no_section(ink: Ink) -> None:
    assert "Value added" not in text(extras(), ink, "value_added")


# All of them


def extreme() -> Slice:
    parts = [
        usage(used("P1", [1e9] * 12, 3, 3, None, HOSTILE), used("P2", [0.0] * 12, 1, 1, 0.0), level=None),
        statement(
            [contract(HOSTILE, "2020-01-01", None, 1e11)] * 9,
            [invoice(f"{HOSTILE}{at}", "2026-01-01", None, 12_345_678.9) for at in range(30)],
            (9e11, 1e11),
        ),
        projects(
            *(project("P", revenue=1e10, name=HOSTILE, result=HOSTILE, kind=HOSTILE) for _ in range(12))
        ),
        extras(*(extra(HOSTILE, "2026-09-01", 1e9, description=HOSTILE) for _ in range(20))),
    ]
    readings = [each for part in parts for each in part.readings]
    tables = {name: rows for part in parts for name, rows in part.tables.items()}
    return with_evidence(customer(readings, tables))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_hostile_and_endless_texts_stay_text_in_their_columns(language: str, ink: Ink) -> None:
    found = page(extreme(), ink, language, (*SECTIONS, "value"))

    assert "<script" not in found.html
    assert "49" not in found.text.split("\n")[0]
    assert "很长的名称" * 20 not in found.html
    for word in ("nan", "None", "NaT", "inf", "undefined"):
        assert word not in found.text.replace("information", "")


@pytest.mark.parametrize("section", SECTIONS)
def test_without_any_row_no_section_is_made(section: str, ink: Ink) -> None:
    assert f'id="{section}"' not in made(with_evidence(customer([], {})), ink, section).html
