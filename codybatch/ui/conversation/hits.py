"""What a search of the conversation found."""

from __future__ import annotations

import streamlit as st

from codybatch.domain.jobs import Job
from codybatch.services.conversations import Conversation, Hit
from codybatch.services.thread_blocks import BlockKind
from codybatch.services.wording import counted
from codybatch.ui.conversation.position import Found, ask, found, look_further
from codybatch.ui.plain_text import Clean

_WHERE = {
    BlockKind.TEXT: "text",
    BlockKind.THINKING: "thinking",
    BlockKind.CALL: "call",
    BlockKind.RESULT: "result",
    BlockKind.REFUSAL: "error",
    BlockKind.SYSTEM: "system prompt",
    BlockKind.TOOLS: "tools",
    BlockKind.OTHER: "other",
}
SHOWN = 100
"""Of all hits; who finds more looks for something else."""


def show_hits(job: Job, conversation: Conversation, words: str, clean: Clean) -> None:
    """Where the words stand, each a way to its turn, and how far was looked."""
    now = found(job.id, conversation, words, clean)
    with st.container(border=True, key="conversation-hits", gap="xsmall"):
        st.text(in_words(now, conversation))
        if now.upto < len(conversation.turns):
            name = "conversation-further"
            st.button("Look further", key=name, icon=":material/search:", on_click=look_further)
        for number, hit in enumerate(now.hits[:SHOWN]):
            with st.container(key=f"conversation-hit-{number}", horizontal=True, gap="small"):
                name = f"conversation-to-{number}"
                st.button(_name(hit), key=name, type="tertiary", on_click=ask, args=(hit.place,))
                st.text(f"{_WHERE[hit.kind]} · {_excerpt(hit)}", width="stretch", wrap=False)


def in_words(now: Found, conversation: Conversation) -> str:
    """How much was found, and where was looked."""
    numbers = [turn.number for turn in conversation.turns[: now.upto] if turn.number]
    looked = f"turns 1 to {max(numbers):,}" if numbers else "the beginning"
    all_of_it = now.upto >= len(conversation.turns)
    where = "the whole conversation" if all_of_it else looked
    count = len(now.hits)
    places = counted(count, "place") if count else "Nothing"
    more = f", the first {SHOWN} of them here" if count > SHOWN else ""
    return f"{places} found in {where}{more}."


def _name(hit: Hit) -> str:
    return f"Turn {hit.number}" if hit.number else "Beginning"


def _excerpt(hit: Hit) -> str:
    return " ".join(f"…{hit.before}{hit.found}{hit.after}…".split())
