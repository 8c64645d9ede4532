"""The dialogs that add to an experiment; what is added is previewed with its cost before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import MAX_REPETITIONS, Experiment
from codybatch.domain.requests import Effort
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from codybatch.services.experiment_growth import Addition
from codybatch.services.experiment_preview import Preview
from codybatch.services.preferences import WrittenExperiment
from codybatch.services.wording import counted, money
from codybatch.ui.acts import answered, refused, tell
from codybatch.ui.compose.words import EFFORTS
from codybatch.ui.experiments.form import offered, prompt_label
from codybatch.ui.experiments.named import named
from codybatch.ui.plain_text import shown
from codybatch.ui.questions import close_question

Add = Callable[[Addition], None]
Ask = Callable[[Application, Experiment], Addition | None]


def ask_arm(app: Application, one: Experiment, add: Add) -> None:
    """Another prompt, model or effort."""
    _ask(app, one, add, "Add an arm", _arm)


def ask_repositories(app: Application, one: Experiment, add: Add) -> None:
    """More repositories, at their commits of now."""
    _ask(app, one, add, "Add repositories", _repositories)


def ask_repetitions(app: Application, one: Experiment, add: Add) -> None:
    """More repetitions of every cell."""
    _ask(app, one, add, "Add repetitions", _repetitions)


def ask_equal_arm(app: Application, one: Experiment, add: Add) -> None:
    """The baseline once more."""
    _ask(app, one, add, "Add an A/A run", _equal_arm)


def _ask(app: Application, one: Experiment, add: Add, title: str, ask: Ask) -> None:
    """Ask what to add, say what that runs and may cost, and add it.

    Args:
        app: where it is added.
        one: the experiment.
        add: adds it.
        title: of the dialog, and what its button does.
        ask: the fields; None while they are not filled in.
    """
    key = f"experiments-{title.lower().replace(' ', '-').replace('/', '-')}"

    @st.dialog(title, width="medium", on_dismiss=close_question)
    def dialog() -> None:
        addition, is_possible = None, False
        try:
            addition = ask(app, one)
            if addition is not None:
                with st.spinner("Working out what it may cost …"):
                    preview = app.experiments.preview_addition(one.id, addition)
                clean = app.net.clean
                tell(shown(sentence, clean) for sentence in cost_of(preview))
                is_possible = True
        except CodyBatchError as error:
            refused(app, error)
        if answered(title, key, enabled=is_possible) and addition is not None:
            add(addition)

    dialog()


def cost_of(preview: Preview) -> tuple[str, ...]:
    """What growing an experiment runs and may cost, in sentences."""
    estimate = preview.estimate
    runs = f"{counted(preview.missing, 'cell is', 'cells are')} still to be made."
    if estimate is None:
        return (runs, *preview.notices)
    cost = (
        f"They will probably cost {money(estimate.likely_usd)}, between "
        f"{money(estimate.low_usd)} and {money(estimate.high_usd)}."
    )
    return (runs, cost, *preview.notices)


def _arm(app: Application, one: Experiment) -> Addition | None:
    first = one.arm(one.baseline)
    prompt = st.selectbox(
        "Prompt",
        offered(app, WrittenExperiment()),
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
    variables = {name: value for name, value in first.variables.items() if name in used}
    form = ExperimentForm(prompts=(prompt,), variables=variables, options=options, repositories=())
    return Addition(arms=form)


def _repositories(app: Application, one: Experiment) -> Addition | None:  # noqa: ARG001 - an Ask
    text = st.text_area("One a line", key="experiments-added-repositories", height=140)
    found = named(text or "", app.requests.intake.policy.host)
    if found.problem:
        st.text(shown(found.problem, app.net.clean))
    forms = tuple(RepositoryForm(repository=str(ref)) for ref in found.refs)
    return Addition(repositories=forms) if forms else None


def _repetitions(app: Application, one: Experiment) -> Addition | None:  # noqa: ARG001 - an Ask
    most = MAX_REPETITIONS - one.repetitions
    more = st.number_input("How many more", 1, most, 1, key="experiments-more")
    return Addition(repetitions=int(more))


def _equal_arm(app: Application, one: Experiment) -> Addition | None:  # noqa: ARG001 - an Ask
    st.text(
        f"{one.baseline} is run once more. What two equal arms differ by is chance: so one sees "
        "how much of the other differences may be."
    )
    return Addition(baseline_again=True)
