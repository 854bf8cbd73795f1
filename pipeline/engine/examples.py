"""The same `f` for a worked example and for reading a formula off the code: no tables, only names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.engine.cells import no_cells
from pipeline.engine.evaluate import fact_named
from pipeline.engine.quantities import Formula, Measure, Members, Quantity, Samples, Symbol
from pipeline.facts import Fact
from pipeline.metrics import Example, Metric
from pipeline.words import Words

if TYPE_CHECKING:
    from pipeline.policy import Policy

_VIEWS = (
    "before",
    "year_ago",
    "at_start",
    "start_of_history",
    "opening",
    "mean",
    "customers",
    "accounts",
    "cells",
)


@dataclass(frozen=True)
class ExampleFacts:
    """`f` over the given figures of an example; a figure that is not given is unknown for want of history."""

    given: Mapping[str, Any]
    path: str = ""

    def __getattr__(self, name: str) -> Any:
        if name in _VIEWS:
            return self._at(name)
        if name == "days":
            return self.given[f"{self.path}days"]
        fact = fact_named(name)
        return _given(fact, self.given.get(f"{self.path}{name}"), self._size(), self.path)

    def _at(self, step: str) -> ExampleFacts:
        return ExampleFacts(self.given, f"{self.path}{step}.")

    def _size(self) -> int:
        lists = [value for key, value in self.given.items() if isinstance(value, list) and _is_column(key)]
        return len(lists[0]) if lists else 1

    def back(self, months: int) -> ExampleFacts:
        return self._at(f"back({months})") if months else self

    def trailing(self, months: int) -> ExampleFacts:
        return self._at(f"trailing({months})")

    def chosen(self, name: str) -> str:
        """The value of a breakdown that the example asks for: `chosen(NAME)`."""
        return str(self.given.get(f"chosen({name})", ""))

    def text(self, metric: str) -> list[str | None]:
        """What another metric says: `text(METRIC)`, a list."""
        return list(self.given.get(f"{self.path}text({metric})", [None] * self._size()))

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Worked out each time: an example is small."""
        del name
        return make()

    def remembered(self, metric: str) -> Any:
        """What a metric with memory remembers: `remembered(METRIC)`, a mapping."""
        found = self.given.get(f"{self.path}remembered({metric})")
        return (
            None
            if found is None
            else SimpleNamespace(**{name: np.array(each) for name, each in found.items()})
        )

    def rule(self, name: str) -> Any:
        """The example's own rule, else the built-in policy's."""
        return example_rule(self.given, name)


def example_rule(given: Mapping[str, Any], name: str) -> Any:
    """A policy rule as the example gives it (`rule`), else as the built-in policy has it."""
    rules = given.get("rule", {})
    if name in rules:
        return _namespace(rules[name])
    return _built_in_policy().at(name, date(2026, 1, 1))


@cache
def _built_in_policy() -> Policy:
    from pipeline.policy import load_policy

    return load_policy(Path("/nonexistent"))


def _namespace(value: Any) -> Any:
    if isinstance(value, Mapping):
        return SimpleNamespace(**{key: _namespace(each) for key, each in value.items()})
    return [_namespace(each) for each in value] if isinstance(value, list) else value


def _is_column(key: str) -> bool:
    last = key.rpartition(".")[2]
    return (
        not key.startswith(("customers.", "accounts."))
        and "[" not in key
        and (last.endswith(")") or fact_named(last).kind != "sample")
    )


def _given(fact: Fact, value: Any, size: int, path: str) -> Any:
    if fact.kind == "sample":
        values = _exact(value or [], fact.scale)
        return Samples(values, np.zeros(values.size, dtype=np.int64), 1, fact.scale)
    if path.endswith("cells."):
        return no_cells(size, fact.scale, short=True)
    if path.endswith(("customers.", "accounts.")):
        values = _exact(value or [], fact.scale)
        return Members(Quantity.of(values, fact.scale), np.zeros(values.size, dtype=np.int64), 1)
    if value is None:
        return Quantity.unknown(size, "short_history")
    return Quantity.of(_exact(value if isinstance(value, list) else [value], fact.scale), fact.scale)


