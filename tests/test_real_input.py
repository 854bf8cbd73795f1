"""Other people's data, read by a mapping alone: the figures that anyone can add up straight from the files.

The files are not part of the project: `../shared/data` beside the checkout, or KAMBOOK_SHARED_DATA.
"""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline import store
from tests.commands import kambook
from tests.runs import reading, readings

STAGES = ("ingest", "validate", "compute")
GIGABYTE = 1 << 30


def shared(checkout: Path, name: str) -> Path:
    folder = Path(os.environ.get("KAMBOOK_SHARED_DATA") or checkout.parent / "shared" / "data") / name
    if not folder.is_dir():
        pytest.skip(f"the public data set {name} is not here (../shared/data, or KAMBOOK_SHARED_DATA)")
    return folder


def options(checkout: Path, name: str, period: str, output: Path) -> list[str]:
    """The options of a command over an example's workspace and its data."""
    workspace = checkout / "data" / "examples" / name
    given = ("-w", workspace, "--exports", shared(checkout, name), "-p", period, "-o", output)
    return [str(each) for each in given]


def findings(run: Path, expectation: str) -> dict[str, dict[str, object]]:
    """What was found under that name, by table."""
    found = store.read_json(run / "quality" / "findings.json")
    return {each["table"]: each for each in found if each["expectation"] == expectation}


##### Maven: a pipeline of deals #######################################################################################


@pytest.fixture(scope="module")
def maven(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of 2017."""
    output = tmp_path_factory.mktemp("maven")
    given = options(checkout, "maven_crm", "2017", output)
    for stage in STAGES:
        ended = kambook(stage, *given, "--quiet")
        assert ended.code == 0, ended.err
    return output / "runs" / "2017"


@pytest.mark.parametrize(
    ("metric", "value"),
    [("won_count", 4_238), ("lost_count", 2_473), ("won_value", 10_005_534), ("net_sales", 10_005_534)],
)
def test_deals_of_a_year_are_those_of_the_export(metric: str, value: int, maven: Path) -> None:
    assert reading(readings(maven), metric, window="year")["value"] == value


def test_the_win_rate_of_a_year_is_of_deals_that_were_decided(maven: Path) -> None:
    found = reading(readings(maven), "win_rate", window="year")

    assert (found["numerator"], found["denominator"], found["n"]) == (4_238, 6_711, 6_711)
    assert round(found["value"], 4) == 0.6315


def test_the_value_won_by_quarter(maven: Path) -> None:
    table = readings(maven)
    rows = table[
        (table["metric"] == "won_value") & (table["subject_id"] == "all") & (table["window"] == "month")
    ]
    months = pd.PeriodIndex(rows["period"], freq="M")
    quarters = rows[months.year == 2017].groupby(months[months.year == 2017].quarter)["value"].sum()

    assert quarters.tolist() == [1_134_672, 3_086_111, 2_982_255, 2_802_496]
    assert reading(table, "won_value", window="quarter")["value"] == 2_802_496


def test_deals_without_an_account_are_said_and_kept(maven: Path, checkout: Path) -> None:
    said = findings(maven, "rows_name_an_account")["opportunities"]
    pipeline = f"read_csv('{shared(checkout, 'maven_crm')}/sales_pipeline.csv', all_varchar = true)"
    [(count, won)] = duckdb.sql(
        f"select count(*), coalesce(sum(close_value::decimal(18, 2)) filter (deal_stage = 'Won'), 0) from {pipeline}"
        " where account is null"
    ).fetchall()

    facts = pd.read_parquet(maven / "facts" / "opportunities.parquet")
    assert said["rows"] == count == (facts["account_id"] == "~").sum() == 1_425
    assert len(facts) == 8_800
    table = readings(maven)
    nobody = table[
        (table["metric"] == "won_value") & (table["window"] == "year") & (table["subject_id"] == "~")
    ]
    assert set(nobody["value"]) == {float(won)}
    accounts = table[
        (table["metric"] == "won_value") & (table["window"] == "year") & (table["subject_kind"] == "account")
    ]
    assert accounts[accounts["subject_id"] != "~"]["value"].sum() + float(won) == 10_005_534


def test_every_account_has_won_what_the_export_says(maven: Path, checkout: Path) -> None:
    pipeline = f"read_csv('{shared(checkout, 'maven_crm')}/sales_pipeline.csv', all_varchar = true)"
    wanted = duckdb.sql(
        f"select account, sum(close_value::decimal(18, 2)) from {pipeline}"
        " where deal_stage = 'Won' and account is not null group by all"
    ).fetchall()
    table = readings(maven)
    rows = table[
        (table["metric"] == "won_value") & (table["window"] == "year") & (table["subject_kind"] == "account")
    ]
    made = {
        name: value
        for name, value in zip(rows["subject_id"], rows["value"], strict=True)
        if name != "~" and value
    }

    assert made == {account: float(value) for account, value in wanted}


def test_a_misspelt_product_is_the_one_its_alias_names(maven: Path) -> None:
    deals = pd.read_parquet(maven / "tables" / "opportunities.parquet")

    assert "GTXPro" not in set(deals["product_id"])
    assert (deals["product_id"] == "GTX Pro").sum() == 1_480
    assert len(pd.read_parquet(maven / "tables" / "rejects.parquet")) == 0
    assert (pd.read_parquet(maven / "quality" / "quarantined.parquet")["table"] == "opportunities").sum() == 0


##### Online Retail: half a million lines ##############################################################################


@pytest.fixture(scope="module")
def retail(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of November 2011, each stage a program of its own that must do with 1.5 GB."""
    output = tmp_path_factory.mktemp("retail")
    given = options(checkout, "online_retail_2010_11", "2011-11", output)
    for stage in STAGES:
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", stage, *given], stderr=subprocess.PIPE
        ) as started:
            _, status, used = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
            assert started.stderr is not None
            assert started.returncode == 0, started.stderr.read().decode()
        assert used.ru_maxrss * 1024 < 1.5 * GIGABYTE
    return output / "runs" / "2011-11"


