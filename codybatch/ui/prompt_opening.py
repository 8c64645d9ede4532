"""What the model is told first, with its tokens, wherever a prompt is composed or edited."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application, first_words
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.requests import RequestOptions
from codybatch.services.profiles import ProfiledRepository
from codybatch.ui.components import muted
from codybatch.ui.plain_text import shown

_FIRST, _SYSTEM = "First message", "System prompt"


def show_opening(
    app: Application,
    prompt: PromptDraft,
    asked: str,
    options: RequestOptions,
    looked_over: ProfiledRepository | None = None,
) -> None:
    """Both messages, one at a time, and how many tokens they have.

    Args:
        app: takes secrets out.
        prompt: what is to be run.
        asked: the same with its variables filled in.
        options: of the request.
        looked_over: the repository, where one was looked over.
    """
    opening = first_words(prompt, asked, options, looked_over)
    part = st.segmented_control(
        "Part", [_FIRST, _SYSTEM], default=_FIRST, required=True, key="preview-part",
        label_visibility="collapsed",
    )  # fmt: skip
    text = opening.system if part == _SYSTEM else "\n".join(opening.parts)
    st.code(shown(text, app.net.clean), language=None, wrap_lines=True, height=320)
    muted(
        "compose-tokens",
        f"Both together have {opening.tokens:,} tokens at most; the definitions of the tools "
        "come on top.",
    )