def _exact(values: list[float], scale: int) -> Any:
    return np.array([round(value * scale) for value in values], dtype=np.int64)


@dataclass(frozen=True)
class ExampleMetrics:
    """What a composite sees in an example: other metrics' values by name, `metric[breakdown]`."""

    given: Mapping[str, Any]

    def measure(self, metric: str, breakdown: str = "") -> Measure:
        value = self.given[f"{metric}[{breakdown}]" if breakdown else metric]
        if value is None:
            return Measure(Quantity.unknown(1, "no_data"))
        return Measure(Quantity.of(np.array([float(value)])))

    def target(self, metric: str, breakdown: str = "", *, of_every: str = "") -> Quantity:
        """What the metric should reach: `target(METRIC)`; nothing is asked of all subjects alike."""
        value = None if of_every else self.given.get(f"target({metric})")
        del breakdown
        return Quantity.unknown(1, "no_data") if value is None else Quantity.of(np.array([float(value)]))

    @property
    def size(self) -> int:
        """An example has one subject."""
        return 1

    def rule_or_none(self, name: str) -> Any | None:
        """The example's own rule, else the built-in policy's."""
        return example_rule(self.given, name)

    def over(self, window: str) -> ExampleMetrics:
        """An example has one window."""
        del window
        return self

    def chosen(self, name: str) -> str:
        """The value of a breakdown that the example asks for: `chosen(NAME)`."""
        return str(self.given.get(f"chosen({name})", ""))

    def rule(self, name: str) -> Any:
        return example_rule(self.given, name)


def worked(metric: Metric, example: Example) -> Measure:
    """What the metric says of its example."""
    if metric.kind == "composite":
        made = metric.measure(ExampleMetrics(example.given))
    elif metric.kind == "replayed":
        made, _ = metric.measure(ExampleFacts(example.given), None)
    else:
        made = metric.measure(ExampleFacts(example.given))
    return made if isinstance(made, Measure) else Measure(made)


@dataclass(frozen=True)
class SymbolFacts:
    """`f` whose facts are symbols, to read a ratio's formula off its code."""

    path: str = ""

    def __getattr__(self, name: str) -> Any:
        if name in _VIEWS:
            return SymbolFacts(f"{self.path}{name}.")
        if name == "days":
            return Symbol(Formula((f"{self.path}days",)))
        return Symbol(Formula((f"{self.path}{fact_named(name).name}",)))

    def back(self, months: int) -> SymbolFacts:
        return SymbolFacts(f"{self.path}back({months}).")

    def trailing(self, months: int) -> SymbolFacts:
        return SymbolFacts(f"{self.path}trailing({months}).")


VIEW_WORDS = {
    "before": Words("上期", "of the period before"),
    "year_ago": Words("上年同期", "of the year before"),
    "mean": Words("平均", "mean"),
    "opening": Words("期初", "at the start"),
}


DAYS = Words("天数", "days")


def formula(metric: Metric, language: str) -> str:
    """The formula in words: the docstring's where it states one, else read off the code."""
    if "formula" in metric.words:
        return metric.words["formula"].in_language(language)
    return _said(metric.measure(SymbolFacts()).formula, language)


def _said(read: Formula, language: str) -> str:
    said = "".join(_worded(part, language) for part in read.parts)
    return said.replace(" （", "（").replace("） ", "）")  # a full-width bracket has its own space


def _worded(part: str, language: str) -> str:
    *views, name = part.split(".")
    is_han = _is_han(language)
    if not name.isidentifier():
        return ("（" if part == "(" else "）" if part == ")" else part) if is_han else part
    label = (DAYS if name == "days" else fact_named(name).label).in_language(language)
    for view in reversed(views):
        word = VIEW_WORDS[view].in_language(language)
        label = f"{word}{label}" if is_han else f"{word} {label}" if view == "mean" else f"{label} {word}"
    return label


def _is_han(locale: str) -> bool:
    from pipeline.press.languages import LANGUAGES, matched

    name = matched(locale, LANGUAGES)
    return name is not None and LANGUAGES[name].is_han
