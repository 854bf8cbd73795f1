"""What a worker process keeps warm, and what it does with one order: a document from one slice, written to disk."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import multiprocessing
import os
import pickle
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from weasyprint import CSS
from weasyprint.text.ffi import pango

from pipeline import fonts, store
from pipeline.catalogue import catalogue
from pipeline.explain import facts_named, facts_of
from pipeline.press.brand import Brand, brand, brands
from pipeline.press.document import draft, environment, press, sidecar
from pipeline.press.edition import Edition, Press
from pipeline.press.languages import language
from pipeline.press.pdf import VARIANT, Engine
from pipeline.press.reports import report_of
from pipeline.press.schedule import Task
from pipeline.press.self_check import require_printed
from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.resources import built_in

_LIBRARIES = ("weasyprint", "pydyf", "tinycss2", "tinyhtml5", "fonttools", "jinja2", "markupsafe", "babel")
_SUBSETTER = "libharfbuzz-subset.so.0"


@dataclass(frozen=True)
class Setup:
    """What every order of a run is made with."""

    workspace: Path
    fonts: Path


@dataclass(frozen=True)
class Known:
    """A document of the run before: its key, and its files with the hashes they must still have."""

    key: str
    path: Path
    sha256: str
    sidecar: Path
    sidecar_sha256: str
    pages: int

    @property
    def is_whole(self) -> bool:
        """Whether both files are what they were."""
        files = ((self.path, self.sha256), (self.sidecar, self.sidecar_sha256))
        return all(path.is_file() and store.sha256_of_file(path) == said for path, said in files)


@dataclass(frozen=True)
class Order:
    """One document to make: from the slice in a file, into `folder`, which stands for the run's folder."""

    setup: Setup
    task: Task
    edition: Edition
    slice_file: Path
    folder: Path
    known: Known | None = None


@dataclass(frozen=True)
class Made:
    """A document that was made, or found unchanged: its entry in the manifest, and how long it took."""

    document: dict[str, Any]
    sidecar_sha256: str
    seconds: float


class Studio:
    """Fonts, style sheets and templates of one workspace, each read once in a process."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._brands: dict[str, Brand] = {}
        self._sheets: dict[tuple[str, str], CSS] = {}
        self._templates: dict[str, SandboxedEnvironment] = {}

    @cached_property
    def engine(self) -> Engine:
        """WeasyPrint with the faces of every brand."""
        weights = {weight for name in self.brand_names for weight in self.brand(name).weights}
        return Engine(fonts.faces(self._setup.fonts), weights, [*brands(self._setup.workspace).values()])

    @property
    def brand_names(self) -> tuple[str, ...]:
        return tuple(sorted(brands(self._setup.workspace)))

    def brand(self, name: str) -> Brand:
        """A brand by name."""
        if name not in self._brands:
            self._brands[name] = brand(name, self._setup.workspace)
        return self._brands[name]

    @cached_property
    def css(self) -> str:
        """The style sheets, the workspace's own before the built-in ones of the same name, in the order of their names."""
        return "\n".join(
            path.read_text(encoding="utf-8") for _, path in sorted(css_files(self._setup.workspace).items())
        )

    def sheet(self, brand_name: str, language_name: str) -> CSS:
        """The style sheet of a brand for a language."""
        key = brand_name, language_name
        if key not in self._sheets:
            self._sheets[key] = self.engine.sheet(self._css_of(*key))
        return self._sheets[key]

    def _css_of(self, brand_name: str, language_name: str) -> str:
        families = ", ".join(f'"{family}"' for family in language(language_name).families)
        return f"{self.brand(brand_name).css}\n:root {{ --family: {families}; }}\n{self.css}"

    def templates(self, language_name: str) -> SandboxedEnvironment:
        """The templates with the texts of a language."""
        if language_name not in self._templates:
            self._templates[language_name] = environment(self._setup.workspace, language_name)
        return self._templates[language_name]

    def press(self, brand_name: str, language_name: str) -> Press:
        """What documents of a brand and language are made with."""
        family = language(language_name).families[0]
        return press(language_name, Ink(self.brand(brand_name), family, self.engine.widths(family)))

    def ingredients(self, brand_name: str, language_name: str) -> str:
        """The hash of all that a document is made with besides its own HTML."""
        faces = sorted((face.family, face.weight, face.sha256) for face in self.engine.faces)
        css = self._css_of(brand_name, language_name)
        return store.sha256_of([css, faces, versions(), VARIANT])


