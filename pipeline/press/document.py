"""A document: its sections made from one customer's slice, placed by their templates, printed, and its figures listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from pipeline import store
from pipeline.errors import RenderError
from pipeline.press import screen
from pipeline.press.edition import Edition, Press
from pipeline.press.figures import FactsOf, Figure, Register, as_json
from pipeline.press.languages import catalogue as texts_of
from pipeline.press.languages import language
from pipeline.press.pdf import Sheets
from pipeline.press.printing import Printer
from pipeline.press.reports import Report, sections_of
from pipeline.press.slices import Reading, Slice
from pipeline.press.svg import Ink
from pipeline.press.versions import edition_name
from pipeline.press.versions import status as status_of
from pipeline.press.view import View, view_of
from pipeline.resources import built_in
from pipeline.sections import Section


def environment(workspace: Path, language_name: str) -> SandboxedEnvironment:
    """The templates, the workspace's own before the built-in ones, with the texts of a language."""
    folders = [workspace / "templates", built_in("templates")]
    made = SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders if folder.is_dir()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(texts_of(language_name), newstyle=False)  # type: ignore[attr-defined]
    return made


def press(language_name: str, ink: Ink) -> Press:
    """What documents of a language are made with, in a brand's ink."""
    texts = texts_of(language_name)
    return Press(language(language_name), Printer(language_name), texts.ugettext, texts.ungettext, ink)


@dataclass(frozen=True)
class Draft:
    """A document before it is printed: its HTML and the figures that it holds."""

    html: str
    figures: tuple[Figure, ...]

    def key(self, ingredients: str) -> str:
        """What the printed document depends on: what it says, and what it is made with."""
        facts = [(figure.id, figure.facts) for figure in self.figures]
        return store.sha256_of([self.html, facts, ingredients])


def present(report: Report, subject: Slice, edition: Edition) -> tuple[Section, ...]:
    """The sections that the document will hold; none at all where no section has evidence.

    A section has evidence where one of its metrics tells something in the document's window.
    """
    until, name = edition.window.until_on, edition.window.name
    known = {
        (each.metric, each.window) for each in subject.readings if each.until_on == until and _tells(each)
    }
    sections = [
        each
        for each in sections_of(report, edition.edition, edition.window.name)
        if each.name not in subject.withheld
    ]
    told = [
        each
        for each in sections
        if known & {_asked(evidence, name) for evidence in each.evidence}
        or any(len(subject.tables.get(table, ())) for table in each.evidence_tables)
    ]
    return tuple(each for each in sections if not each.evidence or each in told) if told else ()


def _tells(reading: Reading) -> bool:
    """Whether a reading tells something: it is known, and more than that nothing was sold or counted."""
    if reading.unit in ("money", "count", "quantity"):
        return reading.is_known and (reading.value != 0 or reading.target is not None)
    return reading.is_known


def _asked(evidence: str, window: str) -> tuple[str, str]:
    """The metric and the window that a section's evidence names."""
    metric, _, named = evidence.partition("@")
    return metric, named or window


def draft(
    report: Report,
    subject: Slice,
    edition: Edition,
    made_with: Press,
    templates: SandboxedEnvironment,
    metrics: Mapping[str, Any],
    facts_of: FactsOf,
) -> Draft:
    """The document as HTML. Its sections are made in order, so that figures are numbered as they are read."""
    register = Register(facts_of, subject.tables)
    chosen = present(report, subject, edition)
    names = tuple(section.name for section in chosen)
    views = [view_of(each, subject, edition, made_with, register, metrics, names) for each in chosen]
    parts: list[Markup] = []
    placed: list[Section] = []
    for view in views:
        part = _section_html(
            view, len(parts), templates
        )  # numbered as they are placed: one may have nothing to say
        if part is not None:
            parts.append(part)
            placed.append(view.section)
    document = templates.get_template(f"documents/{report.kind}.html")
    frame: dict[str, Any] = {**_frame(report, views[0])}
    if report.format == "html":
        frame["screen"] = screen.frame(views[0], register.all(), templates, report, placed)
    html = document.render(sections=parts, **frame)
    return Draft(html, register.all())


def _section_html(view: View, place: int, templates: SandboxedEnvironment) -> Markup | None:
    content = view.section.build(view)
    if content is None:
        return None
    words = _page_words(view)
    heading = {"place": str(place), "title": view.gettext(view.section.title)}
    template = templates.get_template(f"sections/{view.section.name}.html")
    return Markup(template.render(**heading | words | content))  # noqa: S704  # the template has escaped it


def _page_words(view: View) -> dict[str, str]:
    """What stands before and after a page number in a sentence."""
    before, _, after = view.gettext("page {number}").partition("{number}")
    return {"before_page": before, "after_page": after}


def _frame(report: Report, view: View) -> dict[str, str]:
    """What the document says of itself: metadata, running head and foot."""
    _ = view.gettext
    title = _(report.title)
    name = view.slice.subject.named(in_han=view.is_han)
    period = view.printer.period(view.window.period)
    is_named = view.is_han or view.window.name not in ("quarter", "half")  # a month keeps its capital
    inline = period if is_named else period[:1].lower() + period[1:]
    last = view.printer.day(view.window.until_on - timedelta(days=1))
    status = _("final") if view.window.until_on.day == 1 else _("interim")
    said = {
        "language": view.press.language.name,
        "audience": report.audience,
        "form": "short" if view.section.name == "masthead" else "",
        "title": _("{title}: {client}, {period}").format(title=title, client=name, period=inline),
        "company": view.edition.company,
        "description": _("{client}, {period}").format(client=name, period=inline),
    }
    if report.audience == "client":
        foot = _("{title} – {status}, {edition}, data to {day}")
        foot = foot.format(title=title, status=status_of(view), edition=_in_foot(view), day=last)
        return said | {"head": view.edition.company, "beside": said["description"], "foot": foot}
    # The head of an internal page names no client: it may lie open on a desk.
    foot = _("{title} – {status}, data to {day}").format(title=title, status=status, day=last)
    if report.audience_of(view.edition.edition) == "restricted":
        head = _("Restricted – for the manager, the lead and finance only")
        said["audience"] = "internal restricted"  # set like internal pages
    else:
        head = _("Internal – not to be passed on")
    return said | {"head": head, "beside": view.edition.company, "foot": foot}


def _in_foot(view: View) -> str:
    """The edition's name within a sentence."""
    name = edition_name(view.gettext, view.edition)
    return name if view.is_han else name[:1].lower() + name[1:]


def sidecar(
    document: Mapping[str, Any], figures: Sequence[Figure], sheets: Sheets, subject: tuple[str, str]
) -> dict[str, Any]:
    """What stands beside the document: every figure, the page it is printed on, and what it was made of.

    RenderError KB-1322 where a figure was made but is printed nowhere.
    """
    for figure in figures:
        if figure.anchor not in sheets.page_of:
            raise RenderError(
                where=f"figure {figure.id} ({figure.label})",
                what="is printed nowhere",
                fix="place it in the section's template, or do not ask the view for it",
                code="KB-1322",
            )
    listed = [as_json(figure, sheets.page_of[figure.anchor], subject) for figure in figures]
    return {"schema": 1, "document": dict(document), "figures": listed}
