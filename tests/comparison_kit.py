"""How tests ask which of two prompts is better."""

from __future__ import annotations

from datetime import UTC, datetime

from codybatch.analysis.statistics.comparison import Question
from codybatch.analysis.statistics.plan import Plan
from codybatch.domain.experiments import Metric

CHOSEN_AT = datetime(2026, 3, 1, tzinfo=UTC)


def question(unfinished: int = 0, primary: Metric = Metric.ACCEPTED) -> Question:
    """One whose metric was chosen before."""
    return Question(Plan(primary, CHOSEN_AT), unfinished)
