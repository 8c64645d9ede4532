"""Experiments in SQLite."""

from __future__ import annotations

import re
import sqlite3

from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.embedded import rows
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import page_of
from codybatch.stores.places import AFTER_ALL, checked_limit
from codybatch.stores.refused import no_experiment, stale_experiment

_LIST = "experiments"
_ID = re.compile(r"[0-9a-z]{26}")


class ExperimentTable:
    """The part of ``Records`` about experiments."""

    _database: Database

    def put_experiment(self, experiment: Experiment) -> Experiment:
        """See ``ExperimentRecords.put_experiment``."""
        with self._database.write() as connection:
            stored = connection.execute(
                "SELECT version FROM experiments WHERE id = ?", (experiment.id,)
            ).fetchone()
            if experiment.version != (stored["version"] if stored else 0):
                raise stale_experiment(experiment.name)
            changed = experiment.model_copy(update={"version": experiment.version + 1})
            columns = _columns(changed)
            if stored:
                rows.update(connection, "experiments", experiment.id, columns)
            else:
                rows.insert(connection, "experiments", {"id": experiment.id, **columns})
            return changed

    def experiment(self, experiment: ExperimentId) -> Experiment:
        """See ``ExperimentRecords.experiment``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM experiments WHERE id = ?", (experiment,)
            ).fetchone()
            if found is None:
                raise no_experiment(experiment)
            return _read(found, connection)

    def experiments(self, page: PageRequest = FIRST_PAGE) -> Page[Experiment]:
        """See ``ExperimentRecords.experiments``."""
        limit = checked_limit(page)
        last = cursors.start_of(page, _LIST, _ID) or AFTER_ALL
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT *, id AS place FROM experiments WHERE id < ? ORDER BY id DESC LIMIT ?",
                (last, limit + 1),
            ).fetchall()
            return page_of(found, limit, _LIST, lambda row: _read(row, connection))

    def active_experiments(self, limit: int = 100) -> tuple[Experiment, ...]:
        """See ``ExperimentRecords.active_experiments``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM experiments WHERE active = 1 ORDER BY id LIMIT ?", (limit,)
            ).fetchall()
            return tuple(_read(row, connection) for row in found)

    def remove_experiment(self, experiment: ExperimentId) -> bool:
        """See ``ExperimentRecords.remove_experiment``."""
        with self._database.write() as connection:
            taken = connection.execute("DELETE FROM experiments WHERE id = ?", (experiment,))
            return taken.rowcount > 0


def _columns(experiment: Experiment) -> rows.Columns:
    return {
        "active": int(experiment.is_active),
        "version": experiment.version,
        "document": experiment.model_dump_json(by_alias=True, exclude={"version"}),
    }


def _read(row: sqlite3.Row, connection: sqlite3.Connection) -> Experiment:
    kept = rows.record(Experiment, row["document"], connection)
    return kept.model_copy(update={"version": row["version"]})
