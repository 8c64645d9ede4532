"""Hints on a prompt's text, folded beside it: they are there to be read and stop nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from codybatch.domain.prompts import PromptDraft
from codybatch.services.prompt_lint import hints_for
from codybatch.services.wording import counted
from codybatch.ui.components import muted
from codybatch.ui.plain_text import Clean, shown_on_one_line

_LONGEST = 400
"""Characters of one hint; no rule says more."""


@dataclass(frozen=True)
class HintLine:
    """A hint, fit for the page."""

    says: str
    instead: str
    """Where it is, and what to write there."""


def hint_lines(prompt: PromptDraft, clean: Clean) -> tuple[HintLine, ...]:
    """The hints on a prompt.

    The pages ask what each variable takes, so none counts as undeclared there.

    Args:
        prompt: saved, or as far as it is written.
        clean: takes out what must not be shown.
    """
    asked = prompt.with_(variables=prompt.declared())
    return tuple(
        HintLine(
            says=shown_on_one_line(one.says, clean, _LONGEST),
            instead=(f"Line {one.place.line} · " if one.place else "")
            + shown_on_one_line(one.instead, clean, _LONGEST),
        )
        for one in hints_for(asked)
    )


def show_hints(hints: Sequence[HintLine]) -> None:
    """The hints in an expander that names their number; nothing where there is none."""
    if not hints:
        return
    with st.expander(f"{counted(len(hints), 'hint')} on this text", icon=":material/lightbulb:"):
        for number, one in enumerate(hints):
            with st.container(key=f"prompt-hint-{number}", gap="xsmall"):
                st.text(one.says)
                muted(f"prompt-hint-{number}", one.instead)
