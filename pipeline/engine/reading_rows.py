"""The rows of `readings.parquet`, to the letter of the contract; words are numbers until they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.engine.evaluate import WHOLE, Evaluator
from pipeline.engine.quantities import REASONS, Quantity
from pipeline.engine.readings import Series, Target, alive, goals_of, printed
from pipeline.periods import months_between, shifted

_WORDS = pa.dictionary(pa.int32(), pa.string())
_MEASURED = ("numerator", "denominator", "n", "low", "high", "before", "year_ago")
SCHEMA = pa.schema(
    [
        *(
            (name, _WORDS)
            for name in ("subject_kind", "subject_id", "metric", "breakdown", "window", "period")
        ),
        ("from_on", pa.date32()),
        ("until_on", pa.date32()),
        ("value", pa.float64()),
        ("text", _WORDS),
        *((name, _WORDS) for name in ("reason", "unit", "currency")),
        *((name, pa.float64()) for name in _MEASURED),
        ("target", pa.float64()),
        ("coverage", pa.float64()),
        ("verdict", _WORDS),
        ("definition", pa.int16()),
        ("audience", _WORDS),
    ]
)
_VERDICTS = ("none", "good", "watch", "bad")
_CONTEXT = ("numerator", "denominator", "n", "low", "high", "coverage")
_ROUNDING = 1e-12
"""Two floats this near are the same figure."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """The readings of one series: what they have in common, and a row for each subject that is told of."""

    series: Series
    ids: tuple[str, ...]
    at: Integers
    """The positions of those subjects in `ids`."""
    currency: Any
    """One code, or one for each row."""
    reason: Integers
    verdict: Integers
    text: npt.NDArray[Any] | None
    numbers: dict[str, Floats]


def block(
    series: Series, evaluator: Evaluator, aims: Sequence[Target], currency: Any, only: Any = None
) -> Block | None:
    """The readings of one series. `currency` is one code or one for each subject; `only` a mask of them.

    Left out: subjects about whom nothing is known in a month of the trend, and, in a breakdown, subjects of whom
    no value of it is other than zero and that have no target of their own. Not a number stands for unknown until the
    rows are written.
    """
    measure, ids = series.measure, evaluator.subjects[series.kind].ids
    value = measure.value
    at = np.flatnonzero(_told(series, evaluator, aims, only))
    if not at.size:
        return None
    numbers = _taken(value if measure.text is None else None, at)
    aim, near = goals_of(series, ids, at, aims)
    return Block(
        series=series,
        ids=ids,
        at=at,
        currency=currency if isinstance(currency, str) else np.asarray(currency, dtype=object)[at],
        reason=value.reasons[at].astype(np.int64),
        verdict=verdict_codes(numbers, aim, near, series.metric.better),
        text=None if measure.text is None else np.array(list(measure.text), dtype=object)[at],
        numbers={
            "value": numbers,
            **{name: _taken(getattr(measure, name), at) for name in _CONTEXT},
            **{name: _taken(_other(series, evaluator, name), at) for name in ("before", "year_ago")},
            "target": aim,
        },
    )


def _told(series: Series, evaluator: Evaluator, aims: Sequence[Target], only: Any) -> npt.NDArray[np.bool_]:
    count = len(evaluator.subjects[series.kind])
    keep = np.ones(count, dtype=bool) if only is None else np.asarray(only)
    if series.is_trend:
        keep = keep & series.measure.value.known
    if series.breakdown != WHOLE:
        keep = keep & (alive(series, evaluator) | _aimed_at(series, evaluator, aims))
    return keep


def _aimed_at(series: Series, evaluator: Evaluator, aims: Sequence[Target]) -> npt.NDArray[np.bool_]:
    """The subjects with a target of their own for this breakdown: a zero against a target is worth saying."""
    breakdown = printed(series.breakdown)
    mine = {
        each.subject_id
        for each in aims
        if each.subject_id and each.concerns(series.metric.name, breakdown, series.kind)
    }
    ids = evaluator.subjects[series.kind].ids
    return np.array([name in mine for name in ids], dtype=bool) if mine else np.zeros(len(ids), dtype=bool)


def _taken(quantity: Quantity | None, at: Integers) -> Floats:
    if quantity is None:
        return np.full(at.size, np.nan)
    return np.where(quantity.known[at], quantity.floats[at], np.nan)


def _other(series: Series, evaluator: Evaluator, which: str) -> Quantity | None:
    """The same measure in the window before, or a year earlier; a metric with memory has none."""
    if series.metric.kind == "replayed":
        return None
    months = months_between(series.window) if which == "before" else 12
    window = shifted(series.window, -months, evaluator.fiscal_start)
    return evaluator.measure(series.metric, series.kind, window, series.breakdown).value


def verdicts(value: Floats, aim: Floats, near: Floats, better: str) -> list[str]:
    """good: the target is reached; watch: missed by no more than `near`; bad: missed by more; none: no target."""
    return [_VERDICTS[code] for code in verdict_codes(value, aim, near, better)]


def verdict_codes(value: Floats, aim: Floats, near: Floats, better: str) -> Integers:
    """The positions in `_VERDICTS`."""
    made = np.zeros(np.size(value), dtype=np.int64)
    judged = ~np.isnan(value) & ~np.isnan(aim)
    if better == "none" or not judged.any():
        return made
    short = (value - aim if better == "lower" else aim - value)[judged]
    made[judged] = np.where(short <= _ROUNDING, 1, np.where(short <= near[judged] + _ROUNDING, 2, 3))
    return made


def table_of(blocks: Sequence[Block]) -> pa.Table:
    """The readings of a metric by kind, window, last day, subject, breakdown and currency, so that no order of work shows."""
    counts = np.array([each.at.size for each in blocks])
    words = _words(blocks, counts)
    order = _order(blocks, counts, words)
    columns = {name: _written(codes[order], values) for name, (codes, values) in words.items()}
    for name in ("from_on", "until_on"):
        days = np.array([getattr(each.series.window, name) for each in blocks], dtype="datetime64[D]")
        columns[name] = pa.array(np.repeat(days, counts)[order])
    for name in blocks[0].numbers:
        joined = np.concatenate([each.numbers[name] for each in blocks])
        columns[name] = pa.array(joined[order], from_pandas=True)
    definition = blocks[0].series.metric.definition
    columns["definition"] = pa.array(np.full(order.size, definition, dtype=np.int16))
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


Words = tuple[Integers, tuple[str | None, ...]]
"""A column of words: the position of each row's word, and the words in ascending order."""


