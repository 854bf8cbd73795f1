"""The main figures a second time in SQL (`tests/second_computation.py`): totals, ratios, positions, retention, spread."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.second_computation import EVERYONE, TRUTH, agree, of, quotient, total, totalled

RATIOS = {
    # metric: (numerator, minus, denominator, scale of both sides)
    "gross_margin": ("sales_with_cost", "cost", "sales_with_cost"),
    "otif_orders": ("orders_met", "", "orders_due"),
    "on_time_orders": ("orders_on_time", "", "orders_due"),
    "in_full_orders": ("orders_in_full", "", "orders_due"),
    "otif_lines": ("lines_met", "", "lines_due"),
    "sla_attainment": ("clocks_met", "", "clocks_due"),
    "csat": ("satisfied", "", "answers"),
}
TOTALS = {"net_sales": ("net_sales", 1e4), "volume": ("quantity", 1e4), "cases": ("cases", 1e4)}
POSITIONS = {"receivables": "", "ageing": "bucket"}


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    return totalled()


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


@pytest.mark.parametrize("metric", TOTALS)
def test_totals_are_the_same_to_the_last_digit(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str
) -> None:
    fact, scale = TOTALS[metric]
    mine = of(readings, metric)

    assert agree(mine, total(sql, fact, scale), (*EVERYONE, "product")) > 200


@pytest.mark.parametrize("metric", RATIOS)
def test_ratios_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str) -> None:
    assert agree(of(readings, metric), quotient(sql, *RATIOS[metric]), (*EVERYONE, "product")) > 200


@pytest.mark.parametrize("metric", ["otif_orders", "sla_attainment", "csat"])
def test_ratios_are_of_as_many_rows(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str
) -> None:
    known = of(readings, metric).dropna(subset="value")
    expected = quotient(sql, *RATIOS[metric]).drop(columns="value").rename(columns={"n": "value"})

    assert agree(known, expected, EVERYONE, column="n") > 100


@pytest.mark.parametrize("metric", POSITIONS)
def test_positions_are_the_same_to_the_last_digit(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str
) -> None:
    expected = total(sql, "receivables", 1e4)
    named = expected["breakdown"].str.startswith(POSITIONS[metric]) & (
        (expected["breakdown"] == "") == (POSITIONS[metric] == "")
    )

    assert agree(of(readings, metric), expected[named], EVERYONE) > 40


def test_growth_on_the_year_before_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    expected = sql.execute(
        """select n."window", n.until_on, n.kind, n.id, '' as breakdown,
            case when b.units > 0 then (n.units - b.units) / b.units::double end as value
        from sums n left join sums b on b.fact = n.fact and b."window" = n."window" and b.kind = n.kind and b.id = n.id
            and b.until_on = n.until_on - interval 1 year
        where n.fact = 'net_sales' and n."window" in ('month', 't12m')"""
    ).df()
    mine = of(readings, "sales_growth")
    mine = mine[mine["window"].isin(["month", "t12m"]) & (mine["until_on"] >= "2025-10-01")]

    assert agree(mine, expected, (*EVERYONE, "product")) > 200


def test_dso_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = sql.execute(
        """with billed as (
            select kind, id, d.until_on, d.until_on - interval 3 month as since, coalesce(sum(units), 0) as units
            from (select distinct until_on from windows) d cross join someone
            left join (select * from whose where fact = 'billed') w using (kind, id)
            where w.day is null or (w.day >= d.until_on - interval 3 month and w.day < d.until_on) group by all
        )
        select r."window", r.until_on, r.kind, r.id, '' as breakdown,
            case when b.units > 0 and b.since >= h.start
                then r.units * date_diff('day', b.since, r.until_on) / b.units::double end as value
        from sums r left join billed b using (kind, id, until_on) cross join history h
        where r.fact = 'receivables' and r.breakdown = '' and h.fact = 'billed'"""
    ).df()

    assert agree(of(readings, "dso_simple"), expected, EVERYONE) > 100


def test_turnover_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = sql.execute(
        """with ends as (
            select "window", from_on, until_on, unnest(generate_series(from_on, until_on, interval 1 month))::date as day
            from windows where "window" in ('quarter', 't12m')
        ), levels as (
            select e."window", e.until_on, s.kind, s.id, count(distinct e.day) as days, sum(coalesce(w.units, 0)) as units,
                min(e.day) > (select start from history where fact = 'receivables') as is_known
            from ends e cross join someone s
            left join whose w on w.fact = 'receivables' and w.breakdown = '' and w.day = e.day and w.kind = s.kind and w.id = s.id
            group by all
        )
        select b."window", b.until_on, b.kind, b.id, '' as breakdown,
            case when l.units > 0 and is_known then b.units / (l.units / days::double) end as value
        from sums b join levels l using ("window", until_on, kind, id) where b.fact = 'billed'"""
    ).df()
    mine = of(readings, "receivables_turnover")
    inside = mine[
        mine["until_on"] >= "2025-10-01"
    ]  # earlier openings lie before the levels that were worked out

    assert agree(inside, expected, EVERYONE) > 60


@pytest.mark.parametrize(
    ("metric", "clock", "share"),
    [
        ("first_reply_median", "first_reply", 0.5),
        ("first_reply_p90", "first_reply", 0.9),
        ("resolution_median", "resolution", 0.5),
        ("resolution_p90", "resolution", 0.9),
    ],
)
def test_medians_and_ninetieth_percentiles_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, clock: str, share: float
) -> None:
    kinds = ("account", "customer", "region", "industry", "portfolio")
    expected = sql.execute(
        f"""with timed as (
            select s.kind, s.id, c.day, floor(elapsed_s * 10000 / 3600) / 10000 as hours from clock c join subject s using (account_id)
            where clock = '{clock}' and is_stopped
        )
        select w."window", w.until_on, s.kind, s.id, '' as breakdown, quantile_cont(hours, {share}) as value
        from windows w cross join someone s
        left join timed t on t.kind = s.kind and t.id = s.id and t.day >= w.from_on and t.day < w.until_on
        group by all"""
    ).df()

    assert agree(of(readings, metric), expected, kinds) > 100


COHORTS = """
with bought as (
    select w.until_on, c.customer_id, f.account_id, f.units,
        f.day >= w.from_on as is_now, f.fact from windows w
    join flow f on f.day >= w.from_on - interval 1 year and f.day < w.until_on join customer c using (account_id)
    where w."window" = 't12m' and f.fact in ('net_sales', 'rows')
), revenue as (
    select until_on, customer_id, coalesce(sum(units) filter (where not is_now), 0) as before,
        coalesce(sum(units) filter (where is_now), 0) as now
    from bought where fact = 'net_sales' group by all
), active as (
    select until_on, customer_id, account_id, coalesce(sum(units) filter (where not is_now), 0) > 0 as before,
        coalesce(sum(units) filter (where is_now), 0) > 0 as now
    from bought where fact = 'rows' group by all
), active_customer as (
    select until_on, customer_id, bool_or(before) as before, bool_or(now) as now from active group by all
)
"""
RETENTIONS = {
    "gross_revenue_retention": """sum(least(before, greatest(now, 0))) filter (where before > 0)
        / (sum(before) filter (where before > 0))::double as value from revenue""",
    "net_revenue_retention": """sum(now) filter (where before > 0)
        / (sum(before) filter (where before > 0))::double as value from revenue""",
    "customer_retention": "count(*) filter (where before and now) / (count(*) filter (where before))::double as value"
    " from active_customer",
    "account_retention": "count(*) filter (where before and now) / (count(*) filter (where before))::double as value"
    " from active",
}


@pytest.mark.parametrize("metric", RETENTIONS)
def test_retention_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str) -> None:
    expected = sql.execute(
        f"""{COHORTS} select 'portfolio' as kind, 'all' as id, '' as breakdown, 't12m' as "window", until_on,
        {RETENTIONS[metric]} group by until_on"""
    ).df()
    mine = of(readings, metric)
    mine = mine[(mine["window"] == "t12m") & mine["value"].notna()]

    assert agree(mine, expected, ("portfolio",)) >= 12


SPREAD = """
with part as (
    select w."window", w.until_on, {kind} as kind, {id} as id, c.customer_id, sum(f.units) as units
    from windows w join {rows} f on f.fact = 'net_sales' and f.day >= w.from_on and f.day < w.until_on
    join customer c using (account_id) join accounts a using (account_id) group by all having sum(f.units) > 0
), share as (
    select *, units / (sum(units) over whole)::double as share, count(*) over whole as members,
        row_number() over (partition by "window", until_on, kind, id order by units desc) as place
    from part window whole as (partition by "window", until_on, kind, id)
), curve as (
    select *, sum(share) over (partition by "window", until_on, kind, id order by place) as sales,
        place / members::double as crowd from share
)
"""
GROUPS = [("'portfolio'", "'all'", "flow"), ("'industry'", "a.industry", "flow"), ("'region'", "a.region", "flow"),
          ("'manager'", "f.manager_id", "credited")]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "rows"), GROUPS, ids=[kind.strip("'") for kind, _, _ in GROUPS])
def test_concentration_and_the_pareto_pair_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kind: str, name: str, rows: str
) -> None:
    spread = SPREAD.format(kind=kind, id=name, rows=rows)
    where = """kind, id, '' as breakdown, "window", until_on"""
    pair = f"""{spread} select {where}, min_by(crowd, place) as crowd, min_by(sales, place) as sales
        from curve where sales + crowd >= 1 - 1e-12 group by all"""
    hhi = sql.execute(f"{spread} select {where}, sum(share * share) as value from share group by all").df()
    found = sql.execute(pair).df()

    for metric, expected in (
        ("customer_concentration", hhi),
        ("pareto_customers", found.rename(columns={"crowd": "value"})),
        ("pareto_sales", found.rename(columns={"sales": "value"})),
    ):
        mine = of(readings, metric).dropna(subset="value")
        assert agree(mine, expected, (kind.strip("'"),)) > 20


def exactly(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.0001"))


def one(
    readings: pd.DataFrame, metric: str, subject: str, window: str, breakdown: str = "", currency: str = ""
) -> Any:
    kind, _, name = subject.partition(":")
    rows = readings[
        (readings["metric"] == metric) & (readings["subject_kind"] == kind) & (readings["subject_id"] == name)
        & (readings["window"] == window) & (readings["breakdown"] == breakdown)
        & (pd.to_datetime(readings["until_on"]) == "2026-10-01") & readings["currency"].isin([currency or "CNY", ""])
    ]  # fmt: skip
    return rows.iloc[0] if len(rows) else None


ACCOUNTS = TRUTH["accounts"]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_sales_and_receivables_are_those_that_the_demo_planted(readings: pd.DataFrame, account: str) -> None:
    told = ACCOUNTS[account]
    for window in ("month", "quarter", "ytd", "t12m"):
        row = one(readings, "net_sales", f"account:{account}", window)
        assert exactly(row["value"]) == Decimal(told["net_sales_cny"][window])
        own = one(readings, "net_sales", f"account:{account}", window, currency=told["currency"])
        assert exactly(own["value"]) == Decimal(told["net_sales"][window])
    for window in ("month", "quarter"):
        row = one(readings, "receivables", f"account:{account}", window)
        assert exactly(row["value"]) == Decimal(told["receivables"]["cny"])
        own = one(readings, "receivables", f"account:{account}", window, currency=told["currency"])
        assert exactly(own["value"]) == Decimal(told["receivables"]["amount"])
        ages = readings[
            (readings["metric"] == "ageing") & (readings["subject_id"] == account) & (readings["subject_kind"] == "account")
            & (readings["window"] == window) & (readings["currency"] == told["currency"])
            & ~readings["breakdown"].isin(["bucket=not_due"])
        ]  # fmt: skip
        assert exactly(ages["value"].sum()) == Decimal(told["receivables"]["overdue"])


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("window", ["month", "quarter"])
def test_service_and_delivery_are_those_that_the_demo_planted(
    readings: pd.DataFrame, account: str, window: str
) -> None:
    told, subject = ACCOUNTS[account], f"account:{account}"
    for basis, counts in told["otif"].items():
        for metric, key in (("otif_orders", "otif"), ("on_time_orders", "on_time")):
            row = one(readings, metric, subject, window, f"basis={basis}")
            assert counted(row) == (counts[window][key], counts[window]["due"])
    for clock, counts in told["sla"].items():
        row = one(readings, "sla_attainment", subject, window, f"clock={clock}")
        assert counted(row) == (counts[window]["met"], counts[window]["due"])
    row = one(readings, "csat", subject, window)
    assert counted(row) == (told["csat"][window]["satisfied"], told["csat"][window]["answers"])
    assert one(readings, "cases", subject, window)["value"] == told["cases"][window]


def counted(row: Any) -> tuple[int, int]:
    return (0, 0) if row is None else (int(row["numerator"]), int(row["denominator"]))


@pytest.mark.parametrize("window", ["quarter", "t12m"])
def test_who_stayed_and_who_came_is_what_the_demo_planted(readings: pd.DataFrame, window: str) -> None:
    told = TRUTH["retention"][window]
    for metric, of_whom in (("customer_retention", "customers"), ("account_retention", "accounts")):
        row = one(readings, metric, "portfolio:all", window)
        assert counted(row) == (told[of_whom]["kept"], told[of_whom]["active_at_start"])
    row = one(readings, "new_customer_rate", "portfolio:all", window)
    assert counted(row) == (told["customers"]["new"], told["customers"]["active_at_start"])


@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m"])
def test_the_portfolio_sold_what_the_demo_planted(readings: pd.DataFrame, window: str) -> None:
    row = one(readings, "net_sales", "portfolio:all", window)

    assert exactly(row["value"]) == Decimal(TRUTH["portfolio"]["net_sales_cny"][window])


def test_sales_without_an_account_are_those_that_the_demo_planted(readings: pd.DataFrame) -> None:
    row = one(readings, "net_sales", "account:~", "month")

    assert exactly(row["value"]) == Decimal(TRUTH["without_account"]["net_sales"]["month"])
