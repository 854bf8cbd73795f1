"""Logos, of brands and of clients: what may stand on a cover, told by the file's own bytes and not by its name.

A logo comes from outside. An SVG may therefore hold shapes and colours only: nothing that runs, nothing that asks for
another file, no entity. Sizes are bounded, so that one picture cannot make a document slow or heavy.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image

from pipeline.errors import SettingsError, nearest

LOGOS = "logos"
"""The folder of a workspace with the logos of its clients, named by their ids."""
SUFFIXES = ("svg", "png", "jpg")
LARGEST = 300_000
"""Bytes of a logo's file."""
PIXELS = (120, 4000)
"""The shorter and the longer side that a picture may have; below the first it prints coarse."""
WIDEST = 6.0
"""How many times wider than high, or higher than wide, a logo may be."""
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
_ENDS = (b"IEND\xaeB`\x82", b"\xff\xd9")
"""What the last bytes of a whole PNG and a whole JPEG are."""
_SHAPES = frozenset(
    "svg g path rect circle ellipse line polyline polygon title desc defs linearGradient radialGradient stop clipPath".split()
)
_LOCAL = re.compile(r"^url\(\s*['\"]?#[\w.-]+['\"]?\s*\)$")
_LENGTH = re.compile(r"^\s*(\d+(?:\.\d+)?)(?:px|pt|mm)?\s*$")


@dataclass(frozen=True)
class Logo:
    """A logo that may be printed: its type and bytes, and how many times wider than high it is."""

    type: str
    content: bytes
    ratio: float

    @property
    def address(self) -> str:
        """The logo itself as an address, so that a document asks for no file."""
        return f"data:{_TYPES[self.type]};base64,{base64.b64encode(self.content).decode('ascii')}"


def logo_in(folder: Path, name: str) -> Logo | None:
    """The logo `<name>.svg`, `.png` or `.jpg` of a folder; None where there is none.

    SettingsError KB-1056 where it may not be printed, or where there are several and no one knows which is meant.
    """
    found = [path for suffix in SUFFIXES if (path := folder / f"{name}.{suffix}").is_file()]
    if len(found) > 1:
        raise _unusable(
            f"{folder.name}/{found[1].name}", f"stands beside {found[0].name}", "keep one of them"
        )
    return read(f"{folder.name}/{found[0].name}", found[0].read_bytes()) if found else None


def read(where: str, content: bytes) -> Logo:
    """A logo from the bytes of a file named `where`. SettingsError KB-1056 says what keeps it from being printed."""
    if len(content) > LARGEST:
        raise _unusable(where, f"has {len(content):,} bytes", f"keep it below {LARGEST:,}")
    kind = _kind(content)
    said = where.rpartition(".")[2].lower()
    if kind is None or kind != said:
        what = f"is {'no picture that we know' if kind is None else f'{kind.upper()} inside'}"
        raise _unusable(where, what, "save it as SVG, PNG or JPEG under the name of what it is", said)
    ratio = _vector(where, content) if kind == "svg" else _bitmap(where, content)
    if not 1 / WIDEST <= ratio <= WIDEST:
        raise _unusable(
            where, "is too long for a cover", f"make no side more than {WIDEST:g} times the other"
        )
    return Logo(kind, content, ratio)


def _kind(content: bytes) -> str | None:
    """What a file is by its first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "svg" if re.match(rb"(?:\xef\xbb\xbf)?\s*<", content) and b"<svg" in content[:2000] else None


def _bitmap(where: str, content: bytes) -> float:
    if not content.rstrip(b"\0\r\n").endswith(_ENDS):  # the renderer lets libraries draw half a picture
        raise _unusable(where, "ends too early", "export it again")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as picture:
            width, height = picture.size
            if not PIXELS[0] <= min(width, height) or max(width, height) > PIXELS[1]:
                what = f"is {width} × {height} pixels"
                raise _unusable(where, what, f"keep its sides from {PIXELS[0]} to {PIXELS[1]}")
            picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unusable(where, "is damaged", "export it again") from error
    return width / height


def _vector(where: str, content: bytes) -> float:
    if re.search(rb"<!(?:DOCTYPE|ENTITY)|<\?xml-stylesheet", content, re.IGNORECASE):
        raise _unusable(where, "declares entities or a style sheet", "save it as plain SVG")
    try:
        root = ET.fromstring(content)  # noqa: S314  # entities were refused above
    except ET.ParseError as error:
        raise _unusable(where, "is no SVG that can be read", "save it as plain SVG") from error
    for what in _refused(root):
        raise _unusable(where, what, "save it as plain SVG: shapes and colours only, text as outlines")
    return _ratio(where, root)


def _refused(root: ET.Element) -> Iterator[str]:
    """What in an SVG may not stand in a document."""
    for element in root.iter():
        name = _local(element.tag)
        if name not in _SHAPES:
            yield f"has an element <{name}>"
        for attribute, value in element.attrib.items():
            if fault := _fault(_local(attribute), value.strip()):
                yield fault


def _fault(name: str, value: str) -> str:
    if name.lower().startswith("on") or name == "style":
        return f"has an attribute {name}"
    if name in ("href", "src") and not value.startswith("#"):
        return f"points to another file ({name})"
    if "url(" in value.lower() and not _LOCAL.match(value):
        return f"points to another file ({name})"
    return ""


def _local(name: object) -> str:
    """A name without its namespace; comments and instructions are named for what they are."""
    return name.rpartition("}")[2] if isinstance(name, str) else "?"


def _ratio(where: str, root: ET.Element) -> float:
    box = root.get("viewBox", "").replace(",", " ").split()
    sides = box[2:] if len(box) == 4 else [root.get("width", ""), root.get("height", "")]
    found = [float(match[1]) for side in sides if (match := _LENGTH.match(side))]
    if len(found) != 2 or not all(found):
        raise _unusable(where, "does not say how large it is", "give it a viewBox")
    return found[0] / found[1]


def _unusable(where: str, what: str, fix: str, said: str = "") -> SettingsError:
    close = nearest(said, SUFFIXES) if said and said not in SUFFIXES else None
    return SettingsError(where=where, what=what, nearest=close, fix=fix, code="KB-1056")
