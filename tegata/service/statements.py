"""A statement that a hot path runs: compiled once for a database, then run on the driver itself.

SQLAlchemy takes several times longer to run a small statement than SQLite does. What it gives for that is kept here: the
statement is written in its Core, its column types convert values on the way in and out, and a driver's errors are
raised as its own. Not for statements that are built while running, for lists in `IN`, or where nobody waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Delete, Insert, Select, Update
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Clause = Select[Any] | Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one database: its text, the names and conversions of its parameters, those of its columns."""

    text: str
    is_positional: bool
    #: In the order of the text, if it has one: name, value if none is given, conversion.
    parameters: tuple[tuple[str, Any, Convert | None], ...]
    columns: tuple[tuple[int, Convert], ...]

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them; raises `KeyError` for one that is missing."""
        if self.is_positional:
            return tuple(
                [
                    (values[name] if name in values else _required(name, value))
                    if convert is None
                    else convert(values[name] if name in values else _required(name, value))
                    for name, value, convert in self.parameters
                ]
            )
        return {
            name: found if convert is None else convert(found)
            for name, value, convert in self.parameters
            for found in (values[name] if name in values else _required(name, value),)
        }

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row as its column types have it."""
        if not self.columns:
            return tuple(row)
        values = list(row)
        for index, convert in self.columns:
            values[index] = convert(values[index])
        return tuple(values)


_MISSING = object()


def _required(name: str, value: Any) -> Any:
    if value is _MISSING:
        raise KeyError(name)
    return value


@dataclass(slots=True)
class Statement:
    """One statement; parameters are given by the names of its `bindparam`s, or of an insert's columns.

    For an insert, name its columns: `Statement(insert(table), ("id", "name"))`.
    """

    clause: Clause
    columns: tuple[str, ...] | None = None
    _compiled: dict[str, _Compiled] = field(default_factory=dict, repr=False)

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row, None if there is none."""
        compiled = self._for(connection.dialect)
        row = self._execute(connection, compiled, compiled.bind(values)).fetchone()
        return None if row is None else compiled.read(row)

    def scalar(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first column of the first row, None if there is none."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return every row."""
        compiled = self._for(connection.dialect)
        rows = self._execute(connection, compiled, compiled.bind(values)).fetchall()
        return [compiled.read(row) for row in rows]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it changed."""
        compiled = self._for(connection.dialect)
        return int(self._execute(connection, compiled, compiled.bind(values)).rowcount)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each row of parameters."""
        compiled = self._for(connection.dialect)
        bound = [compiled.bind(values) for values in rows]
        with _as_sqlalchemy(connection.dialect, compiled.text):
            connection.connection.cursor().executemany(compiled.text, bound)

    @staticmethod
    def _execute(connection: Connection, compiled: _Compiled, bound: Any) -> Any:
        with _as_sqlalchemy(connection.dialect, compiled.text):
            return connection.connection.dbapi_connection.execute(compiled.text, bound)  # type: ignore[union-attr]

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self.clause, self.columns, dialect)
        return found


class _as_sqlalchemy:  # noqa: N801  read as a statement: with _as_sqlalchemy(...)
    """Raises a driver's error as SQLAlchemy's error of the same kind, without the parameters: they may be secret."""

    __slots__ = ("_dialect", "_text")

    def __init__(self, dialect: Dialect, text: str) -> None:
        self._dialect, self._text = dialect, text

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        base = self._dialect.loaded_dbapi.Error
        if isinstance(error, base):
            raise DBAPIError.instance(
                self._text, None, error, base, hide_parameters=True, dialect=self._dialect
            ) from error


def _compile(clause: Clause, columns: tuple[str, ...] | None, dialect: Dialect) -> _Compiled:
    compiled = clause.compile(dialect=dialect, column_keys=None if columns is None else list(columns))
    binds = compiled.binds
    parameters = tuple(
        (
            name,
            _MISSING if binds[name].required else binds[name].effective_value,
            _converter(binds[name].type, dialect),
        )
        for name in compiled.positiontup or binds
    )
    exported: Sequence[ColumnElement[Any]] = tuple(getattr(clause, "exported_columns", ()))
    converters = ((index, _reader(column.type, dialect)) for index, column in enumerate(exported))
    return _Compiled(
        str(compiled),
        bool(compiled.positional),
        parameters,
        tuple((index, convert) for index, convert in converters if convert is not None),
    )


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert: Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert
