"""A foreign file run through its mapping: skip rules, rows to landing rows, groups, and what is wrong with which row.

Leaves one temporary table ``judged_<table>`` per landing table, ``members_<table>`` where rows are grouped, ``staged``
and ``problems``; what is stored of them stands in ``storing``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from dagster_project.errors import UsageError
from dagster_project.raw import column_types
from dagster_project.raw.compiling import CompiledSource, Compiler, NumberCall, TableSql
from dagster_project.raw.dst import clock_change_warnings
from dagster_project.raw.incoming import IncomingTable, literal, quoted
from dagster_project.raw.judging import (
    SHOWN_CHARACTERS,
    Rules,
    add_problems,
    form_checks,
    judge,
    start_problems,
    value_name,
)
from dagster_project.raw.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.raw.sources import SourceMapping

BAD_LINES = "select _line from problems"


def compile_source(mapping: SourceMapping) -> CompiledSource:
    """Compile a mapping and run it over an empty file, so that a wrong type is found before any file is read.

    Raises:
        UsageError: an expression is refused; names source, table, column.
    """
    compiled = Compiler(mapping).compile()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        IncomingTable(connection, list(mapping.columns))
        _bind(connection, compiled)
    return compiled


def _bind(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource) -> None:
    columns = frozenset(compiled.mapping.columns)
    for at, (name, sql) in enumerate(compiled.layers):
        key = f"let.{name}" if name in compiled.mapping.let else "number"
        _type_of(connection, compiled, key, sql, compiled.staged(columns, depth=at))
    staged = compiled.staged(columns)
    conditions = {f"skip.{name}": sql for name, sql in compiled.skip.items()}
    conditions |= {f"tables.{name}.where": table.where for name, table in compiled.tables.items()}
    for key, sql in conditions.items():
        if _type_of(connection, compiled, key, sql, staged) != "BOOLEAN":
            raise UsageError(f"source {compiled.mapping.source}: {key}: is no condition.")
    for name, table in compiled.tables.items():
        for column, sql in table.rows.items():
            _type_of(connection, compiled, f"tables.{name}.columns.{column}", sql, staged)
    key = f"tables {', '.join(compiled.tables)}"
    try:
        run_source(connection, compiled, columns, Rules(datetime.now(UTC), "UTC"))
    except duckdb.Error as error:
        raise _refused(compiled, key, error) from error


def _type_of(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, key: str, sql: str, relation: str) -> str:
    try:
        return str(connection.execute(f"describe select {sql} from ({relation})").fetchall()[0][1])
    except duckdb.Error as error:
        raise _refused(compiled, key, error) from error


def _refused(compiled: CompiledSource, key: str, error: duckdb.Error) -> UsageError:
    reason = str(error).splitlines()[0].rstrip(".")
    return UsageError(f"source {compiled.mapping.source}: {key}: {reason}. number(x) makes a number of text.")


def run_source(
    connection: duckdb.DuckDBPyConnection,
    compiled: CompiledSource,
    present: frozenset[str],
    rules: Rules,
    given_up: Sequence[int] = (),
) -> list[str]:
    """Run the relation ``incoming``, which has the columns ``present``, through the mapping; gives the warnings."""
    start_problems(connection, given_up)
    _stage(connection, compiled, present)
    for call in compiled.numbers:
        _find_bad_numbers(connection, compiled, call)
    for name, table in compiled.tables.items():
        if table.group:
            _collect_rows(connection, name, table, rules)
    _judge_until_settled(connection, compiled, rules)
    fed = " or ".join(f"_feeds_{name}" for name in compiled.tables)
    connection.execute(
        f"insert into problems select _line, 0, {literal(Reason.UNMAPPED)}, null, {literal(Reason.UNMAPPED.meaning)} "
        f"from staged where _skip is null and not ({fed}) and _line not in ({BAD_LINES})",
    ).fetchall()
    return _clock_warnings(connection, compiled, rules)


def _stage(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, present: frozenset[str]) -> None:
    rules = " ".join(f"when {sql} then {literal(name)}" for name, sql in compiled.skip.items())
    skip = f"case {rules} end" if rules else "null::varchar"
    feeds = "".join(
        f", _skip is null and coalesce({table.where}, false) as _feeds_{name}"
        for name, table in compiled.tables.items()
    )
    connection.execute(
        f"create or replace temp table staged as "
        f"select *{feeds} from (select *, {skip} as _skip from ({compiled.staged(present)}))",
    ).fetchall()


def _find_bad_numbers(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, call: NumberCall) -> None:
    """A number that a fed table needs and that is none; also where the row feeds nothing, perhaps because of it."""
    users = [f"_feeds_{name}" for name, table in compiled.tables.items() if call.result in table.numbers]
    nothing = " and ".join(f"not _feeds_{name}" for name in compiled.tables)
    shown = f"left({call.argument}, {SHOWN_CHARACTERS})"
    needed = " or ".join([*users, f"({nothing})"])
    message = f"{literal(f'{call.label}: ')} || '''' || {shown} || ''' is not a number'"
    connection.execute(
        f"insert into problems select _line, 0, {literal(Reason.BAD_NUMBER)}, {literal(call.label)}, {message} "
        f"from staged where _skip is null and {call.argument} is not null and {call.result} is null and ({needed})",
    ).fetchall()


def _collect_rows(connection: duckdb.DuckDBPyConnection, name: str, table: TableSql, rules: Rules) -> None:
    """``rows_<table>``: keys and aggregate arguments of each foreign row of a grouped table, arguments judged."""
    rows = "".join(f", {sql} as {quoted(key)}" for key, sql in table.rows.items())
    relation = f"select _line{rows} from staged where _feeds_{name}"
    types = _types(connection, relation)
    columns = [column for column in table.contract.columns if column.name in table.typed]
    typed = "".join(
        f", {column_types.converted(quoted(column.name), types[column.name], column.type, rules.zone, rules.numbers)}"
        f" as {value_name(column.name)}"
        for column in columns
    )
    connection.execute(f"create or replace temp table rows_{name} as select *{typed} from ({relation})").fetchall()
    found = [check for column in columns for check in form_checks(column, types, rules)]
    conditions = " or ".join(f"coalesce({check.condition}, false)" for check in found)
    if found:
        add_problems(connection, found, f"from rows_{name}", f"select _line from rows_{name} where {conditions}")


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Type by name in lower case: a column `Status` that is called `status` keeps its own spelling."""
    return {str(row[0]).lower(): str(row[1]) for row in connection.execute(f"describe {relation}").fetchall()}


