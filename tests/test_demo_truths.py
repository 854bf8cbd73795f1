"""The pipeline is held to what the demo knows to be true of itself, from the exports to the readings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.context import Context
from pipeline.resources import built_in
from pipeline.run import context_of, stage
from pipeline.store import read_json
from tests.demo_rows import truth_of
from tests.demos import STAGES, computed_demo
from tests.runs import readings

_KEY = ["metric", "subject_kind", "subject_id", "breakdown", "window", "currency"]
WINDOWS = ("month", "quarter")
BASES = ("requested", "first_promised", "last_promised")


@dataclass(frozen=True)
class Month:
    """A demo's month as it was computed, and as it is."""

    truth: dict[str, Any]
    readings: pd.DataFrame
    run: Path

    def reading(self, metric: str, subject: str, window: str, breakdown: str = "", currency: str = "") -> Any:
        """The one reading of a metric for `kind:id` in a window that ends with the month."""
        kind, _, identity = subject.partition(":")
        return self.readings.loc[(metric, kind, identity, breakdown, window, currency)]

    def parts(self, metric: str, subject: str, window: str, breakdown: str = "") -> tuple[int, int]:
        """Numerator and denominator of a share; zeros where there is nothing to read."""
        kind, _, identity = subject.partition(":")
        if (metric, kind, identity, breakdown, window, "") not in self.readings.index:
            return 0, 0
        found = self.reading(metric, subject, window, breakdown)
        return int(found["numerator"]), int(found["denominator"])

    @property
    def accounts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.truth["accounts"]
        return found


def month_of(context: Context) -> Month:
    table = readings(context.run)
    ending = table[table["until_on"] == table["until_on"].max()].fillna({"currency": ""})
    return Month(truth_of(context.workspace), ending.set_index(_KEY).sort_index(), context.run)


def computed_company(output: Path) -> Context:
    """The month of the committed company, from the exports of its systems."""
    context = context_of(
        workspace=built_in("data", "demo"), output=output, exports=None, period=None, as_of=None,
        today=date(2026, 10, 8), fonts=output, jobs=1, quiet=True,
    )  # fmt: skip
    for name in STAGES:
        stage(name)(context)
    return context


