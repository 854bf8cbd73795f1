"""The main figures a second time, as SQL straight on the demo's exports: another language, another engine, no shared code.

The SQL knows the exports' headers, the conventions of the metric catalogue and which rows the demo planted as dirt. It
adds up rows over windows (`sums`), positions per document (`levels`), and divides last.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.demos import DEMO, computed_demo, demo_readings

TRUTH: dict[str, Any] = json.loads((DEMO / "ground_truth.json").read_text(encoding="utf-8"))
KEYS = {
    "accounts": "account_id", "orders": "order_id", "order_lines": "order_id || '/' || line_no", "products": "product_id",
    "invoices": "invoice_id", "payments": "payment_id", "cases": "case_id", "surveys": "survey_id",
    "contracts": "contract_id", "assignments": "''", "managers": "manager_id", "fx": "''",
}  # fmt: skip
LEFT_IN = ("empty_account", "identical_duplicate")
"""Dirt that stays in the figures: a row without an account, and a row that is there twice and counts once."""


def first_of(year: int, month: int) -> date:
    """The first day of a month; months run over into other years."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def windows() -> list[tuple[str, date, date]]:
    """The windows that end with September 2026, and the 24 months and years-up-to-a-month before."""
    made = [
        ("qtd", date(2026, 7, 1), date(2026, 10, 1)),
        ("quarter", date(2026, 7, 1), date(2026, 10, 1)),
        ("ytd", date(2026, 1, 1), date(2026, 10, 1)),
    ]
    for back in range(25):
        until = first_of(2026, 10 - back)
        made.append(("month", first_of(2026, 9 - back), until))
        made.append(("t12m", first_of(2025, 10 - back), until))
    return made


