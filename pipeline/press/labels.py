"""Finding a place for labels in a crowded field: greedy, in eight directions and at five distances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
_DIRECTIONS: tuple[tuple[int, int], ...] = (
    (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1),
)  # fmt: skip
"""Right, left, above, below, then the corners: the order in which a reader looks for a name."""
_DISTANCES = (1.5, 3.0, 5.0, 7.5, 10.5)
LEADER = 4.0
"""From this distance on a hair line leads from the point to its name."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing, by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )

    def crosses(self, start: Point, end: Point) -> bool:
        """Whether a line passes through the rectangle (Liang–Barsky)."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        enters, leaves = 0.0, 1.0
        edges = (
            (-dx, start[0] - self.left),
            (dx, self.right - start[0]),
            (-dy, start[1] - self.top),
            (dy, self.bottom - start[1]),
        )
        for direction, distance in edges:
            if direction == 0:
                if distance <= 0:
                    return False
                continue
            at = distance / direction
            enters, leaves = (max(enters, at), leaves) if direction < 0 else (enters, min(leaves, at))
        return enters < leaves


@dataclass(frozen=True)
class Wanted:
    """A label to be placed beside a point: the point, its radius, the label's size."""

    x: float
    y: float
    radius: float
    width: float
    height: float


@dataclass(frozen=True)
class Found:
    """Where a label stands, and whether it is so far from its point that a line should lead there."""

    box: Box
    is_far: bool


def placed(
    wanted: Sequence[Wanted],
    frame: Box,
    taken: Sequence[Box],
    lines: Sequence[tuple[Point, Point]] = (),
    rather_not: Sequence[tuple[Point, Point]] = (),
) -> list[Found | None]:
    """A place for each label in turn, clear of the boxes that are taken, of lines and of the labels before it.

    Lines in `rather_not` are crossed only where there is no other place. None where there is none at all: the caller
    says which names are missing.
    """
    occupied, made = list(taken), list[Found | None]()
    drawn = list(lines)
    for each in wanted:
        free = [one for one in _candidates(each) if _is_clear(each, one, frame, occupied, drawn)]
        clear = [one for one in free if not any(one.box.crosses(*line) for line in rather_not)]
        found = next(iter((*clear, *free)), None)
        if found is not None:
            occupied.append(found.box)
            drawn += [leader(each, found)] if found.is_far else []
        made.append(found)
    return made


def leader(label: Wanted, found: Found) -> tuple[Point, Point]:
    """The line from a point's edge to the nearest place of its label."""
    box = found.box
    x = min(max(label.x, box.left), box.right)
    y = min(max(label.y, box.top), box.bottom)
    return (label.x, label.y), (x, y)


def _candidates(label: Wanted) -> Iterator[Found]:
    for distance in _DISTANCES:
        for across, down in _DIRECTIONS:
            yield Found(_box(label, across, down, distance), distance >= LEADER)


def _box(label: Wanted, across: int, down: int, distance: float) -> Box:
    """The label's box in a direction; diagonal ones touch the corner of the point."""
    gap = (label.radius + distance) * (0.75 if across and down else 1.0)
    left = label.x + across * gap - (label.width * (1 - across) / 2)
    top = label.y + down * gap - (label.height * (1 - down) / 2)
    return Box(left, top, left + label.width, top + label.height)


def _is_clear(
    label: Wanted,
    found: Found,
    frame: Box,
    taken: Sequence[Box],
    lines: Sequence[tuple[Point, Point]],
) -> bool:
    if not frame.holds(found.box) or any(found.box.overlaps(each) for each in taken):
        return False
    if any(found.box.crosses(*line) for line in lines):
        return False
    if not found.is_far:
        return True
    line = leader(label, found)
    own = Box(label.x - label.radius, label.y - label.radius, label.x + label.radius, label.y + label.radius)
    return not any(each.crosses(*line) for each in taken if not each.overlaps(own))


def around(x: float, y: float, radius: float) -> Box:
    """The box that a point takes."""
    return Box(x - radius, y - radius, x + radius, y + radius)
