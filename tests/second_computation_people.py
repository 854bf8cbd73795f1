"""People, roles, touchpoints, first deliveries, claims and the age of sources a second time, as SQL on accepted rows.

The tables are those that a run kept (`tables/`, less what is in quarantine), so that any company can be computed again;
that they are what the exports say is proved by the second computations that read the exports themselves. Whether a
window is kept is found by another algorithm: a maximum matching of scipy instead of the engine's exchanges.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from pipeline.gate import quality
from pipeline.resources import built_in
from pipeline.schema import TABLES
from tests.tables import frame

WINDOWS = {"month": "2026-09-01", "quarter": "2026-07-01", "ytd": "2026-01-01", "t12m": "2025-10-01"}
KINDS = ("account", "customer", "region", "industry", "portfolio")

VIEWS = """
create macro local(moment) as moment at time zone 'Asia/Shanghai';
create view rate as select rate_on::date as on_day, currency, rate::hugeint as rate from fx where to_currency = 'CNY'
union all select date '1900-01-01', 'CNY', 100000000;
create view customer as
with recursive above(account_id, top) as (
    select account_id, account_id from accounts where parent_id is null
    union all select child.account_id, above.top from accounts child join above on child.parent_id = above.account_id
) select account_id, top as customer_id from above;
create view subject as
select 'account' as kind, account_id as id, account_id from accounts
union all select 'customer', customer_id, account_id from customer
union all select 'portfolio', 'all', account_id from accounts
union all select 'region', region, account_id from accounts where region is not null
union all select 'industry', industry, account_id from accounts where industry is not null;

create view sale as
select c.customer_id, o.account_id, o.ordered_on::date as day from order_lines l join orders o using (order_id)
join customer c on c.account_id = o.account_id
where l.net_amount > 0 and coalesce(o.status, '') not in ('cancelled', 'canceled') and o.ordered_on < date '2026-10-01';
create view relation as
select customer_id, coalesce(min(signed_on::date), any_value(first)) as since
from accounts join customer using (account_id)
left join (select customer_id, min(day) as first from sale group by all) using (customer_id)
group by all having since is not null and since < date '2026-10-01';

create view change as
select 'client' as side, account_id, left_at as changed, handed_over_at as handed from contacts where left_at is not null
union all
select distinct 'ours', over.account_id, over.to_on::timestamp at time zone 'Asia/Shanghai', over.handed_over_at
from assignments over join assignments next on next.account_id = over.account_id
    and coalesce(next.role, 'owner') = 'owner' and next.from_on <= over.to_on
    and (next.to_on is null or next.to_on > over.to_on) and next.manager_id <> over.manager_id
where coalesce(over.role, 'owner') = 'owner' and over.to_on is not null and not exists (
    from assignments same where same.account_id = over.account_id and same.manager_id = over.manager_id
        and coalesce(same.role, 'owner') = 'owner' and same.from_on <= over.to_on
        and (same.to_on is null or same.to_on > over.to_on));
create view handed as
select side, account_id, local(changed)::date as day,
    coalesce(handed < over, false) or changed + interval 24 hour < over as is_due,
    coalesce(handed < over and handed <= changed + interval 24 hour, false) as is_met
from change cross join (select timestamptz '2026-10-01 00:00:00+08' as over) where changed < over;

create view newcomer as
select account_id, active_from_on::date as day, case when visited_on < date '2026-10-01' then visited_on::date end as visited
from (select *, min(active_from_on) over (partition by account_id) as first from contacts)
where active_from_on > first and active_from_on < date '2026-10-01';

create view first_order as
with line as (
    select o.order_id, o.account_id, o.ordered_on, l.line_no, o.first_promised_on as own_due,
        coalesce(l.first_promised_on, o.first_promised_on) as due, coalesce(l.delivered_on, o.delivered_on) as came
    from orders o join order_lines l using (order_id)
    where coalesce(o.status, '') not in ('cancelled', 'canceled') and l.quantity >= 0
), whole as (
    select order_id, account_id, any_value(ordered_on)::date as ordered, coalesce(any_value(own_due), arg_min(due, line_no))::date as due,
        case when bool_and(coalesce(came < date '2026-10-01', false)) then max(came)::date end as came
    from line where due is not null group by all
), began as (select min(due) as began from whole)
select w.*, customer_id from whole w join customer using (account_id) join relation r using (customer_id) cross join began
where w.ordered >= r.since and r.since >= began
qualify row_number() over (partition by customer_id order by ordered, order_id) = 1;
"""

ROWS = """
create table person_row (fact varchar, breakdown varchar, account_id varchar, day date, units double);
insert into person_row
select fact, unnest(['', 'side=' || side]), account_id, day, case fact when 'handed_due' then is_due else is_due and is_met end::int
from handed cross join (values ('handed_due'), ('handed_met')) as facts(fact);
insert into person_row
select fact, '', account_id, day, case fact when 'met_due' then visited is not null or day + 30 < date '2026-10-01'
    else coalesce(visited <= day + 30, false) end::int
