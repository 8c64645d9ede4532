"""What a form comes to: the service's form, and in a thread its preview and what it can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from pydantic import ValidationError

from codybatch.analysis.statistics.power import Spread, detectable
from codybatch.analysis.statistics.sentences import of_detectable
from codybatch.composition import Application
from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.expectations import explained
from codybatch.domain.experiments import Arm, Metric
from codybatch.domain.requests import Effort
from codybatch.services.experiment_form import ExperimentForm, OptionSet, RepositoryForm
from codybatch.services.experiment_preview import Preview
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.experiments.named import Named
from codybatch.ui.inquiries import Inquiry, pool

AT_ONCE_SECONDS = 0.3
"""How long the page waits for a preview, so that it mostly comes without a second drawing."""
_PLANNING = "experiments-planning"
TYPICAL = Spread(repetitions_a=0.15, repetitions_b=0.15, between=0.03)
"""How much acceptance varies before anything is known of these prompts: between repetitions, and
between repositories (docs/statistics.md, "How many are needed")."""


@dataclass(frozen=True)
class Plan:
    """What an experiment would run and could show."""

    preview: Preview
    power: str
    """A sentence; empty where the metric that decides is no share."""


@dataclass
class Planning:
    """The plan of one tab."""

    asked: str = ""
    inquiry: Inquiry[Plan] | None = None
    plan: Plan | None = None
    why_not: str = ""

    @property
    def is_old(self) -> bool:
        """Whether a newer one is worked out right now."""
        return self.inquiry is not None


def form_of(app: Application, written: WrittenExperiment, named: Named) -> ExperimentForm:
    """The service's form.

    Args:
        app: knows the options where the form says nothing.
        written: as a person filled it in.
        named: its repositories.

    Raises:
        InvalidExperiment: something of it is wrong.
    """
    options = app.preferred_options()
    if written.job_cap_usd is not None:
        options = options.with_(job_cost_cap_usd=written.job_cap_usd)
    efforts = written.efforts if len(written.efforts) > 1 else ()
    if len(written.efforts) == 1:
        options = options.with_(effort=Effort(written.efforts[0]) if written.efforts[0] else None)
    try:
        return ExperimentForm(
            name=written.name,
            question=written.question,
            prompts=written.prompts,
            models=written.models,
            option_sets=tuple(_option_set(one) for one in efforts),
            variables=_used(app, written),
            options=options,
            repositories=tuple(_repository(written, one) for one in named.refs),
            repetitions=written.repetitions,
            baseline=written.baseline,
            metric=written.metric,
            budget_usd=written.budget_usd,
        )
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise InvalidExperiment(explained(str(problem["loc"][0]), problem)) from None


def _option_set(effort: str) -> OptionSet:
    return OptionSet(effort=Effort(effort)) if effort else OptionSet(name="own effort")


def _used(app: Application, written: WrittenExperiment) -> dict[str, str]:
    """The values of variables that some prompt has; those of others are kept for another day."""
    declared = {one.name for ref in written.prompts for one in app.prompts.find(ref).declared()}
    return {name: value for name, value in written.variables.items() if name in declared}


def _repository(written: WrittenExperiment, ref: object) -> RepositoryForm:
    name = str(ref).partition("@")[0]
    known = None
    if name in written.necessary or name in written.unnecessary:
        known = name in written.necessary
    return RepositoryForm(repository=str(ref), changes_necessary=known)


def arms_of(app: Application, form: ExperimentForm) -> tuple[Arm, ...]:
    """The arms of a form; none where it has none yet.

    Raises:
        CodyBatchError: a prompt or a variable of it cannot be used.
    """
    return app.experiments.growth.arms.of(form) if form.prompts else ()


def missing(written: WrittenExperiment, named: Named, arms: Sequence[Arm]) -> tuple[str, ...]:
    """What is not filled in yet, a sentence each."""
    told = []
    if not written.prompts:
        told.append("Choose what is compared.")
    elif len(arms) == 1:
        told.append("Choose a second prompt, model or effort: one arm has nothing to compare with.")
    if not named.refs and not named.problem:
        told.append("Name the repositories.")
    if written.metric is Metric.CORRECT and not (written.necessary or written.unnecessary):
        told.append("Say of some repositories whether changes are necessary.")
    return tuple(told)


def planning() -> Planning:
    """Of this tab."""
    if _PLANNING not in st.session_state:
        st.session_state[_PLANNING] = Planning()
    found: Planning = st.session_state[_PLANNING]
    return found


def plan_of(app: Application, form: ExperimentForm | None) -> Planning:
    """The plan of a form as it is now; what is not known yet is worked out in a thread.

    Args:
        app: works it out.
        form: None where it is not complete.
    """
    mine = planning()
    if form is None:
        mine.asked, mine.inquiry, mine.plan, mine.why_not = "", None, None, ""
        return mine
    asked = form.to_json()
    if asked != mine.asked:
        mine.asked, mine.why_not = asked, ""
        mine.inquiry = Inquiry(pool(), lambda _: _planned(app, form), "Working it out …")
    if mine.inquiry is not None and mine.inquiry.wait(AT_ONCE_SECONDS):
        _fetch(mine)
    return mine


def ask_again() -> None:
    """Work it out anew: the code host could not be asked."""
    planning().asked = ""


def _planned(app: Application, form: ExperimentForm) -> Plan:
    preview = app.experiments.preview(form, app.person)
    return Plan(preview, power_of(form.metric, len(form.repositories), form.repetitions))


def power_of(metric: Metric, repositories: int, repetitions: int) -> str:
    """What difference can be shown, by what is typical: what these prompts vary by is not known.

    Args:
        metric: that decides.
        repositories: how many.
        repetitions: of each.
    """
    if metric not in {Metric.ACCEPTED, Metric.CORRECT}:
        return ""
    return of_detectable(detectable(TYPICAL, repositories, repetitions), repositories)


def _fetch(mine: Planning) -> None:
    inquiry, mine.inquiry = mine.inquiry, None
    if inquiry is not None:
        mine.plan, mine.why_not = inquiry.outcome()
