"""What commission is paid on: row × manager × share under the plan of the row's day; and what came back of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.ledger import due_days
from pipeline.derived.pay_plans import Payroll, payroll
from pipeline.derived.sales import is_cancelled, signed
from pipeline.engine.cube import shares
from pipeline.engine.exact import Integers
from pipeline.engine.fx import Rates
from pipeline.engine.fx import flow_rates as rates_by_rule
from pipeline.engine.ownership import NOBODY, Ownership, days_of, ownership
from pipeline.schema import NO_ACCOUNT

_FAR = 4_000_000
_ROW = (
    "account_id", "customer_id", "manager_id", "order_id", "product_id", "deal_id", "currency", "earned_on",
    "credit_amount", "base_amount", "_from",
)  # fmt: skip


@dataclass(frozen=True)
class _Served:
    """Who is credited with the rows of this part of the customers, as facts are; `payee` is a manager's place in payroll."""

    ownership: Ownership
    accounts: tuple[str, ...]
    managers: tuple[str, ...]
    payee: Integers

    def credits(self, rows: pd.DataFrame, day: Integers) -> tuple[Integers, Integers, Integers]:
        """(row, payee or -1, weight): a line for each row and manager."""
        account = pd.Index(self.accounts).get_indexer(pd.Index(rows["account_id"])).astype(np.int64)
        own = pd.Index(self.managers).get_indexer(pd.Index(rows["manager_id"])).astype(np.int64)
        source, manager, weight = self.ownership.credits(account, day, own)
        return source, np.append(self.payee, NOBODY)[manager], weight


def _served(inputs: Inputs, payees: tuple[str, ...]) -> _Served:
    accounts = inputs.tables["accounts"]
    known = accounts[accounts["account_id"] != NO_ACCOUNT]
    assignments = inputs.tables.get("assignments")
    named = set(known["owner_id"].dropna()) | set(inputs.tables["managers"]["manager_id"])
    named |= set() if assignments is None else set(assignments["manager_id"].dropna())
    managers = tuple(sorted(named))
    ids = (*known["account_id"], NO_ACCOUNT)
    owners = pd.Index(managers).get_indexer(pd.Index(known["owner_id"])).astype(np.int64)
    served = ownership(assignments, list(ids), list(managers), np.append(owners, NOBODY))
    return _Served(served, ids, managers, pd.Index(payees).get_indexer(pd.Index(managers)).astype(np.int64))


@derived("managers")
def commission_rows(inputs: Inputs) -> pd.DataFrame:
    """One row per sale and manager who has a commission plan on its day: what counts for his target, what he is paid on.

    `credit_amount` and `base_amount` are his share in the company's currency, empty where a cost or a rate is not
    known; shares of a row add up to it. `deal_id` is the order (else the row itself), `deal_amount` what was sold with it up
    to the row's day, in the row's own currency and before anything came back, `share_pct` the manager's share.
    """
    found = payroll(inputs)
    served = _served(inputs, found.ids)
    pieces = [_credited(basis, inputs, found, served) for basis in found.bases()]
    made = pd.concat(pieces or [_credited("ordered", inputs, found, served).iloc[:0]], ignore_index=True)
    order = ["manager_id", "earned_on", "deal_id", "_from"]
    return made.sort_values(order, kind="stable").reset_index(drop=True)


def _credited(basis: str, inputs: Inputs, found: Payroll, served: _Served) -> pd.DataFrame:
    """The rows of a basis, shared among those managers whose plan of the day pays on it."""
    rows = basis_rows(basis, inputs)
    day = days_of(rows["earned_on"], _FAR)
    source, manager, weight = served.credits(rows, day)
    credit = _in_company_currency(rows, "credit_amount", day, inputs)
    base = credit if basis != "margin" else _in_company_currency(rows, "base_amount", day, inputs)
    deals = _sold_so_far(rows)
    of_all = np.bincount(source, weights=weight, minlength=len(rows))[source] if len(rows) else weight
    taken = rows.iloc[source].reset_index(drop=True)
    made = taken.assign(
        manager_id=pd.Series(np.array([*found.ids, None], dtype=object)[manager], dtype="str"),
        basis=pd.Series(basis, index=taken.index, dtype="str"),
        deal_amount=deals.iloc[source].reset_index(drop=True).astype("Int64"),
        share_pct=pd.Series(_share(weight, of_all), dtype="Int64"),
        credit_amount=_shared(credit, source, weight),
        base_amount=_shared(base, source, weight),
    )
    kept = found.pays_on(basis, manager, day[source])
    return made[kept].reset_index(drop=True)


def _sold_so_far(rows: pd.DataFrame) -> pd.Series:
    """What was sold with each row's deal up to the end of the row's day."""
    keys = [rows["deal_id"], rows["earned_on"]]
    daily = rows["credit_amount"].clip(lower=0).fillna(0).groupby(keys, sort=True).sum()
    so_far = daily.groupby(level=0).cumsum()
    at = pd.MultiIndex.from_arrays(keys)
    return pd.Series(so_far.reindex(at).to_numpy(dtype=np.int64, na_value=0), index=rows.index)


