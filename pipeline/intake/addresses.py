"""Where the address of a database is kept: in a variable of the environment, or in a file that only its owner reads.

An address holds a password. It stands in no mapping, and no message, log or file of a run ever holds any of it.
"""

from __future__ import annotations

import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SourceError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Keeping:
    """The name of the variable, or of the file below the workspace, that holds an address: one of them is empty."""

    variable: str = ""
    file: str = ""

    @property
    def told(self) -> str:
        """How a message names the place."""
        return f"the environment variable {self.variable}" if self.variable else f"the file {self.file}"


def address(kept: Keeping, variables: Mapping[str, str], workspace: Path, where: str) -> str:
    """The address itself.

    Raises SourceError KB-1141 (it is not there) and KB-1142 (others may read the file that holds it).
    """
    text = variables.get(kept.variable, "") if kept.variable else _in_file(workspace / kept.file, kept, where)
    if not text.strip():
        raise _missing(kept, where, "is not set or empty" if kept.variable else "is empty")
    return text.strip()


def _in_file(path: Path, kept: Keeping, where: str) -> str:
    try:
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise SourceError(
                where=where,
                what=f"{kept.told} holds the database's address and may be read by others ({mode & 0o777:03o})",
                fix=f"chmod 600 {shlex.quote(kept.file)}",
                code="KB-1142",
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "is no text in UTF-8"
    raise _missing(kept, where, f"cannot be read: {reason}")


def _missing(kept: Keeping, where: str, what: str) -> SourceError:
    example = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
    return SourceError(
        where=where,
        what=f"{kept.told}, which holds the database's address, {what}",
        fix=f"export {kept.variable}='{example}'"
        if kept.variable
        else f"write the address ({example}) into it, and chmod 600 {shlex.quote(kept.file)}",
        code="KB-1141",
    )
