"""The pipeline is held to what the demo knows to be true of itself, from the exports to the readings.

Every test names the truths that it asserts; `test_every_truth_is_asserted` fails for a truth that none of them names.
The stories that the demo tells are in `tests/test_demo_truths_told.py`.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from math import isnan
from typing import Any

import pandas as pd
import pytest

import tests.test_back_test as troubles
import tests.test_demo_truths_told as stories
from pipeline.demo import SEED
from pipeline.explain import explained
from pipeline.periods import add_months
from pipeline.resources import built_in
from pipeline.store import read_json
from tests.demo_months import ASSERTED, Month, asserted, asserts, leaves, month_named
from tests.demo_rows import truth_of
from tests.ten_accounts import ten_accounts

WINDOWS = ("month", "quarter")
BASES = ("requested", "first_promised", "last_promised")
CONFIDENCES = ("measured", "confirmed", "modelled", "estimated")


@pytest.fixture(scope="module", params=["small", pytest.param("company", marks=pytest.mark.slow)])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Ten accounts from canonical files, and the whole company."""
    return month_named(request.param, tmp_path_factory)


def money(text: str | float) -> Any:
    return pytest.approx(float(text), abs=0.0051)


def test_every_truth_is_asserted() -> None:
    assert stories.__name__ != troubles.__name__
    for folder in (built_in("data", "demo"), ten_accounts()):
        unread = [path for path in leaves(truth_of(folder)) if not asserted(path)]

        assert unread == []


def test_every_truth_that_a_test_names_is_there() -> None:
    told = [pattern for path in leaves(truth_of(built_in("data", "demo"))) for pattern in asserted(path)]

    assert set(told) == set(ASSERTED)


# What the file says of itself


@asserts("schema", "seed", "as_of", "until", "months", "windows.*")
def test_the_month_is_the_one_that_the_truths_are_about(month: Month) -> None:
    truth, period = month.truth, month.context.period
    windows = {each.name: [each.from_on.isoformat(), each.until_on.isoformat()] for each in period.windows()}
    year_ago = [add_months(date.fromisoformat(day), -12).isoformat() for day in truth["windows"]["month"]]
    sold = month.facts("sales")["sold_on"]
    whole = sold[sold < "2026-10-01"].dt.strftime("%Y-%m").unique()

    assert (truth["schema"], truth["seed"]) == (1, SEED)
    assert truth["as_of"] == period.as_of.isoformat()
    assert truth["windows"].pop("month_year_ago") == year_ago
    assert truth["windows"] == {name: windows[name] for name in truth["windows"]}
    assert truth["months"] == len(whole)
    assert truth["until"] == sold.max().date().isoformat()


@asserts("definitions.*")
def test_every_definition_is_of_something_that_the_file_says(month: Month) -> None:
    """A definition that is named for nothing else is told in the stories, or of a column (`to_on`)."""
    names = {name for path in leaves(month.truth) for name in path.split(".")}

    for name, words in month.truth["definitions"].items():
        assert words
        assert name.rpartition(".")[2] in names | {"to_on", "late_return"}


# What was planted


@asserts("dirt.*")
def test_every_wrong_row_is_left_out_and_no_other(month: Month) -> None:
    left_out: Counter[str] = Counter(pd.read_parquet(month.run / "tables" / "rejects.parquet")["table"])
    left_out += Counter(pd.read_parquet(month.run / "quality" / "quarantined.parquet")["table"])

    planted = Counter(
        dirt["table"]
        for dirt in month.truth["dirt"]
        if dirt["kind"] not in {"empty_account", "identical_duplicate"}
    )
    assert left_out == planted


def test_what_stands_twice_and_what_belongs_to_nobody_is_said(month: Month) -> None:
    findings = read_json(month.run / "quality" / "findings.json")
    said = {
        (finding["table"], finding["expectation"]): finding["rows"]
        for finding in findings
        if finding["severity"] == "info"
    }

    for dirt in month.truth["dirt"]:
        if dirt["kind"] == "identical_duplicate":
            assert said[dirt["table"], "rows_stand_once"] == 1
    assert said["orders", "rows_name_an_account"] == 1


