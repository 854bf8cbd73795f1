"""Customers that may be one under several names or numbers: proposals for `aliases.toml`, for a person to decide. Pure.

Nothing is ever merged here. Each account with fewer rows is held against those with more; what speaks for their being
one is said in a share of sureness and in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import fuzz

from pipeline.intake.company_names import bare, core
from pipeline.intake.draft_text import quoted

_SAME_BUT_ZEROS, _SAME_CORE, _SAME_BARE, _ALIKE = 0.99, 0.95, 0.8, 0.75
_LEAST_ALIKE = 90
_SHORTEST = 5
"""Characters below which one letter more or less makes another name."""

_SHOWN = 4


@dataclass(frozen=True)
class Named:
    """One account as the exports name it: its id, its names with the commonest first, and its rows."""

    identity: str
    names: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Suggestion:
    """That one account may be another: alias and target as `aliases.toml` wants them."""

    alias: Named
    target: Named
    sureness: float
    why: str


def accounts_named(identities: pd.Series[str], names: pd.Series[str]) -> tuple[Named, ...]:
    """The accounts of rows of ids and names, those with the most rows first; rows without an id are left out."""
    rows = pd.DataFrame({"id": identities, "name": names}).dropna(subset=["id"])
    counted = rows.groupby(["id", "name"], dropna=False).size().reset_index(name="rows")
    counted = counted.sort_values(["id", "rows", "name"], ascending=[True, False, True], kind="stable")
    found: dict[str, tuple[list[str], int]] = {}
    for identity, name, count in counted.itertuples(index=False):
        given, total = found.get(identity, ([], 0))
        found[identity] = ([*given, name] if isinstance(name, str) else given, total + int(count))
    named = [Named(identity, tuple(given), total) for identity, (given, total) in found.items()]
    return tuple(sorted(named, key=lambda each: (-each.rows, each.identity)))


def suggested(accounts: Sequence[Named], known: Mapping[str, str]) -> tuple[Suggestion, ...]:
    """For each account the one with more rows that it most likely is; `known` are the aliases that hold already."""
    heads = _Heads()
    found = []
    for account in sorted(accounts, key=lambda each: (-each.rows, each.identity)):
        if account.identity in known:
            continue
        best = heads.most_like(account)
        if best is None:
            heads.add(account)
        else:
            heads.add_number(account)
            found.append(best)
    return tuple(sorted(found, key=lambda each: (-each.sureness, -each.alias.rows, each.alias.identity)))


class _Heads:
    """The accounts that others are held against, by what of them may be equal."""

    def __init__(self) -> None:
        self._by_number: dict[str, list[Named]] = defaultdict(list)
        self._by_core: dict[str, list[Named]] = defaultdict(list)
        self._by_bare: dict[str, list[Named]] = defaultdict(list)
        self._by_edge: dict[str, dict[str, Named]] = defaultdict(dict)

    def add_number(self, account: Named) -> None:
        """Remember the account's number only: who is like another head may still be that head's number again."""
        self._by_number[_number(account.identity)].append(account)

    def add(self, account: Named) -> None:
        self.add_number(account)
        for name in account.names:
            self._by_core[core(name)].append(account)
            self._by_bare[bare(name)].append(account)
            for edge in _edges(bare(name)):
                self._by_edge[edge].setdefault(bare(name), account)

    def most_like(self, account: Named) -> Suggestion | None:
        """The surest head, or None where the account is like none."""
        mine = {bare(name) for name in account.names}
        for head in self._by_number.get(_number(account.identity), []):
            if mine & {bare(name) for name in head.names}:
                return Suggestion(
                    account, head, _SAME_BUT_ZEROS, "numbers differ in leading zeros, names agree"
                )
        return self._by_name(account)

    def _by_name(self, account: Named) -> Suggestion | None:
        for name in account.names:
            if heads := self._by_core.get(core(name)):
                return Suggestion(account, heads[0], _SAME_CORE, "names differ in writing or legal form only")
        for name in account.names:
            if heads := self._by_bare.get(bare(name)):
                return Suggestion(
                    account, heads[0], _SAME_BARE, "names differ in words such as group, 集团, trust"
                )
        return self._nearly(account)

    def _nearly(self, account: Named) -> Suggestion | None:
        """The head whose name is most like one of the account's, letter by letter."""
        pairs = [
            (fuzz.ratio(asked, other), head)
            for asked in {bare(name) for name in account.names}
            if len(asked) >= _SHORTEST
            for edge in _edges(asked)
            for other, head in self._by_edge.get(edge, {}).items()
        ]
        likeness, head = max(pairs, key=lambda pair: (pair[0], pair[1].rows), default=(0.0, None))
        if head is None or likeness < _LEAST_ALIKE:
            return None
        return Suggestion(
            account, head, round(_ALIKE * likeness / 100, 2), f"names are {likeness:.0f} % alike"
        )


def _number(identity: str) -> str:
    return identity.lstrip("0") or identity


def _edges(name: str) -> Iterable[str]:
    """What two names that are nearly the same share at least one of: how they begin, or how they end."""
    return {f"<{name[:2]}", f"{name[-2:]}>"}


##### As text #########################################################################################################


def suggestions_text(table: str, found: Sequence[Suggestion], accounts: Sequence[Named]) -> str:
    """The proposals as TOML in which every alias is a comment, so that nothing holds before a person agrees."""
    several = sum(1 for each in accounts if len(each.names) > 1)
    head = [
        "# Customers that may be one. Nothing here holds: take the # from an alias that is right, put it into",
        "# aliases.toml, and map the column with key_of. Leave the others.",
        f"# {len(accounts)} ids, {several} of them under more than one name, {len(found)} suggestions.",
        "schema = 1",
        f"[{table}]",
    ]
    return "\n".join([*head, *(_lines(each) for each in found)]) + "\n"


def _lines(each: Suggestion) -> str:
    return (
        f"# {each.sureness * 100:.0f} %: {each.why}; {_told(each.alias)} | {_told(each.target)}\n"
        f"# {quoted(each.alias.identity)} = {quoted(each.target.identity)}"
    )


def _told(account: Named) -> str:
    shown = ", ".join(quoted(name) for name in account.names[:_SHOWN])
    more = f" and {len(account.names) - _SHOWN} more" if len(account.names) > _SHOWN else ""
    return f"{account.rows} rows of {shown or 'no name'}{more}"
