"""Open items: what of each invoice was open, from when until when, and in which age."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, by_rule, derived, joined

BUCKETS = ("not_due", "1-30", "31-60", "61-90", "91-120", "121+")
_BUCKET_STARTS = (1, 31, 61, 91, 121)
"""Days late from which an item is in each later bucket."""
_FAR = np.int64(4_000_000)


@derived("invoices")
def ledger(inputs: Inputs) -> pd.DataFrame:
    """One row for each span in which an invoice's balance and age stayed the same: [from_on, until_on).

    `balance_amount` is gross of tax (net where the export has no tax column), in the invoice's currency; negative
    for an open credit note or an overpayment. `until_on` is empty while the balance is still open. Days late count
    from the due date; an invoice without one is due after the policy's payment days. Where the exports have no
    payments at all nobody knows what is still open: every balance is unknown then.
    """
    invoices = inputs.tables["invoices"]
    invoices = invoices[invoices["issued_on"] < np.datetime64(inputs.until_on)]
    if invoices.empty:
        return _empty()
    due = due_days(invoices, inputs)
    events = pd.concat([_billed(invoices), _paid(invoices, inputs)], ignore_index=True)
    spans = _balances(events)
    item = invoices.reset_index(drop=True)
    spans = spans.assign(due=due[spans["item"].to_numpy()])
    rows = _aged(spans)
    taken = item.take(rows["item"].to_numpy()).reset_index(drop=True)
    return pd.DataFrame(
        {
            **{
                name: taken[name]
                for name in ("account_id", "customer_id", "manager_id", "invoice_id", "currency")
            },
            "issued_on": taken["issued_on"],
            "due_on": _dates(rows["due"]),
            "from_on": _dates(rows["from"]),
            "until_on": _dates(rows["until"]),
            "bucket": pd.Series(np.array(BUCKETS, dtype=object)[rows["bucket"]], dtype="str"),
            "balance_amount": _known(rows["balance"], inputs).array,
            "_from": pd.Series(rows["sources"].to_numpy(), dtype="str"),
        }
    )


def _known(balance: pd.Series, inputs: Inputs) -> pd.Series:
    """The balances; not known where it is not known what was paid."""
    return balance.astype("Int64").where(pd.Series(inputs.has("payments"), index=balance.index))


def gross(invoices: pd.DataFrame) -> pd.Series:
    """What the customer owes by each invoice: gross of tax, net where no tax is given; credit notes negative."""
    amounts = invoices["gross_amount"].fillna(invoices["net_amount"] + invoices["tax_amount"].fillna(0))
    credit = invoices["is_credit_note"].fillna(False).astype(bool)
    return amounts.where(~credit, -amounts.abs())


def due_days(invoices: pd.DataFrame, inputs: Inputs) -> Any:
    """The day each invoice is due, in days since 1970; without a due date after the policy's payment days."""
    undated = invoices["issued_on"].where(invoices["due_on"].isna())
    term = by_rule(inputs, "receivables", "payment_days", undated).fillna(0).to_numpy(dtype=np.int64)
    return _days(invoices["due_on"].fillna(undated)) + term


def _billed(invoices: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": np.arange(len(invoices)),
            "day": _days(invoices["issued_on"]),
            "amount": gross(invoices).to_numpy(dtype=np.int64, na_value=0),
            "source": ("invoices:" + invoices["_row"]).to_numpy(dtype=object),
        }
    )


def _paid(invoices: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Payments known at the cut-off, on their invoice's item; a payment before the invoice counts from its issue."""
    if not inputs.has("payments"):
        return _billed(invoices).iloc[:0]
    payments = inputs.tables["payments"]
    payments = payments[payments["paid_on"] < np.datetime64(inputs.until_on)]
    item = pd.Index(invoices["invoice_id"]).get_indexer(pd.Index(payments["invoice_id"]))
    known = item >= 0
    payments, item = payments[known], item[known]
    issued = _days(invoices["issued_on"])
    return pd.DataFrame(
        {
            "item": item,
            "day": np.maximum(_days(payments["paid_on"]), issued[item]),
            "amount": -payments["amount"].to_numpy(dtype=np.int64),
            "source": ("payments:" + payments["_row"]).to_numpy(dtype=object),
        }
    )


def _balances(events: pd.DataFrame) -> pd.DataFrame:
    """The balance of each item after each of its days, until the next; spans with a balance of zero are left out."""
    ordered = events.sort_values(["item", "day", "source"], kind="stable")
    grouped = ordered.groupby(["item", "day"], sort=True)
    daily = grouped["amount"].sum().reset_index()
    daily["source"] = joined(ordered["source"], begins(ordered["item"].to_numpy(), ordered["day"].to_numpy()))
    by_item = daily.groupby("item")
    daily["balance"] = by_item["amount"].cumsum()
    daily["until"] = by_item["day"].shift(-1).fillna(_FAR).astype(np.int64)
    daily["sources"] = _running(daily["item"].to_numpy(), daily["source"].tolist())
    kept = daily[daily["balance"] != 0]
    made: pd.DataFrame = kept.rename(columns={"day": "from"})[["item", "from", "until", "balance", "sources"]]
    return made


def _running(items: Any, texts: list[str]) -> list[str]:
    """The sources of an item so far: a balance is made of the invoice and all its payments up to then."""
    so_far: list[str] = []
    for position, text in enumerate(texts):
        same = position > 0 and items[position] == items[position - 1]
        so_far.append(f"{so_far[-1]} {text}" if same else text)
    return so_far


def _aged(spans: pd.DataFrame) -> pd.DataFrame:
    """The spans cut where the item passes into the next age."""
    starts = np.array([-_FAR, *_BUCKET_STARTS], dtype=np.int64)
    ends = np.array([*_BUCKET_STARTS, _FAR], dtype=np.int64)
    pieces = []
    for bucket, (start, end) in enumerate(zip(starts, ends, strict=True)):
        begin = np.maximum(spans["from"], spans["due"] + start)
        until = np.minimum(spans["until"], np.minimum(spans["due"] + end, _FAR))
        piece = spans.assign(**{"from": begin, "until": until}, bucket=bucket)
        pieces.append(piece[begin < until])
    made: pd.DataFrame = pd.concat(pieces).sort_values(["item", "from"], kind="stable").reset_index(drop=True)
    return made


def _days(dates: pd.Series) -> Any:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _dates(days: pd.Series) -> pd.Series:
    values = days.to_numpy(dtype=np.int64)
    dates = values.astype("datetime64[D]").astype("datetime64[s]")
    dates[values >= _FAR] = np.datetime64("NaT")
    return pd.Series(dates)


def _empty() -> pd.DataFrame:
    texts = ("account_id", "customer_id", "manager_id", "invoice_id", "currency", "bucket", "_from")
    dates = ("issued_on", "due_on", "from_on", "until_on")
    made = {name: pd.Series(dtype="str") for name in texts} | {
        name: pd.Series(dtype="datetime64[s]") for name in dates
    }
    return pd.DataFrame(made | {"balance_amount": pd.Series(dtype="Int64")})
