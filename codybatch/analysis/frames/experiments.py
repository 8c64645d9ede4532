"""The frames of experiments, and of one experiment's arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from codybatch.analysis.frames.column import (
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Column,
    Frame,
    amount,
)
from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.contents import AgainstBaseline
from codybatch.analysis.report.setup import ArmSetup
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.domain.experiments import Experiment

EXPERIMENTS: Frame[Experiment] = Frame(
    name="experiments",
    row="A row is an experiment, newest first.",
    columns=(
        Column("experiment", TEXT, "Its id: joins with `jobs()`.", attrgetter("id")),
        Column("name", TEXT, "What people call it.", attrgetter("name"), is_foreign=True),
        Column("question", TEXT, "What it asks.", attrgetter("question"), is_foreign=True),
        Column("state", TEXT, "`running`, `paused`, `waiting` or `ended`.", attrgetter("state")),
        Column("trouble", TEXT, "While it waits: why.", attrgetter("trouble"), is_foreign=True),
        Column("arms", WHOLE, "How many arms.", lambda one: len(one.arms)),
        Column("repositories", WHOLE, "How many.", lambda one: len(one.repositories)),
        Column("repetitions", WHOLE, "On each repository.", attrgetter("repetitions")),
        Column("cells", WHOLE, "Jobs that were planned.", attrgetter("cells")),
        Column("baseline", TEXT, "The baseline's name.", attrgetter("baseline"), is_foreign=True),
        Column("metric", TEXT, "The metric that decides.", attrgetter("metric")),
        Column(
            "metric_chosen_at", MOMENT, "When that was settled.", attrgetter("metric_chosen_at")
        ),
        Column(
            "budget_usd", NUMBER, "US dollars for all of it.", lambda one: amount(one.budget_usd)
        ),
        Column(
            "spent_usd",
            NUMBER,
            "US dollars that its ended requests cost.",
            lambda one: amount(one.spent_usd),
        ),
        Column("created_by", TEXT, "Who made it.", attrgetter("created_by"), is_foreign=True),
        Column("created_at", MOMENT, "When it was made.", attrgetter("created_at")),
    ),
)


@dataclass(frozen=True, slots=True)
class ArmRow:
    """An arm with all that is known of it."""

    key: str
    setup: ArmSetup
    summary: ArmSummary
    against: AgainstBaseline | None
    """None of the baseline."""

    @property
    def comparison(self) -> Comparison | None:
        """With the baseline, by the metric that decides."""
        return None if self.against is None else self.against.comparisons[0]


def _number(answer: Any, *names: str) -> Any:
    """What stands in an answer; None where it cannot be said."""
    for name in names:
        if answer is None or isinstance(answer, CannotBeSaid):
            return None
        answer = getattr(answer, name)
    return None if isinstance(answer, CannotBeSaid) else answer


def _of(path: str) -> Callable[[ArmRow], Any]:
    return lambda row: _number(row, *path.split("."))


def _bound(path: str, side: str) -> Callable[[ArmRow], float | None]:
    def of(row: ArmRow) -> float | None:
        interval = _of(path)(row)
        return getattr(interval, side) if isinstance(interval, Interval) else None

    return of


def _p_value(row: ArmRow) -> float | None:
    p = _of("comparison.effect.p")(row)
    return p.value if isinstance(p, PValue) else None


ARMS: Frame[ArmRow] = Frame(
    name="experiment(…).arms",
    row="A row is an arm, the baseline first.",
    columns=(
        Column("arm", TEXT, "Its name.", _of("setup.name"), is_foreign=True),
        Column("key", TEXT, "Joins with `arm` of `jobs()`.", attrgetter("key")),
        Column("prompt", TEXT, "Name of the prompt.", _of("setup.prompt")),
        Column("prompt_version", WHOLE, "Version of the prompt.", _of("setup.version")),
        Column("model", TEXT, "Name of the model.", _of("setup.model"), is_foreign=True),
        Column("is_baseline", YES_OR_NO, "Whether it is.", _of("setup.is_baseline")),
        Column(
            "equal_to",
            TEXT,
            "Of an A/A run: the arm that it repeats.",
            _of("setup.equal_to"),
            is_foreign=True,
        ),
        Column("planned", WHOLE, "Jobs that were planned.", _of("summary.health.planned")),
        Column("accepted", WHOLE, "Jobs that were accepted.", _of("summary.health.accepted")),
        Column(
            "rejected",
            WHOLE,
            "Jobs that were rejected, those on which raters are tied included.",
            _of("summary.health.rejected"),
        ),
        Column("failed", WHOLE, "Ended without anything to judge.", _of("summary.health.failed")),
        Column("unjudged", WHOLE, "Without a verdict.", _of("summary.health.unjudged")),
        Column("running", WHOLE, "Not ended.", _of("summary.health.running")),
        Column("missing", WHOLE, "Not there, or cancelled.", _of("summary.health.missing")),
        Column(
            "acceptance",
            NUMBER,
            "The part that was accepted (0 to 1): the mean of the repositories'.",
            _of("summary.acceptance.value"),
        ),
        Column(
            "acceptance_low",
            NUMBER,
            "Where its 95 % interval begins.",
            _bound("summary.acceptance.interval", "low"),
        ),
        Column(
            "acceptance_high",
            NUMBER,
            "Where it ends.",
            _bound("summary.acceptance.interval", "high"),
        ),
        Column("rating", NUMBER, "The mean rating, 1 to 5.", _of("summary.ratings.mean")),
        Column("cost_usd", NUMBER, "US dollars, a job's mean.", _of("summary.cost.mean")),
        Column(
            "cost_per_accepted_usd",
            NUMBER,
            "US dollars for an accepted result, failures paid for too.",
            _of("summary.cost_per_accepted.value"),
        ),
        Column(
            "worked_seconds", NUMBER, "Seconds of work, a job's mean.", _of("summary.seconds.mean")
        ),
        Column(
            "effect",
            NUMBER,
            "By the metric that decides: its value less the baseline's, or times of costs and "
            "durations.",
            _of("comparison.effect.value"),
        ),
        Column(
            "effect_low",
            NUMBER,
            "Where the effect's 95 % interval begins.",
            _bound("comparison.effect.interval", "low"),
        ),
        Column(
            "effect_high", NUMBER, "Where it ends.", _bound("comparison.effect.interval", "high")
        ),
        Column(
            "p_value", NUMBER, "Corrected for the number of arms; none while jobs run.", _p_value
        ),
        Column(
            "conclusion",
            TEXT,
            "`B is better`, `A is better` (the baseline is A), `no difference shown`, `not yet` "
            "or `cannot be said`.",
            _of("comparison.conclusion"),
        ),
    ),
)
