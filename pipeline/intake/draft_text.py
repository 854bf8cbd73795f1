"""A drafted mapping as TOML for a person to edit: what speaks for each line stands behind it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from pipeline.intake.drafting import Draft
from pipeline.intake.mapping import ANY, NULL
from pipeline.intake.numbers import Marks
from pipeline.intake.profiles import Profile, profile
from pipeline.intake.proposals import DraftTable, Line, Sheet
from pipeline.intake.vocabulary import Vocabulary, words_of
from pipeline.schema import TABLES, Column, Kind

_HEAD = """\
# A draft made from headers and cells. Each line says how sure it is (100 % is sure) and why; a line that begins with #
# is left out. Read every line, correct it, and try it: kambook sources check -m NAME FILE…
schema = 1
# time_zone = "Asia/Shanghai"   # of times that name no zone; else the company's
"""
_CHOSEN = ",\n       "
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def draft_text(draft: Draft, words: Vocabulary) -> str:
    """The TOML of a draft; where it holds a table, the reader accepts it as it is."""
    blocks = [_HEAD, *(_unknown(sheet) for sheet in draft.unknown)]
    for sheet in draft.sheets:
        own = [each for each in draft.tables if each.entry == sheet.entry]
        blocks.append(_file(sheet, own))
        blocks += [_table(each, sheet, words) for each in own]
    return "\n".join(blocks)


def _unknown(sheet: Sheet) -> str:
    if sheet.header == 0:
        return _without_header(sheet)
    headers = ", ".join(map(quoted, sheet.raw.headers)) or "none"
    return f"# {sheet.path}{f' [{sheet.sheet}]' if sheet.sheet else ''}: no table that kambook knows. Headers: {headers}\n"


def _without_header(sheet: Sheet) -> str:
    """An entry to be uncommented, with what the cells of each column look like."""
    lines = [
        f"{sheet.path}{f' [{sheet.sheet}]' if sheet.sheet else ''}: no header; its columns are named by their place.",
        "Say below which table it is and which column each is.",
        *_entry(sheet),
        "[tables.…]",
        f"from = {quoted(sheet.entry)}",
        "[tables.….columns]",
        *(
            f"… = {quoted(each)}   # {_looks(profile(sheet.raw.cells[each], ()))}"
            for each in sheet.raw.headers
        ),
    ]
    return "".join(f"# {line}\n" for line in lines)


def _looks(column: Profile) -> str:
    """What the cells of a column look like, without a word of them."""
    if not column.distinct:
        return "no cell is filled"
    kind = f"days as {column.dates}" if column.dates else "yes or no" if column.is_yes_no else "words"
    kind = "numbers" if column.marks and not column.dates else kind
    differ = "each differs" if column.is_unique else f"{column.distinct} different"
    return f"{kind}, {differ}"


##### Files ###########################################################################################################


def _file(sheet: Sheet, tables: Sequence[DraftTable]) -> str:
    lines = _entry(sheet)
    empty = sorted({text for table in tables for line in table.lines for text in line.profile.empty})
    lines += [f"empty = {_list(['', *empty])}"] if empty else []
    used = {
        header for table in tables for line in table.lines for header in (line.header, *line.with_headers)
    }
    left = [header for header in sheet.raw.headers if header not in used]
    lines += [f"# not mapped: {', '.join(map(quoted, left))}"] if left else []
    return "\n".join(lines) + "\n"


def _entry(sheet: Sheet) -> list[str]:
    """Where the sheet lies and how it is written."""
    lines = [f"[files.{key(sheet.entry)}]", f"path = [{quoted(sheet.path)}]"]
    lines += [f"format = {quoted(sheet.format)}"] if sheet.format != "csv" else []
    lines += [f"sheet = {quoted(sheet.sheet)}"] if sheet.sheet else []
    return [*lines, *([f"header = {json.dumps(sheet.header)}"] if sheet.header != 1 else [])]


##### Tables ##########################################################################################################


def _table(table: DraftTable, sheet: Sheet, words: Vocabulary) -> str:
    if _is_selected(table, sheet):
        return _selected(table)
    given = {line.column: line for line in table.lines}
    head = [f"[tables.{table.table}]", f"from = {quoted(table.entry)}"]
    if table.is_within:
        head.insert(0, f"# One row for each {given[TABLES[table.table].key[0]].header}.")
    lines = [
        _column(column, given[column.name]) if column.name in given else _nothing(column)
        for column in TABLES[table.table].columns
        if column.name in given or column.required
    ]
    lines += [_won(given["stage"], words)] if _tells_the_end(table, words) else []
    lines += [f"# {each.column} = {quoted(each.header)}   {_sure(each)}" for each in table.hints]
    return "\n".join([*head, f"[tables.{table.table}.columns]", *lines]) + "\n"


def _is_selected(table: DraftTable, sheet: Sheet) -> bool:
    """Whether columns alone would give rows that are none, or several for a key."""
    if not table.is_within:
        return False
    identity = table.line(TABLES[table.table].key[0])
    lacks = identity is not None and bool(sheet.raw.cells[identity.header].isna().any())
    return lacks or bool(table.only_where) or any(line.is_one_of_several for line in table.lines)


def _selected(table: DraftTable) -> str:
    """A second table as a select that leaves out the rows without a key, or without what makes them rows of it."""
    key_column, *_ = TABLES[table.table].key
    lines = [line for line in table.lines if line.profile.marks in (None, Marks()) or line.profile.dates]
    identity = next(line for line in lines if line.column == key_column)
    grouped = not table.only_where
    chosen = [_expression(line, grouped=grouped and line is not identity) for line in lines]
    rows = "list(_row) as _from" if grouped else "_row"
    text = f"select {_CHOSEN.join([*chosen, rows])}\nfrom {table.entry} where {_sql(table.only_where or identity.header)} is not null\n"
    text += f"group by {_sql(identity.header)}\n" if grouped else ""
    sql = quoted(text) if "'''" in text else f"'''\n{text}'''"
    why = "\n".join(f"# {line.column}: {_sure(line)[2:]}" for line in lines)
    return f"{why}\n[tables.{table.table}]\nsql = {sql}\n"


def _expression(line: Line, *, grouped: bool) -> str:
    """A column of a select; a day in ISO, or as it came where it is none, so that the run says so."""
    text, dates = _sql(line.header), line.profile.dates
    if dates not in (None, "iso"):
        text = f"coalesce(strftime(try_strptime({text}, '{dates}'), '%Y-%m-%d'), {text})"
    return f"{f'min({text})' if grouped else text} as {line.column}"


def _nothing(column: Column) -> str:
    return f'{column.name} = {{ value = "" }}   # 0 %: required, and no header was found'


def _column(column: Column, line: Line) -> str:
    if line.with_headers:
        return f"{column.name} = {{ all_of = {_list((line.header, *line.with_headers))} }}   {_sure(line)}"
    options = _options(column.kind, line.profile)
    target = _target(column.name, line)
    options = {**({"key_of": quoted(target)} if target else {}), **options}
    if column.allowed:
        known = {words_of(word): word for word in column.allowed}
        meant = {word: quoted(known.get(words_of(word), NULL)) for word in line.profile.words}
        options = {**options, "values": _values(meant)}
    if not options:
        return f"{column.name} = {quoted(line.header)}   {_sure(line)}"
    told = ", ".join(f"{name} = {text}" for name, text in {"from": quoted(line.header), **options}.items())
    return f"{column.name} = {{ {told} }}   {_sure(line)}"


def _target(column: str, line: Line) -> str | None:
    """The table whose names the cells are."""
    if line.by != "name":
        return None
    return next((table.parents[column] for table in TABLES.values() if column in table.parents), None)


def _options(kind: Kind, column: Profile) -> dict[str, str]:
    if kind in ("date", "timestamp") and column.dates not in (None, "iso"):
        return {"date": quoted(column.dates or "")}
    if (
        kind in ("exact", "rate", "integer")
        and column.marks
        and (column.marks.thousands or column.marks.decimal != ".")
    ):
        marks = {"decimal": column.marks.decimal, "thousands": column.marks.thousands}
        return {"number": "{ " + ", ".join(f"{name} = {quoted(mark)}" for name, mark in marks.items()) + " }"}
    return {}


def _values(meant: Mapping[str, str]) -> str:
    """What each word means; every other one leaves the cell empty."""
    pairs = [f"{quoted(word)} = {meaning}" for word, meaning in meant.items()]
    return "{ " + ", ".join([*pairs, f'"{ANY}" = "{NULL}"']) + " }"


def _tells_the_end(table: DraftTable, words: Vocabulary) -> bool:
    """Whether the stages of a deal say that it was won, and nothing else does."""
    stage = table.line("stage")
    if table.table != "opportunities" or stage is None or table.line("is_won"):
        return False
    return any(word.lower() in words.words["won"] for word in stage.profile.words)


def _won(stage: Line, words: Vocabulary) -> str:
    meant = {
        word: "true" if word.lower() in words.words["won"] else "false"
        for word in stage.profile.words
        if word.lower() in words.words["won"] | words.words["lost"]
    }
    told = _values(meant)
    return f"is_won = {{ from = {quoted(stage.header)}, values = {told} }}   # 85 %: words of the stage"


def _sure(line: Line) -> str:
    return f"# {line.confidence:.0%}: {line.why}".replace("%:", " %:")


##### TOML ############################################################################################################


def quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(text: str) -> str:
    """A TOML key, bare where it may be."""
    return text if _BARE_KEY.fullmatch(text) else quoted(text)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _sql(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
