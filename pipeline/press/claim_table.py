"""Every claim of value in one table: by class of confidence, what has expired after them, what failed at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from pipeline.press import value_charts
from pipeline.press.claims import Amounts, Claim, class_name
from pipeline.press.goals import Goal, in_own_unit
from pipeline.press.printing import MINUS, NOT_KNOWN, UNKNOWN, Printed, grouped, half_up
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content


def claim_table(
    view: View, claims: Sequence[Claim], totals: Mapping[str, Reading], scale: Amounts
) -> Content:
    """Title, unit, the anchors of the columns of figures, and the claims in groups."""
    _ = view.gettext
    goals = [claim.goal for claim in claims if claim.goal is not None]
    return {
        "title": title(view, claims),
        "measure": view.phrase(_measure(view, claims)),
        "value_head": _("Value, {unit}").format(unit=scale.unit) if _is_valued(claims) else _("Value"),
        "baseline_id": _readings(view, [goal.baseline for goal in goals], _("Goals: baseline"), goals),
        "now_id": _readings(view, [goal.now for goal in goals], _("Goals: now"), goals),
        "change_id": _counted(view, [_change(view, claim) for claim in claims], _("Claims: change")),
        "share_id": _counted(view, [_share(view, claim) for claim in claims], _("Claims: share")),
        "value_id": view.series(
            [claim.value for claim in claims],
            _("Claims: value"),
            [scale.printed(claim.value.value) for claim in claims],
        )[0],
        "groups": [
            _group(view, key, list(group), totals, scale) for key, group in groupby(claims, key=_heading)
        ],
    }


def _heading(claim: Claim) -> str:
    return claim.standing if claim.standing in ("expired", "failed") else claim.confidence


def title(view: View, claims: Sequence[Claim]) -> Phrase:
    """How many claims count in money, and the one that failed."""
    _ = view.gettext
    if len(claims) == 1:
        return view.phrase(_("What the claim rests on"))
    counted = sum(claim.standing == "counted" for claim in claims)
    few = view.printer.few
    if counted == len(claims):
        return view.phrase(_("All {all} claims count in money").format(all=few(counted)))
    text = view.ngettext(
        "{counted} of {all} claims counts in money", "{counted} of {all} claims count in money", counted
    )
    said = view.title(text.format(counted=few(counted), all=few(len(claims))))
    failed = [claim.title for claim in claims if claim.standing == "failed"]
    if len(failed) != 1 or not counted:
        return said
    return view.say(_("{said}; not achieved: {goal}"), said=said, goal=failed[0])


def _is_valued(claims: Sequence[Claim]) -> bool:
    return any(claim.standing == "counted" for claim in claims)


def _measure(view: View, claims: Sequence[Claim]) -> str:
    _ = view.gettext
    if not _is_valued(claims):
        return _("Nothing is counted in money")
    plain = _("Value = stated amount × share; as last stated, not added up over years")
    if any(claim.standing == "twin" for claim in claims):
        return _("{plain}; one benefit counts once").format(plain=plain)
    return plain


# Figures


def _readings(view: View, readings: Sequence[Reading], label: str, goals: Sequence[Goal]) -> str:
    """The goals' values as on the page of goals; the anchor where they stand here first."""
    shown = [in_own_unit(each.value, goal.places) for each, goal in zip(readings, goals, strict=True)]
    return view.series(readings, label, shown)[0]


def _counted(view: View, values: Sequence[tuple[float, Printed] | None], label: str) -> str:
    """A column of figures read from one row of the claims each; its anchor, empty where it has none."""
    anchor = view.register.next_id
    for position, each in enumerate(values):
        if each is not None:
            view.register.of_rows("goals", 1, each[0], each[1], label, anchor, position)
    return anchor if view.register.next_id != anchor else ""


def _change(view: View, claim: Claim) -> tuple[float, Printed] | None:
    """By how much the goal has changed: in points for per cent, else as a share of the baseline, else as it is."""
    goal = claim.goal
    if goal is None or goal.baseline.value is None or goal.now.value is None or goal.state == "unmeasured":
        return None
    base, now = Decimal(repr(goal.baseline.value)), Decimal(repr(goal.now.value))
    difference = now - base
    if goal.unit == "%":
        points = view.printer.points(difference / 100)
        return float(difference), _signed(difference, points)
    if base <= 0:
        digits = grouped(half_up(abs(difference), goal.places))
        return float(difference), _signed(difference, Printed(digits, "", digits))
    share = float(difference / base)
    return share, view.printer.change(share)


