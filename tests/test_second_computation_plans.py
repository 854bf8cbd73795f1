"""Budgets, competences and the amounts of account plans a second time, in SQL straight on the demo's exports."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest

from tests.demos import DEMO, computed_demo, demo_readings
from tests.second_computation import agree, of, total, totalled, windows

EXPORTS = DEMO / "exports"
JUDGED = ("manager", "team", "portfolio")
_SUBJECTS = """
select 'manager' as kind, id, id as manager_id from (select distinct manager_id as id from managers)
union all select 'portfolio', 'all', manager_id from managers
"""


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    """Exports as they lie there, and every window of the catalogue."""
    found = duckdb.connect()
    for name in ("budgets", "competences", "managers", "team_members"):
        found.execute(
            f"create table {name} as select * from read_csv('{EXPORTS / name}.csv', all_varchar = true)"
        )
    found.execute('create table span ("window" varchar, from_on date, until_on date)')
    found.executemany("insert into span values (?, ?, ?)", windows())
    found.execute(
        f"""create view whose as select w."window", w.from_on, w.until_on, s.* from span w cross join ({_SUBJECTS}) s
        union all select w."window", w.from_on, w.until_on, 'team', m.team_id, m.manager_id from span w join team_members m
        on m.from_on::date < w.until_on and coalesce(m.to_on::date, date '2999-01-01') >= w.until_on"""
    )
    return found


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo_readings(computed_demo(tmp_path_factory))


def budgeted(sql: duckdb.DuckDBPyConnection, kind: str) -> pd.DataFrame:
    """The budget of each subject in each window whose months all have one."""
    return sql.execute(
        f"""with months as (
            select w."window", w.until_on, w.kind, w.id, date_diff('month', w.from_on, w.until_on) as wanted,
                count(distinct b.month_on) as found, sum(b.amount::decimal(18, 2))::double as amount
            from whose w left join budgets b on b.subject_id = w.manager_id and b.kind = '{kind}'
                and b.month_on::date >= w.from_on and b.month_on::date < w.until_on
            group by all)
        select "window", until_on, kind, id, '' as breakdown, case when found = wanted then amount end as value from months"""
    ).df()


def of_this_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Windows of 2026: the demo's only budgets, through which nobody changes team."""
    days = pd.to_datetime(rows["until_on"])
    return rows[(days > "2026-01-01") & (rows["window"] != "t12m")]


@pytest.mark.parametrize("kind", ["sales", "cost", "pay"])
def test_budgets_are_the_same_to_the_cent(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kind: str
) -> None:
    mine = of_this_year(of(readings, f"{kind}_budget"))

    assert agree(mine, budgeted(sql, kind), JUDGED, within=1e-4) >= 32


@pytest.mark.parametrize(("kind", "fact", "used"), [("sales", "net_sales", "sales_budget_attainment"), ("cost", "cost", "cost_budget_used")])  # fmt: skip
def test_what_came_of_budgets_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, kind: str, fact: str, used: str
) -> None:
    key = ["window", "until_on", "kind", "id", "breakdown"]
    both = budgeted(sql, kind).merge(total(totalled(), fact, 1e4), on=key, suffixes=("_planned", ""))
    share = both.assign(value=both["value"] / both["value_planned"])
    variance = both.assign(value=both["value"] - both["value_planned"])

    assert agree(of_this_year(of(readings, used)), share, JUDGED) > 90
    mine = of_this_year(of(readings, f"{kind}_budget_variance"))
    assert agree(mine, variance, JUDGED, within=1e-4) >= 32


_COMPETENCES = """
with latest as (
    select w."window", w.until_on, w.kind, w.id, c.manager_id, c.skill, any_value(c.area) as area,
        arg_max(c.level::int, c.assessed_on::date) as level, arg_max(c.target_level::int, c.assessed_on::date) as target,
        max(c.assessed_on::date) as assessed
    from whose w join competences c on c.manager_id = w.manager_id and c.assessed_on::date < w.until_on
    group by all
), told as (select *, unnest(['', 'area=' || area, 'skill=' || skill]) as breakdown from latest)
select "window", until_on, kind, id, breakdown, {} as value from told group by all
"""


@pytest.mark.parametrize(
    ("metric", "figure"),
    [
        ("competence_level", "avg(level)"),
        ("competence_target", "avg(target)"),
        ("competence_gap", "avg(greatest(target - level, 0))"),
        ("competences_below", "count(*) filter (target > level)"),
        ("assessment_age", "avg(date_diff('day', assessed, until_on) - 1)"),
    ],
)
def test_competences_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, figure: str
) -> None:
    mine = of(readings, metric)
    mine = mine[mine["window"].isin(["month", "quarter", "ytd"]) & mine["value"].notna()]

    assert agree(mine, sql.execute(_COMPETENCES.format(figure)).df(), JUDGED) > 200


def test_amounts_of_account_plans_stand_where_a_second_sum_puts_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Sales of the year so far against the days gone by, account by account."""
    folder = computed_demo(tmp_path_factory).run / "facts" / "objectives.parquet"
    rows = pd.concat(pd.read_parquet(path) for path in sorted(folder.glob("*.parquet")))
    rows = rows[rows["metric"] == "net_sales"].set_index("plan_id")
    plans = pd.read_csv(EXPORTS / "plans.csv").query("metric == 'net_sales'").set_index("plan_id")
    sums = total(totalled(), "net_sales", 1e4)
    so_far = sums[(sums["window"] == "ytd") & (sums["kind"] == "account")].set_index("id")["value"]
    reached = plans["account_id"].map(so_far)
    path = plans["target"] * ((date(2026, 10, 1) - date(2026, 1, 1)).days / 365)
    expected = ["met" if at >= aim else "on_the_way" if at >= by else "behind" for at, aim, by in zip(reached, plans["target"], path, strict=True)]  # fmt: skip

    assert len(rows) == len(plans) > 5
    assert (rows.loc[plans.index, "actual"] / 1e4).tolist() == pytest.approx(reached.tolist())
    assert rows.loc[plans.index, "state"].tolist() == expected
