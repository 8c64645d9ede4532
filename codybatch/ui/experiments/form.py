"""The form for a new experiment: what is asked, what is compared, where, and how it is decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from zlib import crc32

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.experiments import MAX_NAME, MAX_REPETITIONS, Arm, Metric
from codybatch.domain.prompts import PromptVersion, Variable, VariableType
from codybatch.ports import PageRequest
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.compose.words import EFFORTS
from codybatch.ui.experiments.drafting import key_of
from codybatch.ui.experiments.words import METRICS, METRICS_EXPLAINED, WHY_BEFORE
from codybatch.ui.plain_text import literal, visible

MOST_PROMPTS, MOST_VERSIONS = 500, 20
"""Prompts that are offered, and versions of each; others are chosen on a prompt's own page."""
MAX_QUESTION = 2_000


def ask_question(written: WrittenExperiment) -> WrittenExperiment:
    """What somebody wants to know."""
    st.subheader("Question", anchor=False)
    question = st.text_area(
        "What do you want to know?",
        written.question,
        key=key_of("question"),
        height=80,
        max_chars=MAX_QUESTION,
        placeholder="Does version 4 leave fewer places out than version 3?",
    )
    name = st.text_input(
        "Name",
        written.name,
        key=key_of("name"),
        max_chars=MAX_NAME,
        placeholder="Made of the arms where it is empty",
    )
    return written.with_(question=question or "", name=name or "")


def offered(app: Application, written: WrittenExperiment) -> list[str]:
    """The versions that can be chosen, the newest of each prompt first; and those chosen before."""
    found: list[str] = []
    for latest in app.prompts.latest(PageRequest(limit=MOST_PROMPTS)).items:
        oldest = max(0, latest.number - MOST_VERSIONS)
        found.extend(f"{latest.name}@{number}" for number in range(latest.number, oldest, -1))
    return list(dict.fromkeys((*found, *written.prompts)))


def chosen_prompts(app: Application, written: WrittenExperiment) -> tuple[PromptVersion, ...]:
    """The prompts of the form.

    Raises:
        UnknownPrompt: one is gone.
    """
    return tuple(app.prompts.find(ref) for ref in written.prompts)


def ask_prompts(app: Application, written: WrittenExperiment) -> WrittenExperiment:
    """Which versions of which prompts."""
    st.subheader("What is compared", anchor=False)
    refs = offered(app, written)
    prompts = st.multiselect(
        "Prompts",
        refs,
        default=list(written.prompts),
        key=key_of("prompts"),
        format_func=prompt_label,
        placeholder="Choose two versions, or more",
    )
    return written.with_(prompts=tuple(prompts))


def prompt_label(ref: str) -> str:
    """``tidy@3`` as people read it."""
    name, _, version = ref.partition("@")
    return f"{name} v{version}"


def ask_models(app: Application, written: WrittenExperiment) -> WrittenExperiment:
    """With which models and efforts; each prompt meets each of them."""
    left, right = st.columns(2)
    preferred = app.preferred_options()
    models = left.multiselect(
        "Models",
        list(dict.fromkeys((*written.models, preferred.model, app.settings.model))),
        default=list(written.models or (preferred.model,)),
        key=key_of("models"),
        accept_new_options=True,
        help="Every prompt runs with every model. Type a model's name to add one.",
    )
    efforts = right.multiselect(
        "Effort",
        list(EFFORTS),
        default=list(written.efforts or (preferred.effort or "",)),
        key=key_of("efforts"),
        format_func=EFFORTS.__getitem__,
        help="How hard the model thinks. Several are compared like prompts.",
    )
    return written.with_(models=tuple(models), efforts=tuple(map(str, efforts)))


def ask_variables(
    written: WrittenExperiment, prompts: Sequence[PromptVersion]
) -> WrittenExperiment:
    """What all prompts fill in, each variable once."""
    declared = {one.name: one for prompt in prompts for one in prompt.declared()}
    if not declared:
        return written
    values = dict(written.variables)
    variables = list(declared.values())
    for begin in range(0, len(variables), 2):
        for column, one in zip(st.columns(2), variables[begin : begin + 2], strict=False):
            with column:
                values[one.name] = _ask_variable(one, values.get(one.name, ""))
    return written.with_(variables={name: value for name, value in values.items() if value})


