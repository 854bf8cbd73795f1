"""Example workspaces of receivables, deliveries, orders and subscriptions: what each mapping makes of its export.

On small exports in the shape of the public data set; where the set is at hand, the figures that its files state
themselves come out equal, asked of the files by DuckDB or pandas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.intake.alias_suggestions import accounts_named, suggested
from pipeline.schema import SCALE
from tests.example_workspaces import (
    EXAMPLES,
    amounts,
    asked,
    by_subject,
    finished,
    ingested,
    severities,
    shared,
)
from tests.runs import reading, readings

Tables = dict[str, pd.DataFrame]
slow = pytest.mark.slow


def days(rows: pd.DataFrame, key: str, column: str) -> dict[str, str]:
    known = rows.dropna(subset=[column])
    return {str(name): f"{day:%Y-%m-%d}" for name, day in zip(known[key], known[column], strict=True)}


##### Small exports ####################################################################################################

AR = (
    "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,"
    "PaperlessBill,DaysToSettle,DaysLate"
)


def test_receivables_a_settled_invoice_is_an_invoice_and_its_payment(tmp_path: Path) -> None:
    rows = [
        AR,
        "391,C-1,4/6/2013,0001,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0",
        "391,C-1,4/6/2013,0002,12/20/2013,1/19/2014,61.7,Yes,1/25/2014,Paper,36,6",
    ]
    tables = ingested("ibm_accounts_receivable", {"WA_Fn-UseC_-Accounts-Receivable.csv": rows}, tmp_path)

    assert tables["accounts"]["account_id"].tolist() == ["C-1"]
    assert days(tables["invoices"], "invoice_id", "due_on") == {"0001": "2013-02-01", "0002": "2014-01-19"}
    assert days(tables["payments"], "invoice_id", "paid_on") == {"0001": "2013-01-15", "0002": "2014-01-25"}
    assert amounts(tables["payments"], "invoice_id", "amount") == {"0001": 55.94, "0002": 61.7}
    assert dict(zip(tables["invoices"]["invoice_id"], tables["invoices"]["is_disputed"], strict=True)) == {
        "0001": False,
        "0002": True,
    }


SCMS = (
    "ID,Country,Managed By,PO Sent to Vendor Date,Scheduled Delivery Date,Delivered to Client Date,Product Group,"
    "Item Description,Line Item Quantity,Line Item Value,Pack Price"
)


def test_deliveries_each_line_is_an_order_whose_day_is_never_after_its_delivery(tmp_path: Path) -> None:
    rows = [
        SCMS,
        "1,Vietnam,PMO - US,N/A - From RDC,14-Nov-06,16-Nov-06,ARV,Drug A,19,551,29",
        "2,Vietnam,PMO - US,10/2/06,14-Nov-06,14-Nov-06,ARV,Drug A,1,29.5,29.5",
        "3,Haiti,Haiti Office,Date Not Captured,20-Nov-06,18-Nov-06,HRDT,Test B,2,10,5",
    ]
    tables = ingested("scms_delivery", {"SCMS_Delivery_History_Dataset.csv": rows}, tmp_path)

    assert days(tables["orders"], "order_id", "ordered_on") == {
        "1": "2006-11-14",
        "2": "2006-10-02",
        "3": "2006-11-18",
    }
    assert sorted(tables["accounts"]["account_id"]) == ["Haiti", "Vietnam"]
    assert amounts(tables["order_lines"], "order_id", "net_amount") == {"1": 551, "2": 29.5, "3": 10}


NORTHWIND = {
    "customers.csv": ["customerID,companyName,region,country", "VINET,Vins,NULL,France"],
    "employees.csv": ["employeeID,lastName,firstName,hireDate,reportsTo", "5,Buchanan,Steven,1993-10-17 00:00:00.000,NULL"],
    "employee_territories.csv": ["employeeID,territoryID", "5,02903", "5,07960"],
    "territories.csv": ["territoryID,territoryDescription,regionID", "02903,Providence,1", "07960,Morristown,1"],
    "regions.csv": ["regionID,regionDescription", "1,Eastern"],
    "categories.csv": ["categoryID,categoryName,description,picture", "1,Drinks,x,0x15"],
    "products.csv": ["productID,productName,categoryID,unitPrice", "11,Tea,1,14.00", "42,Mee,1,9.80"],
    "orders.csv": [
        "orderID,customerID,employeeID,orderDate,requiredDate,shippedDate,shipVia",
        "1,VINET,5,1996-07-04 00:00:00.000,1996-08-01 00:00:00.000,1996-07-16 00:00:00.000,3",
        "2,VINET,5,1996-07-05 00:00:00.000,1996-08-01 00:00:00.000,NULL,3",
    ],
    "order_details.csv": ["orderID,productID,unitPrice,quantity,discount", "1,42,9.80,10,0.15", "1,11,14.00,12,0", "2,11,14.00,1,0"],
}  # fmt: skip


def test_orders_are_priced_exactly_and_what_was_not_shipped_was_not_delivered(tmp_path: Path) -> None:
    tables = ingested("northwind", NORTHWIND, tmp_path)
    lines = tables["order_lines"]

    assert amounts(lines, "order_id", "net_amount") == {"1": 251.3, "2": 14.0}
    assert amounts(lines, "order_id", "discount_amount") == {"1": 14.7, "2": 0.0}
    assert lines.set_index(["order_id", "line_no"])["product_id"].to_dict() == {
        ("1", 1): "11",
        ("1", 2): "42",
        ("2", 1): "11",
    }
    assert lines["delivered_quantity"].isna().tolist() == [False, False, True]
    assert days(tables["orders"], "order_id", "delivered_on") == {"1": "1996-07-16"}
    assert tables["managers"][["name", "team_id"]].to_numpy().tolist() == [["Steven Buchanan", "1"]]
    assert tables["accounts"]["region"].isna().all()


RAVEN = {
    "ravenstack_accounts.csv": ["account_id,account_name,industry,country,signup_date,churn_flag", "A1,Co,EdTech,US,2023-01-01,TRUE"],
    "ravenstack_subscriptions.csv": [
        "subscription_id,account_id,start_date,end_date,arr_amount,churn_flag,is_trial",
        "S1,A1,2023-12-23,2024-04-12,33432,TRUE,FALSE",
        "S2,A1,2024-01-01,,0,FALSE,TRUE",
    ],
    "ravenstack_support_tickets.csv": [
        "ticket_id,account_id,submitted_at,closed_at,resolution_time_hours,priority,first_response_time_minutes,satisfaction_score,escalation_flag",
        "T1,A1,2023-07-27,2023-07-28,27,high,74,,FALSE",
        "T2,A1,2023-07-27,2023-07-27,3,low,10,4,TRUE",
    ],
    "ravenstack_feature_usage.csv": [
        "usage_id,subscription_id,usage_date,feature_name,usage_count",
        "U1,S1,2024-01-03,f1,9",
        "U2,S2,2024-01-20,f1,2",
        "U3,S1,2024-02-01,f1,1",
    ],
}  # fmt: skip


def test_subscriptions_tickets_and_use_become_contracts_cases_and_months(tmp_path: Path) -> None:
    tables = ingested("ravenstack_saas", RAVEN, tmp_path)
    cases = tables["cases"].set_index("case_id")

    assert amounts(tables["contracts"], "contract_id", "annual_amount") == {"S1": 33432, "S2": 0}
    assert str(cases.loc["T1", "first_reply_at"]) == "2023-07-27 01:14:00+00:00"
    assert str(cases.loc["T1", "resolved_at"]) == "2023-07-28 03:00:00+00:00"
    assert tables["surveys"]["survey_id"].tolist() == ["T2"]
    assert amounts(tables["usage"].assign(month=tables["usage"]["month_on"].dt.strftime("%Y-%m")), "month", "quantity") == {
        "2024-01": 11,
        "2024-02": 1,
    }  # fmt: skip


OPEN = "name_customer,cust_number,doc_id,posting_date,due_in_date,invoice_currency,document type,total_open_amount"


def test_a_customer_is_its_number_and_numbers_are_made_one_by_an_alias_only(tmp_path: Path) -> None:
    rows = [
        OPEN,
        "WINC co,0042,1930571429.0,2020-02-27,2020-03-13,USD,RV,8734.71",
        "WINC corp,0042,1930571430.0,2020-02-28,2020-03-14,CAD,RV,10",
        "WINC corp,0042,1930571431.0,2020-02-28,2020-03-14,USD,RV,20",
        "WINC,42,1930571432.0,2020-02-28,2020-03-14,USD,RV,30",
    ]
    tables = ingested("highradius_open_ar", {"open_invoices.csv": rows}, tmp_path)
    named = accounts_named(
        pd.Series(["0042", "0042", "42"], dtype="str"),
        pd.Series(["WINC corp", "WINC co", "WINC"], dtype="str"),
    )

    assert dict(zip(tables["accounts"]["account_id"], tables["accounts"]["name"], strict=True)) == {
        "0042": "WINC corp",
        "42": "WINC",
    }
    assert amounts(tables["invoices"], "account_id", "net_amount") == {"0042": 8764.71, "42": 30}
    assert tables["invoices"]["invoice_id"].iloc[0] == "1930571429"
    assert [(each.alias.identity, each.target.identity) for each in suggested(named, {})] == [("42", "0042")]


def test_the_workspaces_with_an_alias_of_their_own_hold_no_data() -> None:
    for name in ("highradius_open_ar", "ibm_accounts_receivable"):
        assert not (EXAMPLES / name / "aliases.toml").exists()


##### The public data sets #############################################################################################


@pytest.fixture(scope="module")
def receivables_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shared("ibm_accounts_receivable")
    return finished("ibm_accounts_receivable", folder, "2013", tmp_path_factory.mktemp("ar"))


AR_VIEW = '"WA_Fn-UseC_-Accounts-Receivable"'


def of_receivables(query: str) -> list[tuple[Any, ...]]:
    """An answer from the file itself, in which each text is a column of its own."""
    folder = shared("ibm_accounts_receivable")
    path = folder / "WA_Fn-UseC_-Accounts-Receivable.csv"
    return asked(query.replace("$file", f"read_csv('{path}', all_varchar = true)"), folder / "none")


@slow
def test_days_late_and_days_to_settle_are_those_that_the_file_states(receivables_run: Path) -> None:
    stated = of_receivables("select invoiceNumber, DaysLate::int, DaysToSettle::int from $file")
    invoices = pd.read_parquet(receivables_run / "tables" / "invoices.parquet").set_index("invoice_id")
    paid = pd.read_parquet(receivables_run / "tables" / "payments.parquet").set_index("invoice_id")["paid_on"]
    late = (paid - invoices["due_on"]).dt.days.clip(lower=0)
    to_settle = (paid - invoices["issued_on"]).dt.days

    assert len(stated) == 2466
    assert {number: (days_late, days) for number, days_late, days in stated} == {
        number: (late[number], to_settle[number]) for number in invoices.index
    }


@slow
def test_weighted_days_late_is_what_the_files_days_give(receivables_run: Path) -> None:
    """Of what is undisputed: days late of what was settled in the year, and days up to its end of what is overdue."""
    query = """
    with item as (
        select InvoiceAmount::decimal(18, 2) as amount, DaysLate::int as late, Disputed = 'Yes' as disputed,
               strptime(SettledDate, '%m/%d/%Y')::date as settled, strptime(DueDate, '%m/%d/%Y')::date as due
        from $file
    ),
    counted as (
        select amount, disputed, late as days from item where settled between '2013-01-01' and '2013-12-31'
        union all
        select amount, disputed, date '2013-12-31' - due from item where settled > '2013-12-31' and due < '2013-12-31'
    )
    select sum(amount * days)::double / sum(amount)::double from counted where not disputed
    """
    found = reading(readings(receivables_run), "weighted_days_late_floored", window="year")["value"]

    assert [(pytest.approx(found, abs=1e-9),)] == of_receivables(query)


@slow
def test_what_is_not_settled_by_the_end_of_the_year_is_receivable(receivables_run: Path) -> None:
    query = """
    select sum(InvoiceAmount::decimal(18, 2))::double from $file
    where strptime(SettledDate, '%m/%d/%Y') > '2013-12-31'
    """
    table = readings(receivables_run)

    assert [(reading(table, "receivables", window="year")["value"],)] == of_receivables(query)
    assert reading(table, "net_sales", window="year")["value"] == pytest.approx(
        of_receivables(
            "select sum(InvoiceAmount::decimal(18, 2))::double from $file where InvoiceDate like '%/2013'"
        )[0][0]
    )
    assert severities(receivables_run) == {("invoices", "month_has_its_rows")}


@slow
def test_lines_delivered_late_are_those_of_the_file(tmp_path: Path) -> None:
    folder = shared("scms_delivery")
    run = finished("scms_delivery", folder, "2015-06", tmp_path)
    orders = pd.read_parquet(run / "tables" / "orders.parquet")
    path = next(folder.glob("SCMS_Delivery_History_Dataset.csv*"))
    lines = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    planned = pd.to_datetime(lines["Scheduled Delivery Date"], format="%d-%b-%y")
    came = pd.to_datetime(lines["Delivered to Client Date"], format="%d-%b-%y")
    june = (planned >= "2015-06-01") & (planned < "2015-07-01")
    found = reading(readings(run), "on_time_orders", breakdown="basis=first_promised")

    assert (orders["delivered_on"] > orders["first_promised_on"]).sum() == (came > planned).sum() == 1186
    assert (found["value"], found["n"]) == (pytest.approx((came <= planned)[june].mean()), june.sum())
    value = pd.read_parquet(run / "tables" / "order_lines.parquet")["net_amount"].sum() / SCALE
    assert value == pytest.approx(pd.to_numeric(lines["Line Item Value"]).sum())


@slow
def test_northwind_sales_and_late_orders_are_those_of_its_files(tmp_path: Path) -> None:
    folder = shared("northwind")
    table = readings(finished("northwind", folder, "1997", tmp_path))
    sold = """
    select {by}sum(unitPrice::decimal(12, 2) * quantity::decimal(6) * (1 - discount::decimal(4, 2)))::double
    from order_details join orders using (orderID) where orderDate between '1997' and '1998' {group}
    """
    due = "from orders where requiredDate between '1997' and '1998' and shippedDate <> 'NULL'"
    on_time = reading(table, "on_time_orders", window="year", breakdown="basis=requested")

    assert [(reading(table, "net_sales", window="year")["value"],)] == asked(
        sold.format(by="", group=""), folder
    )
    assert by_subject(table, "net_sales", "account", "year") == {
        (customer, ""): pytest.approx(value)
        for customer, value in asked(sold.format(by="customerID, ", group="group by 1"), folder)
    }
    assert [(on_time["n"], pytest.approx(on_time["value"]))] == asked(
        f"select count(*), avg((shippedDate <= requiredDate)::int) {due}", folder
    )


@slow
def test_the_chinese_workbook_adds_up_by_manager_and_by_customer(tmp_path: Path) -> None:
    folder = shared("cn_superstore_xls")
    run = finished("cn_superstore_xls", folder, "2017", tmp_path)
    book = next(folder.glob("*.xls"))
    lines = pd.read_excel(book, sheet_name="订单", engine="calamine")
    people = pd.read_excel(book, sheet_name="销售人员", engine="calamine").set_index("地区")["地区经理"]
    year = lines[pd.to_datetime(lines["订单日期"]).dt.year == 2017]
    table = readings(run)
    sales = reading(table, "net_sales", window="year")["value"]
    margin = reading(table, "gross_margin", window="year")["value"]

    assert sales == pytest.approx(year["销售额"].sum(), abs=0.5)
    assert margin == pytest.approx(year["利润"].sum() / year["销售额"].sum(), abs=1e-5)
    assert by_subject(table, "net_sales", "manager", "year") == {
        (manager, ""): pytest.approx(value, abs=0.1)
        for manager, value in year.groupby(year["地区"].map(people))["销售额"].sum().items()
    }
    returned = pd.read_excel(book, sheet_name="退货", engine="calamine")["订单 ID"]
    orders = pd.read_parquet(run / "tables" / "orders.parquet")
    assert set(orders.loc[orders["status"] == "returned", "order_id"].str.split("/").str[0]) == set(
        returned
    ) & set(lines["订单 ID"])


@slow
def test_hours_of_tickets_and_annual_amounts_are_those_that_the_files_state(tmp_path: Path) -> None:
    folder = shared("ravenstack_saas")
    run = finished("ravenstack_saas", folder, "2024-12", tmp_path)
    cases = pd.read_parquet(run / "tables" / "cases.parquet").set_index("case_id")
    hours = ((cases["resolved_at"] - cases["opened_at"]).dt.total_seconds() / 3600).to_dict()
    minutes = ((cases["first_reply_at"] - cases["opened_at"]).dt.total_seconds() / 60).to_dict()
    stated = asked(
        "select ticket_id, resolution_time_hours::double, first_response_time_minutes::double"
        " from ravenstack_support_tickets",
        folder,
    )
    closed = asked("select ticket_id, closed_at from ravenstack_support_tickets", folder)
    table = readings(run)
    started = "from ravenstack_subscriptions where start_date between '2024-01-01' and '2024-12-31'"
    solved = "from ravenstack_support_tickets where submitted_at between '2024-01-01' and '2024-12-31'"

    assert {ticket: (hours[ticket], minutes[ticket]) for ticket, *_ in stated} == {
        ticket: (solved_in, answered_in) for ticket, solved_in, answered_in in stated
    }
    assert closed == [(ticket, f"{cases.loc[ticket, 'resolved_at']:%Y-%m-%d}") for ticket, _ in closed]
    assert [(reading(table, "net_sales", window="year")["value"],)] == asked(
        f"select sum(arr_amount::bigint)::double {started}", folder
    )
    assert [(reading(table, "cases", window="year")["value"],)] == asked(
        f"select count(*)::double {solved}", folder
    )


@slow
def test_open_receivables_by_currency_are_those_of_the_file_and_no_total_is_guessed(tmp_path: Path) -> None:
    folder = shared("highradius_open_ar")
    run = finished("highradius_open_ar", folder, "2020-05", tmp_path)
    items = pd.read_csv(next(folder.glob("open_invoices.csv*")), dtype=str)
    invoices = pd.read_parquet(run / "tables" / "invoices.parquet")
    stated = pd.to_numeric(items["total_open_amount"]).groupby(items["invoice_currency"]).sum()
    total = reading(readings(run), "receivables")

    assert amounts(invoices, "currency", "net_amount") == pytest.approx(stated.to_dict())
    assert (len(invoices), invoices["account_id"].nunique(), items["name_customer"].nunique()) == (
        9700,
        664,
        1772,
    )
    assert pd.isna(total["value"])
    assert total["reason"]


@slow
def test_customers_of_the_open_receivables_that_may_be_one_are_proposed() -> None:
    items = pd.read_csv(next(shared("highradius_open_ar").glob("open_invoices.csv*")), dtype=str)
    accounts = accounts_named(items["cust_number"], items["name_customer"].str.strip())
    found = suggested(accounts, {})
    zeros = [each for each in found if each.alias.identity.lstrip("0") == each.target.identity.lstrip("0")]

    assert len(accounts) == 664
    assert len(zeros) > 100
    assert all(each.sureness == 0.99 for each in zeros)
