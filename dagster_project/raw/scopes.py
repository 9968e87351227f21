"""Names that the expressions of a mapping may use, and the layers of SQL that their functions need.

One scope is over the rows of the file; a table that explodes lists has one of its own over their elements. What the
language allows stands in ``expressions``, how a layer is written in ``layers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Never

from sqlglot import exp

from dagster_project.errors import UsageError
from dagster_project.raw import column_types, expressions
from dagster_project.raw.column_types import NumberFormat, cleaned, number_pattern, point_number
from dagster_project.raw.expressions import EPOCH_UNITS, ExpressionError, close_match, json_path, label, written
from dagster_project.raw.incoming import literal, quoted
from dagster_project.raw.layers import Computed, Elements, Layer, element_number, parent_name, row_ids
from dagster_project.raw.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.raw.sources import SourceMapping

NUMBER_DECIMALS = 4
# Wide enough that a product of two numbers keeps all digits.
NUMBER_TYPE = f"decimal(38, {NUMBER_DECIMALS})"
# The end of the year 9999, in microseconds.
LATEST_EPOCH = 253_402_300_799_999_999
JSON_LIST = "ARRAY"


@dataclass(frozen=True)
class Call:
    """A function whose value may be no such thing: the columns of argument and result, and what to say then."""

    argument: str
    result: str
    label: str
    reason: Reason
    fault: str
    shows_value: bool = True


def fail(source: str, where: str, sentence: str) -> Never:
    """Refuse the mapping.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"source {source}: {where}: {sentence}.")


