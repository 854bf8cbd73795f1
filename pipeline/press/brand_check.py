"""Whether a brand can be read by everyone: contrast, and colours that stay apart in grey and for the colour-blind. Pure.

Contrast is that of WCAG 2.2 (1.4.3 for text, 1.4.11 for graphics). The two common kinds of colour blindness are drawn
as Viénot, Brettel & Mollon (1999) model them; distances are those of CIE 1976 L*a*b*.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline.press.brand import COLOURS, Brand

TEXT, GRAPHICS = 4.5, 3.0
"""The least contrast."""
APART, APART_IN_GREY = 20.0, 1.5
"""The least distance of two colours that mean different things, and the least contrast of two that grey must tell apart."""
_ON_PAPER = ("ink", "ink-2", "ink-3", "accent", "signal")
_TOLD_APART = (("accent", "signal"), ("accent", "neutral"), ("signal", "neutral"))
_APART_IN_GREY = (("accent", "neutral"), ("signal", "neutral"), ("accent", "accent-mid"))
"""Not accent and signal: a miss is hollow as well, so it needs no colour."""
_HEX = re.compile(r"^#[0-9a-f]{6}$", re.IGNORECASE)
_PATH = re.compile(r"^[MmLlHhVvCcSsQqTtAaZz0-9eE.,\s+-]+$")
_WHITE = (0.95047, 1.0, 1.08883)
_BLIND = {
    "red-blind": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "green-blind": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
_Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Fault:
    """What keeps a brand from being used, and how to mend it."""

    what: str
    fix: str


def faults(brand: Brand, weights: Collection[int]) -> list[Fault]:
    """Everything that is wrong with a brand; `weights`: those in which its typeface is installed."""
    colours = [name for name in COLOURS if not _HEX.match(brand[name])]
    if colours:
        fix = "write it as six hexadecimal digits, #1f527d"
        return [Fault(f"--{name} is no colour that can be checked", fix) for name in colours]
    return [*_contrasts(brand), *_distances(brand), *_weights(brand, weights), *_mark(brand)]


def _contrasts(brand: Brand) -> Iterator[Fault]:
    for one, other, least in _pairs(brand):
        found = contrast(brand[one], brand[other])
        if found < least:
            what = f"--{one} on --{other} has a contrast of {_down(found)}, less than {least:g}"
            yield Fault(what, f"make --{one} darker or --{other} lighter, or the other way round")


def _pairs(brand: Brand) -> list[tuple[str, str, float]]:
    """Each colour and what it stands on, with the least contrast of the two."""
    field = "cover-art" if _on_art(brand) else "paper"
    text = [(name, ground, TEXT) for name in _ON_PAPER for ground in ("paper", "panel")]
    text += [("on-signal", "signal", TEXT), ("ink-2", "accent-tint", TEXT), ("cover-ink", field, TEXT)]
    heads = [(name, "cover-art", GRAPHICS) for name in ("cover-met", "cover-missed")]
    return [*text, *heads, ("cover-mark", field, GRAPHICS)]


def _on_art(brand: Brand) -> bool:
    """Whether mark and name stand on the cover's field and not on paper."""
    top, height, mark = (_length(brand[f"cover-{each}"]) for each in ("art-top", "art-height", "mark-top"))
    return top <= mark <= top + height


def _length(said: str) -> float:
    return float(said.removesuffix("mm"))


def _distances(brand: Brand) -> Iterator[Fault]:
    for one, other in _TOLD_APART:
        for name, matrix in _BLIND.items():
            if _distance(_seen(brand[one], matrix), _seen(brand[other], matrix)) < APART:
                what = f"--{one} and --{other} look alike to the {name}"
                yield Fault(what, "let one be darker, or one more blue and the other more yellow")
    for one, other in _APART_IN_GREY:
        if contrast(brand[one], brand[other]) < APART_IN_GREY:
            yield Fault(f"--{one} and --{other} are the same grey in print", "let one be clearly darker")


def _weights(brand: Brand, installed: Collection[int]) -> Iterator[Fault]:
    for weight in brand.weights:
        if weight not in installed:
            have = ", ".join(str(each) for each in sorted(installed)) or "none"
            yield Fault(f"the typeface has no weight {weight}", f"use one that is installed ({have})")


def _mark(brand: Brand) -> Iterator[Fault]:
    if not _PATH.match(brand.mark):
        yield Fault("--mark is no path", "give the data of one SVG path in a field of 24 × 24")


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted((_luminance(_linear(one)), _luminance(_linear(other))))
    return (high + 0.05) / (low + 0.05)


def _linear(colour: str) -> _Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _of_light(red), _of_light(green), _of_light(blue)


def _of_light(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _luminance(light: _Triple) -> float:
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def _seen(colour: str, matrix: tuple[_Triple, _Triple, _Triple]) -> _Triple:
    """The light of a colour as an eye sees it that lacks one kind of cone."""
    light = _linear(colour)
    return tuple(  # type: ignore[return-value]  # three rows
        min(max(sum(part * by for part, by in zip(light, row, strict=True)), 0.0), 1.0) for row in matrix
    )


def _distance(one: _Triple, other: _Triple) -> float:
    return math.dist(_lab(one), _lab(other))


def _lab(light: _Triple) -> _Triple:
    red, green, blue = light
    x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    fx, fy, fz = (_root(part / white) for part, white in zip((x, _luminance(light), z), _WHITE, strict=True))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _root(part: float) -> float:
    return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116


def _down(number: float) -> str:
    """Cut, not rounded, so that what fails never reads as enough."""
    return f"{math.floor(number * 100) / 100:.2f}"
