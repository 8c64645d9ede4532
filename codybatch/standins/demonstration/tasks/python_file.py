"""Changing one file of Python, or leaving it as it is and saying why."""

from __future__ import annotations

from collections.abc import Callable

from codybatch.standins.demonstration.python_source import NotPython, PythonSource
from codybatch.standins.demonstration.tasks.task import Rewrite

_MARK = "\ufeff"

Change = Callable[[PythonSource], tuple[int, list[str]]]
"""Says what is to be replaced; returns the number of places and what it left."""


def changed_python(path: str, text: str, change: Change) -> Rewrite:
    """The file with a change, or unchanged where it would not parse before or after."""
    mark = _MARK if text.startswith(_MARK) else ""
    try:
        source = PythonSource(text.removeprefix(mark))
        places, left = change(source)
        return Rewrite(mark + source.result(), places, tuple(left))
    except NotPython as error:
        return Rewrite(text, left=(f"{path} does not parse as Python 3 ({error}).",))
