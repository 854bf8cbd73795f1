"""The customers among which whitespace is sought: what each buys, how large it is, and whose peer it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, begins, joined
from pipeline.derived.whitespace_pairs import Bought
from pipeline.derived.whitespace_peers import Cells, Wallets
from pipeline.engine.exact import grouped_sums
from pipeline.engine.fx import rates_of
from pipeline.schema import SCALE

if TYPE_CHECKING:
    from pipeline.rules.whitespace import Attribute, WhitespaceRule

Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
BELOW = "below"


@dataclass(frozen=True)
class Customers:
    """Customers with a sale in the active months, by position, and their pairs with the products that they bought.

    `pairs` has a row for each: `customer` and `product` by position, `amount` (net, in ten-thousandths of the company's
    currency), `has_bought`, `_from`. `industry` is empty where it is not known.
    """

    ids: Texts
    products: Texts
    pairs: pd.DataFrame
    industry: Texts
    band: Texts
    wallets: Wallets

    @property
    def cells(self) -> Cells:
        """The pairs with an amount above zero."""
        kept = self.pairs[(self.pairs["amount"] > 0).fillna(False)]
        customer, product = (kept[name].to_numpy(dtype=np.int64) for name in ("customer", "product"))
        return Cells(customer, product, kept["amount"].to_numpy(dtype=np.float64), self.products.size)

    @cached_property
    def bought(self) -> Bought:
        """The pairs with a sale above zero, whatever was returned of it."""
        kept = self.pairs[self.pairs["has_bought"]]
        customer, product = (kept[name].to_numpy(dtype=np.int64) for name in ("customer", "product"))
        return Bought(customer, product, self.ids.size, self.products.size)

    def sources_of(self, customer: Integers, product: Integers) -> list[str]:
        """The sales of each pair; empty where the customer did not buy the product, or the product is -1."""
        who, what = (self.pairs[name].to_numpy(dtype=np.int64) for name in ("customer", "product"))
        wanted = np.where(product < 0, -1, customer * self.products.size + product)
        at = pd.Index(who * self.products.size + what).get_indexer(pd.Index(wanted))
        texts = np.array([*self.pairs["_from"], ""], dtype=object)
        return list(texts[at])


def customers_of(inputs: Inputs, rule: WhitespaceRule) -> Customers:
    """The active customers, groups rolled up, with their products, sizes and segments."""
    purchases = inputs.made("product_purchases")
    purchases = purchases[purchases["customer_id"].isin(inputs.tables["accounts"]["customer_id"])]
    active = purchases.loc[purchases["has_bought"], "customer_id"]
    ids: Texts = np.array(sorted(set(active)), dtype=object)
    purchases = purchases[purchases["customer_id"].isin(set(active))].reset_index(drop=True)
    customer = pd.Index(ids).get_indexer(pd.Index(purchases["customer_id"])).astype(np.int64)
    products: Texts = np.array(sorted(set(purchases["product_id"]) - {""}), dtype=object)
    bought = _totals(purchases, customer, ids.size)
    stated = _stated_sizes(inputs, purchases, customer, ids.size)
    industry, band = _industries(inputs, ids), _bands(inputs, bought)
    is_stated = stated > 0
    size = np.where(np.isnan(bought), 0, np.where(is_stated, stated, bought))
    segments = tuple(_codes(each, {"industry": industry, "band": band}, ids.size) for each in rule.segments)
    wallets = Wallets(size, np.nan_to_num(bought), is_stated, segments)
    return Customers(ids, products, _pairs(purchases, customer, products), industry, band, wallets)


def _totals(purchases: pd.DataFrame, customer: Integers, count: int) -> npt.NDArray[np.float64]:
    """What each customer bought in all, of any product or none; not a number where a rate is missing."""
    amounts = purchases["amount"].to_numpy(dtype=np.int64, na_value=0)
    unknown = np.bincount(customer[purchases["amount"].isna().to_numpy()], minlength=count) > 0
    return np.where(unknown, np.nan, grouped_sums(customer, amounts, count).astype(np.float64))


def _stated_sizes(
    inputs: Inputs, purchases: pd.DataFrame, customer: Integers, count: int
) -> npt.NDArray[np.float64]:
    """What each customer could spend a year, where that is stated of every account that bought; else 0."""
    accounts = inputs.tables["accounts"]
    potential = pd.Series(_potentials(inputs), index=accounts["account_id"].to_numpy())
    once = ~purchases.duplicated("account_id").to_numpy()
    buying, owner = purchases.loc[once, "account_id"], customer[once]
    stated = potential.reindex(buying).to_numpy()
    lacking = np.bincount(owner[~(stated > 0)], minlength=count) > 0
    return np.where(lacking, 0, grouped_sums(owner, stated.astype(np.int64), count).astype(np.float64))


def _potentials(inputs: Inputs) -> Integers:
    """The stated potential of every account in the company's currency at the rate of the as-of date; 0 where unknown."""
    accounts, rates = inputs.tables["accounts"], rates_of(inputs.tables.get("fx"))
    made = accounts["potential_amount"].to_numpy(dtype=np.int64, na_value=0).copy()
    day = int(np.datetime64(inputs.until_on - timedelta(days=1), "D").astype(np.int64))
    codes, names = pd.factorize(accounts["currency"])
    for code, currency in enumerate(names):
        at = np.flatnonzero(codes == code)
        days = np.full(at.size, day, dtype=np.int64)
        made[at], _ = rates.converted(made[at], currency, inputs.settings.company.currency, days)
    return made