@pytest.mark.slow
def test_all_lines_are_read_and_those_without_a_customer_are_said(retail: Path) -> None:
    said = store.read_json(retail / "tables" / "ingest.json")

    assert said["rows"]["order_lines"] == 541_909
    assert findings(retail, "rows_name_an_account")["order_lines"]["rows"] == 135_080


@pytest.mark.slow
@pytest.mark.parametrize("month", ["2010-12", "2011-06", "2011-11"])
def test_sales_of_a_month_by_customer_are_those_of_the_export(
    month: str, retail: Path, checkout: Path
) -> None:
    export = shared(checkout, "online_retail_2010_11") / "online_retail_all_days.csv.gz"
    wanted = dict(
        duckdb.sql(
            "select coalesce(regexp_replace(CustomerID, '\\.0$', ''), '~') as customer,"
            " sum(Quantity::decimal(18, 0) * UnitPrice::decimal(18, 4))::decimal(38, 4) as sales"
            f" from read_csv('{export}', all_varchar = true) where InvoiceDate[1:7] = '{month}' group by all"
        ).fetchall()
    )
    table = readings(retail)
    rows = table[(table["metric"] == "net_sales") & (table["window"] == "month") & (table["period"] == month)]
    customers = rows[rows["subject_kind"] == "customer"]
    made = {
        name: Decimal(f"{value:.4f}")
        for name, value in zip(customers["subject_id"], customers["value"], strict=True)
        if value
    }

    known = {name: value for name, value in wanted.items() if value and name != "~"}
    assert {name: value for name, value in made.items() if name != "~"} == known
    assert Decimal(f"{rows[rows['subject_id'] == 'all']['value'].item():.4f}") == sum(wanted.values())


@pytest.mark.slow
def test_an_explained_figure_leads_to_the_lines_of_the_export(retail: Path, checkout: Path) -> None:
    given = options(checkout, "online_retail_2010_11", "2011-11", retail.parent.parent)
    ended = kambook("explain", "net_sales/customer:12748/month", *given, "--rows")

    assert ended.code == 0, ended.err
    assert "online_retail_all_days.csv.gz:" in ended.out