@pytest.fixture(scope="module", params=["small", pytest.param("company", marks=pytest.mark.slow)])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Ten accounts from canonical files, and the whole company."""
    if request.param == "small":
        return month_of(computed_demo(tmp_path_factory))
    return month_of(computed_company(tmp_path_factory.mktemp("company")))


def money(text: str) -> Any:
    return pytest.approx(float(text), abs=0.0051)


# What was planted


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


@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m"])
def test_net_sales_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("net_sales", f"account:{account}", window, currency="CNY")
        assert found["value"] == money(truth["net_sales_cny"][window])
        if truth["currency"] != "CNY":
            own = month.reading("net_sales", f"account:{account}", window, currency=truth["currency"])
            assert own["value"] == money(truth["net_sales"][window])

    whole = month.reading("net_sales", "portfolio:all", window, currency="CNY")
    assert whole["value"] == money(month.truth["portfolio"]["net_sales_cny"][window])


def test_net_sales_of_every_customer_are_those_of_its_group(month: Month) -> None:
    for customer, truth in month.truth["customers"].items():
        found = month.reading("net_sales", f"customer:{customer}", "t12m", currency="CNY")
        assert found["value"] == money(truth["net_sales_cny"])


def test_growth_is_held_against_the_month_a_year_ago(month: Month) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("net_sales", f"account:{account}", "month", currency="CNY")
        before = float(truth["net_sales_cny"]["month_year_ago"])
        assert (found["year_ago"] or 0.0) == pytest.approx(before, abs=0.0051)


def test_a_manager_is_credited_with_the_accounts_he_owns_alone(month: Month) -> None:
    """His own accounts are a part of what he sold; the rest came from those he shared or took over."""
    for manager, truth in month.truth["managers"].items():
        sold = sum(
            Decimal(month.accounts[account]["net_sales_cny"]["month"]) for account in truth["accounts"]
        )
        found = month.reading("net_sales", f"manager:{manager}", "month", currency="CNY")
        shared = {"M-01", "M-02", "M-06"}  # of A-0002, and of A-0031 since this quarter
        if manager in shared:
            assert found["value"] > float(sold)
        else:
            assert found["value"] == money(str(sold))


# Delivery, service, satisfaction


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("window", WINDOWS)
def test_delivery_of_every_account_on_each_basis(month: Month, window: str, basis: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["otif"][basis][window], f"account:{account}"
        on_time = month.parts("on_time_orders", subject, window, f"basis={basis}")
        in_full = month.parts("otif_orders", subject, window, f"basis={basis}")

        assert on_time == (expected["on_time"], expected["due"])
        assert in_full == (expected["otif"], expected["due"])


@pytest.mark.parametrize("clock", ["first_reply", "green_channel", "resolution"])
@pytest.mark.parametrize("window", WINDOWS)
def test_service_of_every_account_on_each_clock(month: Month, window: str, clock: str) -> None:
    for account, truth in month.accounts.items():
        expected = truth["sla"][clock][window]
        found = month.parts("sla_attainment", f"account:{account}", window, f"clock={clock}")

        assert found == (expected["met"], expected["due"])


@pytest.mark.parametrize("window", WINDOWS)
def test_cases_and_satisfaction_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["csat"][window], f"account:{account}"

        assert month.reading("cases", subject, window)["value"] == truth["cases"][window]
        assert month.parts("csat", subject, window) == (expected["satisfied"], expected["answers"])


# Money


def test_receivables_of_every_account(month: Month) -> None:
    for account, truth in month.accounts.items():
        found = month.reading("receivables", f"account:{account}", "month", currency="CNY")
        assert found["value"] == money(truth["receivables"]["cny"])
        if truth["currency"] != "CNY":
            own = month.reading("receivables", f"account:{account}", "month", currency=truth["currency"])
            assert own["value"] == money(truth["receivables"]["amount"])


def test_overdue_receivables_are_all_ages_but_the_first(month: Month) -> None:
    ages = ("1-30", "31-60", "61-90", "91-120", "121+")
    late = month.readings.loc["ageing"].reset_index()
    late = late[(late["subject_kind"] == "account") & (late["window"] == "month")]
    late = late[late["breakdown"].isin([f"bucket={age}" for age in ages])]

    for account, truth in month.accounts.items():
        own = late[(late["subject_id"] == account) & (late["currency"] == truth["currency"])]
        assert own["value"].sum() == money(truth["receivables"]["overdue"])


# Customers


@pytest.mark.parametrize("window", ["quarter", "t12m"])
def test_retention_of_accounts_and_customers(month: Month, window: str) -> None:
    truth = month.truth["retention"][window]

    for metric, kind in (("account_retention", "accounts"), ("customer_retention", "customers")):
        found = month.parts(metric, "portfolio:all", window)
        assert found == (truth[kind]["kept"], truth[kind]["active_at_start"])


def test_a_customer_of_each_class(month: Month) -> None:
    for name, customer in month.truth["stories"]["class"].items():
        found = month.reading("customer_class", f"customer:{customer}", "t12m", currency="CNY")
        assert found["text"] == name


# Deals


@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m"])
def test_deals_won_and_lost_of_every_account(month: Month, window: str) -> None:
    for account, truth in month.accounts.items():
        expected, subject = truth["deals"][window], f"account:{account}"

        assert (month.reading("won_count", subject, window)["value"] or 0) == expected["won"]
        assert (month.reading("lost_count", subject, window)["value"] or 0) == expected["lost"]
        won = month.reading("won_value", subject, window, currency=truth["currency"])
        assert (won["value"] or 0.0) == money(expected["won_amount"])
