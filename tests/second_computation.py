"""Figures a second time, as SQL straight on the demo's exports: another language, another engine, no shared code.

The SQL knows the exports' headers, the conventions of the metric catalogue and which rows the demo planted as dirt. It
adds up rows over windows (`sums`), positions per document (`levels`), and divides last. Counts are held in
ten-thousandths like money, so that owners of an account have their share of each.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from tests.demos import DEMO

TRUTH: dict[str, Any] = json.loads((DEMO / "ground_truth.json").read_text(encoding="utf-8"))
KEYS = {
    "accounts": "account_id", "orders": "order_id", "order_lines": "order_id || '/' || line_no", "products": "product_id",
    "invoices": "invoice_id", "payments": "payment_id", "cases": "case_id", "surveys": "survey_id",
    "contracts": "contract_id", "assignments": "''", "managers": "manager_id", "fx": "''", "team_members": "''",
    "forecasts": "''", "opportunities": "opportunity_id", "outcomes": "outcome_id", "activities": "activity_id",
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
    coalesce(is_disputed, '') = 'true' as is_disputed, is_credit_note = 'true' as is_credit,
    case when is_credit_note = 'true' then -abs(gross_amount::decimal(18, 4)) else gross_amount::decimal(18, 4) end as gross
from invoices;

create view line_delivery as
select l.order_id, l.line_no, l.product_id, coalesce(o.account_id, '~') as account_id, o.manager_id, o.status, basis,
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
insert into flow select fact, 'basis=' || basis, order_id || '/' || line_no, account_id, manager_id, product_id, due,
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
update flow set units = units * 10000 where fact in ('rows', 'cases', 'answers', 'satisfied') or fact like 'orders_%'
    or fact like 'lines_%' or fact like 'clocks_%';
delete from flow where day >= date '2026-10-01' or units is null;

create table level (fact varchar, day date, breakdown varchar, row_id varchar, account_id varchar, manager_id varchar, units bigint);
create table open_item as
with days as (select distinct until_on as day from windows),
paid as (
    select d.day, p.invoice_id, sum(p.amount::decimal(18, 4)) as amount
    from days d join payments p on p.paid_on::date < d.day group by all
), balance as (
    select d.day, i.*, i.gross - coalesce(p.amount, 0) as open
    from days d join invoice i on i.issued < d.day left join paid p on p.invoice_id = i.invoice_id and p.day = d.day
), priced as (
    select b.*, (round(b.open * r.rate, 4) * 10000)::bigint as units, r.rate,
        datediff('day', b.due, (b.day - interval 1 day)::date) as late
    from (select *, (day - interval 1 day)::date as priced_on from balance where open <> 0) b
    asof join rate r on r.currency = b.currency and b.priced_on >= r.on_day
) select * from priced;
insert into level select 'receivables', day, unnest(['', 'bucket=' || case when late <= 0 then 'not_due' when late <= 30 then '1-30'
    when late <= 60 then '31-60' when late <= 90 then '61-90' when late <= 120 then '91-120' else '121+' end]),
    invoice_id, account_id, manager_id, units from open_item;
"""

