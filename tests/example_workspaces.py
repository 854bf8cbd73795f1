"""Runs over example workspaces: on small exports in their shapes, and on the public data sets where they are at hand.

Where the data sets lie is `KAMBOOK_SHARED_DATA`, else `../shared/data` beside the checkout.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipeline import store
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.ingest import ingest
from pipeline.run import context_of
from pipeline.schema import SCALE
from pipeline.validate import validate

CHECKOUT = Path(__file__).resolve().parent.parent
EXAMPLES = CHECKOUT / "data" / "examples"


def context(workspace: str, exports: Path, period: str, output: Path) -> Context:
    return context_of(
        workspace=EXAMPLES / workspace, output=output, exports=exports, period=period, as_of=None,
        today=date(2026, 1, 1), fonts=output, jobs=1, quiet=True,
    )  # fmt: skip


def finished(workspace: str, exports: Path, period: str, output: Path) -> Path:
    """The folder of a run up to its readings."""
    made = context(workspace, exports, period, output)
    for stage in (ingest, validate, compute):
        stage(made)
    return made.run


def ingested(workspace: str, files: Mapping[str, Iterable[str]], folder: Path) -> dict[str, pd.DataFrame]:
    """The canonical tables of exports written as lines, and what could not be read."""
    (folder / "exports").mkdir()
    for name, lines in files.items():
        (folder / "exports" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = context(workspace, folder / "exports", "2020-01", folder)
    ingest(made)
    return {path.stem: pd.read_parquet(path) for path in (made.run / "tables").glob("*.parquet")}


def amounts(rows: pd.DataFrame, by: str, column: str) -> dict[str, float]:
    return {str(key): value / SCALE for key, value in rows.groupby(by)[column].sum().items()}


def shared(name: str) -> Path:
    """The folder of a public data set; the test is skipped where it is not at hand."""
    place = Path(os.environ.get("KAMBOOK_SHARED_DATA") or CHECKOUT.parent / "shared" / "data") / name
    if not place.is_dir():
        pytest.skip(
            f"the public data set {name} is not at hand; KAMBOOK_SHARED_DATA names the folder above it"
        )
    return place


def asked(query: str, folder: Path) -> list[tuple[Any, ...]]:
    """An independent answer by DuckDB from the exports themselves: each file is a view of texts under its name."""
    with duckdb.connect() as connection:
        for path in folder.glob("*.csv"):
            connection.execute(
                f"create view {path.stem} as select * from read_csv('{path}', all_varchar = true)"
            )
        return connection.execute(query).fetchall()


def by_subject(table: pd.DataFrame, metric: str, kind: str, window: str) -> dict[tuple[str, str], float]:
    """The newest values of a metric for every subject of a kind and breakdown, those other than zero."""
    rows = table[(table["metric"] == metric) & (table["subject_kind"] == kind) & (table["window"] == window)]
    rows = rows[(rows["until_on"] == rows["until_on"].max()) & (rows["value"] != 0)]
    return {
        (subject, breakdown): value
        for subject, breakdown, value in zip(
            rows["subject_id"], rows["breakdown"].fillna(""), rows["value"], strict=True
        )
    }


def severities(run: Path) -> set[tuple[str, str]]:
    """The findings of a run that are more than information."""
    found = json.loads((run / "quality" / "findings.json").read_text(encoding="utf-8"))
    return {(each["table"], each["expectation"]) for each in found if each["severity"] != "info"}


def unread(run: Path) -> set[str]:
    """The files of the drop folder that the run says it did not read."""
    notes = store.read_json(run / "tables" / "ingest.json")["notes"]
    (note,) = [each for each in notes if each["expectation"] == "files_are_mapped"]
    return {each["source"] for each in note["examples"]}
