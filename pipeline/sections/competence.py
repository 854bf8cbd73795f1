"""Competence and development of a manager, who is engineer, salesperson and leader: levels, gaps, what to agree on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from pipeline.periods import add_months
from pipeline.press.svg import MM, Drawing
from pipeline.press.terms import Gettext
from pipeline.press.typeset import Phrase
from pipeline.press.warning_words import dated
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_AREAS = ("engineer", "salesperson", "leader")
_MOST_LEVELS = 5
_STEP, _HEIGHT, _SIDE = 6 * MM, 5 * MM, 3.2 * MM
_NAME = 46 * MM
_MOST_TO_AGREE = 4


@section(
    title=N_("Competence and development"),
    audience="restricted",
    metrics=("competences_below",),
    tables=("competence_levels",),
)
def competence(view: View) -> Content | None:
    """Each skill as last assessed, and a year before; the gaps, with room for what is agreed. None without an assessment."""
    now, before = (
        _levels(view, day) for day in (view.window.until_on, add_months(view.window.until_on, -12))
    )
    if now.empty:
        return None
    rows = [_skill(view, each, before) for each in _ordered(now)]
    return {
        "heading": view.phrase(_title(view, now)),
        "measure": view.phrase(
            view.gettext("As last assessed; square: a level reached, outlined: still lacking")
        ),
        "groups": [
            {"name": area_name(view.gettext, area), "rows": own}
            for area in _areas(now)
            if (own := [each for each in rows if each["area"] == area])
        ],
        "agree": _to_agree(view, now),
    }


def area_name(_: Gettext, area: str) -> str:
    """One of the three that an account manager is."""
    return {"engineer": _("Engineer"), "salesperson": _("Salesperson"), "leader": _("Leader")}.get(area, area)


def _areas(rows: pd.DataFrame) -> list[str]:
    return [*_AREAS, *sorted(set(rows["area"]) - set(_AREAS))]


def _levels(view: View, until_on: date) -> pd.DataFrame:
    """The manager's own levels at the end of a window that ends before a day."""
    rows = view.rows("competence_levels")
    own = (rows["subject_kind"] == "manager") & (rows["subject_id"] == view.slice.subject.subject_id)
    return rows[own & (rows["until_on"] == pd.Timestamp(until_on))]


def _ordered(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return rows.sort_values(["area", "gap", "skill"], ascending=[True, False, True], kind="stable").to_dict(
        "records"
    )


def _title(view: View, rows: pd.DataFrame) -> str:
    """How many skills are below what is asked for, and the area that lacks most."""
    _ = view.gettext
    below = int((rows["gap"].fillna(0) > 0).sum())
    few = view.printer.few
    if not below:
        return _("Every skill is at the level asked for")
    text = view.ngettext(
        "{n} of {all} skills is below the level asked for",
        "{n} of {all} skills are below the level asked for",
        below,
    )
    said = text.format(n=few(below), all=few(len(rows)))
    return said if view.is_han else said[:1].upper() + said[1:]


def _skill(view: View, row: Mapping[Any, Any], before: pd.DataFrame) -> Content:
    earlier = before.loc[before["skill"] == row["skill"], "level"]
    level, target = int(row["level"]), None if pd.isna(row["target_level"]) else int(row["target_level"])
    name = str(row["skill"])
    label = f"{view.gettext('Level')} {name}"
    return {
        "area": str(row["area"]),
        "name": view.fitted(name, _NAME),
        "before": "–" if earlier.empty else str(int(earlier.iloc[0])),
        "level": view.counted("competence_levels", 1, level, label),
        "target": "–" if target is None else str(target),
        "gap": "–" if pd.isna(row["gap"]) else str(int(row["gap"])),
        "is_short": bool(not pd.isna(row["gap"]) and row["gap"] > 0),
        "drawing": _squares(view, level, target, name),
        "assessed": dated(view, row["assessed_on"]),
    }


def _squares(view: View, level: int, target: int | None, name: str) -> Markup:
    """A square for each level: filled where it is reached, outlined where it is asked for and lacks."""
    drawing = Drawing(
        _STEP * _MOST_LEVELS, _HEIGHT, view.ink, f"{name}: {level}/{target if target is not None else '–'}"
    )
    top = (_HEIGHT - _SIDE) / 2
    for at in range(_MOST_LEVELS):
        x = at * _STEP
        if at < level:
            drawing.box(x, top, _SIDE, _SIDE, "accent")
        elif target is not None and at < target:
            drawing.outline(x, top, _SIDE, _SIDE, "signal", 1.1)
        else:
            drawing.line((x, top + _SIDE), (x + _SIDE, top + _SIDE), "rule", 0.5)
    return drawing.markup()


def _to_agree(view: View, rows: pd.DataFrame) -> Content:
    """The largest gaps, each with room for training, day and helper; and a line for the next step of the career."""
    _ = view.gettext
    short = rows[rows["gap"].fillna(0) > 0].sort_values(
        ["gap", "skill"], ascending=[False, True], kind="stable"
    )
    skills = [
        {
            "name": view.fitted(str(each["skill"]), _NAME),
            "from": f"{int(each['level'])} → {int(each['target_level'])}",
        }
        for each in short.head(_MOST_TO_AGREE).to_dict("records")
    ]
    return {
        "title": view.phrase(_training(view, len(skills))),
        "measure": view.phrase(
            _("To be filled in together; the exports hold assessments, but no training plan")
        ),
        "rows": skills,
        "career": _("Next step of the career, and what it asks for"),
    }


def _training(view: View, count: int) -> Phrase | str:
    _ = view.gettext
    return (
        _("Training plan for what lacks, and the next step")
        if count
        else _("Nothing lacks: agree the next step")
    )