from newcomer cross join (values ('met_due'), ('met_met')) as facts(fact);
insert into person_row
select fact, '', account_id, due, case fact when 'first_due' then 1 when 'first_on_time' then coalesce(came <= due, false)::int
    else coalesce(came < due, false)::int end
from first_order cross join (values ('first_due'), ('first_on_time'), ('first_early')) as facts(fact) where due < date '2026-10-01';
insert into person_row
select fact, 'scale=' || (scale_max / 10000)::int, account_id, answered_on::date,
    case fact when 'other_answers' then true else score * 5 >= scale_max * 4 end::int
from surveys cross join (values ('other_answers'), ('other_satisfied')) as facts(fact)
where kind = 'csat' and score is not null and scale_max is not null and scale_max <> 50000 and answered_on < date '2026-10-01';
insert into person_row
select 'unapplied', '', account_id, date '2026-09-30', round(amount * rate / 1e8) / 1e4
from (select *, date '2026-09-30' as priced_on from payments
    where invoice_id is null and paid_on < date '2026-10-01') p
asof join rate r on r.currency = p.currency and p.priced_on >= r.on_day;
"""

CLAIMS = """
with claim as (
    select c.customer_id, o.outcome_id, coalesce(o.currency, a.currency, 'CNY') as currency, o.benefit_key, coalesce(o.current_on, o.confirmed_on)::date as day,
        list_position(['measured', 'confirmed', 'modelled', 'estimated'], o.confidence) as rank,
        round(o.money_amount::hugeint * o.attribution_pct / 1e4) as amount,
        row_number() over (partition by c.customer_id order by o.outcome_id) as number
    from outcomes o join customer c using (account_id) join accounts a using (account_id)
), valid as (
    select * from claim where rank is not null and day < date '2026-10-01' and day + interval 12 month >= date '2026-10-01'
    qualify row_number() over (
        partition by customer_id, coalesce(benefit_key, '~' || outcome_id) order by rank, day desc, outcome_id) = 1
)
select customer_id as id, 'goal=' || number as breakdown, round(amount * rate / 1e8) / 1e4 as value
from (select *, date '2026-09-30' as priced_on from valid where amount is not null) v
asof join rate r on r.currency = v.currency and v.priced_on >= r.on_day
"""

STANDINGS = """
create table month_end as select m::date as day from unnest(generate_series(date '2024-12-01', date '2026-10-01', interval 1 month)) as months(m);
create table lifecycle_stage as
select customer_id, day, case
    when since <= day - interval 1 day - interval 12 month and not exists (from sale s where s.customer_id = r.customer_id
        and s.day < m.day and s.day >= m.day - interval 12 month) then 'lapsed'
    when since >= day - interval 1 day - interval 3 month then 'initial'
    when since >= day - interval 1 day - interval 12 month then 'stable'
    when since >= day - interval 1 day - interval 36 month then 'deep' else 'symbiosis' end as text
from relation r join month_end m on r.since < m.day;
create table revenue_band as
with paid as (
    select c.customer_id, o.ordered_on::date as day, round(l.net_amount * r.rate / 1e8) / 1e4 as amount
    from order_lines l join orders o using (order_id) join customer c on c.account_id = o.account_id
    join accounts a on a.account_id = o.account_id asof join rate r on r.currency = coalesce(l.currency, o.currency, a.currency, 'CNY') and o.ordered_on >= r.on_day
    where coalesce(o.status, '') not in ('cancelled', 'canceled')
), yearly as (
    select r.customer_id, m.day, coalesce(sum(p.amount), 0) as sales from relation r cross join month_end m
    left join paid p on p.customer_id = r.customer_id and p.day < m.day and p.day >= m.day - interval 12 month group by all
)
select customer_id, day, case when sales >= 5e6 then 'strategic' when sales >= 1e6 then 'key'
    when sales >= 5e5 then 'base' else 'below' end as text from yearly;
