"""Tool calls in a few words, for people and for notes."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.agent.marked_text import one_line
from codybatch.agent.turn import Call

_SUBJECTS = ("path", "from", "pattern", "title")
_SHOWN = 4


def phrase(call: Call) -> str:
    """One call, such as ``edit_file src/app.py``."""
    subjects = (call.input.get(name) for name in _SUBJECTS)
    subject = next((text for text in subjects if isinstance(text, str) and text), "")
    return one_line(f"{call.name} {subject}".strip(), 120)


def phrases(calls: Sequence[Call]) -> str:
    """Several calls on one line."""
    shown = ", ".join(phrase(call) for call in calls[:_SHOWN])
    return f"{shown} and {len(calls) - _SHOWN:,} more" if len(calls) > _SHOWN else shown
