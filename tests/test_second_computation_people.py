"""People, roles, touchpoints, first deliveries, claims and the age of sources a second time, by other means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.runs import computed
from tests.second_computation_people import (
    AGES,
    CLAIMS,
    GIVEN,
    HELD,
    POSITIONS,
    Said,
    due_windows,
    kept_by_matching,
)
from tests.test_every_metric import company as company_of_everything

Rows = dict[str, list[dict[str, Any]]]


def further() -> Rows:
    """What the company of everything lacks: money set against nothing, answers on other scales, people who came and went."""
    rows = company_of_everything()
    accounts = ("A1", "A2", "A3", "A4", "A5")
    rows["payments"] += [
        {"payment_id": f"U{at}", "account_id": account, "paid_on": f"2026-0{3 + at}-11", "amount": 100 + 37 * at,
         "currency": "EUR" if account == "A3" else "CNY"}
        for at, account in enumerate(accounts)
    ]  # fmt: skip
    rows["surveys"] += [
        {"survey_id": f"T{at}", "account_id": accounts[at % 5], "kind": "csat", "scale_max": (10, 7)[at % 2],
         "asked_on": f"2026-0{1 + at % 9}-02", "answered_on": f"2026-0{1 + at % 9}-09", "score": at % 8}
        for at in range(40)
    ]  # fmt: skip
    rows["contacts"] += [
        {"contact_id": f"N{at}", "account_id": accounts[at % 5], "role": ("business", "technical", "executive")[at % 3],
         "active_from_on": f"2026-0{1 + at % 9}-0{1 + at % 7}", "is_backup": at % 4 == 0,
         "visited_on": None if at % 3 == 0 else f"2026-0{min(1 + at % 9 + at % 2, 9)}-2{at % 9}",
         "left_at": f"2026-09-1{at % 9}T09:00+08:00" if at % 5 == 0 else None,
         "handed_over_at": f"2026-09-1{min(at % 9 + at % 3, 9)}T15:00+08:00" if at % 10 == 0 else None}
        for at in range(30)
    ]  # fmt: skip
    rows["assignments"] += [
        {"account_id": "A2", "manager_id": "M1", "role": "owner", "from_on": "2021-01-01", "to_on": "2026-08-04",
         "handed_over_at": "2026-08-06T09:00+08:00"},
        {"account_id": "A2", "manager_id": "M3", "role": "owner", "from_on": "2026-08-04"},
        {"account_id": "A3", "manager_id": "M2", "role": "executive", "from_on": "2026-01-01", "to_on": "2026-07-07"},
    ]  # fmt: skip
    rows["activities"] += [
        {"activity_id": f"V{at}", "account_id": accounts[at % 5], "kind": kind, "held_on": f"2026-0{1 + at % 9}-{3 + at:02}",
         "is_face_to_face": at % 2 == 0, "status": "cancelled" if at % 7 == 0 else "held", "manager_id": "M1", "contact_id": "K1"}
        for at, kind in enumerate(("visit", "review", "sync", "event", "trial", "demo", "executive_meeting", "training") * 3)
    ] + [
        {"activity_id": f"S{at}", "account_id": "A6", "kind": "sync", "held_on": day, "status": "held"}
        for at, day in enumerate(("2026-08-12", "2026-08-13", "2026-08-25", "2026-09-08", "2026-09-11", "2026-09-25"))
    ]  # fmt: skip
    rows["market"] += [
        {"industry": "retail", "region": "west", "year": 2026, "market_amount": 500_000, "our_rank": 3, "rivals_count": 4},
        {"industry": "retail", "region": "north", "year": 2024, "market_amount": 700_000},
    ]  # fmt: skip
    return rows


@pytest.fixture(scope="module", params=["demo", pytest.param("company", marks=pytest.mark.slow)])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """The demo's month, and a company that has something of everything."""
    if request.param == "demo":
        context = computed_demo(tmp_path_factory)
        return Said(context.run, demo_readings(context))
    run = tmp_path_factory.mktemp("company") / "2026-09"
    return Said(run, computed(run, further()))


def same(told: pd.Series, expected: pd.Series, *, within: float = 1e-9) -> int:
    """Assert that what is told is what is expected, and unknown where that is; how many are neither unknown nor zero."""
    other = expected.reindex(told.index).astype(float)
    mine = told.astype(float)
    apart = ~np.isclose(mine, other, rtol=1e-9, atol=within, equal_nan=True)
    assert not apart.any(), pd.DataFrame({"told": mine, "expected": other})[apart].head(12)
    return int((mine.notna() & (mine != 0)).sum())


