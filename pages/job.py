"""One job's result: what was found, what changed, what it cost, and what to do next."""

import streamlit as st

from codybatch.ui.job_result import JobResult, job_result
from codybatch.ui.workbench import page


def show_header(result: JobResult) -> None:
    """Which job, how it stands, and what can be done."""
    st.page_link("pages/jobs.py", label="Jobs", icon=":material/arrow_back:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(result.repository, width="content")
        st.badge(result.badge.label, icon=result.badge.icon, color=result.badge.color)
    st.caption(f"{result.request} · commit {result.commit[:10]} · job {result.id}")
    st.markdown(f"{result.doing} {result.next_step}")
    if result.detail:
        st.warning(result.detail, icon=":material/info:")


def show_summary(result: JobResult) -> None:
    """What Claude says of it; hostile until proven otherwise, so it is shown as plain text."""
    st.subheader(result.title or "Summary")
    st.text(f"Were changes necessary? {result.necessity}.")
    if result.summary:
        st.text(result.summary)
    if result.verification:
        st.caption("How it was verified")
        st.text(result.verification)


def show_publication(result: JobResult) -> None:
    """What became of the patch, and what the gate found."""
    st.subheader("Publication")
    st.text(result.publication)
    if result.pull_request_url:
        st.link_button(
            "Open the pull request", result.pull_request_url, icon=":material/open_in_new:"
        )
    for finding in result.gate:
        where = f"{finding.path}:{finding.line}" if finding.line else finding.path
        st.text(f"{finding.rule.value}: {where}: {finding.message}")


def show_patch(result: JobResult) -> None:
    """The patch, to read and to take away."""
    st.subheader("Diff")
    if not result.patch:
        st.info("This job made no patch.", icon=":material/task_alt:")
        return
    name = f"{result.id}.patch"
    st.download_button(
        "Download the patch", result.patch, name, "text/x-patch", icon=":material/download:"
    )
    st.caption(f"Apply it with `git apply {name}` in a checkout of {result.commit[:10]}.")
    if result.is_cut:
        st.caption("The patch is long: only its beginning is shown, the download is whole.")
    st.code(result.shown_patch, language="diff", line_numbers=False)


with page("This job") as app:
    written = st.query_params.get("id", "")
    if not written:
        st.info("Choose a job from the list.", icon=":material/list_alt:")
        st.page_link("pages/jobs.py", label="Jobs")
        st.stop()
    result = job_result(app.jobs, written)
    show_header(result)
    columns = st.columns(len(result.facts))
    for column, (label, value) in zip(columns, result.facts, strict=True):
        column.metric(label, value)
    show_summary(result)
    show_publication(result)
    show_patch(result)
