"""The dialog that adds an arm to an experiment: another prompt, model or effort."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.domain.requests import Effort
from codybatch.services.experiment_form import ExperimentForm
from codybatch.services.experiment_preview import Preview
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.acts import answered, refused, tell
from codybatch.ui.compose.words import EFFORTS
from codybatch.ui.experiments.form import offered, prompt_label
from codybatch.ui.questions import close_question

Change = Callable[[ExperimentId], object]


def ask_add_arm(
    app: Application,
    one: Experiment,
    do: Callable[[Change], None],
    told: Callable[[Preview], tuple[str, ...]],
) -> None:
    """Ask which arm, and say what its cells may cost; what exists is not paid for again.

    Args:
        app: where it is added.
        one: the experiment.
        do: makes the change.
        told: a preview in sentences.
    """

    @st.dialog("Add an arm", width="medium", on_dismiss=close_question)
    def dialog() -> None:
        form = _ask(app, one)
        if form is None:
            answered("Add the arm", "experiments-arm", enabled=False)
            return
        try:
            arms = app.experiments.arms.of(form, one.arms)
            grown = one.with_(arms=(*one.arms, *arms))
            tell((f"It is called {arms[0].name}.", *told(app.experiments.preview_of(grown))))
        except CodyBatchError as error:
            refused(app, error)
            answered("Add the arm", "experiments-arm", enabled=False)
            return
        if answered("Add the arm", "experiments-arm"):
            do(lambda it: app.experiments.add_arms(it, form))

    dialog()


def _ask(app: Application, one: Experiment) -> ExperimentForm | None:
    first = one.arm(one.baseline)
    refs = offered(app, WrittenExperiment())
    prompt = st.selectbox(
        "Prompt",
        refs,
        index=None,
        key="experiments-arm-prompt",
        format_func=prompt_label,
        placeholder="Choose a version",
    )
    left, right = st.columns(2)
    models = list(dict.fromkeys(arm.options.model for arm in one.arms))
    model = left.selectbox(
        "Model",
        models,
        index=models.index(first.options.model),
        key="experiments-arm-model",
        accept_new_options=True,
    )
    effort = right.selectbox(
        "Effort",
        list(EFFORTS),
        index=list(EFFORTS).index(first.options.effort or ""),
        key="experiments-arm-effort",
        format_func=EFFORTS.__getitem__,
    )
    if not prompt or not model:
        return None
    used = set(app.prompts.find(prompt).variables_used())
    options = first.options.with_(model=model, effort=Effort(str(effort)) if effort else None)
    return ExperimentForm(
        prompts=(prompt,),
        variables={name: value for name, value in first.variables.items() if name in used},
        options=options,
        repositories=(),
    )
