"""Errors a person can act on: where, what, nearest, how to fix; a stable code and an exit code per stage."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class KambookError(Exception):
    """An error that is shown without a traceback.

    `where` names the file, table or key; `what` says what is wrong with it; `nearest` the closest thing that
    exists; `fix` what to type or change. Texts carry ids, names of files, headers and line numbers, never a
    client's values.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, *, where: str, what: str, nearest: str | None = None, fix: str | None = None, code: str
    ) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what
        self.nearest = nearest
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        lines = [f"{self.code}  {self.where}: {self.what}"]
        if self.nearest:
            lines.append(f"  nearest: {self.nearest}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between worker processes with every field (keyword-only arguments do not by themselves)."""
        return _rebuild, (type(self), self.where, self.what, self.nearest, self.fix, self.code)


def _rebuild(
    kind: type[KambookError], where: str, what: str, nearest: str | None, fix: str | None, code: str
) -> KambookError:
    return kind(where=where, what=what, nearest=nearest, fix=fix, code=code)


class UsageError(KambookError):
    """The command was typed in a way that cannot be run."""

    exit_code = 2


class SettingsError(KambookError):
    """Settings, policy, catalogue or installation are wrong: KB-10xx."""

    exit_code = 10


class SourceError(KambookError):
    """An export cannot be read as its mapping says: KB-11xx."""

    exit_code = 11


class DataError(KambookError):
    """The data was read but may not be used: KB-12xx."""

    exit_code = 12


class RenderError(KambookError):
    """A document cannot be made: KB-13xx."""

    exit_code = 13


class DeliveryError(KambookError):
    """A document cannot be delivered: KB-14xx."""

    exit_code = 14


EXIT_OK = 0
EXIT_PARTLY = 3
EXIT_INTERRUPTED = 130


def nearest(wanted: str, known: Iterable[str]) -> str | None:
    """The known name closest to `wanted`, or None where nothing is close."""
    found = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
