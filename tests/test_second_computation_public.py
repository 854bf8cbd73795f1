"""Figures of public data sets a second time, in SQL straight on their files: sales, money owed, deliveries, customers.

The data sets are not part of the project; see `tests/example_workspaces.py` for where they may lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.example_workspaces import finished, shared
from tests.runs import readings

pytestmark = pytest.mark.slow
EDGES = "over as (select date '{until}' as over, date '{until}' - interval 1 year as since, date '{until}' - interval 2 year as before)"


@dataclass(frozen=True)
class Export:
    """A data set: the period that is run, the day on which it ends, and SQL that gives (customer, day, amount)."""

    workspace: str
    file: str
    period: str
    until: date
    sale: str
    history: date
    """The first month of which the file has sales."""


BROKER = Export(
    "insurance_broker_ae", "Invoice.csv", "2019-12", date(2020, 1, 1),
    """select Client_Name as customer, try_strptime(invoice_date, '%d-%m-%Y')::date as day, Amount::decimal(18, 4) as amount
    from file where try_strptime(invoice_date, '%d-%m-%Y') is not null""",
    date(2018, 1, 1),
)  # fmt: skip
OWED = Export(
    "ibm_accounts_receivable", "WA_Fn-UseC_-Accounts-Receivable.csv", "2013-11", date(2013, 12, 1),
    "select customerID as customer, strptime(InvoiceDate, '%m/%d/%Y')::date as day, InvoiceAmount::decimal(18, 4) as amount from file",
    date(2012, 1, 1),
)  # fmt: skip
RETAIL = Export(
    "online_retail_2010_11", "online_retail_all_days.csv.gz", "2011-11", date(2011, 12, 1),
    """select regexp_replace(CustomerID, '\\.0$', '') as customer, InvoiceDate[1:10]::date as day,
    (Quantity::decimal(18, 0) * UnitPrice::decimal(18, 4))::decimal(18, 4) as amount from file""",
    date(2010, 12, 1),
)  # fmt: skip
SUPPLY = Export(
    "scms_delivery", "SCMS_Delivery_History_Dataset.csv.gz", "2015-06", date(2015, 7, 1),
    """select Country as customer, least(coalesce(try_strptime("PO Sent to Vendor Date", ['%d-%b-%y', '%m/%d/%y']), planned),
        planned, came)::date as day, "Line Item Value"::decimal(18, 4) as amount
    from (select *, strptime("Scheduled Delivery Date", '%d-%b-%y') as planned,
        strptime("Delivered to Client Date", '%d-%b-%y') as came from file)""",
    date(2006, 1, 1),
)  # fmt: skip
EXPORTS = {each.workspace: each for each in (BROKER, OWED, RETAIL, SUPPLY)}
each_export = pytest.mark.parametrize("name", list(EXPORTS))


@dataclass(frozen=True)
class Told:
    """What the pipeline said of an export, and a connection to the file itself as `file` and `sale`."""

    export: Export
    readings: pd.DataFrame
    sql: duckdb.DuckDBPyConnection

    def values(self, metric: str, kind: str, window: str, breakdown: str = "") -> dict[str, float | None]:
        """What is said of every subject in the window that ends with the period; None where it is not known."""
        table = self.readings
        rows = table[
            (table["metric"] == metric) & (table["subject_kind"] == kind) & (table["window"] == window)
            & (table["breakdown"].fillna("") == breakdown) & (pd.to_datetime(table["until_on"]) == pd.Timestamp(self.export.until))
        ]  # fmt: skip
        rows = rows[rows["subject_id"] != "~"].drop_duplicates("subject_id")
        values = [None if np.isnan(each) else float(each) for each in rows["value"]]
        return dict(zip(rows["subject_id"], values, strict=True))

    def months(self, metric: str, subject: str) -> dict[str, float]:
        """The values of a metric by month of one subject `kind:id`, those that are known."""
        kind, _, identity = subject.partition(":")
        table = self.readings
        rows = table[
            (table["metric"] == metric) & (table["subject_kind"] == kind) & (table["subject_id"] == identity)
            & (table["window"] == "month") & table["value"].notna() & (table["breakdown"].fillna("") == "")
        ].drop_duplicates("period")  # fmt: skip
        return dict(zip(rows["period"], rows["value"].astype(float), strict=True))

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """An answer from the file; `over` is a table of one row: the ends of the twelve months, and of those before."""
        edges = EDGES.format(until=self.export.until.isoformat())
        return self.sql.execute(f"with {edges} {query}").fetchall()

    def one(self, query: str) -> float | None:
        ((value,),) = self.asked(query)
        return None if value is None else float(value)


Reader = Callable[[str], Told]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Runs a data set once."""
    known: dict[str, Told] = {}

    def of(name: str) -> Told:
        if name not in known:
            known[name] = finished_export(EXPORTS[name], tmp_path_factory.mktemp(name))
        return known[name]

    yield of
    for each in known.values():
        each.sql.close()


