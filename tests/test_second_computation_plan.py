"""Contracts, benefits, needs, projects, use of products, blind spots and health a second time in SQL."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.second_computation_plan import WINDOWS, asked, loaded


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


def mine(
    readings: pd.DataFrame, metric: str, kind: str, window: str, breakdown: str = "", column: str = "value"
) -> pd.Series:
    """What is told of every subject of a kind for the window that ends with September, in the reporting currency."""
    rows = readings[
        (readings["metric"] == metric)
        & (readings["subject_kind"] == kind)
        & (readings["window"] == window)
        & (readings["breakdown"] == breakdown)
        & readings["currency"].isin(["CNY", ""])
    ]
    rows = rows[(pd.to_datetime(rows["until_on"]) == "2026-10-01") & (rows["subject_id"] != "~")]
    return rows.set_index("subject_id")[column].astype(float)


def same(told: pd.Series, query: str, *, absent: float | None = None, within: float = 1e-6) -> int:
    """Assert that what is told is what the query says; of whom it says nothing it is `absent`. How many are not that."""
    expected = asked(query).set_index("subject")["value"].astype(float).reindex(told.index)
    expected = expected if absent is None else expected.fillna(absent)
    assert np.allclose(told, expected, rtol=1e-9, atol=within, equal_nan=True), pd.DataFrame(
        {"told": told, "expected": expected}
    )[~np.isclose(told, expected, rtol=1e-9, atol=within, equal_nan=True)]
    return int(((expected != absent) & expected.notna()).sum())


AMOUNT = """
with span as (
    select account_id, currency, annual, year_on::date as year_on, (year_on + interval 1 year)::date as over,
        greatest(year_on::date, date '{from_on}') as low,
        least((year_on + interval 1 year)::date, until_on, date '2026-10-01') as high
    from covering, unnest(generate_series(first, least(until_on, date '2026-10-01'), interval 1 year)) as years(year_on)
), piece as (
    select *, day::date as day from span, unnest(generate_series(low, high - interval 1 day, interval 1 day)) as days(day)
    where low < high
), part as (
    select account_id, p.currency, annual / datediff('day', year_on, over) as amount, date_trunc('month', p.day)::date as month,
        min(p.day) over (partition by account_id, year_on, date_trunc('month', p.day)) as on_day
    from piece p
), priced as (
    select account_id, amount * rate as amount from part asof join rate r on r.currency = part.currency and part.on_day >= r.on_day
)
"""


@pytest.mark.parametrize("window", WINDOWS)
def test_what_was_agreed_is_the_same(readings: pd.DataFrame, window: str) -> None:
    query = (
        AMOUNT.format(from_on=WINDOWS[window])
        + "select account_id as subject, sum(amount) as value from priced group by all"
    )

    assert same(mine(readings, "contract_amount", "account", window), query, absent=0, within=0.01) > 5


SPEND = """
select {subject} as subject, sum(round(net * rate, 4)) as value
from sold s join customer using (account_id) asof join rate r on r.currency = s.currency and s.day >= r.on_day
where s.day >= date '{from_on}' and s.day < date '2026-10-01' and exists (
    from covering c where c.account_id = s.account_id and c.first <= s.day and s.day < c.until_on
) group by all
"""


@pytest.mark.parametrize(("kind", "subject"), [("account", "account_id"), ("customer", "customer_id")])
@pytest.mark.parametrize("window", WINDOWS)
def test_what_was_spent_under_contract_is_the_same(
    readings: pd.DataFrame, kind: str, subject: str, window: str
) -> None:
    told = mine(readings, "contract_fulfilment", kind, window, column="numerator")

    assert same(told, SPEND.format(subject=subject, from_on=WINDOWS[window]), absent=0) > 5


def test_contracts_in_force_and_open_invoices_are_the_same(readings: pd.DataFrame) -> None:
    contracts = """select account_id as subject, count(*) as value from covering
        where first < date '2026-10-01' and until_on >= date '2026-10-01' group by all"""
    invoices = """select account_id as subject, count(*) as value from open_item
        where day = date '2026-10-01' group by all"""

    assert same(mine(readings, "contracts_in_force", "account", "month"), contracts, absent=0) > 5
    assert same(mine(readings, "open_invoices", "account", "month"), invoices, absent=0) > 5


def test_days_left_are_the_same(readings: pd.DataFrame) -> None:
    """The demo's contracts follow each other without a gap, so the cover ends with the last of them."""
    query = """select customer_id as subject, datediff('day', date '2026-10-01', max(until_on)) as value
        from covering join customer using (account_id)
        where customer_id in (select customer_id from covering join customer using (account_id)
            where first < date '2026-10-01' and until_on >= date '2026-10-01') group by all"""

    assert same(mine(readings, "contract_days_left", "customer", "month"), query) > 5


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", ["training", "introduction", "industry_report", "upgrade", ""])
def test_benefits_are_the_same(readings: pd.DataFrame, window: str, kind: str) -> None:
    only = f"and kind = '{kind}'" if kind else ""
    since = f"day >= date '{WINDOWS[window]}' {only}"
    count = f"select account_id as subject, count(*) as value from bestowed where {since} group by all"
    worth = f"""select account_id as subject, sum(round(worth * rate, 4)) as value
        from bestowed b asof join rate r on r.currency = b.currency and b.day >= r.on_day where {since} group by all"""
    breakdown = f"kind={kind}" if kind else ""

    same(mine(readings, "benefits_given", "account", window, breakdown), count, absent=0)
    same(mine(readings, "benefits_worth", "account", window, breakdown), worth, absent=0)
    assert not asked(f"select * from bestowed where day >= date '2025-10-01' {only}").empty


