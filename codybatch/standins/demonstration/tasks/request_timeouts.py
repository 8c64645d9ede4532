"""Calls of ``requests`` get a timeout: without one they may wait for ever."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from codybatch.standins.demonstration.python_source import (
    PythonSource,
    imports_of,
    module_aliases,
)
from codybatch.standins.demonstration.survey import Search
from codybatch.standins.demonstration.tasks.python_file import changed_python
from codybatch.standins.demonstration.tasks.task import Rewrite

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_DEFAULT_SECONDS = 10
_SECONDS = (
    re.compile(r"timeout\s*(?:=|of|:|to)?\s*`?(\d+)"),
    re.compile(r"(\d+)[- ]?s(?:ec(?:ond)?s?)?\b"),
)


def seconds_in(task: str) -> int:
    """The seconds that a task asks for, or 10."""
    for pattern in _SECONDS:
        if found := pattern.search(task):
            return int(found[1])
    return _DEFAULT_SECONDS


@dataclass(frozen=True)
class RequestTimeouts:
    """Add ``timeout=`` to ``requests.get(...)`` and the like, and to sessions' calls."""

    seconds: int = _DEFAULT_SECONDS
    rule: str = "request-without-timeout"
    severity: str = "medium"
    absent: str = "No change: no call of requests lacks a timeout"
    goal: str = "calls of requests"
    caution: str = (
        "A call that takes too long now raises requests.Timeout: check that its callers expect it."
    )
    searches: tuple[Search, ...] = (
        (r"\brequests\.(get|post|put|patch|delete|head|options|request|[sS]ession)\b", "*.py"),
        (r"^\s*(from requests import|import requests as)\b", "*.py"),
    )

    @property
    def title(self) -> str:
        """What the change does."""
        return f"Give calls of requests a timeout of {self.seconds} seconds"

    @property
    def reason(self) -> str:
        """Why the change is made."""
        return "Without a timeout, requests waits for ever on a server that does not answer."

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file with a timeout in every call that lacks one."""
        return changed_python(path, text, lambda source: self._add_timeouts(source, path))

    def _add_timeouts(self, source: PythonSource, path: str) -> tuple[int, list[str]]:
        places, left = 0, []
        for call in _CallFinder(source).calls():
            names = {keyword.arg for keyword in call.keywords}
            if "timeout" in names:
                continue
            if None in names or source.is_in_fstring(call):
                why = "the arguments may hold a timeout" if None in names else "inside an f-string"
                left.append(f"{path}:{call.lineno}: {why}.")
                continue
            source.add_argument(call, f"timeout={self.seconds}")
            places += 1
        return places, left


class _CallFinder:
    """The calls of ``requests`` in one file, however it is imported."""

    def __init__(self, source: PythonSource) -> None:
        self._source = source
        self._modules = module_aliases(source.tree, "requests")
        self._functions = {
            alias.asname or alias.name
            for name in _METHODS
            for _, alias in imports_of(source.tree, "requests", name)
        }
        self._session_classes = {
            alias.asname or alias.name
            for name in ("Session", "session")
            for _, alias in imports_of(source.tree, "requests", name)
        }
        self._sessions = self._find_sessions()

    def calls(self) -> list[ast.Call]:
        found = [
            node
            for node in ast.walk(self._source.tree)
            if isinstance(node, ast.Call) and self._is_request(node)
        ]
        return sorted(found, key=lambda call: (call.lineno, call.col_offset))

    def _is_request(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Name):
            return call.func.id in self._functions
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
            return False
        owner = call.func.value
        if isinstance(owner, ast.Name) and owner.id in self._modules:
            return True
        return self._makes_session(owner) or self._key(owner) in self._sessions

    def _find_sessions(self) -> set[tuple[ast.AST | None, str]]:
        """The names that hold a session, each with the function or class in which it does."""
        found: set[tuple[ast.AST | None, str]] = set()
        for node in ast.walk(self._source.tree):
            if isinstance(node, ast.Assign) and self._makes_session(node.value):
                found.update(self._key(target) for target in node.targets)
            elif isinstance(node, ast.AnnAssign) and self._makes_session(node.value):
                found.add(self._key(node.target))
            elif isinstance(node, ast.withitem) and self._makes_session(node.context_expr):
                found.update({self._key(node.optional_vars)} if node.optional_vars else ())
        return found

    def _makes_session(self, value: ast.expr | None) -> bool:
        if not isinstance(value, ast.Call):
            return False
        function = value.func
        if isinstance(function, ast.Name):
            return function.id in self._session_classes
        return (
            isinstance(function, ast.Attribute)
            and function.attr in {"Session", "session"}
            and isinstance(function.value, ast.Name)
            and function.value.id in self._modules
        )

    def _key(self, owner: ast.expr) -> tuple[ast.AST | None, str]:
        """A name with its function, or an attribute with its class."""
        kinds: tuple[type[ast.AST], ...] = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)
        if isinstance(owner, ast.Attribute):
            kinds = (ast.ClassDef, ast.Module)
        scope: ast.AST | None = self._source.parents.get(owner)
        while scope is not None and not isinstance(scope, kinds):
            scope = self._source.parents.get(scope)
        return scope, ast.unparse(owner)
