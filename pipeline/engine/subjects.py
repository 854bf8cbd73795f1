"""Subjects: accounts, customers, managers, teams, regions, industries, products and the whole portfolio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.engine.cube import Directory
from pipeline.engine.evaluate import Subjects
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import NOBODY, Ownership, ownership
from pipeline.engine.posts import posts
from pipeline.engine.prepare import with_customers
from pipeline.schema import NO_ACCOUNT

PORTFOLIO = "all"


@dataclass(frozen=True)
class People:
    """Everyone a figure can be about, by code, and who served whom when."""

    directory: Directory
    ownership: Ownership
    subjects: dict[str, Subjects]
    customer_of: Integers
    top_account: Integers
    accounts: pd.DataFrame


def people(tables: dict[str, pd.DataFrame], currency: str) -> People:
    """The subjects of a run from its accounts, managers, assignments and products; ids sorted, `~` among the accounts."""
    accounts = _with_nobody(with_customers(tables["accounts"], currency), currency)
    accounts = accounts.sort_values("account_id", kind="stable").reset_index(drop=True)
    ids = tuple(accounts["account_id"])
    managers = _manager_ids(tables, accounts)
    products = tuple(sorted(tables["products"]["product_id"])) if "products" in tables else ()
    customers = tuple(sorted({each for each in accounts["customer_id"] if each != NO_ACCOUNT}))
    customer_of = pd.Index(customers).get_indexer(pd.Index(accounts["customer_id"])).astype(np.int64)
    top_account = pd.Index(ids).get_indexer(pd.Index(customers)).astype(np.int64)
    tops = (
        accounts["currency"].to_numpy(dtype=object)[top_account] if customers else np.array([], dtype=object)
    )
    currencies = np.array([tops[code] if code >= 0 else currency for code in customer_of], dtype=object)
    owners = pd.Index(managers).get_indexer(pd.Index(accounts["owner_id"])).astype(np.int64)
    held = posts(tables.get("managers"), tables.get("team_members"), managers)
    found = Directory(ids, managers, products, currencies, held)
    served = ownership(tables.get("assignments"), list(ids), list(managers), owners)
    subjects = _subjects(accounts, found, customers, customer_of)
    return People(found, served, subjects, customer_of, top_account, accounts)


def _with_nobody(accounts: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The accounts and `~`, which stands for rows without one; of it nothing else is known."""
    known = accounts[accounts["account_id"] != NO_ACCOUNT].reset_index(drop=True)
    made = known.reindex(range(len(known) + 1))
    for name, value in (("account_id", NO_ACCOUNT), ("customer_id", NO_ACCOUNT), ("currency", currency)):
        made.loc[len(known), name] = value
    return made


def _manager_ids(tables: dict[str, pd.DataFrame], accounts: pd.DataFrame) -> tuple[str, ...]:
    named = set(accounts["owner_id"].dropna())
    for table in ("managers", "assignments"):
        if table in tables:
            named |= set(tables[table]["manager_id"].dropna())
    return tuple(sorted(named))


def _subjects(
    accounts: pd.DataFrame,
    directory: Directory,
    customers: tuple[str, ...],
    customer_of: Integers,
) -> dict[str, Subjects]:
    count = len(directory.accounts)
    made = {
        "account": Subjects("account", directory.accounts, np.arange(count, dtype=np.int64)),
        "customer": Subjects("customer", customers, customer_of),
        "portfolio": Subjects("portfolio", (PORTFOLIO,), np.zeros(count, dtype=np.int64)),
        "product": Subjects("product", directory.products, of_product=np.arange(len(directory.products))),
        "manager": Subjects("manager", directory.managers, of_post=directory.posts.manager),
        "team": Subjects("team", directory.posts.teams, of_post=directory.posts.team),
    }
    for kind in ("region", "industry"):
        made[kind] = _attribute(accounts, kind)
    return made


def _attribute(accounts: pd.DataFrame, kind: str) -> Subjects:
    """Accounts without the attribute belong to none."""
    ids = tuple(sorted(accounts[kind].dropna().unique()))
    codes = pd.Index(ids).get_indexer(pd.Index(accounts[kind])).astype(np.int64)
    return Subjects(kind, ids, np.where(accounts[kind].isna().to_numpy(), NOBODY, codes))
