"""The shapes of the rules in `policy/*.toml`: a class each, found by name; every rule has a day from which it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pipeline.plugins import Registry
from pipeline.settings import Model

_M = TypeVar("_M", bound=type[Model])


@dataclass(frozen=True)
class Shape:
    """The class that a rule's lines must fit, and whether many of them hold at once (else one is in force on a day)."""

    model: type[Model]
    several: bool


RULES: Registry[Shape] = Registry("rule", __name__)


def rule(name: str) -> Callable[[_M], _M]:
    """Declare what `[[name]]` in a policy file looks like; on any day the latest of them is in force."""
    return _shape_of(name, several=False)


def rules(name: str) -> Callable[[_M], _M]:
    """Declare what `[[name]]` in a policy file looks like; many of them hold at once."""
    return _shape_of(name, several=True)


def _shape_of(name: str, *, several: bool) -> Callable[[_M], _M]:
    def register(model: _M) -> _M:
        RULES.add(name, Shape(model, several))
        return model

    return register
