"""Whether a month looks like the months before it: rows, gaps, empty cells, sizes, values. Pure.

Every threshold is far outside what the table's own year has shown, and beyond chance: four standard deviations of a
count, so that a company with three hundred columns is warned for nothing about once in a hundred months. Below six
months of history nothing is said. What does not happen when a row is made (a delivery, an answer, a score) is always
missing from the newest rows and is not compared.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from pipeline.gate.expectations import Gettext, Severity
from pipeline.gate.findings import Distrust, Finding
from pipeline.gate.profiles import MONTHS, YEAR, ColumnProfile, Profile
from pipeline.schema import TABLES
from pipeline.sections import N_

CHANGED = "KB-1223"
"""The code of sections withheld from everybody because a whole table is stale or of another unit."""
FEWEST_MONTHS = 6
FEWEST_ROWS = 20
"""A month of fewer rows says nothing about shares and sizes."""
DEVIATIONS = 4.0
CERTAIN_DAYS = 10
"""On so many days rows should have come at the year's pace: by chance none comes once in twenty thousand times."""
_SHARE_MARGIN, _UNSEEN_SHARE = 0.02, 0.2
_OTHER_SIZE, _OTHER_UNIT = 10, 100
"""From a factor of ten on a month's sizes are said to be others, from a hundred on they are in another unit."""
_WITHHELD = N_("All sections and figures that rest on it are held back.")
_LOOK = N_("Please check the export.")
_LATER = frozenset(
    "delivered_quantity cost_amount score scale_max current_value money_amount first_reply_paused_hours paused_hours"
    " revenue_amount revenue_at_stake_amount active_seats contact_id order_id plan_id contract_id cause outcome status"
    " lost_reason competitor delay_cause result evidence confirmed_by action_taken comment response stage".split()
)
"""Columns that are filled in after the row was made, or where another is not always given."""


@dataclass(frozen=True)
class Drift:
    """What is not as it was. `is_certain` means that nothing that rests on the table can be trusted for anybody.

    `why` has names in braces for what `values` gives; it is translated before they are filled in.
    """

    table: str
    truth: str
    why: str
    values: Mapping[str, object]
    rows: int
    severity: Severity = "warning"
    is_certain: bool = False
    consequence: str = ""

    def said(self, gettext: Gettext) -> str:
        """The reason and what follows from it, in a language."""
        reason = gettext(self.why).format(**self.values)
        if not self.consequence:
            return reason
        joint = "" if reason.endswith("。") else " "
        return f"{reason}{joint}{gettext(self.consequence)}"


def drifts(profile: Profile, as_of: date, fresh_days: int, rows_before: int | None) -> Iterator[Drift]:
    """What is unlike the year before in one table; `rows_before` are its rows in the run of an earlier month."""
    yield from _vanished(profile, rows_before)
    yield from stale(profile, as_of, fresh_days)
    history = _history(profile.months)
    if len(history) < FEWEST_MONTHS:
        return
    yield from _row_counts(profile, history, is_whole=_is_last_day(as_of))
    if profile.months[-1] >= FEWEST_ROWS:
        for column in profile.columns:
            yield from _column(profile, column)


def stale(profile: Profile, as_of: date, fresh_days: int) -> Iterator[Drift]:
    """A table that ends before the as-of date, by its own pace. An old feed makes figures that look whole."""
    if profile.newest is None:
        return
    if profile.is_monthly:
        yield from _month_missing(profile, as_of)
        return
    if sum(count > 0 for count in profile.months) < FEWEST_MONTHS:
        return  # what came in one load, once, is not late
    gap = (as_of - profile.newest).days
    due = profile.days_in_year * gap / YEAR
    if gap <= max(fresh_days, 2 * profile.longest_gap) or due < CERTAIN_DAYS / 2:
        return
    certain = due >= CERTAIN_DAYS
    why = N_(
        "The newest row is of {newest}, {gap} days before the cut-off day; the longest gap of the year was"
        " {longest} days, and about {due} days should have had rows since."
    )
    values = {
        "newest": profile.newest,
        "gap": gap,
        "longest": profile.longest_gap,
        "due": f"{due:.0f}",
    }
    yield _said(
        profile, "rows_are_up_to_date", why, values, is_certain=certain, consequence=_consequence(certain)
    )


def _month_missing(profile: Profile, as_of: date) -> Iterator[Drift]:
    history = _history(profile.months)
    if not _is_last_day(as_of) or profile.months[-1] or len(history) < FEWEST_MONTHS or not min(history):
        return
    why = N_("The last month has no rows at all, and each of the {months} months before it had some.")
    values = {"months": len(history)}
    yield _said(profile, "rows_are_up_to_date", why, values, is_certain=True, consequence=_WITHHELD)


def _row_counts(profile: Profile, history: Sequence[int], *, is_whole: bool) -> Iterator[Drift]:
    now, least, most = profile.months[-1], min(history), max(history)
    values = {"now": now, "least": least, "most": most}
    if is_whole and now * 2 < least and least - now > DEVIATIONS * sqrt(least):
        few = N_(
            "The last month has only {now} rows, the months before {least} to {most}; the export may be incomplete."
        )
        yield _said(profile, "month_has_its_rows", few, values)
    if now > 2 * most and now - most > DEVIATIONS * sqrt(max(most, 1)):
        many = N_(
            "The last month has {now} rows, the months before {least} to {most}; it may have been exported twice."
        )
        yield _said(profile, "month_has_no_more_than_its_rows", many, values, rows=now)