def _judge_until_settled(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, rules: Rules) -> None:
    """Judge all tables; a bad row leaves all of them, which changes its groups, so judge again until none is bad."""
    before = -1
    while before != (before := _bad_count(connection)):
        for name, table in compiled.tables.items():
            fed = _feed(connection, name, table)
            types = {key: value for key, value in _types(connection, fed).items() if not key.startswith("_")}
            judge(connection, table.contract, types, rules, f"({fed})", f"judged_{name}")
            if table.group:
                _blame_members(connection, name)


def _bad_count(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("select count(distinct _line) from problems").fetchall()[0][0])


def _feed(connection: duckdb.DuckDBPyConnection, name: str, table: TableSql) -> str:
    """SQL that gives the landing rows of a table from all rows that are not bad."""
    if not table.group:
        columns = "".join(f", {sql} as {quoted(key)}" for key, sql in table.rows.items())
        fed = f"_feeds_{name} and _line not in ({BAD_LINES})"
        return f"select _line, null::varchar as _extra{columns} from staged where {fed}"
    keys = ", ".join(f"_g{at}" for at in range(len(table.group)))
    connection.execute(
        f"create or replace temp table members_{name} as "
        f"select *, min(_line) over (partition by {keys}) as _landing "
        f"from rows_{name} where _line not in ({BAD_LINES})",
    ).fetchall()
    columns = "".join(f", {sql} as {quoted(key)}" for key, sql in table.columns.items())
    return f"select min(_line) as _line, null::varchar as _extra{columns} from members_{name} group by {keys}"


def _blame_members(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """What is wrong with a group is wrong with each of its rows."""
    connection.execute(
        f"insert into problems select member._line, problem.position, problem.code, problem.column_name, "
        f"problem.message from problems as problem join members_{name} as member on member._landing = problem._line "
        f"join judged_{name} as judged on judged._line = problem._line "
        f"where judged._is_bad and member._line <> problem._line",
    ).fetchall()


def _clock_warnings(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, rules: Rules) -> list[str]:
    times = []
    for table in compiled.tables.values():
        for column in table.contract.columns:
            if column.type == "timestamp" and column.name in table.rows:
                kind = _types(connection, f"select {table.rows[column.name]} as x from staged")["x"]
                times.append(column_types.local_time(table.rows[column.name], kind))
    present = [time for time in times if time is not None]
    return clock_change_warnings(connection, "staged where _skip is null", present, rules.zone, rules.now)
