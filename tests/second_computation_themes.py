"""Figures of the smaller themes a second time, as SQL on the demo's exports: rows that fall on a day, and positions.

What is a manager's or a team's is proved on the figures of the first second computation, which share it the same way;
here it is accounts, customers, regions, industries, products and the whole.
"""

from __future__ import annotations

from functools import cache

import duckdb
import pandas as pd

from tests.demos import DEMO
from tests.second_computation import TRUTH, added_up, of

KINDS = ("account", "customer", "region", "industry", "portfolio")
WITH_PRODUCT = (*KINDS, "product")
WINDOWS = ("month", "qtd", "quarter", "ytd", "t12m")
KEY = """("window", until_on, kind, id, breakdown)"""
_KEYS = {"contacts": "contact_id", "actions": "action_id", "change_requests": "change_id", "cost_to_serve": "''",
         "outcome_values": "''", "market": "''", "targets": "''"}  # fmt: skip

VIEWS = """
create or replace view deal as
select *, coalesce(account_id, '~') as whose, closed_on::date as day, is_won = 'true' as won from opportunities
where closed_on is not null and is_won is not null;

create or replace view line_due as
select coalesce(o.account_id, '~') as account_id, l.product_id, l.order_id || '/' || l.line_no as row_id, l.unit, l.is_correct,
    coalesce(l.first_promised_on, o.first_promised_on, l.last_promised_on, o.last_promised_on, l.requested_on, o.requested_on)::date as day,
    coalesce(l.delivered_on, o.delivered_on)::date < date '2026-10-01' as has_come,
    l.quantity::decimal(18, 4) as ordered, l.delivered_quantity::decimal(18, 4) as came
from order_lines l join orders o using (order_id)
where o.status not in ('cancelled', 'canceled') and l.quantity::decimal(18, 4) >= 0;

create or replace view promise as
select *, due_on::date as day, case when done_on::date < date '2026-10-01' then done_on::date end as done,
    lower(coalesce(status, '')) in ('dropped', 'cancelled', 'canceled', 'withdrawn', 'rejected') as is_dropped
from actions where is_client_visible = 'true' and due_on is not null;

create or replace view change as
select *, asked_on::date as day, case when delivered_on::date < date '2026-10-01' then delivered_on::date end as delivered,
    coalesce(confirmed_by_us_on::date < date '2026-10-01' and confirmed_by_client_on::date < date '2026-10-01', false) as is_sure,
    lower(coalesce(status, '')) in ('dropped', 'cancelled', 'canceled', 'withdrawn', 'rejected') as is_dropped
from change_requests where asked_on::date < date '2026-10-01';

create or replace view answer as
select *, answered_on::date as day, score::decimal(18, 4) as points,
    coalesce(scale_max, case kind when 'csat' then '5' else '10' end)::decimal(18, 4) as top
from surveys where answered_on::date < date '2026-10-01';

create or replace view goal_value as
select outcome_id, baseline_on::date as day, baseline_value::decimal(18, 4) as value, 0 as place from outcomes
union all select outcome_id, measured_on::date, value::decimal(18, 4), 1 from outcome_values
union all select outcome_id, current_on::date, current_value::decimal(18, 4), 2 from outcomes;
"""

