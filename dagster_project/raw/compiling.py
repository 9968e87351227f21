"""A source mapping compiled: its expressions checked against columns and contracts, and written as SQL.

What the language allows stands in ``expressions``; how the SQL is run over a file stands in ``mapped``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Never

from sqlglot import exp

from dagster_project.errors import UsageError
from dagster_project.raw import expressions
from dagster_project.raw.column_types import NumberFormat, cleaned, number_pattern, point_number
from dagster_project.raw.contracts import Contract, contracts
from dagster_project.raw.expressions import ExpressionError, close_match, written
from dagster_project.raw.incoming import literal, quoted
from dagster_project.raw.judging import without_words_for_nothing

if TYPE_CHECKING:
    from dagster_project.raw.sources import SourceMapping, TableMapping

# Ids that are unique in one shop only; `shop:` makes them unique in the warehouse.
SHOP_IDS = frozenset(
    {"order_id", "customer_id", "product_id", "refund_id", "event_id", "anonymous_id", "session_id", "cart_id"},
)
NUMBER_DECIMALS = 4
# Wide enough that a product of two numbers keeps all digits.
NUMBER_TYPE = f"decimal(38, {NUMBER_DECIMALS})"


@dataclass(frozen=True)
class NumberCall:
    """One ``number(x)``: the columns of its argument and its result, and what to call it in messages."""

    argument: str
    result: str
    label: str


@dataclass(frozen=True)
class TableSql:
    """How one landing table is fed.

    ``rows`` are the expressions per foreign row. For a grouped table these are the group's own (``_g0`` ...) and the
    arguments of its aggregates, and ``columns`` are the landing columns over them; else ``columns`` is empty.
    ``typed`` names the arguments that must be typed before they are compared.
    """

    contract: Contract
    where: str
    rows: dict[str, str]
    columns: dict[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CompiledSource:
    """The SQL of a mapping: ``layers`` add one column after the other to the file's own."""

    mapping: SourceMapping
    layers: tuple[tuple[str, str], ...]
    numbers: tuple[NumberCall, ...]
    skip: dict[str, str]
    tables: dict[str, TableSql]

    @property
    def number_format(self) -> NumberFormat:
        """How the source writes numbers."""
        return NumberFormat(self.mapping.decimal_separator, self.mapping.thousands_separator)

    def staged(self, present: frozenset[str], depth: int | None = None) -> str:
        """SQL that gives each readable row with its (first ``depth``) named expressions; absent columns are null."""
        columns = "".join(
            f", {cleaned(quoted(name), 'VARCHAR') if name in present else 'null::varchar'} as {quoted(name)}"
            for name in self.mapping.columns
        )
        sql = f"select _line{columns} from incoming where _code is null"
        for name, expression in self.layers[:depth]:
            sql = f"select *, {expression} as {quoted(name)} from ({sql})"
        return sql


