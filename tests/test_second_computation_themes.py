"""Deals, fulfilment, promises, changes, answers, effort, the bridge, targets and collection a second time in SQL."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from tests.demos import computed_demo, demo_readings
from tests.second_computation import agree
from tests.second_computation_themes import KEY, KINDS, WITH_PRODUCT, asked, quotient, themes, told, total


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    return themes()


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


##### What adds up #####################################################################################################


@pytest.mark.parametrize(
    ("metric", "fact", "least"),
    [
        ("won_value", "won_value", 1000),
        ("won_count", "won", 1000),
        ("lost_count", "lost", 1000),
        ("won_count_by_kind", "won", 100),
        ("commitments_kept", "promises_kept", 100),
        ("commitments_late", "promises_late", 100),
        ("commitments_dropped", "promises_dropped", 100),
        ("commitments_open", "promises_open", 50),
        ("changes_asked", "asked", 50),
        ("changes_delivered", "delivered", 50),
        ("change_cost", "charge", 2),
        ("changes_open", "waiting", 50),
        ("cost_to_serve", "effort_cost", 500),
        ("service_hours", "effort_hours", 100),
        ("sales_by_kind", "sales_by_kind", 500),
        ("orders_cancelled", "dropped_orders", 100),
        ("volume", "volume", 500),
    ],
)
def test_sums_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, fact: str, least: int
) -> None:
    mine = told(readings, metric)

    assert mine["value"].sum() > 0
    assert agree(mine, total(sql, fact), WITH_PRODUCT, within=1e-6) >= least


@pytest.mark.parametrize(
    ("metric", "over", "under", "least"),
    [
        ("line_fill", "filled", "fillable", 300),
        ("order_accuracy", "right", "checked", 300),
        ("volume_fill", "quantity_filled", "quantity_due", 300),
        ("on_time_lines", "line_punctual", "line_all", 300),
        ("in_full_lines", "line_whole", "line_all", 300),
        ("otif_lines", "line_met", "line_all", 300),
        ("commitments_kept_share", "promises_kept", "promises_due", 20),
        ("commitments_overdue_share", "promises_overdue", "promises_open", 10),
        ("changes_confirmed_share", "agreed", "asked", 5),
        ("change_delay", "delay", "timed", 2),
        ("changes_unconfirmed_share", "doubtful", "waiting", 5),
        ("response_rate", "answered", "questions", 200),
        ("criticism_acted_share", "criticisms_acted", "criticisms", 20),
    ],
)
def test_quotients_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, over: str, under: str, least: int
) -> None:
    assert agree(told(readings, metric), quotient(sql, over, under), WITH_PRODUCT) >= least


@pytest.mark.parametrize("metric", ["win_rate", "win_rate_by_kind"])
def test_win_rates_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str) -> None:
    expected = asked(
        sql,
        f"""select "window", until_on, kind, id, breakdown, case when w.units + l.units > 0
            then w.units / (w.units + l.units) end as value
        from theme_sums w join theme_sums l using {KEY} where w.fact = 'won' and l.fact = 'lost'""",
    )

    assert agree(told(readings, metric), expected, WITH_PRODUCT) > 100


def test_the_cycle_of_deals_won_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        """select w."window", w.until_on, s.kind, s.id, '' as breakdown,
            quantile_cont(datediff('day', opened_on::date, d.day), 0.5) as value
        from (select distinct * from windows) w join deal d on d.won and d.day >= w.from_on and d.day < w.until_on
        join subject s on s.account_id = d.whose group by all""",
    )

    assert agree(told(readings, "sales_cycle"), expected, KINDS) > 100


def test_green_channel_replies_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    for metric, share in (("green_reply_median", 0.5), ("green_reply_p90", 0.9)):
        expected = asked(
            sql,
            f"""select w."window", w.until_on, s.kind, s.id, '' as breakdown,
                quantile_cont(floor(elapsed_s * 10000 / 3600) / 10000, {share}) as value
            from (select distinct * from windows) w
            join clock c on clock = 'green_channel' and is_stopped and c.day >= w.from_on and c.day < w.until_on
            join subject s using (account_id) group by all""",
        )
        assert agree(told(readings, metric), expected, KINDS) > 20


def test_goals_reached_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(sql, "select * from goal_sums")

    assert agree(told(readings, "goals_reached"), expected, KINDS) > 20


def test_claims_with_fresh_evidence_are_as_many(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    expected = asked(
        sql,
        """select "window", until_on, kind, id, breakdown, units / 1e4 as value from sums
        where fact = 'claims' and until_on = date '2026-10-01'""",
    )
    mine = told(readings, "value_claims")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert mine["value"].sum() > 0
    assert agree(mine, expected, KINDS) > 40


##### Sales and contribution ###########################################################################################


def test_growth_on_the_month_before_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    expected = asked(
        sql,
        """select n."window", n.until_on, n.kind, n.id, '' as breakdown,
            case when b.units > 0 then (n.units - b.units) / b.units::double end as value
        from sums n join sums b using (fact, "window", kind, id)
        where n.fact = 'net_sales' and n."window" = 'month' and b.until_on = n.until_on - interval 1 month""",
    )
    mine = told(readings, "sales_growth_on_period", "month")

    assert agree(mine[mine["until_on"] >= "2024-11-01"], expected, (*KINDS, "manager", "team")) > 20


EFFORT = f"""
select "window", until_on, kind, id, '' as breakdown, {{value}} as value
from (select * from sums where fact = 'sales_with_cost') s join (select * from sums where fact = 'cost') c using {KEY}
join (select * from sums where fact = 'net_sales') n using {KEY} join theme_sums e using {KEY} where e.fact = 'effort_cost'
"""
LEFT = "((s.units - c.units) / 1e4 - e.units)"


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("contribution", LEFT),
        ("contribution_margin", f"case when s.units > 0 then {LEFT} / (s.units / 1e4) end"),
        ("cost_to_serve_share", "case when n.units > 0 then e.units / (n.units / 1e4) end"),
    ],
)
def test_contribution_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, value: str
) -> None:
    expected = asked(sql, EFFORT.format(value=value))

    assert agree(told(readings, metric), expected, KINDS, within=1e-6) > 60


BRIDGE = """
with cell as (
    select w."window", s.account_id, s.unit, s.product_id, sum(quantity) filter (where s.day < w.from_on)::double as q0,
        sum(quantity) filter (where s.day >= w.from_on)::double as q1,
        coalesce(sum(net) filter (where s.day < w.from_on), 0)::double as v0,
        coalesce(sum(net) filter (where s.day >= w.from_on), 0)::double as v1
    from (select distinct * from windows where until_on = date '2026-10-01' and "window" in ('month', 'quarter', 'ytd', 't12m')) w
    join sold s on (s.day >= w.from_on and s.day < w.until_on)
        or (s.day >= w.from_on - interval 1 year and s.day < w.until_on - interval 1 year)
    where s.account_id not in (select account_id from sold where currency <> 'CNY') group by all
), taken as (
    select *, coalesce(q0, 0) > 0 and coalesce(q1, 0) > 0 as stays, coalesce(q0, 0) = 0 and coalesce(q1, 0) = 0 as bare from cell
), whole as (
    select "window", account_id, unit, sum(q0) filter (where stays) as q0, sum(q1) filter (where stays) as q1,
        sum(v0) filter (where stays) as v0, sum((q1 - q0) * v0 / q0) filter (where stays) as moved,
        sum(v1 - v0 * q1 / q0) filter (where stays) as price,
        coalesce(sum(v1) filter (where not stays and not bare), 0) as new,
        -coalesce(sum(v0) filter (where not stays and not bare), 0) as lost
    from taken group by all
), volume as (
    select *, coalesce((q1 - q0) * v0 / q0, 0) as volume from whole
)
select "window", date '2026-10-01' as until_on, 'account' as kind, account_id as id, 'part=' || part as breakdown,
    sum(case part when 'price' then coalesce(price, 0) when 'volume' then volume when 'mix' then coalesce(moved, 0) - volume
        when 'new' then new else lost end) as value
