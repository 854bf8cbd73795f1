"""Figures about customers, collection, forecasts, recommendation, cadence, deals and value a second time in SQL."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.second_computation import EVERYONE, agree, of, total, totalled
from tests.test_second_computation import GROUPS, SPREAD

WITHOUT_ACCOUNT = tuple(kind for kind in EVERYONE if kind != "account")
WHERE = """o."window", o.until_on, o.kind, o.id, o.breakdown"""
KEY = """("window", until_on, kind, id, breakdown)"""


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    return totalled()


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


def mine(readings: pd.DataFrame, metric: str, *windows: str) -> pd.DataFrame:
    """The readings of a metric in windows of these names, or of all that were added up in SQL."""
    rows = of(readings, metric)
    return rows[rows["window"].isin(windows or ("month", "qtd", "quarter", "ytd", "t12m"))]


def asked(sql: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    found: pd.DataFrame = sql.execute(query).df()
    return found


@pytest.mark.parametrize(
    ("column", "of_what"), [("value", "p.units / o.units::double"), ("n", "o.units / 1e4")]
)
def test_perfect_orders_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, column: str, of_what: str
) -> None:
    expected = asked(
        sql,
        f"""select {WHERE}, case when o.units > 0 and m.units > 0 then {of_what} end as value
        from sums o join sums p using {KEY} join sums m using {KEY}
        where o.fact = 'orders_judged' and p.fact = 'orders_perfect' and m.fact = 'orders_marked'""",
    )
    told = mine(readings, "perfect_order")

    assert (
        agree(told if column == "value" else told.dropna(subset="value"), expected, EVERYONE, column=column)
        > 100
    )


def test_overdue_amounts_are_the_same_to_the_last_digit(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    expected = total(sql, "receivables", 1e4)
    ages = expected[
        expected["breakdown"].isin([f"bucket={age}" for age in ("1-30", "31-60", "61-90", "91-120", "121+")])
    ]
    key = ["window", "until_on", "kind", "id"]
    late = ages.groupby(key, as_index=False)["value"].sum(min_count=1).assign(breakdown="")

    assert agree(mine(readings, "overdue_amount"), late, EVERYONE) > 100


def test_weighted_days_late_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        f"""select {WHERE}, case when o.units + l.units > 0
            then (d.units + e.units) / (o.units + l.units)::double end as value
        from sums o join sums d using {KEY} join sums l using {KEY} join sums e using {KEY}
        where o.fact = 'settled' and d.fact = 'settled_days' and l.fact = 'still_late' and e.fact = 'still_late_days'""",
    )

    assert agree(mine(readings, "weighted_days_late"), expected, EVERYONE) > 100


@pytest.mark.parametrize(
    ("metric", "over"), [("wape", "forecast_error"), ("forecast_bias", "forecast_deviation")]
)
def test_forecast_errors_at_the_lag_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, over: str
) -> None:
    expected = asked(
        sql,
        f"""select {WHERE}, case when u.units > 0 then o.units / u.units::double end as value
        from sums o join sums u using {KEY} where o.fact = '{over}' and u.fact = 'forecast_actual'""",
    )

    assert agree(mine(readings, metric), expected, EVERYONE) > 100


def test_recommendation_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        f"""select {WHERE}, case when n.units >= 50000 then 100 * (o.units - d.units) / n.units::double end as value
        from sums o join sums d using {KEY} join sums n using {KEY}
        where o.fact = 'promoters' and d.fact = 'detractors' and n.fact = 'recommended'""",
    )

    assert agree(mine(readings, "nps"), expected, EVERYONE) > 100


@pytest.mark.parametrize("line", ["weekly_sync", "executive_meeting"])
@pytest.mark.parametrize("column", ["numerator", "denominator"])
def test_touchpoints_kept_and_due_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, line: str, column: str
) -> None:
    told = mine(readings, "cadence_compliance")
    told = told[(told["breakdown"] == f"line={line}") & (told["until_on"] >= "2025-01-01")]
    fact = {"numerator": "touch_kept", "denominator": "touch_due"}[column]

    assert told[column].sum() > 0
    assert agree(told, total(sql, fact, 1e4), WITHOUT_ACCOUNT, column=column) > 10


CHANGES = """
with change as (
    select w."window", w.until_on, f.account_id,
        sum(case when f.day >= w.from_on then f.units else -f.units end) as units
    from (select distinct * from windows where until_on = date '2026-10-01') w
    join flow f on f.fact = 'net_sales' and (f.day >= w.from_on and f.day < w.until_on
        or f.day >= w.from_on - interval 1 year and f.day < w.until_on - interval 1 year)
    group by all
)
select o."window", o.until_on, o.kind, o.id, '' as breakdown, coalesce(sum(c.units * o.share), 0) / 1e4 as value
from owning o left join change c using ("window", until_on, account_id)
where o.until_on = date '2026-10-01' group by all
"""


@pytest.mark.parametrize(
    "kinds", [("manager", "team"), ("account", "customer", "region", "industry", "portfolio")]
)
def test_the_bridge_spans_the_change_of_sales(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kinds: tuple[str, ...]
) -> None:
    """What is shared is rounded part by part, so a manager's may be off by some ten-thousandths."""
    told = mine(readings, "sales_bridge", "month", "quarter", "ytd", "t12m")
    whole = told[told["breakdown"] == ""]
    within = 0.02 if "manager" in kinds else 1e-6

    assert agree(whole, asked(sql, CHANGES), kinds, within=within) >= 16


