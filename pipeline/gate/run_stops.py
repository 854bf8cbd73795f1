"""When the data stops the whole run: nothing to count, exports that end too early, too much of it unusable. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from pipeline.errors import DataError, nearest
from pipeline.gate import customer_limits
from pipeline.gate.findings import Example, Finding
from pipeline.periods import month_start
from pipeline.schema import TABLES
from pipeline.settings import SalesBasis

SALES_DAY: dict[SalesBasis, tuple[str, str]] = {
    "ordered": ("orders", "ordered_on"),
    "invoiced": ("invoices", "issued_on"),
    "contracted": ("contracts", "starts_on"),
    "won": ("opportunities", "closed_on"),
}
"""The table and column that say how far the exports reach."""


def require_rows(rows: Mapping[str, int], basis: SalesBasis) -> None:
    """Raise DataError KB-1211 unless accounts and the table that sales are counted by are there and have rows."""
    for table in ("accounts", SALES_DAY[basis][0]):
        if not rows.get(table):
            there = table in rows
            raise DataError(
                where=table,
                what="has no rows" if there else "is in no export, but nothing can be made without it",
                nearest=None if there else nearest(table, rows),
                fix="check the export: an empty table passes every check"
                if there
                else "add its file to the mapping, or change [sales] basis in kambook.toml",
                code="KB-1211",
            )


def require_run(findings: Iterable[Finding]) -> None:
    """Raise DataError KB-1213 where something does not hold without which the run means nothing."""
    for finding in findings:
        if finding["severity"] == "critical" and finding["scope"] == "run":
            raise DataError(
                where=_place(finding["table"], finding["examples"]),
                what=f"{finding['expectation']} does not hold ({finding['rows']} rows)",
                fix="correct the export or its mapping; quality/index.html of the run lists the rows",
                code="KB-1213",
            )


def _is_cause(finding: Finding) -> bool:
    """Whether rows are unusable because of it; that a customer has too many of them is only what follows."""
    return finding["severity"] == "critical" and finding["expectation"] != customer_limits.TRUTH


def require_within_limit(
    table: str, unusable: int, total: int, limit: float, findings: Sequence[Finding]
) -> None:
    """Raise DataError KB-1214 where more than the share `limit` of a table's rows is in quarantine."""
    if total and unusable / total > limit:
        causes = [each for each in findings if each["table"] == table and _is_cause(each)]
        worst = max(causes, key=lambda each: each["rows"])
        raise DataError(
            where=_place(table, worst["examples"]),
            what=f"{unusable} of {total} rows are in quarantine, more than {limit:.0%}; first {worst['expectation']}",
            fix=f"see quality/quarantine/{table}.csv of the run; the limit is [quality] quarantine_limit_pct",
            code="KB-1214",
        )


def require_fresh(newest: date | None, basis: SalesBasis, as_of: date, days: int) -> None:
    """Raise DataError KB-1212 where the newest sales row lies more than `days` before the as-of date."""
    table, column = SALES_DAY[basis]
    if newest is None:
        raise DataError(
            where=f"{table}.{column}",
            what=f"no row is dated on or before {as_of}, so nothing says that the exports cover it",
            fix="map the column, choose a later period, or change [sales] basis in kambook.toml",
            code="KB-1212",
        )
    if newest < as_of - timedelta(days=days):
        raise DataError(
            where=f"{table}.{column}",
            what=f"exports end on {newest}, more than {days} days before {as_of}",
            fix=f"export again, run -p {month_reached(newest, days)}, or raise [freshness] days in kambook.toml",
            code="KB-1212",
        )


def month_reached(newest: date, days: int) -> str:
    """The last month, as a period, for which exports that end on `newest` are fresh enough."""
    reached = newest + timedelta(days=days + 1)
    return f"{month_start(reached) - timedelta(days=1):%Y-%m}"


def newest_sale(rows: pd.DataFrame, basis: SalesBasis, as_of: date) -> date | None:
    """The last day up to `as_of` on which something counts as sold; of opportunities those that are decided.

    A later day says nothing: a contract that starts next year does not make this month's exports complete.
    """
    _, column = SALES_DAY[basis]
    days = rows.loc[rows["is_won"].notna(), column] if basis == "won" else rows[column]
    newest = days[days <= np.datetime64(as_of)].max()
    return None if pd.isna(newest) else newest.date()


def sales_columns(basis: SalesBasis) -> list[str]:
    """The columns that `newest_sale` reads."""
    table, column = SALES_DAY[basis]
    return [column, "is_won"] if "is_won" in TABLES[table].column_names else [column]


def _place(table: str, examples: Sequence[Example]) -> str:
    """The table and the first rows to look at."""
    lines = ", ".join(f"{example['source']}:{example['line']}" for example in examples)
    return f"{table} ({lines})" if lines else table