NEEDS = """
select account_id as subject, {value} as value from needs
where lower(status) not in ('done', 'dropped') and raised_on::date < date '2026-10-01' group by all
"""


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("needs_open", "count(*)"),
        ("needs_owned_share", "avg((coalesce(owner_id, '') <> '')::int)"),
        ("needs_overdue_share", "avg(coalesce(due_on::date < date '2026-10-01', false)::int)"),
    ],
)
def test_needs_are_the_same(readings: pd.DataFrame, metric: str, value: str) -> None:
    absent = 0 if metric == "needs_open" else None

    assert same(mine(readings, metric, "account", "month"), NEEDS.format(value=value), absent=absent) > 2


PROJECTS = """
with one as (
    select p.account_id, revenue_amount::decimal(20, 4) as revenue, coalesce(p.currency, 'CNY') as currency,
        date '2026-09-30' as priced_on, coalesce(c.share, share_pct::decimal(18, 4)) as share
    from projects p left join covering c on c.account_id = p.account_id and c.share is not null
        and c.first <= p.starts_on::date and p.starts_on::date < c.until_on
    where lower(status) not in ('dropped', 'cancelled')
)
select account_id as subject, {value} as value
from one asof join rate r on r.currency = one.currency and one.priced_on >= r.on_day group by all
"""


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("joint_projects", "count(*)"),
        ("project_revenue", "coalesce(sum(round(revenue * rate, 4)), 0)"),
        ("project_share", "coalesce(sum(round(round(revenue * share, 4)::decimal(20, 4) * rate, 4)), 0)"),
    ],
)
def test_projects_are_the_same(readings: pd.DataFrame, metric: str, value: str) -> None:
    told = mine(readings, metric, "account", "month")

    assert same(told, PROJECTS.format(value=value), absent=0, within=1e-4) > 1