ROWS = """
create or replace table theme_row (fact varchar, breakdown varchar, account_id varchar, product_id varchar, day date, units double);

insert into theme_row
select fact, unnest(['', 'kind=' || kind]), whose, product_id, day, case fact when 'won' then won::int else (not won)::int end
from deal cross join (values ('won'), ('lost')) as facts(fact);
insert into theme_row
select 'won_value', unnest(['', 'kind=' || kind]), whose, product_id, day, round(amount::decimal(20, 4) * rate, 4)
from (select * from deal where won) d asof join rate r on r.currency = d.currency and d.day >= r.on_day;

insert into theme_row
select fact, '', account_id, product_id, day, case fact when 'filled' then coalesce(has_come and came >= ordered, false)
    when 'checked' then has_come and is_correct is not null when 'right' then has_come and is_correct = 'true' else true end::int
from line_due cross join (values ('filled'), ('fillable'), ('checked'), ('right')) as facts(fact)
where fact not in ('filled', 'fillable') or not coalesce(has_come, false) or came is not null;
insert into theme_row
select fact, 'unit=' || unit, account_id, null, day,
    case fact when 'quantity_due' then ordered else least(case when has_come then came else 0 end, ordered) end
from line_due cross join (values ('quantity_due'), ('quantity_filled')) as facts(fact)
where not coalesce(has_come, false) or came is not null;

insert into theme_row
select fact, unnest(['', 'side=' || side]), account_id, null, day, case fact when 'promises_kept' then done <= day
    when 'promises_late' then done > day or (done is null and not is_dropped) when 'promises_dropped' then done is null and is_dropped
    else true end::int
from promise cross join (values ('promises_due'), ('promises_kept'), ('promises_late'), ('promises_dropped')) as facts(fact)
where day < date '2026-10-01' or done is not null or is_dropped;
insert into theme_row
select fact, unnest(['', 'side=' || side]), account_id, null, date '2026-09-30',
    case fact when 'promises_open' then true else day < date '2026-10-01' end::int
from promise cross join (values ('promises_open'), ('promises_overdue')) as facts(fact) where done is null and not is_dropped;

insert into theme_row
select fact, '', account_id, null, day, case fact when 'asked' then true else is_sure end::int
from change cross join (values ('asked'), ('agreed')) as facts(fact);
insert into theme_row
select fact, '', account_id, null, delivered, case fact when 'delivered' then 1 when 'timed' then (delay_days is not null)::int
    else coalesce(delay_days::double, 0) end
from change cross join (values ('delivered'), ('timed'), ('delay')) as facts(fact) where delivered is not null;
insert into theme_row
select 'charge', '', account_id, null, delivered, round(cost_amount::decimal(20, 4) * rate, 4)
from (select * from change where delivered is not null) c asof join rate r on r.currency = c.currency and c.delivered >= r.on_day;
insert into theme_row
select fact, '', account_id, null, date '2026-09-30', case fact when 'waiting' then true else not is_sure end::int
from change cross join (values ('waiting'), ('doubtful')) as facts(fact) where delivered is null and not is_dropped;

insert into theme_row
select fact, unnest(['', 'kind=' || kind]), account_id, null, asked_on::date,
    case fact when 'questions' then true else coalesce(answered_on::date < date '2026-10-01', false) end::int
from surveys cross join (values ('questions'), ('answered')) as facts(fact) where asked_on is not null;
insert into theme_row
select fact, 'scale=' || top::int, account_id, null, day, case fact when 'scale_answers' then true else points * 5 >= top * 4 end::int
from answer cross join (values ('scale_answers'), ('scale_satisfied')) as facts(fact)
where kind = 'csat' and points is not null and top <> 5;
insert into theme_row
select fact, '', account_id, null, day, (points * 5 <= top * 3 and (fact = 'criticisms' or trim(coalesce(action_taken, '')) <> ''))::int
from answer cross join (values ('criticisms'), ('criticisms_acted')) as facts(fact) where trim(coalesce(comment, '')) <> '';

insert into theme_row
select fact, unnest(['', 'activity=' || activity]), account_id, null, day,
    case fact when 'effort_hours' then hours else round(cost * rate, 4) end
from (select account_id, activity, month_on::date as day, hours::decimal(18, 4) as hours, coalesce(currency, 'CNY') as currency,
    round(hours::decimal(18, 4) * rate_amount::decimal(18, 4), 4)::decimal(18, 4) as cost from cost_to_serve) e
asof join rate r on r.currency = e.currency and e.day >= r.on_day
cross join (values ('effort_hours'), ('effort_cost')) as facts(fact);

insert into theme_row
select 'sales_by_kind', 'kind=' || o.kind, s.account_id, s.product_id, s.day, round(net * rate, 4)
from sold s join orders o on o.order_id = regexp_extract(s.row_id, '^[^/]+')
asof join rate r on r.currency = s.currency and s.day >= r.on_day where o.kind is not null;

insert into theme_row
select 'collected', '', coalesce(p.account_id, '~'), null, p.day, round(money * rate, 4)
from (select account_id, currency, paid_on::date as day, amount::decimal(20, 4) as money from payments) p
asof join rate r on r.currency = p.currency and p.day >= r.on_day;
insert into theme_row
with paid as (
    select i.account_id, i.currency, i.is_disputed, p.paid_on::date as day, p.amount::decimal(20, 4) as money,
        datediff('day', i.due, p.paid_on::date) as late
    from payments p join invoice i using (invoice_id) where p.amount::decimal(20, 4) > 0 and not i.is_credit
)
select fact, '', account_id, null, p.day, round((money * case fact when 'settled_all' then 1
    else greatest(late, 0) end)::decimal(20, 4) * rate, 4)
from paid p asof join rate r on r.currency = p.currency and p.day >= r.on_day
cross join (values ('settled_all'), ('settled_floored_days')) as facts(fact) where not is_disputed;

insert into theme_row
select fact, 'basis=' || basis, account_id, product_id, due, case fact when 'line_punctual' then coalesce(delivered <= due, false)
    when 'line_whole' then is_whole and delivered is not null
    when 'line_met' then coalesce(delivered <= due, false) and is_whole and delivered is not null else true end::int
from line_delivery cross join (values ('line_punctual'), ('line_whole'), ('line_met'), ('line_all')) as facts(fact)
where due is not null and status not in ('cancelled', 'canceled');
insert into theme_row
select 'dropped_orders', 'basis=' || basis, any_value(account_id), null, coalesce(any_value(order_due), arg_min(due, line_no::int)), 1
from line_delivery where due is not null and status in ('cancelled', 'canceled') group by order_id, basis;
insert into theme_row
select 'volume', 'unit=' || unit, account_id, product_id, day, quantity from sold;

delete from theme_row where day >= date '2026-10-01' or day is null;
update theme_row set units = coalesce(units, 0);
"""

