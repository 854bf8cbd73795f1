from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipeline.context import Context
from pipeline.engine.quantities import REASONS, Measure, Quantity
from pipeline.engine.reading_rows import verdicts
from pipeline.engine.readings import Series, Target, goals_of, targets
from pipeline.errors import SettingsError
from pipeline.metrics import METRICS
from pipeline.periods import months_between, window_ending
from pipeline.rules.targets import TargetRule
from tests.demos import computed_demo, demo_readings
from tests.engines import policy_with
from tests.runs import computed, reading
from tests.tables import frame

KEY = ["metric", "subject_kind", "subject_id", "breakdown", "window", "until_on", "currency"]
WORDS, NUMBER = "dictionary<values=string, indices=int32, ordered=0>", "double"
CONTRACT = {
    "subject_kind": WORDS, "subject_id": WORDS, "metric": WORDS, "breakdown": WORDS, "window": WORDS, "period": WORDS,
    "from_on": "date32[day]", "until_on": "date32[day]", "value": NUMBER, "text": WORDS, "reason": WORDS, "unit": WORDS,
    "currency": WORDS, "numerator": NUMBER, "denominator": NUMBER, "n": NUMBER, "low": NUMBER, "high": NUMBER,
    "before": NUMBER, "year_ago": NUMBER, "target": NUMBER, "coverage": NUMBER, "verdict": WORDS, "definition": "int16",
    "audience": WORDS,
}  # fmt: skip
AS_OF = date(2026, 10, 1)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return computed_demo(tmp_path_factory)


@pytest.fixture(scope="module")
def stored(demo: Context) -> pa.Table:
    return pq.read_table(demo.run / "readings.parquet")


@pytest.fixture(scope="module")
def table(demo: Context) -> pd.DataFrame:
    return demo_readings(demo)


def test_the_columns_and_their_types_are_those_of_the_contract(stored: pa.Table) -> None:
    assert {field.name: str(field.type) for field in stored.schema} == CONTRACT


def test_a_number_is_known_or_absent_and_never_not_a_number(stored: pa.Table) -> None:
    for name in (name for name, kind in CONTRACT.items() if kind == NUMBER):
        assert not pc.any(pc.is_nan(stored[name])).as_py(), name
        assert not pc.any(pc.is_inf(stored[name])).as_py(), name


def test_what_has_no_figure_has_a_reason_and_what_has_one_has_none(table: pd.DataFrame) -> None:
    known = table["value"].notna() | table["text"].notna()

    assert (table.loc[~known, "reason"] != "").all()
    assert (table.loc[known, "reason"] == "").all()
    assert set(table["reason"]) <= set(REASONS)
    assert not (table["value"].notna() & table["text"].notna()).any()


def test_a_reading_stands_once(table: pd.DataFrame) -> None:
    assert not table.duplicated(KEY).any()


def test_readings_lie_in_the_order_of_their_key(table: pd.DataFrame) -> None:
    order = ["metric", "subject_kind", "window", "until_on", "subject_id", "breakdown", "currency"]

    assert table[order].equals(table[order].sort_values(order, ignore_index=True))


def test_what_a_metric_is_stands_beside_each_of_its_readings(table: pd.DataFrame) -> None:
    for name, rows in table.groupby("metric"):
        metric = METRICS.get(str(name))
        assert set(rows["unit"]) == {metric.unit}
        assert set(rows["audience"]) == {metric.audience}
        assert set(rows["definition"]) == {metric.definition}
        assert set(rows["subject_kind"]) <= set(metric.subjects)
        assert set(rows["window"]) <= set(metric.windows)


def test_a_window_is_the_one_its_name_says(table: pd.DataFrame) -> None:
    spans = table[["window", "period", "from_on", "until_on"]].drop_duplicates()

    for row in spans.itertuples():
        window = window_ending(str(row.window), row.until_on)
        assert window is not None
        assert (row.period, row.from_on) == (window.period, window.from_on)


