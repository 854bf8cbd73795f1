"""`index.html`: a run at a glance, for the people who made it. It opens from disk and asks no host for anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline import pages, store
from pipeline.context import Context
from pipeline.gate.findings import Finding
from pipeline.gate.grouping import grouped
from pipeline.gate.wording import said, severity_names, table_name, whys
from pipeline.press.languages import catalogue, language
from pipeline.press.reports import REPORTS
from pipeline.press.run_lines import STATES, Gettext, Line, Names, lines_of
from pipeline.press.run_movements import Movement, in_words, movements_of
from pipeline.press.tables import AUDIENCES

NAME = "index.html"
FINDINGS = 6
"""How many findings the page shows; the others are on the quality page."""
_SUBJECT_FILES = (
    ("customer", "facts/customers.parquet"),
    ("manager", "tables/managers.parquet"),
    ("team", "tables/teams.parquet"),
    ("account", "tables/accounts.parquet"),
)
Plural = Callable[[str, str, int], str]


@dataclass(frozen=True)
class Around:
    """What the page shows beside the manifest. `movements` is None where the run knows no classes."""

    names: Names
    findings: Sequence[Finding] = ()
    movements: Sequence[Movement] | None = None
    since: str = ""
    """The period of the window in which customers moved."""


def write_index(context: Context, manifest: Mapping[str, Any]) -> None:
    """Write the page beside the manifest that it shows."""
    tongue = pages.language_of(context.settings.documents)
    movements, since = movements_of(context)
    found = store.read_json(context.run / "quality" / "findings.json")
    around = Around(names_of(context.run, in_han=language(tongue).is_han), found, movements, since)
    made = page(context.settings.company.name, manifest, around, tongue)
    store.write_bytes(context.run / NAME, made.encode())


def names_of(run: Path, *, in_han: bool) -> dict[tuple[str, str], str]:
    """The names of all subjects that can have a document, by kind and id."""
    return {
        (kind, row[f"{kind}_id"]): (row["name"] if in_han else row.get("name_en") or row["name"])
        for kind, path in _SUBJECT_FILES
        for row in _rows(run / path, [f"{kind}_id", "name", "name_en"])
        if row[f"{kind}_id"] and row["name"]
    }


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    there = set(pq.read_schema(path).names)
    rows: list[dict[str, Any]] = pq.read_table(
        path, columns=[*filter(there.__contains__, columns)]
    ).to_pylist()
    return rows


def page(company: str, manifest: Mapping[str, Any], around: Around, tongue: str) -> str:
    """The page as HTML, in a language."""
    texts = catalogue(tongue)
    _, ngettext = texts.ugettext, texts.ungettext
    names = {**around.names, ("portfolio", "all"): _("All customers")}
    lines = lines_of(_, manifest, names, whys(around.findings, tongue))
    content = {
        "company": company,
        "period": manifest["period"],
        "headline": _headline(_, ngettext, Counter(each.state for each in lines), tongue),
        "lead": _("Data up to {day}.").format(day=pages.day(manifest["as_of"], tongue)),
        "figures": _figures(_, lines),
        "groups": _groups(_, ngettext, lines),
        "choices": _choices(_, lines),
        "movements": None
        if around.movements is None
        else [in_words(_, each, names) for each in around.movements],
        "movements_note": _("{period}, first day against last; those that went down come first.").format(
            period=pages.period(around.since, tongue)
        ),
        **_findings(_, around.findings, manifest["findings"], tongue),
        **_inputs(_, manifest),
    }
    return pages.page(NAME, tongue, content)


def _headline(_: Gettext, ngettext: Plural, counts: Counter[str], tongue: str) -> str:
    """What came of the run, in a sentence."""
    made = counts["made"] + counts["unchanged"] + counts["partial"]
    if not counts:
        return _("No document was due")
    told = [ngettext("{n} document is ready", "{n} documents are ready", made).format(n=made)]
    if counts["withheld"]:
        told.append(ngettext("{n} is withheld", "{n} are withheld", counts["withheld"]))
        told[-1] = told[-1].format(n=counts["withheld"])
    if counts["failed"]:
        told.append(ngettext("{n} has failed", "{n} have failed", counts["failed"]))
        told[-1] = told[-1].format(n=counts["failed"])
    return ("，" if language(tongue).is_han else ", ").join(told)


def _state_names(_: Gettext) -> dict[str, str]:
    return {
        "failed": _("Failed"),
        "withheld": _("Withheld"),
        "partial": _("Made in part"),
        "made": _("Made now"),
        "unchanged": _("Unchanged"),
    }


def _figures(_: Gettext, lines: Sequence[Line]) -> list[dict[str, Any]]:
    counts, names = Counter(line.state for line in lines), _state_names(_)
    notes = {
        "made": _("new or changed in this run"),
        "unchanged": _("the same bytes as before"),
        "partial": _("a section was left out"),
        "withheld": _("not to be sent, or nothing to say"),
        "failed": _("mend and run once more"),
    }
    return [
        {
            "number": counts[state],
            "label": names[state],
            "note": notes[state],
            "href": f"#state={state}" if counts[state] else "",
            "is_bad": state == "failed",
        }
        for state in notes
    ]


def _groups(_: Gettext, ngettext: Plural, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What needs a person, then the documents of each audience."""
    titles = {
        "look": (_("Needs a look"), _("failed, withheld, or made without a section")),
        "client": (_("For clients"), _("to be approved, then sent")),
        "internal": (_("Internal"), _("for our own people only")),
        "restricted": (_("Restricted"), _("for the manager, their lead and finance only")),
    }
    sorts = groupby(lines, key=lambda line: "look" if line.needs_a_look else line.audience)
    found = [(key, list(members)) for key, members in sorts]
    return [
        {
            "key": key,
            "title": titles[key][0],
            "note": ngettext("{n} document, {note}", "{n} documents, {note}", len(members)).format(
                n=len(members), note=titles[key][1]
            ),
            "lines": [_placed(_, ngettext, line) for line in members],
        }
        for key, members in found
    ]


