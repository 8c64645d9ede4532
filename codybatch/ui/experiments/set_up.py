"""The tab Set-up: what each arm is, how prompts differ, where they ran, how it was computed."""

from __future__ import annotations

from difflib import unified_diff

import streamlit as st

from codybatch.analysis.report.contents import Report
from codybatch.analysis.report.setup import ArmSetup, RepositorySetup, Setup
from codybatch.services.wording import counted
from codybatch.ui.components import badge, facts, muted
from codybatch.ui.experiments.result import table
from codybatch.ui.experiments.words import METRICS
from codybatch.ui.navigation import PROMPT
from codybatch.ui.plain_text import Clean, literal, shown, shown_on_one_line
from codybatch.ui.words import Badge

_BASELINE = Badge("Baseline", ":material/flag:", "blue")
_KNOWN = {True: "changes are necessary", False: "no change is necessary", None: ""}


def show_set_up(report: Report, clean: Clean) -> None:
    """The whole tab."""
    setup = report.setup
    facts("experiment-setup", facts_of(setup))
    for number, sentence in enumerate(setup.changes):
        muted(f"experiments-change-{number}", sentence)
    st.subheader("Arms", anchor=False)
    for number, arm in enumerate(setup.arms):
        _show_arm(arm, number, clean)
    _show_difference(setup, clean)
    with st.expander(counted(len(setup.repositories), "repository", "repositories")):
        rows = [_repository(one, clean) for one in setup.repositories]
        st.html(table("repositories", ("Repository", "Commit", "Known", "Reference"), rows))
    with st.expander("How it was computed"):
        for sentence in (*report.methods, *report.limits):
            st.text(shown(sentence, clean))
        muted("experiments-hash", f"{setup.program} · content {setup.content_hash[:16]}")


def facts_of(setup: Setup) -> list[tuple[str, str]]:
    """The strip of numbers."""
    chosen, first = setup.metric_chosen_at, setup.first_result_at
    when = ""
    if chosen is not None:
        when = "after results" if first is not None and first <= chosen else "before results"
    return [
        ("What decides", METRICS[setup.metric]),
        *([("Chosen", when)] if when else []),
        ("Repositories", str(len(setup.repositories))),
        ("Repetitions", str(setup.repetitions)),
        *([("Repositories of one owner", "count as one")] if setup.clustered_by_owner else []),
    ]


def _show_arm(arm: ArmSetup, number: int, clean: Clean) -> None:
    with st.container(border=True, key=f"experiments-arm-{number}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(key=f"strong-experiments-arm-{number}", width="content"):
                st.text(shown_on_one_line(arm.name, clean), width="content")
            if arm.is_baseline:
                badge(_BASELINE)
            st.page_link(
                PROMPT,
                label=f"{literal(arm.prompt)} v{arm.version}",
                query_params={"name": arm.prompt, "v": str(arm.version)},
                width="content",
            )
        told = (("model", arm.model), *arm.options, *arm.variables)
        written = " · ".join(f"{name} {value}" for name, value in told)
        muted(f"experiments-arm-{number}", shown(written, clean))
        if arm.equal_to:
            equal = shown_on_one_line(arm.equal_to, clean)
            muted(f"experiments-equal-{number}", f"The same as {equal}: an A/A run.")


def _show_difference(setup: Setup, clean: Clean) -> None:
    base = setup.arms[0]
    others = [arm for arm in setup.arms[1:] if arm.text != base.text]
    if not others:
        return
    st.subheader("How the prompts differ", anchor=False)
    names = [arm.name for arm in others]
    chosen = names[0]
    if len(names) > 1:
        chosen = st.selectbox(
            f"{shown_on_one_line(base.name, clean)} and",
            names,
            key="experiments-prompt-of",
            format_func=lambda name: shown_on_one_line(name, clean),
        )
    arm = next(one for one in others if one.name == chosen)
    st.code(difference(base, arm, clean), language="diff", wrap_lines=True)


def difference(base: ArmSetup, arm: ArmSetup, clean: Clean) -> str:
    """The texts of two prompts as a diff."""
    lines = unified_diff(
        shown(base.text, clean).splitlines(),
        shown(arm.text, clean).splitlines(),
        base.label,
        arm.label,
        lineterm="",
    )
    return shown("\n".join(lines), clean)


def _repository(one: RepositorySetup, clean: Clean) -> tuple[str, ...]:
    commits = ", ".join(commit[:12] for commit in one.commits)
    reference = f"patch {one.reference.sha256[:12]}" if one.reference else ""
    name = shown_on_one_line(one.repository, clean)
    return name, commits, _KNOWN[one.changes_necessary], reference
