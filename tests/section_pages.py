"""Some sections of a client's report made from a slice, as HTML and as what a reader reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalogue import catalogue
from pipeline.fonts import faces
from pipeline.press import document
from pipeline.press.brand import brand
from pipeline.press.figures import Figure
from pipeline.press.reports import REPORTS, Report
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.press.typeset import Face
from tests import portraits

_NOWHERE = Path("/nowhere")
_TAG, _SVG = re.compile(r"<[^>]+>"), re.compile(r"<svg.*?</svg>", re.DOTALL)
_BLOCK = re.compile(r"</(?:p|h1|h2|h3|tr|div|title)>")
_CELL = re.compile(r"</t[dh]>|<br>")


@dataclass(frozen=True)
class Page:
    """Sections of a document: the HTML, the figures, and the text, a block a line and drawings by their titles."""

    html: str
    figures: tuple[Figure, ...]

    @property
    def text(self) -> str:
        titles = _SVG.sub(
            lambda found: f"[{found[0].partition('<title>')[2].partition('</title>')[0]}]</p>", self.html
        )
        lines = (_TAG.sub("", _BLOCK.sub("\n", _CELL.sub(" ", line))) for line in titles.split("\n"))
        return "\n".join(line.strip() for line in "\n".join(lines).split("\n") if line.strip()) + "\n"

    def printed(self, label: str) -> list[str]:
        """What the figures of that label print, in order."""
        return [figure.printed.text for figure in self.figures if figure.label == label]


def inks(installed_fonts: Path) -> dict[str, Ink]:
    """The inks of both brands, with the widths of the real faces."""
    widths = {
        face.weight: Face(face.path) for face in faces(installed_fonts) if face.family == "Noto Sans SC"
    }
    return {name: Ink(brand(name, _NOWHERE), "Noto Sans SC", widths) for name in ("industrial", "warm")}


def page(
    subject: Slice, ink: Ink, language: str = "zh-Hans", sections: tuple[str, ...] = ("goals", "value")
) -> Page:
    """These sections of the client's quarterly report."""
    report = Report("value_report", REPORTS["value_report"].title, "client", "customer", sections)
    made = document.draft(
        report,
        subject,
        portraits.edition(),
        document.press(language, ink),
        document.environment(_NOWHERE, language),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": 3}],
    )
    return Page(made.html, made.figures)


def present(subject: Slice) -> tuple[str, ...]:
    """Which of the sections about goals and value the report would hold."""
    report = Report("value_report", "x", "client", "customer", ("goals", "value"))
    return tuple(each.name for each in document.present(report, subject, portraits.edition()))
