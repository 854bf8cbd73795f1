"""A brand: the tokens of one `tokens.css`, for the style sheets as they are and for charts as plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError, nearest
from pipeline.resources import built_in

COLOURS = (
    "paper ink ink-2 ink-3 accent signal accent-mid neutral accent-tint panel rule rule-2 on-signal"
    " cover-art cover-mark cover-ink cover-met cover-met-2 cover-met-3 cover-missed cover-stem cover-line"
).split()
WEIGHTS = ("weight-text", "weight-strong", "weight-display")
_OTHERS = (
    "radius rule-head tab-width tab-height mark"
    " cover-motif cover-art-top cover-art-height cover-mark-top cover-caption-top cover-title-top"
).split()
TOKENS = frozenset((*COLOURS, *WEIGHTS, *_OTHERS))
"""All that a brand may decide; nothing else differs between two brands."""
_TOKEN = re.compile(r"^\s*--(?P<name>[a-z0-9-]+):\s*(?P<value>[^;]+);", re.MULTILINE)
MOTIFS = ("lines", "circles")


@dataclass(frozen=True)
class Brand:
    """A brand's tokens by name (without the dashes), and the style sheet that declares them."""

    name: str
    tokens: Mapping[str, str]
    css: str

    def __getitem__(self, token: str) -> str:
        return self.tokens[token]

    def weight(self, role: str) -> int:
        """The font weight of a role: text, strong or display."""
        return int(self.tokens[f"weight-{role}"])

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights of its typeface that a document may embed, lightest first."""
        return tuple(sorted({int(self.tokens[name]) for name in WEIGHTS}))

    @property
    def mark(self) -> str:
        """The path of its mark, in a field of 24 × 24."""
        return self.tokens["mark"].strip('"')


def brands(workspace: Path) -> dict[str, Path]:
    """The folder of each brand: the built-in ones, then those of the workspace's `brands/`."""
    folders = [built_in("templates", "brands"), workspace / "brands"]
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    return {path.name: path for path in found if (path / "tokens.css").is_file()}


def brand(name: str, workspace: Path) -> Brand:
    """The brand of that name. SettingsError KB-1042 (unknown), KB-1043 (a token too few or too many)."""
    known = brands(workspace)
    if name not in known:
        raise SettingsError(
            where=f"brand {name!r}",
            what="there is no such brand",
            nearest=nearest(name, known),
            fix=f"use one of {', '.join(known)}, or add brands/{name}/tokens.css to the workspace",
            code="KB-1042",
        )
    return read(name, (known[name] / "tokens.css").read_text(encoding="utf-8"))


def read_folder(folder: Path) -> Brand:
    """The brand of a folder. SettingsError KB-1042 where it holds no tokens, KB-1043 where they are wrong."""
    path = folder / "tokens.css"
    if not path.is_file():
        raise SettingsError(
            where=folder.name,
            what="there is no tokens.css in it",
            fix="copy that of a built-in brand, and change its values",
            code="KB-1042",
        )
    return read(folder.resolve().name, path.read_text(encoding="utf-8"))


def read(name: str, css: str) -> Brand:
    """A brand from its style sheet; each token must be there, and none that nothing reads."""
    tokens = {found["name"]: found["value"].strip() for found in _TOKEN.finditer(css)}
    wrong = sorted(TOKENS ^ tokens.keys())
    if wrong:
        missing = wrong[0] in TOKENS
        raise SettingsError(
            where=f"brands/{name}/tokens.css",
            what=f"--{wrong[0]} {'is missing' if missing else 'is no token'}",
            nearest=None if missing else nearest(wrong[0], TOKENS),
            fix="declare every token of a built-in brand, and no other",
            code="KB-1043",
        )
    if tokens["cover-motif"] not in MOTIFS:
        raise SettingsError(
            where=f"brands/{name}/tokens.css",
            what="--cover-motif is no motif",
            nearest=nearest(tokens["cover-motif"], MOTIFS),
            fix=f"use one of {', '.join(MOTIFS)}",
            code="KB-1043",
        )
    return Brand(name, tokens, css)
