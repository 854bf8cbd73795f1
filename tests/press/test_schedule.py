"""Who gets what: by policy, once each, in the reader's language, under a name that any file system takes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import KambookError
from pipeline.periods import parse_period, up_to
from pipeline.policy import Policy
from pipeline.press.schedule import Task, only_of, safe_name, schedule
from pipeline.press.slices import Subject
from pipeline.rules.customers import Band, BandRule
from pipeline.rules.reports import ReportRule
from pipeline.settings import Documents

SEPTEMBER, AUGUST = parse_period("2026-09"), parse_period("2026-08")
CUSTOMERS = (
    Subject("A", "甲", language="zh-CN"),
    Subject("B", "乙", language="en-US", brand="warm"),
    Subject("C", "丙"),
)
SUBJECTS = {
    "customer": CUSTOMERS,
    "manager": (Subject("M", "沈予安", kind="manager"),),
    "portfolio": (Subject("all", "衡川智能装备", kind="portfolio"),),
}
BOTH = Documents(languages=("zh-Hans", "en"))


BANDS = BandRule(
    valid_from=date(1990, 1, 1),
    bands=(Band(name="strategic", from_amount=5), Band(name="key", from_amount=1)),
)


def rule(**changes: Any) -> ReportRule:
    return ReportRule(**{"kind": "value_report", "valid_from": date(2000, 1, 1), **changes})


def due(
    *rules: ReportRule,
    period: Any = SEPTEMBER,
    documents: Documents = BOTH,
    classes: Any = None,
    bands: Any = None,
    asked: Any = None,
) -> tuple[Task, ...]:
    policy = Policy({"report": rules, "band": (BANDS,)})
    return schedule(policy, period, SUBJECTS, documents, classes or {}, bands, asked)


def test_everyone_gets_one_where_the_rule_names_no_class() -> None:
    tasks = due(rule())

    assert [task.subject_id for task in tasks] == ["A", "B", "C"]
    assert {task.window.period for task in tasks} == {"2026Q3"}


def test_a_month_that_ends_no_quarter_brings_no_quarterly_report() -> None:
    assert due(rule(), period=AUGUST) == ()
    assert len(due(rule(window="month"), period=AUGUST)) == 3


def test_an_unfinished_month_has_no_whole_window_but_its_own() -> None:
    interim = up_to(date(2026, 9, 22))

    assert due(rule(), period=interim) == ()
    assert {task.window.period for task in due(rule(window="month"), period=interim)} == {"2026-09-22"}


def test_a_september_makes_the_months_and_the_quarters_under_two_names() -> None:
    paths = sorted(task.path for task in due(rule(), rule(window="month")) if task.subject_id == "A")

    assert paths == [
        "documents/client/A/zh-Hans/value_report.month.pdf",
        "documents/client/A/zh-Hans/value_report.pdf",
    ]


def test_an_edition_is_part_of_the_name() -> None:
    assert due(rule(edition="executive"))[0].path.endswith("/value_report.executive.pdf")


def test_the_language_is_the_rules_then_the_readers_then_the_first_offered() -> None:
    assert [task.language for task in due(rule())] == ["zh-Hans", "en", "zh-Hans"]
    assert {task.language for task in due(rule(language="en"))} == {"en"}
    assert {task.language for task in due(rule(), documents=Documents())} == {"zh-Hans"}


def test_the_brand_is_the_customers_then_the_settings() -> None:
    assert [task.brand for task in due(rule())] == ["industrial", "warm", "industrial"]


def test_rules_by_class() -> None:
    classes = {"A": "core_value", "B": "maintain"}
    tasks = due(rule(classes=("core_value",)), classes=classes)

    assert [task.subject_id for task in tasks] == ["A"]


def test_a_rule_means_whoever_is_in_one_of_its_classes_or_of_its_bands() -> None:
    both = rule(classes=("core_value",), bands=("strategic",))
    tasks = due(both, classes={"A": "core_value", "C": "maintain"}, bands={"B": "strategic", "C": "key"})

    assert [task.subject_id for task in tasks] == ["A", "B"]


def test_an_edition_is_made_only_for_whom_a_contact_asks_for_it() -> None:
    asked = {"A": frozenset({"procurement"}), "B": frozenset({"executive", "procurement"})}
    wanted = rule(edition="executive", where_asked=True)

    assert [task.subject_id for task in due(rule(), wanted, asked=asked) if task.edition == "executive"] == [
        "B"
    ]
    assert due(wanted) == ()


def test_a_later_rule_replaces_an_earlier_one_from_its_day_on() -> None:
    new = rule(valid_from=date(2026, 9, 1), language="en")
    future = rule(valid_from=date(2027, 1, 1), language="zh-Hans")

    assert {task.language for task in due(rule(), new, future)} == {"en"}


@pytest.mark.parametrize(
    ("wrong", "code", "nearest"),
    [
        (rule(kind="value_reprot"), "KB-1048", "value_report"),
        (rule(classes=("core_valu",)), "KB-1049", "core_value"),
        (rule(language="zh_Hans"), "KB-1050", "zh-Hans"),
        (rule(edition="procurment"), "KB-1063", "procurement"),
        (rule(bands=("strategc",)), "KB-1068", "strategic"),
    ],
)
def test_a_rule_that_names_what_there_is_not_stops(wrong: ReportRule, code: str, nearest: str) -> None:
    with pytest.raises(KambookError) as caught:
        due(wrong)

    assert (caught.value.code, caught.value.nearest) == (code, nearest)


@given(st.text(max_size=120))
def test_a_name_is_safe(text: str) -> None:
    name = safe_name(text)

    assert name.isascii()
    assert 0 < len(name) <= 90
    assert not set(name) & set('/\\:*?"<>| \0')
    assert not name.startswith(".")


@given(st.text(max_size=100), st.text(max_size=100))
def test_two_customers_never_share_a_folder(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)


def test_a_plain_id_is_its_own_folder() -> None:
    assert safe_name("A-0001") == "A-0001"
    assert safe_name("../etc").startswith("_etc~")


def test_only_takes_accounts_and_customers_and_names_the_nearest() -> None:
    customer_of = {"A": "A", "A-1": "A", "B": "B"}

    assert only_of(("A-1", "B"), customer_of) == {"A", "B"}
    with pytest.raises(KambookError) as caught:
        only_of(("A-l",), customer_of)
    assert (caught.value.code, caught.value.nearest) == ("KB-0207", "A-1")


def test_internal_documents_are_about_managers_and_the_portfolio_in_the_first_language() -> None:
    tasks = due(rule(kind="manager_scorecard", window="month"), rule(kind="portfolio_report", window="month"))

    assert [(task.subject_kind, task.subject_id, task.path) for task in tasks] == [
        ("manager", "M", "documents/internal/M/zh-Hans/manager_scorecard.pdf"),
        ("portfolio", "all", "documents/internal/all/zh-Hans/portfolio_report.pdf"),
    ]


def test_only_customers_have_a_class() -> None:
    with pytest.raises(KambookError) as caught:
        due(rule(kind="manager_scorecard", window="month", classes=("core_value",)))

    assert caught.value.code == "KB-1054"
