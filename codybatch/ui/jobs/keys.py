"""The keys of the judging queue: those that need a script of ours, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from codybatch.ui.jobs.verdict_form import RATINGS, REASON_KEYS
from codybatch.ui.questions import close_question

_COMPONENT = "codybatch.judging"
"""As ``codybatch/pyproject.toml`` names it."""


def listen() -> None:
    """Let ``?``, ``M`` and, in the comment, Ctrl+Enter do what the list of keys says."""
    with st.container(key="judge-listens"):
        st.components.v2.component(_COMPONENT, html="<i hidden></i>", js="keys.js")(
            key="judge-listening"
        )


def show_keys(reasons: Sequence[str]) -> None:
    """All keys, in a dialog."""

    @st.dialog("Keys", on_dismiss=close_question)
    def keys() -> None:
        st.table([{"Key": key, "Does": does} for key, does in in_words(reasons)])
        st.text("While a field is written in, letters are letters; Ctrl+Enter leaves it.")

    keys()


def in_words(reasons: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each key and what it does.

    Args:
        reasons: those to choose from, in their order.
    """
    keyed = zip(REASON_KEYS, reasons, strict=False)
    return (
        ("A", "Accept, and go on"),
        ("X", "Reject, and go on"),
        ("U", "Take the last verdict back"),
        (f"1 … {len(RATINGS)}", f"Rate, from {RATINGS[0]} to {RATINGS[-1]}"),
        *((key.upper(), f"Reason: {reason}") for key, reason in keyed),
        ("M", "Write a comment"),
        ("Ctrl+Enter", "Keep what was written, and go on where it is judged"),
        ("J", "Next"),
        ("K", "Previous"),
        ("?  or  H", "These keys"),
    )
