"""Small runs written by hand: tables as ingest leaves them, nothing in quarantine, ready to be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import store
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.log import Log
from pipeline.periods import parse_period, up_to
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.settings import Settings
from tests.tables import tables as canonical
from tests.tables import write_tables

Rows = Mapping[str, Sequence[Mapping[str, object]]]


def context_for(
    run: Path,
    *,
    period: str = "2026-09",
    as_of: date | None = None,
    workspace: Path | None = None,
    **settings: Any,
) -> Context:
    """A context over a run's folder with the built-in policy; `settings` are sections of `kambook.toml`."""
    company = {"name": "甲公司", **settings.pop("company", {})}
    made = Settings.model_validate({"schema": 1, "company": company, **settings})
    place = workspace or built_in("data", "demo").parent
    chosen = up_to(as_of, made.company.fiscal_year_start) if as_of else parse_period(period)
    return Context(
        workspace=place,
        run=run,
        exports=run,
        settings=made,
        policy=load_policy(place),
        period=chosen,
        fonts=run,
        log=Log(run / "log.jsonl", quiet=True),
        jobs=1,
    )


def write_accepted(run: Path, rows: Rows | Mapping[str, pd.DataFrame]) -> None:
    """Tables with nothing in quarantine, as ingest and validate leave them."""
    frames = {
        name: content if isinstance(content, pd.DataFrame) else canonical({name: content})[name]
        for name, content in rows.items()
    }
    run.mkdir(parents=True, exist_ok=True)
    write_tables(run, frames)
    reads = {"tables": store.fingerprint(run, store.STAGES["ingest"])}
    with store.writing(run, store.STAGES["validate"], key="by hand", reads=reads) as folder:
        (folder / "quality").mkdir()
        empty = pd.DataFrame({"table": pd.Series(dtype="str"), "position": pd.Series(dtype="int64")})
        empty.to_parquet(folder / "quality" / "quarantined.parquet", index=False)
        store.write_json(folder / "quality" / "withheld.json", [])
        store.write_json(folder / "quality" / "distrusted.json", [])
        store.write_json(folder / "quality" / "findings.json", [])


def computed(run: Path, rows: Rows | Mapping[str, pd.DataFrame], **settings: Any) -> pd.DataFrame:
    """The readings of these tables, with plain text columns."""
    write_accepted(run, rows)
    context = context_for(run, **settings)
    compute(context)
    return readings(run)


def readings(run: Path) -> pd.DataFrame:
    """A run's readings with plain text columns."""
    table = pd.read_parquet(run / "readings.parquet")
    texts = [name for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(texts, "str"))


def reading(
    table: pd.DataFrame, metric: str, subject: str = "portfolio:all", window: str = "month", **where: str
) -> Mapping[str, Any]:
    """The one reading of a metric for `kind:id` and a window; the newest where the trend has older ones."""
    kind, _, name = subject.partition(":")
    where = {"breakdown": "", **where}
    rows = table[
        (table["metric"] == metric) & (table["subject_kind"] == kind) & (table["subject_id"] == name)
    ]
    rows = rows[rows["window"] == window]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    rows = rows[rows["until_on"] == rows["until_on"].max()]
    assert len(rows) == 1, f"{len(rows)} readings of {metric} {subject} {window} {where}"
    return rows.iloc[0].to_dict()