def _placed(_: Gettext, ngettext: Plural, line: Line) -> dict[str, Any]:
    return {
        **vars(line),
        "shown_id": ""
        if line.name == line.subject_id or line.subject_kind == "portfolio"
        else line.subject_id,
        "json": line.json,
        "format": line.format,
        "pages_text": ngettext("{n} page", "{n} pages", line.pages or 0).format(n=line.pages),
        "kind_name": _kind(_, line.kind),
        "audience_name": _audiences(_)[line.audience],
        "state_name": _state_names(_)[line.state],
        "language_name": _tongue(line.language),
    }


def _kind(_: Gettext, kind: str) -> str:
    return _(REPORTS[kind].title) if kind in REPORTS else pages.in_words(kind)


def _audiences(_: Gettext) -> dict[str, str]:
    return {"client": _("Client"), "internal": _("Internal"), "restricted": _("Restricted")}


def _subjects(_: Gettext) -> dict[str, str]:
    return {
        "customer": _("Clients"),
        "account": _("Accounts"),
        "manager": _("Managers"),
        "team": _("Teams"),
        "region": _("Regions"),
        "industry": _("Industries"),
        "product": _("Products"),
        "portfolio": _("Portfolio"),
    }


def _tongue(name: str) -> str:
    """A language's name in that language."""
    return language(name).called


def _choices(_: Gettext, lines: Iterable[Line]) -> dict[str, list[tuple[str, str]]]:
    """What the filter offers: only what there is."""
    told = list(lines)
    kinds = sorted({line.kind for line in told}, key=lambda kind: [*REPORTS, kind].index(kind))
    offered = {
        "state": ([state for state in STATES if any(each.state == state for each in told)], _state_names(_)),
        "kind": (kinds, {kind: _kind(_, kind) for kind in kinds}),
        "audience": ([name for name in AUDIENCES if any(each.audience == name for each in told)], _audiences(_)),
        "subject": (sorted({each.subject_kind for each in told}), _subjects(_)),
        "language": (sorted({each.language for each in told}), {each.language: _tongue(each.language) for each in told}),
    }  # fmt: skip
    return {key: [(value, names[value]) for value in values] for key, (values, names) in offered.items()}


def _findings(
    _: Gettext, findings: Sequence[Finding], counts: Mapping[str, int], tongue: str
) -> dict[str, Any]:
    """The gravest findings of the gate, one line a truth, and how many there are of each severity."""
    severities = severity_names(_)
    worst = sorted(grouped(findings), key=lambda each: list(severities).index(each["severity"]))
    note = _("{critical} critical, {warning} warnings, {info} for information.").format(**counts)
    shown = [
        {
            **each,
            "severity_name": severities[each["severity"]],
            "table_name": table_name(_, each["table"]),
            "text": said(each, tongue),
        }
        for each in worst[:FINDINGS]
    ]
    return {"findings": shown, "findings_note": note}


def _inputs(_: Gettext, manifest: Mapping[str, Any]) -> dict[str, Any]:
    inputs = [
        {
            **each,
            "href": f"raw/{each['path']}",
            "rows": f"{each['rows']:,}",
            "size": f"{each['bytes'] / 1000:,.0f}",
        }
        for each in manifest["inputs"]
    ]
    note = _("{n} files with {rows} rows").format(
        n=len(inputs), rows=f"{sum(each['rows'] for each in manifest['inputs']):,}"
    )
    versions = " ".join(
        f"{name} {manifest['versions'][name]}" for name in ("kambook", "python", "weasyprint")
    )
    return {"inputs": inputs, "inputs_note": note, "made_with": versions}
