"""The Diff section of a job, from its patch to widgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.prompts import Kind
from codybatch.services.wording import lines_changed
from codybatch.ui.components import empty_state, muted, notice
from codybatch.ui.diff.choices import Choices
from codybatch.ui.diff.component import draw, is_installed
from codybatch.ui.diff.shown_diff import ShownDiff, shown_diff
from codybatch.ui.plain_text import Clean, shown

Load = Callable[[], bytes]
"""Gives a patch, byte for byte."""
_STYLE = Path(__file__).with_name("style.css")
PLAIN_BYTES = 200_000
"""Of a patch that is shown as plain text where the viewer is missing."""


def show_diff(app: Application, job: Job) -> None:
    """A job's patch: to read, to take away and to apply."""
    st.html(_STYLE)
    if job.patch is None:
        empty_state("diff", "There is no diff", _why_none(job), ":material/difference:")
        return
    if job.patch.redacts_secret:
        notice("secret", "orange", "The download removes a secret, and so holds it: take care")
    load = partial(app.jobs.patch, job.id)
    _show_actions(job, job.patch, load)
    diff = read_diff(job.patch.blob.sha256, load, app.net.clean)
    if is_installed():
        name = f"{job.id}-{job.patch.blob.sha256[:12]}"
        choices = Choices(app.personal, app.person, job.id, diff)
        draw(name, diff, choices.kept, choices.keep)
    else:
        show_plain(load(), app.net.clean)


def read_diff(digest: str, load: Load, clean: Clean) -> ShownDiff:
    """A patch that was read for display; those that were read last are kept.

    Args:
        digest: of its bytes.
        load: gives them.
        clean: takes secrets out of a text.

    Raises:
        BlobMissing, BlobDamaged: the bytes are not what was stored.
    """
    return _read(digest, load, clean)


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(digest: str, _load: Load, _clean: Clean) -> ShownDiff:  # noqa: ARG001 - is the key
    return shown_diff(_load(), _clean)


def _why_none(job: Job) -> str:
    if not job.state.is_terminal:
        return "It comes when the job has ended."
    if job.kind is not Kind.CHANGE:
        return f"A job of the kind {job.kind.value} only reads, so it makes no patch."
    return "This job made no patch."


def _show_actions(job: Job, patch: Patch, load: Load) -> None:
    file_name = f"{job.id}.patch"
    with st.container(horizontal=True, vertical_alignment="center", key="diff-actions"):
        files = f"{patch.files} file{'s' if patch.files != 1 else ''}"
        muted("diff-size", f"{files}, {lines_changed(patch)}")
        st.space("stretch")
        st.download_button(
            f"Download the patch ({patch.blob.size / 1000:,.1f} kB)",
            load,
            file_name,
            "text/x-patch",
            key="diff-download",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover("How to apply it", icon=":material/terminal:"):
            _show_how_to_apply(job, file_name)


def _show_how_to_apply(job: Job, file_name: str) -> None:
    st.text(f"In a clone of {job.repository.full_name}, at the commit that the job worked on:")
    st.code(
        f"git switch --detach {job.commit}\ngit apply --index {file_name}",
        language="bash",
        wrap_lines=True,
    )
    st.text("Or without the download, where Cody Batch is installed:")
    st.code(f"codybatch jobs patch {job.id} | git apply --index", language="bash", wrap_lines=True)


def show_plain(patch: bytes, clean: Clean) -> None:
    """The patch as text, for an install that was made without the viewer."""
    notice(
        "viewer",
        "yellow",
        "The diff viewer is not installed, so the patch is shown as text",
        "It comes with the build: install Cody Batch again (in a checkout: make setup).",
    )
    begin = patch[: patch.rfind(b"\n", 0, PLAIN_BYTES) + 1 or PLAIN_BYTES]
    if len(patch) > PLAIN_BYTES:
        st.caption("The patch is long: only its beginning is shown, the download is whole.")
    else:
        begin = patch
    st.code(shown(begin.decode(errors="replace"), clean), language="diff", line_numbers=False)
