"""The parts of a turn: the model's words open, all else one line until somebody opens it."""

from __future__ import annotations

import streamlit as st

from codybatch.ui.components import muted, notice
from codybatch.ui.conversation.prose import as_code, inline, pieces
from codybatch.ui.conversation.turns import (
    Opened,
    Part,
    PartKind,
    call_opened,
    opened,
)
from codybatch.ui.plain_text import Clean

_ICONS = {
    "read_file": ":material/description:",
    "list_files": ":material/folder:",
    "glob": ":material/folder:",
    "grep": ":material/search:",
    "edit_file": ":material/edit:",
    "write_file": ":material/note_add:",
    "move_file": ":material/drive_file_move:",
    "delete_file": ":material/delete:",
    "finish": ":material/flag:",
}


def show_part(part: Part, key: str, clean: Clean) -> None:
    """One part.

    Args:
        part: of a turn.
        key: names it among all parts of all jobs, so that what is open stays open.
        clean: takes secrets out.
    """
    if part.kind is PartKind.PROSE:
        _show_prose(opened(part.block.text, clean), key)
    elif part.kind is PartKind.PROBLEM:
        notice(f"conversation-{key}", "red", part.title, opened(part.block.text, clean).text)
    elif part.kind is PartKind.TOOL:
        _show_call(part, key, clean)
    else:
        label = f":gray[{part.title}] {inline(part.subject)}"
        name = f"conversation-part-{key}"
        with st.expander(label, key=name, type="compact", on_change="rerun") as folded:
            if folded.open:
                _show_text(opened(part.block.text, clean), key)


def _show_prose(said: Opened, key: str) -> None:
    for piece in pieces(said.text):
        if piece.is_code:
            st.code(piece.text, language=piece.language, wrap_lines=True)
        else:
            st.markdown(piece.text, anchors=False)
    _show_cut(said, key)


def _show_call(part: Part, key: str, clean: Clean) -> None:
    failed = " :red[:material/error: **failed**]" if part.has_failed else ""
    label = f"**{inline(part.title)}** {as_code(part.subject)}{failed}"
    icon = _ICONS.get(part.title, ":material/build:")
    name = f"conversation-part-{key}"
    with st.expander(label, key=name, icon=icon, type="compact", on_change="rerun") as folded:
        if not folded.open:
            return
        called = call_opened(part, clean)
        if called.text not in {"", "null", "{}"}:
            muted(f"conversation-called-{key}", "Called with")
            _show_code(called, key)
        if part.result is None:
            muted(f"conversation-gave-{key}", "Nothing came back, or not yet.")
        else:
            said = "It failed" if part.has_failed else "It gave"
            muted(f"conversation-gave-{key}", said)
            _show_code(opened(part.result.text, clean), f"{key}-gave")


def _show_code(text: Opened, key: str) -> None:
    st.code(text.text, language=text.language, wrap_lines=True)
    _show_cut(text, key)


def _show_text(text: Opened, key: str) -> None:
    st.text(text.text)
    _show_cut(text, key)


def _show_cut(text: Opened, key: str) -> None:
    if text.is_cut:
        muted(f"conversation-cut-{key}", "Cut here: the text is long, and the download is whole.")
