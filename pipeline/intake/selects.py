"""A query that only reads: one SELECT, told apart from anything else before a database sees it. Pure.

A guard against mistakes, on top of the read-only transaction in which a query runs; what cannot be told for certain
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.errors import SourceError, nearest

PARAMETERS = ("until_on",)
"""What a query may ask for, as `:until_on`: the day after the last day of the period."""

_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<literal>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
    | (?P<unclosed>/\*|['"`])
    | (?P<dollar>\$\w*\$)
    | (?P<parameter>(?<![:\w\\]):\w+(?!:))
    | (?P<word>[^\W\d]\w*)
    | (?P<end>;)
    | (?P<space>\s+)
    | (?P<other>\d\w*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_CODE = ("comment", "literal", "quoted")
_COMMON = frozenset(
    "select from where and or not in is as on by with join group order limit column table".split()
)
"""Words of the language itself, which say nothing of what is wrong."""

_BEGINS = ("select", "with")
_WRITES = ("insert", "update", "delete", "merge", "into")
"""What makes of a SELECT, or of a WITH before one, a statement that writes or locks."""


def require_one_select(query: str, where: str) -> None:
    """SourceError KB-1145 where the query is anything but one SELECT with parameters that are known."""
    fault = _fault(query)
    if fault:
        fix = "one SELECT (WITH … SELECT); of a name that is such a word write it in double quotes"
        raise SourceError(where=where, what=fault, fix=fix, code="KB-1145")
    for name in parameters_of(query):
        if name not in PARAMETERS:
            raise SourceError(
                where=where,
                what=f"asks for :{name}, which no run gives",
                nearest=nearest(name, PARAMETERS) or ", ".join(PARAMETERS),
                fix="correct the name, or write the value itself",
                code="KB-1145",
            )


def parameters_of(query: str) -> tuple[str, ...]:
    """The names that the query asks for, each once."""
    return tuple(dict.fromkeys(text[1:] for kind, text in _tokens(query) if kind == "parameter"))


def without_colons(query: str) -> str:
    """The query with the colons of its texts and comments escaped, so that none of them is taken for a parameter."""
    return "".join(text.replace(":", "\\:") if kind in _NOT_CODE else text for kind, text in _tokens(query))


def named_in_both(query: str, message: str) -> tuple[str, ...]:
    """The words of the query's code that a database's message repeats: what it means, without any value of a row."""
    said = {word.lower() for word in re.findall(r"\w+", message)}
    names = [text.strip('"`') for kind, text in _tokens(query) if kind in ("word", "quoted")]
    return tuple(
        name for name in dict.fromkeys(names) if name.lower() in said and name.lower() not in _COMMON
    )


def _fault(query: str) -> str | None:
    tokens = list(_tokens(query))
    code = [(kind, text.lower()) for kind, text in tokens if kind not in ("comment", "space")]
    while code and code[-1][0] == "end":
        code.pop()
    kinds = {kind for kind, _ in code}
    words = [text for kind, text in code if kind == "word"]
    writing = next((word for word in words if word in _WRITES), None)
    faults = {
        "has a quote or a comment that is not closed": "unclosed" in kinds,
        "quotes with $$, which only one database knows": "dollar" in kinds,
        "has a backslash before a quote, which databases read differently": any(
            kind == "literal" and "\\'" in text for kind, text in tokens
        ),
        "holds several statements": "end" in kinds,
        "is no SELECT": not _begins_a_select(code),
        f"would write or lock: {str(writing).upper()}": writing is not None,
    }
    return next((fault for fault, is_so in faults.items() if is_so), None)


def _begins_a_select(code: Sequence[tuple[str, str]]) -> bool:
    first = next((text for kind, text in code if (kind, text) != ("other", "(")), "")
    return first in _BEGINS


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(query):
        yield str(match.lastgroup), match.group()