COHORT = """
with revenue as (
    select w.until_on, c.customer_id, sum(f.units) filter (where f.day < w.from_on) as before,
        sum(f.units) filter (where f.day >= w.from_on) as now
    from (select distinct * from windows where "window" = 't12m') w
    join flow f on f.fact = 'net_sales' and f.day >= w.from_on - interval 1 year and f.day < w.until_on
    join customer c using (account_id) group by all
)
select o."window", o.until_on, o.kind, o.id, '' as breakdown,
    sum(coalesce(now, 0) * share) filter (where before > 0) / sum(before * share) filter (where before > 0) as value
from owning o join revenue r on r.customer_id = o.account_id and r.until_on = o.until_on
where o."window" = 't12m' group by all
"""


@pytest.mark.parametrize("kind", ["portfolio", "customer", "industry", "region", "manager", "team"])
def test_net_revenue_retention_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kind: str
) -> None:
    told = mine(readings, "net_revenue_retention", "t12m").dropna(subset="value")

    assert agree(told, asked(sql, COHORT), (kind,), within=1e-8) >= 12


@pytest.mark.parametrize(("kind", "name", "rows"), GROUPS, ids=[kind.strip("'") for kind, _, _ in GROUPS])
def test_the_share_of_the_five_largest_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kind: str, name: str, rows: str
) -> None:
    spread = SPREAD.format(kind=kind, id=name, rows=rows)
    expected = asked(
        sql,
        f"""{spread} select kind, id, '' as breakdown, "window", until_on, sum(share) as value
        from share where place <= 5 group by all""",
    )

    assert agree(mine(readings, "top_5_share").dropna(subset="value"), expected, (kind.strip("'"),)) > 10


BANDS = """
with yearly as (
    select c.customer_id, sum(f.units) filter (where f.fact = 'net_sales') / 1e4 as sales,
        coalesce(sum(f.units) filter (where f.fact = 'rows'), 0) > 0 as is_active
    from flow f join customer c using (account_id)
    where f.day >= date '2025-10-01' and f.day < date '2026-10-01' group by all
), banded as (
    select customer_id, unnest(['', 'band=' || case when sales >= 5e6 then 'strategic' when sales >= 1e6 then 'key'
        when sales >= 5e5 then 'base' else 'below' end]) as breakdown from yearly where is_active
)
select o."window", o.until_on, o.kind, o.id, b.breakdown,
    coalesce(sum(o.share) filter (where banded.breakdown = b.breakdown), 0) as value
from owning o cross join (select unnest(['', 'band=strategic', 'band=key', 'band=base', 'band=below']) as breakdown) b
left join banded on banded.customer_id = o.account_id
where o.until_on = date '2026-10-01' group by all
"""


def test_customers_by_band_are_as_many(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    kinds = ("manager", "team", "region", "industry", "portfolio")

    assert agree(mine(readings, "customers_by_band"), asked(sql, BANDS), kinds) > 100


@pytest.mark.parametrize(
    ("metric", "fact"), [("open_pipeline_value", "deals_amount"), ("open_deals_count", "deals")]
)
def test_the_open_pipeline_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, fact: str
) -> None:
    told = mine(readings, metric)

    assert told["value"].sum() > 0
    assert agree(told, total(sql, fact, 1e4), EVERYONE) > 100


def test_value_realised_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected: Any = asked(
        sql,
        f"""select {WHERE}, case when o.units > 0 and v.units = 0 then null else coalesce(m.units, 0) / 1e4 end as value
        from sums o join sums v using {KEY} left join sums m on m.fact = 'claims_value' and m."window" = o."window"
            and m.until_on = o.until_on and m.kind = o.kind and m.id = o.id and m.breakdown = o.breakdown
        where o.fact = 'claims' and v.fact = 'claims_valued'""",
    )
    told = mine(readings, "value_realised")

    assert told["value"].sum() > 0
    assert agree(told, expected, EVERYONE) > 40
