from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import DataError, SourceError
from pipeline.intake.corrections import Correction, holding, load_corrections, unmet

GOOD = """
[[correction]]
table = "orders"
match = { order_id = "O1" }
expect = { ordered_on = 2062-09-03 }
set = { ordered_on = 2026-09-03 }
reason = "typing error, confirmed by the customer"
who = "Li Na"
"""


def _load(folder: Path, text: str) -> tuple[Correction, ...]:
    (folder / "corrections.toml").write_text("schema = 1\n" + text)
    return load_corrections(folder)


def _correction(**changes: Any) -> Correction:
    given = {"table": "orders", "match": {"order_id": "O1"}, "expect": {"status": "open"}, "drop": True}
    return Correction.model_validate({**given, "reason": "r", "who": "w", **changes})


def _holding(
    correction: Correction, texts: dict[str, list[str | None]], values: dict[str, pd.Series[Any]]
) -> list[bool]:
    columns = {name: pd.Series(cells, dtype="str") for name, cells in texts.items()}
    rows = len(next(iter(columns.values())))
    lines = pd.Series(np.arange(2, rows + 2), dtype="Int64")
    return holding(correction, columns, {**columns, **values}, lines, "UTC").tolist()


def test_a_correction_is_read_with_its_reason(tmp_path: Path) -> None:
    assert load_corrections(tmp_path) == ()
    (found,) = _load(tmp_path, GOOD)

    assert (found.set, found.expect) == ({"ordered_on": "2026-09-03"}, {"ordered_on": "2062-09-03"})


@pytest.mark.parametrize(
    ("change", "nearest"),
    [
        (('"orders"', '"order"'), "orders"),
        (("order_id", "oder_id"), "order_id"),
        (("{ ordered_on = 2026-09-03 }", '{ ordered_on = "soon" }'), None),
        (("set = { ordered_on = 2026-09-03 }", ""), None),
        (("set =", "drop = true\nset ="), None),
        (('who = "Li Na"', ""), None),
        (("expect = { ordered_on = 2062-09-03 }", ""), None),
        (("reason =", "reasons ="), "reason"),
        (("[[correction]]", "[[corrections]]"), "correction"),
    ],
)
def test_a_correction_that_is_not_whole_stops(
    tmp_path: Path, change: tuple[str, str], nearest: str | None
) -> None:
    with pytest.raises(SourceError) as error:
        _load(tmp_path, GOOD.replace(*change))

    assert error.value.code == "KB-1117"
    if nearest:
        assert error.value.nearest == nearest


def test_rows_are_found_as_they_came_or_as_they_were_cast() -> None:
    texts: dict[str, list[str | None]] = {"order_id": ["O1", "O2", "O1"], "status": ["open", "open", "open"]}
    assert _holding(_correction(), texts, {}) == [True, False, True]

    amounts: dict[str, list[str | None]] = {"product_id": ["P", "P"], "list_amount": ["1,000.00", "x"]}
    cast = {"list_amount": pd.Series([10_000_000, None], dtype="Int64")}
    as_cast = _correction(table="products", match={"list_amount": 1000}, expect={"product_id": "P"})
    as_it_came = _correction(table="products", match={"list_amount": "x"}, expect={"product_id": "P"})
    assert _holding(as_cast, amounts, cast) == [True, False]
    assert _holding(as_it_came, amounts, cast) == [False, True]


def test_an_empty_text_means_an_empty_cell() -> None:
    texts: dict[str, list[str | None]] = {"order_id": ["O1"], "status": [None]}

    assert _holding(_correction(expect={"status": ""}), texts, {}) == [True]
    assert _holding(_correction(expect={"kind": ""}), texts, {}) == [True]


def test_what_is_no_longer_so_stops_without_showing_the_cell() -> None:
    with pytest.raises(DataError) as error:
        _holding(_correction(), {"order_id": ["O2", "O1"], "status": ["open", "secret"]}, {})

    assert (error.value.code, "line 3" in error.value.what) == ("KB-1231", True)
    assert "secret" not in str(error.value)


def test_corrections_that_met_no_row_are_told() -> None:
    one, two = _correction(), _correction(who="x")

    assert unmet([(one, 0), (two, 0), (one, 2)]) == (two,)
