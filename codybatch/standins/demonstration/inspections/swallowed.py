"""Handlers that catch an error and let nobody know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.standins.demonstration.inspections.inspection import Place
from codybatch.standins.demonstration.python_source import NotPython, PythonSource
from codybatch.standins.demonstration.survey import Search

_BROAD = frozenset({"Exception", "BaseException"})
_TELLS = re.compile(
    r"(?:(?:self\.|cls\.)?_?log(?:ger|ging)?\.|warnings\.|traceback\.|print$|sys\.exit$|exit$)"
)
_MEND = "Catch what the code inside can raise, or tell it: log.exception(...)."


@dataclass(frozen=True)
class SwallowedExceptions:
    """Everything is caught and nothing is told, or an error is passed over in silence."""

    rule: str = "swallowed-exception"
    goal: str = "handlers that swallow exceptions"
    searches: tuple[Search, ...] = ((r"^\s*except\b", "*.py"), (r"\bsuppress\(", "*.py"))

    def places(self, path: str, text: str) -> Iterator[Place]:
        """Each handler, at its ``except``."""
        try:
            tree = PythonSource(text.removeprefix("\ufeff")).tree
        except NotPython:
            return
        del path  # a swallowed error hides as much in tests
        for node in ast.walk(tree):
            if isinstance(node, ast.Try):
                yield from filter(None, map(_handled, node.handlers))
            elif isinstance(node, ast.Call) and _is_suppressing(node):
                yield _broad(node.lineno, "suppress()")


def _handled(handler: ast.ExceptHandler) -> Place | None:
    if _is_told(handler):
        return None
    if handler.type is None or _BROAD & _names(handler.type):
        return _broad(handler.lineno, f"except {ast.unparse(handler.type)}" if handler.type else "")
    if all(isinstance(one, ast.Pass) for one in handler.body):
        caught = ast.unparse(handler.type)
        said = f"{caught} is passed over in silence: nobody learns that it happened."
        return Place(handler.lineno, handler.lineno, "low", said, f"Say why {caught} is no matter.")
    return None


def _is_told(handler: ast.ExceptHandler) -> bool:
    """Whether it raises, tells or uses what it caught."""
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Name) and node.id == handler.name)
        or (isinstance(node, ast.Call) and _TELLS.match(ast.unparse(node.func)) is not None)
        for node in inside
    )


def _names(caught: ast.expr) -> set[str]:
    several = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return {ast.unparse(one) for one in several}


def _is_suppressing(call: ast.Call) -> bool:
    named = ast.unparse(call.func) in {"suppress", "contextlib.suppress"}
    return named and any(ast.unparse(one) in _BROAD for one in call.args)


def _broad(line: int, caught: str) -> Place:
    said = (
        f"{caught or 'A bare except'} catches everything, mistakes in the program too, in silence."
    )
    return Place(line, line, "medium", said, _MEND)
