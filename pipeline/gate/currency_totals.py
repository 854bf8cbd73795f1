"""Money counted once more, straight from the accepted rows: what it makes by currency, and in the reporting currency.

Nothing here is taken from the engine, so that a fault there does not stand on both sides. Where the engine converts
row by row, whole days of a currency are converted here; what rounding each row can make of that is the slack.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.rules.finance import CurrencyRule
from pipeline.schema import NO_ACCOUNT, RATE_SCALE, SCALE
from pipeline.settings import SalesBasis

Accepted = Callable[[str, Collection[str]], "pd.DataFrame | None"]
"""Reads the rows of a canonical table that are not in quarantine; None where the exports have no such table."""
Flows = Literal["day", "month_average"]
_CANCELLED = ("cancelled", "canceled")
_ROUNDED = 0.5 / SCALE
"""What rounding one amount to its last digit can change."""


@dataclass(frozen=True)
class Total:
    """An amount in the reporting currency, None where a row or a rate of it is not known, and what rounding may change."""

    amount: float | None
    slack: float


def sold(basis: SalesBasis, reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    """What was sold, as `sales.basis` says: `day`, `currency`, `amount` of each row, in the row's own currency."""
    if basis == "invoiced":
        return _invoices(reporting, accepted, ("net_amount", "gross_amount"))
    return {"ordered": _ordered, "contracted": _contracted, "won": _won}[basis](reporting, accepted)


