"""Joint projects and revenue sharing: what was done together, what it brought, and how it is shared."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press.excerpts import excerpt
from pipeline.press.printing import half_up
from pipeline.press.statements import column, exact
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 8
_NAME_WIDTH, _RESULT_WIDTH = 57 * MM, 55 * MM
_ORDER = {"running": 0, "planned": 1, "done": 2}


@section(
    title=N_("Joint projects"),
    audience="client",
    metrics=("joint_projects", "projects_finished", "project_revenue", "project_share_rate"),
    tables=("joint_projects",),
)
def joint_projects(view: View) -> Content | None:
    """The projects and the statement of shared revenue; None where there has been no project."""
    rows = told(view)
    if rows.empty:
        return None
    return {
        "headline": view.headline(*headlines(view, rows)),
        "lead": view.lead(lead(view, rows)),
        "projects": project_table(view, rows),
        "shares": share_table(view, rows),
    }


def told(view: View) -> pd.DataFrame:
    """The projects that were not dropped: running ones, those planned, those done; the latest first."""
    rows = view.rows("joint_projects")
    if rows.empty:
        return rows
    kept = rows[rows["state"] != "dropped"]
    return (
        kept.assign(order=kept["state"].map(_ORDER))
        .sort_values(["order", "starts_on", "project_id"], ascending=[True, False, True], kind="stable")
        .reset_index(drop=True)
    )


def headlines(view: View, rows: pd.DataFrame) -> list[Phrase]:
    """How many projects are under way or done, and what they brought."""
    _ = view.gettext
    running, done = (int((rows["state"] == state).sum()) for state in ("running", "done"))
    said = []
    if running:
        text = view.ngettext("{n} joint project under way", "{n} joint projects under way", running)
        said.append(text.format(n=view.printer.few(running)))
    if done:
        text = _("{n} completed")
        whole = view.ngettext("{n} joint project completed", "{n} joint projects completed", done)
        said.append((text if running else whole).format(n=view.printer.few(done)))
    if not said:
        text = view.ngettext("{n} joint project planned", "{n} joint projects planned", len(rows))
        said.append(text.format(n=view.printer.few(len(rows))))
    return [view.title(_(", ").join(said))]


def lead(view: View, rows: pd.DataFrame) -> Phrase:
    """What the projects brought to date, and what of it is shared by agreement."""
    _ = view.gettext
    revenue, rate = view.reading("project_revenue"), view.reading("project_share_rate")
    said: list[Phrase | None] = []
    if revenue.value:
        said.append(view.say(_("Revenue to date: {amount}."), amount=view.figure(revenue)))
    if rate.is_known:
        said.append(view.say(_("Our agreed share of what is divided is {share}."), share=view.figure(rate)))
    if not said:
        said.append(view.phrase(_("None of them is meant to bring revenue, or none has come in yet.")))
    ended = view.reading("projects_finished")
    if ended.value:
        said.append(view.say(_("{n} ended {this}."), n=view.figure(ended), this=view.this()))
    del rows
    return view.joined(*said)


def project_table(view: View, rows: pd.DataFrame) -> Content:
    """What each project is, its span, its state and its result."""
    _ = view.gettext
    shown = rows.head(_MOST)
    left = len(rows) - len(shown)
    more = view.ngettext("{n} older one is not listed", "{n} older ones are not listed", left).format(n=left)
    plain = _("To date; results as both sides noted them")
    return {
        "title": view.phrase(_("What we did together")),
        "measure": view.phrase(f"{plain}{_('; ')}{more}" if left else plain),
        "rows": [_project(view, row) for row in shown.to_dict("records")],
    }


def _project(view: View, row: Mapping[Hashable, Any]) -> Content:
    _ = view.gettext
    states = {"running": _("Under way"), "planned": _("Planned"), "done": _("Completed")}
    result = row["result"]
    return {
        "name": _named(view, row),
        "kind": kind_name(view, row["kind"]),
        "span": _span(view, row),
        "result": view.phrase(
            excerpt(result, _RESULT_WIDTH, 2, view.ink) if isinstance(result, str) else "–"
        ),
        "state": states[str(row["state"])],
    }


def _named(view: View, row: Mapping[Hashable, Any]) -> Phrase:
    name = row["name"] if isinstance(row["name"], str) and row["name"] else str(row["project_id"])
    return view.phrase(excerpt(name, _NAME_WIDTH, 2, view.ink))


def kind_name(view: View, kind: object) -> str:
    """What kind of project it is; one that is not known stands for itself."""
    _ = view.gettext
    names = {
        "innovation": _("Joint development"),
        "event": _("Event"),
        "paper": _("Paper"),
        "platform": _("Shared platform"),
        "case": _("Public case"),
    }
    if not isinstance(kind, str):
        return "–"
    return names.get(kind) or excerpt(kind, 24 * MM, 1, view.ink)


def _span(view: View, row: Mapping[Hashable, Any]) -> Phrase:
    first, last = row["starts_on"], row["ends_on"]
    begins = "" if pd.isna(first) else view.printer.month(pd.Timestamp(first).date())
    ends = "" if pd.isna(last) else view.printer.month(pd.Timestamp(last).date())
    if not begins and not ends:
        return view.phrase("–")
    return view.phrase(begins if begins == ends else f"{begins}–{ends}")


def share_table(view: View, rows: pd.DataFrame) -> Content | None:
    """The statement of shared revenue: what came in, by which share, and what is whose; None where nothing is shared."""
    _ = view.gettext
    shared = rows[rows["revenue_amount"].notna() & rows["shared_pct"].notna()].head(_MOST)
    if shared.empty:
        return None
    codes = [str(each) for each in shared["currency"]]
    unit = view.printer.currency(codes[0]) if len(set(codes)) == 1 else ""
    whole = [half_up(Decimal(int(each)) / SCALE, 2) for each in shared["revenue_amount"]]
    ours = [
        half_up(Decimal(int(each)) / SCALE, 2) for each in shared["our_amount"]
    ]  # to the cent, then the rest
    yours = [all_ - own for all_, own in zip(whole, ours, strict=True)]
    heads, columns = [], []
    for name, amounts in ((_("Revenue"), whole), (_("Our part"), ours), (_("Your part"), yours)):
        printed = [exact(each, "" if unit else code) for each, code in zip(amounts, codes, strict=True)]
        anchor, _figures = column(view, "joint_projects", list(amounts), printed, name)
        heads.append({"name": f"{name} {unit}".strip(), "anchor": anchor})
        columns.append(printed)
    return {
        "title": shares_title(view, sum(yours, Decimal(0)), unit),
        "measure": view.phrase(_("To date, by the share agreed in the contract or for the project")),
        "heads": heads,
        "rows": [
            {
                "name": _named(view, row),
                "share": view.printer.printed(int(row["shared_pct"]) / SCALE, "share").text,
                "amounts": [each[at].text for each in columns],
            }
            for at, row in enumerate(shared.to_dict("records"))
        ],
    }


def shares_title(view: View, yours: Decimal, unit: str) -> Phrase:
    """What of the revenue is the client's; in several currencies that it is shared."""
    _ = view.gettext
    if not unit or not yours:
        return view.phrase(_("How the revenue is shared"))
    amount = view.printer.money(float(yours), view.slice.currency).text
    return view.phrase(_("{amount} of the revenue is yours").format(amount=amount))
