"""From raw texts to one canonical table: the mapping's rules applied, every cell cast, what fails set aside. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import SourceError, nearest
from pipeline.gate.traces import THROUGH
from pipeline.intake.casting import (
    Cast,
    Mask,
    Rule,
    cast,
    checked_currency,
    missing_values,
    translate,
    typed,
)
from pipeline.intake.corrections import Correction, holding
from pipeline.intake.mapping import ANY, NULL, ColumnRule, TableRule, headers_of
from pipeline.intake.numbers import PLAIN_MARKS, Marks
from pipeline.intake.reading import Raw
from pipeline.intake.rejects import rejects_table
from pipeline.schema import TABLES, Kind

NEWEST = "_newest"
"""Beside the canonical columns: the rank by which the newest of several rows of a key is found."""


@dataclass(frozen=True)
class Texts:
    """The rows of one canonical table before they are cast: texts by canonical column, aligned with `cells`.

    `unlisted` marks cells whose text the mapping's `values` does not list. `cells` is the row as it came, `sources`
    and `lines` say from where.
    """

    table: str
    columns: dict[str, pd.Series[str]]
    rules: dict[str, Rule]
    unlisted: dict[str, Cast]
    cells: pd.DataFrame
    sources: pd.Series[str]
    lines: pd.Series[Any]
    newest: pd.Series[Any] | None = None
    key_of: tuple[tuple[str, str], ...] = ()
    """Columns that hold names of another table's rows, with that table."""


@dataclass(frozen=True)
class Part:
    """Cast rows of one canonical table from one origin: every canonical column, `_source`, `_line`, `_newest`.

    `rejects` are the rows with a cell that could not be cast; `corrected` how many rows each correction met.
    """

    table: str
    rows: pd.DataFrame
    rejects: pd.DataFrame
    key_of: tuple[tuple[str, str], ...] = ()
    corrected: tuple[tuple[Correction, int], ...] = ()
    raw_rows: int = 0


def texts_of(raw: Raw, table: str, rule: TableRule, zone: str) -> Texts:
    """What a table's rule takes from one raw file.

    Raises SourceError KB-1103 (a mapped header is missing) and KB-1115 (a mapped header stands twice).
    """
    columns = canonical_columns(raw, table) if rule.columns is None else rule.columns
    check_headers(raw, table, rule)
    kept = _chosen(raw, rule)
    cells = raw.cells.loc[kept].reset_index(drop=True)
    taken = {name: _taken(cells, column) for name, column in columns.items()}
    listed = {name: _translated(taken[name], column) for name, column in columns.items()}
    rules = {
        name: cast_rule(TABLES[table].column(name).kind, column, zone) for name, column in columns.items()
    }
    return Texts(
        table=table,
        columns={name: each.values for name, each in listed.items()},
        rules=rules,
        unlisted=listed,
        cells=cells,
        sources=pd.Series(raw.source, index=cells.index, dtype="str"),
        lines=pd.Series(raw.lines[kept.to_numpy()], index=cells.index, dtype="Int64"),
        newest=_newest(cells, rule, columns, rules, raw.source),
        key_of=tuple((name, column.key_of) for name, column in columns.items() if column.key_of),
    )


def canonical_columns(raw: Raw, table: str) -> dict[str, ColumnRule]:
    """Without columns in the mapping, each header that is a canonical name means that column.

    Raises SourceError KB-1103 where a required column has no header, or the account of rows that name their own.
    An account may be empty in a row; a renamed header would leave every client without a figure.
    """
    declared = TABLES[table]
    own = () if table in THROUGH else ("account_id",)
    needed = [each.name for each in declared.columns if each.required or each.name in own]
    missing = [name for name in needed if name not in raw.headers]
    if missing:
        raise _missing_header(raw, table, missing[0])
    return {
        name: ColumnRule.model_validate({"from": name})
        for name in declared.column_names
        if name in raw.headers
    }


def check_headers(raw: Raw, table: str, rule: TableRule) -> None:
    """Every header that the rule names is there, once."""
    for header in headers_of(rule):
        if header not in raw.headers:
            raise _missing_header(raw, table, header)
        if header in raw.repeated:
            raise SourceError(
                where=raw.source,
                what=f"has the header {header!r} more than once; {table} cannot tell which one is meant",
                fix="rename one of them in the export, or map the table by sql",
                code="KB-1115",
            )


