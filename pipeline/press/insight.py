"""Slices of industry insight: the curated text of an industry, and what may be told of its customers together.

Nothing of a single customer reaches the slice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.catalogue import catalogue
from pipeline.context import Context
from pipeline.errors import RenderError
from pipeline.periods import Window
from pipeline.press import anonymous
from pipeline.press.anonymous import Cell, Member
from pipeline.press.languages import LANGUAGES
from pipeline.press.schedule import safe_name
from pipeline.press.slices import Reading, Slice, Subject, readings_of, unknown
from pipeline.press.trusted import trusted

FOLDER = "insight"
MEASURES = (
    ("otif_orders", "basis=first_promised"),
    ("sales_growth", ""),
    ("first_reply_median", ""),
    ("resolution_median", ""),
)
"""What is told of an industry, each over twelve months."""
SALES = "net_sales"
GROWTH = "sales_growth"
BORDERS = (-0.05, 0.05)
"""Of growth: what falls by more, what holds within, what rises by more."""
OF_ALL = "scope=all"
_WINDOW = "t12m"


def industries(run: Path) -> tuple[Subject, ...]:
    """Every industry that a customer of the run is of, by name."""
    names = pd.read_parquet(run / "facts" / "customers.parquet", columns=["industry"])["industry"].dropna()
    return tuple(Subject(name, name, kind="industry") for name in sorted(set(names.astype(str))))


def insight_slices(
    context: Context,
    asked: Sequence[Subject],
    distrusted: Mapping[str, Collection[str]],
    held_back: Collection[str],
) -> Iterator[Slice]:
    """The slice of each industry. Customers whose documents are withheld, and figures not to be trusted, are left out."""
    if not asked:
        return
    window = next(each for each in context.period.windows() if each.name == _WINDOW)
    told = members(context, window, distrusted, held_back)
    for subject in asked:
        readings = [
            reading
            for (metric, breakdown), own in told.items()
            for reading in _readings(subject, metric, breakdown, window, own)
        ]
        tables = {"insight_texts": texts(context, subject), "growth_parts": growth_parts(told)}
        has_own = any(each.subject_kind == "industry" for each in readings)
        # What is told of all customers alone is no reason for an issue.
        is_issue = has_own or not tables["insight_texts"].empty
        yield Slice(subject, tuple(readings), tables) if is_issue else Slice(subject, (), {})


def members(
    context: Context, window: Window, distrusted: Mapping[str, Collection[str]], held_back: Collection[str]
) -> dict[tuple[str, str], list[Member]]:
    """The customers with a value for each measure, with their industry and their sales."""
    names = {metric for metric, _breakdown in MEASURES} | {SALES}
    readings = readings_of(context.run, "customer", "client", names, context.period.until_on)
    rows = pd.read_parquet(context.run / "facts" / "customers.parquet", columns=["customer_id", "industry"])
    found: dict[tuple[str, str], list[Member]] = {measure: [] for measure in MEASURES}
    for customer, industry in zip(rows["customer_id"], rows["industry"], strict=True):
        if customer in held_back:
            continue
        own = Slice(Subject(customer, customer), readings.get(customer, ()), {})
        sure = trusted(own, distrusted.get(customer, ()), context.settings.sales.basis)
        values = _values(sure.readings, window, context.settings.company.currency)
        group = industry if isinstance(industry, str) else ""
        for measure in MEASURES:
            if measure in values:
                sales = values.get((SALES, ""), 0.0)
                found[measure].append(Member(customer, group, values[measure], sales))
    return found


def _values(readings: Sequence[Reading], window: Window, currency: str) -> dict[tuple[str, str], float]:
    """What is known over the window, amounts and their changes in the company's currency."""
    return {
        (each.metric, each.breakdown): each.value
        for each in readings
        if each.window == window.name
        and each.period == window.period
        and each.value is not None
        and each.currency in ("", currency)
    }


def _readings(
    subject: Subject, metric: str, breakdown: str, window: Window, own: Sequence[Member]
) -> Iterator[Reading]:
    """The industry's cell and that of all customers, as far as they may be told."""
    mine = anonymous.cells(own).get(subject.subject_id)
    whole = anonymous.total(own)
    if mine is not None:
        yield _reading(subject, metric, breakdown, window, mine)
    if whole is not None:
        everyone = ",".join(each for each in (breakdown, OF_ALL) if each)
        yield _reading(Subject("all", "", kind="portfolio"), metric, everyone, window, whole)


def _reading(subject: Subject, metric: str, breakdown: str, window: Window, told: Cell) -> Reading:
    entry = catalogue()[metric]
    empty: dict[str, Any] = vars(unknown(subject, metric, breakdown, window, "", entry))
    return Reading(
        **{
            **empty,
            "value": told.median,
            "low": told.low,
            "high": told.high,
            "text": f"{told.band[0]}–{told.band[1]}",
            "audience": "client",
        }
    )


def growth_parts(told: Mapping[tuple[str, str], Sequence[Member]]) -> pd.DataFrame:
    """How many of all customers grew, held and shrank, classes too small joined: first and last class, number."""
    found = anonymous.parts(told[GROWTH, ""], BORDERS)
    return pd.DataFrame(
        [(first, last, number) for (first, last), number in found],
        columns=["first_class", "last_class", "customers"],
    )


def texts(context: Context, subject: Subject) -> pd.DataFrame:
    """The industry's texts for the period by language; "" is the company's own. RenderError KB-1342 (not UTF-8)."""
    folder = context.workspace / FOLDER / safe_folder(subject.subject_id)
    period = f"{context.period.as_of:%Y-%m}"
    files = {"": folder / f"{period}.md"} | {name: folder / f"{period}.{name}.md" for name in LANGUAGES}
    rows = [(language, _text(path)) for language, path in files.items() if path.is_file()]
    return pd.DataFrame(rows, columns=["language", "text"])


def safe_folder(industry: str) -> str:
    """The folder of an industry: its name, where that leads nowhere else."""
    plain = industry.strip().strip(".")
    return plain if plain == industry and not set(plain) & set("/\\\0") else safe_name(industry)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RenderError(
            where=f"{FOLDER}/{path.parent.name}/{path.name}",
            what="is not UTF-8",
            fix="save it as UTF-8",
            code="KB-1342",
        ) from error


def ingredients(workspace: Path) -> list[Path]:
    """The files of all curated texts, in order."""
    folder = workspace / FOLDER
    return sorted(folder.rglob("*.md")) if folder.is_dir() else []
