"""Metrics: one pure function of `f`, the facts of one subject in one window. Facts add, metrics divide.

The docstring belongs to the catalogue: its first paragraph says in English what the figure means, the second in
Chinese; then lines `Formula:` (where the code does not read as one), `Edge:` and `Source:`, each with the Chinese
text after a vertical bar.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pipeline.errors import SettingsError
from pipeline.plugins import Registry
from pipeline.words import Words

Unit = Literal["money", "share", "ratio", "index", "count", "hours", "days", "quantity", "text", "score"]
Better = Literal["higher", "lower", "none"]
Audience = Literal["client", "internal", "restricted"]
EVERYONE = ("account", "customer", "manager", "team", "region", "industry", "portfolio")
"""The subject kinds of a figure that makes sense for any group of accounts."""
GROUPS = ("manager", "team", "region", "industry", "portfolio")
"""The subject kinds of a figure about a group of customers."""
CUSTOMERS = ("customer", *GROUPS)
ALL_WINDOWS = ("month", "qtd", "quarter", "half", "ytd", "year", "t12m")


@dataclass(frozen=True)
class Example:
    """A worked example, in natural units: what the facts are, and what the metric then says.

    Keys are as the metric writes them: `net_sales`, `year_ago.net_sales`, `trailing(3).billed`,
    `customers.net_sales` (a list), `first_reply_hours` (a list), `days`, `rule.active` (a mapping).
    """

    given: Mapping[str, Any]
    value: float | None = None
    text: tuple[str | None, ...] | None = None
    reason: str = ""
    low: float | None = None
    high: float | None = None
    tolerance: float = 1e-9


@dataclass(frozen=True)
class Metric:
    """One metric of the catalogue."""

    name: str
    label: Words
    unit: Unit
    better: Better
    audience: Audience
    subjects: tuple[str, ...]
    windows: tuple[str, ...]
    examples: tuple[Example, ...]
    measure: Callable[..., Any]
    breakdowns: tuple[str, ...] = ("",)
    trend: str | None = None
    definition: int = 1
    kind: Literal["ratio", "replayed", "composite"] = "ratio"
    theme: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    parts: Callable[[Any, date], tuple[str, ...]] | None = None
    """Of a composite told by its parts: what policy names them in the run that ends before a day."""


METRICS: Registry[Metric] = Registry("metric", "pipeline.metrics")


def metric(
    *,
    label: Words,
    unit: Unit,
    better: Better,
    audience: Audience,
    example: Example | tuple[Example, ...],
    subjects: tuple[str, ...] = EVERYONE,
    windows: tuple[str, ...] = ALL_WINDOWS,
    breakdowns: tuple[str, ...] = ("",),
    trend: str | None = None,
    definition: int = 1,
    kind: Literal["ratio", "replayed", "composite"] = "ratio",
    parts: Callable[[Any, date], tuple[str, ...]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a metric; the function's name is the metric's."""
    examples = example if isinstance(example, tuple) else (example,)

    def register(measure: Callable[..., Any]) -> Callable[..., Any]:
        name = str(getattr(measure, "__name__", ""))
        theme = measure.__module__.rpartition(".")[2]
        words = documented(name, inspect.getdoc(measure) or "")
        METRICS.add(
            name,
            Metric(
                name, label, unit, better, audience, subjects, windows, examples, measure, breakdowns, trend,
                definition, kind, theme, words, parts,
            ),
        )  # fmt: skip
        return measure

    return register


def documented(name: str, docstring: str) -> dict[str, Words]:
    """The parts of a metric's docstring: meaning, formula, edge, source. SettingsError KB-1023 where one is missing."""
    paragraphs = [" ".join(part.split()) for part in docstring.split("\n\n") if part.strip()]
    words: dict[str, Words] = {}
    prose: list[str] = []
    for paragraph in paragraphs:
        key, colon, text = paragraph.partition(": ")
        if colon and key in ("Formula", "Edge", "Source"):
            english, _, chinese = text.partition(" | ")
            words[key.lower()] = Words(chinese or english, english)
        else:
            prose.append(paragraph)
    if len(prose) < 2 or "source" not in words:
        raise SettingsError(
            where=f"metric {name}",
            what="the docstring needs a meaning in English, one in Chinese, and a line 'Source: …'",
            fix="see CONTRIBUTING, 'A metric'",
            code="KB-1023",
        )
    return {"meaning": Words(prose[1], prose[0]), **words}


def catalogue() -> Mapping[str, Any]:
    """Every metric by name, with its words in each language."""
    from pipeline import catalogue as entries

    return entries.catalogue()
