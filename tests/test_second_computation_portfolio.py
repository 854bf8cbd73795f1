"""RFM, lifetime value, effort against value and whitespace of the demo a second time in SQL."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from pipeline.context import Context
from tests.demos import computed_demo, demo_readings
from tests.second_computation import agree, of
from tests.second_computation_portfolio import portfolio


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return computed_demo(tmp_path_factory)


@pytest.fixture(scope="module")
def readings(demo: Context) -> pd.DataFrame:
    rows = demo_readings(demo)
    return rows[rows["until_on"] == rows["until_on"].max()]


@pytest.fixture(scope="module")
def sql(demo: Context) -> duckdb.DuckDBPyConnection:
    accounts = pd.read_parquet(demo.run / "tables" / "accounts.parquet", columns=["account_id", "industry"])
    return portfolio(dict(zip(accounts["account_id"], accounts["industry"], strict=True)))


def asked(sql: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    found: pd.DataFrame = sql.execute(query).df()
    return found


SCORES = {
    "rfm_recency": "recency",
    "rfm_frequency": "orders",
    "rfm_monetary": "net",
    "rfm_recency_score": "r",
    "rfm_frequency_score": "f",
    "rfm_monetary_score": "m",
}


@pytest.mark.parametrize(("metric", "column"), SCORES.items())
def test_scores_and_what_they_are_made_of_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, column: str
) -> None:
    expected = asked(
        sql,
        f"""select 't12m' as "window", date '2026-10-01' as until_on, 'customer' as kind, customer_id as id,
        '' as breakdown, {column}::double as value from score""",
    )

    assert agree(of(readings, metric).dropna(subset="value"), expected, ("customer",)) == len(expected) >= 5


def test_segments_are_the_same(sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame) -> None:
    expected = asked(
        sql,
        """select customer_id, case when r >= 4 and v >= 4 then 'champions' when r >= 3 and v >= 3 then 'loyal'
        when r = 5 and v = 1 then 'new' when r >= 4 then 'promising' when r >= 2 and v <= 2 then 'about_to_sleep'
        when r = 1 and v >= 4 then 'not_to_lose' when v >= 3 then 'at_risk' else 'lost' end as segment
        from (select *, (f + m + 1) // 2 as v from score) order by 1""",
    )
    told = readings[readings["metric"] == "rfm_segment"]
    mine = told[told["text"].isin(set(expected["segment"]))].sort_values("subject_id")

    assert mine["subject_id"].tolist() == expected["customer_id"].tolist()
    assert mine["text"].tolist() == expected["segment"].tolist()


@pytest.mark.parametrize(
    ("column", "term"),
    [("value", "1.0 * 0.8 / 0.3"), ("low", "0.9 * 0.7 / 0.42"), ("high", "1.1 * 0.9 / 0.18")],
)
def test_lifetime_values_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, column: str, term: str
) -> None:
    expected = asked(
        sql,
        f"""select "window", until_on, 'customer' as kind, customer_id as id, '' as breakdown,
        contribution::double * {term} as value from customer_year where has_sale and contribution > 0""",
    )
    told = of(readings, "lifetime_value").dropna(subset="value")

    assert agree(told[told["value"] > 0], expected, ("customer",), column=column, within=1e-6) >= 5


@pytest.mark.parametrize(
    ("metric", "term"),
    [
        ("whale_peak", "max(risen) / any_value(total)"),
        ("whale_peak_customers", "arg_max(place, risen) / any_value(n)"),
    ],
)
def test_the_peak_of_the_curve_drawn_in_sql_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, term: str
) -> None:
    expected = asked(
        sql,
        f"""with curve as (
            select *, sum(contribution) over (partition by "window" order by contribution desc, customer_id)::double as risen,
                row_number() over (partition by "window" order by contribution desc, customer_id) as place,
                sum(contribution) over (partition by "window")::double as total, count(*) over (partition by "window") as n
            from customer_year where net <> 0 or cost <> 0
        ) select "window", until_on, 'portfolio' as kind, 'all' as id, '' as breakdown, {term} as value from curve group by all""",
    )
    told = of(readings, metric)

    assert agree(told[told["window"].isin(["t12m", "quarter"])], expected, ("portfolio",)) == 2


SHARES = {
    "hours_share": "hours",
    "cost_share": "cost",
    "sales_share": "net",
    "contribution_share": "contribution",
}