def finished_export(export: Export, output: Path) -> Told:
    folder = shared(export.workspace)
    found = duckdb.connect()
    found.execute(
        f"create view file as select * from read_csv('{folder / export.file}', all_varchar = true, nullstr = ['', 'N/A'])"
    )
    found.execute(f"create table sale as {export.sale}")
    return Told(export, readings(finished(export.workspace, folder, export.period, output)), found)


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


def cents(values: dict[str, float | None]) -> dict[str, float | None]:
    """Amounts other than zero, to the cent."""
    return {name: None if value is None else round(value, 2) for name, value in values.items() if value}


##### Sales ############################################################################################################


@each_export
def test_sales_by_customer_and_window_are_those_of_the_file(told: Reader, name: str) -> None:
    found = told(name)
    for window, since in (("month", "over - interval 1 month"), ("t12m", "since")):
        if window == "t12m" and found.export.history > found.export.until.replace(
            year=found.export.until.year - 1
        ):
            continue
        expected = found.asked(
            f"select customer, sum(amount)::double from sale, over where customer is not null and day < over and day >= {since}"
            " group by all having sum(amount) <> 0"
        )
        mine = cents(found.values("net_sales", "customer", window))

        if window == "month" or found.values("net_sales", "portfolio", window)["all"] is not None:
            assert mine == cents(dict(expected))


@each_export
def test_sales_by_month_are_those_of_the_file(told: Reader, name: str) -> None:
    found = told(name)
    expected: dict[str, float | None] = dict(
        found.asked(
            "select strftime(day, '%Y-%m'), sum(amount)::double from sale, over where day < over group by all"
        )
    )
    mine = found.months("net_sales", "portfolio:all")
    shared_months = set(mine) & set(expected)

    assert len(shared_months) >= min(8, len(expected))
    assert cents({month: mine[month] for month in shared_months}) == cents(
        {month: expected[month] for month in shared_months}
    )


##### How sales are spread over customers ##############################################################################


SPREAD = """, bought as (
    select customer, sum(amount)::double as amount from sale, over
    where customer is not null and day < over and day >= {since} group by all having sum(amount) > 0
), part as (
    select amount / sum(amount) over () as share, count(*) over () as n, row_number() over (order by amount desc) as place from bought
), curve as (
    select *, sum(share) over (order by place) as sales, place / n::double as crowd from part
) select {value} from {table}"""
SPREADS = {
    "customer_concentration": ("sum(share * share)", "part"),
    "effective_customers": ("1 / sum(share * share)", "part"),
    "customer_gini": ("sum((n + 1 - 2 * place) * share) / any_value(n)", "part"),
    "top_5_share": ("sum(share) filter (where place <= 5)", "part"),
    "top_10_share": ("sum(share) filter (where place <= 10)", "part"),
    "concentrated_customers": ("count(*) filter (where share >= 0.1)", "part"),
    "pareto_customers": ("min(crowd) filter (where sales + crowd >= 1 - 1e-12)", "curve"),
    "pareto_sales": ("min(sales) filter (where sales + crowd >= 1 - 1e-12)", "curve"),
}


