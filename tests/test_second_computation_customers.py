"""Customers, people, goals, forecasts, wallets, markets and scores a second time in SQL."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.second_computation import agree
from tests.second_computation_themes import KEY, KINDS, asked, themes, told
from tests.test_second_computation import GROUPS, SPREAD


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    return themes()


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


##### How sales are spread #############################################################################################


SPREADS = {
    "top_customer_share": "sum(share) filter (where place = 1)",
    "top_10_share": "sum(share) filter (where place <= 10)",
    "effective_customers": "1 / sum(share * share)",
    "concentrated_customers": "count(*) filter (where share >= 0.1)",
    "customer_gini": "sum((members + 1 - 2 * place) * share) / any_value(members)",
}


@pytest.mark.parametrize(("kind", "name", "rows"), GROUPS, ids=[kind.strip("'") for kind, _, _ in GROUPS])
@pytest.mark.parametrize("metric", SPREADS)
def test_the_spread_of_customers_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, kind: str, name: str, rows: str
) -> None:
    spread = SPREAD.format(kind=kind, id=name, rows=rows)
    expected = asked(
        sql,
        f"""{spread} select kind, id, '' as breakdown, "window", until_on, {SPREADS[metric]} as value from share group by all""",
    )

    assert agree(told(readings, metric), expected, (kind.strip("'"),)) > 1


##### Customers: how often, how long, how well #########################################################################


NEW = """
with ever as (
    select customer_id, min(day) as first from flow join customer using (account_id)
    where fact = 'rows' and units > 0 group by all
), active as (
    select w.until_on, c.customer_id from windows w join flow f on f.day >= w.from_on - interval 12 month and f.day < w.from_on
    join customer c using (account_id) where w."window" = 't12m' and f.fact = 'rows' and f.units > 0 group by all
)
select 't12m' as "window", w.until_on, 'portfolio' as kind, 'all' as id, '' as breakdown,
    (select count(*) from ever e where e.first >= w.from_on and e.first < w.until_on)
        / nullif((select count(*) from active a where a.until_on = w.until_on), 0)::double as value
from windows w where w."window" = 't12m'
"""


def test_new_customers_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    mine = told(readings, "new_customer_rate", "t12m")

    assert mine["value"].gt(0).any()
    assert agree(mine, asked(sql, NEW), ("portfolio",)) >= 12


def test_forecast_accuracy_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        f"""select "window", until_on, kind, id, breakdown,
            case when u.units > 0 then greatest(0, 1 - o.units / u.units::double) end as value
        from sums o join sums u using {KEY} where o.fact = 'forecast_error' and u.fact = 'forecast_actual'""",
    )

    assert agree(told(readings, "forecast_accuracy"), expected, (*KINDS, "manager", "team")) > 40


def test_purchases_a_month_and_months_with_a_purchase_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    for metric, value in (
        ("purchase_frequency", "count(distinct f.account_id || f.day) / 12.0"),
        ("purchase_regularity", "count(distinct date_trunc('month', f.day)) / 12.0"),
    ):
        expected = asked(
            sql,
            f"""select w."window", w.until_on, 'customer' as kind, c.id, '' as breakdown, {value} as value
            from windows w cross join (select id from someone where kind = 'customer') c
            left join (select flow.*, customer_id from flow join customer using (account_id) where fact = 'rows' and units > 0) f
                on f.customer_id = c.id and f.day >= w.from_on and f.day < w.until_on
            where w."window" = 't12m' group by all""",
        )
        mine = told(readings, metric, "t12m")
        assert (mine["value"] > 0).any()
        assert agree(mine, expected, ("customer",)) > 6


def test_years_as_a_customer_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        """select w."window", w.until_on, 'customer' as kind, customer_id as id, '' as breakdown,
            date_sub('year', since, (w.until_on - interval 1 day)::date) as value
        from (select distinct "window", until_on from windows) w cross join relation""",
    )
    mine = told(readings, "years_as_customer")

    assert (mine["value"] > 1).any()
    assert agree(mine, expected, ("customer",)) > 10


STAGED = """
with aged as (
    select w."window", w.until_on, r.customer_id, r.since, exists (select 1 from flow f join customer c using (account_id)
        where f.fact = 'rows' and f.units > 0 and c.customer_id = r.customer_id and f.day < w.until_on
            and f.day >= w.until_on - interval 12 month) as is_active
    from (select distinct "window", until_on from windows where until_on = date '2026-10-01') w cross join relation r
), staged as (
    select *, case when not is_active and since <= until_on - interval 1 day - interval 12 month then 'lapsed'
        when since >= until_on - interval 1 day - interval 3 month then 'initial'
        when since >= until_on - interval 1 day - interval 12 month then 'stable'
        when since >= until_on - interval 1 day - interval 36 month then 'deep' else 'symbiosis' end as stage from aged
)
select o."window", o.until_on, o.kind, o.id, b.breakdown,
    coalesce(sum(o.share) filter (where s.stage = b.stage or (b.stage = '' and s.stage <> 'lapsed')), 0) as value