TABLES = """
create view rate as select rate_on::date as on_day, currency, rate::decimal(18, 8) as rate from fx where to_currency = 'CNY'
union all select date '1900-01-01', 'CNY', 1;

create view customer as
with recursive above(account_id, top) as (
    select account_id, account_id from accounts where coalesce(parent_id, '') = ''
    union all select child.account_id, above.top from accounts child join above on child.parent_id = above.account_id
) select account_id, top as customer_id from above;

create view sold as
select l.order_id || '/' || l.line_no as row_id, coalesce(o.account_id, '~') as account_id, o.manager_id, l.product_id,
    l.unit, o.ordered_on::date as day, l.currency, l.net_amount::decimal(18, 4) as net,
    l.cost_amount::decimal(18, 4) as cost, l.quantity::decimal(18, 4) as quantity
from order_lines l join orders o using (order_id) where o.status not in ('cancelled', 'canceled');

create view invoice as
select invoice_id, account_id, manager_id, currency, issued_on::date as issued, due_on::date as due,
    case when is_credit_note = 'true' then -abs(gross_amount::decimal(18, 4)) else gross_amount::decimal(18, 4) end as gross
from invoices;

create view line_delivery as
select l.order_id, l.line_no, coalesce(o.account_id, '~') as account_id, o.manager_id, o.status, basis,
    case basis when 'requested' then coalesce(l.requested_on, o.requested_on)
        when 'first_promised' then coalesce(l.first_promised_on, o.first_promised_on)
        else coalesce(l.last_promised_on, o.last_promised_on) end::date as due,
    case basis when 'requested' then o.requested_on when 'first_promised' then o.first_promised_on
        else o.last_promised_on end::date as order_due,
    case when coalesce(l.delivered_on, o.delivered_on)::date < date '2026-10-01'
        then coalesce(l.delivered_on, o.delivered_on)::date end as delivered,
    coalesce(l.delivered_quantity::decimal(18, 4) >= l.quantity::decimal(18, 4), false) as is_whole
from order_lines l join orders o using (order_id)
cross join (values ('requested'), ('first_promised'), ('last_promised')) as bases(basis)
where l.quantity::decimal(18, 4) >= 0;

create view clock as
with promised as (
    select c.*, k.reply_hours, k.resolve_hours, k.green_reply_hours from cases c
    left join contracts k on k.account_id = c.account_id
        and k.starts_on::date <= (opened_at::timestamptz at time zone 'Asia/Shanghai')::date
        and k.ends_on::date >= (opened_at::timestamptz at time zone 'Asia/Shanghai')::date
), each_clock as (
    select case_id, account_id, opened_at, 'first_reply' as clock, first_reply_at as stopped_at,
        coalesce(first_reply_paused_hours, '0') as paused, coalesce(reply_hours, '24') as hours from promised
    union all select case_id, account_id, opened_at, 'resolution', resolved_at, coalesce(paused_hours, '0'),
        coalesce(resolve_hours, '48') from promised
    union all select case_id, account_id, opened_at, 'green_channel', first_reply_at, '0',
        coalesce(green_reply_hours, '1') from promised where is_green_channel = 'true'
), timed as (
    select case_id, account_id, clock, hours::decimal(18, 4) * 3600 as limit_s, paused::decimal(18, 4) * 3600 as paused_s,
        (opened_at::timestamptz at time zone 'Asia/Shanghai')::date as day, opened_at::timestamptz as opened,
        case when stopped_at::timestamptz < timestamptz '2026-10-01 00:00:00+08' then stopped_at::timestamptz end as stopped
    from each_clock
)
select case_id, account_id, clock, day, stopped is not null as is_stopped,
    greatest(epoch(coalesce(stopped, timestamptz '2026-10-01 00:00:00+08')) - epoch(opened) - paused_s, 0) as elapsed_s,
    limit_s
from timed where opened < timestamptz '2026-10-01 00:00:00+08';

create table flow (fact varchar, breakdown varchar, row_id varchar, account_id varchar, manager_id varchar,
    product_id varchar, day date, units bigint);
insert into flow select fact, '', row_id, account_id, manager_id, product_id, day,
    (round(case fact when 'cost' then s.cost when 'sales_with_cost' then case when s.cost is not null then s.net end
        else s.net end * r.rate, 4) * 10000)::bigint
from sold s asof join rate r on r.currency = s.currency and s.day >= r.on_day
cross join (values ('net_sales'), ('cost'), ('sales_with_cost')) as facts(fact);
insert into flow select 'quantity', 'unit=' || unit, row_id, account_id, manager_id, product_id, day,
    (quantity * 10000)::bigint from sold;
insert into flow select 'rows', '', row_id, account_id, manager_id, product_id, day, (net > 0)::int from sold;
insert into flow select 'billed', '', invoice_id, account_id, manager_id, null, issued, (round(gross * rate, 4) * 10000)::bigint
from invoice i asof join rate r on r.currency = i.currency and i.issued >= r.on_day;
insert into flow
with one_order as (
    select order_id, basis, any_value(account_id) as account_id, any_value(manager_id) as manager_id,
        any_value(status) as status, coalesce(any_value(order_due), arg_min(due, line_no::int)) as day,
        bool_and(coalesce(delivered <= due, false)) as is_on_time, bool_and(is_whole and delivered is not null) as is_whole,
        bool_and(coalesce(delivered <= due, false) and is_whole and delivered is not null) as is_met
    from line_delivery where due is not null group by all
)
select fact, 'basis=' || basis, order_id, account_id, manager_id, null, day,
    case fact when 'orders_due' then true when 'orders_met' then is_met when 'orders_on_time' then is_on_time
        else is_whole end::int
from one_order
cross join (values ('orders_due'), ('orders_met'), ('orders_on_time'), ('orders_in_full')) as facts(fact)
where status not in ('cancelled', 'canceled');
insert into flow select fact, 'basis=' || basis, order_id || '/' || line_no, account_id, manager_id, null, due,
    case fact when 'lines_due' then true
        else coalesce(delivered <= due, false) and is_whole and delivered is not null end::int
from line_delivery cross join (values ('lines_due'), ('lines_met')) as facts(fact)
where due is not null and status not in ('cancelled', 'canceled');
insert into flow select fact, breakdown, case_id || clock, account_id, null, null, day,
    case fact when 'clocks_met' then is_stopped and elapsed_s <= limit_s else is_stopped or elapsed_s > limit_s end::int
from clock cross join (values ('clocks_due'), ('clocks_met')) as facts(fact)
cross join (select unnest(['', 'clock=' || clock]) as breakdown);
insert into flow select 'cases', '', case_id, account_id, null, null, day, 1 from clock where clock = 'resolution';
insert into flow select fact, '', survey_id, account_id, null, null, answered_on::date,
    case fact when 'answers' then true else score::decimal(18, 4) >= 4 end::int
from surveys cross join (values ('answers'), ('satisfied')) as facts(fact)
where kind = 'csat' and coalesce(score, '') <> '' and coalesce(scale_max, '5')::decimal(18, 4) = 5
    and coalesce(answered_on, '') <> '';
delete from flow where day >= date '2026-10-01' or units is null;

create table level (day date, breakdown varchar, row_id varchar, account_id varchar, manager_id varchar, units bigint);
insert into level
with days as (select distinct until_on as day from windows),
paid as (
    select d.day, p.invoice_id, sum(p.amount::decimal(18, 4)) as amount
    from days d join payments p on p.paid_on::date < d.day group by all
), balance as (
    select d.day, i.*, i.gross - coalesce(p.amount, 0) as open
    from days d join invoice i on i.issued < d.day left join paid p on p.invoice_id = i.invoice_id and p.day = d.day
), priced as (
    select b.*, (round(b.open * r.rate, 4) * 10000)::bigint as units, (b.day - interval 1 day)::date as last_day,
        datediff('day', b.due, (b.day - interval 1 day)::date) as late
    from (select *, (day - interval 1 day)::date as priced_on from balance where open <> 0) b
    asof join rate r on r.currency = b.currency and b.priced_on >= r.on_day
)
select day, unnest(['', 'bucket=' || case when late <= 0 then 'not_due' when late <= 30 then '1-30'
    when late <= 60 then '31-60' when late <= 90 then '61-90' when late <= 120 then '91-120' else '121+' end]),
    invoice_id, account_id, null, units from priced;
"""

