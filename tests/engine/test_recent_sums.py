"""Sums by subject are kept from one metric to the next, within bounds."""

from __future__ import annotations

import numpy as np

from pipeline.engine.recent_sums import RecentSums, Sum


def _sum() -> Sum:
    return np.zeros(100, dtype=np.int64), np.zeros(100, dtype=np.int64), 0


def test_a_sum_is_made_once() -> None:
    held = RecentSums()

    assert held.get("sales", _sum) is held.get("sales", _sum)


def test_what_was_asked_for_last_is_kept() -> None:
    held = RecentSums()
    first = {name: held.get(name, _sum) for name in ("sales", "cost", "hours")}
    held.get("sales", _sum)

    held.trim(3_200)

    assert len(held) == 2
    assert held.get("sales", _sum) is first["sales"]
    assert held.get("hours", _sum) is first["hours"]
    assert held.get("cost", _sum) is not first["cost"]
