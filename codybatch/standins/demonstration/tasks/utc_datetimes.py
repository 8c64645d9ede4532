"""Deprecated naive UTC times become aware ones."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from codybatch.standins.demonstration.python_source import (
    PythonSource,
    bound_names,
    imports_of,
    module_aliases,
)
from codybatch.standins.demonstration.survey import Search
from codybatch.standins.demonstration.tasks.python_file import changed_python
from codybatch.standins.demonstration.tasks.task import Rewrite

_NEEDS_NO_BRACKETS = (ast.Call, ast.keyword, ast.Assign, ast.AnnAssign, ast.arguments)
_NEW_NAMES = {"utcnow": "now", "utcfromtimestamp": "fromtimestamp"}


@dataclass(frozen=True)
class UtcDatetimes:
    """Replace ``datetime.utcnow()`` and ``datetime.utcfromtimestamp(x)``.

    Arguments:
        knows_zones: whether the new value is one of UTC; else it is local time, as one writes who
            only wants to be rid of the old name.
    """

    knows_zones: bool = True
    rule: str = "naive-utc-datetime"
    severity: str = "medium"
    title: str = "Use timezone-aware datetimes in place of utcnow()"
    absent: str = "No change: no naive UTC time is made"
    goal: str = "uses of datetime.utcnow() and datetime.utcfromtimestamp()"
    reason: str = (
        "Both are deprecated since Python 3.12: they return naive values that look like local time."
    )
    caution: str = (
        "Naive datetimes that were stored before cannot be compared with aware ones: check what "
        "reads old data."
    )
    searches: tuple[Search, ...] = ((r"utcnow|utcfromtimestamp", "*.py"),)

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file with aware calls, and the imports that they need."""
        return changed_python(path, text, lambda source: self._rewrite(source, path))

    def _rewrite(self, source: PythonSource, path: str) -> tuple[int, list[str]]:
        return _FileRewriter(source, path, self.knows_zones).rewrite()


class _FileRewriter:
    """One file's change."""

    def __init__(self, source: PythonSource, path: str, knows_zones: bool) -> None:
        self._source = source
        self._path = path
        self._knows_zones = knows_zones
        self._modules = module_aliases(source.tree, "datetime")
        self._class_imports = imports_of(source.tree, "datetime", "datetime")
        self._classes = {alias.asname or alias.name for _, alias in self._class_imports}
        self._timezone = self._timezone_name()
        self._used_classes: set[str] = set()
        self._places = 0
        self._left: list[str] = []

    def rewrite(self) -> tuple[int, list[str]]:
        for node in ast.walk(self._source.tree):
            if isinstance(node, ast.Attribute) and node.attr in _NEW_NAMES:
                self._change(node)
        if self._knows_zones and self._used_classes and not self._known_timezone():
            self._import_timezone()
        return self._places, self._left

    def _change(self, node: ast.Attribute) -> None:
        utc = self._utc_for(node.value)
        if utc is None:
            if self._source.words(node.value).endswith("datetime"):
                line = self._source.line_of(self._source.start(node))
                self._left.append(
                    f"{self._path}:{line}: where this datetime comes from is unclear."
                )
            return
        parent = self._source.parents.get(node)
        if self._source.is_in_fstring(node) and not (
            node.attr == "utcnow" and isinstance(parent, ast.Call) and self._source.is_exact(parent)
        ):
            self._left.append(f"{self._path}:{node.lineno}: stands inside an f-string.")
            return
        self._places += 1
        if not self._knows_zones:
            end = self._source.end(node)
            self._source.replace(end - len(node.attr), end, _NEW_NAMES[node.attr])
        elif isinstance(parent, ast.Call) and parent.func is node:
            self._change_call(node, parent, utc)
        else:
            self._change_reference(node, utc)

    def _utc_for(self, owner: ast.expr) -> str | None:
        """How UTC is written beside ``owner``; None where that is not the datetime class."""
        if isinstance(owner, ast.Name) and owner.id in self._classes:
            self._used_classes.add(owner.id)
            return self._timezone
        if (
            isinstance(owner, ast.Attribute)
            and owner.attr == "datetime"
            and isinstance(owner.value, ast.Name)
            and owner.value.id in self._modules
        ):
            return f"{owner.value.id}.timezone.utc"
        return None

    def _change_call(self, node: ast.Attribute, call: ast.Call, utc: str) -> None:
        source = self._source
        end = source.end(node)
        if node.attr == "utcfromtimestamp":
            source.replace(end - len(node.attr), end, _NEW_NAMES[node.attr])
            source.add_argument(call, f"tz={utc}")
            return
        source.replace(end - len(node.attr), source.end(call), f"now({utc})")
        self._keep_the_z(call)

    def _keep_the_z(self, call: ast.Call) -> None:
        """An aware value already writes +00:00, so that a "Z" put behind it would be wrong."""
        method = self._source.parents.get(call)
        written = self._source.parents.get(method) if method else None
        if not (
            isinstance(method, ast.Attribute)
            and method.attr == "isoformat"
            and isinstance(written, ast.Call)
        ):
            return
        around = self._source.parents.get(written)
        if (
            isinstance(around, ast.BinOp)
            and around.left is written
            and isinstance(around.op, ast.Add)
            and isinstance(around.right, ast.Constant)
            and around.right.value == "Z"
        ):
            start, end = self._source.end(written), self._source.end(around)
            self._source.replace(start, end, '.replace("+00:00", "Z")')
        elif isinstance(around, ast.FormattedValue):
            line = self._source.line_of(self._source.start(call))
            self._left.append(f'{self._path}:{line}: check for a "Z" written behind +00:00.')

    def _change_reference(self, node: ast.Attribute, utc: str) -> None:
        owner = self._source.words(node.value)
        if node.attr == "utcnow":
            words = f"lambda: {owner}.now({utc})"
        else:
            words = f"lambda stamp: {owner}.fromtimestamp(stamp, tz={utc})"
        parent = self._source.parents.get(node)
        if not isinstance(parent, _NEEDS_NO_BRACKETS):
            words = f"({words})"
        self._source.replace(self._source.start(node), self._source.end(node), words)

    def _known_timezone(self) -> bool:
        return bool(
            imports_of(self._source.tree, "datetime", "timezone")
            or imports_of(self._source.tree, "datetime", "UTC")
        )

    def _timezone_name(self) -> str:
        for _, alias in imports_of(self._source.tree, "datetime", "timezone"):
            return f"{alias.asname or alias.name}.utc"
        for _, alias in imports_of(self._source.tree, "datetime", "UTC"):
            return alias.asname or alias.name
        is_taken = "timezone" in bound_names(self._source.tree)
        return "datetime_timezone.utc" if is_taken else "timezone.utc"

    def _import_timezone(self) -> None:
        """Add the name where the class is imported: for the whole file if that is done there."""
        is_taken = self._timezone.startswith("datetime_timezone")
        name = "timezone as datetime_timezone" if is_taken else "timezone"
        found = [
            node
            for node, alias in self._class_imports
            if (alias.asname or alias.name) in self._used_classes
        ]
        in_module = [node for node in found if node in self._source.tree.body]
        for node in in_module[:1] or found:
            self._source.add_imported_name(node, name)
