"""What was printed and sent before: the issues of a customer's reports, and what of them is another figure now.

`state/issued/<customer>/<period>.parquet` holds the readings that the first issue of a period printed, with the columns
of `readings.parquet`; `<period>.2.parquet` those of the second, and so on. Only what was sent stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.errors import RenderError, nearest
from pipeline.press.schedule import safe_name
from pipeline.press.slices import READING_COLUMNS, Issue, Reading, reading_of

FOLDER = Path("state") / "issued"
_NAME = re.compile(r"(?P<period>.+?)(?:\.(?P<number>[2-9]|[1-9][0-9]+))?\.parquet")
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Restated:
    """A reading that was printed with one value and has another now; `why` is definition, arrived, withdrawn or entries."""

    was: Reading
    now: Reading
    period: str
    """Of the issue that printed it last."""
    why: str


def issues_of(output: Path, customer_id: str, until_on: date) -> tuple[Issue, ...]:
    """The issues of a customer that tell of no day after the period, in the order in which they were sent.

    `output` is the folder above `runs/`. RenderError KB-1326 (a file with another name or without a column), KB-1327 (one
    that holds readings of somebody else).
    """
    folder = output / FOLDER / safe_name(customer_id)
    files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    found = [_issue(path, customer_id) for path in files]
    told = [each for each in found if each.readings and each.until_on <= until_on]
    return tuple(sorted(told, key=lambda each: (each.until_on, each.period, each.number)))


def _issue(path: Path, customer_id: str) -> Issue:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise _unreadable(path, "has no name of an issue")
    known = pq.read_schema(path).names
    for name in READING_COLUMNS:
        if name not in known:
            raise _unreadable(path, f"has no column {name!r}", nearest(name, known))
    rows = pq.read_table(path, columns=list(READING_COLUMNS)).to_pylist()
    if any(row["subject_id"] != customer_id for row in rows):
        raise RenderError(
            where=f"{FOLDER}/{path.parent.name}/{path.name}",
            what="holds readings of another customer",
            fix="put the file where it belongs; nothing of it has been printed",
            code="KB-1327",
        )
    number = int(named["number"] or 1)
    return Issue(named["period"], number, tuple(reading_of(row) for row in rows))


def _unreadable(path: Path, what: str, near: str | None = None) -> RenderError:
    return RenderError(
        where=f"{FOLDER}/{path.parent.name}/{path.name}",
        what=what,
        nearest=near,
        fix="leave this folder to kambook deliver, or restore the file",
        code="KB-1326",
    )


def restated(issues: Sequence[Issue], readings: Iterable[Reading]) -> list[Restated]:
    """What the issues printed, each figure as it was printed last, and is another one now; those of metrics in order.

    A figure that is no longer made (its window ended too long ago) is not compared.
    """
    printed: dict[Key, tuple[Reading, str]] = {}
    for issue in issues:
        for reading in issue.readings:
            printed[_key(reading)] = (reading, issue.period)
    now = {_key(each): each for each in readings}
    found = [
        Restated(was, now[key], period, _why(was, now[key]))
        for key, (was, period) in printed.items()
        if key in now and (was.value, was.text) != (now[key].value, now[key].text)
    ]
    return sorted(found, key=lambda each: (each.now.from_on, _key(each.now)), reverse=True)


def _key(reading: Reading) -> Key:
    return reading.metric, reading.breakdown, reading.window, reading.period, reading.currency


def _why(was: Reading, now: Reading) -> str:
    if was.definition != now.definition:
        return "definition"
    if not was.is_known:
        return "arrived"
    return "entries" if now.is_known else "withdrawn"


def earlier_issues(issues: Iterable[Issue], period: str) -> tuple[Issue, ...]:
    """The issues of the period itself: with one of them this report is a restatement, or the same again."""
    return tuple(each for each in issues if each.period == period)