def _missing_header(raw: Raw, table: str, header: str) -> SourceError:
    return SourceError(
        where=raw.source,
        what=f"has no header {header!r}, which {table} is mapped from",
        nearest=nearest(header, raw.headers) or ", ".join(raw.headers[:12]) or "the file has no header",
        fix="correct the header in the mapping, or header and sheet in its files entry",
        code="KB-1103",
    )


def _chosen(raw: Raw, rule: TableRule) -> pd.Series[bool]:
    if rule.where is None:
        return pd.Series(data=True, index=raw.cells.index, dtype="bool")
    cells = raw.cells[rule.where.column]
    chosen = cells.isin(list(rule.where.in_))
    return (chosen | cells.isna()) if "" in rule.where.in_ else chosen


def _taken(cells: pd.DataFrame, column: ColumnRule) -> pd.Series[str]:
    if column.value is not None:
        return pd.Series(column.value or None, index=cells.index, dtype="str")
    first, *others = column.headers
    taken = cells[first]
    if column.all_of:
        return _together(taken, [cells[header] for header in others])
    for header in others:
        taken = taken.fillna(cells[header])
    return taken


def _together(first: pd.Series[str], others: Sequence[pd.Series[str]]) -> pd.Series[str]:
    """Cells of several columns as one id; missing where one of them is."""
    together = first
    for cells in others:
        together = together + "/" + cells
    return together


def _translated(cells: pd.Series[str], column: ColumnRule) -> Cast:
    if column.values is None:
        return Cast(cells, np.zeros(len(cells), np.bool_), "")
    return translate(cells, column.values, ANY, NULL)


def cast_rule(kind: Kind, column: ColumnRule, zone: str) -> Rule:
    """How a column's cells are cast: what the mapping says, else plain numbers and ISO dates."""
    number = column.number
    marks = Marks(number.decimal, number.thousands, Decimal(str(number.scale))) if number else PLAIN_MARKS
    return Rule(kind, column.date or ("iso",), marks, zone)


def _newest(
    cells: pd.DataFrame,
    rule: TableRule,
    columns: MappingOf[str, ColumnRule],
    rules: MappingOf[str, Rule],
    source: str,
) -> pd.Series[Any] | None:
    """The rank of each row by `newest_by`: read as its own column is where it has one, else as time, else as number."""
    if rule.newest_by is None:
        return None
    own = [rules[name] for name, column in columns.items() if column.headers == (rule.newest_by,)]
    zone = next(iter(rules.values())).zone
    tried = [*(each for each in own if each.kind in ("date", "timestamp", "exact", "integer"))]
    tried += [Rule("timestamp", zone=zone), Rule("exact")]
    casts = [cast(cells[rule.newest_by], each) for each in tried]
    best = min(casts, key=lambda each: int(each.failed.sum()))
    if len(cells) and best.failed.all():
        raise SourceError(
            where=f"{source}: {rule.newest_by}",
            what="newest_by needs dates, times or numbers, and no cell of this header is one",
            fix="name another header in newest_by",
            code="KB-1104",
        )
    return rank(best.values)


def rank(values: pd.Series[Any]) -> pd.Series[Any]:
    """Days, times or numbers as integers that rise with them; missing stays missing."""
    if values.dtype == "Int64":
        return values
    ranks, known = missing_values("integer", values.index), values.notna()
    ranks[known] = values[known].astype("int64")
    return ranks


def cast_texts(texts: Texts, corrections: Sequence[Correction] = ()) -> Part:
    """Cast every column; a row with a cell that fails goes to the rejects, with all its reasons.

    Corrections are applied where their row is found; raises DataError KB-1231 where one expects something else.
    """
    casts = casts_of(texts)
    found = [
        (
            each,
            holding(
                each, texts.columns, {name: c.values for name, c in casts.items()}, texts.lines, _zone(texts)
            ),
        )
        for each in corrections
    ]
    dropped = np.zeros(len(texts.cells), np.bool_)
    for correction, rows in found:
        casts = _corrected(casts, correction, rows, texts)
        dropped |= rows if correction.drop else False
    failed = _failed(casts, len(texts.cells)) & ~dropped
    return Part(
        table=texts.table,
        rows=_rows(texts, casts, ~failed & ~dropped),
        rejects=_rejects(texts, casts, failed),
        key_of=texts.key_of,
        corrected=tuple((correction, int(rows.sum())) for correction, rows in found),
        raw_rows=len(texts.cells),
    )


