"""What a worker process keeps warm, and what it does with one order: a document from one slice, written to disk."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import multiprocessing
import os
import pickle
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
from pipeline.evidence.counts import facts_named, facts_of
from pipeline.press import own_data, screen
from pipeline.press.brand import Brand, brand, brands
from pipeline.press.document import Draft, draft, environment, press, sidecar
from pipeline.press.edition import Edition, Press
from pipeline.press.figures import Figure
from pipeline.press.languages import language
from pipeline.press.logo import LOGOS, logo_in
from pipeline.press.pdf import VARIANT, Engine, Sheets
from pipeline.press.printable import printable, shown
from pipeline.press.reports import FULL, report_of
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
    attached: tuple[tuple[Path, str], ...] = ()
    """The client's own data beside it, with their hashes."""

    @property
    def is_whole(self) -> bool:
        """Whether all its files are what they were."""
        files = ((self.path, self.sha256), (self.sidecar, self.sidecar_sha256), *self.attached)
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
        families = language(language_name).families
        return press(
            language_name, Ink(self.brand(brand_name), ", ".join(families), self.engine.widths(families))
        )

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
    pressed = made_in.press(task.brand, task.language)
    told = _slice_in(order.slice_file)
    subject = printable(told, pressed.ink)
    drawn = draft(
        report_of(task.kind),
        subject,
        _with_logo(order, shown(order.edition, pressed.ink)),
        pressed,
        made_in.templates(task.language),
        catalogue(),
        facts_of if task.subject_kind == "customer" and task.audience == "client" else facts_named,
    )
    data = _own_data(task, told, drawn.figures, pressed)
    key = _with_data(drawn.key(made_in.ingredients(task.brand, task.language)), data)
    attached = _attached(order, data)
    if order.known is not None and order.known.key == key and order.known.is_whole:
        return _kept(order, order.known, began, attached)
    sheets = _sheets(made_in, task, drawn.html)
    hashed = hashlib.sha256(sheets.content).hexdigest()
    document = _entry(task, key) | {"pages": sheets.pages, "sha256": hashed} | attached
    beside = sidecar(document, drawn.figures, sheets, (task.subject_kind, task.subject_id))
    _require_figures(task, sheets.content, beside, drawn)
    target = order.folder / task.path
    store.write_bytes(target, sheets.content)
    store.write_json(target.with_suffix(".json"), beside)
    _guard(task, target)
    return Made(
        document | {"state": "made"}, store.sha256_of_file(target.with_suffix(".json")), monotonic() - began
    )


def _with_logo(order: Order, edition: Edition) -> Edition:
    """The edition, in a client's document with the client's logo where the workspace has one."""
    task = order.task
    if task.audience != "client" or task.subject_kind != "customer":
        return edition
    return replace(edition, client_logo=logo_in(order.setup.workspace / LOGOS, task.subject_id))


def _sheets(made_in: Studio, task: Task, html: str) -> Sheets:
    """The document as it is written: HTML for a screen as it is, everything else printed."""
    if report_of(task.kind).format == "html":
        return screen.sheets(html)
    families, weights = language(task.language).families, made_in.brand(task.brand).weights
    return made_in.engine.printed(html, made_in.sheet(task.brand, task.language), families, weights)


def _require_figures(task: Task, content: bytes, beside: Mapping[str, Any], drawn: Draft) -> None:
    """The last look at the finished document: whether a reader finds every figure of its sidecar."""
    require = screen.require_shown if report_of(task.kind).format == "html" else require_printed
    require(content, beside, {each.id for each in drawn.figures if each.anchor != each.id})


def _slice_in(path: Path) -> Slice:
    with path.open("rb") as stream:
        found = pickle.load(stream)  # noqa: S301  # written by this run a moment ago
    assert isinstance(found, Slice)
    return found


def _entry(task: Task, key: str) -> dict[str, Any]:
    """The task as the manifest and the sidecar name it."""
    said = asdict(task)
    window = said.pop("window")
    return said | {
        "window": window["name"],
        "period": window["period"],
        "format": report_of(task.kind).format,
        "key": key,
    }


def _own_data(
    task: Task, subject: Slice, figures: Sequence[Figure], made_with: Press
) -> tuple[own_data.Sheet, ...]:
    """The client's own data that go beside the full edition of its report."""
    if (task.kind, task.edition) != ("value_report", FULL):
        return ()
    return own_data.sheets(subject, task.window, figures, made_with.gettext)


def _with_data(key: str, data: Sequence[own_data.Sheet]) -> str:
    """The document's key, which the data beside it are part of."""
    if not data:
        return key
    return store.sha256_of([key, [hashlib.sha256(each.content).hexdigest() for each in data]])


def _attached(order: Order, data: Sequence[own_data.Sheet]) -> dict[str, Any]:
    """Write the data beside the document; what its entry says of them."""
    listed = []
    for each in data:
        path = str(Path(order.task.path).with_suffix(f".{each.name}.csv"))
        store.write_bytes(order.folder / path, each.content)
        hashed = hashlib.sha256(each.content).hexdigest()
        listed.append({"path": path, "sha256": hashed, "rows": len(each.rows)})
    return {"attachments": listed} if listed else {}


def _kept(order: Order, known: Known, began: float, attached: Mapping[str, Any]) -> Made:
    target = order.folder / order.task.path
    link(known.path, target)
    link(known.sidecar, target.with_suffix(".json"))
    _guard(order.task, target)
    document = _entry(order.task, known.key) | {
        "pages": known.pages,
        "sha256": known.sha256,
        **attached,
        "state": "unchanged",
    }
    return Made(document, known.sidecar_sha256, monotonic() - began)


def _guard(task: Task, target: Path) -> None:
    """Let nobody but their owner read the files of a restricted document."""
    if task.audience == "restricted":
        for path in (target, target.with_suffix(".json")):
            path.chmod(0o600)


def link(source: Path, target: Path) -> None:
    """Put a file in another place without copying it, where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)  # with its mode


def templates_hash(workspace: Path) -> str:
    """The hash of every template, style sheet, brand and catalogue that documents are made of."""
    roots: Mapping[str, Path] = {
        "built-in": built_in("templates"),
        "templates": workspace / "templates",
        "brands": workspace / "brands",
        "logos": workspace / LOGOS,
    }
    return store.sha256_of(
        {name: store.hashes(store.files_below(root), root) for name, root in roots.items() if root.is_dir()}
    )
