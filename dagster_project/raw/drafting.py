"""A first mapping for a foreign file, written as YAML with what its columns look like beside them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sqlglot import exp

from dagster_project.raw import expressions
from dagster_project.raw.expressions import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.raw.guessing import Guess
    from dagster_project.raw.profiling import Profile, Values


def draft(source: str, file_name: str, profile: Profile, guesses: Sequence[Guess], time_zone: str) -> str:
    """The text of ``<source>.yml``; columns that are required and not found are said in comments."""
    used = {name for guess in guesses for name in guess.columns.values()}
    required = {
        name
        for guess in guesses
        for column, name in guess.columns.items()
        if column in {item.name for item in guess.contract.columns if item.required}
    }
    head = [
        f"# A first mapping, drafted from {profile.rows_sampled:,} rows of {json.dumps(file_name)}: look it over.",
        f"source: {source}",
        f"description: {json.dumps(f'Files like {file_name}.', ensure_ascii=False)}",
        f"format: {profile.format}",
    ]
    if profile.format == "csv":
        head += [f"encoding: {profile.encoding}", f"delimiter: {json.dumps(profile.delimiter)}"]
    head.append(f"decimal_separator: {json.dumps(profile.decimal_separator)}")
    if profile.thousands_separator:
        head.append(f"thousands_separator: {json.dumps(profile.thousands_separator)}")
    head.append(f"time_zone: {time_zone}  # of times without an offset")
    columns = [
        f"  {_key(name)}: {str(name in required).lower()}  # {_described(values)}{'' if name in used else '; not used'}"
        for name, values in profile.columns.items()
    ]
    tables = [line for guess in guesses for line in _table(guess, profile, len(guesses) > 1)]
    return "\n".join(
        [*head, "# Whether a file without the column is refused.", "columns:", *columns, "tables:", *tables, ""]
    )


def _table(guess: Guess, profile: Profile, is_pair: bool) -> list[str]:
    lines = [f"  {guess.contract.table}:"]
    order_id = _expression(guess.columns["order_id"], profile) if "order_id" in guess.columns else None
    if guess.is_grouped and order_id is not None:
        lines.append(f"    one_row_per: [{_scalar(order_id)}]")
    lines.append("    columns:")
    values = {column: _expression(name, profile) for column, name in guess.columns.items()}
    if guess.is_grouped:
        values = {
            column: value if column == "order_id" else _of_group(column, value) for column, value in values.items()
        }
        values.pop("total_amount", None)
    if is_pair and guess.contract.table == "order_lines" and "line_number" not in values and order_id is not None:
        values["line_number"] = f"number_within({order_id})"
    if is_pair and guess.is_grouped:
        lines.append("      # The value of an order is that of its lines.")
    lines += [f"      {column}: {_scalar(value)}" for column, value in values.items()]
    about = {column.name: column.description for column in guess.contract.columns}
    lines += [f"      # {column}: required, and no column looks like it. {about[column]}" for column in guess.missing]
    return lines


def _of_group(column: str, value: str) -> str:
    return f"min({value})" if column.endswith("_at") else f"first({value})"


def _expression(name: str, profile: Profile) -> str:
    """The foreign column, its day put after year and month where it stands first."""
    column = _column(name)
    look = profile.columns[name].look
    if look not in {"day_first", "month_first"}:
        return column
    day, month = (1, 4) if look == "day_first" else (4, 1)
    parts = [f"substr({column}, {start}, {length})" for start, length in ((7, 4), (month, 2), (day, 2))]
    return f"{' || chr || '.join(parts)} || substr({column}, 11)".replace("chr", "'-'")


def _column(name: str) -> str:
    """The name as an expression; quoted where it would be read as something else."""
    try:
        is_plain = type(expressions.parse(name, {name.lower(): name})) is exp.Column
    except ExpressionError:
        is_plain = False
    return name if is_plain and re.fullmatch(r"\w+", name) else '"' + name.replace('"', '""') + '"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) and name.lower() not in _YAML_WORDS else json.dumps(name)


def _scalar(text: str) -> str:
    """The text as a YAML string."""
    is_plain = re.fullmatch(r"[A-Za-z_][\w (),]*", text) and text.lower() not in _YAML_WORDS and ", " not in text
    return text if is_plain else "'" + text.replace("'", "''") + "'"


_YAML_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})


def _described(values: Values) -> str:
    # Examples may be personal data and are shown by the command only.
    return f"{values.look.replace('_', ' ')}, {values.filled_share:.0%} filled, {values.distinct_share:.0%} distinct"