def _share(weight: Integers, of_all: Any) -> Integers:
    """The share in ten-thousandths, as it is printed; amounts are split by the weights themselves."""
    whole = np.asarray(of_all, dtype=np.int64)
    made: Integers = (2 * weight * 10_000 + whole) // (2 * np.maximum(whole, 1))
    return made


def _shared(amounts: pd.Series, source: Integers, weight: Integers) -> pd.Series:
    whole = amounts.iloc[source].reset_index(drop=True)
    parts = shares(whole.to_numpy(dtype=np.int64, na_value=0), weight, source)
    return pd.Series(parts, dtype="Int64").where(whole.notna())


def _in_company_currency(rows: pd.DataFrame, column: str, day: Integers, inputs: Inputs) -> pd.Series:
    """The amounts in the company's currency at the rate of the row's day; empty where there is none."""
    amounts = rows[column].to_numpy(dtype=np.int64, na_value=0)
    known = rows[column].notna().to_numpy(copy=True)
    made, rates = amounts.copy(), flow_rates(inputs)
    for currency in sorted(set(rows["currency"].dropna())):
        at = np.flatnonzero((rows["currency"] == currency).to_numpy())
        made[at], absent = rates.converted(amounts[at], currency, inputs.settings.company.currency, day[at])
        known[at] &= ~absent
    return pd.Series(made, dtype="Int64").where(pd.Series(known))


def flow_rates(inputs: Inputs) -> Rates:
    """The rates at which flows convert, each by policy's rule of its day."""
    return rates_by_rule(inputs.tables.get("fx"), inputs.policy.all("currency"))


def basis_rows(basis: str, inputs: Inputs) -> pd.DataFrame:
    """The rows of a basis before the cut-off; none where the exports do not bring its tables."""
    needs, make = _BASES[basis]
    rows = make(inputs) if inputs.has(*needs) else pd.DataFrame()
    made = pd.DataFrame(
        {name: rows[name] if name in rows.columns else _absent(name, rows.index) for name in _ROW}
    )
    known = made["earned_on"] < np.datetime64(inputs.until_on)
    return made[known].reset_index(drop=True)


def _absent(name: str, index: pd.Index) -> pd.Series:
    kind = "Int64" if name.endswith("_amount") else "datetime64[s]" if name.endswith("_on") else "str"
    return pd.Series(pd.NA if kind == "Int64" else None, index=index, dtype=kind)


def _ordered(inputs: Inputs) -> pd.DataFrame:
    lines = inputs.tables["order_lines"]
    kept = lines[~is_cancelled(lines["status"])]
    return kept.assign(
        earned_on=kept["ordered_on"],
        deal_id="orders:" + kept["order_id"],
        credit_amount=kept["net_amount"],
        base_amount=kept["net_amount"],
        _from=sources("order_lines", kept),
    )


def _margin(inputs: Inputs) -> pd.DataFrame:
    rows = _ordered(inputs)
    return rows.assign(base_amount=rows["net_amount"] - rows["cost_amount"])


