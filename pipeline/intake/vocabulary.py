"""What exports call things: which canonical columns a header may mean, and how surely. Pure but for one file.

The words stand in `vocabulary.toml`. A header and an alias are compared as words: case, punctuation, blanks between
Chinese characters and units in brackets do not count; camelCase and snake_case are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from rapidfuzz import fuzz

from pipeline.intake.characters import simplified
from pipeline.schema import TABLES, Table
from pipeline.settings import Model, read_toml

FILE = Path(__file__).with_name("vocabulary.toml")
PLAIN = 1.0
ONE_WORD = 0.8
"""A single word says less than several: many tables have a date and an amount."""

_OWN_NAME = 1.005
"""A header that is the canonical name wins over any other."""

_BARE = {"key": 0.6, "name": 0.7}
_BY_NAME = 0.75
"""A reference by its row's name or by its noun alone."""

_OTHER_ORDER, _CONTAINED, _TYPO, _SHORT, _BETWEEN = 0.9, 0.7, 0.75, 0.85, 0.55
_ALIKE = 80
_KEY_WORDS = ("id", "no", "number", "code", "key", "num", "nr", "ref")
_KEY_CHARACTERS = ("编号", "号", "id", "代码", "编码", "单号", "码", "号码")
_NAME_CHARACTERS = ("名称", "名", "简称", "全称")
_NOT_YET = frozenset("predict predicted prediction planned expected estimated next target".split())
"""Words that make another thing of what they stand beside: a predicted payment date is no payment date."""

_STOP = frozenset("of the a an s in for and".split())
_UNIT = re.compile(r"[(\[（【][^()\[\]（）【】]{0,12}[)\]）】]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CJK = "\u3400-\u9fff"
_AROUND_CJK = re.compile(rf"(?<=[{_CJK}]) +| +(?=[{_CJK}])")

By = Literal["id", "name"]


class _File(Model):
    schema_: Literal[1] = Field(alias="schema")
    nouns: dict[str, tuple[str, ...]]
    columns: dict[str, dict[str, tuple[str, ...]]]
    words: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Meaning:
    """A canonical column that a header may mean; `by` says whether a reference holds ids or names."""

    column: str
    strength: float
    how: str
    by: By = "id"


@dataclass(frozen=True)
class _Alias:
    column: str
    strength: float
    by: By


@dataclass(frozen=True)
class Vocabulary:
    """Aliases of every table's columns by their words, nouns of the tables, and words in cells."""

    nouns: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, Mapping[str, tuple[_Alias, ...]]]
    words: Mapping[str, frozenset[str]]

    def meanings(self, table: str, header: str) -> tuple[Meaning, ...]:
        """The columns of a table that a header may mean, the surest first; one entry a column."""
        asked = words_of(header)
        found: dict[str, Meaning] = {}
        for alias, meant in self.aliases[table].items():
            likeness, how = _likeness(asked, alias)
            for each in meant if likeness else ():
                new = Meaning(each.column, likeness * each.strength, how, each.by)
                if new.strength > found.get(each.column, _NOTHING).strength:
                    found[each.column] = new
        return tuple(sorted(found.values(), key=lambda each: -each.strength))

    def names_table(self, table: str, name: str) -> bool:
        """Whether a file's or sheet's name says that its rows are those of the table."""
        asked = words_of(name)
        return any(_stands_in(noun, asked) for noun in self.nouns.get(table, ()))


_NOTHING = Meaning("", 0.0, "")


@cache
def vocabulary() -> Vocabulary:
    """The words of `vocabulary.toml`, with the aliases of keys, names and references that follow from the nouns."""
    file = _File.model_validate(read_toml(FILE))
    nouns = {table: tuple(words_of(noun) for noun in given) for table, given in file.nouns.items()}
    return Vocabulary(
        nouns=nouns,
        aliases={name: _aliases(table, nouns, file.columns) for name, table in TABLES.items()},
        words={
            kind: frozenset(simplified(word).lower() for word in given) for kind, given in file.words.items()
        },
    )


def words_of(text: str) -> str:
    """A header or name as lower-case words with one blank between them, none beside Chinese characters."""
    bare = _UNIT.sub(" ", simplified(text)).strip() or simplified(text)
    spaced = re.sub(r"[\W_]+", " ", _CAMEL.sub(" ", bare)).strip().lower()
    return _AROUND_CJK.sub("", spaced)


