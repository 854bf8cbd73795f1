"""A million order lines: the sums of the sales facts beside DuckDB's, for a person to read; no test asks for a time.

    python -m tests.benchmarks.facts [FOLDER]     FOLDER keeps the company; without it it is made and thrown away

5 000 accounts over 36 months, of which the month is computed first. Then both read the same rows of sales and add up
the same facts: sales, sales with known cost, cost, rows and quantities by unit, in the reporting currency at the rate of
the day, by account, by manager (who served the account on the day, by share) and by product, for each month. Each part runs
three times in a process of its own, alternating: the median of the processor's seconds, and the most memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline.context import Context

ACCOUNTS, LINES, MONTHS, REPEATS = 5_000, 1_000_000, 36, 3
FACTS = frozenset({"net_sales", "sales_with_cost", "cost_of_sales", "sales_rows", "quantity_sold"})
TODAY = date(2026, 10, 7)


##### The company ######################################################################################################


def make_workspace(folder: Path) -> None:
    """The demo company at the size of the comparison."""
    from pipeline.demo import write_demo

    write_demo(folder, accounts=ACCOUNTS, lines=LINES, months=MONTHS, until=TODAY)


def context(folder: Path) -> Context:
    from pipeline.run import context_of

    return context_of(
        workspace=folder,
        output=folder / "out",
        exports=None,
        period="2026-09",
        as_of=None,
        today=TODAY,
        fonts=folder,
        jobs=1,
        quiet=True,
    )


def compute_month(folder: Path) -> None:
    """The stages up to compute: their tables are what both sides read."""
    from pipeline import compute, ingest, validate

    made = context(folder)
    for stage in (ingest.ingest, validate.validate, compute.compute):
        stage(made)


##### Ours #############################################################################################################


def ours(folder: Path) -> Callable[[], int]:
    """The engine's sums over all parts, put together; Σ net sales in ten-thousandths."""
    import pandas as pd

    from pipeline import compute
    from pipeline.engine.evaluate import WHOLE
    from pipeline.engine.parts import (
        REPORTING,
        batches,
        combined,
        edges_of,
        fact_path,
        first_days,
        part_sums,
        reference,
        setting_of,
    )

    made = context(folder)
    job = compute.job_of(made, made.run / "facts")
    shared = reference(job.run, job.tables, job.settings, job.policy, job.until_on)
    parts = batches(job)

    def rows(batch: range) -> dict[str, Any]:
        return {"sales": pd.read_parquet(fact_path(job.facts_folder, "sales", batch))}

    starts = first_days(rows(parts[0]))
    edges = edges_of({"sales": min(first_days(rows(part))["sales"] for part in parts)}, job.until_on)
    setting = setting_of(shared, job.settings, edges)

    def act() -> int:
        sums = combined([part_sums(rows(part), setting, FACTS) for part in parts], starts)
        return int(sums[REPORTING].cubes["net_sales", WHOLE].values[:, -1].sum())

    return act


##### DuckDB ###########################################################################################################