def _signed(value: Decimal, printed: Printed) -> Printed:
    sign = MINUS if value < 0 else "+" if value else ""
    return Printed(f"{sign}{printed.number}", printed.unit, f"{sign}{printed.text}")


def _share(view: View, claim: Claim) -> tuple[float, Printed] | None:
    if claim.share is None:
        return None
    is_whole = Decimal(repr(claim.share)) * 100 % 1 == 0
    return claim.share, view.printer.printed(claim.share, "share", decimals=0 if is_whole else 1)


# Rows


def _group(
    view: View, heading: str, claims: Sequence[Claim], totals: Mapping[str, Reading], scale: Amounts
) -> Content:
    """The claims of one class, with what they come to; those that expired or failed under a chip instead."""
    _ = view.gettext
    rows = [_row(view, claim, scale) for claim in claims]
    if heading == "expired":
        return {"chip": "near", "name": _("Expired"), "swatch": None, "total": "", "rows": rows}
    if heading == "failed":
        return {"chip": "missed", "name": _("Not achieved"), "swatch": None, "total": "", "rows": rows}
    name = class_name(view, heading)
    total = totals[heading].value
    return {
        "chip": "",
        "name": name,
        "swatch": value_charts.swatch(heading, view.ink, name),
        "total": scale.printed(total).number if total else "",
        "rows": rows,
    }


def _row(view: View, claim: Claim, scale: Amounts) -> Content:
    goal = claim.goal
    base, now = (_own(goal, part) for part in ("baseline", "now"))
    change, share = _change(view, claim), _share(view, claim)
    return {
        "title": view.phrase(claim.title),
        "unit": view.phrase(goal.unit) if goal is not None else "",
        "baseline": base.number,
        "now": now.number,
        "change": change[1].text if change else UNKNOWN,
        "aim": _aim(view, claim),
        "share": share[1].text if share else UNKNOWN,
        "value": scale.printed(claim.value.value).number
        if claim.standing == "counted"
        else _uncounted(view, claim),
        "is_counted": claim.standing == "counted",
        "method": view.phrase(claim.method or UNKNOWN),
        "proof": view.phrase(proof(view, claim)),
    }


def _own(goal: Goal | None, part: str) -> Printed:
    if goal is None:
        return NOT_KNOWN
    reading: Reading = getattr(goal, part)
    return in_own_unit(reading.value, goal.places)


def _aim(view: View, claim: Claim) -> Phrase | str:
    """The target that a failed claim did not reach."""
    if claim.standing != "failed" or claim.goal is None:
        return ""
    aim = in_own_unit(claim.goal.target.value, claim.goal.places)
    return view.phrase(view.gettext("Target {aim}").format(aim=aim.number))


def _uncounted(view: View, claim: Claim) -> str:
    _ = view.gettext
    return {"twin": _("counted once"), "expired": _("not counted")}.get(claim.standing, _("not in money"))


def proof(view: View, claim: Claim) -> str:
    """The evidence, who confirmed it and when; for what does not count, why."""
    _ = view.gettext
    if claim.standing == "twin":
        return _("Same benefit as “{goal}”").format(goal=claim.twin)
    said = [claim.evidence] if claim.evidence else []
    if claim.standing == "expired" and claim.expired_on is not None:
        return _list(view, [*said, _("expired on {day}").format(day=view.day(claim.expired_on))])
    return _list(view, [*said, _confirmed(view, claim)])


def _confirmed(view: View, claim: Claim) -> str:
    _ = view.gettext
    if claim.confirmed_on is None:
        return (
            _("confirmed by {who}").format(who=claim.confirmed_by)
            if claim.confirmed_by
            else _("not confirmed")
        )
    day = view.day(claim.confirmed_on)
    if not claim.confirmed_by:
        return _("confirmed on {day}").format(day=day)
    return _("confirmed by {who}, {day}").format(who=claim.confirmed_by, day=day)


def _list(view: View, parts: Sequence[str]) -> str:
    return ("，" if view.is_han else ", ").join(parts)
