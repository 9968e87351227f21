"""A foreign file run through its mapping: skip rules, rows to landing rows, groups, and what is wrong with which row.

Leaves one temporary table ``judged_<table>`` per landing table, ``members_<table>`` where rows are grouped,
``elements_<table>`` where lists are exploded, ``staged`` and ``problems``; what is stored of them stands in
``storing``. A landing row made of an element has an id below zero, from which ``line_of`` tells its line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from dagster_project.errors import UsageError
from dagster_project.raw import column_types
from dagster_project.raw.compiling import CompiledSource, Compiler, TableSql
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
from dagster_project.raw.layers import Layer, line_of, stacked
from dagster_project.raw.reasons import Reason
from dagster_project.raw.scopes import Call, message, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.raw.sources import SourceMapping

BAD_LINES = "select _line from problems"


def compile_source(mapping: SourceMapping, zone: str = "UTC") -> CompiledSource:
    """Compile a mapping and run it over an empty file, so that a wrong type is found before any file is read.

    ``zone`` is that of naive times where the mapping names none.

    Raises:
        UsageError: an expression is refused; names source, table, column.
    """
    compiled = Compiler(mapping, mapping.time_zone or zone).compile()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        IncomingTable(connection, list(mapping.columns))
        _bind(connection, compiled)
    return compiled


def _bind(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource) -> None:
    columns = frozenset(compiled.mapping.columns)
    staged = _bind_layers(connection, compiled, compiled.layers, compiled.rows(columns), "let")
    for name, sql in compiled.skip.items():
        _require_condition(connection, compiled, f"skip.{name}", sql, staged)
    for name, table in compiled.tables.items():
        relation = _bind_layers(connection, compiled, table.layers, staged, f"tables.{name}.let")
        _require_condition(connection, compiled, f"tables.{name}.where", table.where, relation)
        for column, sql in table.rows.items():
            _type_of(connection, compiled, f"tables.{name}.columns.{column}", sql, relation)
    key = f"tables {', '.join(compiled.tables)}"
    try:
        run_source(connection, compiled, columns, Rules(datetime.now(UTC), "UTC"))
    except duckdb.Error as error:
        raise _refused(compiled, key, error) from error


def _bind_layers(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, layers: tuple[Layer, ...], below: str, key: str
) -> str:
    whole = stacked(below, layers)
    try:
        connection.execute(f"describe {whole}").fetchall()
    except duckdb.Error:
        # Only now one by one, to find the one to name.
        for at, layer in enumerate(layers, 1):
            where = "a function" if layer.name.startswith("_") else f"{key}.{layer.name}"
            _type_of(connection, compiled, where, quoted(layer.name), stacked(below, layers[:at]))
        raise
    return whole


def _require_condition(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, key: str, sql: str, relation: str
) -> None:
    if _type_of(connection, compiled, key, sql, relation) != "BOOLEAN":
        raise UsageError(f"source {compiled.mapping.source}: {key}: is no condition.")


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
    for call in compiled.calls:
        _find_wrong_values(connection, compiled, call)
    for name, table in compiled.tables.items():
        if table.is_exploded:
            _explode(connection, name, table)
        if table.group:
            _type_arguments(connection, name, table, rules)
    _judge_until_settled(connection, compiled, rules)
    fed = " union all ".join(
        f"select _line from elements_{name} where _feeds"
        if table.is_exploded
        else f"select _line from staged where _feeds_{name}"
        for name, table in compiled.tables.items()
    )
    connection.execute(
        f"insert into problems select _line, 0, {literal(Reason.UNMAPPED)}, null, {literal(Reason.UNMAPPED.meaning)} "
        f"from staged where _skip is null and _line not in ({fed}) and _line not in ({BAD_LINES})",
    ).fetchall()
    return _clock_warnings(connection, compiled, rules)


def _stage(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, present: frozenset[str]) -> None:
    rules = " ".join(f"when {sql} then {literal(name)}" for name, sql in compiled.skip.items())
    skip = f"case {rules} end" if rules else "null::varchar"
    feeds = "".join(
        f", _skip is null and coalesce({table.where}, false) as _feeds_{name}"
        for name, table in compiled.tables.items()
        if not table.is_exploded
    )
    connection.execute(
        f"create or replace temp table staged as "
        f"select *{feeds} from (select *, {skip} as _skip from ({compiled.staged(present)}))",
    ).fetchall()


def _find_wrong_values(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, call: Call) -> None:
    """A value that a fed table needs and that is none; also where the row feeds nothing, perhaps because of it."""
    plain = {name: table for name, table in compiled.tables.items() if not table.is_exploded}
    users = [f"_feeds_{name}" for name, table in plain.items() if call.result in table.used]
    users += [f"({table.where}) is null" for table in plain.values() if call.result in table.decisive]
    users += ["true" for table in compiled.tables.values() if table.is_exploded and call.result in table.used]
    nothing = " and ".join(f"not _feeds_{name}" for name in plain) or "true"
    needed = " or ".join([*users, f"({nothing})"])
    _add_wrong_values(connection, call, f"from staged where _skip is null and ({needed})")


def _add_wrong_values(connection: duckdb.DuckDBPyConnection, call: Call, rows: str) -> None:
    connection.execute(
        f"insert into problems select _line, 0, {literal(call.reason)}, {literal(call.label)}, "
        f"{message(call, SHOWN_CHARACTERS)} {rows} and {wrong(call)}",
    ).fetchall()


def _explode(connection: duckdb.DuckDBPyConnection, name: str, table: TableSql) -> None:
    """``elements_<table>``: what the table needs of each element, and whether the element feeds it."""
    rows = "".join(f", {sql} as {quoted(key)}" for key, sql in table.rows.items())
    calls = "".join(f", {quoted(column)}" for call in table.calls for column in (call.argument, call.result))
    relation = stacked("select * from staged where _skip is null", table.layers)
    connection.execute(
        f"create or replace temp table elements_{name} as "
        f"select _line, _row, coalesce({table.where}, false) as _feeds, ({table.where}) is null as _undecided"
        f"{calls}{rows} from ({relation})",
    ).fetchall()
    for call in table.calls:
        needed = "_feeds or _undecided" if call.result in table.decisive else "_feeds"
        needed = "true" if call.result in table.lists else needed
        _add_wrong_values(connection, call, f"from elements_{name} where ({needed})")


def _fed_rows(name: str, table: TableSql) -> str:
    """SQL of the rows that feed a table, with what ``TableSql.rows`` names."""
    if table.is_exploded:
        columns = "".join(f", {quoted(key)}" for key in table.rows)
        return f"select _line, _row{columns} from elements_{name} where _feeds"
    columns = "".join(f", {sql} as {quoted(key)}" for key, sql in table.rows.items())
    return f"select _line, _line as _row{columns} from staged where _feeds_{name}"


def _type_arguments(connection: duckdb.DuckDBPyConnection, name: str, table: TableSql, rules: Rules) -> None:
    """``rows_<table>``: keys and aggregate arguments of each row of a grouped table, arguments judged."""
    relation = _fed_rows(name, table)
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
    # DuckDB tells `"Email" as "email"` under the first name; all names of landing are lower case.
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
            if table.is_exploded:
                connection.execute(f"update problems set _line = {line_of('_line')} where _line < 0").fetchall()


def _bad_count(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("select count(distinct _line) from problems").fetchall()[0][0])


def _feed(connection: duckdb.DuckDBPyConnection, name: str, table: TableSql) -> str:
    """SQL that gives the landing rows of a table from all rows that are not bad."""
    if not table.group:
        columns = "".join(f", {quoted(key)}" for key in table.rows)
        fed = f"{_fed_rows(name, table)} and _line not in ({BAD_LINES})"
        return f"select _row as _line, null::varchar as _extra{columns} from ({fed})"
    keys = ", ".join(f"_g{at}" for at in range(len(table.group)))
    connection.execute(
        f"create or replace temp table members_{name} as "
        f"select *, min(_row) over (partition by {keys}) as _landing "
        f"from rows_{name} where _line not in ({BAD_LINES})",
    ).fetchall()
    columns = "".join(f", {sql} as {quoted(key)}" for key, sql in table.columns.items())
    return f"select min(_row) as _line, null::varchar as _extra{columns} from members_{name} group by {keys}"


def _blame_members(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """What is wrong with a group is wrong with each of its rows."""
    connection.execute(
        f"insert into problems select member._line, problem.position, problem.code, problem.column_name, "
        f"problem.message from problems as problem join members_{name} as member on member._landing = problem._line "
        f"join judged_{name} as judged on judged._line = problem._line "
        f"where judged._is_bad and member._row <> problem._line",
    ).fetchall()


def _clock_warnings(connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, rules: Rules) -> list[str]:
    plain: list[str] = []
    warnings: list[str] = []
    for name, table in compiled.tables.items():
        relation = f"elements_{name}" if table.is_exploded else "staged"
        times = []
        for column in table.contract.columns:
            if column.type == "timestamp" and column.name in table.rows:
                value = quoted(column.name) if table.is_exploded else table.rows[column.name]
                times.append(
                    column_types.local_time(value, _types(connection, f"select {value} as x from {relation}")["x"])
                )
        present = [time for time in times if time is not None]
        if table.is_exploded:
            warnings += clock_change_warnings(connection, f"{relation} where _feeds", present, rules.zone, rules.now)
        else:
            plain += present
    return clock_change_warnings(connection, "staged where _skip is null", plain, rules.zone, rules.now) + warnings