def test_findings_are_those_of_the_planted_rows(month: Month) -> None:
    findings = read_json(month.run / "quality" / "findings.json")
    wrong = {dirt["table"] for dirt in month.truth["dirt"]}

    assert {finding["table"] for finding in findings if finding["severity"] != "info"} <= wrong


def test_nothing_is_withheld_but_what_wrong_rows_touch(month: Month) -> None:
    withheld = read_json(month.run / "quality" / "withheld.json")

    assert {entry["subject_id"] for entry in withheld} <= {"A-0003"}
    assert all(entry["section"] for entry in withheld)


# Sales


@asserts(
    "accounts.*.net_sales.*", "accounts.*.net_sales_cny.*", "accounts.*.currency", "portfolio.net_sales_cny.*"
)
@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m"])
def test_net_sales_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("net_sales", f"account:{account}", window, currency="CNY")
        assert found["value"] == money(truth["net_sales_cny"][window])
        own = month.reading("net_sales", f"account:{account}", window, currency=truth["currency"])
        assert own["value"] == money(truth["net_sales"][window])

    whole = month.reading("net_sales", "portfolio:all", window, currency="CNY")
    assert whole["value"] == money(month.truth["portfolio"]["net_sales_cny"][window])


@asserts("without_account.net_sales.month")
def test_what_belongs_to_nobody_stands_by_itself(month: Month) -> None:
    found = month.reading("net_sales", "account:~", "month", currency="CNY")

    assert found["value"] == money(month.truth["without_account"]["net_sales"]["month"])


@asserts("customers.*.net_sales_cny")
def test_net_sales_of_every_customer_are_those_of_its_group(month: Month) -> None:
    assert set(month.customers) == set(month.truth["customers"])
    for customer, truth in month.truth["customers"].items():
        found = month.reading("net_sales", f"customer:{customer}", "t12m", currency="CNY")
        assert found["value"] == money(truth["net_sales_cny"])


def test_growth_is_held_against_the_month_a_year_ago(month: Month) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("net_sales", f"account:{account}", "month", currency="CNY")
        before = float(truth["net_sales_cny"]["month_year_ago"])
        assert (found["year_ago"] or 0.0) == pytest.approx(before, abs=0.0051)
    whole = month.reading("net_sales", "portfolio:all", "month", currency="CNY")
    assert whole["year_ago"] == money(month.truth["portfolio"]["net_sales_cny"]["month_year_ago"])


@asserts("managers.*.accounts", "stories.split.*")
def test_a_manager_is_credited_with_his_accounts_and_his_share_of_those_he_shares(month: Month) -> None:
    split = month.stories["split"]
    shared = month.accounts[split["account_id"]]["net_sales_cny"]["month"]
    parts = {each["manager_id"]: Decimal(each["share_pct"]) * Decimal(shared) for each in split["shares"]}
    taken = month.stories.get("hand_overs", {}).get("A-0031")  # owned alone, but not all the quarter
    for manager, truth in month.truth["managers"].items():
        sold = sum(
            Decimal(month.accounts[account]["net_sales_cny"]["month"]) for account in truth["accounts"]
        )
        if taken and taken["to_manager_id"] == manager:
            sold += Decimal(month.accounts["A-0031"]["net_sales_cny"]["month"])
        found = month.reading("net_sales", f"manager:{manager}", "month", currency="CNY")
        assert found["value"] == pytest.approx(float(sold + parts.get(manager, Decimal())), abs=0.02)
    begun = (
        month.table("assignments")
        .set_index(["account_id", "from_on"])
        .loc[(split["account_id"], split["from_on"])]
    )
    assert sorted(begun.loc[begun["role"] == "owner", "manager_id"]) == sorted(parts)


# Delivery, service, satisfaction


