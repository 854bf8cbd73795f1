"""The README's pictures, made anew from a finished run of the demo: `python -m tests.gallery runs/2026-09`."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

from pipeline.store import read_json
from tests.browser import browser

GALLERY = Path(__file__).resolve().parent.parent / "data" / "gallery"
LARGEST = 150_000
"""Bytes of a picture; a larger one makes the page slow to open."""
_GAP = 14
_BEHIND = "#d8dee3"
_COLOURS = 128
_SCREEN = (1280, 860)


@dataclass(frozen=True)
class Picture:
    """Pages of one document side by side, each so many pixels wide."""

    name: str
    kind: str
    subject_id: str
    pages: tuple[int, ...]
    width: int


@dataclass(frozen=True)
class Row:
    """First pages of several clients' reports side by side, each so many pixels wide."""

    name: str
    subject_ids: tuple[str, ...]
    width: int


COVERS = Row("covers.png", ("A-0011", "A-0014", "A-0007", "A-0019"), 300)
"""Both brands, in Chinese and in English."""
PICTURES = (
    Picture("value-report.png", "value_report", "A-0011", (1, 2, 4, 7), 640),
    Picture("scorecard.png", "manager_scorecard", "M-02", (1,), 900),
    Picture("portfolio.png", "portfolio_report", "all", (1, 3), 760),
)


def made(run: Path, into: Path) -> list[Path]:
    """Draw every picture whose document the run has, and its index; the files. ValueError where one is too large."""
    documents = read_json(run / "manifest.json")["documents"]
    found = [(picture, _document(picture, documents)) for picture in PICTURES]
    drawn = {picture.name: pages(run / path, picture) for picture, path in found if path}
    drawn |= {COVERS.name: row(run, documents)}
    drawn["index.png"] = screen(run / "index.html")
    into.mkdir(parents=True, exist_ok=True)
    return [_written(into / name, picture) for name, picture in drawn.items()]


def _document(picture: Picture, documents: Sequence[dict[str, Any]]) -> str:
    """The path of a picture's document; empty, and said, where the run did not make it."""
    for each in documents:
        if (each["kind"], each["subject_id"]) == (picture.kind, picture.subject_id):
            return str(each["path"])
    sys.stderr.write(f"{picture.name}: the run has no {picture.kind} of {picture.subject_id}\n")
    return ""


def pages(document: Path, picture: Picture) -> Image.Image:
    """The pages of a document side by side on a plain ground."""
    with pypdfium2.PdfDocument(document) as pdf:
        drawn = [_page(pdf[number - 1], picture.width) for number in picture.pages if number <= len(pdf)]
    return _beside(drawn)


def row(run: Path, documents: Sequence[dict[str, Any]]) -> Image.Image:
    """The covers of the clients' reports that the run has."""
    wanted = [Picture(COVERS.name, "value_report", each, (1,), COVERS.width) for each in COVERS.subject_ids]
    found = [(picture, _document(picture, documents)) for picture in wanted]
    drawn = []
    for picture, path in found:
        if path:
            with pypdfium2.PdfDocument(run / path) as pdf:
                drawn.append(_page(pdf[0], picture.width))
    return _beside(drawn)


def _beside(drawn: Sequence[Image.Image]) -> Image.Image:
    size = (sum(page.width + _GAP for page in drawn) + _GAP, max(page.height for page in drawn) + 2 * _GAP)
    made = Image.new("RGB", size, _BEHIND)
    left = _GAP
    for page in drawn:
        made.paste(page, (left, _GAP))
        left += page.width + _GAP
    return made


def _page(page: Any, width: int) -> Image.Image:  # it ships no types
    drawn: Image.Image = page.render(scale=2 * width / page.get_width()).to_pil().convert("RGB")
    return drawn.resize((width, round(width * drawn.height / drawn.width)), Image.Resampling.LANCZOS)


def screen(page: Path) -> Image.Image:
    """A page as a browser shows it."""
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as tab:
        tab.size(*_SCREEN)
        tab.open(page)
        shot = base64.b64decode(tab.picture())
    return Image.open(io.BytesIO(shot)).convert("RGB")


def _written(path: Path, picture: Image.Image) -> Path:
    # By coverage: the usual choice of colours drops the rare ones, and a miss is rare.
    fewer = picture.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    fewer.save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        message = f"{path.name} has {size} bytes, more than {LARGEST}: fewer pages, or narrower ones"
        raise ValueError(message)
    return path


if __name__ == "__main__":
    for _path in made(Path(sys.argv[1]), GALLERY):
        sys.stdout.write(f"{_path.name} {_path.stat().st_size // 1000} kB\n")