def _ask_variable(variable: Variable, before: str) -> str:
    label, key = literal(variable.name), key_of(f"variable-{variable.name}")
    help_text = literal(variable.description) or None
    if variable.type in {VariableType.CHOICE, VariableType.BOOLEAN}:
        options = list(variable.choices or ("true", "false"))
        known = before or variable.default
        index = options.index(known) if known in options else None
        return st.selectbox(label, options, index=index, key=key, help=help_text) or ""
    placeholder = visible(variable.default or "")
    return st.text_input(label, before, key=key, help=help_text, placeholder=placeholder) or ""


def ask_design(written: WrittenExperiment, arms: Sequence[Arm]) -> WrittenExperiment:
    """How often, what against what, and what decides."""
    st.subheader("How it is decided", anchor=False)
    left, right = st.columns(2)
    repetitions = left.number_input(
        "Repetitions",
        min_value=1,
        max_value=MAX_REPETITIONS,
        value=min(max(written.repetitions, 1), MAX_REPETITIONS),
        key=key_of("repetitions"),
        help="Of every prompt on every repository. Three show how steady a prompt is; for the same "
        "money more repositories tell more than more repetitions.",
    )
    names = [arm.name for arm in arms]
    baseline = right.selectbox(
        "Baseline",
        names,
        index=names.index(written.baseline) if written.baseline in names else 0,
        key=key_of(f"baseline-{_digest(names)}"),
        disabled=not names,
        help="What the others are compared with.",
    )
    chosen = st.selectbox(
        "What decides",
        list(Metric),
        index=list(Metric).index(written.metric),
        key=key_of("metric"),
        format_func=METRICS.__getitem__,
        help=WHY_BEFORE,
    )
    metric = Metric(str(chosen))
    with st.container(key="muted-experiments-metric"):
        st.text(f"{METRICS_EXPLAINED[metric]} {WHY_BEFORE}")
    return written.with_(repetitions=repetitions, baseline=baseline or "", metric=metric)


def ask_budgets(app: Application, written: WrittenExperiment) -> WrittenExperiment:
    """What it may cost at most."""
    left, right = st.columns(2)
    with left:
        budget = _amount("Budget of all, US$", "budget", written.budget_usd, "No cap of its own")
    default = app.preferred_options().job_cost_cap_usd
    shown = f"{default:.2f}" if default is not None else "No cap"
    with right:
        job_cap = _amount("Cap of each job, US$", "job-cap", written.job_cap_usd, shown)
    return written.with_(budget_usd=budget, job_cap_usd=job_cap)


def _amount(label: str, name: str, before: Decimal | None, placeholder: str) -> Decimal | None:
    found = st.number_input(
        label,
        min_value=0.01,
        value=None if before is None else float(before),
        step=1.0,
        format="%.2f",
        key=key_of(name),
        placeholder=placeholder,
    )
    return None if found is None else Decimal(f"{found:.2f}")


def ask_truth(written: WrittenExperiment, names: Sequence[str]) -> WrittenExperiment:
    """What is known of the repositories already."""
    is_needed = written.metric is Metric.CORRECT
    with st.expander(
        "What you know already" + ("" if is_needed else " (optional)"), expanded=is_needed
    ):
        st.caption(
            "Where it is known whether changes are necessary, each prompt is told how often it saw "
            "that rightly."
        )
        necessary = _known("Changes are necessary", "necessary", written.necessary, names)
        left = [one for one in names if one not in necessary]
        unnecessary = _known("No change is necessary", "unnecessary", written.unnecessary, left)
    return written.with_(necessary=necessary, unnecessary=unnecessary)


def _known(label: str, name: str, before: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    default = [one for one in before if one in names]
    key = key_of(f"{name}-{_digest(names)}")
    return tuple(st.multiselect(label, list(names), default=default, key=key))


def _digest(names: Iterable[str]) -> int:
    """Of the choices of a widget: other choices make another widget, which begins anew."""
    return crc32("\n".join(names).encode())
