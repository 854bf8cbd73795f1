"""A database as a source: the rows of one SELECT, as text cells in a Parquet file (`query_results`).

The transaction is read-only where the database has such a thing (PostgreSQL, MySQL, MariaDB, Oracle; a SQLite file is
opened so), and is never committed. PostgreSQL, MySQL, MariaDB and SQLite stop by themselves at the time limit; with
any other database the clock is looked at between two batches of rows.

No text of a driver or of SQLAlchemy is ever passed on: it may hold the address or a client's values.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from pipeline.errors import SourceError, nearest
from pipeline.intake.database_keys import INSTALL
from pipeline.intake.limits import require_bytes, require_short_cells, require_size
from pipeline.intake.query_results import text_batch, write_batches, write_sorted
from pipeline.intake.selects import named_in_both, parameters_of, without_colons
from pipeline.store import sha256_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine
    from sqlalchemy.engine import URL

BATCH_ROWS = 2_000
"""Rows that are asked for at a time."""

CONNECT_SECONDS = 15
DRIVERS = (
    "install its driver beside kambook: pip install 'psycopg[binary]' for postgresql+psycopg://, pip install pymysql"
    " for mysql+pymysql://"
)
_KNOWN = ("postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql")
_WITH_CONNECT_TIMEOUT = ("psycopg", "psycopg2", "pymysql", "mysqldb")
_REASONS = (
    "connection refused",
    "authentication failed",
    "access denied",
    "permission denied",
    "timed out",
    "timeout expired",
    "could not translate host name",
    "name or service not known",
    "no password supplied",
    "unknown database",
    "does not exist",
    "unable to open database file",
    "not a database",
    "is locked",
)
"""What a refusal may be quoted with: words of drivers that hold nothing of ours."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Question:
    """What is asked of a database: `where` names the entry in messages, `seconds` is how long the answer may take."""

    where: str
    query: str
    until_on: date
    seconds: int

    @property
    def parameters(self) -> dict[str, date]:
        """What the query asks for, by name."""
        given = {"until_on": self.until_on}
        return {name: given[name] for name in parameters_of(self.query)}

    @property
    def sha256(self) -> str:
        """The hash of what is asked, whatever the answer."""
        return sha256_of([self.query, self.parameters])


def written_result(address: str, question: Question, target: Path) -> int:
    """Ask the database at the address, write the rows to `target` (Parquet) and give their number.

    The target's folder is for this alone: rows are sorted on disk there, and a refusal leaves what it had begun.
    Raises SourceError KB-1140 (SQLAlchemy or a driver is not installed), KB-1143 (no address of a database that is
    known), KB-1144 (cannot be reached), KB-1146 (the query fails), KB-1147 (takes too long), KB-1148 (cells that are no
    text) and KB-1132 (beyond what an export is).
    """
    engine = _guarded(lambda: _engine(address, question.where), lambda error: _no_address(error, question))
    target.parent.mkdir(parents=True, exist_ok=True)
    unsorted = target.with_suffix(".unsorted")
    connection = _guarded(engine.connect, lambda error: _unreachable(error, question))
    try:
        header = write_batches(_batches(connection, question), unsorted, question.where)
    finally:
        _guarded(connection.close, lambda error: _unreachable(error, question))
    rows = write_sorted(unsorted, header, target)
    unsorted.unlink()
    return rows


