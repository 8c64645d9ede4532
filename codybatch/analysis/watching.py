"""Waiting for jobs and experiments in a notebook: a bar, and nothing lost by stopping it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal

from codybatch.analysis.progress import bar
from codybatch.composition import Application
from codybatch.domain.identifiers import ExperimentId, JobId, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.wording import money


def watch(
    app: Application,
    request: RequestId | str,
    jobs: Sequence[JobId],
    *,
    progress: bool,
    only_look: bool,
) -> None:
    """Wait until jobs have ended or wait for a person.

    Args:
        app: what they run in.
        request: whose jobs they are.
        jobs: which ones.
        progress: whether a bar shows how far they are.
        only_look: whether nothing is done for them to go on.

    Raises:
        KeyboardInterrupt: somebody stopped it; the jobs go on, which is said.
    """
    shown = bar(len(jobs), "jobs") if progress else None
    try:
        for now in app.jobs.follow(jobs, only_look=only_look):
            if shown is not None:
                shown.n = sum(job.state.is_terminal for job in now)
                shown.set_postfix_str(_in_short(now))
    except KeyboardInterrupt:
        sys.stderr.write(f"\nThe jobs go on. request({request!r}).wait() waits for them again.\n")
        raise
    finally:
        if shown is not None:
            shown.close()


def watch_experiment(app: Application, experiment: ExperimentId, *, progress: bool) -> None:
    """Wait until an experiment has ended, is paused or waits for a person, and let it go on.

    Args:
        app: what it runs in.
        experiment: which one.
        progress: whether a bar shows how far it is.

    Raises:
        UnknownExperiment: it was removed.
        KeyboardInterrupt: somebody stopped it; what was submitted goes on, which is said.
    """
    shown = None
    try:
        for standing in app.experiments.follow(experiment):
            counts = standing.counts
            if progress and shown is None:
                shown = bar(counts.total, "cells")
            if shown is not None:
                shown.n = counts.done + counts.failed + counts.cancelled
                shown.set_postfix_str(f"{counts.in_words}, {money(standing.cost_usd)}")
    except KeyboardInterrupt:
        sys.stderr.write(
            f"\nWhat was submitted goes on. experiment({experiment!r}).wait() waits again.\n"
        )
        raise
    finally:
        if shown is not None:
            shown.close()


def _in_short(jobs: Sequence[Job]) -> str:
    """How many jobs are in each state, and what they have cost so far."""
    counts = {state: sum(job.state is state for job in jobs) for state in JobState}
    spent = sum((max(job.cost_usd, job.progress.cost_usd) for job in jobs), start=Decimal(0))
    states = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{states}, {money(spent)}"