def _aliases(
    table: Table,
    nouns: Mapping[str, tuple[str, ...]],
    columns: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> dict[str, tuple[_Alias, ...]]:
    own = nouns.get(table.name, ())
    given = [*_given(table, own, columns), *_of_key_and_name(table, own)]
    given += [
        each
        for column, parent in table.parents.items()
        for each in _of_reference(column, nouns.get(parent, ()), _given_to_key(TABLES[parent], own, columns))
        if parent != table.name  # "customer" in a list of customers is the customer, not its parent
    ]
    found: dict[str, tuple[_Alias, ...]] = {}
    for text, alias in given:
        found[text] = (*found.get(text, ()), alias)
    return found


def _given(
    table: Table, own: Iterable[str], columns: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> list[tuple[str, _Alias]]:
    """The aliases that stand in the file, and each column's own name."""
    shared, special = columns.get("any", {}), columns.get(table.name, {})
    given = []
    for name in table.column_names:
        given.append((words_of(name), _Alias(name, _OWN_NAME, "id")))
        for alias in (*special.get(name, ()), *shared.get(name, ())):
            texts = (
                [words_of(alias.replace("{noun}", noun)) for noun in own]
                if "{noun}" in alias
                else [words_of(alias)]
            )
            given += [(text, _Alias(name, _weight(text), "id")) for text in texts]
    return given


def _of_key_and_name(table: Table, own: Iterable[str]) -> list[tuple[str, _Alias]]:
    key = table.key[0] if len(table.key) == 1 else None
    found = [(text, _Alias(key, PLAIN, "id")) for text in _key_texts(own)] if key else []
    found += [(bare, _Alias(key, _BARE["key"], "id")) for bare in ("id", "编号", "record id")] if key else []
    if "name" in table.column_names:
        found += [(text, _Alias("name", PLAIN, "id")) for text in _name_texts(own)]
        found += [(noun, _Alias("name", _BY_NAME, "id")) for noun in own]
        found += [(bare, _Alias("name", _BARE["name"], "id")) for bare in ("name", "名称")]
    return found


def _given_to_key(
    parent: Table, own: Iterable[str], columns: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> list[str]:
    """The aliases that the file gives the key of a table that is referred to, but those that mean the row itself."""
    texts = [words_of(alias) for alias in columns.get(parent.name, {}).get(parent.key[0], ())]
    return [text for text in texts if text not in _key_texts(own)]


def _of_reference(column: str, nouns: Iterable[str], keys: Iterable[str]) -> list[tuple[str, _Alias]]:
    by_id = [(text, _Alias(column, _weight(text), "id")) for text in (*_key_texts(nouns), *keys)]
    by_name = [(text, _Alias(column, _BY_NAME, "name")) for text in (*_name_texts(nouns), *nouns)]
    return [*by_id, *by_name]


def _key_texts(nouns: Iterable[str]) -> list[str]:
    return [
        f"{noun}{ending}" if _is_chinese(noun) else f"{noun} {ending}"
        for noun in nouns
        for ending in (_KEY_CHARACTERS if _is_chinese(noun) else _KEY_WORDS)
    ]


def _name_texts(nouns: Iterable[str]) -> list[str]:
    return [
        text
        for noun in nouns
        for text in (
            [f"{noun}{end}" for end in _NAME_CHARACTERS]
            if _is_chinese(noun)
            else [f"{noun} name", f"name {noun}"]
        )
    ]


def _weight(text: str) -> float:
    several = len(text) > 2 if _is_chinese(text) else " " in text
    return PLAIN if several else ONE_WORD


def _is_chinese(text: str) -> bool:
    return re.search(rf"[{_CJK}]", text) is not None


def _likeness(asked: str, alias: str) -> tuple[float, str]:
    """How alike a header and an alias are, 0 to 1, and in which way."""
    if asked == alias:
        return 1.0, "header"
    if _is_chinese(alias):
        return (_CONTAINED, f"header holds {alias}") if len(alias) > 2 and alias in asked else (0.0, "")
    mine, theirs = set(asked.split()) - _STOP, set(alias.split()) - _STOP
    if mine == theirs:
        return _OTHER_ORDER, "header, in other words"
    if len(theirs) > 1 and f" {alias} " in f" {asked} " and not (mine - theirs) & _NOT_YET:
        return _CONTAINED, f"header holds {alias}"
    return _nearly(asked.split(), alias.split(), alias)


def _nearly(asked: list[str], meant: list[str], alias: str) -> tuple[float, str]:
    """How alike two lists of words are, of which some are short for others or one is mistyped."""
    if (
        len(asked) > len(meant) > 1
        and (asked[0], asked[-1]) == (meant[0], meant[-1])
        and asked[-1] in _KEY_WORDS
    ):
        return _BETWEEN, f"header holds {alias}, with words between"
    if len(asked) != len(meant):
        return 0.0, ""
    pairs = [pair for pair in zip(asked, meant, strict=True) if pair[0] != pair[1]]
    if all(len(word) > 2 and whole.startswith(word) for word, whole in pairs):
        return _SHORT, f"header is short for {alias}"
    return (
        (_TYPO, f"header is like {alias}") if len(pairs) == 1 and _is_typing_error(*pairs[0]) else (0.0, "")
    )


def _is_typing_error(word: str, meant: str) -> bool:
    """Whether a word is another with letters missing or turned round; a plural is not."""
    is_plural = word.rstrip("s") == meant.rstrip("s")
    return min(len(word), len(meant)) > 4 and not is_plural and fuzz.ratio(word, meant) >= _ALIKE


def _stands_in(noun: str, name: str) -> bool:
    """Whether a noun, or its plural, stands in a name as whole words."""
    if _is_chinese(noun):
        return noun in name
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return any(f" {form} " in f" {name} " for form in (noun, plural))