class Compiler:
    """Compiles one mapping; every error names the source's file shape, the key and a close match."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._mapping = mapping
        self._format = NumberFormat(mapping.decimal_separator, mapping.thousands_separator)
        self._names = {name.lower(): name for name in mapping.columns}
        self._layers: list[tuple[str, str]] = []
        self._calls: dict[str, NumberCall] = {}
        self._ordinals: dict[str, str] = {}
        self._let_numbers: dict[str, frozenset[str]] = {}

    def compile(self) -> CompiledSource:
        """The whole mapping.

        Raises:
            UsageError: an expression is refused, or a table's columns do not meet its contract.
        """
        for name, text in self._mapping.let.items():
            tree, numbers = self._row_level(text, f"let.{name}")
            self._layers.append((name, written(tree)))
            self._names[name] = name
            self._let_numbers[name] = numbers
        skip = {name: written(self._row_level(text, f"skip.{name}")[0]) for name, text in self._mapping.skip.items()}
        tables = {name: self._table(name, table) for name, table in self._mapping.tables.items()}
        return CompiledSource(self._mapping, tuple(self._layers), tuple(self._calls.values()), skip, tables)

    def _fail(self, where: str, sentence: str) -> Never:
        raise UsageError(f"source {self._mapping.source}: {where}: {sentence}.")

    def _parsed(self, text: str, where: str) -> exp.Expr:
        try:
            return expressions.parse(text, self._names)
        except ExpressionError as error:
            self._fail(where, str(error))

    def _row_level(self, text: str, where: str) -> tuple[exp.Expr, frozenset[str]]:
        tree = self._parsed(text, where)
        if any(expressions.is_aggregate(node) for node in tree.walk()):
            self._fail(where, "first, min, max and sum are for columns of a table with one_row_per")
        return self._resolved(tree, where)

    def _resolved(self, tree: exp.Expr, where: str) -> tuple[exp.Expr, frozenset[str]]:
        """The tree with exact names and with ``number`` and ``number_within`` replaced by columns; the numbers used."""
        used: set[str] = set()

        def replace(node: exp.Expr) -> exp.Expr:
            if type(node) is exp.Column:
                name = self._names[node.name.lower()]
                used.update(self._let_numbers.get(name, ()))
                return expressions.column(name)
            function = expressions.row_function(node)
            if function is None:
                return node
            argument = node.expressions[0]
            if any(expressions.is_aggregate(part) for part in argument.walk()):
                self._fail(where, f"{function}() takes a value of one row; aggregate outside of it")
            inner, inner_numbers = self._resolved(argument.copy(), where)
            used.update(inner_numbers)
            if function == "number_within":
                return expressions.column(self._ordinal(written(inner)))
            call = self._number(inner)
            used.add(call.result)
            return expressions.column(call.result)

        # transform() does not visit what a replacement holds, so arguments are resolved by the call above.
        return tree.transform(replace), frozenset(used)

    def _ordinal(self, argument: str) -> str:
        if argument not in self._ordinals:
            name = f"_ordinal_{len(self._ordinals)}"
            self._layers.append((name, f"row_number() over (partition by {argument} order by _line)"))
            self._ordinals[argument] = name
        return self._ordinals[argument]

    def _number(self, argument: exp.Expr) -> NumberCall:
        sql = written(argument)
        if sql not in self._calls:
            at = len(self._calls)
            self._layers.append((f"_text_{at}", f"({sql})::varchar"))
            point = point_number(f"_text_{at}", self._format)
            pattern = number_pattern(NUMBER_DECIMALS)
            value = f"case when regexp_full_match({point}, '{pattern}') then try_cast({point} as {NUMBER_TYPE}) end"
            self._layers.append((f"_number_{at}", value))
            label = argument.name if type(argument) is exp.Column else sql
            self._calls[sql] = NumberCall(f"_text_{at}", f"_number_{at}", label)
        return self._calls[sql]

    def _table(self, name: str, table: TableMapping) -> TableSql:
        if name not in contracts():
            self._fail(f"tables.{name}", f"is no landing table{close_match(name, list(contracts()))}")
        contract = contracts()[name]
        texts = self._completed(contract, table)
        where, numbers = self._row_level(table.where, f"tables.{name}.where")
        if table.one_row_per:
            return self._grouped(contract, table, texts, written(where), numbers)
        rows: dict[str, str] = {}
        for column, text in texts.items():
            tree, used = self._row_level(text, f"tables.{name}.columns.{column}")
            rows[column] = self._with_shop(contract, column, written(tree), rows)
            numbers |= used
        return TableSql(contract, written(where), rows, numbers=numbers)

    def _completed(self, contract: Contract, table: TableMapping) -> dict[str, str]:
        """The table's columns in contract order, with the source's currency and shop where it gives none itself."""
        names = [column.name for column in contract.columns]
        where = f"tables.{contract.table}.columns"
        for column in table.columns:
            if column not in names:
                self._fail(f"{where}.{column}", f"is no column of {contract.table}{close_match(column, names)}")
        defaults = {"currency": self._mapping.currency, "shop_id": self._mapping.shop}
        texts = {name: literal(value) for name, value in defaults.items() if value and name in names} | table.columns
        for needed in contract.columns:
            if needed.required and needed.name not in texts:
                self._fail(f"{where}.{needed.name}", f"is missing; every row of {contract.table} needs it")
        groups = contract.requires_one_of
        if groups and not any(all(name in texts for name in group) for group in groups):
            self._fail(where, f"{' or '.join(' and '.join(group) for group in groups)} is missing")
        return {name: texts[name] for name in names if name in texts}

    def _with_shop(self, contract: Contract, column: str, sql: str, before: dict[str, str]) -> str:
        if self._mapping.shop is None:
            return sql
        prefixed = f"{literal(self._mapping.shop + ':')} || {without_words_for_nothing(f'({sql})::varchar')}"
        if column in SHOP_IDS:
            return prefixed
        if contract.table == "identities" and column == "identifier":
            kinds = "('customer_id', 'anonymous_id')"
            return f"case when lower({before['identifier_type']}) in {kinds} then {prefixed} else {sql} end"
        return sql

    def _grouped(
        self,
        contract: Contract,
        table: TableMapping,
        texts: dict[str, str],
        where: str,
        numbers: frozenset[str],
    ) -> TableSql:
        at = f"tables.{contract.table}"
        group: list[str] = []
        for text in table.one_row_per:
            tree, used = self._row_level(text, f"{at}.one_row_per")
            group.append(written(tree))
            numbers |= used
        rows = {f"_g{position}": sql for position, sql in enumerate(group)}
        columns: dict[str, str] = {}
        typed: list[str] = []
        for column, text in texts.items():
            key = f"{at}.columns.{column}"
            tree, used = self._resolved(self._parsed(text, key), key)
            numbers |= used
            columns[column] = self._with_shop(
                contract, column, self._aggregated(contract, column, tree, group, rows, typed, key), columns
            )
        return TableSql(contract, where, rows, columns, tuple(typed), tuple(group), numbers)

    def _aggregated(  # noqa: PLR0917
        self,
        contract: Contract,
        column: str,
        tree: exp.Expr,
        group: list[str],
        rows: dict[str, str],
        typed: list[str],
        key: str,
    ) -> str:
        """The landing column over the group; adds the arguments of its aggregates to ``rows``."""
        kind = next(item.type for item in contract.columns if item.name == column)
        if expressions.is_aggregate(tree) and not isinstance(tree, exp.Sum) and kind not in {"text", "json"}:
            rows[column] = written(tree.this)
            typed.append(column)

        def replace(node: exp.Expr) -> exp.Expr:
            if not expressions.is_aggregate(node):
                sql = written(node)
                return expressions.column(f"_g{group.index(sql)}") if sql in group else node
            if any(expressions.is_aggregate(part) for part in node.this.walk()):
                self._fail(key, "aggregates cannot stand inside each other")
            name = column if column in typed else f"_a{len(rows)}"
            rows[name] = written(node.this)
            argument = expressions.column(f"_typed_{column}" if column in typed else name)
            if isinstance(node, exp.First):
                return exp.Anonymous(this="arg_min", expressions=[argument, expressions.column("_line")])
            return type(node)(this=argument)

        result = tree.transform(replace)
        for node in result.find_all(exp.Column):
            if not node.name.startswith("_"):
                self._fail(key, f"{node.name} must stand in one_row_per or inside first, min, max or sum")
        return written(result)