from owning o cross join (select unnest(['', 'initial', 'stable', 'deep', 'symbiosis', 'lapsed']) as stage,
    case when stage = '' then '' else 'stage=' || stage end as breakdown) b
left join staged s on s.customer_id = o.account_id and s."window" = o."window"
where o.until_on = date '2026-10-01' group by all
"""


def test_customers_by_stage_are_as_many(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    mine = told(readings, "customers_by_stage", "month", "quarter")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert mine.loc[mine["breakdown"] != "", "value"].gt(0).sum() > 20
    assert agree(mine, asked(sql, STAGED), ("manager", "team", "region", "industry", "portfolio")) > 60


ACTIVE = """
with active as (
    select c.customer_id from flow f join customer c using (account_id)
    where f.fact = 'rows' and f.units > 0 and f.day >= date '2025-10-01' and f.day < date '2026-10-01' group by all
), contact as (
    select c.customer_id, k.role, k.is_backup = 'true' as is_backup from contacts k join customer c using (account_id)
    where coalesce(k.active_from_on::date, date '1990-01-01') < date '2026-10-01'
        and coalesce((k.left_at::timestamptz at time zone 'Asia/Shanghai')::date >= date '2026-10-01', true)
), serving as (
    select c.customer_id, a.role from assignments a join customer c using (account_id)
    where a.from_on::date < date '2026-10-01' and coalesce(a.to_on::date >= date '2026-10-01', true)
), known as (
    select customer_id, {points} as points from active
)
select o."window", o.until_on, o.kind, o.id, '' as breakdown, sum(k.points * o.share) / nullif(sum(o.share), 0) as value
from owning o join known k on k.customer_id = o.account_id
where o.until_on = date '2026-10-01' and o."window" = 'month' group by all
"""
PRESENT = {
    "backup_contact_present": "exists (from contact c where c.customer_id = active.customer_id and c.is_backup)::int",
    "backup_manager_present": "exists (from serving s where s.customer_id = active.customer_id and s.role = 'backup')::int",
    "technical_support_present": "exists (from serving s where s.customer_id = active.customer_id and s.role = 'technical')::int",
    "decision_chain_coverage": """(select count(distinct c.role) / 5.0 from contact c where c.customer_id = active.customer_id
        and c.role in ('economic_buyer', 'procurement', 'business', 'technical', 'executive'))""",
}


@pytest.mark.parametrize("metric", PRESENT)
def test_who_is_there_for_active_customers_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str
) -> None:
    mine = told(readings, metric, "month")
    mine = mine[mine["until_on"] == "2026-10-01"]
    kinds = ("customer", "manager", "team", "region", "industry", "portfolio")

    assert mine["value"].gt(0).any()
    assert agree(mine, asked(sql, ACTIVE.format(points=PRESENT[metric])), kinds, within=1e-8) > 10


SKILL = """
with sale as (
    select account_id, date_trunc('month', day)::date as month, sum(units) as units from flow where fact = 'net_sales' group by all
), cell as (
    select f.account_id, f.day, f.units as error, abs(coalesce(s.units, 0) - coalesce(b.units, 0)) as naive
    from flow f left join sale s on s.account_id = f.account_id and s.month = f.day
    left join sale b on b.account_id = f.account_id and b.month = f.day - interval 12 month
    where f.fact = 'forecast_error'
)
select w."window", w.until_on, s.kind, s.id, '' as breakdown, 1 - sum(error)::double / nullif(sum(naive), 0)::double as value
from (select distinct * from windows) w join cell c on c.day >= w.from_on and c.day < w.until_on join subject s using (account_id)
group by all
"""


def test_forecast_skill_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    assert agree(told(readings, "forecast_skill"), asked(sql, SKILL), KINDS) > 40


SIGNAL = """
with month as (
    select kind, id, day, sum(units) as deviation from whose
    where fact = 'forecast_deviation' and day >= date '2025-10-01' and day < date '2026-10-01' group by all
)
select 'month' as "window", date '2026-10-01' as until_on, kind, id, '' as breakdown,
    sum(deviation) * count(*) / nullif(sum(abs(deviation)), 0)::double as value