def _ordered(reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    orders = accepted("orders", ("order_id", "account_id", "currency", "ordered_on", "status"))
    lines = accepted("order_lines", ("order_id", "currency", "net_amount"))
    if orders is None or lines is None:
        return None
    cancelled = orders["status"].str.lower().isin(_CANCELLED).fillna(value=False)
    rows = lines.merge(orders[~cancelled], on="order_id", suffixes=("_of_line", ""), validate="many_to_one")
    own = rows.assign(currency=rows["currency_of_line"].fillna(rows["currency"]))
    return _money(own, own["ordered_on"], own["net_amount"], reporting, accepted)


def _contracted(reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    rows = accepted("contracts", ("account_id", "currency", "signed_on", "starts_on", "annual_amount"))
    if rows is None:
        return None
    return _money(
        rows, rows["signed_on"].fillna(rows["starts_on"]), rows["annual_amount"], reporting, accepted
    )


def _won(reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    rows = accepted("opportunities", ("account_id", "currency", "closed_on", "is_won", "amount"))
    if rows is None:
        return None
    won = rows[rows["is_won"].fillna(value=False).astype("bool")]
    return _money(won, won["closed_on"], won["amount"], reporting, accepted)


def billed(reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    """What was invoiced, gross of tax: `day`, `currency`, `amount` of each invoice; credit notes are negative."""
    return _invoices(reporting, accepted, ("gross_amount", "net_with_tax"))


def owed(reporting: str, accepted: Accepted) -> pd.DataFrame | None:
    """What made and what settled a debt: invoices, and payments in the currency of their invoice, negative.

    A payment before its invoice settles it on the day of issue. None without invoices or payments: without these
    nobody knows what is open.
    """
    invoices = accepted("invoices", ("invoice_id", "issued_on"))
    payments = accepted("payments", ("invoice_id", "paid_on", "amount"))
    made = billed(reporting, accepted)
    if invoices is None or payments is None or made is None:
        return None
    known = made.assign(invoice_id=invoices["invoice_id"], amount=made["amount"].fillna(0))
    paid = payments.merge(known[["invoice_id", "day", "currency"]], on="invoice_id", validate="many_to_one")
    settled = paid.assign(day=paid[["day", "paid_on"]].max(axis="columns"), amount=-paid["amount"])
    columns = ["day", "currency", "amount"]
    return pd.concat([known[columns], settled[columns]], ignore_index=True)


def _invoices(reporting: str, accepted: Accepted, stated: Sequence[str]) -> pd.DataFrame | None:
    columns = ("account_id", "currency", "issued_on", "net_amount", "tax_amount", "gross_amount", "is_credit_note")  # fmt: skip
    rows = accepted("invoices", columns)
    if rows is None:
        return None
    with_tax = rows.assign(net_with_tax=rows["net_amount"] + rows["tax_amount"].fillna(0))
    first, second = stated
    amounts = with_tax[first].fillna(with_tax[second])
    credit = rows["is_credit_note"].fillna(value=False).astype("bool")
    return _money(rows, rows["issued_on"], amounts.mask(credit, -amounts.abs()), reporting, accepted)


def _money(
    rows: pd.DataFrame, day: pd.Series[Any], amount: pd.Series[Any], reporting: str, accepted: Accepted
) -> pd.DataFrame:
    """Rows of an unknown currency are in that of their account, then in the reporting currency."""
    accounts = accepted("accounts", ("account_id", "currency"))
    theirs = {} if accounts is None else dict(zip(accounts["account_id"], accounts["currency"], strict=True))
    account = rows["account_id"].fillna(NO_ACCOUNT)
    currency = rows["currency"].fillna(account.map(theirs).astype("str")).fillna(reporting)
    return pd.DataFrame({"day": day, "currency": currency, "amount": amount})


def by_currency(rows: pd.DataFrame) -> pd.Series[Any]:
    """The sizes of all amounts by currency, signs left aside, so that two rows that are lost cannot hide each other."""
    sizes: pd.Series[Any] = rows["amount"].abs().groupby(rows["currency"]).sum().astype("int64")
    return sizes[sizes != 0]


@dataclass(frozen=True)
class Converted:
    """Whole days of each currency in the reporting currency, unscaled: what falls on a day, in no order."""

    day: npt.NDArray[np.datetime64]
    amount: npt.NDArray[np.float64]
    slack: npt.NDArray[np.float64]
    is_unknown: npt.NDArray[np.bool_]

    def between(self, first: Any, until: Any) -> Total:
        """The total of the days from `first` on and before `until`."""
        chosen = (self.day >= np.datetime64(first)) & (self.day < np.datetime64(until))
        known = not self.is_unknown[chosen].any()
        return Total(
            float(self.amount[chosen].sum()) if known else None,
            float(self.slack[chosen].sum()),
        )


def converted(
    rows: pd.DataFrame, fx: pd.DataFrame | None, rules: Sequence[CurrencyRule], reporting: str
) -> Converted:
    """Flows at the rates of their days, or the means of their months, as the rule of the day says (none: of the days)."""
    dated = rows[rows["day"].notna()]
    days = dated.assign(is_missing=dated["amount"].isna()).groupby(["currency", "day"], sort=True)
    sums = days.agg(amount=("amount", "sum"), count=("amount", "size"), is_missing=("is_missing", "any"))
    flat = sums.reset_index()
    parts = [
        _day_totals(part[part["day"].between(*span)], fx, flows, str(currency), reporting)
        for currency, part in flat.groupby("currency")
        for span, flows in _spans(rules)
    ]
    return Converted(
        *(
            np.concatenate([getattr(part, name) for part in parts]) if parts else empty
            for name, empty in _NOTHING.items()
        )
    )


def _spans(rules: Sequence[CurrencyRule]) -> list[tuple[tuple[pd.Timestamp, pd.Timestamp], Flows]]:
    """The first and the last day on which flows convert by each rule; the first rule serves also before its day."""
    begins = [_EVER, *(pd.Timestamp(rule.valid_from) for rule in rules[1:])]
    ends = [*(day - pd.Timedelta(days=1) for day in begins[1:]), _FOREVER]
    flows: list[Flows] = [rule.flows for rule in rules] or ["day"]
    return list(zip(zip(begins, ends, strict=True), flows, strict=True))


_EVER, _FOREVER = pd.Timestamp(1900, 1, 1), pd.Timestamp(2200, 1, 1)
_NOTHING: dict[str, Any] = {
    "day": np.zeros(0, "datetime64[s]"),
    "amount": np.zeros(0),
    "slack": np.zeros(0),
    "is_unknown": np.zeros(0, np.bool_),
}


def _day_totals(
    part: pd.DataFrame, fx: pd.DataFrame | None, flows: Flows, currency: str, reporting: str
) -> Converted:
    day = part["day"].to_numpy(dtype="datetime64[s]")
    rate, steps = _rates(fx, flows, currency, reporting, pd.DatetimeIndex(day))
    amount = part["amount"].to_numpy(dtype=np.float64) / SCALE * np.nan_to_num(rate)
    slack = part["count"].to_numpy(dtype=np.float64) * np.nan_to_num(steps) * _ROUNDED
    return Converted(day, amount, slack, np.isnan(rate) | part["is_missing"].to_numpy(dtype=np.bool_))


def level(rows: pd.DataFrame, fx: pd.DataFrame | None, reporting: str, until: Any) -> Total:
    """What is open of debts and payments before `until`, at the rates of the day before it."""
    before = rows[rows["day"] < np.datetime64(until)]
    last = np.datetime64(until) - np.timedelta64(1, "D")
    closing = converted(before.assign(day=pd.Series(last, index=before.index)), fx, (), reporting)
    return closing.between(last, until)


def _rates(
    fx: pd.DataFrame | None, flows: Flows, currency: str, to: str, days: pd.DatetimeIndex
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The rate of each day, NaN where none is known, and how often and how strongly rounding is felt."""
    if currency == to:
        return np.ones(len(days)), np.zeros(len(days))
    direct = _of_pair(fx, flows, currency, to, days)
    if direct is not None:
        return direct, np.ones(len(days))
    for between in _currencies(fx):
        first, second = (_of_pair(fx, flows, *pair, days) for pair in ((currency, between), (between, to)))
        if first is not None and second is not None:
            return first * second, 1 + second
    return np.full(len(days), np.nan), np.ones(len(days))


def _currencies(fx: pd.DataFrame | None) -> list[str]:
    return [] if fx is None else sorted({*fx["currency"], *fx["to_currency"]})


def _of_pair(
    fx: pd.DataFrame | None, flows: Flows, one: str, other: str, days: pd.DatetimeIndex
) -> npt.NDArray[np.float64] | None:
    """The last known rate up to each day, as quoted or turned round; None where the pair is not quoted at all."""
    if fx is None:
        return None
    for base, quoted, power in ((one, other, 1.0), (other, one, -1.0)):
        own = fx[fx["currency"].eq(base) & fx["to_currency"].eq(quoted)]
        if len(own):
            rates = own.set_index("rate_on")["rate"].astype("float64").sort_index()
            rates = rates if flows == "day" else _means(rates)
            return np.asarray((rates.reindex(days, method="ffill") / RATE_SCALE) ** power)
    return None


def _means(rates: pd.Series[Any]) -> pd.Series[Any]:
    """The mean of each month's rates from its first day on, half-up in the last digit that a rate has."""
    months = rates.groupby(rates.index.to_numpy().astype("datetime64[M]")).mean()
    return pd.Series(np.floor(months.to_numpy() + 0.5), index=pd.DatetimeIndex(months.index))