"""

POSITIONS = """
with latest as (
    select industry, coalesce(region, '') as region, max(year) as year from market
    where year <= 2026 and market_amount is not null group by all
), position as (
    select m.industry, coalesce(m.region, '') as region, 2026 - m.year as age,
        case when our_rank is not null and rivals_count >= 0 and our_rank <= rivals_count + 1
            then round((1 - our_rank / (rivals_count + 2.0)) * 2 / (rivals_count + 1.0), 4) end as share
    from market m join latest l on l.industry = m.industry and l.region = coalesce(m.region, '') and l.year = m.year
), best as (
    select a.account_id, p.* from accounts a join position p using (industry)
    qualify row_number() over (partition by a.account_id
        order by (share is not null) desc, coalesce(a.region = p.region, false) desc, p.region) = 1
)
select account_id as id, case when coalesce(a.potential_amount, 0) <= 0 then share end as share, age
from best join accounts a using (account_id) where share is not null
"""

AGES = """
select industry as id, 2026 - year as age from (select industry, coalesce(region, ''), max(year) as year from market
    where year <= 2026 and market_amount is not null group by all)
"""


class Said:
    """A run's accepted tables in DuckDB, and what the run says of them at the end of September 2026."""

    def __init__(self, run: Path, readings: pd.DataFrame) -> None:
        self.run = run
        self.sql = duckdb.connect()
        self.sql.execute("set timezone = 'Asia/Shanghai'")
        for name in TABLES:
            there = (run / "tables" / f"{name}.parquet").is_file()
            self.sql.register(name, quality.accepted(run, name) if there else frame(name, []))
        self.sql.execute(VIEWS)
        self.sql.execute(ROWS)
        ends = pd.to_datetime(readings["until_on"]) == "2026-10-01"
        own = readings["currency"].isin(["CNY", ""])
        self.readings = readings[ends & own & (readings["subject_id"] != "~")]
        self.trend = readings[own]
        self.sql.execute(STANDINGS)
        self.sql.register("customer_class", self.classes())

    def asked(self, query: str) -> pd.DataFrame:
        found: pd.DataFrame = self.sql.execute(query).df()
        return found

    def told(self, metric: str, *kinds: str, windows: tuple[str, ...] = tuple(WINDOWS)) -> pd.DataFrame:
        """What is told of a metric, by window, subject and breakdown."""
        rows = self.readings[self.readings["metric"] == metric]
        rows = rows[rows["subject_kind"].isin(kinds or KINDS) & rows["window"].isin(windows)]
        return rows.set_index(["window", "subject_kind", "subject_id", "breakdown"]).sort_index()

    def sums(self, fact: str) -> pd.Series:
        """What falls in each window, by subject and breakdown."""
        spans = ", ".join(f"('{name}', date '{day}')" for name, day in WINDOWS.items())
        found = self.asked(
            f"""select "window", kind as subject_kind, id as subject_id, breakdown, sum(units) as units
            from person_row join subject using (account_id) cross join (values {spans}) as w("window", from_on)
            where fact = '{fact}' and day >= from_on and day < date '2026-10-01' group by all"""
        )
        return found.set_index(["window", "subject_kind", "subject_id", "breakdown"])["units"].astype(float)

    def classes(self) -> pd.DataFrame:
        """The class that each customer had from the end of each month on, which has a replay of its own."""
        rows = self.trend[
            (self.trend["metric"] == "customer_class") & (self.trend["subject_kind"] == "customer")
        ]
        rows = rows.assign(day=pd.to_datetime(rows["until_on"]))
        return rows[["subject_id", "day", "text"]].rename(columns={"subject_id": "customer_id"})


##### What the service plan promises ###################################################################################