def test_every_window_that_ends_on_the_as_of_date_is_there_for_every_subject(table: pd.DataFrame) -> None:
    now = table[(table["until_on"] == AS_OF) & (table["metric"] == "net_sales")]
    windows = {"month", "qtd", "quarter", "ytd", "t12m"}
    accounts = {"~", *(f"A-{at:04}" for at in range(1, 11))}

    for kind, ids in (
        ("account", accounts),
        ("customer", accounts - {"~", "A-0002", "A-0003"}),
        ("manager", {f"M-0{at}" for at in range(1, 6)}),
        ("team", {"T1", "T2"}),
        ("portfolio", {"all"}),
    ):
        rows = now[(now["subject_kind"] == kind) & (now["currency"] == "CNY")]
        assert set(zip(rows["subject_id"], rows["window"], strict=True)) == {
            (name, window) for name in ids for window in windows
        }
    assert set(now.loc[now["subject_kind"] == "product", "subject_id"]) >= {"P11", "P23"}


def test_a_trend_goes_back_24_months(table: pd.DataFrame) -> None:
    rows = table[
        (table["metric"] == "net_sales")
        & (table["subject_kind"] == "portfolio")
        & (table["window"] == "month")
    ]

    assert min(rows["until_on"]) == date(2024, 10, 1)
    assert len(rows) == 25


def test_a_month_of_the_trend_of_which_nothing_is_known_is_left_out(table: pd.DataFrame) -> None:
    past = table[(table["until_on"] != AS_OF) & table["text"].isna()]

    assert past["value"].notna().all()


def test_only_metrics_with_a_trend_have_a_past(table: pd.DataFrame) -> None:
    past = table[table["until_on"] != AS_OF]

    for name, rows in past.groupby("metric"):
        assert set(rows["window"]) == {METRICS.get(str(name)).trend}


def in_month(table: pd.DataFrame, metric: str, kind: str, until: date) -> dict[tuple[str, str, str], float]:
    rows = table[(table["metric"] == metric) & (table["subject_kind"] == kind) & (table["window"] == "month")]
    rows = rows[rows["until_on"] == until]
    return {
        (row.subject_id, row.breakdown, row.currency): row.value
        for row in rows.itertuples()
        if not np.isnan(row.value)
    }


@pytest.mark.parametrize("metric", ["net_sales", "gross_margin", "csat", "receivables", "sla_attainment"])
@pytest.mark.parametrize("kind", ["account", "manager", "portfolio"])
def test_before_and_a_year_ago_are_what_was_read_then(table: pd.DataFrame, metric: str, kind: str) -> None:
    rows = table[(table["metric"] == metric) & (table["subject_kind"] == kind) & (table["window"] == "month")]
    earlier = {
        "before": in_month(table, metric, kind, date(2026, 9, 1)), "year_ago": in_month(table, metric, kind, date(2025, 10, 1))
    }  # fmt: skip

    for row in rows[rows["until_on"] == AS_OF].to_dict("records"):
        for name, values in earlier.items():
            then = values.get((row["subject_id"], row["breakdown"], row["currency"]))
            if then is not None:  # a breakdown of which nothing was said then has no row
                assert row[name] == then, (row["subject_id"], name)


def test_a_ratio_is_its_numerator_over_its_denominator(table: pd.DataFrame) -> None:
    rows = table[
        table["metric"].isin(["otif_orders", "sla_attainment", "csat", "gross_margin", "customer_retention"])
    ]
    known = rows.dropna(subset=["value", "numerator", "denominator"])

    assert len(known) > 1000
    assert np.allclose(known["value"], known["numerator"] / known["denominator"], rtol=1e-12)


def test_an_interval_holds_its_value_and_comes_with_how_many(table: pd.DataFrame) -> None:
    rows = table[(table["metric"] == "csat") & table["value"].notna()]

    assert (rows["low"] <= rows["value"] + 1e-12).all()
    assert (rows["value"] <= rows["high"] + 1e-12).all()
    whole = ~rows["subject_kind"].isin(["manager", "team"])
    assert (rows["n"] > 0).all()
    assert (rows.loc[whole, "n"] % 1 == 0).all()
    assert (rows.loc[~whole, "n"] % 1 != 0).any()  # an account that two share is a part of an answer for each


