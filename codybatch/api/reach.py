"""How far a submission may reach: what goes beyond the settings needs more than ``submit``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from codybatch.api.call import Call
from codybatch.api_settings import Scope
from codybatch.domain.experiments import Experiment
from codybatch.domain.publication import PublishMode
from codybatch.services.continuations import ContinuationForm
from codybatch.services.experiment_form import ExperimentForm
from codybatch.services.submission_form import SubmissionForm

Form = TypeVar("Form", SubmissionForm, ContinuationForm)
_REACH = tuple(PublishMode)
"""From nothing on."""


def within_reach(call: Call, form: Form) -> Form:
    """The form, where its sender may submit it: what counts is how the jobs would run, wherever
    the options come from, so that nobody gets by a retry what they could not ask for.

    Raises:
        ScopeMissing: it publishes further than the setting and the token has not ``publish``, or
            it may cost more than the settings let a job or request and the token has not ``admin``.
    """
    settings, options = call.app.settings, form.options
    if _REACH.index(options.publish) > _REACH.index(settings.publish):
        call.check(
            Scope.PUBLISH,
            f"options.publish '{options.publish}'",
            f"CODYBATCH_PUBLISH is '{settings.publish}'. Send that",
        )
    caps = (
        ("jobCostCapUsd", options.job_cost_cap_usd, "JOB", settings.job_cost_cap_usd),
        ("requestCostCapUsd", form.request_cost_cap_usd, "REQUEST", settings.request_cost_cap_usd),
    )
    for name, asked, kind, most in caps:
        if _is_beyond(asked, most):
            call.check(
                Scope.ADMIN,
                f"options.{name} {'none' if asked is None else asked}",
                f"CODYBATCH_{kind}_COST_CAP_USD is {most}. Send at most that",
            )
    return form


def experiment_within_reach(call: Call, form: ExperimentForm) -> ExperimentForm:
    """The form of an experiment, where its sender may set it up; it publishes nothing.

    Raises:
        ScopeMissing: a job may cost more than the settings let one, or there is no budget for all
            of it, and the token has not ``admin``.
    """
    sets = [*form.option_sets, *(arm.options for arm in form.arms)]
    every = (form.options, *(one.over(form.options) for one in sets))
    _check_experiment(call, [one.job_cost_cap_usd for one in every], form.budget_usd)
    return form


def going_on_within_reach(call: Call, experiment: Experiment) -> Experiment:
    """An experiment, where its sender may let more of it run: who could not have set it up does not
    repeat it either.

    Raises:
        ScopeMissing: as ``experiment_within_reach``.
    """
    caps = [arm.options.job_cost_cap_usd for arm in experiment.arms]
    _check_experiment(call, caps, experiment.budget_usd)
    return experiment


def _check_experiment(
    call: Call, job_caps: Iterable[Decimal | None], budget_usd: Decimal | None
) -> None:
    most = call.app.settings.job_cost_cap_usd
    for asked in job_caps:
        if _is_beyond(asked, most):
            call.check(
                Scope.ADMIN,
                f"jobCostCapUsd {'none' if asked is None else asked}",
                f"CODYBATCH_JOB_COST_CAP_USD is {most}. Send at most that",
            )
    if budget_usd is None:
        call.check(
            Scope.ADMIN,
            "an experiment without budgetUsd",
            "It would have no end to what it costs. Send a budget",
        )


def _is_beyond(asked: Decimal | None, most: Decimal | None) -> bool:
    return most is not None and (asked is None or asked > most)
