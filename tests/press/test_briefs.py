"""Who gets an account brief, and that it holds that customer alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import render as stage
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.errors import SettingsError
from pipeline.periods import parse_period
from pipeline.policy import Policy
from pipeline.press.internal import internal_slices
from pipeline.press.orders import customers_at_risk, edition_of, ordered
from pipeline.press.reports import REPORTS, sections_of
from pipeline.press.schedule import schedule
from pipeline.press.slices import Slice, Subject
from pipeline.rules.reports import ReportRule
from pipeline.settings import Documents
from tests import payrolls
from tests.engines import policy_with
from tests.runs import context_for, write_accepted

_LONG_AGO = date(1990, 1, 1)
_SUBJECTS = {"customer": [Subject(name, name) for name in ("A-1", "A-2", "A-3")]}


def due(
    *, at_risk: bool = False, classes: tuple[str, ...] = (), endangered: tuple[str, ...] = ()
) -> list[str]:
    """The customers of whom a brief is due in September."""
    rule = ReportRule(
        kind="account_brief", window="month", at_risk=at_risk, classes=classes, valid_from=_LONG_AGO
    )
    known = {"A-1": "core_value", "A-2": "maintain"}
    tasks = schedule(
        Policy({"report": (rule,)}),
        parse_period("2026-09"),
        _SUBJECTS,
        Documents(),
        known,
        at_risk=endangered,
    )
    return [each.subject_id for each in tasks]


def test_a_rule_for_those_at_risk_means_nobody_else() -> None:
    assert due(at_risk=True, endangered=("A-3",)) == ["A-3"]
    assert due(at_risk=True) == []


def test_classes_and_risk_are_asked_for_side_by_side_and_nobody_twice() -> None:
    assert due(at_risk=True, classes=("core_value",), endangered=("A-3", "A-1")) == ["A-1", "A-3"]


def test_without_any_condition_everyone_is_meant() -> None:
    assert due() == ["A-1", "A-2", "A-3"]


def test_an_edition_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        sections_of(REPORTS["manager_scorecard"], "restrict")

    assert (caught.value.code, caught.value.nearest) == ("KB-1063", "restricted")


# Slices


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> Context:
    """Two customers that a competitor courts, one of them with two accounts."""
    rows = payrolls.company(
        *(payrolls.order(at, f"2026-0{at}-03", 90_000 * at) for at in range(1, 9)),
        payrolls.order(9, "2026-09-04", 20_000, account="A2"),
        managers=[payrolls.manager(), payrolls.manager("M2")],
        competitor_events=[
            {
                "event_id": f"E-{name}", "account_id": name, "competitor": f"对手{name}", "kind": "quote",
                "seen_on": "2026-09-10", "description": "报价",
            }
            for name in ("A1", "A2")
        ],
    )  # fmt: skip
    rows = {**rows, "accounts": [*rows["accounts"], {"account_id": "A1b", "name": "c", "parent_id": "A1"}]}
    run = tmp_path_factory.mktemp("briefs") / "runs" / "2026-09"
    write_accepted(run, rows)
    made = context_for(run, documents={"languages": ["zh-Hans"]}, company={"history_from": date(2024, 1, 1)})
    rule = ReportRule(kind="account_brief", window="month", valid_from=_LONG_AGO)
    value = ReportRule(kind="value_report", window="month", valid_from=_LONG_AGO)
    made = replace(made, fonts=installed_fonts, policy=policy_with(report=[rule, value]))
    compute(made)
    return made


def briefs(context: Context) -> dict[str, Slice]:
    subjects = stage.subjects(context)
    asked = {("account_brief", "full"): subjects["customer"]}
    return {each.subject.subject_id: each for each in internal_slices(context, asked, subjects, ())}


def test_a_brief_holds_its_own_customer_and_accounts_and_the_names_of_our_people(context: Context) -> None:
    found = briefs(context)

    assert set(found) == {"A1", "A2"}
    for name, own in found.items():
        assert {each.subject_id for each in own.readings} <= {name}
        for table, rows in own.tables.items():
            assert set(rows["customer_id"]) <= {name}, table
    accounts = {
        name: [each.subject.subject_id for each in own.members if each.subject.kind == "account"]
        for name, own in found.items()
    }
    assert accounts == {"A1": ["A1", "A1b"], "A2": ["A2"]}
    assert {each.subject.subject_id for each in found["A2"].members if each.subject.kind == "manager"} == {
        "M1",
        "M2",
    }


def test_whoever_a_competitor_courts_is_at_risk(context: Context) -> None:
    assert customers_at_risk(context.run, context.period.until_on) == {"A1", "A2"}


def test_the_brief_and_the_clients_report_are_made_of_different_slices(
    context: Context, tmp_path: Path
) -> None:
    import pickle

    subjects = stage.subjects(context)
    tasks = schedule(context.policy, context.period, subjects, context.settings.documents, {})

    found = ordered(context, tmp_path, tasks, subjects, {}, {})

    kinds = {}
    for order in found.orders:
        own = pickle.loads(order.slice_file.read_bytes())  # written a line above
        kinds[order.task.kind, order.task.subject_id] = own
        assert own.subject.subject_id == order.task.subject_id
    assert {kind for kind, _name in kinds} >= {"account_brief"}
    for (kind, _name), own in kinds.items():
        if kind == "value_report":
            assert {each.audience for each in own.readings} <= {"client"}
            assert not {"warnings", "competitor_events"} & set(own.tables)
        else:
            assert own.made_for == ("account_brief", "full")


def test_the_brief_knows_the_borders_between_all_customers(context: Context) -> None:
    subjects = stage.subjects(context)
    (task, *_others) = [
        each
        for each in schedule(context.policy, context.period, subjects, context.settings.documents, {})
        if each.kind == "account_brief"
    ]

    found = edition_of(context, task).borders

    assert found is not None
    assert (found.last_high, found.first_below) == (90_000.0 * sum(range(1, 9)), 20_000.0)
