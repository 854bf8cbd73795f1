"""Facts about relationships: their stage and age, and how regularly a customer buys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.derived.relationships import STAGES
from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact, flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_LEVELS: dict[str, Any] = {"table": "relationships", "on": "from_on", "until": "until_on", "unit": "count"}
_MONTHS = 12


@stock(**_LEVELS, label=Words("关系阶段序号", "place of the stage"))
def stage_place(rows: pd.DataFrame) -> pd.Series:
    """1 for a customer in the initial stage, 2 stable, 3 deep, 4 symbiosis."""
    return rows["value"].where(rows["level"] == "stage", 0)


@stock(**_LEVELS, label=Words("合作年数", "years of the relationship"))
def relationship_years(rows: pd.DataFrame) -> pd.Series:
    """The whole years since the relationship began."""
    return rows["value"].where(rows["level"] == "years", 0)


@flow(table="purchase_days", on="sold_on", unit="count", label=Words("采购次数", "purchases"))
def purchases(rows: pd.DataFrame) -> pd.Series:
    """One for each day on which an account bought something, whatever the number of lines."""
    return rows["account_id"].notna().astype("int64")


@account_fact(member="customer", unit="count", label=Words("有采购的月数", "months with a purchase"))
def months_with_purchase(f: Any) -> Quantity:
    """In how many of the last twelve months a customer bought something."""
    months = [f.trailing(1).back(n).sales_rows for n in range(_MONTHS)]
    count = np.sum([month.values > 0 for month in months], axis=0).astype(np.int64)
    return Quantity(count, 1, f.trailing(_MONTHS).sales_rows.reasons)


@account_fact(
    member="customer", unit="count", label=Words("客户数", "customers"), by={"stage": (*STAGES, "lapsed")}
)
def customers_in_stage(f: Any) -> Quantity:
    """One for a customer in the stage asked for; of the whole, in any but lapsed."""
    stage = f.chosen("stage")
    said = f.text("lifecycle_stage")
    counted = [each is not None and (each == stage if stage else each != "lapsed") for each in said]
    return Quantity.of(np.array(counted, dtype=np.int64))
