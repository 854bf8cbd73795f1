"""Slices of industry insight: anonymous cells and texts, and nothing of a single customer."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import RenderError
from pipeline.periods import window_ending
from pipeline.press.insight import industries, insight_slices, safe_folder
from pipeline.press.slices import READING_COLUMNS, Reading, Slice
from tests import portraits
from tests.runs import context_for

WINDOW = window_ending("t12m", portraits.PERIOD.until_on)
assert WINDOW is not None
T12M = WINDOW
INDUSTRIES = {"食品": 6, "物流": 5, "零售": 2}


def _readings(number: int, sales: float) -> list[Reading]:
    who = f"SECRET-{number}"
    return [
        portraits.reading("net_sales", sales, T12M, currency="CNY", subject_id=who),
        portraits.reading("otif_orders", 0.8 + number / 100, T12M, "basis=first_promised", subject_id=who),
        portraits.reading("sales_growth", number / 10 - 0.5, T12M, currency="CNY", subject_id=who),
    ]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Six food firms alike, five of logistics with one that has most of the sales, two of retail."""
    folder = tmp_path / "run"
    (folder / "facts").mkdir(parents=True)
    firms = [name for name, count in INDUSTRIES.items() for _ in range(count)]
    sales = [900.0 if firms[at - 1] == "食品" and name == "物流" else 100.0 for at, name in enumerate(firms)]
    rows = [each for at, amount in enumerate(sales) for each in _readings(at, amount)]
    made = pd.DataFrame(
        [[getattr(each, name) for name in READING_COLUMNS] for each in rows], columns=list(READING_COLUMNS)
    )
    made.to_parquet(folder / "readings.parquet")
    ids = [f"SECRET-{at}" for at in range(len(firms))]
    pd.DataFrame({"customer_id": ids, "industry": firms}).to_parquet(folder / "facts" / "customers.parquet")
    return folder


def told(run: Path, held_back: tuple[str, ...] = ()) -> dict[str, Slice]:
    context = context_for(run, workspace=run.parent)
    return {each.subject.subject_id: each for each in insight_slices(context, industries(run), {}, held_back)}


def write(run: Path, name: str, text: bytes) -> None:
    path = run.parent / "insight" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


def metrics(each: Slice, kind: str = "industry") -> set[str]:
    return {row.metric for row in each.readings if row.subject_kind == kind}


def test_only_what_may_be_told_is_in_the_slices(run: Path) -> None:
    slices = told(run)

    assert metrics(slices["食品"]) == {"otif_orders", "sales_growth"}
    assert metrics(slices["物流"]) == set()
    assert slices["零售"].readings == ()


def test_an_industry_without_text_and_figures_gets_nothing(run: Path) -> None:
    assert told(run)["物流"].tables == {}
    write(run, "物流/2026-09.md", "# 标题".encode())

    with_text = told(run)["物流"]
    assert list(with_text.tables["insight_texts"]["text"]) == ["# 标题"]
    assert metrics(with_text) == set()


def test_a_text_is_of_its_period_and_language(run: Path) -> None:
    write(run, "食品/2026-08.md", b"old")
    write(run, "食品/2026-09.md", b"own")
    write(run, "食品/2026-09.en.md", b"english")
    rows = told(run)["食品"].tables["insight_texts"]

    assert dict(zip(rows["language"], rows["text"], strict=True)) == {"": "own", "en": "english"}


def test_a_text_that_is_not_utf_8_stops(run: Path) -> None:
    write(run, "食品/2026-09.md", "行业".encode("gb18030"))
    with pytest.raises(RenderError) as caught:
        told(run)

    assert caught.value.code == "KB-1342"


def test_no_slice_holds_anything_of_one_customer(run: Path) -> None:
    for each in told(run).values():
        assert b"SECRET" not in pickle.dumps(each)


def test_a_customer_that_is_held_back_is_in_no_figure(run: Path) -> None:
    assert metrics(told(run, ("SECRET-0", "SECRET-1"))["食品"]) == set()


@pytest.mark.parametrize("name", ["../secrets", "a/b", "..", ".hidden"])
def test_the_name_of_an_industry_leads_nowhere_else(name: str) -> None:
    folder = safe_folder(name)

    assert "/" not in folder
    assert not folder.startswith(".")
