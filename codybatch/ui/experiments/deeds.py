"""Acts on an experiment that ask services elsewhere, as errands; each can be asked for again."""

from __future__ import annotations

from codybatch.composition import Application
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.identifiers import ExperimentId
from codybatch.ui.errands import Told, the_errands


def begin_advance(app: Application, experiment: ExperimentId, title: str = "Submitting") -> None:
    """Let an experiment submit what comes next at once, in a thread.

    Args:
        app: submits it.
        experiment: which.
        title: what is being done, in our words.
    """
    the_errands(app).begin(experiment, title, lambda _tell: _advanced(app, experiment))


def _advanced(app: Application, experiment: ExperimentId) -> Told:
    after = app.experiments.runs.advance(app.store.records.experiment(experiment))
    return Told(_in_words(after), is_bad=after.state is ExperimentState.WAITING)


def _in_words(after: Experiment) -> str:
    if after.state is ExperimentState.WAITING:
        return after.trouble
    going = len(after.under_way)
    if not going:
        return "There is nothing left to submit."
    return f"{going} requests are under way; the next follow as they end."
