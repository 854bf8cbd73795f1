"""Plug-in packages: every module of a package is found and loaded by name; a name is registered once."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Generic, TypeVar

from pipeline.errors import SettingsError, nearest

_Thing = TypeVar("_Thing")


class Registry(Generic[_Thing]):
    """Things by name, e.g. all facts; the package's modules are imported when it is first read."""

    def __init__(self, what: str, package: str) -> None:
        self._what = what
        self._package = package
        self._things: dict[str, _Thing] = {}
        self._loaded = False

    def add(self, name: str, thing: _Thing) -> None:
        """Register a thing. SettingsError KB-1020 where the name is taken."""
        if name in self._things:
            raise SettingsError(
                where=f"{self._package}: {name}",
                what=f"a {self._what} of that name is already registered",
                fix="give one of them another name",
                code="KB-1020",
            )
        self._things[name] = thing

    def all(self) -> dict[str, _Thing]:
        """Every thing, sorted by name."""
        self._load()
        return dict(sorted(self._things.items()))

    def find(self, name: str) -> _Thing | None:
        """The thing of that name, or None."""
        self._load()
        return self._things.get(name)

    def get(self, name: str) -> _Thing:
        """The thing of that name. SettingsError KB-1021 names the nearest."""
        found = self.find(name)
        if found is None:
            raise SettingsError(
                where=self._what,
                what=f"there is no {self._what} {name!r}",
                nearest=nearest(name, self.all()),
                fix="kambook metrics lists them",
                code="KB-1021",
            )
        return found

    def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            load_modules(importlib.import_module(self._package))


def load_modules(package: ModuleType) -> list[ModuleType]:
    """Import every module of a package, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