from volume cross join (select unnest(['price', 'volume', 'mix', 'new', 'lost']) as part) group by all
"""


def test_price_volume_and_mix_of_each_account_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    """Each cell is rounded to a ten-thousandth, so a sum of some dozens of them may be off by a few."""
    expected = asked(sql, BRIDGE)
    mine = told(readings, "sales_bridge", "month", "quarter", "ytd", "t12m")
    mine = mine[
        mine["breakdown"].isin(set(expected["breakdown"])) & mine["subject_id"].isin(set(expected["id"]))
    ]
    bought = set(zip(expected["id"], expected["window"], strict=True))
    mine = mine[[each in bought for each in zip(mine["subject_id"], mine["window"], strict=True)]]

    for part in ("price", "volume", "mix", "new", "lost"):
        assert mine.loc[mine["breakdown"] == f"part={part}", "value"].abs().max() > 1
    assert agree(mine, expected, ("account",), within=0.01) > 80


AIM = """
with stated as (
    select subject_kind as kind, subject_id as id, from_on::date as from_on, to_on::date as to_on,
        value::decimal(20, 4)::double as value
    from targets where metric = 'net_sales' and coalesce(breakdown, '') = ''
), own as (
    select s.* replace (s.value - coalesce((
        select sum(r.value) from stated r join managers m on r.kind = 'manager' and m.manager_id = r.id
        where s.kind = 'manager' and m.reports_to_id = s.id and r.from_on = s.from_on and r.to_on = s.to_on), 0) as value)
    from stated s
), held as (
    select w."window", w.from_on, w.until_on, o.kind, o.id,
        sum(value * (datediff('day', greatest(w.from_on, o.from_on), least(w.until_on, o.to_on)))
            / datediff('day', o.from_on, o.to_on)) as aim,
        sum(datediff('day', greatest(w.from_on, o.from_on), least(w.until_on, o.to_on))) as days
    from (select distinct * from windows) w join own o on o.from_on < w.until_on and o.to_on > w.from_on group by all
)
select h."window", h.until_on, h.kind, h.id, '' as breakdown,
    case when '{what}' = 'aim' then aim when aim > 0 then s.units / 1e4 / aim end as value