SUMS = """
create table credited as
with owed as (
    select fact, breakdown, row_id, account_id, manager_id, day, day as served, units from flow
    union all select 'receivables', breakdown, row_id, account_id, manager_id, day, day - interval 1 day, units from level
), serving as (
    select account_id, manager_id, (coalesce(share_pct, '1')::decimal(18, 4) * 10000)::bigint as weight,
        from_on::date as from_on, coalesce(to_on, '9999-12-31')::date as to_on
    from assignments where role = 'owner'
), matched as (
    select o.* exclude (manager_id), coalesce(s.manager_id, o.manager_id, a.owner_id) as manager_id,
        coalesce(s.weight, 1) as weight,
        sum(coalesce(s.weight, 1)) over whole as total
    from owed o left join serving s on s.account_id = o.account_id and s.from_on <= o.served and o.served < s.to_on
    left join accounts a on a.account_id = o.account_id
    window whole as (partition by o.fact, o.breakdown, o.row_id, o.day)
), parted as (
    select *, (abs(units) * weight::hugeint // total)::bigint as part,
        (abs(units) * weight::hugeint % total)::bigint as rest from matched
), ranked as (
    select *, abs(units) - sum(part) over whole as missing,
        row_number() over (partition by fact, breakdown, row_id, day order by rest desc, manager_id) as place
    from parted window whole as (partition by fact, breakdown, row_id, day)
)
select fact, breakdown, row_id, account_id, manager_id, day,
    sign(units) * (part + (place <= missing)::int)::bigint as units
from ranked;

create table subject as
select 'account' as kind, account_id as id, account_id from (select account_id from accounts union all select '~')
union all select 'customer', customer_id, account_id from customer
union all select 'portfolio', 'all', account_id from (select account_id from accounts union all select '~')
union all select 'region', region, account_id from accounts where coalesce(region, '') <> ''
union all select 'industry', industry, account_id from accounts where coalesce(industry, '') <> '';

create table whose as
select kind, id, fact, breakdown, account_id, day, units from (
    select fact, breakdown, account_id, day, units from flow
    union all select 'receivables', breakdown, account_id, day, units from level
) join subject using (account_id)
union all select 'manager', c.manager_id, fact, breakdown, account_id, day, units from credited c where c.manager_id is not null
union all select 'team', m.team_id, fact, breakdown, account_id, day, units from credited c join managers m using (manager_id)
union all select 'product', product_id, fact, breakdown, account_id, day, units from flow where product_id is not null;

create table history as
select fact, date_trunc('month', min(min(day)) over (partition by source))::date as start from (
    select fact, day, case when fact in ('net_sales', 'cost', 'sales_with_cost', 'quantity', 'rows') then 'sales'
        when fact like 'orders_%' then 'orders' when fact like 'lines_%' then 'lines'
        when fact in ('answers', 'satisfied') then 'surveys' when fact like 'c%' then 'clocks' else fact end as source
    from flow
) group by fact, source
union all select 'receivables', date_trunc('month', min(issued))::date from invoice;

create table someone as
select distinct kind, id from subject union select 'manager', manager_id from managers
union select 'team', team_id from managers union select 'product', product_id from products;

create macro over_windows() as table
select w.*, s.kind, s.id, b.fact, b.breakdown,
    case when b.fact = 'receivables' then (case when w.until_on > h.start then 0 end)
        when w.from_on >= h.start then 0 end as empty
from windows w cross join someone s
cross join (select distinct fact, breakdown from whose) b join history h using (fact);

create table sums as
select * exclude (units, empty), (empty + coalesce(units, 0))::bigint as units from (
select g.*, sum(w.units) as units
from over_windows() g left join whose w on w.kind = g.kind and w.id = g.id and w.fact = g.fact and w.breakdown = g.breakdown
    and case when g.fact = 'receivables' then w.day = g.until_on else w.day >= g.from_on and w.day < g.until_on end
group by all);
"""

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
TOTALS = {"net_sales": ("net_sales", 1e4), "volume": ("quantity", 1e4), "cases": ("cases", 1.0)}
POSITIONS = {"receivables": "", "ageing": "bucket"}
EVERYONE = ("account", "customer", "manager", "team", "region", "industry", "portfolio")


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    """The exports without their planted dirt, added up."""
    found = duckdb.connect()
    found.execute("set timezone = 'UTC'")
    wrong = [(each["table"], each["id"]) for each in TRUTH["dirt"] if each["kind"] not in LEFT_IN]
    found.execute("create table dirt (name varchar, id varchar)")
    found.executemany("insert into dirt values (?, ?)", wrong)
    for name, key in KEYS.items():
        path = DEMO / "exports" / f"{name}.csv"
        found.execute(
            f"create table {name} as select distinct * from read_csv('{path}', all_varchar = true) "
            f"where {key} not in (select id from dirt where name = '{name}')"
        )
    found.execute('create table windows ("window" varchar, from_on date, until_on date)')
    found.executemany("insert into windows values (?, ?, ?)", windows())
    found.execute(TABLES)
    found.execute(SUMS)
    return found


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