@each_export
@pytest.mark.parametrize("metric", SPREADS)
def test_the_spread_of_sales_over_customers_is_that_of_the_file(told: Reader, name: str, metric: str) -> None:
    found = told(name)
    value, table = SPREADS[metric]
    window, since = ("quarter", "over - interval 3 month") if name == BROKER.workspace else ("t12m", "since")
    mine = found.values(metric, "portfolio", window)["all"]

    assert mine is not None
    assert mine == close(found.one(SPREAD.format(since=since, value=value, table=table)))


##### Who stayed #######################################################################################################


STAYED = """, each_customer as (
    select customer, coalesce(sum(amount) filter (where day < since), 0)::double as was,
        coalesce(sum(amount) filter (where day >= since), 0)::double as now_is,
        count(*) filter (where day < since and amount > 0) > 0 as bought, count(*) filter (where day >= since and amount > 0) > 0 as buys
    from sale, over where customer is not null and day < over and day >= before group by all
) select {value} from each_customer"""
STAYS = {
    "customer_retention": "count(*) filter (where bought and buys) / count(*) filter (where bought)::double",
    "account_retention": "count(*) filter (where bought and buys) / count(*) filter (where bought)::double",
    "gross_revenue_retention": "sum(least(was, greatest(now_is, 0))) filter (where was > 0) / sum(was) filter (where was > 0)",
    "net_revenue_retention": "sum(now_is) filter (where was > 0) / sum(was) filter (where was > 0)",
}


@pytest.mark.parametrize("metric", STAYS)
def test_who_stayed_is_what_the_file_says(told: Reader, metric: str) -> None:
    found = told(SUPPLY.workspace)
    mine = found.values(metric, "portfolio", "t12m")["all"]

    assert mine is not None
    assert mine == close(found.one(STAYED.format(value=STAYS[metric])))


@pytest.mark.parametrize("name", [BROKER.workspace, OWED.workspace, RETAIL.workspace])
@pytest.mark.parametrize("metric", STAYS)
def test_with_less_than_two_years_of_sales_nobody_knows_who_stayed(
    told: Reader, name: str, metric: str
) -> None:
    assert told(name).values(metric, "portfolio", "t12m")["all"] is None


##### Money owed #######################################################################################################


ITEM = """, item as (
    select customerID as customer, InvoiceAmount::decimal(18, 4) as amount, Disputed = 'Yes' as is_disputed,
        strptime(InvoiceDate, '%m/%d/%Y')::date as issued, strptime(DueDate, '%m/%d/%Y')::date as due,
        strptime(SettledDate, '%m/%d/%Y')::date as settled from file
), open as (
    select *, datediff('day', due, over - 1) as late from item, over where issued < over and settled >= over
)"""


def test_what_each_customer_owes_is_what_the_file_says(told: Reader) -> None:
    found = told(OWED.workspace)
    expected = found.asked(f"{ITEM} select customer, sum(amount)::double from open group by all")

    assert len(expected) > 10
    for kind in ("account", "customer"):
        assert cents(found.values("receivables", kind, "month")) == cents(dict(expected))


def test_what_is_owed_by_age_is_what_the_file_says(told: Reader) -> None:
    found = told(OWED.workspace)
    bucket = """case when late <= 0 then 'not_due' when late <= 30 then '1-30' when late <= 60 then '31-60'
        when late <= 90 then '61-90' when late <= 120 then '91-120' else '121+' end"""
    expected = {
        (customer, age): round(amount, 2)
        for customer, age, amount in found.asked(
            f"{ITEM} select customer, {bucket}, sum(amount)::double from open group by all"
        )
    }
    mine = {
        (customer, age): round(value, 2)
        for age in ("not_due", "1-30", "31-60", "61-90", "91-120", "121+")
        for customer, value in found.values("ageing", "customer", "month", f"bucket={age}").items()
        if value
    }

    assert len({age for _, age in expected}) > 1
    assert mine == expected


