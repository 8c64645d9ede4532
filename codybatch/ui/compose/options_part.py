"""The options of the draft: the model, the budget, how far to publish, and the rest."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.publication import PublishMode
from codybatch.ports import PageRequest
from codybatch.ui.compose.draft import Draft, WrittenOptions
from codybatch.ui.compose.session import key_of
from codybatch.ui.compose.words import EFFORTS, PUBLISH, WHERE_OPEN


def ask_options(app: Application, draft: Draft) -> None:
    """The options that most requests think about, and the others folded."""
    written = draft.options
    _ask_model(app, written)
    left, right = st.columns(2)
    with left:
        _ask_amount("Budget, US$", "request_cap_usd", written.request_cap_usd, _REQUEST_CAP)
    with right:
        st.selectbox(
            "Publish",
            list(PublishMode),
            index=list(PublishMode).index(written.publish),
            key=key_of("option-publish"),
            format_func=PUBLISH.__getitem__,
            help="Where the service account may push; elsewhere the patch is kept here.",
        )
    st.toggle(
        "Rehearse: run the first repository only, and hold the others",
        value=written.rehearse,
        key=key_of("option-rehearse"),
    )
    with st.expander("More options"):
        _ask_more(written)


_REQUEST_CAP = "Of the whole request: jobs wait when it is reached. Empty for no cap."
_JOB_CAP = "A job stops when it is reached, and keeps what it did. Empty for no cap."


def _ask_model(app: Application, written: WrittenOptions) -> None:
    left, right = st.columns([4, 3])
    known = dict.fromkeys((app.settings.model, written.model, *_used_before(app)))
    models = [name for name in known if name]
    left.selectbox(
        "Model",
        models,
        index=models.index(written.model) if written.model in models else None,
        key=key_of("option-model"),
        accept_new_options=True,
        help="Pick one, or type a model's name.",
    )
    right.selectbox(
        "Effort",
        list(EFFORTS),
        index=list(EFFORTS).index(written.effort or ""),
        key=key_of("option-effort"),
        format_func=EFFORTS.__getitem__,
        help="How hard the model thinks. Where it does not know the one chosen, its own is used.",
    )


def _used_before(app: Application) -> tuple[str, ...]:
    """Models of the newest requests."""
    newest = app.requests.list(page=PageRequest(limit=50)).items
    return tuple(sorted({one.options.model for one in newest}))


def _ask_amount(label: str, name: str, amount: Decimal | None, told: str) -> None:
    st.number_input(
        label,
        min_value=0.0,
        value=None if amount is None else float(amount),
        step=1.0,
        format="%.2f",
        key=key_of(f"option-{name}"),
        placeholder="No cap",
        help=told,
    )


def _ask_more(written: WrittenOptions) -> None:
    st.text_input(
        "Title",
        value=written.title,
        key=key_of("option-title"),
        placeholder="The prompt's first line",
    )
    _ask_amount("Budget of each job, US$", "job_cap_usd", written.job_cap_usd, _JOB_CAP)
    left, right = st.columns(2)
    with left:
        _ask_count("Turns of each job", "max_turns", written.max_turns, most=1000)
    with right:
        _ask_count("Minutes of each job", "max_minutes", written.max_minutes, most=14 * 24 * 60)
    st.toggle(
        "Follow the repository's guidance files",
        value=written.follow_guidance,
        key=key_of("option-follow_guidance"),
        help="AGENTS.md and its kin then say how code is written there. They never change the "
        "task, and otherwise they are data like any other file.",
    )
    proposes = written.publish in {PublishMode.DRAFT, PublishMode.READY}
    st.selectbox(
        "Where this prompt's pull request is open already",
        list(WHERE_OPEN),
        index=list(WHERE_OPEN).index(written.existing or ""),
        key=key_of("option-existing"),
        format_func=WHERE_OPEN.__getitem__,
        disabled=not proposes,
    )
    for name, label, hint in _NAMES:
        before = getattr(written, name)
        st.multiselect(
            label,
            list(before),
            default=list(before),
            key=key_of(f"option-{name}"),
            accept_new_options=True,
            placeholder=hint,
            disabled=not proposes,
        )
    if not proposes:
        st.caption("The last four are for pull requests.")


_NAMES = (
    ("labels", "Labels", "Type a label, then Enter"),
    ("reviewers", "Reviewers", "A login, or organisation/team"),
    ("assignees", "Assignees", "A login"),
)


def _ask_count(label: str, name: str, count: int, most: int) -> None:
    st.number_input(
        label,
        min_value=1,
        max_value=most,
        step=1,
        value=min(max(count, 1), most),
        key=key_of(f"option-{name}"),
    )