def test_coverage_is_a_share(table: pd.DataFrame) -> None:
    rows = table[table["metric"] == "gross_margin"]

    assert rows["coverage"].notna().any()
    assert rows["coverage"].dropna().between(0, 1.0000001).all()


def test_a_breakdown_is_told_as_name_and_value(table: pd.DataFrame) -> None:
    told = table.groupby("metric")["breakdown"].unique()

    assert set(told["otif_orders"]) == {"basis=requested", "basis=first_promised", "basis=last_promised"}
    assert set(told["ageing"]) <= {
        f"bucket={each}" for each in ("not_due", "1-30", "31-60", "61-90", "91-120", "121+")
    }
    assert set(told["sla_attainment"]) == {"", "clock=first_reply", "clock=resolution", "clock=green_channel"}
    assert set(told["net_sales"]) == {""}


def test_customers_with_another_currency_are_told_in_both(table: pd.DataFrame) -> None:
    rows = table[
        (table["metric"] == "net_sales") & (table["until_on"] == AS_OF) & (table["window"] == "month")
    ]
    told = {
        (row.subject_kind, row.subject_id): set(each["currency"])
        for (_, _), each in rows.groupby(["subject_kind", "subject_id"])
        for row in [next(each.itertuples())]
    }

    for kind in ("account", "customer"):
        assert told[kind, "A-0007"] == {"CNY", "EUR"}
        assert told[kind, "A-0008"] == {"CNY", "USD"}
        assert told[kind, "A-0001"] == {"CNY"}
    assert {
        currency
        for (kind, _), each in told.items()
        if kind not in ("account", "customer")
        for currency in each
    } == {"CNY"}
    assert told["account", "~"] == {"CNY"}


def test_what_is_no_money_and_made_of_none_has_no_currency(table: pd.DataFrame) -> None:
    assert set(table.loc[table["metric"] == "csat", "currency"]) == {""}
    assert set(table.loc[table["metric"] == "gross_margin", "currency"]) == {"CNY", "EUR", "USD"}
    assert set(table.loc[table["metric"] == "customer_class", "currency"]) == {"CNY"}


def test_a_share_is_the_same_in_every_currency_but_for_rates(table: pd.DataFrame) -> None:
    rows = table[
        (table["metric"] == "gross_margin") & (table["subject_id"] == "A-0007") & (table["subject_kind"] == "account")
        & (table["until_on"] == AS_OF) & (table["window"] == "month")
    ].set_index("currency")  # fmt: skip

    assert rows.loc["CNY", "value"] == pytest.approx(rows.loc["EUR", "value"], abs=0.005)


def test_rows_without_an_account_are_in_the_portfolio_and_in_no_customer(table: pd.DataFrame) -> None:
    nobody = table[table["subject_id"] == "~"]

    assert set(nobody["subject_kind"]) == {"account"}
    assert nobody.loc[nobody["metric"] == "net_sales", "value"].max() > 0
    month = (table["window"] == "month") & (table["until_on"] == AS_OF) & (table["currency"] == "CNY")
    sales = table[(table["metric"] == "net_sales") & month].groupby("subject_kind")["value"].sum()
    assert sales["account"] == pytest.approx(sales["portfolio"], abs=1e-6)
    assert sales["customer"] < sales["portfolio"]


def test_a_class_is_a_word_without_a_number(table: pd.DataFrame) -> None:
    rows = table[(table["metric"] == "customer_class") & (table["until_on"] == AS_OF)]

    assert rows["value"].isna().all()
    assert rows["text"].notna().all()
    assert rows["before"].isna().all()


@pytest.mark.parametrize(
    ("value", "aim", "near", "better", "verdict"),
    [
        (0.95, 0.95, 0.02, "higher", "good"),
        (0.94, 0.95, 0.02, "higher", "watch"),
        (0.93, 0.95, 0.02, "higher", "watch"),
        (0.92, 0.95, 0.02, "higher", "bad"),
        (30.0, 31.0, 0.0, "lower", "good"),
        (32.0, 31.0, 0.0, "lower", "bad"),
        (32.0, 31.0, 1.0, "lower", "watch"),
        (32.0, 31.0, 1.0, "none", "none"),
        (np.nan, 31.0, 1.0, "lower", "none"),
        (0.5, np.nan, 0.0, "higher", "none"),
        (0.1 + 0.2, 0.3, 0.0, "lower", "good"),
    ],
)
def test_a_verdict_is_by_the_target_and_how_near_it_is(
    value: float, aim: float, near: float, better: str, verdict: str
) -> None:
    assert verdicts(np.array([value]), np.array([aim]), np.array([near]), better) == [verdict]


