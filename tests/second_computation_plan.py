"""Figures of the service plan and of the proof of value a second time, as SQL on the demo's exports.

Each query gives `subject` (an account or a customer), `breakdown` and `value` for a window that ends with September 2026.
"""

from __future__ import annotations

from functools import cache

import duckdb
import pandas as pd

from tests.demos import DEMO
from tests.second_computation import TRUTH, added_up

WINDOWS = {"month": "2026-09-01", "quarter": "2026-07-01", "ytd": "2026-01-01", "t12m": "2025-10-01"}
KEYS = {
    "needs": "need_id",
    "benefits": "benefit_id",
    "projects": "project_id",
    "usage": "''",
    "contacts": "contact_id",
}

VIEWS = """
create or replace view covering as
select contract_id, account_id, currency, annual_amount::decimal(20, 4) as annual, starts_on::date as first,
    coalesce(ends_on::date + 1, date '2200-01-01') as until_on, revenue_share_pct::decimal(18, 4) as share
from contracts where lower(coalesce(status, '')) not in ('draft', 'cancelled', 'withdrawn', 'dropped', 'rejected');

create or replace view bestowed as
select account_id, kind, given_on::date as day, worth_amount::decimal(20, 4) as worth, coalesce(currency, 'CNY') as currency
from benefits where given_on::date < date '2026-10-01'
union all
select distinct account_id, kind, held_on::date, null::decimal(20, 4), 'CNY' from activities a
where kind in ('training', 'introduction') and status not in ('planned', 'cancelled') and held_on::date < date '2026-10-01'
    and not exists (from benefits b where b.account_id = a.account_id and b.kind = a.kind and b.given_on = a.held_on);

create or replace view known_use as
select account_id, product_id, measure, month_on::date as month, quantity::double as quantity, seats::double as seats,
    active_seats::double as active from usage where month_on::date < date '2026-10-01';
"""

USE = """
with series as (
    select account_id, product_id, measure, min(month) as since from known_use group by all
), every as (
    select account_id, product_id, measure, m::date as month
    from series, unnest(generate_series(since, date '2026-09-01', interval 1 month)) as months(m)
), filled as (
    select e.*, k.quantity, k.seats, k.active from every e left join known_use k using (account_id, product_id, measure, month)
), past as (
    select f.account_id, f.product_id, f.measure, f.month, p.quantity as before, month(p.month) as season
    from filled f join known_use p using (account_id, product_id, measure)
    where p.month < f.month and p.month >= f.month - interval 36 month
), level as (
    select account_id, product_id, measure, month, median(before) as level, count(*) as known,
        min(each) as fewest, count(distinct season) as seasons
    from (select *, count(*) over (partition by account_id, product_id, measure, month, season) as each from past)
    group by all
), effect as (
    select account_id, product_id, measure, past.month, season, median(before) / any_value(level) as effect
    from past join level using (account_id, product_id, measure, month) group by all
), lifted as (
    select p.account_id, p.product_id, p.measure, p.month, median(p.before / e.effect) as plain
    from past p join effect e using (account_id, product_id, measure, month, season) group by all
), usual as (
    select l.account_id, l.product_id, l.measure, l.month,
        case when l.known < 6 then null when l.seasons = 12 and l.fewest >= 2 then lifted.plain * e.effect else l.level end as usual
    from level l join lifted using (account_id, product_id, measure, month)
    left join effect e on e.account_id = l.account_id and e.product_id = l.product_id and e.measure = l.measure
        and e.month = l.month and e.season = month(l.month)
)
select f.*, u.usual from filled f left join usual u using (account_id, product_id, measure, month)
"""


@cache
def loaded() -> duckdb.DuckDBPyConnection:
    """The connection of the first second computation with the further exports that these figures need."""
    found = added_up()
    wrong = {(each["table"], each["id"]) for each in TRUTH["dirt"]}
    for name, key in KEYS.items():
        ids = [identity for table, identity in wrong if table == name] or [""]
        listed = ", ".join(f"'{each}'" for each in ids)
        path = DEMO / "exports" / f"{name}.csv"
        found.execute(
            f"create or replace table {name} as select distinct * from read_csv('{path}', all_varchar = true) "
            f"where {key} not in ({listed}) or {key} = ''"
        )
    found.execute(VIEWS)
    found.execute(f"create or replace table used as {USE}")
    return found


def asked(query: str) -> pd.DataFrame:
    """What a query says, by subject and breakdown."""
    made: pd.DataFrame = loaded().execute(query).df()
    return made
