"""Experiments in SQLite."""

from __future__ import annotations

from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores.embedded import whole
from codybatch.stores.embedded.database import Database
from codybatch.stores.refused import no_experiment, stale_experiment

_TABLE = "experiments"


class ExperimentTable:
    """The part of ``Records`` about experiments."""

    _database: Database

    def put_experiment(self, experiment: Experiment) -> Experiment:
        """See ``ExperimentRecords.put_experiment``."""
        active = {"active": int(experiment.is_active)}
        changed = whole.put(self._database, _TABLE, experiment, active)
        if changed is None:
            raise stale_experiment(experiment.name)
        return changed

    def experiment(self, experiment: ExperimentId) -> Experiment:
        """See ``ExperimentRecords.experiment``."""
        found = whole.find(self._database, _TABLE, Experiment, experiment)
        if found is None:
            raise no_experiment(experiment)
        return found

    def experiments(self, page: PageRequest = FIRST_PAGE) -> Page[Experiment]:
        """See ``ExperimentRecords.experiments``."""
        return whole.newest_first(self._database, _TABLE, Experiment, page)

    def active_experiments(self, limit: int = 100) -> tuple[Experiment, ...]:
        """See ``ExperimentRecords.active_experiments``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM experiments WHERE active = 1 ORDER BY id LIMIT ?", (limit,)
            ).fetchall()
            return tuple(whole.read(Experiment, row, connection) for row in found)

    def remove_experiment(self, experiment: ExperimentId) -> bool:
        """See ``ExperimentRecords.remove_experiment``."""
        return whole.remove(self._database, _TABLE, experiment)
