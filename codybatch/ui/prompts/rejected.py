"""Why the jobs of a prompt were rejected, from a gathering of verdicts to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.services.rejections import Reason, RejectedVersion, Rejections, scope_in_words
from codybatch.services.wording import counted
from codybatch.ui.components import empty_state, muted
from codybatch.ui.navigation import JOB
from codybatch.ui.plain_text import shown_on_one_line

_JOBS_SHOWN = 5
"""Jobs that one reason links to."""


def show_rejected(app: Application, name: str) -> None:
    """The reasons of every version that has some, newest version first."""
    found = Rejections(app.store.records).of_prompt(name)
    if not found.versions:
        empty_state(
            *("prompts-rejected", "Nothing was rejected", "Reasons of verdicts stand here."),
            icon=":material/thumb_down:",
        )
        return
    if scope := scope_in_words(found):
        muted("prompts-rejected", scope)
    for version in found.versions:
        _show_version(app, version)


def _show_version(app: Application, version: RejectedVersion) -> None:
    st.subheader(f"Version {version.version}", anchor=False)
    with st.container(key=f"prompts-rejected-{version.version}", border=True, gap="small"):
        muted(
            f"prompts-rejecting-{version.version}",
            f"{counted(version.rejecting, 'verdict rejects', 'verdicts reject')}",
        )
        for number, reason in enumerate(version.reasons):
            with st.container(key=f"prompts-reason-{version.version}-{number}", gap="xsmall"):
                _show_reason(app, reason)


def _show_reason(app: Application, reason: Reason) -> None:
    words = shown_on_one_line(reason.words, app.net.clean)
    st.text(f"{words} · {counted(reason.count, 'time')}")
    with st.container(horizontal=True, gap="small"):
        for job in reason.jobs[:_JOBS_SHOWN]:
            st.page_link(JOB, label=job, query_params={"id": job})
        if len(reason.jobs) > _JOBS_SHOWN:
            st.text(f"and {len(reason.jobs) - _JOBS_SHOWN:,} more", width="content")