def _industries(inputs: Inputs, ids: Texts) -> Texts:
    accounts = inputs.tables["accounts"]
    named = pd.Series(accounts["industry"].to_numpy(dtype=object), index=accounts["account_id"].to_numpy())
    found: Texts = named.reindex(ids).fillna("").to_numpy(dtype=object)
    return found


def _bands(inputs: Inputs, bought: npt.NDArray[np.float64]) -> Texts:
    """The revenue band of each customer by what it bought in the active months."""
    bands = inputs.policy.at("band", inputs.until_on - timedelta(days=1)).bands
    ordered = sorted(bands, key=lambda band: band.from_amount)
    borders = np.array([band.from_amount * SCALE for band in ordered])
    names = np.array([BELOW, *(band.name for band in ordered)], dtype=object)
    found: Texts = names[np.searchsorted(borders, np.nan_to_num(bought), side="right")]
    return found


def _codes(attributes: tuple[Attribute, ...], known: dict[str, Texts], count: int) -> Integers:
    """A number for each customer's segment; who lacks an attribute is in a segment of its own."""
    code = np.zeros(count, dtype=np.int64)
    alone = np.zeros(count, dtype=np.bool_)
    for name in attributes:
        texts = known[name].astype(str)
        _, of_attribute = np.unique(texts, return_inverse=True)
        code = code * (int(of_attribute.max(initial=0)) + 1) + of_attribute
        alone |= texts == ""
    return np.where(alone, code.max(initial=0) + 1 + np.arange(count), code)


def _pairs(purchases: pd.DataFrame, customer: Integers, products: Texts) -> pd.DataFrame:
    """The rows with a product as one row for each customer and product."""
    product = pd.Index(products).get_indexer(pd.Index(purchases["product_id"])).astype(np.int64)
    rows = purchases.assign(customer=customer, product=product)[product >= 0]
    rows = rows.sort_values(["customer", "product", "account_id"], kind="stable", ignore_index=True)
    who, what = rows["customer"].to_numpy(np.int64), rows["product"].to_numpy(np.int64)
    first = begins(who, what)
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    amounts = rows["amount"].to_numpy(dtype=np.int64, na_value=0)
    return pd.DataFrame(
        {
            "customer": who[starts],
            "product": what[starts],
            "amount": grouped_sums(group, amounts, starts.size),
            "has_bought": np.bincount(group[rows["has_bought"].to_numpy()], minlength=starts.size) > 0,
            "_from": pd.Series(joined(rows["_from"], first), dtype="str"),
        }
    )
