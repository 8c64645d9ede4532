"""The conversation of a job, from its view model to widgets."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.conversations import Conversation, Turn, Wanted, turns_of
from codybatch.services.export import ThreadFormat
from codybatch.services.export.thread_files import (
    SUFFIXES,
    cleaned_job,
    cleaned_lines,
    written_thread,
)
from codybatch.ui.components import empty_state, muted
from codybatch.ui.conversation.hits import show_hits
from codybatch.ui.conversation.outline import heading, outline
from codybatch.ui.conversation.parts import show_part
from codybatch.ui.conversation.position import (
    FIND,
    PAGE,
    SHOW,
    Here,
    arrive,
    arrived,
    ask,
    go,
    leave_turn,
    the_page,
    told,
)
from codybatch.ui.conversation.scrolling import scroll_to
from codybatch.ui.conversation.turns import (
    ConversationPage,
    Show,
    ShownTurn,
    conversation_page,
    narrowed,
    pages_of,
    parts_shown,
)

_STYLE = Path(__file__).with_name("style.css")


def show_conversation(app: Application, job: Job, zone: tzinfo = UTC) -> None:
    """What Claude said, thought and did, a page of turns at a time.

    To be called inside the page's one fragment: whatever is opened, turned or searched runs that
    again, and so does its clock while the job is at work.

    Args:
        app: the application.
        job: whose conversation it is, as it stands now.
        zone: in which times are told.
    """
    st.html(_STYLE)
    turns = _turns(job.id, job.version, app)
    conversation = Conversation(turns, job.thread, app.jobs.blobs)
    if not turns:
        _show_empty(job)
        return
    arrive(job.id, conversation, goes_on=not job.state.is_terminal)
    go(job.id, conversation)
    with st.container(key="conversation-tools", gap="small"):
        words = _show_tools(app, job, conversation)
    if words:
        show_hits(job, conversation, words, app.net.clean)
    show = _show_choice(conversation)
    page = conversation_page(conversation, the_page(conversation), app.net.clean, zone)
    _show_page(app, job, page, show)


@st.cache_resource(max_entries=16, show_spinner=False)
def _turns(job: JobId, version: int, _app: Application) -> tuple[Turn, ...]:  # noqa: ARG001
    """The turns of a job as it stood at a version: the same for all who look at it."""
    return turns_of(_app.jobs.steps(job))


def _show_empty(job: Job) -> None:
    if job.state.is_terminal:
        title, sentence = "No conversation", "The job ended before Claude was asked."
    elif job.state is JobState.RUNNING:
        title, sentence = "Claude has not answered yet", "Its first turn shows here by itself."
    else:
        title, sentence = "Claude was not asked yet", "The conversation begins with the job."
    empty_state("conversation", title, sentence, ":material/forum:")


def _show_tools(app: Application, job: Job, conversation: Conversation) -> str:
    """Search, jumps and downloads; gives the words that are searched."""
    words = st.text_input(
        "Search the conversation",
        key=FIND,
        type="search",
        bind="query-params",
        label_visibility="collapsed",
        placeholder="Search text, tools and results",
    )
    with st.container(horizontal=True, key="conversation-jumps", gap="small"):
        for label, jump, icon in (
            ("Next edit", Wanted.EDIT, ":material/edit:"),
            ("Next error", Wanted.ERROR, ":material/error:"),
            ("End", len(conversation.turns) - 1, ":material/vertical_align_bottom:"),
        ):
            name = f"conversation-{label.split()[-1].lower()}"
            st.button(label, key=name, icon=icon, on_click=ask, args=(jump,))
        with st.popover("Download", icon=":material/download:"):
            _show_download(app, job, ThreadFormat.MARKDOWN, "Markdown, to read", "text/markdown")
            _show_download(app, job, ThreadFormat.JSONL, "JSON Lines, whole", "application/jsonl")
    if said := told():
        muted("conversation-told", said)
    return (words or "").strip()


def _show_download(app: Application, job: Job, form: ThreadFormat, label: str, mime: str) -> None:
    def content() -> bytes:
        clean = app.net.clean
        lines = cleaned_lines(app.jobs.thread(job.id), clean)
        return written_thread(cleaned_job(job, clean), lines, form)

    st.download_button(
        label,
        content,
        f"{job.id}.{SUFFIXES[form]}",
        mime,
        key=f"conversation-{form.value}",
        on_click="ignore",
        type="tertiary",
    )


def _show_choice(conversation: Conversation) -> Show | None:
    with st.container(horizontal=True, key="conversation-choice", vertical_alignment="center"):
        show = st.pills(
            "Show",
            list(Show),
            key=SHOW,
            bind="query-params",
            format_func=lambda one: Show(one).value,
            label_visibility="collapsed",
        )
        pages = pages_of(conversation)
        if pages > 1:
            st.space("stretch")
            st.pagination(pages, key=PAGE, bind="query-params", on_change=leave_turn)
    return Show(show) if show else None


def _show_page(app: Application, job: Job, page: ConversationPage, show: Show | None) -> None:
    turns = narrowed(page.turns, show)
    here: Here = arrived()
    if not turns:
        what = show.value.lower() if show else "turns"
        st.info(f"There are no {what} on this page.", icon=":material/filter_alt:")
    with st.container(key="conversation-body", gap=None):
        st.html(outline(turns))
        with st.container(key="conversation-turns", gap="medium"):
            for turn in turns:
                _show_turn(app, job, turn, show, is_here=turn.place == here.place)
    if here.place is not None and any(turn.place == here.place for turn in turns):
        anchor = next(turn.anchor for turn in turns if turn.place == here.place)
        scroll_to(anchor, f"{job.id} {anchor} {here.moves}")


def _show_turn(
    app: Application, job: Job, turn: ShownTurn, show: Show | None, *, is_here: bool
) -> None:
    address = {name: st.query_params[name] for name in ("id", "tab") if name in st.query_params}
    with st.container(key=f"conversation-turn-{turn.place}", gap=None):
        st.html(heading(turn, address, is_here=is_here))
        if turn.note:
            muted(f"conversation-note-{turn.place}", turn.note)
        for number, part in enumerate(turn.parts):
            if part in parts_shown(turn, show):
                show_part(part, f"{job.id}-{turn.place}-{number}", app.net.clean)
