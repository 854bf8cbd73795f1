"""`kambook diff`: what a second run tells otherwise, by which rows, adding up to the difference."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import KambookError, SettingsError, UsageError
from pipeline.kept_rules import run_named
from pipeline.policy import load_policy
from pipeline.restatements.comparison import Restated
from pipeline.restatements.differences import compared, is_material, limits
from pipeline.restatements.fact_differences import Cause
from pipeline.restatements.report import as_json
from pipeline.restatements.row_changes import Changes, Side, row_changes
from pipeline.restatements.runs import Asked, Comparison, comparison, finished
from tests.commands import kambook
from tests.engines import policy_with
from tests.runs import computed, readings
from tests.tables import frame

Rows = dict[str, list[dict[str, Any]]]
EVERYTHING = Asked(with_small=True)


def company() -> Rows:
    """A group of two, a client in euros, two managers; orders and invoices of each month of three years."""
    made: Rows = {
        "accounts": [
            {"account_id": "A1", "name": "a", "industry": "I", "region": "east", "owner_id": "M1"},
            {"account_id": "A2", "name": "b", "parent_id": "A1", "industry": "I", "owner_id": "M1"},
            {"account_id": "A3", "name": "c", "currency": "EUR", "industry": "J", "owner_id": "M2"},
        ],
        "managers": [
            {"manager_id": "M1", "name": "m", "team_id": "T1"},
            {"manager_id": "M2", "name": "n", "team_id": "T2"},
        ],
        "teams": [{"team_id": "T1", "name": "t"}, {"team_id": "T2", "name": "u"}],
        "assignments": [{"account_id": "A1", "manager_id": "M1", "role": "owner", "from_on": "2024-01-01"}],
        "fx": [
            {"rate_on": f"{year}-01-01", "currency": "EUR", "to_currency": "CNY", "rate": rate}
            for year, rate in ((2024, "7.8"), (2025, "7.5"), (2026, "8"))
        ],
        "orders": [], "order_lines": [], "invoices": [], "payments": [],
    }  # fmt: skip
    for number, month in enumerate(pd.date_range("2024-01-01", "2026-09-01", freq="MS")):
        for account, amount in (("A1", 1000), ("A2", 300), ("A3", 100)):
            key, day = f"{account}-{month:%Y%m}", f"{month:%Y-%m}-05"
            money = amount + 10 * number
            currency = "EUR" if account == "A3" else "CNY"
            made["orders"].append(
                {"order_id": key, "account_id": account, "ordered_on": day, "currency": currency}
            )
            made["order_lines"].append(
                {"order_id": key, "line_no": 1, "net_amount": money, "cost_amount": money // 2}
            )
            made["invoices"].append(
                {"invoice_id": key, "account_id": account, "issued_on": day, "gross_amount": money}
            )
            if month < pd.Timestamp("2026-06-01"):
                made["payments"].append(
                    {"payment_id": key, "invoice_id": key, "paid_on": f"{month:%Y-%m}-25", "amount": money}
                )
    return made


def _row(rows: Rows, table: str, **where: Any) -> dict[str, Any]:
    return next(each for each in rows[table] if all(each.get(name) == value for name, value in where.items()))


def late_line(rows: Rows) -> None:
    rows["order_lines"].append({"order_id": "A1-202608", "line_no": 2, "net_amount": 5000, "cost_amount": 1})


def changed_line(rows: Rows) -> None:
    _row(rows, "order_lines", order_id="A2-202607")["net_amount"] = 9000


def deleted_order(rows: Rows) -> None:
    for table in ("orders", "order_lines"):
        rows[table].remove(_row(rows, table, order_id="A1-202606"))


def moved_order(rows: Rows) -> None:
    _row(rows, "orders", order_id="A1-202605")["ordered_on"] = "2026-04-20"


def other_group(rows: Rows) -> None:
    _row(rows, "accounts", account_id="A2")["parent_id"] = None


def other_owner(rows: Rows) -> None:
    _row(rows, "assignments", account_id="A1")["manager_id"] = "M2"


def other_rate(rows: Rows) -> None:
    _row(rows, "fx", rate_on="2026-01-01")["rate"] = "9"


def late_payment(rows: Rows) -> None:
    rows["payments"].append(
        {"payment_id": "L", "invoice_id": "A1-202608", "paid_on": "2026-09-03", "amount": 1310}
    )


ALL = (
    late_line, changed_line, deleted_order, moved_order, other_group, other_owner, other_rate, late_payment,
)  # fmt: skip
CHANGES = [
    ("net_sales", "account:A1", "2026-08", "late_row", "order_lines", 5000.0),
    ("net_sales", "customer:A1", "2026-08", "late_row", "order_lines", 5000.0),
    ("net_sales", "account:A2", "2026-07", "changed_row", "order_lines", 9000.0 - 600),
    ("net_sales", "account:A1", "2026-06", "deleted_row", "order_lines", -1290.0),
    ("net_sales", "account:A1", "2026-05", "changed_row", "orders", -1280.0),
    ("net_sales", "account:A1", "2026-04", "changed_row", "orders", 1280.0),
    ("net_sales", "customer:A1", "2026-01", "re_parented", "accounts", -540.0),
    ("net_sales", "manager:M1", "2026-02", "ownership_changed", "assignments", -1250.0),
    ("net_sales", "team:T2", "2025-02", "ownership_changed", "assignments", 1130.0),
    ("net_sales", "account:A3", "2026-08", "rate_changed", "fx", 410.0),
    ("net_sales", "portfolio:all", "2026-03", "rate_changed", "fx", 360.0),
    ("receivables", "account:A1", "2026-09", "late_row", "payments", -1310.0),
]
"""After all of it: a figure, its cause and table, and by how much it changed."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("first") / "2026-09"
    computed(run, company())
    return run


