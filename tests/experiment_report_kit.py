"""A report of any size, gathered from outcomes, for tests of what shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from codybatch.analysis.gathering.material import Material
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.cells import Cell
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.states import EndedBecause
from tests.report_kit import ACCEPT, REJECT, a_material, an_arm, an_ended, judged, reported

Decide = Callable[[int, int, int], Outcome]
"""What the job of an arm's number, a repository's and a repetition's (from 0) came to."""


def by_luck(arm: int, repository: int, repetition: int) -> Outcome:
    """Later arms are accepted more often; the same each time."""
    is_good = (repository * 7 + repetition * 5 + arm * 3) % 10 < 4 + 3 * arm
    return Outcome.ACCEPTED if is_good else Outcome.REJECTED


def a_trial_material(
    arms: int = 2, repositories: int = 4, repetitions: int = 2, decide: Decide = by_luck
) -> Material:
    """What a report on acceptance is made of; the first arm is the baseline."""
    return a_material(
        *(
            an_arm(
                f"tidy v{arm + 1}",
                {
                    f"acme/service-{number:02}": [
                        _tried(number, turn, decide(arm, number, turn))
                        for turn in range(repetitions)
                    ]
                    for number in range(repositories)
                },
            )
            for arm in range(arms)
        )
    )


def a_report(
    arms: int = 2, repositories: int = 4, repetitions: int = 2, decide: Decide = by_luck
) -> Report:
    """The report of it."""
    return reported(a_trial_material(arms, repositories, repetitions, decide))


def with_first_cell(report: Report, **changes: Any) -> Cell:
    """The first cell of the matrix, changed."""
    return replace(report.cells()[0], **changes)


def _tried(number: int, turn: int, outcome: Outcome) -> Tried:
    if outcome is Outcome.MISSING:
        return Tried(turn + 1, None)
    repository = f"acme/service-{number:02}"
    if outcome is Outcome.ERROR:
        return Tried(turn + 1, an_ended(repository, EndedBecause.INTERNAL_ERROR))
    job = an_ended(repository, title="Use aware datetimes")
    if outcome is Outcome.UNJUDGED:
        return Tried(turn + 1, job)
    decision = ACCEPT if outcome is Outcome.ACCEPTED else REJECT
    return judged(job, decision, repetition=turn + 1)