def _guarded(work: Callable[[], _T], told: Callable[[Exception], SourceError]) -> _T:
    """What the work gives. Any other error becomes one of ours, raised where the driver's own is no longer at hand."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # their texts, too, may hold parts of an address
            return work()
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001  # drivers raise anything, and none of it may be shown as it is
        refusal = told(error)
    raise refusal


##### The connection ##################################################################################################


def _engine(address: str, where: str) -> Engine:
    import sqlalchemy

    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())  # else its errors go to stderr
    url = sqlalchemy.make_url(address)
    arguments: dict[str, Any] = {}
    if url.get_driver_name() in _WITH_CONNECT_TIMEOUT:
        arguments["connect_timeout"] = CONNECT_SECONDS
    engine = sqlalchemy.create_engine(
        _opened_for_reading(url, where),
        poolclass=sqlalchemy.NullPool,
        hide_parameters=True,
        connect_args=arguments,
    )
    if engine.dialect.is_async:
        raise _not_understood(where, "names a driver that works asynchronously")
    return engine


def _opened_for_reading(url: URL, where: str) -> URL:
    """A SQLite file is opened read-only, and must be there: else the driver would make an empty one."""
    if url.get_backend_name() != "sqlite":
        return url
    path = Path((url.database or "").removeprefix("file:"))
    if not path.is_file():
        raise SourceError(
            where=where,
            what="the address names a SQLite file that is not there",
            fix="write the whole path: sqlite:////folder/file.db",
            code="KB-1144",
        )
    return url.set(database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})


def _no_address(error: Exception, question: Question) -> SourceError:
    if isinstance(error, ModuleNotFoundError):
        return _not_installed(error.name or "", question.where)
    plugin = str(error).rpartition(":")[2] if type(error).__name__ == "NoSuchModuleError" else ""
    close = nearest(plugin.partition(".")[0], _KNOWN)
    said = "names a kind of database that is not known here" if plugin else "is none that can be understood"
    return _not_understood(question.where, said, close)


def _not_installed(module: str, where: str) -> SourceError:
    lacks_extra = module == "sqlalchemy"
    return SourceError(
        where=where,
        what="a database is read with SQLAlchemy, which is not installed"
        if lacks_extra
        else f"the driver that the address asks for is not installed ({module})",
        fix=INSTALL if lacks_extra else DRIVERS,
        code="KB-1140",
    )


def _not_understood(where: str, what: str, close: str | None = None) -> SourceError:
    return SourceError(
        where=where,
        what=f"the database's address {what}",
        nearest=close or ", ".join(_KNOWN),
        fix="write it as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE; of the password percent-encode @ : / %",
        code="KB-1143",
    )


def _unreachable(error: Exception, question: Question) -> SourceError:
    if isinstance(error, ModuleNotFoundError):
        return _not_installed(error.name or "", question.where)
    said = str(error).lower()
    reasons = [reason for reason in _REASONS if reason in said]
    return SourceError(
        where=question.where,
        what=f"the database refuses the connection or cannot be reached: {', '.join(reasons) or type(error).__name__}",
        fix="try the address with the database's own program (psql, mysql) from this machine",
        code="KB-1144",
    )


##### Rows ############################################################################################################


def _batches(connection: Connection, question: Question) -> Iterator[pa.Table]:
    """The rows as text, in batches; at least one, which may be empty. Columns are numbered, as names may repeat."""
    deadline = monotonic() + question.seconds
    result = _guarded(
        lambda: _asked(connection, question, deadline),
        lambda error: _failed(error, question, deadline),
    )
    header, count, size = tuple(map(str, result.keys())), 0, 0
    while rows := _guarded(
        lambda: result.fetchmany(BATCH_ROWS), lambda error: _failed(error, question, deadline)
    ):
        count += len(rows)
        require_size(len(header), count, question.where)
        if monotonic() > deadline:
            raise _too_slow(question)
        batch = text_batch(header, rows, question.where)
        require_short_cells((column.combine_chunks() for column in batch.columns), question.where)
        size += batch.nbytes
        require_bytes(size, question.where)
        yield batch
    if not count:
        yield text_batch(header, [], question.where)


def _asked(connection: Connection, question: Question, deadline: float) -> CursorResult[Any]:
    from sqlalchemy import text

    _make_read_only(connection, question.seconds, deadline)
    streaming = connection.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS)
    return streaming.execute(text(without_colons(question.query)), question.parameters)


def _make_read_only(connection: Connection, seconds: int, deadline: float) -> None:
    """Whatever the database has against writing and against taking too long, for this transaction only."""
    dialect = connection.dialect
    kind = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    for statement in _SETTINGS.get(kind, ()):
        connection.exec_driver_sql(statement.format(seconds=seconds, thousandths=1000 * seconds))
    if kind == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: monotonic() > deadline, 10_000)


_SETTINGS = {
    "postgresql": ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = {thousandths}"),
    "mysql": ("SET SESSION max_execution_time = {thousandths}", "START TRANSACTION READ ONLY"),
    "mariadb": ("SET SESSION max_statement_time = {seconds}", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "sqlite": ("PRAGMA query_only = ON",),
}


def _failed(error: Exception, question: Question, deadline: float) -> SourceError:
    said = str(getattr(error, "orig", error))
    if monotonic() > deadline or "statement timeout" in said or "execution time exceeded" in said:
        return _too_slow(question)
    names = named_in_both(question.query, said)
    return SourceError(
        where=question.where,
        what=f"the database refuses the query ({type(error).__name__})"
        + (f"; its message names {', '.join(names)}" if names else ""),
        fix="correct the query: try it with the database's own program, whose message says more",
        code="KB-1146",
    )


def _too_slow(question: Question) -> SourceError:
    return SourceError(
        where=question.where,
        what=f"the database took longer than {question.seconds} s",
        fix="ask for fewer rows or for an indexed column, or raise time_limit in the mapping",
        code="KB-1147",
    )