@pytest.mark.parametrize(
    ("metric", "met", "due", "least"),
    [
        ("handover_in_time", "handed_met", "handed_due", (5, 10)),
        ("new_contacts_visited", "met_met", "met_due", (0, 10)),
        ("first_delivery_on_time", "first_on_time", "first_due", (0, 5)),
        ("first_delivery_early", "first_early", "first_due", (0, 5)),
        ("csat_other_scales", "other_satisfied", "other_answers", (0, 20)),
    ],
)
def test_shares_are_the_same(
    said: Said, request: pytest.FixtureRequest, metric: str, met: str, due: str, least: tuple[int, int]
) -> None:
    told, under = said.told(metric), said.sums(due)
    expected = (said.sums(met).reindex(under.index, fill_value=0) / under).where(under > 0)

    assert same(told["value"], expected) >= least["company" in request.node.callspec.id]


def test_money_set_against_nothing_is_the_same_to_the_cent(said: Said) -> None:
    told = said.told("unapplied_cash")["value"]

    assert same(told, said.sums("unapplied").reindex(told.index, fill_value=0), within=0.001) >= 0


def test_stages_of_relationships_are_the_same(said: Said) -> None:
    query = "select customer_id, text from lifecycle_stage where day = date '2026-10-01'"
    expected = said.asked(query).set_index("customer_id")["text"]
    told = said.told("lifecycle_stage", "customer", windows=("month",)).droplevel([0, 1, 3])["text"]

    assert told.to_dict() == expected.reindex(told.index).to_dict()
    assert len(set(told)) > 1


def test_what_each_claim_comes_to_is_the_same_to_the_cent(said: Said) -> None:
    told = said.told("claim_value", "customer", windows=("month",)).droplevel([0, 1])["value"]
    expected = said.asked(CLAIMS).set_index(["id", "breakdown"])["value"].rename_axis(told.index.names)

    assert same(told, expected, within=0.001) == len(expected) > 1


def test_wallets_by_rank_and_the_age_of_the_rank_are_the_same(said: Said) -> None:
    expected = said.asked(POSITIONS).set_index("id")
    for metric, column in (("share_of_wallet_by_rank", "share"), ("rank_data_age", "age")):
        told = said.told(metric, "account", windows=("month",)).droplevel([0, 1, 3])["value"]
        same(told.dropna(), expected[column])
        assert set(told.dropna().index) == set(expected[column].dropna().index) & set(told.index)


def test_the_age_of_market_figures_is_the_same(said: Said) -> None:
    found = said.asked(AGES)
    ours = set(said.asked("select distinct industry from accounts")["industry"].dropna())
    expected = found.groupby("id")["age"].mean()
    told = said.told("market_data_age", windows=("t12m",))["value"]

    same(told.xs("industry", level=1).droplevel([0, 2]), expected)
    assert told.xs("portfolio", level=1).iloc[0] == pytest.approx(
        found.loc[found["id"].isin(ours), "age"].mean()
    )


POINTS = {
    "purchase_frequency": (0.15, 0, 4), "net_sales": (0.20, 0, 5_000_000), "gross_margin": (0.20, 0.05, 0.35),
    "years_as_customer": (0.15, 0, 5), "purchase_regularity": (0.15, 0, 1), "share_of_wallet": (0.10, 0, 0.5),
    "nps": (0.05, -100, 100),
}  # fmt: skip
"""Weight, and where a measure earns nothing and all."""


def test_scores_of_key_accounts_are_the_same(said: Said) -> None:
    weights, points = {}, {}
    for metric, (weight, zero_at, full_at) in POINTS.items():
        value = said.told(metric, "customer", windows=("t12m",)).droplevel([0, 1])["value"].xs("", level=1)
        points[metric] = ((value - zero_at) / (full_at - zero_at)).clip(0, 1) * weight
        weights[metric] = value.notna() * weight
    covered = pd.DataFrame(weights).sum(axis=1)
    expected = (pd.DataFrame(points).sum(axis=1) / covered).where(covered >= 0.6 - 1e-9)
    told = said.told("identification_score", "customer", windows=("t12m",)).droplevel([0, 1, 3])["value"]

    assert same(told, expected) >= 5


