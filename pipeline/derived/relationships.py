"""Relationships: since when each customer has been one, in which stage that puts it, and for how many years."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived

_FAR = np.datetime64("2200-01-01", "s")
STAGES = ("initial", "stable", "deep", "symbiosis")


@derived()
def relationships(inputs: Inputs) -> pd.DataFrame:
    """One row per customer and span: `level` stage (with its place from 1 on) or years (whole years of age).

    A relationship begins on the first day an account of the group signed, else with its first sale; of customers with
    neither nothing is known. Stages follow the rule of their day; the day on which a relationship is exactly as old as a
    border is the last of the earlier stage (initial up to 3 months, symbiosis over 3 years). Rows stand on the
    customer's top account.
    """
    begun = _begun(inputs)
    parts = [_years(begun, inputs), *_stages(begun, inputs)]
    return pd.concat(parts, ignore_index=True)


def _begun(inputs: Inputs) -> pd.DataFrame:
    """The first day of each customer's relationship, and the row that says so."""
    accounts = inputs.tables["accounts"]
    signed = accounts[accounts["signed_on"].notna()]
    dated = pd.DataFrame(
        {
            "customer_id": signed["customer_id"],
            "started_on": signed["signed_on"],
            "_from": "accounts:" + signed["_row"],
        }
    )
    first = dated.sort_values(["customer_id", "started_on", "_from"]).drop_duplicates("customer_id")
    sales = inputs.made("sales")
    sales = sales[(sales["net_amount"] > 0).fillna(False) & sales["sold_on"].notna()]
    sales = sales[~sales["customer_id"].isin(first["customer_id"])]
    sold = sales[["customer_id", "sold_on", "_from"]].rename(columns={"sold_on": "started_on"})
    sold = sold.sort_values(["customer_id", "started_on", "_from"]).drop_duplicates("customer_id")
    rows = pd.concat([first, sold], ignore_index=True)
    known = rows["customer_id"].isin(accounts["customer_id"]) & (
        rows["started_on"] < np.datetime64(inputs.until_on)
    )
    return rows[known].reset_index(drop=True)


def _years(begun: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """A row for each whole year of age."""
    last = inputs.until_on.year
    count = (last - begun["started_on"].dt.year + 1).to_numpy(dtype=np.int64)
    rows = begun.iloc[np.repeat(np.arange(len(begun)), count)].reset_index(drop=True)
    year = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    from_on, until_on = (_after(rows["started_on"], 12 * (year + more)) for more in (0, 1))
    return _rows(rows, "years", pd.Series(year, dtype="Int64"), pd.Series(dtype="str"), from_on, until_on)


def _after(days: pd.Series, months: Any) -> pd.Series:
    """The same day so many months later, or the last of that month."""
    start = days.to_numpy().astype("datetime64[M]")
    into = (days.to_numpy().astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)
    target = start + np.asarray(months).astype("timedelta64[M]")
    longest = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64) - 1
    reached = target.astype("datetime64[D]") + np.minimum(into, longest).astype("timedelta64[D]")
    return pd.Series(reached.astype("datetime64[s]"), index=days.index)


def _stages(begun: pd.DataFrame, inputs: Inputs) -> list[pd.DataFrame]:
    """A row for each stage under each rule that was in force."""
    rules = inputs.policy.all("lifecycle")
    ends = [*(np.datetime64(rule.valid_from, "s") for rule in rules[1:]), _FAR]
    return [
        _stage(begun, stage.name, stage.after_months, until, np.datetime64(rule.valid_from, "s"), end)
        for rule, end in zip(rules, ends, strict=True)
        for stage, until in zip(
            rule.stages, [*(each.after_months for each in rule.stages[1:]), None], strict=True
        )
    ]


def _stage(
    begun: pd.DataFrame, name: str, after: int, until: int | None, valid_from: Any, valid_until: Any
) -> pd.DataFrame:
    """The span of one stage of every customer while one rule is in force."""
    count = len(begun)
    from_on = _passed(begun["started_on"], after)
    until_on = np.full(count, _FAR) if until is None else _passed(begun["started_on"], until).to_numpy()
    spans = begun.assign(
        from_on=np.maximum(from_on.to_numpy(), valid_from), until_on=np.minimum(until_on, valid_until)
    )
    spans = spans[spans["from_on"] < spans["until_on"]].reset_index(drop=True)
    place = pd.Series(STAGES.index(name) + 1, index=spans.index, dtype="Int64")
    text = pd.Series(name, index=spans.index, dtype="str")
    return _rows(spans, "stage", place, text, spans["from_on"], spans["until_on"])


def _passed(days: pd.Series, months: int) -> pd.Series:
    """The first day on which more than so many months have gone by since each day."""
    return _after(days, np.full(len(days), months)) + pd.Timedelta(days=1 if months else 0)


def _rows(
    begun: pd.DataFrame,
    level: str,
    value: pd.Series,
    stage: pd.Series,
    from_on: pd.Series,
    until_on: pd.Series,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": begun["customer_id"],
            "customer_id": begun["customer_id"],
            "level": pd.Series(level, index=begun.index, dtype="str"),
            "stage": stage.reindex(begun.index),
            "value": value,
            "started_on": begun["started_on"],
            "from_on": from_on.astype("datetime64[s]"),
            "until_on": until_on.astype("datetime64[s]"),
            "_from": begun["_from"],
        }
    )
