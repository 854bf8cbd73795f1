"""By what the rows behind a fact's difference changed: each stands under the one cause that explains it.

The causes are looked for in the order in which they are sure: the row itself came, went or changed; a row that it
refers to, or that refers to it; its rate; its owner or group; what else its table is made of; then the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.derived import DERIVED, Derived
from pipeline.engine.standings import standings
from pipeline.evidence.basis import Access, Noting
from pipeline.facts import Fact
from pipeline.gate.readers import fact_tables
from pipeline.restatements.items import Differing, Run, differing, lines_of
from pipeline.restatements.row_changes import CAME, CHANGED, KEPT_OUT, LET_IN, WENT, Change, Changes
from pipeline.schema import TABLES

RE_PARENTED, OWNERSHIP, RATE, STANDING = "re_parented", "ownership_changed", "rate_changed", "class_changed"
POLICY, PROGRAM, DEFINITION = "policy_changed", "program_changed", "definition_changed"
FIGURES, OTHERS, REMEMBERED = "figures_changed", "others_changed", "month_before_changed"
LATER, UNKNOWN = "known_later", "not_attributed"
CAUSES = (
    CAME, CHANGED, WENT, LET_IN, KEPT_OUT, RE_PARENTED, OWNERSHIP, RATE, STANDING, POLICY, PROGRAM, DEFINITION,
    FIGURES, OTHERS, REMEMBERED, LATER, UNKNOWN,
)  # fmt: skip
"""Every cause, in the order in which they are told."""

OF_PEOPLE = ("manager", "team")
_TERMS = ("contracts", "holidays", "accounts")
"""Tables that say by which terms rows of others are judged."""
_OF_ALL = ("fx", "managers", "teams", "products")
"""Tables about nobody in particular, of which a changed row explains nothing by itself; rates are looked at first."""
_OF_FIGURES = ("pay_lines", "objectives")
"""Derived tables that weigh what metrics say, so that they follow figures rather than rows."""


@dataclass(frozen=True)
class Behind:
    """What an item brought a subject more or less, by what, and the rows of `table` that changed, in `columns`."""

    subject: str
    item: str
    difference: int
    cause: str
    table: str = ""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """The first run and the second, what changed in their tables, and whether their rules or programs differ."""

    was: Run
    now: Run
    changes: Changes
    under_rules: Mapping[str, Noting] | None = None
    """The first run's facts under the second run's policy; None where that is the same."""
    has_other_program: bool = False
    _kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def both(self) -> tuple[Run, Run]:
        return self.was, self.now

    @property
    def has_other_last_day(self) -> bool:
        """Whether the runs end on different days, so that the later one knows what came after the other's last."""
        return len({run.basis.context.period.until_on for run in self.both}) > 1

    def behind(self, fact: Fact, access: Access, kind: str, currency: str) -> dict[str, list[Behind]]:
        """The items behind the difference of a fact, by subject of a kind."""
        key = (fact.name, access.from_on, access.until_on, access.breakdown, kind, currency)
        if key not in self._kept:
            self._kept[key] = _behind(self, fact, access, kind, currency)
        found: dict[str, list[Behind]] = self._kept[key]
        return found

    def referring(self, source: str) -> list[str]:
        """The changed rows that refer to a canonical row, in either run: the payments of an invoice."""
        key = ("referring", source.partition(":")[0])
        if key not in self._kept:
            self._kept[key] = _referring(self, key[1])
        found: dict[str, list[str]] = self._kept[key]
        return found.get(source, [])

    def tables_behind(self, table: str) -> list[str]:
        """The canonical tables that a derived one is made of, directly or by way of others."""
        key = ("behind", table)
        if key not in self._kept:
            basis = self.now.basis.context.settings.sales.basis
            self._kept[key] = [name for name in TABLES if table in fact_tables((name,), basis)]
        found: list[str] = self._kept[key]
        return found

    def groups_of(self, accounts: frozenset[str]) -> frozenset[str]:
        """The accounts with all that belong to the same customers in either run."""
        made = set(accounts)
        for run in self.both:
            ids, of = run.basis.people.directory.accounts, run.basis.people.customer_of.tolist()
            mine = {of[at] for at, name in enumerate(ids) if name in accounts and of[at] >= 0}
            made |= {name for at, name in enumerate(ids) if of[at] in mine}
        return frozenset(made)

    def has_other_standing(self, metrics: tuple[str, ...], account: str) -> bool:
        """Whether these metrics say something else of the account's customer than before, in some month."""
        key = ("standing", metrics)
        if key not in self._kept:
            self._kept[key] = [_standings(run, metrics) for run in self.both]
        was, now = (found.get(account) for found in self._kept[key])
        return bool(was != now)


