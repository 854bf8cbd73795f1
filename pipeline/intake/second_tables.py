"""Further tables that an export tells along with its own: the customers of its orders, the payments of its invoices. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.intake.profiles import Profile
from pipeline.intake.proposals import REPEATING, DraftTable, Line, Sheet, proposal
from pipeline.intake.reading import Raw
from pipeline.intake.vocabulary import Vocabulary
from pipeline.schema import TABLES

_OF_ANY = ("accounts", "products", "managers")
_OF = {"order_lines": ("orders",)}
"""Tables whose rows are told along with those of any other, or of a certain one."""

_NEARLY_ALL = 0.98
"""Share of the keys that must have the same cell throughout, so that a column belongs to the key."""

_GUESSED = 0.5
_SAYS_WHOSE = 0.72
_NO_ID = "; there is no id"


def second_tables(
    sheet: Sheet, main: DraftTable, profiles: Mapping[str, Profile], words: Vocabulary
) -> list[DraftTable]:
    """The further tables that stand in a sheet whose rows are those of `main`."""
    found = [
        _one_row_a_key(proposal(sheet, TABLES[name], profiles, words), sheet.raw)
        for name in (*_OF_ANY, *_OF.get(main.table, ()))
        if name != main.table
    ]
    if main.table == "invoices":
        found.append(_payments(proposal(sheet, TABLES["payments"], profiles, words), main))
    if main.table == "cases":
        found.append(_surveys(proposal(sheet, TABLES["surveys"], profiles, words), main))
    return [each for each in found if each is not None]


def _one_row_a_key(proposed: DraftTable, raw: Raw) -> DraftTable | None:
    """The proposal with those columns that belong to its key; None where it has no key, or not what it must have."""
    table = TABLES[proposed.table]
    identity, name = _identity(proposed), proposed.line("name")
    if identity is None:
        return None
    others = [each for each in proposed.lines if each.column != table.key[0]]
    if name is None and "name" in table.column_names:
        others = [replace(identity, column="name", why=f"{identity.why}; there is no name"), *others]
    kept = [each for each in (_of_key(raw, identity, each) for each in others) if each is not None]
    given = {identity.column, *(each.column for each in kept)}
    if any(column.required and column.name not in given for column in table.columns):
        return None
    return replace(proposed, lines=(identity, *kept), hints=(), is_within=True)


def _identity(proposed: DraftTable) -> Line | None:
    """The line of the key, where its header says whose key it is: a bare "ID" is that of the sheet's own rows.

    Where there is none, a name is the key.
    """
    key = TABLES[proposed.table].key[0]
    line, name = proposed.line(key), proposed.line("name")
    if line is not None and (name is None or name.header != line.header):
        sure = line.confidence if line.profile.is_unique else line.confidence / REPEATING
        if sure >= _SAYS_WHOSE and line.profile.filled:
            return replace(line, confidence=round(sure, 2))
    if name is None or name.confidence < _SAYS_WHOSE or not name.profile.filled:
        return None
    return replace(name, column=key, why=f"{name.why.removesuffix(_NO_ID)}{_NO_ID}")


def _of_key(raw: Raw, identity: Line, line: Line) -> Line | None:
    """The line where its cells belong to the key; a name does, however it is written."""
    share, several = _agreement(raw, identity.header, line.header)
    if not several:
        return line
    if share < _NEARLY_ALL and line.column != "name":
        return None
    why = f"{line.why}; {several} of the keys have several"
    return replace(line, confidence=round(line.confidence * share, 2), why=why, is_one_of_several=True)


def _agreement(raw: Raw, key: str, header: str) -> tuple[float, int]:
    """The share of keys all of whose rows have the same cell, and how many keys have several."""
    if key == header:
        return 1.0, 0
    pairs = raw.cells[[key, header]].dropna(subset=[key]).drop_duplicates()
    counts = pairs[key].value_counts()
    return float((counts == 1).mean()) if len(counts) else 0.0, int((counts > 1).sum())


def _payments(proposed: DraftTable, main: DraftTable) -> DraftTable | None:
    """What invoices say of their payment: a day that is none of the invoice's own, and what was paid."""
    invoice, day = main.line("invoice_id"), proposed.line("paid_on")
    if invoice is None or day is None or day.header in {each.header for each in main.lines}:
        return None
    lines = [replace(invoice, column="payment_id", why=f"{invoice.why}; one payment an invoice")]
    lines += [replace(invoice, column="invoice_id"), day]
    lines += _amount(proposed, main.lines)
    return replace(proposed, lines=tuple(lines), hints=(), is_within=True, only_where=day.header)


def _amount(proposed: DraftTable, invoice: Sequence[Line]) -> list[Line]:
    own = proposed.line("amount")
    others = [each for name in ("gross_amount", "net_amount") for each in invoice if each.column == name]
    if own is not None and own.header not in {each.header for each in invoice}:
        return [own]
    why = "no amount paid: what was invoiced"
    return [replace(each, column="amount", confidence=_GUESSED, why=why) for each in others[:1]]


def _surveys(proposed: DraftTable, main: DraftTable) -> DraftTable | None:
    """What tickets say of how content the client was: one answer a ticket that was rated."""
    case, score = main.line("case_id"), proposed.line("score")
    if case is None or score is None or score.header in {each.header for each in main.lines}:
        return None
    lines = [replace(case, column="survey_id", why=f"{case.why}; one answer a ticket")]
    lines += [each for each in main.lines if each.column in ("account_id", "contact_id")]
    return replace(proposed, lines=(*lines, score), hints=(), is_within=True, only_where=score.header)
