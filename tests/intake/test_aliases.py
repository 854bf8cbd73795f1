from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import SourceError
from pipeline.intake.aliases import leading_nowhere, load_aliases, names_of, resolved

ROWS = pd.DataFrame(
    {"account_id": ["A1", "A2", "A3", "A4"], "name": ["Acme", "Bolt", "Bolt", "A1"]}, dtype="str"
)


def test_aliases_are_read_by_table(tmp_path: Path) -> None:
    assert load_aliases(tmp_path) == {}
    (tmp_path / "aliases.toml").write_text('schema = 1\n[accounts]\n"ACME Ltd." = "Acme"\n')

    assert load_aliases(tmp_path) == {"accounts": {"ACME Ltd.": "Acme"}}


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ('[acounts]\n"a" = "b"\n', "accounts"),
        ("[accounts]\na = 1\n", None),
        ("schema = 2\n", None),
        ("accounts = 1\n", None),
    ],
)
def test_what_is_no_alias_stops(tmp_path: Path, text: str, nearest: str | None) -> None:
    (tmp_path / "aliases.toml").write_text(text)
    with pytest.raises(SourceError) as error:
        load_aliases(tmp_path)

    assert (error.value.code, error.value.nearest) == ("KB-1116", nearest)


def test_a_name_becomes_an_id_by_alias_then_id_then_name() -> None:
    cells = pd.Series(["Acme", "ACME Ltd.", "A2", "A1", "Bolt", "Nobody", None], dtype="str")
    found = resolved(cells, {"ACME Ltd.": "Acme"}, names_of("accounts", ROWS))

    # "A1" is an id and another account's name: the id wins; two accounts are called Bolt: nobody can tell which
    assert found.tolist()[:6] == ["A1", "A1", "A2", "A1", "Bolt", "Nobody"]
    assert found.isna().tolist()[6]
    assert str(found.dtype) == "str"


def test_without_rows_only_aliases_are_known() -> None:
    names = names_of("accounts", None)

    assert resolved(pd.Series(["x"], dtype="str"), {"x": "y"}, names).tolist() == ["y"]
    assert names_of("order_lines", pd.DataFrame()).ids == frozenset()


def test_an_alias_that_leads_nowhere_is_counted() -> None:
    assert leading_nowhere({"x": "Acme", "y": "A2", "z": "Gone"}, names_of("accounts", ROWS)) == 1
