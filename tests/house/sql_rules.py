"""The rules of the house for one SQL model, as pure functions over its text: each yields sentences, best none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINES = 100
MAX_JOINS = 4

# Names that columns of a unique, non-null key have.
UNIQUE_ENDINGS = ("_id", "_key", "_number", "_md5", "_date")

# What the two engines spell or mean differently; the right way stands beside it.
UNPORTABLE = {
    r"::": "write cast(x as type)",
    r"//": "use int_div()",
    r"\sdiv\s": "use int_div()",
    r"/": "use int_div() or ratio_bp(): a quotient of decimals differs between engines",
    r"\bdate_?diff\s*\(": "use days_between() or us_between()",
    r"\bdate_?add\s*\(": "add days to a date with +",
    r"\bepoch": "use epoch_us()",
    r"\bavg\s*\(": "sum and count, then ratio_bp() or rounded_div()",
    r"\bround\s*\(": "use rounded_div()",
    r"\bexclude\b": "name the columns",
    r"\bhash\s*\(": "use md5() over text",
    r"\bany_value\s*\(": "rank with a full tie-break and take the first",
    r"\bfirst\s*\(": "rank with a full tie-break and take the first",
    r"\blast\s*\(": "rank with a full tie-break and take the first",
    r"\bntile\s*\(": "use rank_score(): equal values need equal scores",
    r"\bconcat\s*\(": "use || with coalesce(): engines treat null differently",
    r"\bstrftime\s*\(": "keep dates and format them where they are shown",
    r"\bdate_format\s*\(": "keep dates and format them where they are shown",
    r"\bunnest\s*\(": "use a macro of dbt/macros/portable/",
    r"\bexplode\s*\(": "use a macro of dbt/macros/portable/",
    r"\binterval\b": "add days to a date with +; compare instants in microseconds",
    r"\brecursive\b": "follow pairs with the materialization connected_components",
    r"\bilike\b": "compare with lower()",
    r"\b(?:double|float|real)\b": "money is decimal, ratios are integers",
}

UNPORTABLE_MACROS = ("dbt.datediff", "dbt.dateadd", "dbt.date_trunc", "dbt.listagg", "adapter.dispatch")

CLOCKS = r"\b(?:current_date|current_timestamp|current_time|localtimestamp|getdate|sysdate|now|today)\b"

_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED_IN_JINJA = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_SQL_STRING = re.compile(r"'[^']*'")
# The second purchase is the second by definition.
_ORDINAL = re.compile(r"\b\w+_(?:number|rank) = \d+\b")
_VAR = re.compile(r"\bvar\([^)]*\)")
_NUMBER = r"(?<![\w.])(?!0(?![.\d])|1(?![.\d]))\d+(?:\.\d+)?(?![\w.])"
_COMPARED = re.compile(
    rf"(?:<>|<=|>=|<|>|=|\bbetween\b|\bthen\b|\belse\b)\s*-?\s*(?:{_NUMBER})"
    rf"|(?:{_NUMBER})\s*(?:<>|<=|>=|<|>|=)"
    rf"|\bbetween\b[^\n]*?\band\s+(?:{_NUMBER})"
    rf"|\bin\s*\(\s*(?:{_NUMBER})",
)


def without_comments(text: str) -> str:
    """The code alone."""
    return _COMMENT.sub(" ", text)


def outside_jinja(text: str) -> str:
    """Plain SQL: every Jinja expression is an `x`, comments are gone."""
    return _JINJA.sub(" x ", without_comments(text))


def sql_of(text: str) -> str:
    """Plain SQL, then the SQL that is handed to macros as text; text values and vars are blanked."""
    handed = []
    for expression in _JINJA.findall(without_comments(text)):
        handed += [double or single for double, single in _QUOTED_IN_JINJA.findall(_VAR.sub(" x ", expression))]
    return _SQL_STRING.sub("''", "\n".join([outside_jinja(text), *handed]))


def clock_words(text: str) -> Iterator[str]:
    """SQL asks no clock: the as-of date comes through the macros of clock.sql."""
    for word in re.findall(CLOCKS, sql_of(text)):
        yield f"{word}: SQL asks no clock; use the macros of dbt/macros/clock.sql"


def unportable_words(text: str) -> Iterator[str]:
    """Words that one of the two engines does not know or reads otherwise."""
    sql = sql_of(text)
    for pattern, instead in UNPORTABLE.items():
        for match in re.finditer(pattern, sql):
            yield f"{match.group().strip()}: {instead}"
    if '"' in outside_jinja(text):
        yield '": one engine reads it as a text, not as a name; use plain lower-case names'
    for macro in UNPORTABLE_MACROS:
        if macro in without_comments(text):
            yield f"{macro}: use a macro of dbt/macros/portable/"


def thresholds(text: str) -> Iterator[str]:
    """Numbers other than 0 and 1 that something is compared with or that a case returns: they are vars."""
    for match in _COMPARED.finditer(_ORDINAL.sub(" x ", sql_of(text))):
        yield f"{' '.join(match.group().split())}: a threshold is a var of dbt_project.yml, with a comment"


def frame_faults(text: str) -> Iterator[str]:
    """The first comment says the grain, the last line reads `final`, and `final` names its columns."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith("{{ config("):
        lines = lines[1:]
    if not lines or not re.fullmatch(r"-- Grain: one row.*[.:].*|-- Grain: one row.*", lines[0]):
        yield "the first line must be `-- Grain: one row per ...`"
    if not lines or lines[-1] != "select * from final":
        yield "the last line must be `select * from final`"
    final = re.search(r"\bfinal as \((.*)\)\s*select \* from final", without_comments(text), re.DOTALL)
    if final is None:
        yield "the last common table expression must be named final"
    elif re.search(r"\*\s*(?:,|\bfrom\b)|\.\*", final.group(1)):
        yield "final must name every column"


def loose_windows(text: str) -> Iterator[str]:
    """A window over an order ends in a unique key; ranks are exempt, as they treat equals equally."""
    for function, window in re.findall(r"(\w+)\([^()]*\)\s*over\s*\(([^()]*)\)", sql_of(text)):
        ordered = re.search(r"\border by\b(.*?)(?:\brows\b|\brange\b|$)", window, re.DOTALL)
        if ordered is None or function in {"rank", "dense_rank"}:
            continue
        last = ordered.group(1).split(",")[-1].split()[0]
        if not last.endswith(UNIQUE_ENDINGS):
            yield f"{function}() is ordered by {last} last: end in a unique key that is never null"


def oversize(text: str) -> Iterator[str]:
    """A model reads four inputs at most and fits on a screen or two."""
    lines = len(text.splitlines())
    joins = len(re.findall(r"\bjoin\b", sql_of(text)))
    if lines > MAX_LINES:
        yield f"{lines} lines, at most {MAX_LINES}"
    if joins > MAX_JOINS:
        yield f"{joins} joins, at most {MAX_JOINS}"


def final_columns(text: str) -> list[str] | None:
    """Names of the columns of `final`, in order; nothing where a loop writes them."""
    body = re.search(r"\bfinal as \(\s*select\b(.*?)\n    from\b", _JINJA.sub("x", without_comments(text)), re.DOTALL)
    if body is None or "{%" in text:
        return None
    parts: list[str] = []
    depth, part = 0, ""
    for character in body.group(1):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts, part = [*parts, part], ""
        else:
            part += character
    return [re.split(r"\s+|\.", item.strip())[-1] for item in [*parts, part]]
