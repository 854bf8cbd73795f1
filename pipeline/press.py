"""What a worker does with one document: draft it, compare its key with the last one's, print it, list its figures."""

from __future__ import annotations

import gc
import shutil
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from weasyprint import CSS

from pipeline import brand as brands
from pipeline import document, store
from pipeline.catalogue import catalogue
from pipeline.explain import facts_of
from pipeline.fonts import faces
from pipeline.languages import Language, language
from pipeline.pdf import VARIANT, Engine
from pipeline.periods import Period
from pipeline.resources import built_in, code_hash
from pipeline.schedule import Task
from pipeline.settings import Settings
from pipeline.slices import Slice
from pipeline.svg import Ink
from pipeline.view import Edition, Press

LIBRARIES = (
    "weasyprint",
    "jinja2",
    "babel",
    "fonttools",
    "pydyf",
    "tinycss2",
    "tinyhtml5",
    "pyphen",
    "pikepdf",
)
"""Whose versions a document's bytes depend on."""


@dataclass(frozen=True)
class Shop:
    """What documents of a run are made with: the same for every worker."""

    workspace: Path
    fonts: Path
    run: Path
    target: Path
    settings: Settings
    period: Period
    late_days: int
    brands: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """One document to make: its task, its customer's slice, and the last one's key and hash where there is one."""

    task: Task
    subject: Slice
    last_key: str = ""
    last_sha256: str = ""


@dataclass
class _Bench:
    """What a worker has warmed up; fonts and style sheets take longer than a document."""

    shop: Shop
    engine: Engine
    ingredients: str
    sheets: dict[tuple[str, str], CSS] = field(default_factory=dict)
    presses: dict[tuple[str, str], Press] = field(default_factory=dict)
    templates: dict[str, SandboxedEnvironment] = field(default_factory=dict)


_BENCHES: list[_Bench] = []


def begin(shop: Shop) -> None:
    """Warm a worker up: fonts are read once, what lives for good is kept out of the collector's way."""
    weights = {weight for name in shop.brands for weight in brands.brand(name, shop.workspace).weights}
    families = {family for name in shop.languages for family in language(name).families}
    own = [face for face in faces(shop.fonts) if face.family in families]
    _BENCHES[:] = [_Bench(shop, Engine(own, weights, _folders(shop)), ingredients(shop))]
    gc.collect()
    gc.freeze()


def _folders(shop: Shop) -> list[Path]:
    return [brands.brands(shop.workspace)[name] for name in shop.brands]


def ingredients(shop: Shop) -> str:
    """The hash of what every document is made with: templates, style sheets, brands, fonts, code, libraries."""
    roots = [built_in("templates"), shop.workspace / "templates", shop.workspace / "brands"]
    files = {
        f"{number}/{name}": sha256
        for number, root in enumerate(roots)
        if root.is_dir()
        for name, sha256 in store.hashes(store.files_below(root), root).items()
    }
    fonts = [(face.family, face.weight, face.sha256) for face in faces(shop.fonts)]
    return store.sha256_of([code_hash(), files, fonts, [version(name) for name in LIBRARIES], VARIANT])


def made(order: Order) -> dict[str, Any]:
    """Make a document: its manifest entry, or `{"nothing": True}` where there is nothing to report.

    The PDF and its list of figures are written below the target folder. Where the key is the last one's and its
    file is still what it was, the file is taken over as it is.
    """
    bench = _BENCHES[0]
    task, subject = order.task, order.subject
    report, edition = document.report_of(task.kind), _edition(task, bench.shop)
    if not document.present(report, subject, edition):
        return {"nothing": True}
    press, templates = _press(bench, task), _templates(bench, task.language)
    drafted = document.draft(report, subject, edition, press, templates, catalogue(), facts_of)
    key = drafted.key(store.sha256_of([bench.ingredients, task.identity]))
    target = bench.shop.target / task.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if key == order.last_key and _taken_over(bench.shop.run / task.path, target, order.last_sha256):
        return {"key": key, "sha256": order.last_sha256, "state": "unchanged"}
    speech = language(task.language)
    tokens = brands.brand(task.brand, bench.shop.workspace)
    sheets = bench.engine.printed(drafted.html, _sheet(bench, task, speech), speech.families, tokens.weights)
    target.write_bytes(sheets.content)
    entry = {"key": key, "sha256": store.sha256_of_file(target), "pages": sheets.pages, "state": "made"}
    listed = {**task.identity, **{name: entry[name] for name in ("sha256", "pages", "key")}}
    store.write_json(
        target.with_suffix(".json"),
        document.sidecar(listed, drafted.figures, sheets, (task.subject_kind, task.subject_id)),
    )
    return entry


def _taken_over(last: Path, target: Path, sha256: str) -> bool:
    """Whether the last document and its list of figures could be taken over, untouched."""
    figures = last.with_suffix(".json")
    if not last.is_file() or not figures.is_file() or store.sha256_of_file(last) != sha256:
        return False
    shutil.copyfile(last, target)
    shutil.copyfile(figures, target.with_suffix(".json"))
    return True


def _edition(task: Task, shop: Shop) -> Edition:
    company = shop.settings.company
    named = company.name if language(task.language).is_han else company.name_en or company.name
    return Edition(
        task.kind, task.window, shop.period, task.edition, named, shop.settings.sales.basis, company.time_zone,
        shop.late_days,
    )  # fmt: skip


def _press(bench: _Bench, task: Task) -> Press:
    key = (task.brand, task.language)
    if key not in bench.presses:
        family = language(task.language).families[0]
        ink = Ink(brands.brand(task.brand, bench.shop.workspace), family, bench.engine.widths(family))
        bench.presses[key] = document.press(task.language, ink)
    return bench.presses[key]


def _templates(bench: _Bench, name: str) -> SandboxedEnvironment:
    if name not in bench.templates:
        bench.templates[name] = document.environment(bench.shop.workspace, name)
    return bench.templates[name]


def _sheet(bench: _Bench, task: Task, speech: Language) -> CSS:
    key = (task.brand, task.language)
    if key not in bench.sheets:
        css = style_sheet(
            brands.brand(task.brand, bench.shop.workspace).css, speech.families, bench.shop.workspace
        )
        bench.sheets[key] = bench.engine.sheet(css)
    return bench.sheets[key]


def style_sheet(tokens: str, families: Sequence[str], workspace: Path) -> str:
    """The brand's tokens, the language's typefaces, then the layout; a workspace's sheet of a name comes instead."""
    listed = ",".join(f'"{family}"' for family in families)
    sheets = {path.name: path for path in built_in("templates", "css").glob("*.css")}
    sheets |= {path.name: path for path in (workspace / "templates" / "css").glob("*.css")}
    layout = "".join(path.read_text(encoding="utf-8") for _, path in sorted(sheets.items()))
    return f"{tokens}:root{{--family:{listed}}}{layout}"


def failure(error: BaseException) -> Mapping[str, str]:
    """What is said of a document that failed: code and message, for a fault of ours its kind and place."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        return {"code": code, "error": str(error)}
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"code": "KB-1399", "error": f"{type(error).__name__}{place}"}