def of(readings: pd.DataFrame, metric: str, *, currency: str | None = None) -> pd.DataFrame:
    """The readings of a metric that is told in the reporting currency, or in no currency at all."""
    rows = readings[(readings["metric"] == metric) & readings["currency"].isin([currency or "CNY", ""])]
    return rows.assign(until_on=pd.to_datetime(rows["until_on"]))


def agree(
    readings: pd.DataFrame, expected: pd.DataFrame, kinds: tuple[str, ...], *, column: str = "value"
) -> int:
    """Assert that each reading of these kinds is the expected one (both may be unknown); how many there were."""
    mine = readings[readings["subject_kind"].isin(kinds)]
    given = expected.rename(columns={"kind": "subject_kind", "id": "subject_id", "value": "expected"})
    given = given.assign(until_on=pd.to_datetime(given["until_on"]))
    key = ["subject_kind", "subject_id", "breakdown", "window", "until_on"]
    both = mine.merge(given, on=key, how="left", indicator="found", validate="one_to_one")
    missing = both[both["found"] != "both"]
    assert missing.empty, missing[key].head()
    theirs, ours = both["expected"].astype(float), both[column]
    same = (theirs.isna() & ours.isna()) | np.isclose(theirs, ours, rtol=1e-9, atol=1e-9)
    assert same.all(), both.loc[~same, [*key, column, "expected"]].head()
    assert (both.loc[ours.isna(), "reason"] != "").all()
    return len(both)


def total(sql: duckdb.DuckDBPyConnection, fact: str, scale: float) -> pd.DataFrame:
    return sql.execute(
        f"""select "window", until_on, kind, id, breakdown, units / {scale} as value from sums where fact = '{fact}'"""
    ).df()


def quotient(sql: duckdb.DuckDBPyConnection, over: str, minus: str, under: str) -> pd.DataFrame:
    return sql.execute(
        f"""select o."window", o.until_on, o.kind, o.id, o.breakdown,
            case when u.units > 0 then (o.units - coalesce(m.units, 0)) / u.units::double end as value, u.units as n
        from sums o join sums u using ("window", until_on, kind, id, breakdown)
        left join sums m on m.fact = '{minus}' and m."window" = o."window" and m.until_on = o.until_on and m.kind = o.kind
            and m.id = o.id and m.breakdown = o.breakdown
        where o.fact = '{over}' and u.fact = '{under}'"""
    ).df()


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
