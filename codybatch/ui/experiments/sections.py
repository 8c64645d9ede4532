"""The page of one experiment, from its view model to widgets."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.components import Crumb, facts, muted, notice, page_header
from codybatch.ui.errand_card import show_errand
from codybatch.ui.experiments.acts import AT_ONCE, LABELS, ExperimentAct
from codybatch.ui.experiments.dialogs import ask, at_once
from codybatch.ui.experiments.raters import show_judge_button
from codybatch.ui.experiments.view import COLORS, ArmLine, ExperimentView
from codybatch.ui.navigation import EXPERIMENTS, JOBS, seen
from codybatch.ui.questions import open_question

MOST_ARMS = 6
"""Arms that are shown unfolded."""


def show_head(app: Application, view: ExperimentView) -> None:
    """What it asks, how it stands, what to do next, and how far each arm is."""
    way = Crumb("Experiments", EXPERIMENTS, seen(EXPERIMENTS))
    with page_header(view.name, way, badges=[view.badge], meta=view.about):
        _show_acts(app, view)
    if view.question:
        st.text(view.question)
    with st.container(border=True, key="experiments-summary", gap="small"):
        st.text(" ".join(filter(None, (view.standing, view.next_step))))
        facts("experiment", view.facts)
        _show_arms(view.arms)
        st.page_link(
            JOBS,
            label="All its jobs",
            icon=":material/list_alt:",
            query_params={"experiment": view.experiment.id},
        )
    if view.errand:
        show_errand(app, view.experiment.id, view.errand)
    if view.unavailable:
        title = "Some repositories cannot be worked on now"
        notice("experiments-unavailable", "orange", title, *view.unavailable)


def _show_arms(arms: tuple[ArmLine, ...]) -> None:
    """How far each arm is; of many, folded, so that what came of it stays in sight."""
    if len(arms) <= MOST_ARMS:
        st.html(arms_as_html(arms))
        return
    with st.expander(f"How far each of {len(arms)} arms is"):
        st.html(arms_as_html(arms))


def _show_acts(app: Application, view: ExperimentView) -> None:
    busy = view.errand is not None and view.errand.is_active
    acts = view.acts
    for act in filter(None, (acts.primary, *acts.others)):
        if act is ExperimentAct.JUDGE:
            is_primary = act is acts.primary
            show_judge_button(
                view.experiment.id, view.unjudged, "experiments-judge", primary=is_primary
            )
        else:
            _show_act(app, view, act, "primary" if act is acts.primary else "secondary", busy)
    with st.popover("Change", icon=":material/tune:", key="experiments-menu"):
        for act in acts.menu:
            _show_act(app, view, act, "tertiary", busy)


def _show_act(
    app: Application, view: ExperimentView, act: ExperimentAct, kind: str, busy: bool
) -> None:
    label, icon = LABELS[act]
    pressed = st.button(
        label,
        key=f"experiments-act-{act}",
        icon=icon,
        type=kind,  # type: ignore[arg-type]
        disabled=busy,
    )
    if pressed and act in AT_ONCE:
        at_once(app, view, act)
    elif pressed:
        open_question(partial(ask, app, view, act))


def arms_as_html(arms: tuple[ArmLine, ...]) -> str:
    """A bar for each arm, as wide as there are cells in each state; names are escaped."""
    lines = "".join(_arm_as_html(arm) for arm in arms)
    return f'<ul class="cb-arms">{lines}</ul>'


def _arm_as_html(arm: ArmLine) -> str:
    counts, name = arm.counts, escape(arm.name)
    segments = "".join(
        f'<i class="cb-{color}" style="flex:{getattr(counts, state.value)}"></i>'
        for state, color in COLORS
        if getattr(counts, state.value)
    )
    if counts.missing:
        segments += f'<i class="cb-none" style="flex:{counts.missing}"></i>'
    flag = " <em>baseline</em>" if arm.is_baseline else ""
    return (
        f'<li><b title="{name}"><span>{name}</span>{flag}</b>'
        f'<span class="cb-bar" role="img" aria-label="{name}: {escape(arm.told)}">{segments}</span>'
        f"<span>{escape(arm.told)}</span><span>{escape(arm.cost)}</span></li>"
    )


def show_known(view: ExperimentView) -> None:
    """How far what is shown below is worked out."""
    inquiry = view.known.inquiry
    if inquiry is not None:
        first = "" if view.known.report else " This takes a moment the first time."
        muted("experiments-known", f"{inquiry.said}{first}")
