"""The tab Result, from its view model to widgets."""

from __future__ import annotations

from functools import partial

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job
from codybatch.services.finding_files import MEDIA_TYPES, FileFormat, findings_file
from codybatch.services.findings import findings_of
from codybatch.ui.components import badge, empty_state, muted, notice
from codybatch.ui.jobs.result import (
    SORTED_BY,
    JobResult,
    ShownFile,
    ShownFinding,
    ShownPatch,
    chosen_findings,
)
from codybatch.ui.words import severity_badge

FINDINGS_SHOWN = 25
"""Findings of one page."""


def show_summary(result: JobResult) -> None:
    """What Claude says of it, and what a person should look at first."""
    if result.gate:
        notice("gate", "orange", "Review this first: the gate held the patch back", *result.gate)
    if result.doubt:
        notice("doubt", "orange", "What Claude says and what it did differ", result.doubt)
    if not (result.summary or result.title):
        return
    st.subheader("Summary", anchor=False)
    with st.container(key="strong-title", gap="xsmall"):
        st.text(result.title)
    if result.necessity:
        st.text(f"{result.necessity}.")
    st.text(result.summary)


def show_outlook(result: JobResult) -> None:
    """How it was verified, and what Claude would do next."""
    if result.verification:
        muted("verified", "How it was verified")
        st.text(result.verification)
    if result.suggestions:
        muted("next", "What Claude would do next")
        st.text("\n".join(f"• {suggestion}" for suggestion in result.suggestions))


def show_nothing(job: Job) -> None:
    """What stands where nothing came of it, or not yet."""
    if job.state.is_terminal:
        empty_state("result", "Nothing came of it", "The notice above says why.")
    else:
        empty_state(
            "result",
            "No result yet",
            "What Claude finds and changes will stand here.",
            ":material/hourglass_empty:",
        )


def show_findings(
    app: Application, job: Job, result: JobResult, *, to_take_away: bool = True
) -> None:
    """What an audit found: chosen, sorted, and to take away."""
    if not result.findings:
        return
    st.subheader(f"Findings ({len(result.findings)})", anchor=False)
    with st.container(horizontal=True, key="jobs-findings-tools", vertical_alignment="bottom"):
        severities = st.pills(
            "Severity",
            [severity for severity, _ in result.counts],
            selection_mode="multi",
            key="job-severity",
            bind="query-params",
            format_func=partial(_counted, result),
        )
        by = st.segmented_control(
            "Sorted by", SORTED_BY, default="Severity", required=True, key="job-sorted"
        )
        if to_take_away:
            _show_downloads(app, job)
    chosen = chosen_findings(result, severities, by or "Severity")
    pages = -(-len(chosen) // FINDINGS_SHOWN)
    page = st.pagination(pages, key="job-findings-page") if pages > 1 else 1
    begin = (page - 1) * FINDINGS_SHOWN
    for number, finding in enumerate(chosen[begin : begin + FINDINGS_SHOWN], begin):
        _show_finding(number, finding)


def _counted(result: JobResult, severity: Severity) -> str:
    return f"{severity_badge(Severity(severity)).label} {dict(result.counts)[Severity(severity)]}"


def _show_downloads(app: Application, job: Job) -> None:
    """The same files as the command line gives, made when they are asked for."""

    def made(form: FileFormat) -> str:
        found = findings_of([job], app.net.clean)
        return findings_file(form, [job], found, app.settings.github_server_url)

    for form in FileFormat:
        st.download_button(
            form.value.upper(),
            partial(made, form),
            f"{job.id}.{form.value}",
            MEDIA_TYPES[form],
            key=f"job-findings-{form}",
            icon=":material/download:",
            help=f"Download the findings as {form.value.upper()}",
            on_click="ignore",
        )


def _show_finding(number: int, finding: ShownFinding) -> None:
    with st.container(border=True, key=f"finding-{number}", gap="xsmall"):
        with st.container(horizontal=True, key=f"strong-finding-{number}"):
            badge(finding.badge)
            st.text(f"{finding.rule} · {finding.place}")
        st.text(finding.message)
        if finding.suggestion:
            muted(f"suggestion-{number}", finding.suggestion)
        muted(f"finding-notes-{number}", finding.notes)


def show_answer(result: JobResult, *, to_take_away: bool = True) -> None:
    """What a question was answered with."""
    if not result.answer:
        return
    st.subheader("Answer", anchor=False)
    st.code(result.answer, language="json", wrap_lines=True)
    if not to_take_away:
        return
    st.download_button(
        "Download the answer",
        result.answer,
        f"{result.id}.json",
        "application/json",
        key="job-answer",
        icon=":material/download:",
        on_click="ignore",
    )


def show_files(result: JobResult) -> None:
    """The files that were changed."""
    if not result.files:
        if result.lacks_patch:
            st.info("No change was needed, so there is no patch.", icon=":material/task_alt:")
        return
    st.subheader(f"Files ({len(result.files) + result.files_left_out})", anchor=False)
    with st.container(border=True, key="jobs-files", gap=None):
        for number, file in enumerate(result.files):
            _show_file(number, file)
    if result.files_left_out:
        muted("files-left", f"{result.files_left_out:,} more stand in the tab Diff.")


def _show_file(number: int, file: ShownFile) -> None:
    with st.container(horizontal=True, key=f"jobs-file-{number}", vertical_alignment="center"):
        st.text(file.path)
        st.text(file.lines, width="content")
        plus, minus = "■" * file.added_blocks, "■" * file.removed_blocks
        st.html(
            f'<span class="cb-blocks" aria-hidden="true"><b>{plus}</b><i>{minus}</i></span>',
            width="content",
        )


def show_patch(patch: ShownPatch, *, to_take_away: bool = True) -> None:
    """The patch, to read."""
    if patch.redacts_secret and to_take_away:
        notice("secret", "orange", "The download removes a secret, and so holds it: take care")
    if patch.is_cut:
        rest = "the download is whole" if to_take_away else "the rest cannot be shown here"
        st.caption(f"The patch is long: only its beginning is shown, {rest}.")
    st.code(patch.text, language="diff", line_numbers=False)
