"""The expression language of source mappings: a small allow-listed part of SQL, parsed and written anew.

Only what is listed here passes: columns of the file and named expressions, literals, operators and a few functions.
What an expression means for a table stands in ``compiling``.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_EXPRESSION = 5_000
PATH_PART = re.compile(r'"[^"]+"|[^"\s.\[\]]+')
PATH = re.compile(rf"({PATH_PART.pattern})(\.({PATH_PART.pattern}))*")
AGGREGATES = (exp.First, exp.Min, exp.Max, exp.Sum)
PARENT = "parent"
EPOCH_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
# Functions that are no SQL: their first argument is a value, further ones are texts; how many there may be.
ROW_FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "number": (1, 1, "takes one value"),
    "number_within": (1, 1, "takes one value"),
    "json": (2, 2, "takes a value and a path such as 'customer.id'"),
    "lookup": (4, 4, "takes a list, the path of the key, the key wanted, and the path of the value"),
    "sum_of": (2, 2, "takes a list and the path of the number in its elements"),
    "time": (1, 2, "takes a value and perhaps a format such as '%d/%m/%Y %H:%M'"),
    "from_epoch": (2, 2, "takes a value and its unit, 's', 'ms' or 'us'"),
}
FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Nullif: "nullif",
    exp.Lower: "lower",
    exp.Upper: "upper",
    exp.Trim: "trim",
    exp.Left: "left",
    exp.Right: "right",
    exp.Substring: "substr",
    exp.Length: "length",
    exp.Replace: "replace",
    exp.SplitPart: "split_part",
    exp.RegexpLike: "regexp_matches",
    exp.RegexpExtract: "regexp_extract",
    exp.StartsWith: "starts_with",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Abs: "abs",
    exp.Round: "round",
    exp.Concat: "concat",
    exp.First: "first",
    exp.Min: "min",
    exp.Max: "max",
    exp.Sum: "sum",
}
OPERATORS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren,
        exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg,
        exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not,
        exp.Case, exp.If, exp.Is, exp.In, exp.Like, exp.ILike, exp.Between, exp.DPipe,
    },
)  # fmt: skip


class ExpressionError(Exception):
    """An expression is refused; the text says which part of it and what is allowed."""


def parse(text: str, names: Mapping[str, str]) -> exp.Expr:
    """Parse an expression whose columns are ``names`` (lower-cased name: name as it stands in the file).

    Raises:
        ExpressionError: the text is no single expression, or holds something that is not allowed.
    """
    tree = _parsed(text)
    for node in tree.walk():
        _check(node, names)
    return tree


def _parsed(text: str) -> exp.Expr:
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"is longer than {LONGEST_EXPRESSION:,} characters")
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        reason = str(error).splitlines()[0] if isinstance(error, SqlglotError) else "nested too deeply"
        raise ExpressionError(f"cannot be read: {reason}") from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError("is not one expression")
    tree = trees[0]
    if not isinstance(tree, exp.Expr):
        raise ExpressionError("is not one expression")
    return tree


def _check(node: exp.Expr, names: Mapping[str, str]) -> None:
    kind = type(node)
    call = row_call(node)
    if call is not None:
        _check_call(*call)
    elif kind is exp.Anonymous:
        name = str(node.this).lower()
        known = [*FUNCTIONS.values(), *ROW_FUNCTIONS]
        raise ExpressionError(f"unknown function {name!r}{close_match(name, known)}. Functions are: {', '.join(known)}")
    elif kind not in OPERATORS and kind not in FUNCTIONS:
        raise ExpressionError(f"holds {_shown(node)}, which is not allowed")
    elif type(node) is exp.Column:
        _check_column(node, names)
    elif is_aggregate(node) and [name for name, value in node.args.items() if value] != ["this"]:
        raise ExpressionError(f"{_shown(node)}: takes one value")


def _check_call(name: str, arguments: list[exp.Expr]) -> None:
    fewest, most, sentence = ROW_FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        raise ExpressionError(f"{name}() {sentence}")
    for argument in arguments[1:]:
        if type(argument) is not exp.Literal or not argument.is_string:
            raise ExpressionError(f"{name}() {sentence}; {_shown(argument)} is no text in single quotes")
    texts = [argument.name for argument in arguments[1:]]
    if name == "from_epoch" and texts[0] not in EPOCH_UNITS:
        raise ExpressionError(f"{name}() {sentence}")
    paths = {"json": texts, "sum_of": texts, "lookup": texts[::2]}.get(name, [])
    for path in paths:
        json_path(path)


def json_path(text: str) -> str:
    """The path in DuckDB's way of writing: ``a."b c".0`` is ``$."a"."b c"[0]``.

    Raises:
        ExpressionError: the text is no path.
    """
    if not PATH.fullmatch(text):
        raise ExpressionError(f"{text!r} is no path such as 'customer.id', 'items.0.sku' or 'a.\"b.c\"'")
    parts = [part.group() for part in PATH_PART.finditer(text)]
    return "$" + "".join(f"[{part}]" if part.isdigit() else '."' + part.strip('"') + '"' for part in parts)


def _check_column(node: exp.Column, names: Mapping[str, str]) -> None:
    above = [part.name.lower() for part in node.parts[:-1]]
    if not isinstance(node.this, exp.Identifier) or set(above) - {PARENT}:
        raise ExpressionError(f"holds {_shown(node)}, which is not allowed")
    if node.name.lower() not in names:
        raise ExpressionError(f"unknown column {node.name!r}{close_match(node.name, list(names.values()))}")


def _shown(node: exp.Expr) -> str:
    return repr(node.sql(dialect="duckdb", comments=False)[:60])


def close_match(name: str, known: list[str]) -> str:
    """`` (did you mean ...?)``, or nothing."""
    lowered = {word.lower(): word for word in known}
    close = get_close_matches(name.lower(), list(lowered), n=1)
    return f" (did you mean {lowered[close[0]]!r}?)" if close else ""


def is_aggregate(node: exp.Expr) -> bool:
    """Whether the node takes one value of many rows."""
    return type(node) in AGGREGATES


def row_call(node: exp.Expr) -> tuple[str, list[exp.Expr]] | None:
    """Name and arguments where the node calls one of ``ROW_FUNCTIONS``."""
    if type(node) is exp.ParseJSON:
        return "json", [part for part in (node.this, node.expression) if part is not None]
    if type(node) is exp.Time:
        return "time", [part for part in (node.this, node.args.get("zone")) if part is not None]
    name = str(node.this).lower() if type(node) is exp.Anonymous else ""
    return (name, list(node.expressions)) if name in ROW_FUNCTIONS else None


def parent_depth(node: exp.Column) -> int:
    """How many parents up the column stands: ``x`` 0, ``parent.x`` 1, ``parent.parent.x`` 2."""
    return len(node.parts) - 1


def column(name: str) -> exp.Column:
    """A column, quoted."""
    return exp.column(exp.to_identifier(name, quoted=True))


def label(tree: exp.Expr) -> str:
    """The expression as its author knows it, for messages."""
    if type(tree) is exp.Column and not parent_depth(tree):
        return tree.name

    def as_written(node: exp.Expr) -> exp.Expr:
        call = row_call(node)
        return exp.Anonymous(this=call[0], expressions=call[1]) if call else node

    return tree.transform(as_written).sql(dialect="duckdb", comments=False, normalize_functions="lower")


def written(tree: exp.Expr) -> str:
    """The expression as SQL, every name quoted, comments gone."""
    return tree.sql(dialect="duckdb", identify=True, comments=False)