from held h join (select * from sums where fact = 'net_sales') s using ("window", until_on, kind, id)
where days = datediff('day', h.from_on, h.until_on)
"""


@pytest.mark.parametrize(("metric", "what"), [("sales_target", "aim"), ("sales_attainment", "rate")])
def test_own_targets_and_their_attainment_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, what: str
) -> None:
    """The target of a manager who leads managers contains theirs; what they leave is for the accounts of his own."""
    expected = asked(sql, AIM.format(what=what))
    mine = told(readings, metric, "month", "qtd", "quarter", "ytd")
    own = set(expected["id"]) & set(mine["subject_id"])
    mine = mine[mine["subject_id"].isin(own)]

    assert len(own) > 1
    assert agree(mine, expected, ("manager", "team", "portfolio"), within=1e-4) > 10


##### Money in #########################################################################################################


MOVED = """
with level as (
    select d.until_on as day, s.kind, s.id, coalesce(sum(units) filter (where w.fact = 'receivables'), 0) / 1e4 as owed,
        coalesce(sum(units) filter (where w.fact = 'receivables' and w.breakdown = 'bucket=not_due'), 0) / 1e4 as not_due
    from (select distinct until_on from windows) d cross join someone s
    left join (select * from whose where fact = 'receivables') w on w.day = d.until_on and w.kind = s.kind and w.id = s.id
        and w.breakdown in ('', 'bucket=not_due')
    group by all
), whole as (
    select day, s.kind, s.id, coalesce(sum(units), 0) / 1e4 as owed
    from (select distinct until_on as day from windows) d cross join someone s
    left join (select * from whose where fact = 'receivables' and breakdown = '') w using (day, kind, id) group by all
)
select b."window", b.until_on, b.kind, b.id, '' as breakdown, {value} as value
from (select * from sums where fact = 'billed') b join windows w using ("window", until_on)
join whole one on one.kind = b.kind and one.id = b.id and one.day = b.until_on
join level l on l.kind = b.kind and l.id = b.id and l.day = b.until_on
join whole zero on zero.kind = b.kind and zero.id = b.id and zero.day = w.from_on
left join theme_sums p on p.fact = 'collected' and p."window" = b."window" and p.until_on = b.until_on and p.kind = b.kind
    and p.id = b.id
