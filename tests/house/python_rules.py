"""The rules of the house for one Python module, as pure functions over its text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# About 200 and about 10, rarely over 40, are the aim; these are the end.
MAX_MODULE_LINES = 320
MAX_FUNCTION_LINES = 60

FOUNDATION = ("errors", "settings", "clock", "lock")
LAYERS = (
    "sample",
    "fetch",
    "raw",
    "transform",
    "predictions",
    "segments",
    "activation",
    "quality",
    "report",
    "publish",
    "history",
)


def environment_reads(text: str) -> Iterator[str]:
    """Every use of the environment that is not a write for a tool."""
    tree = ast.parse(text)
    written = {id(node) for node in _written(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_os(node.value) and node.attr in {"environ", "environb", "getenv"}:
            if id(node) not in written:
                yield f"line {node.lineno}: only settings.py reads the environment"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            names = {alias.name for alias in node.names} & {"environ", "environb", "getenv"}
            if names:
                yield f"line {node.lineno}: only settings.py reads the environment"


def environment_writes(text: str) -> list[str]:
    """Names of the variables that a module sets, `?` where they are not written out."""
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AugAssign) and _is_environ(node.target):
            keys = node.value.keys if isinstance(node.value, ast.Dict) else [None]
            names += [_constant(key) for key in keys]
        elif isinstance(node, ast.Assign):
            names += [
                _constant(target.slice)
                for target in node.targets
                if isinstance(target, ast.Subscript) and _is_environ(target.value)
            ]
    return names


def imports(text: str) -> Iterator[tuple[int, str]]:
    """Line and dotted rest of every import from the package."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "dagster_project":
            rest = node.module.split(".")[1:]
            for alias in node.names:
                yield node.lineno, ".".join([*rest, alias.name])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("dagster_project."):
                    yield node.lineno, alias.name.removeprefix("dagster_project.")


def imports_to_the_right(path: str, text: str) -> Iterator[str]:
    """Imports of a layer that stands to the right; the foundation imports no layer at all."""
    own = _place(path.removesuffix(".py").split("/")[0])
    for line, name in imports(text):
        if own is not None and (place := _place(name.split(".")[0])) is not None and place > own:
            yield f"line {line}: {path} imports {name}, which stands to its right"


def shape_faults(text: str) -> Iterator[str]:
    """A module says what lives in it and fits on a few screens; so does a function."""
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        yield "a module begins with what lives here and what does not"
    lines = len(text.splitlines())
    if lines > MAX_MODULE_LINES:
        yield f"{lines} lines, at most {MAX_MODULE_LINES}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def work_at_import(text: str) -> Iterator[str]:
    """Nothing happens at import: the module level holds definitions, and calls only to make constants."""
    for node in ast.parse(text).body:
        is_main = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
        is_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_group = ast.unparse(node).startswith("app.add_typer(")  # for groups what a decorator is for commands
        allowed = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
        if not (is_main or is_types or is_text or is_group or isinstance(node, allowed)):
            yield f"line {node.lineno}: {ast.unparse(node).splitlines()[0]} runs at import"


def _place(name: str) -> int | None:
    if name in FOUNDATION:
        return 0
    return LAYERS.index(name) + 1 if name in LAYERS else None


def _written(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign):
            yield node.target
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield node.value


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def _is_environ(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ" and _is_os(node.value)


def _constant(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "?"