def _invoiced(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.tables["invoices"]
    net = signed(rows)
    return rows.assign(
        earned_on=rows["issued_on"],
        deal_id=_deal(rows),
        credit_amount=net,
        base_amount=net,
        _from=sources("invoices", rows),
    )


def _deal(invoices: pd.DataFrame) -> pd.Series:
    """The order of each invoice, else the invoice by itself."""
    return ("orders:" + invoices["order_id"]).fillna("invoices:" + invoices["invoice_id"])


def _collected(inputs: Inputs) -> pd.DataFrame:
    """Money in, without its part of the tax."""
    payments, invoices = inputs.tables["payments"], inputs.tables["invoices"]
    at = pd.Index(invoices["invoice_id"]).get_indexer(pd.Index(payments["invoice_id"]))
    payments, at = payments[at >= 0].reset_index(drop=True), at[at >= 0]
    billed = invoices.take(at).reset_index(drop=True)
    net = _part(payments["amount"], billed["net_amount"], billed["gross_amount"])
    made: pd.DataFrame = payments.assign(
        order_id=billed["order_id"],
        earned_on=payments["paid_on"],
        deal_id=_deal(billed),
        credit_amount=net,
        base_amount=net,
        _from=sources("payments", payments) + " " + sources("invoices", billed),
    )
    return made


_Tables = tuple[str, ...]
_BASES: Mapping[str, tuple[_Tables, Callable[[Inputs], pd.DataFrame]]] = {
    "ordered": (("orders", "order_lines"), _ordered),
    "margin": (("orders", "order_lines"), _margin),
    "invoiced": (("invoices",), _invoiced),
    "collected": (("payments", "invoices"), _collected),
}


def _part(amounts: pd.Series, net: pd.Series, gross: pd.Series) -> pd.Series:
    """amount × net ÷ gross, half-up; the amount itself where an invoice has no tax."""
    rows = zip(amounts, net.fillna(gross), gross.fillna(net), strict=True)
    made = [
        pd.NA if pd.isna(amount) or pd.isna(whole) else _scaled(amount, part, whole)
        for amount, part, whole in rows
    ]
    return pd.Series(made, index=amounts.index, dtype="Int64")


def _scaled(amount: Any, part: Any, whole: Any) -> int:
    size, over = abs(int(amount)) * abs(int(part)), abs(int(whole))
    sign = 1 if amount >= 0 else -1
    return sign * ((2 * size + over) // (2 * over)) if over else int(amount)


@derived("managers")
def commission_reversals(inputs: Inputs) -> pd.DataFrame:
    """What came back of a deal, from when until when: `returned`, `credited` and `unpaid`; and of such deals what was `sold`.

    `amount` is in the deal's currency, without tax. An item is unpaid from the day on that the plan says, until it is paid;
    an open credit note lessens what is unpaid. `known_on` is the day that must lie within the plan's months.
    """
    found = payroll(inputs)
    pieces = [
        *(_returned(basis, inputs) for basis in found.bases()),
        *(_unpaid(basis, days, inputs) for basis, days in found.unpaid_days()),
    ]
    back = pd.concat(pieces or [_returned("ordered", inputs).iloc[:0]], ignore_index=True)
    made = pd.concat([back, *(_sold(basis, back, inputs) for basis in found.bases())], ignore_index=True)
    return made.sort_values(["deal_id", "known_on", "kind", "_from"], kind="stable").reset_index(drop=True)


def _returned(basis: str, inputs: Inputs) -> pd.DataFrame:
    """The negative rows of a basis; of orders also their credit notes."""
    rows = basis_rows(basis, inputs)
    negative = rows[rows["credit_amount"] < 0]
    made = _reversals(basis, "returned", negative, -negative["credit_amount"])
    if basis not in ("ordered", "margin"):
        return made
    notes = basis_rows("invoiced", inputs)
    notes = notes[(notes["credit_amount"] < 0) & notes["order_id"].notna()]
    return pd.concat([made, _reversals(basis, "credited", notes, -notes["credit_amount"])], ignore_index=True)


def _sold(basis: str, back: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The sales of the deals of which something came back."""
    rows = basis_rows(basis, inputs)
    deals = back["deal_id"][back["basis"] == basis]
    rows = rows[(rows["credit_amount"] > 0) & rows["deal_id"].isin(deals)]
    return _reversals(basis, "sold", rows, rows["credit_amount"])


def _reversals(basis: str, kind: str, rows: pd.DataFrame, amount: pd.Series, **more: Any) -> pd.DataFrame:
    made = {
        "account_id": rows["account_id"],
        "customer_id": rows["customer_id"],
        "basis": pd.Series(basis, index=rows.index, dtype="str"),
        "kind": pd.Series(kind, index=rows.index, dtype="str"),
        "deal_id": rows["deal_id"].astype("str"),
        "currency": rows["currency"],
        "amount": amount.astype("Int64"),
        "known_on": rows["earned_on"],
        "from_on": rows["earned_on"],
        "until_on": pd.Series(None, index=rows.index, dtype="datetime64[s]"),
        "_from": rows["_from"].astype("str"),
    }
    return pd.DataFrame({**made, **more}).reset_index(drop=True)


def _unpaid(basis: str, days: int, inputs: Inputs) -> pd.DataFrame:
    """The open balances of invoices from so many days after they were due, and of credit notes from their issue."""
    if basis == "collected" or not inputs.has("invoices", "payments"):
        return _returned(basis, inputs).iloc[:0]
    spans = inputs.made("ledger")
    spans = spans[spans["balance_amount"].notna()].reset_index(drop=True)
    invoices = inputs.tables["invoices"]
    at = pd.Index(invoices["invoice_id"]).get_indexer(pd.Index(spans["invoice_id"]))
    billed = invoices.take(at).reset_index(drop=True)
    owed = (spans["balance_amount"] > 0).to_numpy(dtype=bool)
    issued = days_of(billed["issued_on"], _FAR)
    known = np.where(owed, np.maximum(due_days(billed, inputs) + days, issued), issued)
    first, until = np.maximum(days_of(spans["from_on"], 0), known), days_of(spans["until_on"], _FAR)
    open_net = _part(spans["balance_amount"], billed["net_amount"], billed["gross_amount"])
    rows = billed.assign(earned_on=_dates(known), deal_id=_deal(billed), _from=spans["_from"])
    more = {"from_on": _dates(first), "until_on": _dates(until)}
    made = _reversals(basis, "unpaid", rows, open_net.abs().where(owed, -open_net.abs()), **more)
    is_known = first < np.minimum(
        until, days_of(pd.Series([inputs.until_on], dtype="datetime64[s]"), _FAR)[0]
    )
    kept: pd.DataFrame = made[is_known].reset_index(drop=True)
    return kept


def _dates(days: Integers) -> pd.Series:
    dates = days.astype("datetime64[D]").astype("datetime64[s]")
    dates[days >= _FAR] = np.datetime64("NaT")
    return pd.Series(dates)
