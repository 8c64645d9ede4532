"""Functions that return nothing say so: ``-> None``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.standins.demonstration.inspections.inspection import is_test
from codybatch.standins.demonstration.python_source import PythonSource
from codybatch.standins.demonstration.survey import Search
from codybatch.standins.demonstration.tasks.python_file import changed_python
from codybatch.standins.demonstration.tasks.task import Rewrite

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LEFT_ALONE = re.compile(r"fixture|overload|abstract|property|setter")


@dataclass(frozen=True)
class ReturnNone:
    """Annotate functions that never return a value.

    Arguments:
        with_tests: whether test files are annotated, too.
    """

    with_tests: bool = False
    rule: str = "unannotated-function"
    severity: str = "low"
    title: str = "Annotate functions that return nothing with -> None"
    absent: str = "No change: every function that returns nothing says so"
    goal: str = "functions without a return annotation"
    reason: str = "A type checker looks into annotated functions only."
    caution: str = "A type checker now looks into these functions, and may have something to say."
    searches: tuple[Search, ...] = ((r"^\s*(async\s+)?def\s", "*.py"),)

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file with its annotations."""
        if is_test(path) and not self.with_tests:
            return Rewrite(text)
        return changed_python(path, text, _annotate)


def _annotate(source: PythonSource) -> tuple[int, list[str]]:
    places = 0
    for node in ast.walk(source.tree):
        if isinstance(node, _Function) and _returns_nothing(source, node):
            end = source.signature_end(node)
            source.replace(end, end, " -> None")
            places += 1
    return places, []


def _returns_nothing(source: PythonSource, function: _Function) -> bool:
    if function.returns is not None or _is_nested(source, function):
        return False
    if any(_LEFT_ALONE.search(ast.unparse(one)) for one in function.decorator_list):
        return False
    body = [one for one in function.body if not _is_constant(one)]
    if not body or all(isinstance(one, ast.Raise) for one in body):
        return False
    return not any(_gives_value(node) for node in _own_nodes(function))


def _is_nested(source: PythonSource, function: _Function) -> bool:
    parent = source.parents.get(function)
    while parent is not None and not isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
        parent = source.parents.get(parent)
    return parent is not None


def _is_constant(statement: ast.stmt) -> bool:
    """A docstring, or three dots."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _gives_value(node: ast.AST) -> bool:
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    return not (isinstance(node.value, ast.Constant) and node.value.value is None)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything inside, but for what belongs to functions and classes inside."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _SCOPES):
            yield from _own_nodes(child)
