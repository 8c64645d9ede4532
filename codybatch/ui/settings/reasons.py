"""The list of reasons that a verdict may name: one for all people, to change and to change back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.composition import Application, verdict_reasons
from codybatch.domain.errors import CodyBatchError, StaleWrite
from codybatch.domain.prompts import Kind
from codybatch.services.verdict_reasons import KeptReasons, ReasonLists
from codybatch.ui.components import muted
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.plain_text import shown

EVERY = "every kind"
_SEEN = "settings-reasons-seen"
"""The version that this session saw last: who changes another one is told."""


def ask_reasons(app: Application) -> None:
    """The lists as they are kept: one for every kind of prompt, and those of kinds of their own."""
    service = verdict_reasons(app)
    kept = service.kept()
    seen: int = st.session_state.setdefault(_SEEN, kept.version)
    st.subheader("Reasons of verdicts", anchor=False)
    muted(
        "reasons-whose",
        "What a verdict may name, for all people. Verdicts that were given keep their reasons.",
    )
    kind = st.segmented_control(
        "For prompts of",
        [EVERY, *Kind],
        default=EVERY,
        required=True,
        format_func=lambda one: str(one).capitalize(),
        key="settings-reasons-kind",
    )
    own = _own(kept.lists, kind)
    with st.form("reasons", border=False):
        written = st.text_area(
            "Reasons, one a line",
            "\n".join(own),
            height=240,
            placeholder="\n".join(_instead(kept.lists, kind, service.operators)),
            key=f"settings-reasons-{kind}-{seen}",
            help="Empty: the list in grey. The first twelve have a key in the judging queue.",
        )
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary", key="settings-reasons-save")
    if save:
        lists = _with(kept.lists, kind, written.splitlines())
        _change(
            app,
            lambda: service.keep(lists.everywhere, lists.by_kind, seen),
            "Reasons saved",
        )
    if kept.can_undo and st.button(
        "Undo the last change",
        type="tertiary",
        icon=":material/undo:",
        key="settings-reasons-undo",
    ):
        _change(app, lambda: service.undo(kept.version), "Reasons as before")


def _own(lists: ReasonLists, kind: str) -> tuple[str, ...]:
    return lists.everywhere if kind == EVERY else lists.by_kind.get(Kind(kind), ())


def _instead(lists: ReasonLists, kind: str, operators: tuple[str, ...]) -> tuple[str, ...]:
    """The list that holds where nothing is written."""
    return operators if kind == EVERY else lists.everywhere or operators


def _with(lists: ReasonLists, kind: str, written: list[str]) -> ReasonLists:
    if kind == EVERY:
        return lists.with_(everywhere=tuple(written))
    return lists.with_(by_kind={**lists.by_kind, Kind(kind): tuple(written)})


def _change(app: Application, act: Callable[[], KeptReasons], done: str) -> None:
    try:
        kept = act()
    except StaleWrite:
        st.session_state[_SEEN] = verdict_reasons(app).kept().version
        st.error(
            "Somebody else changed the list first, so yours was not saved. Theirs is shown once "
            "you look again.",
            icon=":material/error:",
        )
        st.button("Look again", key="settings-reasons-again")
        return
    except CodyBatchError as error:
        st.error("This was not saved.", icon=":material/error:")
        st.text(shown(error.message, app.net.clean))
        return
    st.session_state[_SEEN] = kept.version
    forget(app)
    say_done(done)
    st.rerun()
