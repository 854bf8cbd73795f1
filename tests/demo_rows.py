"""Demo companies as tests read them: canonical files, row by row, with and without what was planted in them."""

from __future__ import annotations

import csv
import json
from bisect import bisect_right
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.schema import TABLES

Row = dict[str, str]


def rows_of(folder: Path, table: str) -> list[Row]:
    """The rows of a canonical workspace's table, as texts."""
    with (folder / "exports" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def key_of(table: str, row: Row) -> str:
    """The key of a row as `ground_truth.json` writes it."""
    return "/".join(row[name] for name in TABLES[table].key)


def truth_of(folder: Path) -> dict[str, Any]:
    """What a demo says of itself."""
    truth: dict[str, Any] = json.loads((folder / "ground_truth.json").read_text(encoding="utf-8"))
    return truth


def within(day: str, window: tuple[str, str]) -> bool:
    """Whether a day lies in a window, its end not included; a day that is not known does not."""
    return bool(day) and window[0] <= day < window[1]


def ids(known: list[Row], column: str) -> set[str]:
    """The values of a column."""
    return {row[column] for row in known}


class Clean:
    """A canonical demo without its wrong rows; an identical row once."""

    def __init__(self, folder: Path) -> None:
        self.truth = truth_of(folder)
        wrong = {
            (dirt["table"], dirt["id"])
            for dirt in self.truth["dirt"]
            if dirt["kind"] not in {"empty_account", "identical_duplicate"}
        }
        for path in sorted((folder / "exports").glob("*.csv")):
            kept = [
                row for row in rows_of(folder, path.stem) if (path.stem, key_of(path.stem, row)) not in wrong
            ]
            setattr(self, path.stem, list({tuple(row.items()): row for row in kept}.values()))
        self.order = {row["order_id"]: row for row in self.orders}
        self.client = {row["account_id"]: row for row in self.accounts}
        self.as_of = date.fromisoformat(self.truth["as_of"])

    orders: list[Row]
    order_lines: list[Row]
    invoices: list[Row]
    payments: list[Row]
    cases: list[Row]
    contracts: list[Row]
    contacts: list[Row]
    surveys: list[Row]
    accounts: list[Row]
    assignments: list[Row]
    activities: list[Row]
    actions: list[Row]
    opportunities: list[Row]
    forecasts: list[Row]
    outcomes: list[Row]
    parents: list[Row]
    products: list[Row]
    usage: list[Row]
    competitor_events: list[Row]
    fx: list[Row]

    def table(self, name: str) -> list[Row]:
        """The rows of a table by its name."""
        rows: list[Row] = getattr(self, name)
        return rows

    def window(self, name: str) -> tuple[str, str]:
        """The first day of a window and the day after its last."""
        first, until = self.truth["windows"][name]
        return first, until

    def rate(self, currency: str, day: str) -> Decimal:
        """The last rate on or before a day."""
        if currency == "CNY":
            return Decimal(1)
        known = sorted((row["rate_on"], row["rate"]) for row in self.fx if row["currency"] == currency)
        return Decimal(known[bisect_right([on for on, _ in known], day) - 1][1])