from month group by all having count(*) >= 6
"""


def test_tracking_signals_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    mine = told(readings, "tracking_signal", "month")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert agree(mine, asked(sql, SIGNAL), KINDS) > 8


GOAL = """
with numbered as (
    select o.*, row_number() over (partition by customer_id order by outcome_id) as n from outcomes o join customer using (account_id)
), latest as (
    select outcome_id, arg_max(value, (day, place))::double as value from goal_value
    where day < date '2026-10-01' and value is not null group by all
), told as (
    select account_id, n, baseline_value::double as base, target_value::double as aim, value
    from numbered join latest using (outcome_id)
)
select 'month' as "window", date '2026-10-01' as until_on, s.kind, s.id, 'goal=' || n as breakdown, {value} as value
from told join subject s using (account_id) where s.kind in ('account', 'customer')
"""


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("goal_baseline", "base"),
        ("goal_now", "value"),
        ("goal_target", "aim"),
        ("goal_progress", "(value - base) / nullif(aim - base, 0)"),
    ],
)
def test_where_goals_stand_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, value: str
) -> None:
    mine = told(readings, metric, "month")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert agree(mine, asked(sql, GOAL.format(value=value)), ("account", "customer")) > 8


EVER = """
with claim as (
    select *, coalesce(current_on, confirmed_on)::date as day, coalesce(benefit_key, outcome_id) as benefit,
        case confidence when 'measured' then 1 when 'confirmed' then 2 when 'modelled' then 3 else 4 end as rank
    from outcomes join customer using (account_id) where confidence is not null
), known as (
    select *, least(date '2026-09-30', (max(day + interval 12 month) over (partition by customer_id, benefit))::date - 1) as judged_on
    from claim where day < date '2026-10-01'
), last as (
    select *, date '2026-09-30' as priced_on from known where day <= judged_on and day + interval 12 month > judged_on
    qualify row_number() over (partition by customer_id, benefit order by rank, day desc, outcome_id) = 1
), priced as (
    select l.*, coalesce(round(round(money_amount::decimal(20, 4) * attribution_pct::decimal(18, 4), 4)::decimal(20, 4) * rate, 4), 0) as amount
    from last l asof join rate r on r.currency = coalesce(l.currency, 'CNY') and l.priced_on >= r.on_day
)
select 'month' as "window", date '2026-10-01' as until_on, s.kind, s.id, {breakdown} as breakdown, {value} as value
from priced join subject s using (account_id) group by all
"""


@pytest.mark.parametrize(
    ("metric", "breakdown", "value"),
    [
        ("value_to_date", "'confidence=' || confidence", "sum(amount)"),
        ("claims_to_date", "''", "count(*)"),
    ],
)
def test_value_to_date_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, breakdown: str, value: str
) -> None:
    mine = told(readings, metric, "month")
    mine = mine[(mine["until_on"] == "2026-10-01") & (mine["value"] > 0)]

    assert agree(mine, asked(sql, EVER.format(breakdown=breakdown, value=value)), KINDS, within=1e-4) > 8


WALLET = """
with potential as (
    select account_id, round(potential_amount::decimal(20, 4) * rate, 4) as amount
    from (select *, date '2026-09-30' as priced_on from accounts where potential_amount::decimal(20, 4) > 0) a
    asof join rate r on r.currency = coalesce(a.currency, 'CNY') and a.priced_on >= r.on_day
), bought as (
    select account_id, sum(units) / 1e4 as amount from flow
    where fact = 'net_sales' and day >= date '2025-10-01' and day < date '2026-10-01' group by all
)
select w."window", date '2026-10-01' as until_on, s.kind, s.id, '' as breakdown,
    coalesce(sum(b.amount), 0) / sum(p.amount) as value
