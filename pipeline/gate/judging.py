"""The tables of a run judged one after another: only what one needs is in memory while it is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.context import Context
from pipeline.gate import findings, fixes, quality
from pipeline.gate.check_columns import needed, own_columns, with_checks
from pipeline.gate.checks import Surroundings
from pipeline.gate.customer_limits import Share, shares
from pipeline.gate.evaluation import evaluate
from pipeline.gate.expectations import Suite
from pipeline.gate.findings import Judgement, Positions
from pipeline.gate.fixes import Rule
from pipeline.gate.traces import THROUGH, parent_of, trace, trace_columns
from pipeline.intake.canonical import customers_of
from pipeline.schema import NO_ACCOUNT, TABLES


@dataclass(frozen=True)
class Judged:
    """What came of one table: the judgement, the records that break something, and the shares of accounts with such."""

    judgement: Judgement
    records: pd.DataFrame
    shares: Mapping[str, Share]


def present(run: Path) -> list[str]:
    """The tables of a run, parents before children, so that a child is judged by what is left of its parents."""
    found = {path.stem for path in (run / "tables").glob("*.parquet")} & set(TABLES)
    before = {name: {*TABLES[name].parents.values(), "fx"} - {name} for name in TABLES}
    return [name for name in TopologicalSorter(before | {"fx": set()}).static_order() if name in found]


def judge_table(
    table: str, rows: pd.DataFrame, suite: Suite, around: Surroundings, knowing: Mapping[str, pd.DataFrame]
) -> Judgement:
    """What follows for a table from its suite. `knowing` holds the table that knows the rows' account, if any.

    DataError KB-1202 where the suite is not understood, KB-1210 where an expectation cannot be evaluated.
    """
    checked = with_checks(rows, table, suite.columns, around)
    outcomes = evaluate(suite, checked)
    broken = [outcome.positions for outcome in outcomes if not outcome.holds]
    positions = np.unique(np.concatenate(broken)) if broken else np.zeros(0, dtype=np.int64)
    return findings.judged(table, outcomes, trace(table, rows.iloc[positions], knowing), len(rows))


def judged_table(
    context: Context, suite: Suite, dropped: Mapping[str, Positions], rejected: Mapping[str, int]
) -> Judged:
    """One table by its suite; `dropped` are the rows in quarantine of the tables judged before it.

    `rejected` counts the rows of each account that could not be read.
    """
    run, table = context.run, suite.table
    rows = quality.stored(run, table, [*own_columns(table, suite.columns), *_traced(table)])
    others = {
        name: _left(quality.stored(run, name, columns), dropped.get(name))
        for name, columns in needed(suite.check_columns).items()
        if table_file(run, name).exists()
    }
    around = Surroundings(context.period.as_of, context.settings.company.currency, others)
    known = knowing(run, table)
    judgement = judge_table(table, rows, suite, around, known)
    return Judged(
        judgement,
        _records(run, judgement, rows, known),
        _shares(context, judgement, rows, known, rejected),
    )


def _records(
    run: Path, judgement: Judgement, rows: pd.DataFrame, known: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    broken = [
        each
        for each in judgement.broken
        if each.expectation.severity != "info" and each.expectation.scope != "run" and len(each.positions)
    ]
    if not broken:
        return fixes.together([])
    table = judgement.table
    positions = np.unique(np.concatenate([each.positions for each in broken]))
    at_fault = _with(run, table, rows, fixes.columns_of(table), positions)
    amounts = _amounts(run, at_fault) if table == "orders" else None
    whose = trace(table, at_fault, known)
    return fixes.together(
        fixes.records(
            Rule(table, each.expectation.name, each.expectation.severity, each.expectation.why),
            at_fault,
            whose,
            np.searchsorted(positions, each.positions),
            amounts,
        )
        for each in broken
    )


def _with(
    run: Path, table: str, rows: pd.DataFrame, columns: Sequence[str], positions: Positions
) -> pd.DataFrame:
    """The rows at these positions with the columns, too, of which some were not read before."""
    unread = [name for name in columns if name not in rows.columns]
    read = [quality.stored_at(run, table, positions, unread)] if unread else []
    return pd.concat([rows.iloc[positions], *read], axis="columns")


def _amounts(run: Path, orders: pd.DataFrame) -> pd.Series | None:
    if not table_file(run, "order_lines").exists():
        return None
    lines = quality.stored(run, "order_lines", ["order_id", "net_amount"])
    return fixes.line_totals(orders["order_id"], lines)


def _shares(
    context: Context,
    judgement: Judgement,
    rows: pd.DataFrame,
    known: Mapping[str, pd.DataFrame],
    rejected: Mapping[str, int],
) -> Mapping[str, Share]:
    """Of accounts themselves no share is taken: what is wrong with one costs it, not a share of it.

    A row of an unknown account is nobody's, so that no document lacks it.
    """
    table = judgement.table
    if table == "accounts" or not (judgement.reasons or rejected):
        return {}
    unusable = np.zeros(len(rows), dtype=np.bool_)
    unusable[list(judgement.reasons)] = True
    dated = [name for name in (TABLES[table].dated,) if name is not None]
    customers = customers_of(quality.stored(context.run, "accounts", ["account_id", "parent_id"]))
    traced = trace(table, rows, known).join(rows[dated])
    codes, accounts = pd.factorize(traced["account_id"])
    of_accounts = pd.Series([*(customers.get(each) for each in accounts), None], dtype="str")
    whose = traced.assign(customer_id=of_accounts.take(codes).set_axis(rows.index))  # code -1 takes the last
    unread: Counter[str] = Counter()
    for account, count in rejected.items():
        unread.update({customers[account]: count} if account in customers else {})
    return shares(table, whose, unusable, unread, context.period.as_of)


def _traced(table: str) -> list[str]:
    dated = TABLES[table].dated
    return [*trace_columns(table), *((dated,) if dated is not None else ())]


def _left(rows: pd.DataFrame, dropped: Positions | None) -> pd.DataFrame:
    return rows if dropped is None else rows.drop(index=rows.index[dropped])


def knowing(run: Path, table: str) -> dict[str, pd.DataFrame]:
    """All rows of the table that knows the account of this table's rows, those in quarantine too; none where none does."""
    parent = parent_of(table)
    if parent is None or not table_file(run, parent).exists():
        return {}
    return {parent: quality.stored(run, parent, [*TABLES[parent].key, "account_id"])}