def casts_of(texts: Texts) -> dict[str, Cast]:
    """Every column cast; failed, too, where a text is not among the mapping's values or a sign is of another currency."""
    casts = {
        name: _with_unlisted(cast(cells, texts.rules[name]), texts.unlisted.get(name))
        for name, cells in texts.columns.items()
    }
    return casts | _with_currency(texts, casts)


def _with_currency(texts: Texts, casts: MappingOf[str, Cast]) -> dict[str, Cast]:
    """The columns of numbers, failed where a currency's sign beside an amount contradicts the row's currency."""
    currencies = casts["currency"].values if "currency" in casts else None
    return {
        name: checked_currency(casted, texts.columns[name], currencies)
        for name, casted in casts.items()
        if texts.rules[name].kind == "exact"
    }


def _with_unlisted(casted: Cast, unlisted: Cast | None) -> Cast:
    if unlisted is None or not unlisted.failed.any():
        return casted
    reason = unlisted.reason if not casted.failed.any() else f"{casted.reason}, or {unlisted.reason}"
    return Cast(casted.values, casted.failed | unlisted.failed, reason)


def _corrected(casts: dict[str, Cast], correction: Correction, rows: Mask, texts: Texts) -> dict[str, Cast]:
    """The columns with what a correction sets, in the rows that it met."""
    if not rows.any():
        return casts
    changed = {}
    for name, text in correction.set.items():
        kind = TABLES[texts.table].column(name).kind
        before = casts.get(name) or Cast(
            missing_values(kind, texts.cells.index), np.zeros(len(rows), np.bool_), ""
        )
        value = cast(pd.Series([text or None], dtype="str"), Rule(kind, zone=_zone(texts))).values.iloc[0]
        after = before.values.mask(pd.Series(rows, index=before.values.index), value)
        changed[name] = replace(before, values=typed(after, kind), failed=before.failed & ~rows)
    return {**casts, **changed}


def _zone(texts: Texts) -> str:
    return next((rule.zone for rule in texts.rules.values()), "UTC")


def _failed(casts: MappingOf[str, Cast], rows: int) -> Mask:
    failed = np.zeros(rows, np.bool_)
    for each in casts.values():
        failed = failed | each.failed
    return failed


def _rows(texts: Texts, casts: MappingOf[str, Cast], kept: Mask) -> pd.DataFrame:
    """Every canonical column in order; those that nothing fills are all missing."""
    index = texts.cells.index[kept]
    columns: dict[str, pd.Series[Any]] = {
        column.name: casts[column.name].values[kept]
        if column.name in casts
        else missing_values(column.kind, index)
        for column in TABLES[texts.table].columns
    }
    columns["_source"] = texts.sources[kept]
    columns["_line"] = texts.lines[kept]
    newest = missing_values("integer", index) if texts.newest is None else texts.newest[kept]
    return pd.DataFrame({**columns, NEWEST: newest}).reset_index(drop=True)


def _rejects(texts: Texts, casts: MappingOf[str, Cast], failed: Mask) -> pd.DataFrame:
    positions = np.flatnonzero(failed)
    at_fault = [[name for name, each in casts.items() if each.failed[at]] for at in positions]
    cells = texts.cells[failed].to_dict("records")
    return rejects_table(
        [texts.table] * len(positions),
        texts.sources[failed].tolist(),
        texts.lines[failed].tolist(),
        [_why(casts, names) for names in at_fault],
        [names[0] for names in at_fault],
        [{str(name): None if pd.isna(cell) else cell for name, cell in row.items()} for row in cells],
        _values(casts, "account_id", failed),
        _values(casts, THROUGH.get(texts.table, ""), failed),
    )


def _values(casts: MappingOf[str, Cast], name: str, rows: Mask) -> list[object] | None:
    """What a column of these rows says, where there is such a column."""
    return (
        [None if pd.isna(value) else value for value in casts[name].values[rows]] if name in casts else None
    )


def _why(casts: MappingOf[str, Cast], names: Sequence[str]) -> str:
    """The reason of the first column at fault, then those of the others with their names."""
    others = [f"{name}: {casts[name].reason}" for name in names[1:]]
    return "; ".join([casts[names[0]].reason, *others])
