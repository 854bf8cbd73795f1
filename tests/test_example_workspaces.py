"""Example workspaces: each is configuration that loads, and gives the figures of the public data set it is for.

The data sets are not part of the project. Where they lie is `KAMBOOK_SHARED_DATA`, else `../shared/data` beside the
checkout; without them only the configuration is tested, on small exports in their shapes.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline import store
from pipeline.intake.aliases import load_aliases
from pipeline.intake.corrections import load_corrections
from pipeline.intake.mapping_files import load_mapping
from pipeline.metrics import METRICS
from pipeline.policy import load_policy
from pipeline.schema import SCALE
from pipeline.settings import load_settings
from tests.example_workspaces import (
    EXAMPLES,
    amounts,
    asked,
    by_subject,
    finished,
    ingested,
    severities,
    shared,
    unread,
)
from tests.runs import reading, readings

WORKSPACES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
each_workspace = pytest.mark.parametrize("workspace", WORKSPACES)


##### The configuration ################################################################################################


@each_workspace
def test_settings_policy_and_mappings_are_valid(workspace: str) -> None:
    folder = EXAMPLES / workspace
    settings = load_settings(folder)
    own = {path.stem for path in (folder / "sources").glob("*.toml")}

    assert own == set(settings.sources.mappings)
    for name in settings.sources.mappings:
        assert "accounts" in load_mapping(name, folder).tables
    assert load_policy(folder).all("report")
    load_aliases(folder)
    load_corrections(folder)


@each_workspace
def test_every_select_is_one_statement_that_duckdb_can_read(workspace: str) -> None:
    folder = EXAMPLES / workspace
    selects = [
        rule.sql
        for name in load_settings(folder).sources.mappings
        for rule in load_mapping(name, folder).tables.values()
        if rule.sql
    ]

    assert [len(duckdb.extract_statements(select)) for select in selects] == [1] * len(selects)


@each_workspace
def test_a_workspace_is_configuration_without_data(workspace: str) -> None:
    files = [path for path in (EXAMPLES / workspace).rglob("*") if path.is_file()]

    assert {path.suffix for path in files} <= {".toml", ".md"}
    assert not [path.name for path in files if path.stat().st_size > 20_000]


@each_workspace
def test_its_readme_says_for_which_data_and_how_to_run(workspace: str) -> None:
    text = (EXAMPLES / workspace / "README.md").read_text(encoding="utf-8")

    assert "public data set **" in text
    assert re.search(rf"kambook run -w data/examples/{workspace} --exports DIR -p (19|20)\d\d", text)


##### Runs #############################################################################################################


CLIENT = "client_id,client_name,industry,region,account_manager,contract_start_date"
CONTRACT = (
    "contract_id,client_id,contract_type,original_value,currency,start_date,end_date,status,last_modified_date,"
    "modification_type"
)
INVOICE = "invoice_id,contract_id,invoice_date,due_date,invoice_amount,paid_amount,paid_date,invoice_status"


@pytest.fixture
def contracts_and_invoices(tmp_path: Path) -> dict[str, pd.DataFrame]:
    files = {
        "clients.csv": [
            CLIENT,
            "CL1,Red Mills,Food,Europe,A.Blue,2024-05-01",
            "CL2,Old Yard,Media,APAC,B.Grey,2023-01-01",
        ],
        "contracts.csv": [
            CONTRACT,
            "CT1,CL1,New,1000,USD,2023-02-01,2024-02-01,Closed,2023-03-01,None",
            "CT2,CL2,Amendment,500,USD,2024-02-01,2025-02-01,Under Modification,2024-03-01,Scope Change",
        ],
        "invoices.csv": [
            INVOICE,
            "I1,CT1,2024-01-05,2024-02-04,100,0,,Outstanding",
            "I2,CT1,2024-01-05,2024-02-04,200,200,2024-02-01,Paid",
            "I3,CT2,2024-01-05,2024-02-04,300,120,2024-02-02,Disputed",
            "I4,CT9,2024-01-05,2024-02-04,400,0,,Overdue",
        ],
    }
    return ingested("clearwip_o2c", files, tmp_path)


def test_an_invoice_belongs_to_the_client_of_its_contract(
    contracts_and_invoices: dict[str, pd.DataFrame],
) -> None:
    invoices = contracts_and_invoices["invoices"].set_index("invoice_id")

    assert invoices.loc[["I1", "I2", "I3"], "account_id"].tolist() == ["CL1", "CL1", "CL2"]
    assert invoices.loc[["I1", "I2", "I3"], "kind"].tolist() == ["new", "new", "amendment"]
    assert invoices["is_disputed"].to_dict() == {"I1": False, "I2": False, "I3": True, "I4": False}


def test_an_invoice_of_an_unknown_contract_belongs_to_no_known_account(
    contracts_and_invoices: dict[str, pd.DataFrame],
) -> None:
    """An empty account would be counted in the portfolio; an unknown one goes to quarantine."""
    invoices = contracts_and_invoices["invoices"].set_index("invoice_id")

    assert invoices.loc["I4", "account_id"] not in {"~", *contracts_and_invoices["accounts"]["account_id"]}


def test_what_was_paid_is_a_payment(contracts_and_invoices: dict[str, pd.DataFrame]) -> None:
    payments = contracts_and_invoices["payments"]

    assert amounts(payments, "invoice_id", "amount") == {"I2": 200, "I3": 120}
    assert [f"{day:%Y-%m-%d}" for day in sorted(payments["paid_on"])] == ["2024-02-01", "2024-02-02"]


def test_a_client_is_one_from_the_first_contract_on(contracts_and_invoices: dict[str, pd.DataFrame]) -> None:
    accounts = contracts_and_invoices["accounts"].set_index("account_id")

    assert {each: f"{day:%Y-%m-%d}" for each, day in accounts["signed_on"].items()} == {
        "CL1": "2023-02-01",
        "CL2": "2023-01-01",
    }
    assert accounts["owner_id"].to_dict() == {"CL1": "A.Blue", "CL2": "B.Grey"}


BUDGET = "Branch,Account_Exe_ID,Employee_Name,New_Role2,New_Budget,Cross_sell_bugdet,Renewal_Budget"
LINE = (
    "invoice_number,invoice_date,revenue_transaction_type,branch_name,solution_group,Account_Exe_ID,Account_Executive,"
    "income_class,Amount,Client_Name,policy_number,income_due_date,Invoice_Cross,Invoice_New,Invoice_Renewal"
)
OPPORTUNITY = (
    "opportunity_name,opportunity_id,Account_Exe_Id,Account_Executive,premium_amount,revenue_amount,closing_date,stage,"
    "branch,specialty,product_group,product_sub_group,risk_details"
)
MEETING = "Account_Exe_ID,Account_Executive,branch_name,global_attendees,meeting_date"
LINES = [
    "1001,11-04-2019,Fees,Pune,Liability,1,Ann,New,50,Client A,,10-04-2019,70,50,60",
    "1002,30-05-2019,Brokerage,Pune,Marine,2,Bob,Renewal,30,Client C,2.41E+18,01-01-2019,,,",
    "1002,30-05-2019,Brokerage,Pune,Marine,2,Bob,Renewal,30,Client B,2.41E+18,01-01-2019,,,",
    "1003,31-12-2019,Brokerage,Pune,Marine,1,Ann,Cross Sell,70,Client A,001,01-01-2019,,,",
    "1004,31-31-2019,Brokerage,Pune,Marine,1,Ann,New,70,Client A,001,01-01-2019,,,",
]


def broker(folder: Path, lines: list[str]) -> dict[str, pd.DataFrame]:
    files = {
        "Individual_Budgets.csv": [BUDGET, "Pune,1,Ann,Hunter,100,250,37", "Pune,2,Bob,Servicer,11,0,5000"],
        "Invoice.csv": [LINE, *lines],
        "Opportunity.csv": [
            OPPORTUNITY,
            "X,OPP1,3,Cy,900,90,31-03-2020,Negotiate,Pune,Marine,Marine,Marine,Marine",
        ],
        "meeting.csv": [MEETING, "2,Robert,Pune,Zed,2019-10-17", "2,Robert,Pune,Yan,2019-10-17"],
    }
    return ingested("insurance_broker_ae", files, folder)


def test_lines_that_share_an_invoice_number_are_all_kept_whatever_their_order(tmp_path: Path) -> None:
    ids = []
    for name, lines in (("as exported", LINES), ("turned round", LINES[::-1])):
        (tmp_path / name).mkdir()
        invoices = broker(tmp_path / name, lines)["invoices"].set_index("invoice_id")
        ids.append(invoices["account_id"].to_dict())

    assert ids[0] == {"1001": "Client A", "1002": "Client B", "1002-2": "Client C", "1003": "Client A"}
    assert ids[1] == ids[0]


def test_income_class_is_the_kind_and_a_day_that_is_none_is_rejected(tmp_path: Path) -> None:
    tables = broker(tmp_path, LINES)

    assert amounts(tables["invoices"], "kind", "net_amount") == {"new": 50, "renewal": 60, "cross_sell": 70}
    assert tables["rejects"][["table", "_line", "column"]].to_numpy().tolist() == [
        ["invoices", 6, "issued_on"]
    ]


def test_an_executive_is_an_id_named_as_in_the_budgets(tmp_path: Path) -> None:
    tables = broker(tmp_path, LINES)

    assert dict(zip(tables["managers"]["manager_id"], tables["managers"]["name"], strict=True)) == {
        "1": "Ann",
        "2": "Bob",
        "3": "Cy",
    }
    assert tables["activities"]["manager_id"].tolist() == ["2", "2"]
    assert set(tables["activities"]["account_id"]) == {"~"}


def test_budgets_are_spread_over_the_months_and_add_up_to_the_year(tmp_path: Path) -> None:
    targets = broker(tmp_path, LINES)["targets"].assign(
        subject=lambda rows: rows["subject_kind"] + ":" + rows["subject_id"],
        aim=lambda rows: rows["metric"] + "/" + rows["breakdown"].fillna(""),
    )
    year = targets.groupby(["subject", "aim"])["value"].agg(["sum", "count"])

    assert set(year["count"]) == {12}
    assert (targets["value"] % SCALE == 0).all()
    assert {aim: value / SCALE for aim, value in year["sum"]["manager:1"].items()} == {
        "net_sales/": 387,
        "sales_by_kind/kind=cross_sell": 250,
        "sales_by_kind/kind=new": 100,
        "sales_by_kind/kind=renewal": 37,
    }
    assert year["sum"]["portfolio:all"].to_dict() == year["sum"]["team:Pune"].to_dict()
    assert year["sum"]["portfolio:all", "net_sales/"] == 5398 * SCALE
    assert set(targets["metric"]) <= set(METRICS.all())


##### The public data sets #############################################################################################


@pytest.fixture(scope="module")
def order_to_cash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished("clearwip_o2c", shared("clearwip_o2c"), "2025", tmp_path_factory.mktemp("o2c"))


@pytest.fixture(scope="module")
def order_to_cash_readings(order_to_cash: Path) -> pd.DataFrame:
    return readings(order_to_cash)


def test_invoices_by_status_are_reconciled(order_to_cash: Path) -> None:
    invoices = pd.read_parquet(order_to_cash / "tables" / "invoices.parquet")
    payments = pd.read_parquet(order_to_cash / "tables" / "payments.parquet")
    paid = invoices["invoice_id"].map(payments.groupby("invoice_id")["amount"].sum()).fillna(0)
    counted = dict(asked("select invoice_status, count(*) from invoices group by 1", shared("clearwip_o2c")))

    assert counted == {"Outstanding": 208, "Overdue": 199, "Disputed": 192, "Paid": 184}
    assert (paid == 0).sum() == 208 + 199
    assert (paid == invoices["net_amount"]).sum() == 184
    assert ((paid > 0) & (paid < invoices["net_amount"]) & invoices["is_disputed"]).sum() == 192
    assert invoices["is_disputed"].sum() == 192
    assert severities(order_to_cash) == set()
    assert unread(order_to_cash) == {"audit_log.csv", "revenue_wip.csv", "transactions.csv"}


def test_receivables_are_what_was_invoiced_less_what_was_paid(order_to_cash_readings: pd.DataFrame) -> None:
    open_amount = "sum(invoice_amount::decimal(18, 2) - paid_amount::decimal(18, 2))::double"
    joined = "invoices join contracts using (contract_id) join clients using (client_id)"
    folder = shared("clearwip_o2c")
    total = reading(order_to_cash_readings, "receivables", window="year")["value"]
    managers = dict(asked(f"select account_manager, {open_amount} from {joined} group by 1", folder))
    clients = dict(asked(f"select client_id, {open_amount} from {joined} group by 1", folder))

    assert total == 14_681_373
    assert [(total,)] == asked(f"select {open_amount} from invoices", folder)
    assert by_subject(order_to_cash_readings, "receivables", "manager", "year") == {
        (manager, ""): value for manager, value in managers.items()
    }
    assert by_subject(order_to_cash_readings, "receivables", "account", "year") == {
        (client, ""): value for client, value in clients.items() if value
    }


def test_ageing_by_due_date_adds_up_to_the_receivables(order_to_cash_readings: pd.DataFrame) -> None:
    query = """
    select case when late < 1 then 'not_due' when late < 31 then '1-30' when late < 61 then '31-60'
                when late < 91 then '61-90' when late < 121 then '91-120' else '121+' end, sum(open)::double
    from (select date '2025-12-31' - due_date::date as late,
                 invoice_amount::decimal(18, 2) - paid_amount::decimal(18, 2) as open from invoices)
    group by 1
    """
    expected = {f"bucket={bucket}": value for bucket, value in asked(query, shared("clearwip_o2c"))}
    found = by_subject(order_to_cash_readings, "ageing", "portfolio", "year")

    assert {breakdown: value for (_, breakdown), value in found.items()} == expected
    assert sum(found.values()) == 14_681_373


def test_sales_of_each_year_are_what_was_invoiced_in_it(order_to_cash_readings: pd.DataFrame) -> None:
    query = """
    select account_manager, contract_type, sum(invoice_amount::decimal(18, 2))::double
    from invoices join contracts using (contract_id) join clients using (client_id)
    where invoice_date >= '2025' and invoice_date < '2026' group by all
    """
    expected = {
        (manager, f"kind={kind.lower()}"): value
        for manager, kind, value in asked(query, shared("clearwip_o2c"))
    }
    year = reading(order_to_cash_readings, "net_sales", window="year")

    assert by_subject(order_to_cash_readings, "sales_by_kind", "manager", "year") == expected
    assert (year["value"], year["before"]) == (9_653_267, 11_216_438)


@pytest.fixture(scope="module")
def broker_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shared("insurance_broker_ae")
    return finished("insurance_broker_ae", folder, "2020-01", tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module")
def broker_year(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = shared("insurance_broker_ae")
    return readings(finished("insurance_broker_ae", folder, "2020", tmp_path_factory.mktemp("year")))


KINDS = {"kind=cross_sell": 3_040_813, "kind=new": 827_822, "kind=renewal": 8_394_071}


def test_invoiced_by_kind_is_what_the_file_itself_says(broker_run: Path) -> None:
    totals = asked(
        "select max(Invoice_Cross::double), max(Invoice_New::double), max(Invoice_Renewal::double) from Invoice",
        shared("insurance_broker_ae"),
    )
    table = readings(broker_run)
    found = by_subject(table, "sales_by_kind", "portfolio", "ytd")

    assert {breakdown: value for (_, breakdown), value in found.items()} == KINDS
    assert totals == [tuple(KINDS.values())]
    assert reading(table, "net_sales", window="ytd")["value"] == sum(KINDS.values())
    assert len(pd.read_parquet(broker_run / "tables" / "invoices.parquet")) == 204
    assert unread(broker_run) == {"brokerage.csv", "fees.csv"}
    assert severities(broker_run) == {("invoices", "due_on_is_given")}


@pytest.mark.parametrize("metric", ["receivables", "overdue_amount", "dso_simple"])
def test_what_is_open_is_not_known_where_no_payments_are_exported(broker_run: Path, metric: str) -> None:
    found = reading(readings(broker_run), metric)

    assert pd.isna(found["value"])
    assert found["reason"] in ("input_missing", "short_history")
    assert reading(readings(broker_run), "receivables")["reason"] == "input_missing"


def test_each_executive_has_what_was_invoiced_by_kind(broker_run: Path) -> None:
    query = """
    select Account_Exe_ID, 'kind=' || replace(lower(income_class), ' ', '_'), sum(Amount::bigint)::double
    from Invoice group by all
    """
    expected = {
        (manager, kind): value for manager, kind, value in asked(query, shared("insurance_broker_ae"))
    }

    assert by_subject(readings(broker_run), "sales_by_kind", "manager", "ytd") == expected


BUDGETS = {"kind=cross_sell": 20_083_111, "kind=new": 19_673_793, "kind=renewal": 12_319_455}


def test_budgets_of_the_year_are_its_targets(broker_year: pd.DataFrame) -> None:
    rows = asked(
        "select Account_Exe_ID, New_Budget::double, Cross_sell_bugdet::double, Renewal_Budget::double"
        " from Individual_Budgets",
        shared("insurance_broker_ae"),
    )

    assert len(rows) == 10
    for kind, budget in BUDGETS.items():
        of_portfolio = reading(broker_year, "sales_by_kind", window="year", breakdown=kind)
        assert (of_portfolio["value"], of_portfolio["target"]) == (KINDS[kind], budget)
        assert of_portfolio["verdict"] == "bad"
    for manager, *budgets in rows:
        whole = reading(broker_year, "net_sales", f"manager:{manager}", "year")
        assert whole["target"] == sum(budgets)
        assert whole["verdict"] == ("good" if whole["value"] >= sum(budgets) else "bad")


def test_the_year_to_date_is_judged_by_ten_months_of_the_budget(broker_run: Path) -> None:
    table = readings(broker_run)
    to_date = reading(table, "net_sales", "manager:4", "ytd")
    renewals = reading(table, "sales_by_kind", "manager:4", "ytd", breakdown="kind=renewal")

    assert to_date["target"] == pytest.approx(2_510_000 * 10 / 12, abs=3)
    assert (renewals["value"], renewals["target"], renewals["verdict"]) == (4_431_557, 841_666, "good")


def test_opportunities_and_meetings_belong_to_executives_and_to_no_account(broker_run: Path) -> None:
    folder = shared("insurance_broker_ae")
    opportunities = pd.read_parquet(broker_run / "tables" / "opportunities.parquet")
    notes = store.read_json(broker_run / "tables" / "ingest.json")["notes"]
    without = {each["table"]: each["rows"] for each in notes if each["expectation"] == "rows_name_an_account"}
    expected = dict(
        asked(
            "select Account_Exe_Id, sum(revenue_amount::bigint)::double from Opportunity group by 1", folder
        )
    )

    assert without == {"activities": 34, "opportunities": 49}
    assert amounts(opportunities, "manager_id", "amount") == expected
    assert opportunities["is_won"].isna().all()
    assert opportunities["expected_on"].notna().all()


def test_policy_numbers_stay_as_they_came(broker_run: Path) -> None:
    exported = (shared("insurance_broker_ae") / "Invoice.csv").read_bytes()

    assert (broker_run / "raw" / "Invoice.csv").read_bytes() == exported
    assert len(re.findall(rb",\d\.\d\dE\+\d\d,", exported)) == 41
