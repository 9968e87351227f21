"""What is remarked about a file whose rows are used all the same: clock changes, epochs, words for nothing.

What is wrong with rows stands in ``judging``; what is odd about the text of a file, in its reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from dagster_project.errors import SegmentsError
from dagster_project.raw.column_types import EPOCHS, cleaned, local_time, rendered, source_kind
from dagster_project.raw.dst import clock_change_warnings
from dagster_project.raw.incoming import quoted
from dagster_project.raw.judging import NO_KEY_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from dagster_project.raw.compiling import CompiledSource
    from dagster_project.raw.contracts import Contract
    from dagster_project.raw.incoming import Incoming
    from dagster_project.raw.judging import Rules

_READABLE = "(select * from incoming where _code is null)"
_NOT_SKIPPED = "(select * from staged where _skip is null)"
# No longer text can be one of the words; blanks around it are few. It begins with one of them or with an n.
_LONGEST_WORD_BYTES = 12
_MAY_BE_A_WORD = "({0} < '!' or ({0} >= 'n' and {0} < 'o') or ({0} >= 'N' and {0} < 'O'))"


def remarks(connection: duckdb.DuckDBPyConnection, contract: Contract, incoming: Incoming, rules: Rules) -> list[str]:
    """Remarks about a canonical file in the relation ``incoming``.

    Raises:
        SegmentsError: a column of times counts in two units.
    """
    types = incoming.types
    present = [column for column in contract.columns if column.name in types]
    times = [column.name for column in present if column.type == "timestamp"]
    naive = [time for name in times if (time := local_time(quoted(name), types[name])) is not None]
    numbers = {
        name: rendered(cleaned(quoted(name), types[name]), types[name])
        for name in times
        if source_kind(types[name]) in {"text", "whole", "decimal", "float"}
    }
    references = {
        column.name: rendered(quoted(column.name), types[column.name]) for column in present if column.is_reference
    }
    return [
        *_words_for_nothing(connection, _READABLE, references),
        *_epochs(connection, _READABLE, numbers),
        *clock_change_warnings(connection, _READABLE, naive, rules.zone, rules.now),
    ]


def remarks_on_mapped(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledSource, present: frozenset[str]
) -> list[str]:
    """Remarks about a foreign file in the relation ``staged``, but for clock changes.

    Raises:
        SegmentsError: a column of times counts in two units.
    """
    epochs = []
    for name, table in compiled.tables.items():
        times = {
            f"{name}.{column.name}": quoted(column.name) if table.is_exploded else table.rows[column.name]
            for column in table.contract.columns
            if column.type == "timestamp" and column.name in table.rows
        }
        relation = f"(select * from elements_{name} where _feeds)" if table.is_exploded else _NOT_SKIPPED
        epochs += _epochs(connection, relation, {key: f"({value})::varchar" for key, value in times.items()})
    references = {name: quoted(name) for name in _referring(compiled) if name in present}
    return [*_words_for_nothing(connection, _NOT_SKIPPED, references), *epochs]


def _referring(compiled: CompiledSource) -> list[str]:
    """Foreign columns that say to whom or what a landing row refers."""
    mapping = compiled.mapping
    names = {name.lower(): name for name in mapping.columns}
    found = {
        names[node.name.lower()]
        for table, feeds in mapping.tables.items()
        for column in compiled.tables[table].contract.columns
        if column.is_reference and column.name in feeds.columns
        for node in sqlglot.parse_one(feeds.columns[column.name], dialect="duckdb").find_all(exp.Column)
        if node.name.lower() in names
    }
    return sorted(found)


def _words_for_nothing(connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str]) -> list[str]:
    if not columns:
        return []
    counts = ", ".join(
        f"count(*) filter (where case when {_MAY_BE_A_WORD.format(value)} "
        f"then strlen({value}) <= {_LONGEST_WORD_BYTES} and lower(trim({value})) in {NO_KEY_WORDS} end)"
        for value in columns.values()
    )
    (row,) = connection.execute(f"select {counts} from {relation}").fetchall()
    return [
        f"word_for_nothing: {count:,} values of {name} say null, nan or none and are read as empty"
        for name, count in zip(columns, row, strict=True)
        if count
    ]


def _epochs(connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str]) -> list[str]:
    found = []
    for name, value in columns.items():
        first = connection.execute(f"select {value} from {relation} where {value} is not null limit 1").fetchall()
        if first and any(re.fullmatch(pattern, str(first[0][0])) for pattern in EPOCHS.values()):
            found.append(f"epoch: {name} is read as {_unit(connection, relation, name, value)} since 1970")
    return found


def _unit(connection: duckdb.DuckDBPyConnection, relation: str, name: str, value: str) -> str:
    counts = ", ".join(
        f"count(*) filter (where regexp_full_match({value}, '{pattern}'))" for pattern in EPOCHS.values()
    )
    (row,) = connection.execute(f"select {counts} from {relation}").fetchall()
    units = {unit: count for unit, count in zip(EPOCHS, row, strict=True) if count}
    if len(units) > 1:
        told = " and ".join(f"{count:,} {unit}" for unit, count in units.items())
        raise SegmentsError(f"{name} counts time in several units since 1970: {told}. Let the column have one unit")
    return next(iter(units))