SUMS = """
create or replace table theme_sums as
with owned as (
    select t.fact, t.breakdown, t.day, t.units, s.kind, s.id from theme_row t join subject s using (account_id)
    union all select fact, breakdown, day, units, 'product', product_id from theme_row where product_id is not null
), asked as (
    select distinct fact, breakdown from theme_row
), span as (
    select distinct * from windows
)
select w."window", w.until_on, p.kind, p.id, a.fact, a.breakdown, coalesce(sum(o.units), 0) as units, count(o.units) as n
from span w cross join asked a cross join (select * from someone where kind not in ('manager', 'team')) p
left join owned o on o.fact = a.fact and o.breakdown = a.breakdown and o.kind = p.kind and o.id = p.id
    and o.day >= w.from_on and o.day < w.until_on
group by all;
"""

GOALS = """
create or replace table goal_sums as
with ends as (select distinct until_on from windows), latest as (
    select e.until_on, g.outcome_id, g.value from ends e join goal_value g on g.day < e.until_on and g.value is not null
    qualify row_number() over (partition by e.until_on, g.outcome_id order by g.day desc, g.place desc) = 1
), judged as (
    select l.until_on, o.account_id, (l.value - o.baseline_value::decimal(18, 4)) * case when better = 'lower' then -1 else 1 end as gone,
        (o.target_value::decimal(18, 4) - o.baseline_value::decimal(18, 4)) * case when better = 'lower' then -1 else 1 end as distance
    from latest l join outcomes o using (outcome_id)
)
select w."window", w.until_on, s.kind, s.id, '' as breakdown,
    sum((gone >= distance)::int) / nullif(count(*), 0)::double as value
from (select distinct "window", until_on from windows) w join judged j using (until_on) join subject s using (account_id)
where distance > 0 group by all;
"""


@cache
def themes() -> duckdb.DuckDBPyConnection:
    """The connection of the first second computation, with what these themes add up."""
    found = added_up()
    wrong = [(each["table"], each["id"]) for each in TRUTH["dirt"]]
    for name, key in _KEYS.items():
        path = DEMO / "exports" / f"{name}.csv"
        ids = ", ".join(f"'{identity}'" for table, identity in wrong if table == name) or "''"
        found.execute(
            f"create or replace table {name} as select distinct * from read_csv('{path}', all_varchar = true) "
            f"where {key} = '' or {key} not in ({ids})"
        )
    for script in (VIEWS, ROWS, SUMS, GOALS):
        found.execute(script)
    return found


def told(readings: pd.DataFrame, metric: str, *windows: str) -> pd.DataFrame:
    """What is known of a metric in windows that were added up in SQL."""
    rows = of(readings, metric)
    return rows[rows["window"].isin(windows or WINDOWS) & rows["value"].notna()]


def asked(sql: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    found: pd.DataFrame = sql.execute(query).df()
    return found


def total(sql: duckdb.DuckDBPyConnection, fact: str) -> pd.DataFrame:
    return asked(
        sql,
        f"""select "window", until_on, kind, id, breakdown, units as value from theme_sums where fact = '{fact}'""",
    )


def quotient(sql: duckdb.DuckDBPyConnection, over: str, under: str) -> pd.DataFrame:
    return asked(
        sql,
        f"""select "window", until_on, kind, id, breakdown, case when u.units > 0 then o.units / u.units end as value
        from theme_sums o join theme_sums u using {KEY} where o.fact = '{over}' and u.fact = '{under}'""",
    )