@pytest.fixture(scope="module")
def everything(first: Path, again: Made) -> Comparison:
    """The run against the one after all of the changes."""
    return told(first, again(*ALL))


Made = Callable[..., Path]


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The run after some changes of the exports, made once for each set of changes; not to be written in."""
    made: dict[tuple[str, ...], Path] = {}

    def run_after(*changes: Callable[[Rows], None]) -> Path:
        key = tuple(each.__name__ for each in changes)
        if key not in made:
            made[key] = second(tmp_path_factory.mktemp("again"), *changes)
        return made[key]

    return run_after


def second(folder: Path, *changes: Callable[[Rows], None], **context: Any) -> Path:
    rows = deepcopy(company())
    for change in changes:
        change(rows)
    run = folder / "2026-09"
    computed(run, rows, **context)
    return run


def told(was: Path, now: Path, asked: Asked = EVERYTHING) -> Comparison:
    return comparison(finished(was), finished(now), asked)


def only(metric: str) -> Asked:
    return Asked(metrics=(metric,), with_small=True)


def figure(found: Comparison, metric: str, subject: str, period: str) -> Restated:
    kind, _, name = subject.partition(":")
    mine = [
        each for each in found.restated
        if (each.row.metric, each.row.subject_kind, each.row.subject_id, each.row.period) == (metric, kind, name, period)
        and each.row.breakdown == "" and each.row.currency in ("CNY", "")
    ]  # fmt: skip
    assert len(mine) == 1, [(each.row.metric, each.row.period) for each in mine]
    return mine[0]


@pytest.mark.parametrize(("metric", "subject", "period", "cause", "table", "amount"), CHANGES)
def test_each_kind_of_change_is_named_with_its_rows_and_money(
    everything: Comparison, metric: str, subject: str, period: str, cause: str, table: str, amount: float
) -> None:
    found = figure(everything, metric, subject, period)

    told = [each for each in found.causes if each.cause == cause]
    assert [(each.table, each.rows) for each in told] == [(table, 1)]
    assert told[0].amount == pytest.approx(amount)
    assert all(example.startswith(f"{table}:") for example in told[0].examples)
    if subject != "customer:A1" or cause != "late_row":  # where its other account went to another group
        assert len(found.causes) == 1
        assert found.row.difference == pytest.approx(amount)


def test_a_changed_row_names_its_columns(everything: Comparison) -> None:
    assert figure(everything, "net_sales", "account:A2", "2026-07").causes[0].columns == ("net_amount",)


def test_the_same_run_twice_tells_nothing_otherwise(first: Path) -> None:
    found = told(first, first)

    assert (found.restated, len(found.moved), found.tables, found.policy) == ((), 0, {}, ())


def check_sums(found: Comparison) -> None:
    """Causes add up to each fact and, where amounts are said, to the figure; a rest would be named."""
    for each in found.restated:
        for fact in each.facts:
            if fact.was is not None and fact.now is not None:
                amounts = [cause.amount for cause in fact.causes]
                assert sum(amount or 0.0 for amount in amounts) == pytest.approx(
                    fact.now - fact.was, abs=1e-6
                )
        amounts = [cause.amount for cause in each.causes]
        if each.causes and None not in amounts and not pd.isna(each.row.difference):
            assert sum(amount or 0.0 for amount in amounts) == pytest.approx(each.row.difference, abs=1e-6)


def test_all_changes_at_once_add_up_for_every_figure_and_nothing_is_left_over(
    everything: Comparison,
) -> None:
    found = everything.restated
    rest = {(each.row.metric, each.row.subject_kind) for each in found
            if "not_attributed" in {cause.cause for cause in each.causes}}  # fmt: skip

    assert len(found) > 200
    check_sums(everything)
    assert not rest
    assert all(each.causes for each in found)


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(ALL), unique=True, min_size=1))
def test_any_changes_together_add_up(first: Path, again: Made, changes: list[Callable[[Rows], None]]) -> None:
    check_sums(told(first, again(*changes)))


##### Rules and definitions ############################################################################################


def test_another_policy_is_named(first: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "company"
    (workspace / "policy").mkdir(parents=True)
    (workspace / "policy" / "finance.toml").write_text(
        "schema = 1\n[[receivables]]\nvalid_from = 1990-01-01\npayment_days = 5\n[[currency]]\nvalid_from = 1990-01-01\n"
    )

    found = told(first, second(tmp_path, workspace=workspace), only("overdue_amount"))

    assert found.policy == ("receivables",)
    overdue = figure(found, "overdue_amount", "account:A1", "2026-09")
    assert {each.cause for each in overdue.causes} == {"policy_changed"}
    assert sum(each.amount or 0.0 for each in overdue.causes) == pytest.approx(overdue.row.difference)


def test_another_definition_is_named_with_both_numbers(tmp_path: Path, first: Path) -> None:
    run = second(tmp_path)
    table = readings(run)
    mine = (table["metric"] == "net_sales") & (table["subject_id"] == "A1") & (table["period"] == "2026-08")
    table.loc[table["metric"] == "net_sales", "definition"] = 2
    table.loc[mine, "value"] += 7
    table.to_parquet(run / "readings.parquet")

    found = figure(told(first, run, only("net_sales")), "net_sales", "account:A1", "2026-08")

    assert [(each.cause, each.columns) for each in found.causes] == [("definition_changed", ("v1", "v2"))]
    assert found.causes[0].amount == pytest.approx(7)


def test_what_nothing_explains_is_said_to_be_so(tmp_path: Path, first: Path) -> None:
    run = second(tmp_path)
    for path in (run / "facts" / "sales.parquet").glob("*.parquet"):
        rows = pd.read_parquet(path)
        hit = (rows["account_id"] == "A1") & (rows["sold_on"] == "2026-08-05")
        rows.loc[hit, "net_amount"] += 30_000
        rows.to_parquet(path, index=False)
    table = readings(run)
    mine = (table["metric"] == "net_sales") & (table["subject_id"] == "A1") & (table["period"] == "2026-08")
    table.loc[mine, "value"] += 3
    table.to_parquet(run / "readings.parquet")

    found = figure(told(first, run, only("net_sales")), "net_sales", "account:A1", "2026-08")

    assert found.causes == (Cause("not_attributed", 1, 3.0),)


def test_a_figure_that_no_row_stands_behind_has_no_change_of_a_row() -> None:
    changes = Changes(lambda _: None, lambda _: None)

    assert [changes.of(each) for each in ("", "product_segments:1", "orders:1")] == [None, None, None]


def test_a_row_let_out_of_quarantine_is_no_late_row() -> None:
    lines = frame("order_lines", [{"order_id": "O", "line_no": number, "net_amount": 1} for number in (1, 2)])
    good, absent = Side(lines), Side(lines.drop(index=1))
    bad = Side(lines.drop(index=1), frozenset({str(lines["_row"].iloc[1])}))

    kinds = [
        {each.kind for each in row_changes("order_lines", was, now).values()}
        for was, now in ((bad, good), (good, bad), (absent, good), (good, absent), (good, good))
    ]

    assert kinds == [{"let_in"}, {"quarantined"}, {"late_row"}, {"deleted_row"}, set()]


##### Two periods ######################################################################################################


def test_of_two_periods_the_restated_past_stands_apart_from_the_new_month(
    tmp_path: Path, again: Made
) -> None:
    computed(tmp_path / "2026-08", company(), period="2026-08")
    now = again(*ALL)

    found = told(tmp_path / "2026-08", now, only("net_sales"))

    past = figure(found, "net_sales", "account:A1", "2026-08")
    assert past.causes == (Cause("late_row", 1, 5000.0, "order_lines", (), past.causes[0].examples),)
    assert {str(each.row.until_on)[:10] for each in found.restated} <= {
        f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-01", "2026-09-01", freq="MS")
    }
    moved = found.moved[(found.moved["metric"] == "net_sales") & (found.moved["subject_kind"] == "portfolio")]
    months = moved[(moved["window"] == "month") & (moved["currency"] == "CNY")]
    assert [(row.period_was, row.period) for row in months.itertuples()] == [("2026-08", "2026-09")]
    assert set(found.moved["until_on"].astype(str).str[:10]) == {"2026-10-01"}


def test_what_came_after_the_first_runs_last_day_is_known_later(tmp_path: Path) -> None:
    """No row is another: an order that was still to come in August came in September."""
    rows = company()
    order, line = (_row(rows, table, order_id="A1-202608") for table in ("orders", "order_lines"))
    order |= {"first_promised_on": "2026-08-25", "delivered_on": "2026-09-03"}
    line |= {"quantity": 5, "delivered_quantity": 5}
    for period in ("2026-08", "2026-09"):
        computed(tmp_path / period, rows, period=period)

    found = told(tmp_path / "2026-08", tmp_path / "2026-09", only("in_full_orders"))

    told_otherwise = {(each.row.subject_id, each.row.was, each.row.now) for each in found.restated}
    assert ("A1", 0.0, 1.0) in told_otherwise
    assert {each.cause for restated in found.restated for each in restated.causes} == {"known_later"}


##### Materiality ######################################################################################################


def line(**values: Any) -> pd.DataFrame:
    plain = {"metric": "net_sales", "subject_kind": "account", "subject_id": "A1", "breakdown": "", "currency": "CNY",
             "window": "month", "period": "2026-08", "from_on": date(2026, 8, 1), "until_on": date(2026, 9, 1),
             "unit": "money", "value": 1000.0, "text": None, "reason": "", "definition": 1}  # fmt: skip
    return pd.DataFrame([{**plain, **values}])


@pytest.mark.parametrize(
    ("was", "now", "material"),
    [(1000.0, 1099.99, False), (1000.0, 1100.0, True), (100_000.0, 100_499.0, False), (100_000.0, 99_500.0, True),
     (None, 1.0, True), (1.0, None, True)],
)  # fmt: skip
def test_a_difference_is_material_from_both_borders_on(
    was: float | None, now: float | None, material: bool
) -> None:
    found = compared(line(value=was), line(value=now))
    borders = limits(policy_with(), date(2026, 9, 30))

    assert is_material(found, borders).tolist() == [material]


def test_a_class_that_is_another_is_always_material() -> None:
    words = {"metric": "customer_class", "unit": "text", "value": None}
    found = compared(line(text="maintain", **words), line(text="core_value", **words))

    assert is_material(found, limits(policy_with(), date(2026, 9, 30))).tolist() == [True]


def test_what_is_left_of_one_division_is_no_difference() -> None:
    assert compared(line(value=0.1 + 0.2), line(value=0.3)).empty


def test_a_metrics_own_border_stands_before_its_units_and_the_day_decides(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "restatements.toml").write_text(
        'schema = 1\n[[restatement]]\nunit = "money"\nvalid_from = 1990-01-01\nat_least = 100\n'
        '[[restatement]]\nmetric = "net_sales"\nvalid_from = 2026-05-01\nat_least = 5\n'
    )
    policy = load_policy(tmp_path)

    assert limits(policy, date(2026, 4, 30)).of("net_sales", "money") == (100.0, 0.0)
    assert limits(policy, date(2026, 5, 1)).of("net_sales", "money") == (5.0, 0.0)
    assert limits(policy, date(2026, 5, 1)).of("csat", "score") == (0.0, 0.0)


@pytest.mark.parametrize(
    ("line", "code"),
    [('unit = "mony"', "KB-1055"), ("at_least = 3", "KB-1055"), ('metric = "net_saels"', "KB-1021"),
     ('metric = "net_sales"\nunit = "money"', "KB-1055")],
)  # fmt: skip
def test_a_border_for_nothing_stops(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "restatements.toml").write_text(
        f"schema = 1\n[[restatement]]\nvalid_from = 1990-01-01\n{line}\n"
    )

    with pytest.raises(SettingsError) as refused:
        limits(load_policy(tmp_path), date(2026, 9, 30))

    assert refused.value.code == code


##### The command ######################################################################################################


def test_the_command_tells_a_person_and_a_machine(
    first: Path, again: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = again(*ALL)
    monkeypatch.setenv("COLUMNS", "160")

    text = kambook("diff", first, now, "--subject", "portfolio:all", "--metric", "net_sales")
    said = kambook("diff", first, now, "--subject", "portfolio:all", "--metric", "net_sales", "--json")

    assert (text.code, said.code) == (0, 0), text.err + said.err
    assert "payments: 1 late rows" in text.out
    assert "other rate 1 in fx: +420.00" in text.out
    entries = json.loads(said.out)["restated"]
    assert {each["metric"] for each in entries} == {"net_sales"}
    august = next(each for each in entries if each["period"] == "2026-08")
    causes = [(each["cause"], each["amount"]) for each in august["causes"]]
    assert causes == [("late_row", 5000.0), ("rate_changed", 410.0)]


def test_json_is_json_whatever_differs(everything: Comparison) -> None:
    found = as_json(everything)

    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_run_is_named_by_its_period_or_its_folder(first: Path, tmp_path: Path) -> None:
    assert run_named("2026-09", first.parent) == first
    assert run_named(str(first), tmp_path) == first
    with pytest.raises(UsageError) as refused:
        run_named("2026-08", first.parent)
    assert (refused.value.code, refused.value.nearest) == ("KB-0225", "2026-09")


def break_readings(run: Path) -> None:
    (run / "readings.parquet").unlink()


def break_rules(run: Path) -> None:
    (run / "facts" / "rules.json").write_text('{"schema": 99}')


@pytest.mark.parametrize(("broken", "code"), [(break_readings, "KB-0203"), (break_rules, "KB-0226")])
def test_a_run_that_cannot_be_read_stops(
    first: Path, tmp_path: Path, broken: Callable[[Path], None], code: str
) -> None:
    now = second(tmp_path)
    broken(now)

    ended = kambook("diff", first, now)

    assert (ended.code, ended.err.split()[0]) == (2, code)


def test_runs_of_two_companies_are_not_compared(first: Path, tmp_path: Path) -> None:
    with pytest.raises(KambookError) as refused:
        told(first, second(tmp_path, company={"currency": "EUR"}))

    assert refused.value.code == "KB-0228"


@pytest.mark.parametrize("asked", [Asked(subjects=("account:A11",)), Asked(metrics=("net_saels",))])
def test_what_neither_run_has_is_answered_with_the_nearest(first: Path, asked: Asked) -> None:
    with pytest.raises(UsageError) as refused:
        told(first, first, asked)

    assert refused.value.code == "KB-0229"
    assert refused.value.nearest in ("account:A1", "net_sales")
