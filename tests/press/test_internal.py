"""Internal documents: a manager's customers and accounts, all of the portfolio's, and nothing of them in a client's slice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from pipeline import render as stage
from pipeline import store
from pipeline.catalogue import catalogue
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.errors import SettingsError
from pipeline.periods import parse_period, window_ending
from pipeline.press.internal import internal_slices, managers_at_work, served_by
from pipeline.press.orders import NOTHING_TO_REPORT, edition_of, ordered, slices_of
from pipeline.press.schedule import schedule
from pipeline.press.slices import Slice, Subject, teams
from pipeline.render import render
from pipeline.sections import Section
from tests import portraits
from tests.engines import policy_with
from tests.runs import Rows, context_for, write_accepted

SEPTEMBER = window_ending("month", parse_period("2026-09").until_on)
assert SEPTEMBER is not None
_ASSIGNED = (
    ("A-1", "M-1", 1.0, "2026-01-01", None),
    ("A-2", "M-1", 0.6, "2026-01-01", None),
    ("A-2", "M-2", 0.4, "2026-01-01", None),
    ("A-2b", "M-2", 1.0, "2026-01-01", "2026-09-10"),
    ("A-2b", "M-1", 1.0, "2026-09-10", None),
    ("A-3", "M-3", 1.0, "2025-01-01", "2026-08-31"),
)


def rows() -> Rows:
    """Four accounts of three customers; M-1 shares A-2, takes A-2b over in September; M-3 has handed A-3 to nobody."""
    accounts = [
        {"account_id": name, "name": f"{name}公司", "currency": "CNY", "owner_id": owner, "parent_id": parent}
        for name, owner, parent in (
            ("A-1", "M-1", None),
            ("A-2", "M-1", None),
            ("A-2b", "M-2", "A-2"),
            ("A-3", None, None),
        )
    ]
    assigned = [
        {
            "account_id": account, "manager_id": manager, "role": "owner", "share_pct": share,
            "from_on": _day(first), "to_on": None if until is None else _day(until),
        }
        for account, manager, share, first, until in _ASSIGNED
    ]  # fmt: skip
    managers = [
        {"manager_id": "M-1", "name": "沈予安", "team_id": "T1"},
        {"manager_id": "M-2", "name": "顾明澈", "team_id": "T1", "reports_to_id": "M-1"},
        {"manager_id": "M-3", "name": "陆知行", "left_on": _day("2026-08-31")},
    ]
    orders = [
        {"order_id": f"{name}-1", "account_id": name, "ordered_on": _day("2026-09-15"), "currency": "CNY"}
        for name in ("A-1", "A-2", "A-2b", "A-3")
    ]
    lines = [
        {"order_id": each["order_id"], "line_no": 1, "quantity": 1, "net_amount": 1000} for each in orders
    ]
    return {
        "accounts": accounts,
        "assignments": assigned,
        "managers": managers,
        "teams": [{"team_id": "T1", "name": "华东"}],
        "orders": orders,
        "order_lines": lines,
    }


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> Context:
    run = tmp_path_factory.mktemp("internal") / "runs" / "2026-09"
    write_accepted(run, rows())
    made = replace(
        context_for(run, documents={"languages": ["zh-Hans"]}, company={"history_from": date(2024, 1, 1)}),
        fonts=installed_fonts,
    )
    compute(made)
    return made


def holdings(context: Context) -> pd.DataFrame:
    return pd.read_parquet(context.run / "facts" / "holdings.parquet")


def slices(context: Context, kind: str, *, held_back: frozenset[str] = frozenset()) -> dict[str, Slice]:
    subjects = stage.subjects(context)
    report = {"manager": "manager_scorecard", "team": "team_report", "portfolio": "portfolio_report"}[kind]
    asked = {(report, "full"): subjects[kind]}
    return {each.subject.subject_id: each for each in internal_slices(context, asked, subjects, held_back)}


def members(found: Slice, kind: str) -> list[str]:
    return [each.subject.subject_id for each in found.members if each.subject.kind == kind]


# Who serves whom


def test_holdings_say_who_holds_which_share_from_when_to_when(context: Context) -> None:
    found = holdings(context)
    of_two = found[found["account_id"] == "A-2"].sort_values(["manager_id", "from_on"])

    assert [(row.manager_id, row.share) for row in of_two.itertuples() if not pd.isna(row.from_on)] == [
        ("M-1", 6000),
        ("M-2", 4000),
    ]
    assert set(found[found["account_id"] == "A-1"]["manager_id"]) == {"M-1"}
    assert len(found[found["account_id"] == "A-1"]) == 1, "owner before, assigned since: nothing has changed"
    assert not found["account_id"].isin(["~"]).any()


def test_the_shares_of_a_day_are_the_whole_account(context: Context) -> None:
    found = holdings(context)
    day = pd.Timestamp("2026-09-15")
    held = found[
        (found["from_on"].isna() | (found["from_on"] <= day))
        & (found["to_on"].isna() | (found["to_on"] > day))
    ]

    assert held.groupby("account_id")["share"].sum().to_dict() == {
        "A-1": 10_000,
        "A-2": 10_000,
        "A-2b": 10_000,
    }


def test_a_manager_serves_whom_he_held_on_any_day_of_the_month(context: Context) -> None:
    both = holdings(context)

    assert served_by(both, Subject("M-1", "", kind="manager"), SEPTEMBER, "account") == {"A-1", "A-2", "A-2b"}
    assert served_by(both, Subject("M-2", "", kind="manager"), SEPTEMBER, "account") == {"A-2", "A-2b"}
    assert served_by(both, Subject("M-2", "", kind="manager"), SEPTEMBER) == {"A-2"}
    assert not served_by(both, Subject("M-3", "", kind="manager"), SEPTEMBER)


def test_a_manager_at_work_holds_an_account_or_has_a_target(context: Context) -> None:
    everyone = [Subject(name, "", kind="manager") for name in ("M-1", "M-2", "M-3")]
    day = context.period.until_on

    assert [each.subject_id for each in managers_at_work(everyone, context.run, day, SEPTEMBER)] == [
        "M-1",
        "M-2",
    ]
    assert managers_at_work(everyone[2:], context.run, day, SEPTEMBER) == ()


def test_a_manager_who_has_left_gets_no_document(context: Context) -> None:
    assert [each.subject_id for each in stage.subjects(context)["manager"]] == ["M-1", "M-2"]


def test_a_manager_is_named_with_team_and_lead(context: Context) -> None:
    first, second = stage.subjects(context)["manager"]

    assert (first.name, first.team_name, first.lead_name) == ("沈予安", "华东", "")
    assert (second.name, second.lead_name, second.kind) == ("顾明澈", "沈予安", "manager")


# Slices


def test_a_managers_slice_holds_those_served_and_nobody_else(context: Context) -> None:
    found = slices(context, "manager")

    assert members(found["M-1"], "customer") == ["A-1", "A-2"]
    assert members(found["M-1"], "account") == ["A-1", "A-2", "A-2b"]
    assert members(found["M-2"], "customer") == ["A-2"]
    assert {each.subject_id for each in found["M-2"].readings} == {"M-2"}
    assert {each.subject_id for member in found["M-2"].members for each in member.readings} <= {"A-2", "A-2b"}
    assert set(found["M-2"].tables["holdings"]["manager_id"]) == {"M-2"}


def test_a_teams_slice_holds_what_its_managers_serve_and_the_rows_of_these(context: Context) -> None:
    found = slices(context, "team")

    assert list(found) == ["T1"]
    assert (found["T1"].subject.name, found["T1"].subject.lead_name) == ("华东", "沈予安")
    assert members(found["T1"], "manager") == ["M-1", "M-2"]
    assert members(found["T1"], "customer") == ["A-1", "A-2"]
    assert set(found["T1"].tables["holdings"]["manager_id"]) == {"M-1", "M-2"}
    assert {each.subject_id for each in found["T1"].readings} == {"T1"}


def test_teams_are_those_of_managers_at_work_with_the_lead_most_report_to() -> None:
    people = [
        Subject("M-1", "甲", team_id="T1", team_name="华东", kind="manager"),
        Subject("M-2", "乙", team_id="T1", team_name="华东", lead_name="甲", kind="manager"),
        Subject("M-3", "丙", team_id="T2", kind="manager"),
        Subject("M-4", "丁", kind="manager"),
    ]

    found = teams(people)

    assert [(each.subject_id, each.name, each.lead_name, each.kind) for each in found] == [
        ("T1", "华东", "甲", "team"),
        ("T2", "T2", "", "team"),
    ]


def test_the_portfolio_tells_of_every_customer_and_manager(context: Context) -> None:
    found = slices(context, "portfolio")["all"]

    assert members(found, "customer") == ["A-1", "A-2", "A-3"]
    assert members(found, "manager") == ["M-1", "M-2"]


def test_members_have_what_ends_with_the_period_in_the_companys_currency(context: Context) -> None:
    for member in slices(context, "manager")["M-1"].members:
        assert {each.until_on for each in member.readings} <= {date(2026, 10, 1)}
        assert member.currency == "CNY"


def test_those_held_back_are_named_where_they_are_members(context: Context) -> None:
    found = slices(context, "manager", held_back=frozenset({"A-1", "A-3"}))

    assert found["M-1"].held_back == ("A-1",)
    assert found["M-2"].held_back == ()


def test_a_clients_slice_has_no_members(context: Context) -> None:
    for found in slices_of(context, stage.subjects(context)["customer"]):
        assert found.members == ()
        assert {each.subject_id for each in found.readings} <= {found.subject.subject_id}
        assert {each.audience for each in found.readings} <= {"client"}


# Views


def view(subject: Slice) -> object:
    from pipeline.press.view import view_of

    section = Section("standing", "", "internal", ("net_sales",), (), (), lambda view: None)
    return view_of(section, subject, portraits.edition(), None, None, catalogue())  # type: ignore[arg-type]


def test_a_view_reads_another_window_that_ends_on_the_same_day(context: Context) -> None:
    manager = slices(context, "manager")["M-1"]

    year = view(manager).over("ytd")  # type: ignore[attr-defined]

    assert year.reading("net_sales").value == 1000 + 600 + 1000
    assert [each.reading("net_sales").value for each in year.members("account")] == [1000, 1000, 1000]
    assert [each.reading("net_sales").value for each in year.members("customer")] == [1000, 2000]


def test_a_view_refuses_a_window_that_ends_on_another_day(context: Context) -> None:
    with pytest.raises(SettingsError) as caught:
        view(slices(context, "manager")["M-1"]).over("t12")  # type: ignore[attr-defined]

    assert (caught.value.code, caught.value.nearest) == ("KB-1052", "t12m")


def test_the_trend_of_twelve_months_ends_with_the_windows_own(context: Context) -> None:
    found = view(slices(context, "manager")["M-1"]).trend("net_sales", months=3, window="t12m")  # type: ignore[attr-defined]

    assert [each.until_on for each in found] == [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
    with pytest.raises(SettingsError, match="KB-1053"):
        view(slices(context, "manager")["M-1"]).trend("net_sales", months=3, window="year")  # type: ignore[attr-defined]


# Documents


def test_internal_documents_lie_in_a_folder_of_their_own_and_name_no_client_in_the_head(
    context: Context, tmp_path: Path
) -> None:
    import shutil

    import pypdfium2

    run = tmp_path / "runs" / "2026-09"
    shutil.copytree(context.run, run)
    kinds = ("manager_scorecard", "team_report", "portfolio_report")
    rules = context.policy.all("report")
    reports = [rule for rule in rules if rule.kind in kinds and rule.edition == "full"]
    own = replace(context, run=run, policy=policy_with(report=reports))
    render(own)

    said = store.read_json(run / "manifest.json")
    assert said["failed"] == []
    assert [(each["kind"], each["subject_id"]) for each in said["documents"]] == [
        ("manager_scorecard", "M-1"),
        ("manager_scorecard", "M-2"),
        ("portfolio_report", "all"),
        ("team_report", "T1"),
    ]
    for each in said["documents"]:
        assert each["path"].startswith("documents/internal/")
        page = pypdfium2.PdfDocument(run / each["path"])[0].get_textpage().get_text_bounded()
        assert "内部资料" in page
        beside = store.read_json((run / each["path"]).with_suffix(".json"))
        of_readings = [figure for figure in beside["figures"] if figure["metric"]]
        assert {fact["rows"] for figure in of_readings for fact in figure["facts"]} == {None}
        assert {figure["subject_kind"] for figure in beside["figures"]} >= {each["subject_kind"]}


def test_the_portfolios_report_comes_last_and_tells_what_the_run_makes_and_withholds(
    context: Context, tmp_path: Path
) -> None:
    kinds = ("value_report", "team_report", "portfolio_report")
    reports = [rule for rule in context.policy.all("report") if rule.kind in kinds and rule.edition == "full"]
    own = replace(context, policy=policy_with(report=reports))
    subjects = stage.subjects(own)
    tasks = schedule(own.policy, own.period, subjects, own.settings.documents, {})
    held = {"section": None, "code": "KB-1220", "reason": "accounts.name_is_present"}
    kept = {"kind": "pay_draft", "id": "pay_draft/M-1"}

    found = ordered(own, tmp_path, tasks, subjects, {"A-1": [held]}, {}, [kept], [])

    ledger = found.orders[-1].edition.ledger
    assert found.orders[-1].task.kind == "portfolio_report"
    assert all(not each.edition.ledger.lines for each in found.orders[:-1])
    assert [(each.kind, each.due, each.withheld) for each in ledger.lines] == [
        ("value_report", 3, 3),
        ("team_report", 1, 0),
        ("portfolio_report", 1, 0),
        ("pay_draft", 1, 0),
    ]
    assert sorted((each["subject_id"], each["code"]) for each in ledger.withheld) == [
        ("A-1", "KB-1220"), ("A-2", NOTHING_TO_REPORT), ("A-3", NOTHING_TO_REPORT),
    ]  # fmt: skip
    assert ledger.names["customer", "A-1"] == "A-1公司"


def test_a_document_knows_the_borders_of_the_policy_and_the_lines_of_the_plan(context: Context) -> None:
    rule = context.policy.at("tier", context.period.as_of).model_copy(update={"headroom_share": 0.7})
    own = replace(context, policy=policy_with(tier=[rule]))
    reports = [each for each in own.policy.all("report") if each.kind == "portfolio_report"]
    task = schedule(policy_with(report=reports), own.period, stage.subjects(own), own.settings.documents, {})[
        0
    ]

    made = edition_of(own, task)

    assert made.tier.headroom_share == 0.7
    assert made.lines["visit"] == "维持型客户每半年拜访"
