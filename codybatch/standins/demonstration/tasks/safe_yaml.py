"""``yaml.load`` without a loader becomes ``yaml.safe_load``."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from codybatch.standins.demonstration.python_source import (
    PythonSource,
    imports_of,
    module_aliases,
)
from codybatch.standins.demonstration.survey import Search
from codybatch.standins.demonstration.tasks.python_file import changed_python
from codybatch.standins.demonstration.tasks.task import Rewrite

_NAMES = ("load", "load_all")


@dataclass(frozen=True)
class SafeYaml:
    """Replace ``yaml.load(x)``; a call that names its loader stays as it is."""

    rule: str = "unsafe-yaml-load"
    severity: str = "high"
    title: str = "Load YAML with safe_load"
    absent: str = "No change: no YAML is loaded without a loader"
    goal: str = "calls of yaml.load()"
    reason: str = (
        "yaml.load() without a loader can run code from the file, and is an error since PyYAML 6."
    )
    caution: str = "A file that holds Python objects can no longer be loaded."
    searches: tuple[Search, ...] = (
        (r"\byaml\.load(_all)?\(", "*.py"),
        (r"^\s*(from yaml import|import yaml as)\b", "*.py"),
    )

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file with safe calls."""
        return changed_python(path, text, lambda source: _rename_calls(source, path))


def _rename_calls(source: PythonSource, path: str) -> tuple[int, list[str]]:
    modules = module_aliases(source.tree, "yaml")
    left: list[str] = []
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    places = 0
    for call in calls:
        function = call.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr in _NAMES
            and isinstance(function.value, ast.Name)
            and function.value.id in modules
            and _lacks_loader(call, path, left)
            and source.is_exact(function)
        ):
            end = source.end(function)
            source.replace(end - len(function.attr), end, f"safe_{function.attr}")
            places += 1
    for name in _NAMES:
        places += _rename_imported(source, path, name, calls, left)
    return places, left


def _lacks_loader(call: ast.Call, path: str, left: list[str]) -> bool:
    names = {keyword.arg for keyword in call.keywords}
    if None in names or any(isinstance(argument, ast.Starred) for argument in call.args):
        left.append(f"{path}:{call.lineno}: the arguments may hold a loader already.")
        return False
    return "Loader" not in names and len(call.args) < 2


def _rename_imported(
    source: PythonSource, path: str, name: str, calls: list[ast.Call], left: list[str]
) -> int:
    """Change what ``from yaml import load`` is used for; return the number of calls changed."""
    imported = imports_of(source.tree, "yaml", name)
    if not imported:
        return 0
    node, alias = imported[0]
    local = alias.asname or alias.name
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == local]
    functions = [
        call.func
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == local
        and _lacks_loader(call, path, left)
        and source.is_exact(call.func)
    ]
    if not functions:
        return 0
    if len(functions) == len(uses) and alias.asname:
        source.replace(source.start(alias), source.start(alias) + len(name), f"safe_{name}")
        return len(functions)
    if len(functions) == len(uses):
        source.replace(source.start(alias), source.end(alias), f"safe_{name}")
    else:
        source.add_imported_name(node, f"safe_{name}")
    for function in functions:
        source.replace(source.start(function), source.end(function), f"safe_{name}")
    return len(functions)
