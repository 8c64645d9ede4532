"""How the things of experiments read."""

from __future__ import annotations

from codybatch.domain.experiments import ExperimentState, Metric
from codybatch.ui.words import Badge

STATE_BADGES: dict[ExperimentState, Badge] = {
    ExperimentState.RUNNING: Badge("Running", ":material/progress_activity:", "blue"),
    ExperimentState.PAUSED: Badge("Paused", ":material/pause_circle:", "gray"),
    ExperimentState.WAITING: Badge("Waiting", ":material/pause_circle:", "yellow"),
    ExperimentState.ENDED: Badge("Finished", ":material/check_circle:", "green"),
}
METRICS: dict[Metric, str] = {
    Metric.ACCEPTED: "How often it is accepted",
    Metric.RATING: "How it is rated",
    Metric.CORRECT: "Whether it sees where changes are needed",
    Metric.COST: "What it costs",
    Metric.DURATION: "How long it takes",
}
METRICS_EXPLAINED: dict[Metric, str] = {
    Metric.ACCEPTED: "People accept or reject each result; a job that fails is not accepted.",
    Metric.RATING: "People give each result 1 to 5.",
    Metric.CORRECT: "Compared with what you know of the repositories, below.",
    Metric.COST: "US dollars of each job, as a ratio. Nobody has to judge.",
    Metric.DURATION: "Time at work of each job, as a ratio. Nobody has to judge.",
}
WHY_BEFORE = (
    "It is chosen now, before any result is there: who looks at five numbers afterwards finds one "
    "that differs by chance. The others are shown, too, and decide nothing."
)
