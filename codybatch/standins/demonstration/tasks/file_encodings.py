"""Text files are opened with their encoding, in place of the machine's own (PEP 597)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from codybatch.standins.demonstration.python_source import PythonSource, bound_names
from codybatch.standins.demonstration.survey import Search
from codybatch.standins.demonstration.tasks.python_file import changed_python
from codybatch.standins.demonstration.tasks.task import Rewrite

_WANTED = re.compile(r"encoding\s*=\s*[\"']([\w-]+)[\"']")
_DEFAULT = "utf-8"
_MOST_ARGUMENTS = {"open": 3, "read_text": 0, "write_text": 1}
"""How many positional ones a call may have before the encoding is one of them."""


def encoding_in(task: str) -> str:
    """The encoding that a task asks for, or UTF-8."""
    found = _WANTED.search(task)
    return found[1] if found else _DEFAULT


@dataclass(frozen=True)
class FileEncodings:
    """Add ``encoding=`` to ``open()``, ``read_text()`` and ``write_text()`` of text."""

    encoding: str = _DEFAULT
    rule: str = "unnamed-encoding"
    severity: str = "low"
    title: str = "Name the encoding of text files"
    absent: str = "No change: every text file is opened with its encoding"
    goal: str = "text files that are opened without their encoding"
    caution: str = (
        "A file that was written on a machine with another encoding now reads differently."
    )
    searches: tuple[Search, ...] = (
        (r"(^|[^.\w])open\(", "*.py"),
        (r"\.(read|write)_text\(", "*.py"),
    )

    @property
    def reason(self) -> str:
        """Why the change is made."""
        return "Without an encoding Python takes the machine's own, so files read differently."

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file with an encoding in every call that lacks one."""
        return changed_python(path, text, lambda source: self._name_encodings(source, path))

    def _name_encodings(self, source: PythonSource, path: str) -> tuple[int, list[str]]:
        places, left = 0, []
        is_own = "open" in bound_names(source.tree)
        for call in ast.walk(source.tree):
            if not (isinstance(call, ast.Call) and _lacks_encoding(call, is_own=is_own)):
                continue
            if why := _why_left(source, call):
                left.append(f"{path}:{call.lineno}: {why}.")
                continue
            source.add_argument(call, f'encoding="{self.encoding}"')
            places += 1
        return places, left


def _lacks_encoding(call: ast.Call, *, is_own: bool) -> bool:
    name = _called(call)
    if name not in _MOST_ARGUMENTS or (name == "open" and is_own):
        return False
    if "encoding" in {keyword.arg for keyword in call.keywords}:
        return False
    mode = _mode(call) if name == "open" else None
    is_binary = isinstance(mode, ast.Constant) and "b" in str(mode.value)
    return not is_binary and len(call.args) <= _MOST_ARGUMENTS[name]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id if call.func.id == "open" else ""
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr != "open"
    return call.func.attr if is_method and isinstance(call.func, ast.Attribute) else ""


def _mode(call: ast.Call) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    return next(iter([*call.args[1:2], *named]), None)


def _why_left(source: PythonSource, call: ast.Call) -> str:
    if None in {keyword.arg for keyword in call.keywords}:
        return "the arguments may hold an encoding"
    mode = _mode(call) if _called(call) == "open" else None
    if mode is not None and not isinstance(mode, ast.Constant):
        return "its mode is computed"
    return "inside an f-string" if source.is_in_fstring(call) else ""