FURTHER = """
insert into flow
with one_order as (
    select order_id, basis, any_value(account_id) as account_id, any_value(manager_id) as manager_id,
        coalesce(any_value(order_due), arg_min(due, line_no::int)) as day, bool_and(delivered is not null) as has_come,
        bool_and(coalesce(delivered <= due, false) and is_whole and delivered is not null) as is_met
    from line_delivery where due is not null and status not in ('cancelled', 'canceled') group by order_id, basis
), marked as (
    select one_order.*, is_document_correct is not null and is_undamaged is not null as is_marked,
        coalesce(is_document_correct = 'true' and is_undamaged = 'true', false) as is_right
    from one_order join orders using (order_id)
)
select fact, 'basis=' || basis, order_id, account_id, manager_id, null, day, 10000 * case fact
    when 'orders_perfect' then is_met and is_right when 'orders_marked' then is_marked else is_marked or not has_come end::int
from marked cross join (values ('orders_perfect'), ('orders_judged'), ('orders_marked')) as facts(fact);

insert into flow select fact, '', payment_id, i.account_id, i.manager_id, null, p.day, (round((amount * case fact
    when 'settled' then 1 else datediff('day', due, p.day) end)::decimal(20, 4) * rate, 4) * 10000)::bigint
from (select payment_id, invoice_id, paid_on::date as day, amount::decimal(20, 4) as amount from payments) p
join invoice i using (invoice_id) asof join rate r on r.currency = i.currency and p.day >= r.on_day
cross join (values ('settled'), ('settled_days')) as facts(fact)
where amount > 0 and not is_disputed and not is_credit;
insert into level select fact, day, '', invoice_id, account_id, manager_id, (round((open * case fact
    when 'still_late' then 1 else late end)::decimal(20, 4) * rate, 4) * 10000)::bigint
from open_item cross join (values ('still_late'), ('still_late_days')) as facts(fact)
where open > 0 and late > 0 and not is_disputed;

insert into flow
with frozen as (
    select account_id, period_on::date as month, sum(amount::decimal(20, 4)) as forecast from (
        select * from forecasts where made_on::date <= period_on::date - interval 1 month and currency = 'CNY'
        qualify row_number() over (partition by account_id, manager_id, product_id, period_on order by made_on desc) = 1
    ) group by all
), came as (
    select s.account_id, date_trunc('month', s.day)::date as month, sum(round(s.net * r.rate, 4)) as actual
    from sold s asof join rate r on r.currency = s.currency and s.day >= r.on_day
    where s.day < date '2026-10-01' group by all
), cell as (
    select account_id, month, coalesce(forecast, 0) as forecast, coalesce(actual, 0) as actual
    from frozen full join came using (account_id, month)
    join (select account_id, min(month) as since from frozen group by all) using (account_id)
    where month >= since and month < date '2026-10-01'
)
select fact, '', account_id || month, account_id, null, null, month, (10000 * case fact
    when 'forecast_error' then abs(actual - forecast) when 'forecast_actual' then abs(actual) else forecast - actual end)::bigint
from cell cross join (values ('forecast_error'), ('forecast_actual'), ('forecast_deviation')) as facts(fact);

insert into flow select fact, '', survey_id, account_id, null, null, answered_on::date, 10000 * (kind = 'nps' and case fact
    when 'promoters' then score::decimal(20, 4) >= 9 when 'detractors' then score::decimal(20, 4) <= 6 else true end)::int
from surveys cross join (values ('promoters'), ('detractors'), ('recommended')) as facts(fact)
where score is not null and answered_on is not null;

create view met as
select customer_id, kind, held_on::date as day from activities join customer using (account_id)
where status not in ('planned', 'cancelled') and held_on::date < date '2026-10-01';
create view relation as
select customer_id, min(signed_on::date) as since from accounts join customer using (account_id) group by all;
insert into flow
with week as (
    select 'weekly_sync' as line, 'sync' as kind, customer_id, day::date as day, (day + interval 7 day)::date as until_on, since
    from relation, unnest(generate_series(since, since + interval 1 month, interval 7 day)) as days(day)
    where day + interval 7 day <= since + interval 1 month
), half as (
    select 'executive_meeting' as line, 'executive_meeting' as kind, customer_id, day::date as day,
        (day + interval 6 month)::date as until_on, since
    from relation, unnest(generate_series(date '2023-01-01', date '2026-07-01', interval 6 month)) as days(day)
    where day - interval 1 day > since + interval 12 month and day - interval 1 day <= since + interval 36 month
        and exists (from sold join customer using (account_id) where customer.customer_id = relation.customer_id
            and sold.net > 0 and sold.day >= days.day - interval 12 month and sold.day < days.day)
), due as (
    select * from (from week union all by name from half)
    where day >= (select min(held_on::date) from activities) and until_on <= date '2026-10-01'
)
select fact, 'line=' || line, customer_id || line || day, customer_id, null, null, until_on - 1, 10000 * (fact = 'touch_due'
    or exists (from met where met.customer_id = due.customer_id and met.kind = due.kind and met.day >= due.day
        and met.day < due.until_on))::int
from due cross join (values ('touch_due'), ('touch_kept')) as facts(fact);

insert into level
with deal as (
    select o.*, date '2026-09-30' as priced_on from opportunities o where coalesce(opened_on::date < date '2026-10-01', true)
        and not coalesce(closed_on::date < date '2026-10-01', false) and not (closed_on is null and is_won is not null)
)
select fact, date '2026-10-01', unnest(['', 'stage=' || stage, 'kind=' || kind]), opportunity_id, account_id, manager_id,
    case fact when 'deals' then 10000 else (round(amount::decimal(20, 4) * rate, 4) * 10000)::bigint end
from deal asof join rate r on r.currency = deal.currency and deal.priced_on >= r.on_day
cross join (values ('deals'), ('deals_amount')) as facts(fact);

insert into level
with claim as (
    select *, coalesce(current_on, confirmed_on)::date as day, date '2026-09-30' as priced_on,
        case confidence when 'measured' then 1 when 'confirmed' then 2 when 'modelled' then 3 else 4 end as rank
    from outcomes join customer using (account_id)
), counted as (
    select * from claim where day <= date '2026-09-30' and day + interval 12 month > date '2026-09-30'
    qualify row_number() over (partition by customer_id, coalesce(benefit_key, outcome_id) order by rank, day desc, outcome_id) = 1
)
select fact, date '2026-10-01', 'confidence=' || confidence, outcome_id, account_id, null, case fact when 'claims' then 10000
    when 'claims_valued' then 10000 * (money_amount is not null and attribution_pct is not null)::int
    else (round(round(money_amount::decimal(20, 4) * attribution_pct::decimal(18, 4), 4)::decimal(20, 4) * rate, 4) * 10000)::bigint end
from counted asof join rate r on r.currency = counted.currency and counted.priced_on >= r.on_day
cross join (values ('claims'), ('claims_valued'), ('claims_value')) as facts(fact);
delete from flow where day >= date '2026-10-01' or units is null;
delete from level where units is null;
"""

