"""Figures that two tables of readings tell differently, and which of them are large enough to matter. Pure.

Nothing but readings is needed, so that what was printed once can be held against what would be printed now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import SettingsError, nearest
from pipeline.metrics import METRICS
from pipeline.policy import Policy

SUBJECT = ["metric", "subject_kind", "subject_id", "breakdown", "currency", "window"]
KEY = [*SUBJECT, "period"]
"""What makes a figure the same one in another run; with `SUBJECT` alone it is the same figure of another period."""

_HELD = ["metric", "window", "period", "currency"]
_TOLD = ["value", "text", "reason", "definition"]
READ = [*KEY, "from_on", "until_on", "unit", *_TOLD]
"""The columns of `readings.parquet` that are compared."""

_SAME = 1e-12
"""Two figures are one where they differ by less than this share: what is left of one division."""


@dataclass(frozen=True)
class Limits:
    """From what size on a difference counts, by metric and by unit: an amount and a share of what the figure was."""

    of_metric: dict[str, tuple[float, float]]
    of_unit: dict[str, tuple[float, float]]

    def of(self, metric: str, unit: str) -> tuple[float, float]:
        """Both borders for a metric; nothing is too small where none are set."""
        return self.of_metric.get(metric, self.of_unit.get(unit, (0.0, 0.0)))


def limits(policy: Policy, day: date) -> Limits:
    """The borders in force on a day. SettingsError KB-1055 where a rule names neither or no such thing."""
    in_force = [rule for rule in policy.all("restatement") if rule.valid_from <= day]
    units = sorted({metric.unit for metric in METRICS.all().values()})
    for rule in policy.all("restatement"):
        if bool(rule.metric) == bool(rule.unit):
            raise _wrong_rule("names not just one of metric and unit", None)
        if rule.metric:
            METRICS.get(rule.metric)
        elif rule.unit not in units:
            raise _wrong_rule(f"there is no unit {rule.unit!r}", nearest(rule.unit, units))
    borders = [(rule.metric, rule.unit, (rule.at_least, rule.at_least_share)) for rule in in_force]
    return Limits(
        {metric: border for metric, _, border in borders if metric},
        {unit: border for metric, unit, border in borders if not metric},
    )


def _wrong_rule(what: str, near: str | None) -> SettingsError:
    return SettingsError(
        where="policy [[restatement]]",
        what=what,
        nearest=near,
        fix="give the unit of figures, or the name of a metric",
        code="KB-1055",
    )


def compared(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The figures that stand in both tables and differ: KEY, days, unit, `was`, `now`, `difference` and what was told.

    `difference` is empty where one of both is not known, or is a word. Rows keep the order of `now`.
    """
    return _different(_plain(now).merge(_plain(was)[[*KEY, *_TOLD]], on=KEY, suffixes=("_now", "_was")))


def one_sided(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The figures that only one table holds, of windows that both hold: a subject or a breakdown came or went.

    A zero that the other run did not tell is no difference.
    """
    plain_was, plain_now = _plain(was), _plain(now)
    both = plain_was[_HELD].drop_duplicates().merge(plain_now[_HELD].drop_duplicates(), on=_HELD)
    joined = plain_now.merge(plain_was, on=KEY, how="outer", suffixes=("_now", "_was"), indicator=True)
    alone = joined[joined["_merge"] != "both"].merge(both, on=_HELD)
    for name in ("from_on", "until_on", "unit"):
        alone[name] = alone[f"{name}_now"].where(alone[f"{name}_now"].notna(), alone[f"{name}_was"])
    found = _different(alone)
    kept: pd.DataFrame = found[(found["was"] != 0) & (found["now"] != 0)].reset_index(drop=True)
    return kept


def moved(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The newest figure of each table where it is of another period: what the new period brought, not restated."""
    newest = [_newest(_plain(each)) for each in (was, now)]
    joined = newest[1].merge(newest[0][[*KEY, *_TOLD]], on=SUBJECT, suffixes=("_now", "_was"))
    found = _different(joined[joined["period_now"] != joined["period_was"]])
    return found.rename(columns={"period_now": "period"})


def is_material(found: pd.DataFrame, borders: Limits) -> npt.NDArray[np.bool_]:
    """Which differences reach both borders. A word, and a figure that is known on one side only, always do."""
    pairs = [borders.of(*each) for each in found[["metric", "unit"]].itertuples(index=False)]
    amount, share = (np.array([pair[at] for pair in pairs], dtype=float) for at in (0, 1))
    size = found["difference"].abs().to_numpy()
    reached = (size >= amount) & (size >= share * found["was"].abs().to_numpy())
    return np.asarray(np.isnan(size) | reached)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that are compared; dictionaries as plain text, so that those of two files meet."""
    rows = table[READ]
    words = [name for name in READ if isinstance(rows[name].dtype, pd.CategoricalDtype)]
    return rows.astype({**dict.fromkeys(words, "str"), "value": "float64"})


def _newest(table: pd.DataFrame) -> pd.DataFrame:
    latest = table["until_on"].max()
    rows: pd.DataFrame = table[table["until_on"] == latest]
    return rows


def _different(joined: pd.DataFrame) -> pd.DataFrame:
    made = joined.rename(columns={"value_was": "was", "value_now": "now"}).assign(
        difference=joined["value_now"] - joined["value_was"]
    )
    kept: pd.DataFrame = made[_told_otherwise(made)].reset_index(drop=True)
    return kept


def _told_otherwise(rows: pd.DataFrame) -> Any:
    known = rows["was"].notna() & rows["now"].notna()
    size = np.maximum(rows["was"].abs(), rows["now"].abs())
    values = known & (rows["difference"].abs() > _SAME * size)
    appeared = rows["was"].notna() != rows["now"].notna()
    return values | appeared | (_words(rows["text_was"]) != _words(rows["text_now"]))


def _words(texts: pd.Series) -> pd.Series:
    """Words, empty where there are none."""
    return texts.astype("object").where(texts.notna(), "").replace({"nan": "", "None": ""})