def _words(blocks: Sequence[Block], counts: Integers) -> dict[str, Words]:
    common: dict[str, Callable[[Block], str]] = {
        "subject_kind": lambda each: each.series.kind,
        "metric": lambda each: each.series.metric.name,
        "breakdown": lambda each: printed(each.series.breakdown),
        "window": lambda each: each.series.window.name,
        "period": lambda each: each.series.window.period,
        "unit": lambda each: each.series.metric.unit,
        "audience": lambda each: each.series.metric.audience,
    }
    made = {name: _repeated([of(each) for each in blocks], counts) for name, of in common.items()}
    made["reason"] = np.concatenate([each.reason for each in blocks]), REASONS
    made["verdict"] = np.concatenate([each.verdict for each in blocks]), _VERDICTS
    made["subject_id"] = _subjects(blocks)
    made["currency"] = _each([each.currency for each in blocks], counts)
    made["text"] = _each([each.text for each in blocks], counts)
    return made


def _repeated(words: Sequence[str], counts: Integers) -> Words:
    values = tuple(sorted(set(words)))
    place = {value: at for at, value in enumerate(values)}
    return np.repeat(np.array([place[word] for word in words]), counts), values


def _subjects(blocks: Sequence[Block]) -> Words:
    kinds = {each.series.kind: each.ids for each in blocks}
    values = tuple(sorted({name for ids in kinds.values() for name in ids}))
    place = {value: at for at, value in enumerate(values)}
    codes = {kind: np.array([place[name] for name in ids], dtype=np.int64) for kind, ids in kinds.items()}
    return np.concatenate([codes[each.series.kind][each.at] for each in blocks]), values


def _each(parts: Sequence[Any], counts: Integers) -> Words:
    """The words of blocks that have one for all rows, one for each, or none."""
    found: set[str] = set()
    for part in parts:
        found |= {part} if isinstance(part, str) else set() if part is None else {*part} - {None}
    values: tuple[str | None, ...] = (None, *sorted(found))
    place = {value: at for at, value in enumerate(values)}
    return np.concatenate(
        [_placed(part, place, int(count)) for part, count in zip(parts, counts, strict=True)]
    ), values


def _placed(part: Any, place: dict[str | None, int], count: int) -> Integers:
    if part is None or isinstance(part, str):
        return np.full(count, place[part], dtype=np.int64)
    return np.array([place[word] for word in part], dtype=np.int64)


def _order(blocks: Sequence[Block], counts: Integers, words: dict[str, Words]) -> Integers:
    """The rows in ascending order of the contract's key, which is a number here: codes ascend like their words."""
    until = np.array([each.series.window.until_on for each in blocks], dtype="datetime64[D]").astype(np.int64)
    days, day = np.unique(until, return_inverse=True)
    names = ("subject_kind", "window", "subject_id", "breakdown", "currency")
    codes = [words[name][0] for name in names]
    sizes = [len(words[name][1]) for name in names]
    codes.insert(_UNTIL_AT, np.repeat(day, counts))
    sizes.insert(_UNTIL_AT, days.size)
    return np.argsort(np.ravel_multi_index(tuple(codes), tuple(sizes)), kind="stable")


_UNTIL_AT = 2
"""The place of the last day in the contract's key: after kind and window."""


def _written(codes: Integers, values: Sequence[str | None]) -> pa.Array:
    """The column with the words that occur in it, and no others."""
    used = np.bincount(codes, minlength=len(values)) > 0
    words = [value for value, is_used in zip(values, used, strict=True) if is_used and value is not None]
    places = (np.cumsum(used) - 1).astype(np.int32)[codes]
    if values[0] is None and used[0]:
        places = places - 1  # nothing stands first
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), pa.array(words, pa.string()))
