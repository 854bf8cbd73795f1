"""RFM, lifetime value, effort against value and whitespace a second time, as SQL on the demo's exports.

The policy's figures are written out here once more; the demo has few customers, so fixed breaks and scenarios count.
"""

from __future__ import annotations

import duckdb

from tests.demos import DEMO
from tests.second_computation import added_up

VIEWS = """
create view span as select 't12m' as "window", date '2025-10-01' as from_on, date '2026-10-01' as until_on
union all select 'quarter', date '2026-07-01', date '2026-10-01';

create table sale as
select c.customer_id, s.account_id, s.product_id, s.day, s.row_id, s.net > 0 as is_sale, round(s.net * r.rate, 4) as net,
    case when s.cost is not null then round(s.net * r.rate, 4) - round(s.cost * r.rate, 4) else 0 end as profit
from sold s join customer c using (account_id) asof join rate r on r.currency = s.currency and s.day >= r.on_day
where s.day < date '2026-10-01';

create table effort as
select c.customer_id, e.day, e.hours, round(e.cost * r.rate, 4) as cost from (
    select account_id, month_on::date as day, hours::decimal(18, 4) as hours, coalesce(currency, 'CNY') as currency,
        round(hours::decimal(18, 4) * rate_amount::decimal(18, 4), 4)::decimal(18, 4) as cost from cost_to_serve
) e join customer c using (account_id) asof join rate r on r.currency = e.currency and e.day >= r.on_day
where e.day < date '2026-10-01';

create table customer_year as
with everyone as (select distinct customer_id, "window", from_on, until_on from customer cross join span),
sold_in as (
    select customer_id, "window", sum(net) as net, sum(profit) as profit, bool_or(is_sale) as has_sale,
        count(distinct account_id || day) filter (is_sale) as orders
    from everyone join sale using (customer_id) where day >= from_on and day < until_on group by all
), spent as (
    select customer_id, "window", sum(hours) as hours, sum(cost) as cost
    from everyone join effort using (customer_id) where day >= from_on and day < until_on group by all
), latest as (
    select customer_id, datediff('day', max(day), date '2026-09-30') as recency from sale where is_sale group by all
)
select e.customer_id, e."window", e.until_on, coalesce(net, 0) as net, coalesce(profit, 0) as profit,
    coalesce(has_sale, false) as has_sale, coalesce(orders, 0) as orders, coalesce(hours, 0) as hours,
    coalesce(cost, 0) as cost, recency, coalesce(profit, 0) - coalesce(cost, 0) as contribution
from everyone e left join sold_in using (customer_id, "window") left join spent using (customer_id, "window")
left join latest using (customer_id);

create table score as
select customer_id, recency, orders, net,
    1 + (recency <= 180)::int + (recency <= 90)::int + (recency <= 45)::int + (recency <= 20)::int as r,
    1 + (orders >= 2)::int + (orders >= 6)::int + (orders >= 12)::int + (orders >= 24)::int as f,
    1 + (net >= 1e5)::int + (net >= 5e5)::int + (net >= 1e6)::int + (net >= 5e6)::int as m
from customer_year where "window" = 't12m' and recency is not null;

create table purchase as
select customer_id, product_id, sum(net) as amount, bool_or(is_sale) as has_bought
from sale where day >= date '2025-10-01' and product_id is not null group by all;
create table buyer as
select s.customer_id, a.industry, case when net >= 5e6 then 'strategic' when net >= 1e6 then 'key'
    when net >= 5e5 then 'base' else 'below' end as band
from customer_year s join account_industry a on a.account_id = s.customer_id where "window" = 't12m' and has_sale;
"""


def portfolio(industries: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """The exports by customer, product and window; industries come from the roster, as they are spelt in several systems."""
    found = added_up()
    path = DEMO / "exports" / "cost_to_serve.csv"
    found.execute(f"create table cost_to_serve as select * from read_csv('{path}', all_varchar = true)")
    found.execute("create table account_industry (account_id varchar, industry varchar)")
    found.executemany("insert into account_industry values (?, ?)", list(industries.items()))
    found.execute(VIEWS)
    return found