class Scope:
    """Expressions resolved: names made exact, functions replaced by columns that layers compute.

    ``names`` are what expressions may use, ``needs`` the results of calls behind each, ``parents`` the parents' columns
    in use by depth.
    """

    def __init__(self, mapping: SourceMapping, zone: str, outer: Scope | None = None, tag: str = "") -> None:
        self._mapping = mapping
        self._zone = zone
        self._tag = tag
        self._format = NumberFormat(mapping.decimal_separator, mapping.thousands_separator)
        known = {name.lower(): name for name in mapping.columns}
        self.names: dict[str, str] = dict(outer.names) if outer else known
        self._order = "_line"
        self._columns: dict[str, str] = {}
        self.needs: dict[str, frozenset[str]] = dict(outer.needs) if outer else {}
        self.parents: dict[int, dict[str, None]] = outer.parents if outer else {}
        self.layers: list[Layer] = []
        self.calls: dict[str, Call] = {}
        self.lists: frozenset[str] = frozenset()

    def add_let(self, let: Mapping[str, str], where: str) -> None:
        """Make named expressions known, each to the ones after it."""
        for name, text in let.items():
            tree, calls = self.row_level(text, f"{where}.{name}")
            self.layers.append(Computed(name, written(tree)))
            self._name(name)
            self.needs[name] = calls

    def add_elements(self, explode: Mapping[str, str], where: str) -> None:
        """Make the elements of lists known; from here on a row is an element of the last of them."""
        for name, text in explode.items():
            tree, _ = self.row_level(text, f"{where}.{name}")
            call = self.calls[self._json(tree, label(self._parsed(text, where)), JSON_LIST)]
            self.lists |= {call.result}
            self.layers.append(Elements(name, call.argument, call.result))
            self._name(name)
            self._name(element_number(name))
        self.layers.extend(row_ids(list(explode)))
        self._order = quoted("_row")

    def row_level(self, text: str, where: str) -> tuple[exp.Expr, frozenset[str]]:
        """The expression over one row, and the results of calls that it uses.

        Raises:
            UsageError: it is refused, or holds an aggregate.
        """
        tree = self._parsed(text, where)
        if any(expressions.is_aggregate(node) for node in tree.walk()):
            fail(self._mapping.source, where, "first, min, max and sum are for columns of a table with one_row_per")
        return self._resolved(tree, where)

    def group_level(self, text: str, where: str) -> tuple[exp.Expr, frozenset[str]]:
        """The expression over a group, its aggregates left in place, and the results of calls that it uses."""
        return self._resolved(self._parsed(text, where), where)

    def _name(self, name: str) -> None:
        if name in self.names:
            fail(self._mapping.source, "let and explode", f"the name {name!r} is used twice")
        self.names[name] = name

    def _parsed(self, text: str, where: str) -> exp.Expr:
        try:
            return expressions.parse(text, self.names)
        except ExpressionError as error:
            fail(self._mapping.source, where, str(error))

    def _resolved(self, tree: exp.Expr, where: str) -> tuple[exp.Expr, frozenset[str]]:
        used: set[str] = set()

        def replace(node: exp.Expr) -> exp.Expr:
            if type(node) is exp.Column:
                name = self._column(node, where)
                used.update(self.needs.get(name, ()))
                return expressions.column(name)
            call = expressions.row_call(node)
            if call is None:
                return node
            function, (argument, *texts) = call
            if any(expressions.is_aggregate(part) for part in argument.walk()):
                fail(self._mapping.source, where, f"{function}() takes a value of one row; aggregate outside of it")
            inner, inner_used = self._resolved(argument.copy(), where)
            used.update(inner_used)
            name = self._called(function, inner, label(argument), [text.name for text in texts])
            used.update(self.needs.get(name, ()))
            return expressions.column(name)

        # transform() does not visit what a replacement holds, so arguments are resolved by the call above.
        return tree.transform(replace), frozenset(used)

    def _column(self, node: exp.Column, where: str) -> str:
        depth, name = expressions.parent_depth(node), self.names[node.name.lower()]
        if not depth:
            return name
        if self._mapping.parent is None:
            fail(self._mapping.source, where, f"{label(node)} needs `parent: {{key: ..., reference: ...}}`")
        if name not in self._mapping.columns:
            hint = close_match(name, list(self._mapping.columns))
            fail(self._mapping.source, where, f"{label(node)}: of a parent only columns of the file are known{hint}")
        self.parents.setdefault(depth, {})[name] = None
        return parent_name(depth, name)

    def _called(self, function: str, argument: exp.Expr, shown: str, texts: list[str]) -> str:
        sql = written(argument)
        match function:
            case "number":
                name = self._number(sql, shown)
            case "number_within":
                name = self._computed("ordinal", f"row_number() over (partition by {sql} order by {self._order})")
            case "json":
                document = self._json(argument, shown)
                name = self._value(document, f"json_extract_string({quoted(document)}, {literal(json_path(texts[0]))})")
            case "lookup":
                name = self._lookup(self._json(argument, shown, JSON_LIST), *texts)
            case "sum_of":
                name = self._sum(self._json(argument, shown, JSON_LIST), shown, texts[0])
            case "time":
                name = self._time(sql, shown, texts)
            case _:
                name = self._epoch(sql, shown, texts[0])
        return name

    def _computed(self, kind: str, sql: str) -> str:
        """The column with the expression's value; equal expressions share one."""
        if sql not in self._columns:
            name = f"_{self._tag}{kind}_{len(self._columns)}"
            self.layers.append(Computed(name, sql))
            self._columns[sql] = name
        return self._columns[sql]

    def _call(self, call: Call) -> str:
        self.calls[call.result] = call
        self.needs[call.result] = self.needs.get(call.result, frozenset()) | {call.result}
        return call.result

    def _text(self, sql: str) -> str:
        return self._computed("text", f"({sql})::varchar")

    def _number(self, sql: str, shown: str) -> str:
        text = self._text(sql)
        result = self._computed("number", self._exact(quoted(text)))
        return self._call(Call(text, result, shown, Reason.BAD_NUMBER, "is not a number"))

    def _exact(self, text: str) -> str:
        point = point_number(text, self._format)
        pattern = number_pattern(NUMBER_DECIMALS)
        return f"case when regexp_full_match({point}, '{pattern}') then try_cast({point} as {NUMBER_TYPE}) end"

    def _sum(self, document: str, shown: str, path: str) -> str:
        """The sum of a number in each element; an element without it adds nothing, one that is none spoils it."""
        text = f"coalesce(json_extract_string(element, {literal(json_path(path))}), '0')"
        parts = f"list_transform(json_extract({quoted(document)}, '$[*]'), lambda element: {self._exact(text)})"
        numbers = self._computed("numbers", parts)
        is_whole = f"list_count({quoted(numbers)}) = len({quoted(numbers)})"
        total = f"case when {is_whole} then coalesce(list_sum({quoted(numbers)}), 0)::{NUMBER_TYPE} end"
        result = self._computed("sum", total)
        self.needs[result] = self.needs[document]
        return self._call(
            Call(
                document, result, f"{shown}: {path}", Reason.BAD_NUMBER, "holds what is not a number", shows_value=False
            )
        )

    def _json(self, argument: exp.Expr, shown: str, kind: str | None = None) -> str:
        text = self._text(written(argument))
        is_such = f"json_valid({quoted(text)})"
        if kind:
            is_such = f"case when {is_such} then json_type({quoted(text)}) = {literal(kind)} end"
        result = self._computed("json", f"case when {is_such} then {quoted(text)} end")
        fault = "is no JSON list" if kind else "is not JSON"
        return self._call(Call(text, result, shown, Reason.BROKEN_JSON, fault, shows_value=False))

    def _value(self, document: str, sql: str) -> str:
        name = self._computed("value", cleaned(sql, "VARCHAR"))
        self.needs[name] = self.needs[document]
        return name

    def _lookup(self, document: str, key_path: str, wanted: str, value_path: str) -> str:
        key = f"json_extract_string(element, {literal(json_path(key_path))})"
        found = f"list_filter(json_extract({quoted(document)}, '$[*]'), lambda element: {key} = {literal(wanted)})[1]"
        return self._value(document, f"json_extract_string({found}, {literal(json_path(value_path))})")

    def _time(self, sql: str, shown: str, formats: list[str]) -> str:
        text = self._text(sql)
        if formats:
            parsed = f"try_strptime({quoted(text)}, {literal(formats[0])})"
            has_offset = "%z" in formats[0]
            value = f"{parsed}::timestamptz" if has_offset else column_types.at_zone(parsed, self._zone)
        else:
            value = column_types.converted(quoted(text), "VARCHAR", "timestamp", self._zone, self._format)
        result = self._computed("time", value)
        return self._call(Call(text, result, shown, Reason.BAD_TIME, "is not a time"))

    def _epoch(self, sql: str, shown: str, unit: str) -> str:
        text, factor = self._text(sql), EPOCH_UNITS[unit]
        number = f"try_cast({quoted(text)} as decimal(38, 6))"
        is_such = f"regexp_full_match({quoted(text)}, '[0-9]+([.][0-9]+)?') and {number} * {factor} <= {LATEST_EPOCH}"
        result = self._computed("time", f"case when {is_such} then make_timestamptz(({number} * {factor})::bigint) end")
        return self._call(Call(text, result, shown, Reason.BAD_TIME, f"is no time in {unit} since 1970"))


def wrong(call: Call) -> str:
    """SQL that is true where the argument is there and is no such value."""
    return f"{quoted(call.argument)} is not null and {quoted(call.result)} is null"


def message(call: Call, shown_characters: int) -> str:
    """SQL of the sentence about a wrong value."""
    if not call.shows_value:
        return literal(f"{call.label}: {call.fault}")
    shown = f"left({quoted(call.argument)}::varchar, {shown_characters})"
    return f"{literal(f'{call.label}: ')} || '''' || {shown} || {literal(f'{chr(39)} {call.fault}')}"