def _behind(pair: Pair, fact: Fact, access: Access, kind: str, currency: str) -> dict[str, list[Behind]]:
    was, now = (lines_of(run, fact, access, kind, currency) for run in pair.both)
    made: dict[str, list[Behind]] = {}
    for each in differing(was, now):
        cause = Behind(each.subject, each.item, each.difference, *_cause(pair, fact, kind, each))
        made.setdefault(each.subject, []).append(cause)
    return made


_Cause = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Cause, the table of the rows that changed, these rows, and their columns."""


def _cause(pair: Pair, fact: Fact, kind: str, each: Differing) -> _Cause:
    known = [item for item in (each.was, each.now) if item is not None]
    accounts = frozenset(account for item in known for account in item.accounts)
    is_foreign = any(_is_foreign(pair, account, item.currency) for item in known for account in item.accounts)
    if each.was is None or not each.was.is_same_row_as(each.now):
        return _of_rows(pair, fact, each.item) or _of_inputs(pair, fact, accounts, is_foreign=is_foreign)
    if each.now is not None and each.was.whole != each.now.whole:
        return _of_rates(pair) or _of_rules(pair)
    return (
        _of_owners(pair, kind, accounts)
        or _of_rows(pair, fact, each.item)
        or _of_inputs(pair, fact, accounts, is_foreign=is_foreign)
    )


def _of_rows(pair: Pair, fact: Fact, item: str) -> _Cause | None:
    """A change of the rows that the item was made of, else of those that refer to them or that they refer to."""
    named = [run.sources.of(fact.table, item) for run in pair.both]
    own = list(dict.fromkeys(each for sources in named for each in sources)) or [item]
    referring = [each for source in own for each in pair.referring(source)]
    parents = [each for source in own for run in pair.both for each in run.sources.parents(source)]
    return _first_of(pair, own) or _first_of(pair, referring) or _first_of(pair, parents)


def _first_of(pair: Pair, sources: Iterable[str]) -> _Cause | None:
    """The rows that changed most plainly: those that came, then changed, then went; all of one table and kind."""
    known = [(each, pair.changes.of(each)) for each in dict.fromkeys(sources)]
    changed = [(each, change) for each, change in known if change is not None]
    if not changed:
        return None
    first = min(changed, key=lambda each: CAUSES.index(each[1].kind))
    alike = [each for each in changed if _is_like(each, first)]
    columns = tuple(sorted({name for _, change in alike for name in change.columns}))
    rows = tuple(source.partition(":")[2] for source, _ in alike)
    table = first[0].partition(":")[0]
    kind = RE_PARENTED if table == "accounts" and columns == ("parent_id",) else first[1].kind
    return kind, table, rows, columns


def _is_like(one: tuple[str, Change], other: tuple[str, Change]) -> bool:
    return one[1].kind == other[1].kind and one[0].partition(":")[0] == other[0].partition(":")[0]


def _referring(pair: Pair, table: str) -> dict[str, list[str]]:
    """The changed rows of every table that refers to this one, by the row `table:row` that they refer to."""
    made: dict[str, list[str]] = {}
    if table in ("accounts", "managers"):
        return made
    for name in (each for each, declared in TABLES.items() if table in declared.parents.values()):
        for row in pair.changes.of_table(name):
            source = f"{name}:{row}"
            for parent in {each for run in pair.both for each in run.sources.parents(source)}:
                made.setdefault(parent, []).append(source)
    return made


##### What else a table is made of #####################################################################################


def _of_inputs(pair: Pair, fact: Fact, accounts: frozenset[str], *, is_foreign: bool) -> _Cause:
    """Changed rows of the account in what else the item's table is made of; its rate; its class; others; the rules."""
    derived = DERIVED.find(fact.table)
    if derived is None:
        return _of_rules(pair)
    groups = pair.groups_of(accounts)
    plain = [name for name in dict.fromkeys([*derived.needs, *_TERMS]) if name in TABLES]
    if found := _of_tables(pair, plain, accounts, groups):
        return found
    if is_foreign and (found := _of_rates(pair)):
        return found
    if derived.after and any(pair.has_other_standing(derived.after, each) for each in accounts):
        return STANDING, "", (), ()
    return _of_what_is_further_read(pair, derived, accounts, groups) or _of_rules(pair)


