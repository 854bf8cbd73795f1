"""Spans in which fewer things held than should have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np


@dataclass(frozen=True)
class Span:
    """Something that held for a customer on [from_on, until_on)."""

    customer_id: str
    from_on: np.datetime64
    until_on: np.datetime64
    source: str


@dataclass(frozen=True)
class Short:
    """A span in which too few held, and the rows that say so: what was served, and what did hold."""

    customer_id: str
    from_on: np.datetime64
    until_on: np.datetime64
    sources: tuple[str, ...]


def short_of(served: Iterable[Span], held: Iterable[Span], least: int) -> list[Short]:
    """The spans of each customer in which it was served while fewer than `least` of the others held."""
    serving, holding = _by_customer(served), _by_customer(held)
    return [
        short
        for customer in sorted(serving)
        for short in _short_of_one(customer, serving[customer], holding.get(customer, []), least)
    ]


def _by_customer(spans: Iterable[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.customer_id, []).append(span)
    return found


def _short_of_one(customer: str, served: list[Span], held: list[Span], least: int) -> Iterator[Short]:
    edges = sorted({day for span in (*served, *held) for day in (span.from_on, span.until_on)})
    is_short = [_count(served, day) > 0 and _count(held, day) < least for day in edges]
    for short, group in groupby(zip(edges, is_short, strict=True), key=lambda each: each[1]):
        begun = next(group)[0]
        if short:
            later = [day for day, still in zip(edges, is_short, strict=True) if day > begun and not still]
            yield Short(customer, begun, later[0], _sources(served, held, begun))


def _count(spans: list[Span], day: np.datetime64) -> int:
    return sum(bool(span.from_on <= day < span.until_on) for span in spans)


def _sources(served: list[Span], held: list[Span], day: np.datetime64) -> tuple[str, ...]:
    """What held when it began to be too little, and what had held until then."""
    return tuple(span.source for span in (*served, *held) if span.from_on <= day <= span.until_on)
