"""Experiments in DynamoDB: items of one list, and a list of those that somebody must look at."""

from __future__ import annotations

from itertools import islice

from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import ExperimentId
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores.aws import keys
from codybatch.stores.aws.expressions import absent, equals
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.kept_jobs import record
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.aws.whole import newest_first
from codybatch.stores.refused import no_experiment, stale_experiment

_LIST = "experiments"
_ACTIVE = "active"
"""The attribute of an experiment that is in the list of active ones."""


class ExperimentRecords:
    """The part of ``Records`` about experiments."""

    _table: Table
    _texts: Texts

    def put_experiment(self, experiment: Experiment) -> Experiment:
        """See ``ExperimentRecords.put_experiment``."""
        key = keys.experiment(experiment.id)
        item = self._table.get(key)
        if experiment.version != (item.number("version") if item else 0):
            raise stale_experiment(experiment.name)
        changed = experiment.model_copy(update={"version": experiment.version + 1})
        is_same = equals("version", experiment.version) if item else absent()
        transaction = Transaction()
        document = changed.model_dump_json(by_alias=True, exclude={"version"})
        beside = {"version": changed.version, _ACTIVE: changed.is_active}
        transaction.put(key, {**self._texts.packed("doc", document), **beside}, is_same)
        _list_active(transaction, key, item, is_active=changed.is_active)
        if not self._table.attempt(transaction, "keep an experiment"):
            raise stale_experiment(experiment.name)
        return changed

    def experiment(self, experiment: ExperimentId) -> Experiment:
        """See ``ExperimentRecords.experiment``."""
        item = self._table.get(keys.experiment(experiment))
        if item is None:
            raise no_experiment(experiment)
        return self._read_experiment(item)

    def experiments(self, page: PageRequest = FIRST_PAGE) -> Page[Experiment]:
        """See ``ExperimentRecords.experiments``."""
        return newest_first(self._table, keys.EXPERIMENTS, _LIST, page, self._read_experiment)

    def active_experiments(self, limit: int = 100) -> tuple[Experiment, ...]:
        """See ``ExperimentRecords.active_experiments``."""
        entries = self._table.query(Range(keys.ACTIVE_EXPERIMENTS), limit=limit)
        listed = [Key(keys.EXPERIMENTS, entry.key.sk) for entry in islice(entries, limit)]
        found = self._table.get_many(listed)
        read = (self._read_experiment(found[key]) for key in listed if key in found)
        # It may have been paused since the list was read.
        return tuple(experiment for experiment in read if experiment.is_active)

    def remove_experiment(self, experiment: ExperimentId) -> bool:
        """See ``ExperimentRecords.remove_experiment``."""
        key = keys.experiment(experiment)
        for _ in self._table.tries("remove an experiment"):
            item = self._table.get(key)
            if item is None:
                return False
            transaction = Transaction()
            transaction.delete(key, equals("version", item.number("version")))
            _list_active(transaction, key, item, is_active=False)
            if self._table.attempt(transaction, "remove an experiment"):
                return True
        raise AssertionError

    def _read_experiment(self, item: Item) -> Experiment:
        kept = record(Experiment, self._texts.text(item, "doc"), item)
        return kept.model_copy(update={"version": item.number("version")})


def _list_active(
    transaction: Transaction, key: Key, before: Item | None, *, is_active: bool
) -> None:
    """Let the list of active experiments follow a change."""
    was_active = before is not None and before.flag(_ACTIVE)
    entry = Key(keys.ACTIVE_EXPERIMENTS, key.sk)
    if is_active and not was_active:
        transaction.put(entry)
    elif was_active and not is_active:
        transaction.delete(entry)