@asserts("accounts.*.otif.*")
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_delivery_of_every_account_on_each_basis(month: Month, window: str, basis: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["otif"][basis][window], f"account:{account}"
        on_time = month.parts("on_time_orders", subject, window, f"basis={basis}")
        in_full = month.parts("otif_orders", subject, window, f"basis={basis}")

        assert on_time == (expected["on_time"], expected["due"])
        assert in_full == (expected["otif"], expected["due"])


@asserts("accounts.*.perfect.*")
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_perfect_orders_of_every_account_on_each_basis(month: Month, window: str, basis: str) -> None:
    for account, truth in month.accounts.items():
        expected = (truth["perfect"][basis][window], truth["otif"][basis][window]["due"])

        assert month.parts("perfect_order", f"account:{account}", window, f"basis={basis}") == expected


@asserts("accounts.*.sla.*")
@pytest.mark.parametrize("clock", ["first_reply", "green_channel", "resolution"])
@pytest.mark.parametrize("window", WINDOWS)
def test_service_of_every_account_on_each_clock(month: Month, window: str, clock: str) -> None:
    for account, truth in month.accounts.items():
        expected = truth["sla"][clock][window]
        found = month.parts("sla_attainment", f"account:{account}", window, f"clock={clock}")

        assert found == (expected["met"], expected["due"])


@asserts("accounts.*.cases.*", "accounts.*.csat.*")
@pytest.mark.parametrize("window", WINDOWS)
def test_cases_and_satisfaction_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["csat"][window], f"account:{account}"

        assert month.reading("cases", subject, window)["value"] == truth["cases"][window]
        assert month.parts("csat", subject, window) == (expected["satisfied"], expected["answers"])


@asserts("accounts.*.nps.*")
@pytest.mark.parametrize("window", WINDOWS)
def test_recommendation_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        expected, found = truth["nps"][window], month.reading("nps", f"account:{account}", window)
        answers = sum(expected.values())

        assert found["n"] == answers
        if answers >= month.context.policy.at("survey", month.context.period.as_of).fewest_answers:
            balance = expected["promoters"] - expected["detractors"]
            assert found["value"] == pytest.approx(100 * balance / answers)
        else:
            assert found["reason"] == "too_few"


# Money


@asserts("accounts.*.receivables.amount", "accounts.*.receivables.cny")
def test_receivables_of_every_account(month: Month) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("receivables", f"account:{account}", "month", currency="CNY")
        assert found["value"] == money(truth["receivables"]["cny"])
        own = month.reading("receivables", f"account:{account}", "month", currency=truth["currency"])
        assert own["value"] == money(truth["receivables"]["amount"])


@asserts("accounts.*.receivables.overdue")
def test_overdue_receivables_are_all_ages_but_the_first(month: Month) -> None:
    ages = ("1-30", "31-60", "61-90", "91-120", "121+")
    late = month.readings.loc["ageing"].reset_index()
    late = late[(late["subject_kind"] == "account") & (late["window"] == "month")]
    late = late[late["breakdown"].isin([f"bucket={age}" for age in ages])]

    for account, truth in month.accounts.items():
        own = late[(late["subject_id"] == account) & (late["currency"] == truth["currency"])]
        assert own["value"].sum() == money(truth["receivables"]["overdue"])
        whole = month.reading("overdue_amount", f"account:{account}", "month", currency=truth["currency"])
        assert whole["value"] == money(truth["receivables"]["overdue"])


# Customers


@asserts("retention.*.accounts.active_at_start", "retention.*.accounts.kept", "retention.*.customers.active_at_start",
         "retention.*.customers.kept")  # fmt: skip
@pytest.mark.parametrize("window", ["quarter", "t12m"])
def test_retention_of_accounts_and_customers(month: Month, window: str) -> None:
    truth = month.truth["retention"][window]

    for metric, kind in (("account_retention", "accounts"), ("customer_retention", "customers")):
        found = month.parts(metric, "portfolio:all", window)
        assert found == (truth[kind]["kept"], truth[kind]["active_at_start"])


@asserts("retention.*.customers.new")
@pytest.mark.parametrize("window", ["quarter", "t12m"])
def test_new_customers(month: Month, window: str) -> None:
    truth = month.truth["retention"][window]["customers"]

    assert month.parts("new_customer_rate", "portfolio:all", window) == (
        truth["new"],
        truth["active_at_start"],
    )


@asserts("retention.*.lost", "retention.*.new", "retention.*.accounts.new")
@pytest.mark.parametrize("window", ["quarter", "t12m"])
def test_which_accounts_were_lost_and_which_are_new(month: Month, window: str) -> None:
    truth = month.truth["retention"][window]
    facts = {
        fact["name"]: {each["member"] for each in fact["evidence"]}
        for fact in explained(month.context, f"account_retention/portfolio:all/{window}")["facts"]
        if fact["kind"] == "account"
    }
    active = {
        account for account in month.accounts
        if month.value("net_sales", f"account:{account}", "t12m", currency="CNY") > 0
    }  # fmt: skip
    new = active - facts["accounts_at_start"]

    assert sorted(facts["accounts_at_start"] - facts["accounts_kept"]) == truth["lost"]
    assert (sorted(new), len(new)) == (truth["new"], truth["accounts"]["new"])


@asserts("retention.month.*")
def test_nobody_came_or_went_in_the_month(month: Month) -> None:
    """Retention has no window of a month; who is active is told by the classes of the month and the one before."""
    truth = month.truth["retention"]["month"]
    moved = {
        name: month.value("class_movements", "portfolio:all", "month", f"move={name}", "CNY")
        for name in ("new", "left")
    }
    whole = month.reading("customers_by_class", "portfolio:all", "month", currency="CNY")

    customers = truth["customers"]
    assert (moved["new"], moved["left"]) == (
        customers["new"],
        customers["active_at_start"] - customers["kept"],
    )
    assert whole["value"] == customers["kept"] + customers["new"]
    assert whole["before"] == customers["active_at_start"]


@asserts("customers.*.band")
def test_the_band_of_every_customer(month: Month) -> None:
    for customer, truth in month.truth["customers"].items():
        found = month.reading("revenue_band", f"customer:{customer}", "t12m", currency="CNY")
        assert found["text"] == (truth["band"] or "below")


@asserts("accounts.*.lifecycle")
def test_the_stage_of_every_customer_is_that_of_its_oldest_account(month: Month) -> None:
    order = ["initial", "stable", "deep", "symbiosis"]
    lost = {month.stories["lapsed"], *month.truth["retention"]["t12m"]["lost"]}
    for customer, accounts in month.customers.items():
        oldest = max((month.accounts[each]["lifecycle"] for each in accounts), key=order.index)
        found = month.reading("lifecycle_stage", f"customer:{customer}", "month")
        assert found["text"] == ("lapsed" if lost.issuperset(accounts) else oldest)


# Deals, forecasts


@asserts("accounts.*.deals.*")
@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m"])
def test_deals_won_and_lost_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["deals"][window], f"account:{account}"

        assert (month.reading("won_count", subject, window)["value"] or 0) == expected["won"]
        assert (month.reading("lost_count", subject, window)["value"] or 0) == expected["lost"]
        won = month.reading("won_value", subject, window, currency=truth["currency"])
        assert (won["value"] or 0.0) == money(expected["won_amount"])


def test_deals_of_the_month_a_year_ago(month: Month) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["deals"]["month_year_ago"], f"account:{account}"

        assert (month.reading("won_count", subject, "month")["year_ago"] or 0) == expected["won"]
        assert (month.reading("lost_count", subject, "month")["year_ago"] or 0) == expected["lost"]
        won = month.reading("won_value", subject, "month", currency=truth["currency"])
        assert (won["year_ago"] or 0.0) == money(expected["won_amount"])


@asserts("accounts.*.forecast.*.actual", "accounts.*.forecast.*.forecast")
def test_forecasts_of_every_account_month_by_month(month: Month) -> None:
    rows = month.facts("frozen_forecasts")
    rows = rows.assign(month=rows["period_on"].dt.strftime("%Y-%m")).set_index(["account_id", "month"])
    for account, truth in month.accounts.items():
        for name, cell in truth["forecast"].items():
            if (account, name) not in rows.index:
                assert cell["forecast"] is None
                continue
            found = rows.loc[(account, name)]
            assert found["has_forecast"] == (cell["forecast"] is not None)
            assert found["forecast"] / 10_000 == money(cell["forecast"] or 0)
            assert found["actual"] / 10_000 == money(cell["actual"])


@pytest.mark.parametrize(("window", "months"), [("month", 1), ("quarter", 3)])
def test_the_error_of_every_account_is_that_of_its_cells(month: Month, window: str, months: int) -> None:
    for account, truth in month.accounts.items():
        cells = [
            (Decimal(cell["actual"]), Decimal(cell["forecast"] or 0))
            for cell in list(truth["forecast"].values())[-months:]
        ]
        error = sum(abs(actual - forecast) for actual, forecast in cells)
        actual = sum(abs(actual) for actual, _ in cells)
        found = month.parts("wape", f"account:{account}", window, currency="CNY")
        told = all(cell["forecast"] is None for cell in truth["forecast"].values())

        assert found == ((0, 0) if told else (money(float(error)), money(float(actual))))


@asserts(
    "managers.*.forecast.*.absolute_error", "managers.*.forecast.*.actual", "managers.*.forecast.*.error"
)
@pytest.mark.parametrize("window", WINDOWS)
def test_the_error_of_a_manager_is_that_of_his_accounts(month: Month, window: str) -> None:
    split = month.stories["split"]
    sharing = {each["manager_id"] for each in split["shares"]} | {"M-05", "M-06"}  # who handed A-0031 over
    for manager, truth in month.truth["managers"].items():
        own = [month.parts("wape", f"account:{each}", window, currency="CNY") for each in truth["accounts"]]
        bias = [
            month.parts("forecast_bias", f"account:{each}", window, currency="CNY")
            for each in truth["accounts"]
        ]
        expected = tuple(money(truth["forecast"][window][name]) for name in ("absolute_error", "actual"))

        assert (sum(error for error, _ in own), sum(actual for _, actual in own)) == expected
        assert sum(error for error, _ in bias) == money(truth["forecast"][window]["error"])
        if manager not in sharing:
            assert month.parts("wape", f"manager:{manager}", window, currency="CNY") == expected


# Value, commitments


@asserts("accounts.*.value_realised.*")
def test_value_realised_of_every_account_by_confidence(month: Month) -> None:
    """A claim without money is no value of nothing: it is not known."""
    for account, truth in month.accounts.items():
        subject, currency = f"account:{account}", truth["currency"]
        assert set(truth["value_realised"]) <= set(CONFIDENCES)
        for confidence in CONFIDENCES:
            broken = f"confidence={confidence}"
            found = month.value("value_realised", subject, "quarter", broken, currency)
            if confidence in truth["value_realised"]:
                assert found == money(truth["value_realised"][confidence])
            elif isnan(found):
                assert month.value("value_claims", subject, "quarter", broken) > 0
            else:
                assert found == 0


@asserts("accounts.*.commitments.*")
def test_commitments_of_every_account(month: Month) -> None:
    """The truths are about those due in the quarter; what is still open of them is in no rate."""
    rows = month.facts("commitments")
    due = rows[(rows["due_on"] >= "2026-07-01") & (rows["due_on"] < "2026-10-01")]
    for account, truth in month.accounts.items():
        expected, subject = truth["commitments"], f"account:{account}"
        became = {
            name: month.value(f"commitments_{name}", subject, "quarter")
            for name in ("kept", "late", "dropped")
        }

        assert became == {name: expected[name] for name in became}
        assert month.parts("commitments_kept_share", subject, "quarter")[1] == sum(became.values())
        assert (due[due["account_id"] == account]["state"] == "open").sum() == expected["open"]
