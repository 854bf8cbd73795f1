"""Customers that may be one: proposed with a reason, never merged."""

from __future__ import annotations

import tomllib

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.alias_suggestions import Named, Suggestion, accounts_named, suggested, suggestions_text


def named(identity: str, *names: str, rows: int = 1) -> Named:
    return Named(identity, names, rows)


def pairs(*accounts: Named) -> dict[str, tuple[str, float]]:
    return {each.alias.identity: (each.target.identity, each.sureness) for each in suggested(accounts, {})}


def test_rows_are_counted_by_id_and_the_commonest_name_comes_first() -> None:
    ids = pd.Series(["1", "1", "1", "2", None], dtype="str")
    names = pd.Series(["Acme", "ACME", "Acme", None, "Lost"], dtype="str")

    assert accounts_named(ids, names) == (named("1", "Acme", "ACME", rows=3), named("2", rows=1))


def test_each_account_is_held_against_those_with_more_rows() -> None:
    found = pairs(
        named("0042", "Winc Co", rows=50),
        named("42", "WINC corp", rows=3),
        named("7", "Winc Ltd", rows=9),
        named("8", "Winc Group", rows=2),
        named("9", "Walmart", rows=30),
        named("10", "Wallmart", rows=4),
        named("11", "Bolt", rows=5),
    )

    assert found == {"42": ("0042", 0.99), "7": ("0042", 0.95), "8": ("0042", 0.8), "10": ("9", 0.7)}


def test_short_names_that_differ_in_a_letter_are_two_customers() -> None:
    assert pairs(named("1", "ABCD", rows=2), named("2", "ABCE")) == {}


def test_the_same_number_with_another_name_is_another_customer() -> None:
    assert pairs(named("042", "Acme", rows=2), named("42", "Zebra")) == {}


def test_an_account_that_is_like_another_is_no_target_but_for_its_own_number() -> None:
    found = pairs(named("1", "Dollara", rows=9), named("0100", "Dollar", rows=5), named("100", "Dollar Inc"))

    assert found["0100"][0] == "1"
    assert found["100"] == ("0100", 0.99)


def test_traditional_and_simplified_are_one() -> None:
    assert pairs(named("1", "衡川智能装备有限公司", rows=2), named("2", "衡川智能裝備股份有限公司")) == {
        "2": ("1", 0.95)
    }


def test_an_alias_that_holds_already_is_not_proposed_again() -> None:
    accounts = (named("1", "Acme", rows=2), named("2", "Acme Ltd"))

    assert suggested(accounts, {"2": "1"}) == ()


def test_the_text_puts_nothing_into_force() -> None:
    accounts = (named("1", "Acme", rows=2), named("2", 'Acme "Ltd"', "ACME"))
    text = suggestions_text("accounts", suggested(accounts, {}), accounts)

    assert tomllib.loads(text) == {"schema": 1, "accounts": {}}
    agreed = text.replace('# "2"', '"2"')
    assert tomllib.loads(agreed)["accounts"] == {"2": "1"}
    assert "2 ids, 1 of them under more than one name, 1 suggestions" in text


@given(st.lists(st.tuples(st.text("abc ", max_size=6), st.integers(1, 9)), max_size=12))
def test_no_account_is_proposed_twice_nor_as_itself(given_: list[tuple[str, int]]) -> None:
    accounts = tuple(Named(str(at), (name,), rows) for at, (name, rows) in enumerate(given_))
    found: tuple[Suggestion, ...] = suggested(accounts, {})
    aliases = [each.alias.identity for each in found]

    assert len(set(aliases)) == len(aliases)
    assert all(each.alias.identity != each.target.identity for each in found)
    assert all(each.target.rows >= each.alias.rows for each in found)
