"""A manager's pay draft, explained: its lines, each with plan, rows, tier and gate, and what they add up to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.derived.pay_table import PARTS, Part, PayLine
from pipeline.schema import SCALE

CASH: tuple[Part, ...] = ("base_salary", "bonus", "commission", "clawback")
"""What a draft pays out; equity that vested stands beside it."""


@dataclass(frozen=True)
class Statement:
    """The lines of a manager's draft in a span of days, in the order of its parts, then by day."""

    manager_id: str
    from_on: date
    until_on: date
    lines: tuple[PayLine, ...]

    def of(self, part: Part) -> tuple[PayLine, ...]:
        """The lines of one part."""
        return tuple(line for line in self.lines if line.part == part)

    def total(self, *parts: Part) -> Mapping[str, Decimal | None]:
        """What the lines of some parts add up to, by currency, in natural units; None where one of them is not known."""
        chosen = [line for line in self.lines if line.part in parts]
        currencies = sorted({line.currency for line in chosen})
        return {code: _sum([line.amount for line in chosen if line.currency == code]) for code in currencies}

    @property
    def cash(self) -> Mapping[str, Decimal | None]:
        """What the draft pays out, by currency; None while a line is not known or a bonus still waits for a measure."""
        waiting = {line.currency for line in self.lines if self._waits(line)}
        return {code: None if code in waiting else total for code, total in self.total(*CASH).items()}

    def _waits(self, line: PayLine) -> bool:
        caught_up = line.until_on is not None and line.until_on < self.until_on
        return line.gate == "not_measured" and not caught_up


def statement(lines: pd.DataFrame, manager_id: str, from_on: date, until_on: date) -> Statement:
    """The draft of a manager for the days [from_on, until_on), from the table `pay_lines`."""
    mine = (lines["manager_id"] == manager_id) & (lines["falls_on"] >= pd.Timestamp(from_on))
    rows = lines[mine & (lines["falls_on"] < pd.Timestamp(until_on))]
    made = sorted(
        (_line(row) for row in rows.to_dict("records")),
        key=lambda line: (PARTS.index(line.part), line.falls_on),
    )
    return Statement(manager_id, from_on, until_on, tuple(made))


def _line(row: Mapping[Any, Any]) -> PayLine:
    cells = {each.name: row["_from" if each.name == "source" else each.name] for each in fields(PayLine)}
    return PayLine(**{name: _cell(value) for name, value in cells.items()})


def _cell(value: Any) -> Any:
    if pd.isna(value):
        return None
    return (
        value.date() if isinstance(value, pd.Timestamp) else value if isinstance(value, str) else int(value)
    )


def _sum(amounts: Sequence[int | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return Decimal(sum(known)) / SCALE if len(known) == len(amounts) else None
