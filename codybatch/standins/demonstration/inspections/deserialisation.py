"""Bytes or text that become objects by something that can run code on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.standins.demonstration.inspections.inspection import Place, is_test
from codybatch.standins.demonstration.python_source import (
    NotPython,
    PythonSource,
    imports_of,
    module_aliases,
)
from codybatch.standins.demonstration.survey import Search

_LOADERS = {
    **dict.fromkeys(("pickle", "dill", "cloudpickle"), ("load", "loads", "Unpickler")),
    "marshal": ("load", "loads"),
    "shelve": ("open",),
    "yaml": ("load", "load_all"),
}
_UNSAFE_YAML = frozenset({"Loader", "UnsafeLoader", "FullLoader"})
_OUTSIDE = re.compile(r"\b(request|body|recv|response|socket|stdin)\b")
_LONGEST = 60


@dataclass(frozen=True)
class UnsafeDeserialisation:
    """Loading with pickle and its kin, marshal, shelve, or an unsafe loader of YAML.

    Arguments:
        with_tests: whether test files are looked at.
    """

    with_tests: bool = False
    rule: str = "unsafe-deserialisation"
    goal: str = "deserialisation that can run code"
    searches: tuple[Search, ...] = (
        (r"\b(pickle|dill|cloudpickle|marshal|shelve)\b", "*.py"),
        (r"\byaml\.load(_all)?\(|^\s*from yaml import", "*.py"),
    )

    def places(self, path: str, text: str) -> Iterator[Place]:
        """Each call, by who may write what it loads."""
        if is_test(path) and not self.with_tests:
            return
        try:
            source = PythonSource(text.removeprefix("\ufeff"))
        except NotPython:
            return
        known = _known_calls(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and (name := known.get(ast.unparse(node.func))):
                module = name.partition(".")[0]
                if module != "yaml" or _is_unsafe(node):
                    yield _place(path, node, name)


def _known_calls(tree: ast.Module) -> dict[str, str]:
    """The loading functions as this file calls them, each with its full name."""
    known: dict[str, str] = {}
    for module, names in _LOADERS.items():
        for name in names:
            full = f"{module}.{name}"
            known.update({f"{alias}.{name}": full for alias in module_aliases(tree, module)})
            for _, alias in imports_of(tree, module, name):
                known[alias.asname or alias.name] = full
    return known


def _is_unsafe(call: ast.Call) -> bool:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "Loader"]
    loader = [*call.args[1:2], *named]
    return not loader or ast.unparse(loader[0]).rpartition(".")[2] in _UNSAFE_YAML


def _place(path: str, call: ast.Call, name: str) -> Place:
    what = ast.unparse(call.args[0])[:_LONGEST] if call.args else "its input"
    severity = "low" if is_test(path) else "high" if _OUTSIDE.search(what) else "medium"
    mend = (
        "Use yaml.safe_load(): it makes plain values only."
        if name.startswith("yaml.")
        else "Store plain values as JSON, or check a signature before loading."
    )
    return Place(
        line=call.lineno,
        last=call.end_lineno or call.lineno,
        severity=severity,
        message=(
            f"{name}() loads {what}, and can run whatever code that names: "
            "whoever can write it can run code here."
        ),
        suggestion=mend,
        calls_for_change=not is_test(path),
        confidence="medium",
    )