@pytest.mark.parametrize("name", ["class", "band"])
@pytest.mark.parametrize(("metric", "column"), SHARES.items())
def test_shares_of_classes_and_bands_are_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, metric: str, column: str, name: str
) -> None:
    words = {"class": "customer_class", "band": "revenue_band"}[name]
    told = readings[(readings["metric"] == words) & (readings["window"] == "month")]
    standing: Any = told[["subject_id", "text"]].rename(columns={"text": "standing"})
    sql.register("standing", standing[standing["standing"].notna()])
    expected = asked(
        sql,
        f"""with amounts as (
            select "window", until_on, standing, sum({column})::double as amount
            from customer_year join standing on subject_id = customer_id group by all
        ) select "window", until_on, 'portfolio' as kind, 'all' as id, '{name}=' || standing as breakdown,
        amount / sum(amount) over (partition by "window") as value from amounts""",
    )
    mine = of(readings, metric)
    mine = mine[mine["breakdown"].isin(set(expected["breakdown"])) & mine["window"].isin(["t12m", "quarter"])]

    assert agree(mine, expected, ("portfolio",)) == len(expected)


PENETRATION = {"": "''", "industry=": "'industry=' || industry", "band=": "'band=' || band"}


@pytest.mark.parametrize(("begins", "label"), PENETRATION.items())
def test_penetration_is_the_same(
    sql: duckdb.DuckDBPyConnection, readings: pd.DataFrame, begins: str, label: str
) -> None:
    expected = asked(
        sql,
        f"""with place as (select {label} as breakdown, customer_id from buyer),
        size as (select breakdown, count(*) as n from place group by all)
        select 't12m' as "window", date '2026-10-01' as until_on, 'product' as kind, product_id as id, breakdown,
            count(distinct place.customer_id)::double / any_value(n) as value
        from place join size using (breakdown) join purchase using (customer_id) where has_bought group by all""",
    )
    mine = of(readings, "product_penetration")
    mine = mine[mine["breakdown"].str.startswith(begins) & (mine["breakdown"].eq("") == (begins == ""))]

    assert agree(mine[mine["value"] > 0], expected, ("product",)) == len(expected) > 5


def written(demo: Context, name: str) -> pd.DataFrame:
    rows = pd.read_parquet(demo.run / "facts" / f"{name}.parquet")
    return rows.sort_values(["customer_id", "product_id"], ignore_index=True)


def test_suggestions_rest_on_the_same_counts(sql: duckdb.DuckDBPyConnection, demo: Context) -> None:
    mine = written(demo, "whitespace")
    mine = mine[mine["place"].notna()]
    sql.register("mine", mine)
    expected = asked(
        sql,
        """with has as (select customer_id, product_id from purchase join buyer using (customer_id) where has_bought),
        pair as (select a.product_id as because, b.product_id, count(*) as both_n
            from has a join has b using (customer_id) where a.product_id <> b.product_id group by all),
        size as (select product_id, count(*) as n from has group by all),
        best as (select h.customer_id, p.product_id, p.because, p.both_n, s.n, p.both_n / s.n as confidence,
                p.both_n * (select count(*) from buyer) / (s.n * t.n) as lift
            from has h join pair p on p.because = h.product_id join size s on s.product_id = p.because
            join size t on t.product_id = p.product_id
            where (h.customer_id, p.product_id) not in (select customer_id, product_id from has)
                and p.both_n >= 3 and p.both_n / s.n >= 0.3 and p.both_n * (select count(*) from buyer) / (s.n * t.n) > 1
            qualify row_number() over (partition by h.customer_id, p.product_id
                order by confidence desc, lift desc, both_n desc, p.product_id, p.because) = 1)
        select customer_id, product_id, because, both_n, n, confidence, lift from best qualify row_number() over (
            partition by customer_id order by confidence desc, lift desc, both_n desc, product_id, because) <= 3
        order by customer_id, product_id""",
    )

    assert len(expected)
    assert mine["because_product_id"].tolist() == expected["because"].tolist()
    assert (
        mine[["customer_id", "product_id"]].to_numpy().tolist()
        == expected[["customer_id", "product_id"]].to_numpy().tolist()
    )
    assert mine["together_count"].tolist() == expected["both_n"].tolist()
    assert mine["confidence_pct"].tolist() == pytest.approx(expected["confidence"].tolist())
    assert mine["lift"].tolist() == pytest.approx(expected["lift"].tolist())


def test_what_is_sold_by_product_is_the_same(sql: duckdb.DuckDBPyConnection, demo: Context) -> None:
    rows = written(demo, "product_purchases")
    mine = rows[(rows["product_id"] != "") & (rows["customer_id"] != "~")]
    sums = mine.groupby(["customer_id", "product_id"])["amount"].sum().reset_index()
    expected = asked(
        sql, "select customer_id, product_id, (amount * 10000)::bigint as amount from purchase order by 1, 2"
    )

    assert sums["customer_id"].tolist() == expected["customer_id"].tolist()
    assert sums["amount"].astype("int64").tolist() == expected["amount"].tolist()