def _vanished(profile: Profile, before: int | None) -> Iterator[Drift]:
    if before is None or profile.rows >= 0.9 * before or before - profile.rows < FEWEST_ROWS:
        return
    why = N_(
        "The last run had {before} rows, this one only {now}; the filter or the span of the export may have changed."
    )
    values = {"before": before, "now": profile.rows}
    yield _said(profile, "rows_do_not_vanish", why, values, rows=before - profile.rows)


def _column(profile: Profile, column: ColumnProfile) -> Iterator[Drift]:
    if _is_known_at_once(profile.table, column.name):
        yield from _missing(profile, column)
        yield from _unseen(profile, column)
    yield from _size(profile, column)


def _missing(profile: Profile, column: ColumnProfile) -> Iterator[Drift]:
    """The share of empty cells against the month of the year that had most of them."""
    now, rows = column.missing[-1], profile.months[-1]
    pairs = zip(column.missing[:-1], profile.months[:-1], strict=True)
    usual = max((empty / total for empty, total in pairs if total >= FEWEST_ROWS), default=None)
    if usual is None:
        return
    deviation = sqrt(max(usual * (1 - usual), 1 / rows) / rows)
    if now / rows > usual + _SHARE_MARGIN + DEVIATIONS * deviation:
        why = N_(
            "{share} of “{column}” is empty in the last month, in the months before at most {usual}; the export or the way it is filled in may have changed."
        )
        values = {"share": f"{now / rows:.0%}", "column": column.name, "usual": f"{usual:.0%}"}
        yield _said(profile, f"{column.name}_is_as_full_as_before", why, values, rows=now)


def _unseen(profile: Profile, column: ColumnProfile) -> Iterator[Drift]:
    if column.unseen is not None and column.unseen >= max(_UNSEEN_SHARE * profile.months[-1], 5):
        share = column.unseen / profile.months[-1]
        why = N_(
            "{share} of “{column}” in the last month are values never seen in the year before; the choices in the source system may have been renamed."
        )
        values = {"share": f"{share:.0%}", "column": column.name}
        yield _said(profile, f"{column.name}_has_values_seen_before", why, values, rows=column.unseen)


def _size(profile: Profile, column: ColumnProfile) -> Iterator[Drift]:
    """The month's median against those of the year: an amount in ten thousands is read as one in units."""
    months = zip(column.sizes, profile.months, column.missing, strict=True) if column.sizes else ()
    sizes = [size for size, rows, empty in months if size and rows - empty >= FEWEST_ROWS]
    if len(sizes) <= FEWEST_MONTHS or not column.sizes[-1] or sizes[-1] != column.sizes[-1]:
        return
    now, least, most = sizes[-1], min(sizes[:-1]), max(sizes[:-1])
    factor = max(now / most, least / now)
    if factor < _OTHER_SIZE:
        return
    certain = factor >= _OTHER_UNIT
    why = N_(
        "The median of “{column}” in the last month is more than {factor} times away from the months before; its unit or decimal point may have changed."
    )
    yield _said(
        profile,
        f"{column.name}_is_of_its_usual_size",
        why,
        {"column": column.name, "factor": f"{factor:.0f}"},
        is_certain=certain,
        consequence=_consequence(certain),
    )


def _said(
    profile: Profile,
    truth: str,
    why: str,
    values: Mapping[str, object],
    *,
    is_certain: bool = False,
    rows: int = 0,
    consequence: str = "",
) -> Drift:
    severity: Severity = "critical" if is_certain else "warning"
    return Drift(profile.table, truth, why, values, rows, severity, is_certain, consequence)


def _consequence(certain: bool) -> str:  # noqa: FBT001  # which of two sentences, not what is done
    return _WITHHELD if certain else _LOOK


def _history(months: Sequence[int]) -> Sequence[int]:
    """The months before the last one, from the first that has rows on."""
    before = months[: MONTHS - 1]
    first = next((place for place, count in enumerate(before) if count), len(before))
    return before[first:]


def _is_known_at_once(table: str, column: str) -> bool:
    kind = TABLES[table].column(column).kind
    return kind in ("text", "exact", "integer") and column not in _LATER


def _is_last_day(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def findings_of(found: Iterable[Drift], gettext: Gettext) -> list[Finding]:
    """One finding for each, about the run: nothing in one row is wrong."""
    return [
        Finding(
            table=each.table,
            expectation=each.truth,
            severity=each.severity,
            scope="section" if each.is_certain else "run",
            subject_id=None,
            section=None,
            why=each.said(gettext),
            rows=each.rows,
            examples=[],
        )
        for each in found
    ]


def distrusted_everywhere(found: Iterable[Drift], accounts: Sequence[str]) -> Iterator[Distrust]:
    """What is certain costs every account all that rests on the table."""
    for each in found:
        if each.is_certain:
            for account in accounts:
                yield Distrust(account, each.table, CHANGED, f"{each.table}.{each.truth}")
