"""Drawing in SVG as print wants it: presentation attributes, flat fills, text anchored at its start.

Everything is in points, from the top left. Colours are values, never variables: in inline SVG the renderer turns
`var()` and `currentColor` into black. A drawing always has a title, which becomes its text for those who listen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from pipeline.press.brand import Brand
from pipeline.press.typeset import Face

MM = 72 / 25.4
Anchor = Literal["start", "middle", "end"]
_HALF_CAP = 0.36
"""From a line's baseline to the middle of its digits, in ems."""


@dataclass(frozen=True)
class Ink:
    """What a chart is drawn with: a brand's colours and weights, and the faces that measure its labels."""

    brand: Brand
    family: str
    faces: Mapping[int, Face]

    def __getitem__(self, colour: str) -> str:
        return self.brand[colour]

    def width(self, text: str, size: float, *, strong: bool = False) -> float:
        """The width of a label in points."""
        return self.faces[self._weight(strong=strong)].width(text, size)

    def _weight(self, *, strong: bool) -> int:
        return self.brand.weight("strong" if strong else "text")

    def attributes(self, *, strong: bool) -> str:
        """What every text of the drawing says of its face."""
        return f'font-family="{self.family}" font-weight="{self._weight(strong=strong)}"'


def number(value: float) -> str:
    """A coordinate, as short as it may be; two decimals of a point are finer than any printer."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass
class Drawing:
    """A drawing under way, `width` × `height` points; `markup` closes it."""

    width: float
    height: float
    ink: Ink
    title: str
    parts: list[Markup] = field(default_factory=list)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, stroke: float, dash: str = ""
    ) -> None:
        """A straight line."""
        dashed = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup()
        self._add(
            '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>',
            *map(number, (*start, *end)), self.ink[colour], number(stroke), dashed,
        )  # fmt: skip

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """A filled rectangle."""
        self._add(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
            *map(number, (x, y, width, height)),
            self.ink[fill],
        )

    def outline(self, x: float, y: float, width: float, height: float, colour: str, stroke: float) -> None:
        """A rectangle drawn by its inner edge, so that it is as large as a filled one."""
        half = stroke / 2
        inner = (x + half, y + half, max(width - stroke, 0.1), max(height - stroke, 0.1))
        self._add(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="{}"/>',
            *map(number, inner), self.ink["paper"], self.ink[colour], number(stroke),
        )  # fmt: skip

    def path(self, points: Sequence[tuple[float, float]], colour: str, stroke: float) -> None:
        """A line through points."""
        if len(points) > 1:
            data = " ".join(f"{number(x)},{number(y)}" for x, y in points)
            self._add(
                '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"/>',
                data, self.ink[colour], number(stroke),
            )  # fmt: skip

    def area(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled shape with these corners."""
        data = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self._add('<polygon points="{}" fill="{}"/>', data, self.ink[fill])

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        """A filled point: the target is met, or there is none."""
        self._add('<circle cx="{}" cy="{}" r="{}" fill="{}"/>', *map(number, (x, y, radius)), self.ink[fill])

    def ring(
        self, x: float, y: float, radius: float, colour: str, stroke: float, fill: str = "paper"
    ) -> None:
        """A hollow point: the target is missed."""
        self._add(
            '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="{}"/>',
            *map(number, (x, y, radius)), self.ink[fill], self.ink[colour], number(stroke),
        )  # fmt: skip

    def text(
        self,
        x: float,
        y: float,
        label: str,
        size: float,
        colour: str,
        *,
        anchor: Anchor = "start",
        strong: bool = False,
    ) -> None:
        """A label with its baseline at `y`; set from its start, since the renderer makes an object of any other."""
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * self.ink.width(label, size, strong=strong)
        self._add(
            '<text x="{}" y="{}" font-size="{}" {} fill="{}">{}</text>',
            number(x - shift), number(y), number(size), Markup(self.ink.attributes(strong=strong)),  # noqa: S704  # our own
            self.ink[colour], label,
        )  # fmt: skip

    def middle_text(
        self,
        x: float,
        y: float,
        label: str,
        size: float,
        colour: str,
        *,
        anchor: Anchor = "start",
        strong: bool = False,
    ) -> None:
        """A label whose digits stand in the middle of the line at `y`."""
        self.text(x, y + size * _HALF_CAP, label, size, colour, anchor=anchor, strong=strong)

    def markup(self) -> Markup:
        """The drawing as an element to stand in a page."""
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0}pt" height="{1}pt" viewBox="0 0 {0} {1}" role="img">'
            "<title>{2}</title>{3}</svg>"
        ).format(number(self.width), number(self.height), self.title, Markup().join(self.parts))

    def _add(self, template: str, *values: object) -> None:
        self.parts.append(Markup(template).format(*values))  # noqa: S704  # the templates above; values are escaped