SUMS = """
create table credited as
with owed as (
    select fact, breakdown, row_id, account_id, manager_id, day, day as served, units from flow
    union all select fact, breakdown, row_id, account_id, manager_id, day, day - interval 1 day, units from level
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
select fact, breakdown, row_id, account_id, manager_id, day, served,
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
    union all select fact, breakdown, account_id, day, units from level
) join subject using (account_id)
union all select 'manager', c.manager_id, fact, breakdown, account_id, day, units from credited c where c.manager_id is not null
union all select 'team', coalesce(t.team_id, m.team_id), fact, breakdown, account_id, day, units
    from credited c join managers m using (manager_id)
    left join team_members t on t.manager_id = c.manager_id and t.from_on::date <= c.served
        and c.served < coalesce(t.to_on, '9999-12-31')::date
union all select 'product', product_id, fact, breakdown, account_id, day, units from flow where product_id is not null;

create table history as
select fact, date_trunc('month', min(min(day)) over (partition by source))::date as start from (
    select fact, day, case when fact in ('net_sales', 'cost', 'sales_with_cost', 'quantity', 'rows') then 'sales'
        when fact like 'forecast_%' then 'forecasts' when fact like 'settled%' then 'settlements'
        when fact in ('promoters', 'detractors', 'recommended') then 'survey_answers' when fact like 'touch_%' then 'touchpoints'
        when fact in ('orders_perfect', 'orders_judged', 'orders_marked') then 'perfect' when fact like 'orders_%' then 'orders' when fact like 'lines_%' then 'lines'
        when fact in ('answers', 'satisfied') then 'surveys' when fact like 'c%' then 'clocks' else fact end as source
    from flow
) group by fact, source
union all select 'receivables', date_trunc('month', min(issued))::date from invoice
union all select distinct fact, date '1900-01-01' from level where fact <> 'receivables';

create table someone as
select distinct kind, id from subject union select 'manager', manager_id from managers
union select 'team', team_id from managers union select 'product', product_id from products;

create macro over_windows() as table
select w.*, s.kind, s.id, b.fact, b.breakdown,
    case when b.fact in (select fact from level) then (case when w.until_on > h.start then 0 end)
        when w.from_on >= h.start then 0 end as empty
from windows w cross join someone s
cross join (select distinct fact, breakdown from whose) b join history h using (fact);

create table sums as
select * exclude (units, empty), (empty + coalesce(units, 0))::bigint as units from (
select g.*, sum(w.units) as units
from over_windows() g left join whose w on w.kind = g.kind and w.id = g.id and w.fact = g.fact and w.breakdown = g.breakdown
    and case when g.fact in (select fact from level) then w.day = g.until_on else w.day >= g.from_on and w.day < g.until_on end
group by all);
"""