def css_files(workspace: Path) -> dict[str, Path]:
    """The style sheets by name."""
    folders = [built_in("templates", "css"), workspace / "templates" / "css"]
    return {path.name: path for folder in folders if folder.is_dir() for path in folder.glob("*.css")}


@cache
def versions() -> dict[str, str]:
    """The versions of the libraries that decide what a PDF's bytes are."""
    number = int(pango.pango_version())
    found = {name: version(name) for name in _LIBRARIES}
    return found | {
        "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "harfbuzz": _harfbuzz(),
    }


def _harfbuzz() -> str:
    try:
        library = ctypes.CDLL(_SUBSETTER)
    except OSError:  # `doctor` and WeasyPrint's own warning say so
        return "missing"
    library.hb_version_string.restype = ctypes.c_char_p
    return bytes(library.hb_version_string()).decode()


@cache
def studio(setup: Setup) -> Studio:
    """The studio of a setup; one in a process."""
    return Studio(setup)


def warm(setup: Setup, wanted: tuple[tuple[str, str], ...]) -> None:
    """Read fonts, style sheets and templates of these brands and languages before the first document."""
    made = studio(setup)
    for brand_name, language_name in wanted:
        if brand_name in made.brand_names:  # an unknown brand fails the documents that ask for it
            made.sheet(brand_name, language_name)
            made.press(brand_name, language_name)
            made.templates(language_name)
    catalogue()
    if multiprocessing.parent_process() is not None:
        # What a worker has read lives as long as it does. In the first process it would never be given back, and
        # libraries complain of that when the program ends.
        gc.collect()
        gc.freeze()


def fulfil(order: Order) -> Made:
    """Make the order's document, or keep the one of the run before where nothing it is made of has changed."""
    began = monotonic()
    task, made_in = order.task, studio(order.setup)
    subject = _slice_in(order.slice_file)
    drawn = draft(
        report_of(task.kind),
        subject,
        order.edition,
        made_in.press(task.brand, task.language),
        made_in.templates(task.language),
        catalogue(),
        facts_of if task.audience == "client" else facts_named,
    )
    key = drawn.key(made_in.ingredients(task.brand, task.language))
    if order.known is not None and order.known.key == key and order.known.is_whole:
        return _kept(order, order.known, began)
    tongue = language(task.language)
    weights = made_in.brand(task.brand).weights
    sheets = made_in.engine.printed(
        drawn.html, made_in.sheet(task.brand, task.language), tongue.families, weights
    )
    hashed = hashlib.sha256(sheets.content).hexdigest()
    document = _entry(task, key) | {"pages": sheets.pages, "sha256": hashed}
    beside = sidecar(document, drawn.figures, sheets, (task.subject_kind, task.subject_id))
    require_printed(sheets.content, beside)
    target = order.folder / task.path
    store.write_bytes(target, sheets.content)
    store.write_json(target.with_suffix(".json"), beside)
    return Made(
        document | {"state": "made"}, store.sha256_of_file(target.with_suffix(".json")), monotonic() - began
    )


def _slice_in(path: Path) -> Slice:
    with path.open("rb") as stream:
        found = pickle.load(stream)  # noqa: S301  # written by this run a moment ago
    assert isinstance(found, Slice)
    return found


def _entry(task: Task, key: str) -> dict[str, Any]:
    """The task as the manifest and the sidecar name it."""
    said = asdict(task)
    window = said.pop("window")
    return said | {"window": window["name"], "period": window["period"], "format": "pdf", "key": key}


def _kept(order: Order, known: Known, began: float) -> Made:
    target = order.folder / order.task.path
    link(known.path, target)
    link(known.sidecar, target.with_suffix(".json"))
    document = _entry(order.task, known.key) | {
        "pages": known.pages,
        "sha256": known.sha256,
        "state": "unchanged",
    }
    return Made(document, known.sidecar_sha256, monotonic() - began)


def link(source: Path, target: Path) -> None:
    """Put a file in another place without copying it, where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def templates_hash(workspace: Path) -> str:
    """The hash of every template, style sheet, brand and catalogue that documents are made of."""
    roots: Mapping[str, Path] = {
        "built-in": built_in("templates"),
        "templates": workspace / "templates",
        "brands": workspace / "brands",
    }
    return store.sha256_of(
        {name: store.hashes(store.files_below(root), root) for name, root in roots.items() if root.is_dir()}
    )