SALES: Mapping[str, list[dict[str, object]]] = {
    "accounts": [
        {"account_id": "A", "name": "a", "owner_id": "M"},
        {"account_id": "B", "name": "b", "currency": "EUR"},
    ],
    "managers": [{"manager_id": "M", "name": "m"}],
    "fx": [{"rate_on": "2020-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "8"}],
    "orders": [
        {"order_id": f"O{month}{account}", "account_id": account, "ordered_on": f"2026-0{month}-10"}
        for month in (6, 7, 8, 9)
        for account in "AB"
    ],
    "order_lines": [
        {"order_id": f"O{month}{account}", "line_no": 1, "net_amount": 100, "cost_amount": 90}
        for month in (6, 7, 8, 9)
        for account in "AB"
    ],
    "invoices": [
        {"invoice_id": f"I{month}", "account_id": "A", "issued_on": f"2026-0{month}-10", "gross_amount": 10}
        for month in (6, 7, 8, 9)
    ],
}


def target(
    kind: str, name: str, metric: str, from_on: str, to_on: str | None, value: object
) -> dict[str, object]:
    return {
        "subject_kind": kind, "subject_id": name, "metric": metric, "breakdown": "", "from_on": from_on, "to_on": to_on,
        "value": value,
    }  # fmt: skip


TARGETS = [
    *(
        target("manager", "M", "net_sales", f"2026-0{at}-01", f"2026-{at + 1:02}-01", 90 + 10 * at)
        for at in (7, 8, 9)
    ),
    target("account", "A", "net_sales", "2026-09-01", "2026-10-01", 100),
    target("account", "B", "net_sales", "2026-09-01", "2026-10-01", 500),
    target("account", "A", "gross_margin", "2026-01-01", None, "0.2"),
    target("account", "A", "gross_margin", "2026-09-01", None, "0.1"),
    *(
        target("account", "A", "receivables", f"2026-0{at}-01", f"2026-{at + 1:02}-01", 25)
        for at in (7, 8, 9)
    ),
    target("portfolio", "all", "net_sales", "2026-09-01", "2026-09-16", 7),
]


@pytest.fixture(scope="module")
def aimed(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return computed(tmp_path_factory.mktemp("targets") / "2026-09", {**SALES, "targets": TARGETS})


def test_the_targets_of_three_months_make_that_of_the_quarter(aimed: pd.DataFrame) -> None:
    assert reading(aimed, "net_sales", "manager:M", "month")["target"] == 180
    assert reading(aimed, "net_sales", "manager:M", "quarter")["target"] == 160 + 170 + 180
    assert np.isnan(reading(aimed, "net_sales", "manager:M", "ytd")["target"])


def test_of_a_rate_the_target_in_force_on_the_last_day_holds(aimed: pd.DataFrame) -> None:
    row = reading(aimed, "gross_margin", "account:A", "month")

    assert (row["target"], row["verdict"]) == (0.1, "good")
    assert reading(aimed, "gross_margin", "account:A", "quarter")["target"] == 0.1


def test_of_a_position_no_targets_are_added(aimed: pd.DataFrame) -> None:
    assert reading(aimed, "receivables", "account:A", "month")["target"] == 25
    assert reading(aimed, "receivables", "account:A", "quarter")["target"] == 25


def test_a_target_of_money_is_not_held_against_another_currency(aimed: pd.DataFrame) -> None:
    own = reading(aimed, "net_sales", "account:B", "month", currency="EUR")
    reporting = reading(aimed, "net_sales", "account:B", "month", currency="CNY")

    assert (reporting["value"], reporting["target"], reporting["verdict"]) == (800.0, 500.0, "good")
    assert own["value"] == 100.0
    assert np.isnan(own["target"])
    assert own["verdict"] == "none"


def test_a_target_for_a_part_of_the_window_is_none_for_the_whole(aimed: pd.DataFrame) -> None:
    assert np.isnan(reading(aimed, "net_sales", "portfolio:all", "month")["target"])


def test_a_target_of_another_subject_is_none_of_mine(aimed: pd.DataFrame) -> None:
    assert np.isnan(reading(aimed, "gross_margin", "account:B", "month", currency="CNY")["target"])


def test_the_exports_targets_come_after_the_policys() -> None:
    rule = TargetRule(metric="csat", value=0.8, near=0.05, valid_from=date(2020, 1, 1))
    found = targets(
        frame("targets", [target("account", "A", "csat", "2026-01-01", None, "0.9")]),
        policy_with(target=[rule]),
    )

    assert [(each.subject_id, each.value, each.near) for each in found] == [("", 0.8, 0.05), ("A", 0.9, 0.05)]


def test_a_target_of_a_metric_that_there_is_not_stops() -> None:
    rows = frame("targets", [target("account", "A", "net_saels", "2026-01-01", None, 1)])

    with pytest.raises(SettingsError) as stopped:
        targets(rows, policy_with(target=[]))

    assert (stopped.value.code, stopped.value.nearest) == ("KB-1021", "net_sales")


def test_a_metric_for_which_the_exports_have_no_rows_is_left_out(aimed: pd.DataFrame) -> None:
    told = set(aimed["metric"])

    assert {"net_sales", "receivables"} <= told
    assert not {"csat", "sla_attainment", "otif_orders", "won_value"} & told


def test_before_a_year_is_the_year_before() -> None:
    for name, months in (("month", 1), ("quarter", 3), ("year", 12), ("ytd", 12), ("t12m", 12)):
        window: Any = window_ending(name, date(2027, 1, 1))
        assert months_between(window) == months


def months_of(metric: str, near: float) -> list[Target]:
    ends = [date(2026, month, 1) for month in (7, 8, 9, 10)]
    return [Target(metric, "", "portfolio", "all", *span, 100.0, near) for span in pairwise(ends)]


@pytest.mark.parametrize(("window", "aim", "near"), [("month", 100, 8), ("quarter", 300, 24)])
def test_how_near_counts_adds_up_with_the_targets_of_the_months(window: str, aim: float, near: float) -> None:
    until = date(2026, 10, 1)
    chosen: Any = window_ending(window, until)
    value = Measure(Quantity.of(np.array([280.0])))
    series = Series(METRICS.get("net_sales"), "portfolio", chosen, ("", ""), value, is_trend=False)

    told, distance = goals_of(series, ["all"], np.array([0]), months_of("net_sales", 8))

    assert (told.tolist(), distance.tolist()) == ([aim], [near])


def test_how_near_counts_is_by_the_rule_for_the_same_breakdown_in_force_when_the_target_begins() -> None:
    rules = [
        TargetRule(metric="sales_by_kind", breakdown="kind=new", value=1, near=1, valid_from=date(2020, 1, 1)),
        TargetRule(metric="sales_by_kind", breakdown="kind=new", value=1, near=2, valid_from=date(2026, 6, 1)),
        TargetRule(metric="sales_by_kind", breakdown="kind=renewal", value=1, near=3, valid_from=date(2020, 1, 1)),
        TargetRule(metric="sales_by_kind", breakdown="kind=new", subject_kind="team", value=1, near=9,
                   valid_from=date(2020, 1, 1)),
    ]  # fmt: skip
    rows = [
        {**target("manager", "M", "sales_by_kind", begins, None, 5), "breakdown": kind}
        for begins, kind in (
            ("2026-01-01", "kind=new"),
            ("2026-07-01", "kind=new"),
            ("2026-01-01", "kind=renewal"),
        )
    ]
    found = targets(frame("targets", rows), policy_with(target=rules))
    own = {(each.from_on, each.breakdown): each.near for each in found if each.subject_id}

    assert own == {
        (date(2026, 1, 1), "kind=new"): 1,
        (date(2026, 7, 1), "kind=new"): 2,
        (date(2026, 1, 1), "kind=renewal"): 3,
    }
