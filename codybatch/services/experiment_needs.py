"""Which experiments wait for a person: for another budget, or for verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from codybatch.domain.errors import UnknownExperiment
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.jobs import Job
from codybatch.ports import Records

MOST = 5
"""Experiments of each sort that are named."""


@dataclass(frozen=True)
class ExperimentNeed:
    """An experiment that waits for somebody."""

    experiment: Experiment
    unjudged: int = 0
    """Results that nobody judged, of those that were looked at; 0 where it waits for a budget or a
    service."""


def experiment_needs(records: Records, unjudged: Iterable[Job]) -> tuple[ExperimentNeed, ...]:
    """Those that wait: for a budget or a service first, then for verdicts.

    Args:
        records: where experiments are.
        unjudged: jobs that nobody judged, the newest of them.
    """
    waiting = [
        ExperimentNeed(one)
        for one in records.active_experiments(limit=4 * MOST)
        if one.state is ExperimentState.WAITING
    ]
    counted = Counter(job.cell.experiment for job in unjudged if job.cell)
    known = {need.experiment.id for need in waiting}
    to_judge = []
    for identity, number in counted.most_common(MOST):
        try:
            one = records.experiment(identity)
        except UnknownExperiment:  # it was removed; its jobs stay
            continue
        if one.id not in known and not one.is_active:
            to_judge.append(ExperimentNeed(one, number))
    return (*waiting[:MOST], *to_judge)