OWNING = """
create table owning as
with serving as (
    select account_id, manager_id, (coalesce(share_pct, '1')::decimal(18, 4) * 10000)::bigint as weight,
        from_on::date as from_on, coalesce(to_on, '9999-12-31')::date as to_on
    from assignments where role = 'owner'
), span as (
    select distinct "window", from_on, until_on from windows
), owner as (
    select w."window", w.until_on, w.from_on, a.account_id, coalesce(s.manager_id, a.owner_id) as manager_id,
        coalesce(s.weight, 1) / (sum(coalesce(s.weight, 1)) over (partition by w."window", w.until_on, a.account_id))::double as share
    from span w cross join accounts a
    left join serving s on s.account_id = a.account_id and s.from_on <= w.from_on and w.from_on < s.to_on
)
select "window", until_on, 'manager' as kind, manager_id as id, account_id, share from owner where manager_id is not null
union all select o."window", o.until_on, 'team', coalesce(t.team_id, m.team_id), o.account_id, o.share
    from owner o join managers m using (manager_id) left join team_members t on t.manager_id = o.manager_id
        and t.from_on::date <= o.from_on and o.from_on < coalesce(t.to_on, '9999-12-31')::date
union all select "window", until_on, s.kind, s.id, s.account_id, 1.0 from span cross join subject s;
"""
"""Whose an account is for a whole window: all of it by its attributes, a share by its owners on the first day."""

EVERYONE = ("account", "customer", "manager", "team", "region", "industry", "portfolio")


@cache
def totalled() -> duckdb.DuckDBPyConnection:
    """The connection that tests share; who adds tables of his own takes `added_up`."""
    return added_up()


def added_up() -> duckdb.DuckDBPyConnection:
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
    for script in (TABLES, FURTHER, SUMS, OWNING):
        found.execute(script)
    return found


def of(readings: pd.DataFrame, metric: str, *, currency: str | None = None) -> pd.DataFrame:
    """The readings of a metric that is told in the reporting currency, or in no currency at all."""
    rows = readings[(readings["metric"] == metric) & readings["currency"].isin([currency or "CNY", ""])]
    return rows.assign(until_on=pd.to_datetime(rows["until_on"]))


def agree(
    readings: pd.DataFrame,
    expected: pd.DataFrame,
    kinds: tuple[str, ...],
    *,
    column: str = "value",
    within: float = 1e-9,
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
    same = (theirs.isna() & ours.isna()) | np.isclose(theirs, ours, rtol=1e-9, atol=within)
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
            case when u.units > 0 then (o.units - coalesce(m.units, 0)) / u.units::double end as value, u.units / 1e4 as n
        from sums o join sums u using ("window", until_on, kind, id, breakdown)
        left join sums m on m.fact = '{minus}' and m."window" = o."window" and m.until_on = o.until_on and m.kind = o.kind
            and m.id = o.id and m.breakdown = o.breakdown
        where o.fact = '{over}' and u.fact = '{under}'"""
    ).df()