"""
BEGUN = "(zero.owed + b.units / 1e4)"


def test_collection_effectiveness_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    value = f"case when {BEGUN} - l.not_due > 1e-9 then ({BEGUN} - one.owed) / ({BEGUN} - l.not_due) end"
    mine = told(readings, "collection_effectiveness", "month", "quarter")

    assert agree(inside(mine), asked(sql, MOVED.format(value=value)), (*KINDS, "manager", "team")) > 100


def test_the_effect_of_currencies_is_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    value = f"one.owed - ({BEGUN} - coalesce(p.units, 0))"
    mine = inside(told(readings, "currency_effect", "month", "quarter"))

    assert (mine["value"].abs() > 1).any()
    assert agree(mine, asked(sql, MOVED.format(value=value)), KINDS, within=1e-6) > 40


def inside(rows: pd.DataFrame) -> pd.DataFrame:
    """The readings whose opening is among the positions that were worked out."""
    return rows[rows["until_on"] >= "2024-12-01"]


def test_days_of_turnover_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        """with ends as (
            select "window", from_on, until_on, unnest(generate_series(from_on, until_on, interval 1 month))::date as day
            from windows where "window" in ('quarter', 't12m')
        ), mean as (
            select e."window", e.from_on, e.until_on, s.kind, s.id,
                sum(coalesce(w.units, 0)) / count(distinct e.day)::double as units
            from ends e cross join someone s
            left join whose w on w.fact = 'receivables' and w.breakdown = '' and w.day = e.day and w.kind = s.kind and w.id = s.id
            group by all
        )
        select b."window", b.until_on, b.kind, b.id, '' as breakdown,
            case when b.units > 0 then m.units * least(datediff('day', m.from_on, m.until_on), 365) / b.units end as value
        from sums b join mean m using ("window", until_on, kind, id) where b.fact = 'billed'""",
    )
    mine = told(readings, "turnover_days", "quarter", "t12m")

    assert agree(mine[mine["until_on"] >= "2025-10-01"], expected, (*KINDS, "manager", "team")) > 60


COUNTBACK = """
with month as (
    select m.n, (date '2026-10-01' - to_months(m.n::int + 1))::date as since, (date '2026-10-01' - to_months(m.n::int))::date as over
    from range(36) as m(n)
), owed as (
    select kind, id, units // 100 * 100 as units from sums
    where fact = 'receivables' and breakdown = '' and "window" = 'month' and until_on = date '2026-10-01'
), sold as (
    select o.kind, o.id, m.n, datediff('day', m.since, m.over) as days, o.units as owed,
        greatest(coalesce(sum(w.units), 0) // 100 * 100, 0) as units
    from owed o cross join month m
    left join whose w on w.fact = 'billed' and w.kind = o.kind and w.id = o.id and w.day >= m.since and w.day < m.over
    where m.since >= (select start from history where fact = 'billed') group by all
), used as (
    select *, owed - coalesce(sum(units) over (partition by kind, id order by n rows between unbounded preceding and 1 preceding), 0) as rest
    from sold
)
select 'month' as "window", date '2026-10-01' as until_on, kind, id, '' as breakdown,
    sum(case when rest <= 0 then 0 when rest >= units then days else days * rest / units::double end) as value
from used group by all
"""


def test_days_counted_back_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    mine = told(readings, "dso_countback", "month")
    mine = mine[mine["until_on"] == "2026-10-01"]

    assert (mine["value"] > 0).sum() > 10
    assert agree(mine, asked(sql, COUNTBACK), (*KINDS, "manager", "team")) > 20


def test_days_late_with_early_money_as_zero_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame
) -> None:
    expected = asked(
        sql,
        f"""select "window", until_on, kind, id, breakdown, case when s.units + l.units / 1e4 > 0
            then (d.units + e.units / 1e4) / (s.units + l.units / 1e4) end as value
        from (select * from theme_sums where fact = 'settled_all') s
        join (select * from theme_sums where fact = 'settled_floored_days') d using {KEY}
        join (select * from sums where fact = 'still_late') l using {KEY}
        join (select * from sums where fact = 'still_late_days') e using {KEY}""",
    )

    assert agree(told(readings, "weighted_days_late_floored"), expected, KINDS) > 60
