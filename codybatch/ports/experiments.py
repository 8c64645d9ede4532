"""The part of the records port about experiments."""

from __future__ import annotations

from typing import Protocol

from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest


class ExperimentRecords(Protocol):
    """Experiments, each changed whole; promises as ``Records`` does."""

    def put_experiment(self, experiment: Experiment) -> Experiment:
        """Store an experiment where ``experiment.version`` is still the stored one (0: there is
        none); gives it back with its new version.

        Raises:
            StaleWrite: it was changed or removed since.
        """
        ...

    def experiment(self, experiment: ExperimentId) -> Experiment:
        """One experiment.

        Raises:
            UnknownExperiment: there is none.
        """
        ...

    def experiments(self, page: PageRequest = FIRST_PAGE) -> Page[Experiment]:
        """All experiments, newest first (``since``, ``until`` and ``oldest_first`` are not used).

        Raises:
            InvalidCursor: the cursor is forged or of another list.
        """
        ...

    def active_experiments(self, limit: int = 100) -> tuple[Experiment, ...]:
        """Those that are active, the oldest first; what it costs does not depend on how many are
        not.
        """
        ...

    def remove_experiment(self, experiment: ExperimentId) -> bool:
        """Remove an experiment, whatever its version; False where there is none. Its requests and
        jobs stay.
        """
        ...
