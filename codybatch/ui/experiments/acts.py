"""What a person can do with an experiment now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from codybatch.domain.experiments import (
    MAX_ARMS,
    MAX_REPETITIONS,
    MAX_REPOSITORIES,
    ExperimentState,
)
from codybatch.services.experiment_standing import Standing


class ExperimentAct(StrEnum):
    """An act on an experiment."""

    RESUME = "resume"
    RAISE_BUDGET = "raise_budget"
    JUDGE = "judge"
    RETRY = "retry"
    PAUSE = "pause"
    CANCEL = "cancel"
    ADD_ARM = "add_arm"
    ADD_REPOSITORIES = "add_repositories"
    ADD_REPETITIONS = "add_repetitions"
    ADD_EQUAL_ARM = "add_equal_arm"
    CHANGE_METRIC = "change_metric"
    CHANGE_BASELINE = "change_baseline"
    CHANGE_BUDGET = "change_budget"
    REMOVE = "remove"


LABELS: dict[ExperimentAct, tuple[str, str]] = {
    ExperimentAct.RESUME: ("Resume", ":material/play_arrow:"),
    ExperimentAct.RAISE_BUDGET: ("Raise budget", ":material/savings:"),
    ExperimentAct.JUDGE: ("Judge blind", ":material/thumbs_up_down:"),
    ExperimentAct.RETRY: ("Retry failed", ":material/replay:"),
    ExperimentAct.PAUSE: ("Pause", ":material/pause:"),
    ExperimentAct.CANCEL: ("Cancel", ":material/stop_circle:"),
    ExperimentAct.ADD_ARM: ("Add an arm", ":material/add:"),
    ExperimentAct.ADD_REPOSITORIES: ("Add repositories", ":material/folder_copy:"),
    ExperimentAct.ADD_REPETITIONS: ("Add repetitions", ":material/repeat:"),
    ExperimentAct.ADD_EQUAL_ARM: ("Add an A/A run", ":material/drag_handle:"),
    ExperimentAct.CHANGE_METRIC: ("Change what decides", ":material/gavel:"),
    ExperimentAct.CHANGE_BASELINE: ("Change the baseline", ":material/flag:"),
    ExperimentAct.CHANGE_BUDGET: ("Change the budget", ":material/savings:"),
    ExperimentAct.REMOVE: ("Remove", ":material/delete:"),
}
"""What each act's button says, and its icon."""


AT_ONCE = frozenset({ExperimentAct.PAUSE, ExperimentAct.RESUME})
"""Done without a question: nothing is lost, and each takes the other back."""


@dataclass(frozen=True)
class ExperimentActs:
    """What can be done: at most one thing first, what stands beside it, and the rest in a menu."""

    primary: ExperimentAct | None
    others: tuple[ExperimentAct, ...]
    menu: tuple[ExperimentAct, ...]


def acts_of(standing: Standing, unjudged: int) -> ExperimentActs:
    """What can be done with an experiment.

    Args:
        standing: how it stands.
        unjudged: results without a verdict, as far as that is known.
    """
    one, counts = standing.experiment, standing.counts
    lacks_money = one.state is ExperimentState.WAITING and one.try_again_at is None
    waits = one.state is ExperimentState.WAITING and not lacks_money
    came_to_nothing = counts.failed + counts.cancelled + counts.unavailable
    possible = (
        (ExperimentAct.RAISE_BUDGET, lacks_money),
        (ExperimentAct.RESUME, one.state is ExperimentState.PAUSED or waits),
        (ExperimentAct.JUDGE, bool(unjudged)),
        (ExperimentAct.RETRY, bool(came_to_nothing)),
        (ExperimentAct.PAUSE, one.is_active),
        (ExperimentAct.CANCEL, one.is_active or bool(counts.running)),
    )
    acts = [act for act, is_possible in possible if is_possible]
    first = next((act for act in acts if act in _FIRST), None)
    if first is ExperimentAct.JUDGE and one.state is ExperimentState.RUNNING:
        first = None
    return ExperimentActs(first, tuple(act for act in acts if act is not first), _menu(standing))


_FIRST = (ExperimentAct.RAISE_BUDGET, ExperimentAct.RESUME, ExperimentAct.JUDGE)


def _menu(standing: Standing) -> tuple[ExperimentAct, ...]:
    one = standing.experiment
    possible = (
        (ExperimentAct.ADD_ARM, len(one.arms) < MAX_ARMS),
        (ExperimentAct.ADD_REPOSITORIES, len(one.repositories) < MAX_REPOSITORIES),
        (ExperimentAct.ADD_REPETITIONS, one.repetitions < MAX_REPETITIONS),
        (ExperimentAct.ADD_EQUAL_ARM, len(one.arms) < MAX_ARMS),
        (ExperimentAct.CHANGE_METRIC, True),
        (ExperimentAct.CHANGE_BASELINE, len(one.arms) > 1),
        (ExperimentAct.CHANGE_BUDGET, True),
        (ExperimentAct.REMOVE, not one.is_active and not standing.counts.running),
    )
    return tuple(act for act, is_possible in possible if is_possible)
