"""The expression language of source mappings: a small allow-listed part of SQL, parsed and written anew.

Only what is listed here passes: columns of the file and named expressions, literals, operators and a few functions.
What an expression means for a table stands in ``compiling``.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_EXPRESSION = 5_000
AGGREGATES = (exp.First, exp.Min, exp.Max, exp.Sum)
ROW_FUNCTIONS = ("number", "number_within")
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
    if kind is exp.Anonymous:
        _check_anonymous(node)
    elif kind not in OPERATORS and kind not in FUNCTIONS:
        raise ExpressionError(f"holds {_shown(node)}, which is not allowed")
    elif kind is exp.Column:
        _check_column(node, names)
    elif is_aggregate(node) and [name for name, value in node.args.items() if value] != ["this"]:
        raise ExpressionError(f"{_shown(node)}: takes one value")


def _check_anonymous(node: exp.Expr) -> None:
    name = str(node.this).lower()
    if name not in ROW_FUNCTIONS:
        known = [*FUNCTIONS.values(), *ROW_FUNCTIONS]
        raise ExpressionError(f"unknown function {name!r}{close_match(name, known)}. Functions are: {', '.join(known)}")
    if len(node.expressions) != 1:
        raise ExpressionError(f"{name}() takes one value")


def _check_column(node: exp.Expr, names: Mapping[str, str]) -> None:
    if node.args.get("table") or not isinstance(node.this, exp.Identifier):
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


def row_function(node: exp.Expr) -> str | None:
    """``number`` or ``number_within`` where the node calls one."""
    return str(node.this).lower() if type(node) is exp.Anonymous else None


def column(name: str) -> exp.Column:
    """A column, quoted."""
    return exp.column(exp.to_identifier(name, quoted=True))


def written(tree: exp.Expr) -> str:
    """The expression as SQL, every name quoted, comments gone."""
    return tree.sql(dialect="duckdb", identify=True, comments=False)
