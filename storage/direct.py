"""Statements of a write transaction on SQLite's own connection: what SQLAlchemy made of each is kept and used again.

SQLAlchemy's way from a statement to the driver and back costs ten times what SQLite needs for the statement itself, and
a turn takes eight. So what it finds out – the SQL, how values are written and read – is found out once. Only what comes
again and again goes this way: plain inserts and updates of the session, and queries that were met before.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Row, Select, Table, Update
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


class Writing:
    """An insert or update as the driver takes it."""

    def __init__(self, sql: str, names: Sequence[str], converters: Sequence[Convert]) -> None:
        self.sql = sql
        self._pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        self._converted = [(place, convert) for place, convert in enumerate(converters) if convert]

    def row(self, values: Values) -> list[Any]:
        row = list(self._pick(values))
        for place, convert in self._converted:
            row[place] = convert(row[place])
        return row


class Expanded:
    """A query with a certain number of values in each of its lists."""

    def __init__(self, sql: str, names: Sequence[tuple[str, int | None]], converters: Sequence[Convert]) -> None:
        self.sql = sql
        self._places = [(name, place, convert) for (name, place), convert in zip(names, converters, strict=True)]

    def parameters(self, values: Values) -> list[Any]:
        found = []
        for name, place, convert in self._places:
            value = values[name] if place is None else values[name][place]
            found.append(convert(value) if convert else value)
        return found


class Query:
    """A query that stays: how it is put, and how its rows are read."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled = _compiled(statement, dialect)
        binds = self._compiled.binds
        self._values = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        self._lists = [name for name, bind in binds.items() if bind.expanding]
        self._expanded: dict[tuple[int, ...], Expanded] = {}
        columns = list(statement.selected_columns)
        self._make = result_tuple([str(column.key) for column in columns])
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._readers = [(place, reader) for place, reader in enumerate(readers) if reader]

    def put(self, parameters: Values) -> tuple[str, list[Any]]:
        values = {**self._values, **parameters}
        sizes = tuple([len(values[name]) for name in self._lists])
        if sizes not in self._expanded:
            self._expanded[sizes] = self._expand(values)
        expanded = self._expanded[sizes]
        return expanded.sql, expanded.parameters(values)

    def _expand(self, values: Values) -> Expanded:
        state = self._compiled.construct_expanded_state(values)
        members = {
            member: (name, place)
            for name, some in state.parameter_expansion.items()
            for place, member in enumerate(some)
        }
        names = [members.get(name, (name, None)) for name in state.positiontup or ()]
        return Expanded(state.statement, names, [_writer(self._compiled, name, self._dialect) for name, _ in names])

    def read(self, raw: tuple[Any, ...]) -> Row[Any]:
        if not self._readers:
            return self._make(raw)
        row = list(raw)
        for place, reader in self._readers:
            row[place] = reader(row[place])
        return self._make(row)


def _compiled(statement: Executable, dialect: Dialect, names: Sequence[str] | None = None) -> SQLCompiler:
    many = names is not None
    compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=many)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _writer(compiled: SQLCompiler, name: str, dialect: Dialect) -> Convert:
    return compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)


def _is_plain(statement: Select[Any]) -> bool:
    """Whether its columns can be told apart by name, as those of a row must."""
    names = [column.key for column in statement.selected_columns]
    return len(set(names)) == len(names) and None not in names


@lru_cache(maxsize=512)
def _insert(table: Table, dialect: Dialect) -> Writing:
    return _writing(_compiled(table.insert(), dialect, list(table.c.keys())), dialect)


@lru_cache(maxsize=512)
def _update(statement: Update, names: tuple[str, ...], dialect: Dialect) -> Writing:
    return _writing(_compiled(statement, dialect, names), dialect)


def _writing(compiled: SQLCompiler, dialect: Dialect) -> Writing:
    names = compiled.positiontup or []
    return Writing(compiled.string, names, [_writer(compiled, name, dialect) for name in names])


_queries: WeakKeyDictionary[Executable, Query | None] = WeakKeyDictionary()


class Direct:
    """One connection to SQLite within a transaction that SQLAlchemy began and will end."""

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def insert(self, table: Table, rows: Sequence[Values]) -> None:
        self._write(_insert(table, self._dialect), rows)

    def update(self, statement: Update, names: tuple[str, ...], rows: Sequence[Values]) -> None:
        self._write(_update(statement, names, self._dialect), rows)

    def _write(self, writing: Writing, rows: Sequence[Values]) -> None:
        found = [writing.row(row) for row in rows]
        try:
            if len(found) == 1:
                self._connection.execute(writing.sql, found[0])
            else:
                self._connection.executemany(writing.sql, found)
        except sqlite3.Error as error:
            raise self._as_sqlalchemy(writing.sql, error) from error

    def query(self, statement: Executable) -> Query | None:
        """Return how to put a statement; None for one that is new: most of those are not met again."""
        try:
            known = _queries[statement]
        except KeyError:
            _queries[statement] = None
            return None
        if known is None and isinstance(statement, Select) and _is_plain(statement):
            known = _queries[statement] = Query(statement, self._dialect)
        return known

    def rows(self, query: Query, parameters: Values) -> list[Row[Any]]:
        return [query.read(raw) for raw in self._ask(query, parameters).fetchall()]

    def first(self, query: Query, parameters: Values) -> Row[Any] | None:
        cursor = self._ask(query, parameters)
        raw = cursor.fetchone()
        cursor.close()
        return None if raw is None else query.read(raw)

    def _ask(self, query: Query, parameters: Values) -> sqlite3.Cursor:
        sql, values = query.put(parameters)
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._as_sqlalchemy(sql, error) from error

    def _as_sqlalchemy(self, sql: str, error: sqlite3.Error) -> BaseException:
        """The same error as everybody else's, without the words of citizens in its text."""
        told = DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=self._dialect)
        assert isinstance(told, BaseException)
        return told