_LINES = """
create temp table lines as
with rated as (
  select s.account_id, s.product_id, s.unit, s.sold_on, s.manager_id, date_trunc('month', s.sold_on) as month,
         case when s.currency = '{currency}' then cast(net_amount as hugeint)
              else cast(round(net_amount * r.rate) as hugeint) end as net,
         case when s.currency = '{currency}' then cast(cost_amount as hugeint)
              else cast(round(cost_amount * r.rate) as hugeint) end as cost,
         quantity
  from read_parquet('{sales}') s
  asof left join (select currency, rate_on, rate / {rate_scale} as rate from read_parquet('{fx}')
                  where to_currency = '{currency}') r
    on s.currency = r.currency and s.sold_on >= r.rate_on
  where s.sold_on < date '{until}'
)
select r.*, coalesce(a.manager_id, r.manager_id, c.owner_id) as owner_id, coalesce(a.share_pct, 10000) as share
from rated r
left join read_parquet('{assignments}') a
  on a.account_id = r.account_id and coalesce(a.role, 'owner') = 'owner'
  and coalesce(a.from_on, date '1900-01-01') <= r.sold_on and coalesce(a.to_on, date '2999-01-01') > r.sold_on
left join read_parquet('{accounts}') c on c.account_id = r.account_id
"""
_MEASURES = """
 sum(net * share / 10000) as net_sales, sum(case when cost is not null then net * share / 10000 else 0 end) as sales_with_cost,
 sum(coalesce(cost, 0) * share / 10000) as cost_of_sales, sum(case when net > 0 then share / 10000 else 0 end) as sales_rows
"""
_QUERIES = tuple(
    f"create or replace temp table by_{name} as select {', '.join(keys)}, {measures} from lines group by {', '.join(keys)}"
    for name, keys, measures in (
        ("account", ("account_id", "month"), _MEASURES),
        ("manager", ("owner_id", "month"), _MEASURES),
        ("product", ("product_id", "month"), _MEASURES),
        ("account_unit", ("account_id", "unit", "month"), "sum(quantity * share / 10000) as quantity_sold"),
        ("manager_unit", ("owner_id", "unit", "month"), "sum(quantity * share / 10000) as quantity_sold"),
        ("product_unit", ("product_id", "unit", "month"), "sum(quantity * share / 10000) as quantity_sold"),
        ("account_sales_unit", ("account_id", "unit", "month"), "sum(net * share / 10000) as net_sales"),
        ("manager_sales_unit", ("owner_id", "unit", "month"), "sum(net * share / 10000) as net_sales"),
    )
)


def duck(folder: Path) -> Callable[[], int]:
    """The same sums by SQL, on one thread, as ours are; Σ net sales in ten-thousandths."""
    import duckdb

    from pipeline.schema import RATE_SCALE

    made = context(folder)
    tables = made.run / "tables"
    paths = {name: tables / f"{name}.parquet" for name in ("fx", "assignments", "accounts")}
    sales = made.run / "facts" / "sales.parquet" / "*.parquet"
    values = {
        **paths,
        "sales": sales,
        "rate_scale": float(RATE_SCALE),
        "currency": made.settings.company.currency,
        "until": made.period.until_on,
    }

    def act() -> int:
        with duckdb.connect(config={"threads": 1}) as database:
            database.execute(_LINES.format(**values))
            for query in _QUERIES:
                database.execute(query)
            total = database.execute("select sum(net_sales) from by_account").fetchone()
        assert total is not None
        return round(total[0])

    return act


##### Measuring ########################################################################################################

PARTS: dict[str, Callable[[Path], Callable[[], int]]] = {"duckdb": duck, "ours": ours}


def measure(part: str, folder: Path) -> None:
    """Print the seconds of the processor, the most memory in MB, and the total."""
    act = PARTS[part](folder)
    before = _seconds()
    total = act()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"{_seconds() - before} {memory} {total}")


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def compare(folder: Path) -> None:
    """Make the company where it is not there, measure both by turns and print the ratio."""
    if not (folder / "out").exists():
        _apart("exports", folder)
        _apart("compute", folder)
    turns = [(part, _apart(part, folder).split()) for _ in range(REPEATS) for part in PARTS]
    seconds = {}
    for part in PARTS:
        runs = [[float(each) for each in said[-3:]] for name, said in turns if name == part]
        seconds[part] = median(run[0] for run in runs)
        memory = median(run[1] for run in runs)
        click.echo(f"{part:6} {seconds[part]:6.2f} s {memory:6.0f} MB   {runs[0][2] / 10_000:,.2f} sold")
    click.echo(f"ours / duckdb: {seconds['ours'] / seconds['duckdb']:.2f}")


def _apart(part: str, folder: Path) -> str:
    """What a process of its own prints."""
    command = [sys.executable, "-m", "tests.benchmarks.facts", str(folder), part]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    if sys.argv[2:] == ["exports"]:
        make_workspace(Path(sys.argv[1]))
    elif sys.argv[2:] == ["compute"]:
        compute_month(Path(sys.argv[1]))
    elif len(sys.argv) > 2:
        measure(sys.argv[2], Path(sys.argv[1]))
    elif len(sys.argv) > 1:
        compare(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            compare(Path(made) / "company")
