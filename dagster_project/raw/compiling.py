"""A source mapping compiled: its tables checked against their contracts, and written as SQL.

What the language allows stands in ``expressions``, which names it knows in ``scopes``; how the SQL is run over a file
stands in ``mapped``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Never

from sqlglot import exp

from dagster_project.raw import expressions
from dagster_project.raw.column_types import NumberFormat
from dagster_project.raw.contracts import Contract, contracts
from dagster_project.raw.expressions import close_match, written
from dagster_project.raw.incoming import literal
from dagster_project.raw.judging import without_words_for_nothing
from dagster_project.raw.layers import Layer, base, stacked, with_parents
from dagster_project.raw.scopes import Call, Scope, fail

if TYPE_CHECKING:
    from dagster_project.raw.sources import SourceMapping, TableMapping

# Ids that are unique in one shop only; `shop:` makes them unique in the warehouse.
SHOP_IDS = frozenset(
    {
        "order_id", "customer_id", "product_id", "refund_id", "event_id", "anonymous_id", "session_id", "cart_id",
        "message_id", "campaign_id", "offer_id",
    },
)  # fmt: skip


@dataclass(frozen=True)
class TableSql:
    """How one landing table is fed.

    ``rows`` are the expressions per row: of the file, or, where there are ``layers``, of the elements that these give.
    For a grouped table these are the group's own (``_g0`` ...) and the arguments of its aggregates, and ``columns`` are
    the landing columns over them; else ``columns`` is empty. ``typed`` names the arguments that must be typed before
    they are compared. ``used`` and ``decisive`` name the results of calls that the table, and its ``where``, depend on;
    ``lists`` name those that were exploded.
    """

    contract: Contract
    where: str
    rows: dict[str, str]
    columns: dict[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    decisive: frozenset[str] = frozenset()
    layers: tuple[Layer, ...] = ()
    calls: tuple[Call, ...] = ()
    lists: frozenset[str] = frozenset()

    @property
    def is_exploded(self) -> bool:
        """Whether rows are elements of lists and not rows of the file."""
        return bool(self.layers)


@dataclass(frozen=True)
class CompiledSource:
    """The SQL of a mapping: ``layers`` add one column after the other to the file's own."""

    mapping: SourceMapping
    layers: tuple[Layer, ...]
    parents: dict[int, tuple[str, ...]]
    calls: tuple[Call, ...]
    skip: dict[str, str]
    tables: dict[str, TableSql]

    @property
    def number_format(self) -> NumberFormat:
        """How the source writes numbers."""
        return NumberFormat(self.mapping.decimal_separator, self.mapping.thousands_separator)

    @property
    def reads_json(self) -> bool:
        """Whether values come out of JSON, where a NUL character can hide from the readers."""
        calls = [*self.calls, *(call for table in self.tables.values() for call in table.calls)]
        return any(not call.shows_value for call in calls)

    def rows(self, present: frozenset[str]) -> str:
        """SQL that gives each readable row as the file has it, with its parents; absent columns are null."""
        sql = base(self.mapping.columns, present, self.mapping.fill_down)
        if self.mapping.parent is not None and self.parents:
            sql = with_parents(sql, self.mapping.parent, self.parents)
        return sql

    def staged(self, present: frozenset[str]) -> str:
        """SQL that gives each readable row with its named expressions."""
        return stacked(self.rows(present), self.layers)


class Compiler:
    """Compiles one mapping; every error names the source's file shape, the key and a close match."""

    def __init__(self, mapping: SourceMapping, zone: str) -> None:
        self._mapping = mapping
        self._zone = zone
        self._file = Scope(mapping, zone)

    def compile(self) -> CompiledSource:
        """The whole mapping.

        Raises:
            UsageError: an expression is refused, or a table's columns do not meet its contract.
        """
        mapping, scope = self._mapping, self._file
        scope.add_let(mapping.let, "let")
        skip = {name: written(scope.row_level(text, f"skip.{name}")[0]) for name, text in mapping.skip.items()}
        tables = {name: self._table(name, table) for name, table in mapping.tables.items()}
        parents = {depth: tuple(names) for depth, names in scope.parents.items()}
        return CompiledSource(mapping, tuple(scope.layers), parents, tuple(scope.calls.values()), skip, tables)

    def _fail(self, where: str, sentence: str) -> Never:
        fail(self._mapping.source, where, sentence)

    def _table(self, name: str, table: TableMapping) -> TableSql:
        if name not in contracts():
            self._fail(f"tables.{name}", f"is no landing table{close_match(name, list(contracts()))}")
        if not table.explode:
            return self._fed(name, table, self._file)
        scope = Scope(self._mapping, self._zone, self._file, "element_")
        scope.add_elements(table.explode, f"tables.{name}.explode")
        scope.add_let(table.let, f"tables.{name}.let")
        fed = self._fed(name, table, scope)
        return replace(fed, layers=tuple(scope.layers), calls=tuple(scope.calls.values()), lists=scope.lists)

    def _fed(self, name: str, table: TableMapping, scope: Scope) -> TableSql:
        contract = contracts()[name]
        texts = self._completed(contract, table)
        where, decisive = scope.row_level(table.where, f"tables.{name}.where")
        if table.one_row_per:
            return self._grouped(contract, table, texts, scope, TableSql(contract, written(where), {}, used=decisive))
        rows: dict[str, str] = {}
        used = decisive
        for column, text in texts.items():
            tree, calls = scope.row_level(text, f"tables.{name}.columns.{column}")
            rows[column] = self._with_shop(contract, column, written(tree), rows)
            used |= calls
        return TableSql(contract, written(where), rows, used=used, decisive=decisive)

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
        self, contract: Contract, table: TableMapping, texts: dict[str, str], scope: Scope, fed: TableSql
    ) -> TableSql:
        at = f"tables.{contract.table}"
        group: list[str] = []
        used = fed.used
        for text in table.one_row_per:
            tree, calls = scope.row_level(text, f"{at}.one_row_per")
            group.append(written(tree))
            used |= calls
        rows = {f"_g{position}": sql for position, sql in enumerate(group)}
        columns: dict[str, str] = {}
        typed: list[str] = []
        for column, text in texts.items():
            key = f"{at}.columns.{column}"
            tree, calls = scope.group_level(text, key)
            used |= calls
            columns[column] = self._with_shop(
                contract, column, self._aggregated(contract, column, tree, group, rows, typed, key), columns
            )
        return replace(
            fed, rows=rows, columns=columns, typed=tuple(typed), group=tuple(group), used=used, decisive=fed.used
        )

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

        def replaced(node: exp.Expr) -> exp.Expr:
            if not expressions.is_aggregate(node):
                sql = written(node)
                return expressions.column(f"_g{group.index(sql)}") if sql in group else node
            if any(expressions.is_aggregate(part) for part in node.this.walk()):
                self._fail(key, "aggregates cannot stand inside each other")
            name = column if column in typed else f"_a{len(rows)}"
            rows[name] = written(node.this)
            argument = expressions.column(f"_typed_{column}" if column in typed else name)
            if isinstance(node, exp.First):
                return exp.Anonymous(this="arg_min", expressions=[argument, expressions.column("_row")])
            return type(node)(this=argument)

        result = tree.transform(replaced)
        for node in result.find_all(exp.Column):
            if not node.name.startswith(("_g", "_a", "_typed_", "_row")):
                name = "the value of a function" if node.name.startswith("_") else node.name
                self._fail(key, f"{name} must stand in one_row_per or inside first, min, max or sum")
        return written(result)