##### The service plan #################################################################################################

PROMISED = {
    "owner": lambda band, kind: True,
    "executive": lambda band, kind: band == "strategic",
    "technical": lambda band, kind: band == "key",
    "backup": lambda band, kind: kind == "core_value",
}
"""Who of ours the built-in plan promises, by band and class."""
SERVING = """
select distinct customer_id, coalesce(role, 'owner') as role from assignments join customer using (account_id)
where coalesce(from_on, date '1990-01-01') < date '2026-10-01' and (to_on is null or to_on >= date '2026-10-01')
union select customer_id, 'owner' from accounts join customer using (account_id) where owner_id is not null
    and customer_id not in (select customer_id from assignments join customer using (account_id) where coalesce(role, 'owner') = 'owner')
"""


def test_roles_held_and_missing_are_the_same(said: Said) -> None:
    """By what each customer was from the first of September on: what is decided at its end counts from October on."""
    query = """select r.customer_id, (select text from {} t where t.customer_id = r.customer_id and t.day = date '2026-09-01') as text
        from relation r"""
    names = ("customer_class", "revenue_band", "lifecycle_stage")
    placed = {
        name: said.asked(query.format(name)).set_index("customer_id")["text"].to_dict() for name in names
    }
    held = set(said.asked(SERVING).itertuples(index=False, name=None))
    filled = said.told("role_coverage", "customer", windows=("month",))["value"].droplevel([0, 1])
    vacant = said.told("roles_missing", "customer", windows=("month",))["value"].droplevel([0, 1])
    seen = 0
    for customer in said.asked("select customer_id from relation where since < date '2026-10-01'")[
        "customer_id"
    ]:
        band, kind, stage = (
            placed[name].get(customer) for name in ("revenue_band", "customer_class", "lifecycle_stage")
        )
        roles = [] if stage == "lapsed" else [role for role, wanted in PROMISED.items() if wanted(band, kind)]
        has = sum((customer, role) in held for role in roles)
        if (customer, "") in vacant.index:
            assert vacant[customer, ""] == len(roles) - has, customer
        if roles:
            assert filled[customer, ""] == pytest.approx(has / len(roles)), customer
            seen += 1
    assert seen > 3


@pytest.mark.parametrize(
    ("rule", "given", "metrics"),
    [
        (
            "plan",
            HELD,
            ("cadence_compliance", "touchpoints_late", "touchpoints_missed", "touchpoints_to_come"),
        ),
        ("enablement", GIVEN, ("enablement_compliance", None, "enablement_missed", "enablement_to_come")),
    ],
)
def test_what_was_promised_and_kept_is_the_same(
    said: Said, rule: str, given: str, metrics: tuple[str, str | None, str, str]
) -> None:
    """Of each customer: what was due in the year, and how much of it a maximum matching keeps, makes up and leaves."""
    held = said.asked(given)
    due = due_windows(said, rule, str(held["day"].min())[:10])
    rate, late, missed, to_come = metrics
    compliance = said.told(rate, "customer", windows=("ytd",)).droplevel([0, 1])
    figures = {
        name: said.told(name, "customer", windows=("ytd",)).droplevel([0, 1])["value"]
        for name in metrics
        if name
    }
    done = 0
    for customer, windows in due.groupby("customer_id"):
        mine = held[held["customer_id"] == customer]
        over = windows["until_on"] <= pd.Timestamp("2026-10-01")
        before = windows[over & (windows["until_on"] <= pd.Timestamp("2026-01-01"))]
        kept, made = kept_by_matching(windows, mine)
        kept_before, made_before = kept_by_matching(before, mine)
        kept_over, _ = kept_by_matching(windows[over], mine)
        counted = int(over.sum()) - len(before)
        if (customer, "") in compliance.index and counted:
            row = compliance.loc[(customer, "")]
            assert row["denominator"] == counted, customer
            assert row["numerator"] == kept_over - kept_before, customer
            assert figures[missed][customer, ""] == counted - (made - (kept - kept_over) - made_before), (
                customer
            )
            if late:
                assert figures[late][customer, ""] == made - kept - (made_before - kept_before), customer
            done += 1
        if (customer, "") in figures[to_come].index:
            assert figures[to_come][customer, ""] == int((~over).sum()) - (kept - kept_over), customer
    assert done > 3