def table_file(run: Path, table: str) -> Path:
    """Where a run keeps a table."""
    return run / "tables" / f"{table}.parquet"


def rejects_with_accounts(run: Path) -> pd.DataFrame:
    """The rejects with the account of each row, through its parent where the row itself does not name one."""
    made = pd.read_parquet(table_file(run, "rejects"))
    for table in sorted(set(made["table"]) & set(THROUGH)):
        parent = knowing(run, table).get(str(parent_of(table)))
        if parent is not None:
            key = TABLES[str(parent_of(table))].key[0]
            accounts = parent.drop_duplicates(key).set_index(key)["account_id"]
            own = made["table"].eq(table) & (made["account_id"].isna() | made["account_id"].eq(NO_ACCOUNT))
            made = made.assign(account_id=made["account_id"].mask(own, made["parent_key"].map(accounts)))
    return made


def every(context: Context, suites: Mapping[str, Suite], rejects: pd.DataFrame) -> Iterator[Judged]:
    """Each table judged in turn, parents first; what is in quarantine of one is missing for the next."""
    dropped: dict[str, Positions] = {}
    rejected = {str(table): Counter(rows["account_id"].dropna()) for table, rows in rejects.groupby("table")}
    for table, suite in suites.items():
        judged = judged_table(context, suite, dropped, rejected.get(table, {}))
        dropped[table] = np.array(list(judged.judgement.reasons), dtype=np.int64)
        yield judged
