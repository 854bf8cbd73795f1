"""Two runs of a whole company whose exports differ in every table: each figure told otherwise has a known cause."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.gate import quality
from pipeline.restatements.runs import Asked, Comparison, comparison, finished
from pipeline.schema import TABLES
from tests.demos import computed_demo
from tests.runs import computed

pytestmark = pytest.mark.slow
KEPT = ("accounts", "managers", "teams", "products", "fx", "holidays", "team_members")
"""Without these rows others would fall out too."""
METRICS = (
    "net_sales", "receivables", "ageing", "otif_orders", "sla_attainment", "csat", "cadence_compliance", "role_coverage",
    "blind_spots", "open_warnings", "business_at_risk", "warning_precision", "whitespace", "products_to_offer", "pay_draft",
    "bonus", "weighted_score", "plan_alignment", "plan_objectives_behind", "customers_by_class", "class_movements",
    "resource_contribution", "sales_share", "sales_bridge", "health", "wape", "value_realised", "market_share",
)  # fmt: skip
"""Of every way in which a figure can rest on rows: its own, others', those of a group, figures, classes, memory."""


def thinned(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """A twentieth of the rows of each table left out, and some amounts and owners changed."""
    chance = np.random.default_rng(11)
    made = {
        name: rows if name in KEPT else rows[chance.random(len(rows)) > 1 / 20].reset_index(drop=True)
        for name, rows in tables.items()
    }
    made = {name: _without_orphans(name, rows, made) for name, rows in made.items()}
    lines, owned = made["order_lines"], made["assignments"]
    dearer = lines["net_amount"].where(chance.random(len(lines)) > 1 / 20, lines["net_amount"] * 2)
    others = owned["manager_id"].where(np.arange(len(owned)) % 7 > 0, owned["manager_id"].iloc[0])
    return {
        **made,
        "order_lines": lines.assign(net_amount=dearer),
        "assignments": owned.assign(manager_id=others),
    }


def _without_orphans(name: str, rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows that refer to none of the orders, invoices and outcomes that were left out."""
    kept = rows
    for column, parent in TABLES[name].parents.items():
        if parent in tables and parent not in KEPT:
            known = tables[parent][TABLES[parent].key[0]]
            kept = kept[kept[column].isna() | kept[column].isin(known)]
    return kept.reset_index(drop=True)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    demo, place = computed_demo(tmp_path_factory), tmp_path_factory.mktemp("everything")
    names = [name for name in TABLES if (demo.run / "tables" / f"{name}.parquet").is_file()]
    tables = {name: quality.accepted(demo.run, name) for name in names}
    runs = [place / name / "2026-09" for name in ("was", "now")]
    for run, rows in zip(runs, (tables, thinned(tables)), strict=True):
        computed(run, rows)
    return told(*runs)


def told(was: Path, now: Path) -> Comparison:
    return comparison(finished(was), finished(now), Asked(metrics=METRICS, with_small=True))


def test_nothing_is_left_without_a_cause(found: Comparison) -> None:
    rest = {(each.row.metric, each.row.subject_kind) for each in found.restated
            if "not_attributed" in {cause.cause for cause in each.causes}}  # fmt: skip

    assert len(found.restated) > 1000
    assert not rest


def test_causes_are_of_many_kinds(found: Comparison) -> None:
    causes = {cause.cause for each in found.restated for cause in each.causes}

    assert {"deleted_row", "changed_row", "ownership_changed", "figures_changed"} <= causes
