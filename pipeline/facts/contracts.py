"""Facts about contracts: which are in force, what was agreed, and what was spent under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd


@stock(
    table="contract_states", on="starts_on", until="until_on", unit="count", history="register",
    label=Words("有效合同数", "contracts in force"),
)  # fmt: skip
def contracts_held(rows: pd.DataFrame) -> pd.Series:
    """One for each contract that binds."""
    return rows["contract_id"].notna().astype("int64")


@stock(
    table="contract_cover", on="from_on", until="until_on", unit="days",
    label=Words("合同剩余天数", "days under contract"),
)  # fmt: skip
def cover_days(rows: pd.DataFrame) -> pd.Series:
    """For how many days from now on a customer is covered by contracts."""
    return rows["days_left"]


@stock(
    table="contract_cover", on="from_on", until="until_on", unit="count",
    label=Words("有合同的客户数", "customers under contract"),
)  # fmt: skip
def customers_covered(rows: pd.DataFrame) -> pd.Series:
    """One for a customer with contracts in force that have an end."""
    return rows["days_left"].notna().astype("int64")


@flow(
    table="contract_amounts", on="day_on", unit="money", history="register",
    label=Words("按期间折算的合同额", "contract amount pro rata"),
)  # fmt: skip
def agreed_amount(rows: pd.DataFrame) -> pd.Series:
    """What was agreed for the days of a span."""
    return rows["agreed_amount"]


@flow(
    table="contract_sales", on="sold_on", unit="money", history="beside",
    label=Words("合同期内销售额", "spend under contract"),
)  # fmt: skip
def contract_spend(rows: pd.DataFrame) -> pd.Series:
    """What was bought on days on which a contract of the account was in force."""
    return rows["spend_amount"]


@stock(
    table="ledger", on="from_on", until="until_on", unit="count",
    label=Words("未结发票数", "open invoices"),
)  # fmt: skip
def invoices_outstanding(rows: pd.DataFrame) -> pd.Series:
    """One for each invoice with an open balance; an open credit note counts, too."""
    return (rows["balance_amount"] != 0).where(rows["balance_amount"].notna()).astype("Int64")
