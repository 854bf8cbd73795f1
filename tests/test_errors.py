"""Errors tell a person what to do, travel between processes, and have a code and an exit code that stay."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import errors
from pipeline.errors import KambookError, SettingsError, SourceError, nearest

KINDS = {kind.__name__: kind for kind in KambookError.__subclasses__()}
RANGES = {
    "UsageError": "KB-02",
    "SettingsError": "KB-10",
    "SourceError": "KB-11",
    "DataError": "KB-12",
    "RenderError": "KB-13",
    "DeliveryError": "KB-14",
}


def test_a_message_says_where_what_nearest_and_fix() -> None:
    error = SourceError(
        where="deals.csv",
        what="has no column 'amuont'",
        nearest="amount",
        fix="correct the mapping",
        code="KB-1104",
    )

    assert str(error) == (
        "KB-1104  deals.csv: has no column 'amuont'\n  nearest: amount\n  fix: correct the mapping"
    )


def test_what_is_not_known_is_left_out_of_the_message() -> None:
    assert str(SettingsError(where="a", what="b", code="KB-1011")) == "KB-1011  a: b"


@pytest.mark.parametrize(
    ("name", "exit_code"),
    [
        ("UsageError", 2),
        ("SettingsError", 10),
        ("SourceError", 11),
        ("DataError", 12),
        ("RenderError", 13),
        ("DeliveryError", 14),
    ],
)
def test_each_kind_of_error_has_its_exit_code(name: str, exit_code: int) -> None:
    assert KINDS[name].exit_code == exit_code


def test_no_kind_of_error_shares_an_exit_code() -> None:
    codes = [kind.exit_code for kind in KINDS.values()]
    taken = [0, 1, errors.EXIT_PARTLY, errors.EXIT_INTERRUPTED]

    assert len({*codes, *taken}) == len(codes) + len(taken)
    assert set(KINDS) == set(RANGES)


_TEXT = st.text(max_size=20)


@given(
    st.sampled_from(sorted(KINDS)),
    _TEXT,
    _TEXT,
    st.none() | _TEXT,
    st.none() | _TEXT,
    st.from_regex(r"KB-\d{4}"),
)
def test_an_error_comes_out_of_a_worker_as_it_went_in(
    name: str, where: str, what: str, close: str | None, fix: str | None, code: str
) -> None:
    error = KINDS[name](where=where, what=what, nearest=close, fix=fix, code=code)

    travelled = pickle.loads(pickle.dumps(error))

    assert type(travelled) is type(error)
    assert vars(travelled) == vars(error)
    assert str(travelled) == str(error)


def test_the_nearest_name_is_the_closest_one_or_none() -> None:
    assert nearest("acount_id", ["account_id", "amount"]) == "account_id"
    assert nearest("zzz", ["account_id", "amount"]) is None
    assert nearest("a", []) is None


def raised(checkout: Path) -> list[tuple[str, str, str]]:
    """Every error made with a code in the package: class, code, file and line."""
    found = []
    for path in sorted((checkout / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RANGES:
                codes = [word.value for word in node.keywords if word.arg == "code"]
                place = f"{path.relative_to(checkout)}:{node.lineno}"
                found += [
                    (node.func.id, str(code.value), place) for code in codes if isinstance(code, ast.Constant)
                ]
    return found


def test_a_code_lies_in_the_range_of_its_kind(checkout: Path) -> None:
    """The exit code and the code of one message must not point to two different stages."""
    every = raised(checkout)

    assert len(every) > 50
    assert [(kind, code, place) for kind, code, place in every if not code.startswith(RANGES[kind])] == []
