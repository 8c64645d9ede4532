"""What a person sees of the job that they judge: all of it, or, blind, nothing that would tell."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.jobs import Job
from codybatch.services.blind import Mask, Telling
from codybatch.services.wording import counted
from codybatch.ui.components import badge, facts, muted, notice
from codybatch.ui.jobs.result import SHOWN_PATCH_BYTES, job_result, shown_patch
from codybatch.ui.jobs.sections import (
    show_answer,
    show_files,
    show_findings,
    show_outlook,
    show_patch,
    show_summary,
)
from codybatch.ui.jobs.view import JobView
from codybatch.ui.navigation import JOB
from codybatch.ui.plain_text import Clean, literal, shown

SMALL_PATCH_BYTES = 8_000
"""What of a patch is shown in the queue; the job's own page shows all."""
TELLS_NOTHING = ("Result", "Files")
"""Facts that are shown blind: cost, time and the like differ between models."""


def show_named(app: Application, view: JobView) -> None:
    """A job with all that is known of it."""
    job = view.job
    with st.container(horizontal=True, key="jobs-judged", vertical_alignment="center", gap="small"):
        name = f":gray[{literal(view.heading.owner)}/]**{literal(view.heading.name)}**"
        st.page_link(JOB, label=name, query_params={"id": job.id})
        badge(view.heading.badge)
        muted("judged-about", f"{view.heading.prompt} · {view.heading.request}")
    _show_result(app, view, app.net.clean, whole=False)
    if job.patch is not None:
        st.page_link(
            JOB,
            label="The whole diff",
            icon=":material/difference:",
            query_params={"id": job.id, "tab": "Diff"},
        )


def show_blind(app: Application, view: JobView, what: Telling) -> None:
    """A job without what would tell which prompt or model made it."""
    mask = Mask(what)

    def clean(text: str) -> str:
        return mask.hide(app.net.clean(text))

    with st.container(horizontal=True, key="jobs-judged", vertical_alignment="center", gap="small"):
        st.markdown(f":gray[{literal(view.heading.owner)}/]**{literal(view.heading.name)}**")
        badge(view.heading.badge)
    masked = st.container()
    _show_result(app, view, clean, whole=True)
    if mask.hidden:
        with masked:
            notice(
                "masked",
                "gray",
                f"{counted(mask.hidden, 'name')} hidden",
                "The result names its prompt or its model: [hidden] stands in the place.",
                icon=":material/visibility_off:",
            )


def show_facts(view: JobView, *, blind: bool) -> None:
    """What is known of a job in numbers."""
    pairs = view.heading.facts
    facts("judged", [pair for pair in pairs if not blind or pair[0] in TELLS_NOTHING])


def show_revealed(view: JobView, arm: str, clean: Clean) -> None:
    """What made a job that was judged blind, and the way to it."""
    with st.container(border=True, key="jobs-revealed", gap="xsmall"):
        st.text("It was made by")
        for name, value in revealed(view.job, arm):
            muted(f"revealed-{name}", f"{name}: {shown(value, clean)}")
        st.page_link(
            JOB,
            label="Open the job",
            icon=":material/open_in_new:",
            query_params={"id": view.job.id},
        )
        muted(
            "revealed-now", "On its page your verdict can still be changed; it is then not blind."
        )


def revealed(job: Job, arm: str) -> tuple[tuple[str, str], ...]:
    """What made a job: name by name."""
    pairs = (
        ("Arm", arm),
        ("Prompt", f"{job.prompt.name} v{job.prompt.version}"),
        ("Model", job.model),
        ("Request", job.request_title),
    )
    return tuple(pair for pair in pairs if pair[1])


def _show_result(app: Application, view: JobView, clean: Clean, *, whole: bool) -> None:
    job = view.job
    result = job_result(app.jobs, clean, job)
    if view.heading.badge.color != "green":
        muted("judged-state", shown(view.heading.doing, clean))
    show_summary(result)
    show_answer(result, to_take_away=not whole)
    show_findings(app, job, result, to_take_away=not whole)
    show_files(result)
    if job.patch is not None:
        longest = SHOWN_PATCH_BYTES if whole else SMALL_PATCH_BYTES
        patch = shown_patch(app.jobs, job, clean, longest)
        show_patch(patch, to_take_away=not whole)
    show_outlook(result)