from (select unnest(['month', 'quarter', 't12m']) as "window") w cross join potential p
left join bought b using (account_id) join subject s using (account_id) group by all
"""


def test_shares_of_wallets_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    mine = told(readings, "share_of_wallet")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert agree(mine, asked(sql, WALLET), KINDS) > 10


MARKET = """
with size as (
    select industry, region, arg_max(market_amount::decimal(20, 4), year::int) as amount
    from market where year::int <= 2026 group by all
), whole as (
    select industry, sum(amount) as amount from size where industry in (select industry from accounts) group by all
), bought as (
    select industry, sum(units) / 1e4 as amount from flow join accounts using (account_id)
    where fact = 'net_sales' and day >= date '2025-10-01' and day < date '2026-10-01' and industry in (select industry from whole)
    group by all
), known as (
    select whole.industry, whole.amount as size, coalesce(bought.amount, 0) as sales from whole left join bought using (industry)
)
select 't12m' as "window", date '2026-10-01' as until_on, 'industry' as kind, industry as id, '' as breakdown,
    {value} as value from known group by all
union all select 't12m', date '2026-10-01', 'portfolio', 'all', '', {value} from known
"""


@pytest.mark.parametrize(
    ("metric", "value"), [("market_share", "sum(sales) / sum(size)"), ("market_volume", "sum(size)")]
)
def test_markets_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, value: str
) -> None:
    mine = told(readings, metric, "t12m")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert agree(mine, asked(sql, MARKET.format(value=value)), ("industry", "portfolio")) > 2


SCORE = """
with measure as (
    select * from (values ('otif_orders', 'basis=first_promised', 0.4, 0.80, 0.98), ('sla_attainment', '', 0.3, 0.80, 1.0),
        ('csat', '', 0.3, 0.60, 0.95)) as m(metric, breakdown, weight, zero_at, full_at)
), found as (
    select r."window", r.until_on, r.subject_kind as kind, r.subject_id as id, weight,
        greatest(least((r.value - zero_at) / (full_at - zero_at), 1), 0) as points
    from measure m join said r on r.metric = m.metric and r.breakdown = m.breakdown where r.value is not null and not isnan(r.value)
)
select "window", until_on, kind, id, '' as breakdown,
    case when sum(weight) >= 0.6 - 1e-9 then sum(weight * points) / sum(weight) end as value from found group by all
"""


def test_service_scores_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    columns = ["subject_kind", "subject_id", "metric", "breakdown", "window", "until_on", "value"]
    given: Any = readings[readings["currency"].isin(["CNY", ""])][columns]
    sql.register("said", given.assign(until_on=pd.to_datetime(given["until_on"]).dt.date))

    assert agree(told(readings, "service_score"), asked(sql, SCORE), (*KINDS, "manager", "team")) > 60