USED = """
select account_id as subject, case when count(*) > count(quantity) then null else {value} end as value
from used where month >= date '{from_on}' {only} group by all
"""


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    ("metric", "breakdown", "value"),
    [
        ("seats_active_share", "", "sum(active) / nullif(sum(seats), 0)"),
        ("usage_level", "", "avg(quantity / nullif(round(usual, 4), 0))"),
        ("usage_level", "module", "avg(quantity / nullif(round(usual, 4), 0))"),
        ("usage_quantity", "module", "sum(quantity)"),
    ],
)
def test_use_is_the_same(
    readings: pd.DataFrame, metric: str, breakdown: str, value: str, window: str
) -> None:
    modules = (
        asked("select distinct product_id, measure from used").itertuples(index=False)
        if breakdown
        else [("", "")]
    )
    compared = 0
    for product, measure in modules:
        only = f"and product_id = '{product}' and measure = '{measure}'" if product else ""
        told = mine(readings, metric, "account", window, f"module={product}:{measure}" if product else "")
        # windows that begin before the feed of all accounts are unknown for everybody
        query = USED.format(value=value, from_on=WINDOWS[window], only=only)
        compared += same(told, query, within=1e-4)
    assert compared > 2


def test_the_demo_has_young_feeds_and_seasons_that_matter() -> None:
    found = asked("""select count(*) filter (usual is null) as young, count(*) filter (plain) as plain,
        count(*) filter (not plain) as seasonal from (
            select usual, usual = median(quantity) over (partition by account_id, product_id, measure order by month
                rows between 36 preceding and 1 preceding) as plain from used)""")

    assert (found.iloc[0] > 0).all()


BLIND = """
with role as (select unnest(['economic_buyer', 'procurement', 'business', 'technical', 'executive']) as role),
knows as (
    select distinct customer_id, role from contacts join customer using (account_id)
    where coalesce(active_from_on::date < date '2026-10-01', true)
        and coalesce((left_at::timestamptz at time zone 'Asia/Shanghai')::date >= date '2026-10-01', true)
), served as (
    select customer_id from relation where since < date '2026-10-01' and (since > date '2025-09-01' or exists (
        from sold join customer using (account_id) where customer.customer_id = relation.customer_id and net > 0
            and day >= date '2025-09-01' and day < date '2026-09-01'))
)
select customer_id as subject, count(*) as value from served cross join role
where not exists (from knows k where k.customer_id = served.customer_id and k.role = role.role) group by all
"""


def test_blind_spots_are_the_same(readings: pd.DataFrame) -> None:
    assert same(mine(readings, "blind_spots", "customer", "month"), BLIND, absent=0) > 2


HEALTH = """
with measure as (
    select * from (values
        ('otif_orders', 'basis=first_promised', '', 0.15, 0.70, 0.98), ('sla_attainment', '', '', 0.15, 0.70, 1.0),
        ('csat', '', 't12m', 0.15, 0.50, 0.95), ('sales_growth', '', 't12m', 0.15, -0.30, 0.10),
        ('usage_level', '', '', 0.10, 0.60, 1.0), ('overdue_share', '', '', 0.10, 0.50, 0.0),
        ('cadence_compliance', '', '', 0.10, 0.50, 1.0), ('decision_chain_coverage', '', '', 0.10, 0.40, 1.0)
    ) as m(metric, breakdown, over, weight, zero_at, full_at)
), found as (
    select r.subject_id, m.metric, m.weight, r.value, greatest(least((r.value - zero_at) / (full_at - zero_at), 1), 0) as points
    from measure m join told r on r.metric = m.metric and r.breakdown = m.breakdown
        and r."window" = case when m.over = '' then 'quarter' else m.over end
    where r.subject_kind = 'customer' and r.until_on = date '2026-10-01' and r.value is not null and not isnan(r.value)
        and r.currency in ('CNY', '')
)
select subject_id as subject, case when sum(weight) < 0.6 - 1e-9 then null
    when bool_or(metric = 'overdue_share' and value > 0.8 or metric = 'sales_growth' and value < -0.6) then 0
    else sum(weight * points) / sum(weight) end as value
from found group by all
"""


def test_health_is_the_same(readings: pd.DataFrame) -> None:
    told = readings[
        ["subject_kind", "subject_id", "metric", "breakdown", "window", "until_on", "value", "currency"]
    ]
    loaded().register("told", told.assign(until_on=pd.to_datetime(told["until_on"]).dt.date))
    mine_ = mine(readings, "health", "customer", "quarter")

    assert same(mine_, HEALTH, within=1e-9) > 5
