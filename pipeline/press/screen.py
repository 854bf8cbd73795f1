"""Documents for a screen: one HTML file that needs no other, asks no host for anything and runs no script but its own."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from html import unescape
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from pipeline.errors import RenderError
from pipeline.press.brand import COLOURS, WEIGHTS, Brand
from pipeline.press.figures import Figure
from pipeline.press.pdf import Sheets
from pipeline.press.reports import Report
from pipeline.press.self_check import require_read
from pipeline.press.spells import choice, spell, spells
from pipeline.press.view import View
from pipeline.sections import Content, Section

_TOKENS = (*(name for name in COLOURS if not name.startswith("cover-")), *WEIGHTS, "radius")
_ANCHOR = re.compile(r'\sid="(F\d+)"')
_UNSEEN = re.compile(r"<(head|style|script)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ENDS_A_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def frame(
    view: View,
    figures: Sequence[Figure],
    templates: SandboxedEnvironment,
    report: Report,
    placed: Sequence[Section],
) -> Content:
    """What the document's template places beside its sections: style, script, the policy that allows them, data.

    `placed` are the sections that have something to say.

    RenderError KB-1340 where a style or a script would end before its end.
    """
    brand = view.ink.brand
    title, period = view.gettext(report.title), view.printer.period(view.window.period)
    style = tokens(brand) + source(templates, f"screen/{report.kind}.css")
    script = source(templates, f"screen/{report.kind}.js")
    return {
        "client": view.slice.subject.named(in_han=view.is_han),
        "title": f"{title}　{period}" if view.is_han else f"{title}, {period}",
        "mark": brand.mark,
        "style": whole(style),
        "script": whole(script),
        "policy": policy(style, script),
        "spells": [choice(each) | {"is_own": each.window.name == view.window.name} for each in spells(view)],
        "contents": [
            {"href": each.name.partition("_")[2], "title": view.gettext(each.title)} for each in placed
        ],
        "data": embedded({figure.id: told(view, figure) for figure in figures}),
    }


def tokens(brand: Brand) -> str:
    """The brand's colours, weights and corners as a rule of a style sheet."""
    return ":root {" + "".join(f"--{name}: {brand[name]}; " for name in _TOKENS) + "}\n"


def source(templates: SandboxedEnvironment, name: str) -> str:
    """The text of a file that is no template."""
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[0]


def whole(text: str) -> Markup:
    """A style or script as it stands in its element."""
    if "</" in text or "<!--" in text:
        raise RenderError(
            where="style or script of a dashboard",
            what="holds the sign that ends its element",
            fix="write it without </ and <!--",
            code="KB-1340",
        )
    return Markup(text)  # noqa: S704  # holds nothing that leaves its element


def policy(style: str, script: str) -> str:
    """What the page may do: show this very style and run this very script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def embedded(content: Mapping[str, Any]) -> Markup:
    """Data as JSON that cannot leave its script element."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for sign, escaped in _ENDS_A_SCRIPT.items():
        text = text.replace(sign, escaped)
    return Markup(text)  # noqa: S704  # every sign that HTML knows is escaped


def told(view: View, figure: Figure) -> dict[str, Any]:
    """A figure as the page's script tells of it: what it is, of when, as printed, its target and number of cases."""
    made = {"name": figure.label, "printed": figure.printed.text}
    reading = figure.reading
    if reading is None:
        return made
    made["period"] = spell(view, reading.window, reading.period, reading.from_on)
    if figure.part == "value" and reading.target is not None:
        made["target"] = view.printed(reading, "target").text
    if figure.part == "value" and reading.n:
        made["n"] = view.printed(reading, "n").text
    return made


def require_shown(content: bytes, sidecar: Mapping[str, Any], series: Collection[str] = frozenset()) -> None:
    """Hold a page against its sidecar: what a reader sees of it has every figure. RenderError KB-1324."""
    require_read((visible(content.decode()),), sidecar, series)


def visible(html: str) -> str:
    """The text of a page without its style, its script and its head."""
    return unescape(_TAG.sub(" ", _UNSEEN.sub(" ", html)))


def sheets(html: str) -> Sheets:
    """The document as it is written: one page, on which every figure stands."""
    return Sheets(html.encode(), 1, dict.fromkeys(_ANCHOR.findall(html), 1))
