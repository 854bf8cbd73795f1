"""Grain: what adds up is the same sum whichever way the company is cut, less what has no such attribute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.engine.evaluate import WHOLE, Breakdown
from pipeline.engine.quantities import Quantity
from pipeline.facts import FACTS, Fact
from pipeline.metrics import EVERYONE, METRICS
from tests.engines import Engine, engine
from tests.strategies import ACCOUNTS, Company, Row, companies

FEW = settings(max_examples=2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = settings(FEW, max_examples=60)
SUMMED = [fact for fact in FACTS.all().values() if fact.kind in ("flow", "stock") and not fact.only_by]
WINDOWS = ("month", "t12m")


def amounts(found: Engine, fact: Fact, kind: str, window: str, part: Breakdown = WHOLE) -> dict[str, int]:
    """The fact of every subject of a kind in its own units; nothing where one of them is not known."""
    said: Any = found.fact(fact.name, kind, found.window(window), part)
    assert isinstance(said, Quantity)
    ids = found.evaluator.subjects[kind].ids
    return dict(zip(ids, np.asarray(said.values).tolist(), strict=True)) if said.known.all() else {}


def known(made: Engine) -> list[tuple[Fact, str, dict[str, int]]]:
    """Every fact that adds up, in each window in which it is known of every account, with what it is of each."""
    present = [fact for fact in SUMMED if fact.table in made.facts]
    found = [(fact, window, amounts(made, fact, "account", window)) for fact in present for window in WINDOWS]
    return [each for each in found if each[2]]


def check_accounts(rows: Company) -> int:
    """Assert that customers, regions, industries and the portfolio add up; how many sums were not zero."""
    made = engine(rows)
    cells = {str(row["account_id"]): row for row in rows["accounts"]}
    facts = known(made)
    for fact, window, accounts in facts:
        whole = sum(accounts.values())
        assert amounts(made, fact, "portfolio", window) == {"all": whole}, fact.name
        customers = amounts(made, fact, "customer", window)
        assert sum(customers.values()) == whole - accounts["~"], fact.name
        for kind in ("region", "industry"):
            bare = [each for each in accounts if cells.get(each, {}).get(kind) is None]
            cut = amounts(made, fact, kind, window)
            assert sum(cut.values()) == whole - sum(accounts[each] for each in bare), (fact.name, kind)
    return sum(any(accounts.values()) for _, _, accounts in facts)


def check_owners(rows: Company) -> int:
    """Assert that managers and teams share all there is, where every row has an account and every account an owner."""
    made = engine(all_owned(rows))
    facts = known(made)
    for fact, window, accounts in facts:
        for kind in ("manager", "team"):
            cut = amounts(made, fact, kind, window)
            assert sum(cut.values()) == sum(accounts.values()), (fact.name, kind)
    return sum(any(accounts.values()) for _, _, accounts in facts)


def all_owned(rows: Company) -> Company:
    """The company with an account on every row, an owner of every account, and a team of every manager."""

    def on_account(row: Row) -> Row:
        known_id = row.get("account_id", "A0") in ACCOUNTS
        return row if known_id else {**row, "account_id": "A0"}

    made = {name: [on_account(row) for row in table] for name, table in rows.items()}
    return {
        **made,
        "accounts": [{**row, "owner_id": row.get("owner_id") or "M1"} for row in made["accounts"]],
        "managers": [{**row, "team_id": row.get("team_id") or "T2"} for row in made["managers"]],
    }


def check_products(rows: Company) -> int:
    """Assert that products add up, less the rows without one."""
    made = engine(rows)
    checked = 0
    for fact in FACTS.all().values():
        if not fact.has_product or fact.table not in made.facts:
            continue
        table = made.facts[fact.table]
        for part in parts_of(fact, made):
            for window in WINDOWS:
                products = amounts(made, fact, "product", window, part)
                whole = amounts(made, fact, "portfolio", window, part)
                evidence = made.evidence(fact.name, "portfolio:all", made.window(window), part)
                bare = (
                    ~table["product_id"].isin(list(products)).to_numpy()[evidence["row"].to_numpy(dtype=int)]
                )
                if products and whole:
                    assert sum(products.values()) == whole["all"] - int(evidence.loc[bare, "amount"].sum())
                    checked += any(products.values())
    return checked


def parts_of(fact: Fact, made: Engine) -> list[Breakdown]:
    """The whole of a fact, or the values of the column over which it does not add up."""
    if not fact.only_by:
        return [WHOLE]
    (column,) = fact.only_by
    return [(column, value) for value in sorted(made.facts[fact.table][column].dropna().unique())]


CHECKS = {"accounts": check_accounts, "owners": check_owners, "products": check_products}


@pytest.mark.parametrize("check", CHECKS)
@FEW
@given(companies())
def test_every_cut_of_the_company_adds_up_to_the_whole(check: str, rows: Company) -> None:
    CHECKS[check](rows)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@MANY
@given(companies())
def test_every_cut_of_many_companies_adds_up_to_the_whole(check: str, rows: Company) -> None:
    CHECKS[check](rows)


KPIS = (
    "net_sales sales_growth gross_margin receivables receivables_turnover dso_simple wape forecast_accuracy csat nps"
    " sla_attainment otif_orders otif_lines perfect_order sales_attainment customer_retention net_revenue_retention"
    " new_customer_rate share_of_wallet win_rate open_pipeline_value cadence_compliance sales_bridge contribution"
).split()
OF_GROUPS = frozenset("manager team region industry portfolio".split())
BY_PRODUCT = "net_sales volume sales_growth sales_growth_on_period gross_margin otif_lines line_fill win_rate won_value".split()


@pytest.mark.parametrize("name", KPIS)
def test_a_key_figure_is_told_of_managers_teams_regions_industries_and_the_whole(name: str) -> None:
    assert set(METRICS.get(name).subjects) >= OF_GROUPS


@pytest.mark.parametrize("name", sorted(set(KPIS) - {"sales_attainment", "customer_retention", "new_customer_rate",
                                                     "net_revenue_retention", "cadence_compliance"}))  # fmt: skip
def test_a_key_figure_of_rows_is_told_of_accounts_and_customers_too(name: str) -> None:
    assert set(METRICS.get(name).subjects) >= set(EVERYONE)


@pytest.mark.parametrize("name", BY_PRODUCT)
def test_what_is_sold_and_delivered_is_told_by_product(name: str) -> None:
    assert "product" in METRICS.get(name).subjects