def _of_tables(pair: Pair, tables: Sequence[str], *whose: frozenset[str]) -> _Cause | None:
    """Changed rows of these tables about the accounts of the first of these sets of whom there are any."""
    beside = [f"{name}:{row}" for name in tables for row in pair.changes.of_table(name)]
    found = (_first_of(pair, [each for each in beside if _is_about(pair, each, one)]) for one in whose)
    return next((each for each in found if each is not None), None)


def _of_what_is_further_read(
    pair: Pair, derived: Derived, accounts: frozenset[str], groups: frozenset[str]
) -> _Cause | None:
    """Changed rows of any table that the derived one is made of, however far back: the account's, then anybody's.

    What is made of all customers' rows, or of figures, follows theirs without a row of its own.
    """
    if derived.name in _OF_FIGURES:
        return (FIGURES, "", (), ()) if any(pair.changes.of_table(name) for name in TABLES) else None
    tables = [name for name in pair.tables_behind(derived.name) if name not in _OF_ALL]
    if found := _of_tables(pair, [name for name in tables if _names_accounts(name)], accounts, groups):
        return found
    if found := _of_tables(pair, [name for name in tables if not _names_accounts(name)], accounts):
        return found
    is_of_others = derived.last and any(pair.changes.of_table(name) for name in tables)
    return (OTHERS, "", (), ()) if is_of_others else None


def _names_accounts(table: str) -> bool:
    return "account_id" in TABLES[table].column_names


def _is_about(pair: Pair, source: str, accounts: frozenset[str]) -> bool:
    """Whether a row names one of the accounts, in either run, or no account at all."""
    table, _, row = source.partition(":")
    named = {run.sources.account(table, row) for run in pair.both} - {""}
    return not named or bool(named & accounts)


def _is_foreign(pair: Pair, account: str, currency: str) -> bool:
    """Whether the row, or its account, is in another currency than the company reports in."""
    setting = pair.now.basis.setting
    ids = setting.directory.accounts
    own = setting.directory.currencies[ids.index(account)] if account in ids else ""
    return bool({currency, own} - {"", setting.currency})


def _standings(run: Run, metrics: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """What each account's customer was said to be, and from when on."""
    people = run.basis.people
    found = standings(run.basis.evaluators["reporting"], sorted(metrics))
    columns = [name for name in found.columns if name != "customer_id"]
    of_customer: dict[str, list[tuple[Any, ...]]] = {}
    for customer, *said in found[["customer_id", *columns]].itertuples(index=False):
        of_customer.setdefault(str(customer), []).append(tuple(map(str, said)))
    ids = people.subjects["customer"].ids
    pairs = zip(people.directory.accounts, people.customer_of.tolist(), strict=True)
    return {account: of_customer.get(ids[at], []) for account, at in pairs if at >= 0}


##### Whose it is, at what rate, by which rules ########################################################################


def _of_owners(pair: Pair, kind: str, accounts: frozenset[str]) -> _Cause | None:
    """The item belongs to another customer, industry or manager than before, or to these by other shares."""
    if kind in OF_PEOPLE:
        return _of_changed(pair, OWNERSHIP, ("assignments", "team_members", "managers", "accounts"), accounts)
    if kind == "customer":
        return _of_changed(pair, RE_PARENTED, ("accounts", "parents"), accounts) or (RE_PARENTED, "", (), ())
    return _of_changed(pair, CHANGED, ("accounts",), accounts)


def _of_changed(pair: Pair, cause: str, tables: tuple[str, ...], accounts: frozenset[str]) -> _Cause | None:
    """The cause, with the changed rows about the accounts in the first of these tables that has any."""
    for table in tables:
        known = pair.changes.of_table(table)
        rows = tuple(row for row in known if _is_about(pair, f"{table}:{row}", accounts))
        if rows:
            return cause, table, rows, tuple(sorted({name for row in rows for name in known[row].columns}))
    return None


def _of_rates(pair: Pair) -> _Cause | None:
    changed = pair.changes.of_table("fx")
    return (RATE, "fx", tuple(changed), ()) if changed else None


def _of_rules(pair: Pair) -> _Cause:
    """Nothing in the tables explains it: the rules, or the program, are others, or the last day is.

    The last day decides what is known of a row: what had not come by then may have come by a later one.
    """
    if pair.under_rules is not None:
        return POLICY, "", (), ()
    if pair.has_other_program:
        return PROGRAM, "", (), ()
    return (LATER if pair.has_other_last_day else UNKNOWN), "", (), ()
