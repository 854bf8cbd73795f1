"""A demo's month as it was computed beside what the demo says of itself, and which of its truths some test asserts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest

from pipeline.context import Context
from pipeline.engine.prepare import with_customers
from pipeline.resources import built_in
from pipeline.run import context_of, stage
from tests.demo_rows import truth_of
from tests.demos import STAGES, computed_demo
from tests.runs import readings

_KEY = ["metric", "subject_kind", "subject_id", "breakdown", "window", "currency"]
_Test = TypeVar("_Test", bound=Callable[..., None])
ASSERTED: dict[str, list[str]] = {}
"""The truths that tests say they assert, as patterns of paths in `ground_truth.json`, and by which tests."""


def asserts(*paths: str) -> Callable[[_Test], _Test]:
    """Name the truths that a test holds the pipeline to: paths like `accounts.*.otif.*`, a star for any part of one."""

    def register(test: _Test) -> _Test:
        for path in paths:
            ASSERTED.setdefault(path, []).append(test.__name__)
        return test

    return register


def leaves(truth: Any, path: str = "") -> Iterator[str]:
    """The paths of everything that a truth file says; a list of plain values is one thing."""
    if isinstance(truth, dict):
        for name, value in truth.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(truth, list) and any(isinstance(each, dict) for each in truth):
        for number, value in enumerate(truth):
            yield from leaves(value, f"{path}.{number}")
    else:
        yield path


def asserted(path: str) -> list[str]:
    """The patterns that cover a path."""
    return [pattern for pattern in ASSERTED if fnmatchcase(path, pattern)]


@dataclass(frozen=True)
class Month:
    """A demo's month as it was computed, and as it is."""

    truth: dict[str, Any]
    readings: pd.DataFrame
    past: pd.DataFrame
    run: Path
    context: Context

    def reading(self, metric: str, subject: str, window: str, breakdown: str = "", currency: str = "") -> Any:
        """The one reading of a metric for `kind:id` in a window that ends with the month."""
        kind, _, identity = subject.partition(":")
        return self.readings.loc[(metric, kind, identity, breakdown, window, currency)]

    def has(self, metric: str, subject: str, window: str, breakdown: str = "", currency: str = "") -> bool:
        """Whether there is such a reading: breakdowns of which a subject has nothing are left out.

        That nobody at all has the metric in such a window, breakdown and currency is a mistake of the test.
        """
        kind, _, identity = subject.partition(":")
        name = breakdown.partition("=")[0]
        assert (metric, kind, name, window, currency) in self._told, (metric, kind, name, window, currency)
        return (metric, kind, identity, breakdown, window, currency) in self.readings.index

    @cached_property
    def _told(self) -> set[tuple[str, ...]]:
        return {(metric, kind, broken.partition("=")[0], window, currency)
                for metric, kind, _, broken, window, currency in self.readings.index}  # fmt: skip

    def parts(
        self, metric: str, subject: str, window: str, breakdown: str = "", currency: str = ""
    ) -> tuple[float, float]:
        """Numerator and denominator of a share; zeros where there is nothing to read."""
        if not self.has(metric, subject, window, breakdown, currency):
            return 0, 0
        found = self.reading(metric, subject, window, breakdown, currency)
        return float(found["numerator"]), float(found["denominator"])

    def value(self, metric: str, subject: str, window: str, breakdown: str = "", currency: str = "") -> float:
        """The value of a count or an amount; zero where there is nothing to read."""
        if not self.has(metric, subject, window, breakdown, currency):
            return 0
        return float(self.reading(metric, subject, window, breakdown, currency)["value"])

    def trend(self, metric: str, subject: str, currency: str = "") -> dict[str, float]:
        """The months of a metric's trend up to the month itself, by period."""
        kind, _, identity = subject.partition(":")
        rows = self.past[
            (self.past["metric"] == metric) & (self.past["subject_kind"] == kind)
            & (self.past["subject_id"] == identity) & (self.past["breakdown"] == "")
            & (self.past["window"] == "month") & (self.past["currency"] == currency)
        ]  # fmt: skip
        return dict(zip(rows["period"], rows["value"], strict=True))

    def facts(self, name: str) -> pd.DataFrame:
        """A table that facts are measured on."""
        return pd.read_parquet(self.run / "facts" / f"{name}.parquet")

    def table(self, name: str) -> pd.DataFrame:
        """A canonical table as it was accepted, but for what stands in quarantine."""
        rows = pd.read_parquet(self.run / "tables" / f"{name}.parquet")
        bad = pd.read_parquet(self.run / "quality" / "quarantined.parquet")
        return rows.drop(index=bad.loc[bad["table"] == name, "position"].tolist())

    @property
    def accounts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.truth["accounts"]
        return found

    @property
    def customers(self) -> dict[str, list[str]]:
        """The accounts of each customer."""
        rows = with_customers(self.table("accounts"), "CNY")
        return {str(name): sorted(each["account_id"]) for name, each in rows.groupby("customer_id")}

    @property
    def stories(self) -> dict[str, Any]:
        found: dict[str, Any] = self.truth["stories"]
        return found


def month_of(context: Context) -> Month:
    """The month of a computed run."""
    table = readings(context.run).fillna({"currency": ""})
    ending = table[table["until_on"] == table["until_on"].max()]
    return Month(
        truth_of(context.workspace), ending.set_index(_KEY).sort_index(), table, context.run, context
    )


def computed_company(output: Path) -> Context:
    """The month of the committed company, from the exports of its systems."""
    context = context_of(
        workspace=built_in("data", "demo"), output=output, exports=None, period=None, as_of=None,
        today=date(2026, 10, 8), fonts=output, jobs=1, quiet=True,
    )  # fmt: skip
    for name in STAGES:
        stage(name)(context)
    return context


@cache
def company_month(base: Path) -> Month:
    """The whole company, computed once a process."""
    return month_of(computed_company(base / "company"))


def month_named(name: str, factory: pytest.TempPathFactory) -> Month:
    """Ten accounts from canonical files ("small"), or the whole company."""
    return month_of(computed_demo(factory)) if name == "small" else company_month(factory.getbasetemp())