LATE = """, counted as (
    select is_disputed, amount, {early} as days from (select *, datediff('day', due, settled) as late from item), over
    where settled < over and settled >= {since}
    union all select is_disputed, amount, late from open where late > 0
) select sum(amount * days)::double / sum(amount)::double from counted where is_disputed = {disputed}"""


@pytest.mark.parametrize(("window", "since"), [("month", "over - interval 1 month"), ("t12m", "since")])
@pytest.mark.parametrize(
    ("metric", "early", "disputed"),
    [
        ("weighted_days_late", "late", "false"),
        ("weighted_days_late_floored", "greatest(late, 0)", "false"),
        ("weighted_days_late_disputed", "late", "true"),
    ],
)
def test_days_late_are_those_of_the_file(
    told: Reader, metric: str, early: str, disputed: str, window: str, since: str
) -> None:
    found = told(OWED.workspace)
    mine = found.values(metric, "portfolio", window)["all"]

    assert mine is not None
    assert mine == close(found.one(ITEM + LATE.format(early=early, since=since, disputed=disputed)))


def test_days_outstanding_are_those_of_the_file(told: Reader) -> None:
    found = told(OWED.workspace)
    query = """ select (select sum(amount) from open)::double * datediff('day', (over - interval 3 month)::date, over)
        / (select sum(amount) from item, over where issued < over and issued >= over - interval 3 month)::double from over"""
    mine = found.values("dso_simple", "portfolio", "month")["all"]

    assert mine is not None
    assert mine == close(found.one(ITEM + query))


def test_days_counted_back_are_those_of_the_file(told: Reader) -> None:
    found = told(OWED.workspace)
    query = """, month as (
        select n, (over - to_months(n::int + 1))::date as low, (over - to_months(n::int))::date as high from range(20) as m(n), over
    ), sold as (
        select n, datediff('day', low, high) as days, coalesce(sum(amount), 0)::double as sold
        from month left join item on issued >= low and issued < high group by all
    ), used as (
        select *, (select sum(amount) from open)::double - coalesce(sum(sold) over (order by n rows between unbounded preceding
            and 1 preceding), 0) as rest from sold
    ) select sum(case when rest <= 0 then 0 when rest >= sold then days else days * rest / sold end) from used"""
    mine = found.values("dso_countback", "portfolio", "month")["all"]

    assert mine is not None
    assert mine == pytest.approx(found.one(ITEM + query), rel=1e-9)


##### Deliveries #######################################################################################################


def test_on_time_by_client_is_what_the_file_says(told: Reader) -> None:
    found = told(SUPPLY.workspace)
    expected = dict(
        found.asked(
            """select Country, avg((strptime("Delivered to Client Date", '%d-%b-%y') <= strptime("Scheduled Delivery Date", '%d-%b-%y'))::int)
            from file, over where strptime("Scheduled Delivery Date", '%d-%b-%y') < over
                and strptime("Scheduled Delivery Date", '%d-%b-%y') >= since group by all"""
        )
    )
    mine = found.values("on_time_orders", "customer", "t12m", "basis=first_promised")
    known = {client: value for client, value in mine.items() if value is not None}

    assert len(expected) > 10
    assert known == {client: close(value) for client, value in expected.items()}


def test_every_line_came_whole_so_on_time_in_full_is_on_time(told: Reader) -> None:
    """The file has the quantity that was delivered, and no other."""
    found = told(SUPPLY.workspace)

    assert found.values("otif_orders", "customer", "t12m", "basis=first_promised") == found.values(
        "on_time_orders", "customer", "t12m", "basis=first_promised"
    )
