"""The sections of a job's page, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.services.jobs import Jobs
from codybatch.ui.components import badge, muted, notice
from codybatch.ui.job_result import JobResult, ShownPatch
from codybatch.ui.plain_text import literal


def show_header(result: JobResult) -> None:
    """Which job, how it stands, and what can be done."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(literal(result.repository), width="content", anchor=False)
        badge(result.badge)
    muted("about", result.about)
    if result.badge.color in {"red", "orange", "yellow"}:
        notice("state", result.badge.color, literal(result.doing), result.detail, result.next_step)
    else:
        st.text(" ".join(filter(None, (result.doing, result.detail, result.next_step))))
    if result.gate:
        notice("gate", "orange", "Review this first: the gate held the patch back", *result.gate)
    if result.doubt:
        notice("doubt", "orange", "What Claude says and what it did differ", result.doubt)


def show_summary(result: JobResult) -> None:
    """What Claude says of it."""
    if not (result.summary or result.title or result.answer):
        return
    st.subheader("Summary", anchor=False)
    with st.container(key="strong-title", gap="xsmall"):
        st.text(result.title)
    if result.necessity:
        st.text(f"{result.necessity}.")
    st.text(result.summary)
    if result.answer:
        st.code(result.answer, language="json", wrap_lines=True)
    if result.verification:
        muted("verified", "How it was verified")
        st.text(result.verification)
    if result.suggestions:
        muted("next", "What Claude would do next")
        st.text("\n".join(f"• {suggestion}" for suggestion in result.suggestions))


def show_findings(result: JobResult) -> None:
    """What an audit found, the worst first."""
    if result.findings:
        st.subheader(f"Findings ({len(result.findings)})", anchor=False)
    for number, finding in enumerate(result.findings):
        with st.container(border=True, key=f"finding-{number}", gap="xsmall"):
            with st.container(horizontal=True, key=f"strong-finding-{number}"):
                badge(finding.badge)
                st.text(finding.headline)
            st.text(finding.message)
            if finding.suggestion:
                muted(f"suggestion-{number}", finding.suggestion)


def show_publication(result: JobResult) -> None:
    """What became of the patch."""
    if result.publication:
        st.subheader("Publication", anchor=False)
        st.text(result.publication)
    if result.pull_request_url:
        st.link_button(
            "Open the pull request",
            result.pull_request_url,
            type="primary",
            icon=":material/open_in_new:",
        )


def show_patch(jobs: Jobs, result: JobResult, patch: ShownPatch) -> None:
    """The patch, to read and to take away."""
    st.subheader("Diff", anchor=False)
    if patch.redacts_secret:
        notice("secret", "orange", "The download removes a secret, and so holds it: take care")
    st.download_button(
        f"Download the patch ({patch.size})",
        lambda: jobs.patch(result.id),
        patch.file_name,
        "text/x-patch",
        icon=":material/download:",
        on_click="ignore",
    )
    if patch.is_cut:
        st.caption("The patch is long: only its beginning is shown, the download is whole.")
    st.code(patch.text, language="diff", line_numbers=False)
