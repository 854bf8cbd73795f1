"""The rows behind a warning: those of an account in a span of days, found quickly. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.watch.money import SPAN, day_numbers
from pipeline.watch.rows import sources_in
from pipeline.watch.statistics import Codes


@dataclass(frozen=True)
class Evidence:
    """Sources of every account, by day."""

    codes: dict[str, int]
    keys: Codes
    texts: list[str]

    def between(self, name: str, first_on: Any, last_on: Any) -> tuple[str, ...]:
        """The sources of a name from a day to a day, both included."""
        if name not in self.codes:
            return ()
        code = self.codes[name] * SPAN
        first, last = (int(day_numbers(day)) for day in (first_on, last_on))
        low, high = np.searchsorted(self.keys, [code + first, code + last + 1])
        return sources_in(self.texts[low:high])


def evidence(rows: pd.DataFrame, by: str, on: str) -> Evidence:
    """The evidence in rows with `_from`, by the name in one column and the day in another."""
    ordered = rows.sort_values([by, on, "_from"], kind="stable")
    names = pd.Index(ordered[by].unique())
    keys = names.get_indexer(pd.Index(ordered[by])) * SPAN + day_numbers(ordered[on])
    return Evidence(
        {str(name): at for at, name in enumerate(names)}, keys.astype(np.int64), ordered["_from"].tolist()
    )
