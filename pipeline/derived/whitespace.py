"""Whitespace: what each customer could buy of each product and does not, which to offer next, and who buys what where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, begins, derived, joined
from pipeline.derived.whitespace_customers import Customers, customers_of
from pipeline.derived.whitespace_pairs import Pairs, pairs, suggestions
from pipeline.derived.whitespace_peers import potentials
from pipeline.schema import SCALE

if TYPE_CHECKING:
    from pipeline.rules.whitespace import WhitespaceRule

Integers = npt.NDArray[np.int64]
_KEY = ["customer", "product"]
_AMOUNTS = {"whitespace_amount": "Int64", "potential_amount": "Int64"}


@derived(last=True, gathers=("product_purchases",))
def whitespace(inputs: Inputs) -> pd.DataFrame:
    """One row per customer and product that it could buy more of, or that is suggested to it; on its top account.

    Whitespace is potential − current: `peer_pct` (the middle share of wallet of the `peers_count` others of `segment`
    that buy the product) times `size_amount` (`size_source`: stated, or our own sales), less what it buys. `is_capped`:
    it was cut to what is left of a stated size. A suggested product has a `place` from 1 on: of the `buyers_count`
    customers that buy `because_product_id`, `together_count` buy it too. A customer that was judged and has no whitespace
    has a row of 0 without a product. `_from`: the account, the customer's sales of the product, and of the one that
    suggests it.
    """
    rule = _rule(inputs)
    found = customers_of(inputs, rule)
    gaps = _gaps(found, rule)
    rows = gaps.merge(_suggested(found, rule), on=_KEY, how="outer", sort=True)
    return _shaped(rows, found, inputs)


@derived(last=True, gathers=("product_purchases",))
def product_segments(inputs: Inputs) -> pd.DataFrame:
    """One row per product, industry and revenue band: how many of the customers there buy it.

    Customers without an industry are under none. `_from` names a sale to each of those that buy.
    """
    found = customers_of(inputs, _rule(inputs))
    place, segment = np.unique(
        found.industry.astype(str) + "\n" + found.band.astype(str), return_inverse=True
    )
    bought, count = found.bought, found.products.size
    key = segment[bought.customer] * count + bought.product
    buyers = np.bincount(key, minlength=place.size * count)
    names = np.array([each.split("\n") for each in place], dtype=object).reshape(-1, 2)
    industry, band = (np.repeat(names[:, column], count) for column in (0, 1))
    size = place.size * count
    return pd.DataFrame(
        {
            "subject_kind": pd.Series("product", index=range(size), dtype="str"),
            "subject_id": pd.Series(np.tile(found.products, place.size), dtype="str"),
            "industry": pd.Series(industry, dtype="str").replace("", pd.NA),
            "band": pd.Series(band, dtype="str"),
            "buyers_count": pd.Series(buyers, dtype="Int64"),
            "customers_count": pd.Series(np.repeat(np.bincount(segment), count), dtype="Int64"),
            "as_of_on": _as_of(inputs, size),
            "_from": pd.Series(_one_sale_each(found, key, size), dtype="str"),
        }
    )


def _rule(inputs: Inputs) -> WhitespaceRule:
    rule: WhitespaceRule = inputs.policy.at("whitespace", inputs.until_on - timedelta(days=1))
    return rule


def _as_of(inputs: Inputs, count: int) -> pd.Series:
    day = np.datetime64(inputs.until_on - timedelta(days=1), "s")
    return pd.Series(np.full(count, day))


def _one_sale_each(found: Customers, key: Integers, size: int) -> list[str]:
    """For each place the first sale of every pair that belongs there."""
    bought = found.bought
    sales = pd.Series([each.partition(" ")[0] for each in found.sources_of(bought.customer, bought.product)])
    order = np.argsort(key, kind="stable")
    texts = np.full(size, "", dtype=object)
    if order.size:
        ordered = key[order]
        first = begins(ordered)
        texts[ordered[first]] = joined(sales.iloc[order], first)
    return list(texts)


def _gaps(found: Customers, rule: WhitespaceRule) -> pd.DataFrame:
    """The pairs whose whitespace is worth listing, with what it rests on."""
    least = max(1.0, float(rule.smallest_amount * SCALE))
    made = potentials(found.wallets, found.cells, rule.peers_from, least)
    whitespace_amount = np.floor(made.whitespace).astype(np.int64)
    current = made.current.astype(np.int64)
    rows = pd.DataFrame(
        {
            "customer": made.customer,
            "product": made.product,
            "whitespace_amount": pd.Series(whitespace_amount, dtype="Int64"),
            "potential_amount": pd.Series(whitespace_amount + current, dtype="Int64"),
            "segment": pd.Series(_segments(found, rule, made.customer, made.level), dtype="str"),
            "peers_count": pd.Series(made.peers, dtype="Int64"),
            "peer_pct": made.share,
            "is_capped": pd.Series(made.is_capped, dtype="boolean"),
        }
    )
    judged = np.setdiff1d(np.flatnonzero(made.judged), made.customer)
    nothing = pd.DataFrame({"customer": judged, "product": -1, "whitespace_amount": 0, "potential_amount": 0})
    return pd.concat([rows, nothing.astype(_AMOUNTS)], ignore_index=True)


def _segments(found: Customers, rule: WhitespaceRule, customer: Integers, level: Integers) -> Sequence[str]:
    """In words where the peers of each pair were found: `industry=… band=…`, or the portfolio."""
    texts = np.full((len(rule.segments), found.ids.size), "portfolio", dtype=object)
    for number, attributes in enumerate(rule.segments):
        if attributes:
            parts = [name + "=" + getattr(found, name) for name in attributes]
            texts[number] = [" ".join(each) for each in zip(*parts, strict=True)]
    return list(texts[level, customer])


def _suggested(found: Customers, rule: WhitespaceRule) -> pd.DataFrame:
    """The pairs of customers and products to offer next, with what suggests them."""
    counts: Pairs = pairs(found.bought)
    made = suggestions(found.bought, counts, rule)
    at = (made.because, made.product)
    return pd.DataFrame(
        {
            "customer": made.customer,
            "product": made.product,
            "place": pd.Series(made.place, dtype="Int64"),
            "because": pd.Series(made.because, dtype="Int64"),
            "together_count": pd.Series(counts.together[at], dtype="Int64"),
            "buyers_count": pd.Series(counts.buyers[made.because], dtype="Int64"),
            "customers_count": pd.Series(counts.customers, index=range(made.customer.size), dtype="Int64"),
            "confidence_pct": counts.confidence[at],
            "lift": counts.lift[at],
        }
    )


_KEPT = (
    "whitespace_amount", "potential_amount", "segment", "peers_count", "peer_pct", "is_capped", "place",
    "together_count", "buyers_count", "customers_count", "confidence_pct", "lift",
)  # fmt: skip


def _shaped(rows: pd.DataFrame, found: Customers, inputs: Inputs) -> pd.DataFrame:
    customer, product = (rows[name].to_numpy(dtype=np.int64) for name in _KEY)
    ids = pd.Series(found.ids[customer], dtype="str")
    because = rows["because"].to_numpy(dtype=np.int64, na_value=-1)
    products = np.array([*found.products, None], dtype=object)  # -1: none
    wallets = found.wallets
    size = wallets.size[customer].astype(np.int64)
    return pd.DataFrame(
        {
            "account_id": ids,
            "customer_id": ids,
            "product_id": pd.Series(products[product], dtype="str"),
            "currency": pd.Series(inputs.settings.company.currency, index=range(len(rows)), dtype="str"),
            "as_of_on": _as_of(inputs, len(rows)),
            "current_amount": pd.Series(_current(found, customer, product), dtype="Int64"),
            **{name: rows[name].reset_index(drop=True) for name in _KEPT},
            "because_product_id": pd.Series(products[because], dtype="str"),
            "size_amount": pd.Series(size, dtype="Int64").where(pd.Series(size > 0)),
            "size_source": pd.Series(np.where(wallets.is_stated, "stated", "sales")[customer], dtype="str"),
            "_from": pd.Series(_sources(found, inputs, customer, product, because), dtype="str"),
        }
    )


def _current(found: Customers, customer: Integers, product: Integers) -> Integers:
    """What each customer buys of each product; nothing where more came back than went out."""
    count = found.products.size
    cells = found.cells
    wanted = np.where(product < 0, -1, customer * count + product)
    at = pd.Index(cells.customer * count + cells.product).get_indexer(pd.Index(wanted))
    amounts: Integers = np.append(cells.amount, 0)[at].astype(np.int64)
    return amounts


def _sources(
    found: Customers, inputs: Inputs, customer: Integers, product: Integers, because: Integers
) -> list[str]:
    accounts: Any = inputs.tables["accounts"]
    named = pd.Series(("accounts:" + accounts["_row"]).to_numpy(), index=accounts["account_id"].to_numpy())
    account = named.reindex(found.ids).to_numpy(dtype=object)[customer]
    own = found.sources_of(customer, product)
    other = found.sources_of(customer, because)
    return [" ".join(filter(None, each)) for each in zip(account, own, other, strict=True)]
