"""Columns made for checks: what cannot be said of one column alone is turned into a boolean or an integer first.

An expectation names such a column by a canonical column, an operation and its arguments, joined by two underscores:
`account_id__known`, `due_on__days_after__issued_on`, `gross_amount__less__net_amount__tax_amount`. The operations are
the table at the end of `check_operations.py`. A boolean is true where a value is in order or missing (a missing value
is another expectation's matter); an integer is missing where one of its sides is; exact columns stay ten-thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from pipeline.errors import DataError, nearest
from pipeline.gate.check_operations import OPERATIONS
from pipeline.gate.checks import CheckColumn, Operation, Surroundings
from pipeline.schema import TABLES

JOINT = "__"


def check_column(table: str, name: str) -> CheckColumn:
    """The parts of a check column's name. DataError KB-1203 where the table cannot have it."""
    column, operation, *arguments = name.split(JOINT)
    made = CheckColumn(table, column, operation, tuple(arguments))
    if operation not in OPERATIONS:
        raise _cannot(table, name, f"there is no operation {operation!r}", nearest(operation, OPERATIONS))
    _require_column(made, column, name)
    fault = _fault_of_column(made, OPERATIONS[operation]) or _fault_of_arguments(made, name)
    if fault:
        raise _cannot(table, name, fault, None)
    return made


def require_column(table: str, name: str) -> None:
    """Raise DataError KB-1203 unless the table has the column or it can be made for a check."""
    if JOINT in name:
        check_column(table, name)
    elif name not in TABLES[table].column_names:
        raise _cannot(table, name, "the table has no such column", nearest(name, TABLES[table].column_names))


def own_columns(table: str, names: Iterable[str]) -> tuple[str, ...]:
    """The canonical columns of the table behind the named ones, its key among them, in the table's order."""
    checks = [check_column(table, name) for name in names if JOINT in name]
    read = {*names, *TABLES[table].key}
    for check in checks:
        read |= {check.column, *check.arguments, *OPERATIONS[check.operation].also}
    return tuple(name for name in TABLES[table].column_names if name in read)


def needed(checks: Iterable[CheckColumn]) -> dict[str, tuple[str, ...]]:
    """The columns of other tables that the checks read, by table."""
    columns: dict[str, set[str]] = {}
    for check in checks:
        for table, names in OPERATIONS[check.operation].needs(check).items():
            columns.setdefault(table, set()).update(names)
    return {table: tuple(sorted(names)) for table, names in sorted(columns.items())}


def with_checks(rows: pd.DataFrame, table: str, names: Iterable[str], around: Surroundings) -> pd.DataFrame:
    """The named columns of a table, canonical ones as they are and the others made; nothing else."""
    return pd.DataFrame({name: _column(rows, table, name, around) for name in names}, index=rows.index)


def _column(rows: pd.DataFrame, table: str, name: str, around: Surroundings) -> pd.Series[Any]:
    if JOINT not in name:
        return rows[name]
    check = check_column(table, name)
    return OPERATIONS[check.operation].make(check, rows, around)


def _fault_of_column(check: CheckColumn, operation: Operation) -> str | None:
    declared = TABLES[check.table]
    kind = declared.column(check.column).kind
    if kind not in operation.kinds:
        return f"{check.operation!r} is not for a column of kind {kind}"
    if operation.takes == "reference" and check.column not in declared.parents:
        return "the schema gives the column no parent"
    if missing := [name for name in operation.also if name not in declared.column_names]:
        return f"{check.operation!r} needs the column {missing[0]!r}, which the table does not have"
    if operation.takes == "allowed" and not declared.column(check.column).allowed:
        return "the schema allows any value in the column"
    return None


def _fault_of_arguments(check: CheckColumn, name: str) -> str | None:
    takes, given = OPERATIONS[check.operation].takes, check.arguments
    counts = {"column": (1, 1), "columns": (1, 9), "table": (1, 1), "parent column": (2, 2)}.get(
        takes, (0, 0)
    )
    if not counts[0] <= len(given) <= counts[1]:
        return f"{check.operation!r} takes {takes if counts[1] else 'nothing'} after it"
    if takes in ("column", "columns"):
        for argument in given:
            _require_column(check, argument, name)
    if takes == "table":
        return _fault_of_child(check)
    return _fault_of_parent_column(check) if takes == "parent column" else None


def _fault_of_child(check: CheckColumn) -> str | None:
    (child,) = check.arguments
    if child not in TABLES or TABLES[child].parents.get(check.column) != check.table:
        return f"{child!r} is no table that refers to {check.table} by {check.column}"
    return None


def _fault_of_parent_column(check: CheckColumn) -> str | None:
    reference, column = check.arguments
    parent = TABLES[check.table].parents.get(reference)
    if parent is None:
        return f"{reference!r} refers to no other table"
    missing = [name for name in (column, "currency") if name not in TABLES[parent].column_names]
    return f"{parent} has no column {missing[0]!r}" if missing else None


def _require_column(check: CheckColumn, column: str, name: str) -> None:
    names = TABLES[check.table].column_names
    if column not in names:
        raise _cannot(check.table, name, f"{check.table} has no column {column!r}", nearest(column, names))


def _cannot(table: str, name: str, what: str, closest: str | None) -> DataError:
    return DataError(
        where=f"expectations/{table}.json: column {name!r}",
        what=what,
        nearest=closest,
        fix="name a column of the table, or one of the operations of pipeline/gate/check_columns.py",
        code="KB-1203",
    )