DUE = """
with calendar as (
    select 'month' as per, m::date as from_on, (m + interval 1 month)::date as until_on
    from unnest(generate_series(date '2025-01-01', date '2026-09-01', interval 1 month)) as months(m)
    union all select 'quarter', m::date, (m + interval 3 month)::date
    from unnest(generate_series(date '2025-01-01', date '2026-07-01', interval 3 month)) as months(m)
    union all select 'half', m::date, (m + interval 6 month)::date
    from unnest(generate_series(date '2025-01-01', date '2026-07-01', interval 6 month)) as months(m)
    union all select 'year', m::date, (m + interval 1 year)::date
    from unnest(generate_series(date '2025-01-01', date '2026-01-01', interval 1 year)) as months(m)
), aged as (
    select l.*, r.customer_id, (r.since + to_months(age_from))::date as begins, (r.since + to_months(age_until))::date as ends
    from line l cross join relation r
), spanned as (
    select a.*, c.from_on, c.until_on from aged a join calendar c on c.per = a.per
    union all select a.*, begins, ends from aged a where per = 'once'
    union all select a.*, d::date, (d + to_days(if(a.per = 'week', 7, 14)))::date from aged a,
        unnest(generate_series(begins, least(ends, date '2026-10-01') - interval 1 day, to_days(if(a.per = 'week', 7, 14)))) as starts(d)
    where a.per in ('week', 'two_weeks')
), placed as (
    select s.*, c.text as class, b.text as band, t.text as stage from spanned s
    asof left join customer_class c on c.customer_id = s.customer_id and c.day <= s.from_on
    asof left join revenue_band b on b.customer_id = s.customer_id and b.day <= s.from_on
    asof left join lifecycle_stage t on t.customer_id = s.customer_id and t.day <= s.from_on
)
select row_number() over (order by customer_id, name, from_on) - 1 as place, *
from placed where from_on >= greatest(begins, date '2025-01-01', date '{began}') and from_on < date '2026-10-01'
    and (ends is null or until_on <= ends) and coalesce(stage, '') <> 'lapsed'
    and (len(classes) = 0 or list_contains(classes, class)) and (len(bands) = 0 or list_contains(bands, band))
    and (len(stages) = 0 or list_contains(stages, stage))
"""
HELD = """
select row_number() over (order by customer_id, held_on, activity_id) - 1 as at, customer_id, held_on::date as day, kind,
    coalesce(is_face_to_face, false) as is_met, manager_id is not null and contact_id is not null as is_joint
from activities join customer using (account_id)
where coalesce(status, '') not in ('planned', 'cancelled') and held_on < date '2026-10-01'
"""
GIVEN = """
select row_number() over (order by customer_id, day, kind) - 1 as at, *, false as is_met, false as is_joint from (
    select c.customer_id, kind, given_on::date as day from benefits join customer c using (account_id) where given_on < date '2026-10-01'
    union all
    select c.customer_id, kind, held_on::date from (select distinct account_id, kind, held_on from activities
        where kind in ('training', 'introduction') and coalesce(status, '') not in ('planned', 'cancelled')
        and held_on < date '2026-10-01') a join customer c using (account_id)
    where not exists (from benefits b where b.account_id = a.account_id and b.kind = a.kind and b.given_on = a.held_on)
)
"""


def due_windows(said: Said, rule: str, began: str) -> pd.DataFrame:
    """Each window in which a line of the built-in plan (`plan`, `enablement`) is due to a customer, from 2025 on."""
    text = (built_in("data", "policy") / "service_plan.toml").read_text(encoding="utf-8")
    lines = [_line(each) for each in tomllib.loads(text)[rule]]
    said.sql.register("line", pd.DataFrame(lines).astype({"age_until": "Int64"}))
    return said.asked(DUE.format(began=began))


def _line(rule: dict[str, Any]) -> dict[str, Any]:
    assert rule.get("count", 1) == 1
    return {
        "name": rule["name"],
        "per": rule["per"],
        **{name: rule.get(name, []) for name in ("classes", "bands", "stages", "kinds")},
        "is_met": rule.get("face_to_face", False),
        "is_joint": rule.get("both_sides", False),
        "grace": rule.get("grace_days", 0),
        "age_from": rule.get("age_from_months", 0),
        "age_until": rule.get("age_until_months"),
    }


def kept_by_matching(due: pd.DataFrame, held: pd.DataFrame) -> tuple[int, int]:
    """How many windows can be kept at once, and how many kept or made up within their days of grace."""
    days = held["day"].to_numpy()
    inside, later = [], []
    for window in due.itertuples():
        suits = (held["customer_id"] == window.customer_id).to_numpy() & (days >= window.from_on)
        if len(window.kinds):
            suits &= held["kind"].isin(list(window.kinds)).to_numpy()
        suits &= held["is_met"].to_numpy() | (not window.is_met)
        suits &= held["is_joint"].to_numpy() | (not window.is_joint)
        inside.append(suits & (days < window.until_on))
        over = window.until_on <= pd.Timestamp("2026-10-01")
        later.append(suits & (days < window.until_on + pd.Timedelta(days=window.grace * over)))
    counts = [_most(np.array(each)) for each in (inside, later)]
    return counts[0], counts[1]


def _most(fits: np.ndarray[Any, Any]) -> int:
    return (
        int((maximum_bipartite_matching(csr_matrix(fits), perm_type="column") >= 0).sum()) if fits.size else 0
    )
