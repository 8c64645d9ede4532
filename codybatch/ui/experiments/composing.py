"""The whole form for a new experiment, and beside it what it comes to."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import Arm
from codybatch.services.experiment_form import ExperimentForm
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.experiments.drafting import keep
from codybatch.ui.experiments.form import (
    ask_budgets,
    ask_design,
    ask_models,
    ask_prompts,
    ask_question,
    ask_truth,
    ask_variables,
    chosen_prompts,
)
from codybatch.ui.experiments.named import Named
from codybatch.ui.experiments.planning import arms_of, form_of, missing, plan_of
from codybatch.ui.experiments.repositories_part import ask_repositories
from codybatch.ui.experiments.submit_part import show_plan, show_start, watch


def show_form(app: Application, written: WrittenExperiment) -> None:
    """Ask for all of it, keep what is written, and show what it comes to.

    Args:
        app: what the experiment is set up in.
        written: as it stands.
    """
    left, right = st.columns([5, 3], gap="large")
    with left:
        written, named, arms, problem = _ask(app, written)
    keep(app, written)
    lacking = missing(written, named, arms) if not problem else (problem,)
    form = _form(app, written, named) if not (lacking or named.problem) else None
    with right, st.container(key="experiments-side", border=True):
        plan = plan_of(app, form)
        show_plan(app, plan)
        show_start(app, form, plan, lacking)
    watch()


def _ask(
    app: Application, written: WrittenExperiment
) -> tuple[WrittenExperiment, Named, tuple[Arm, ...], str]:
    """The fields; what they say, the arms they make, and why they make none.

    Each part has a place of its own: what comes and goes in one must not move the fields of the
    next, in which a person may be typing.
    """
    compared, over, decided, known = (st.container() for _ in range(4))
    with compared:
        written = ask_question(written)
        written = ask_prompts(app, written)
        written = ask_models(app, written)
        written = ask_variables(written, chosen_prompts(app, written))
    with over:
        written, named = ask_repositories(app, written)
    arms, problem = _arms(app, written, named)
    with decided:
        written = ask_design(written, arms)
        written = ask_budgets(app, written)
    with known:
        written = ask_truth(written, named.names)
    return written, named, arms, problem


def _arms(
    app: Application, written: WrittenExperiment, named: Named
) -> tuple[tuple[Arm, ...], str]:
    try:
        return arms_of(app, form_of(app, written, named)), ""
    except CodyBatchError as error:
        return (), error.message


def _form(app: Application, written: WrittenExperiment, named: Named) -> ExperimentForm | None:
    try:
        return form_of(app, written, named)
    except CodyBatchError:
        return None  # the arms said what is wrong
