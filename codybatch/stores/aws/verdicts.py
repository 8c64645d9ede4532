"""Verdicts in DynamoDB: `V#job` has one item a person.

How many people have judged a job stands on the job, so that whoever writes it knows whether it is
judged. A verdict is counted in the transaction that stores it, and a job is written only where the
number of its judges changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.stores.aws import keys, tally_items
from codybatch.stores.aws.expressions import Condition, absent, equals
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.kept_jobs import KeptJob, record
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction

_CHANGE = "change"
"""The attribute that names a change of a verdict; one that is withdrawn and given again has another
name, so that nobody counts back what is no longer there."""


class VerdictRecords:
    """The part of ``Records`` about verdicts."""

    _table: Table
    _texts: Texts
    _jobs: JobItems

    def put_verdict(self, verdict: Verdict) -> None:
        """See ``Records.put_verdict``."""
        packed = self._texts.packed("doc", verdict.to_json())
        key = _key(verdict.job, verdict.rater)
        for _ in self._table.tries("keep a verdict"):
            judged = self._jobs.load(verdict.job)
            earlier = self._table.get(key)
            transaction = Transaction()
            if earlier is None:
                transaction.put(key, {**packed, _CHANGE: uuid4().hex}, absent())
            else:
                changed = {**packed, _CHANGE: uuid4().hex}
                transaction.put(key, changed, _unchanged(earlier))
            self._count_verdict(transaction, judged, earlier, verdict)
            if self._table.attempt(transaction, "keep a verdict"):
                return

    def withdraw_verdict(self, job: JobId, rater: Person) -> bool:
        """See ``Records.withdraw_verdict``."""
        key = _key(job, rater)
        for _ in self._table.tries("withdraw a verdict"):
            given = self._table.get(key)
            if given is None:
                return False
            transaction = Transaction()
            transaction.delete(key, _unchanged(given))
            self._count_verdict(transaction, self._jobs.load(job), given, None)
            if self._table.attempt(transaction, "withdraw a verdict"):
                return True
        raise AssertionError

    def verdicts(self, job: JobId) -> tuple[Verdict, ...]:
        """See ``Records.verdicts``."""
        found = map(self._read_verdict, self._table.query(Range(_partition(job))))
        return tuple(sorted(found, key=lambda verdict: verdict.rater))

    def verdicts_of(self, jobs: Sequence[JobId]) -> Mapping[JobId, tuple[Verdict, ...]]:
        """See ``Records.verdicts_of``: a query a job, a few at once."""
        every = list(dict.fromkeys(jobs))
        found = zip(every, self._table.read_side_by_side(self.verdicts, every), strict=True)
        return {job: verdicts for job, verdicts in found if verdicts}

    def _count_verdict(
        self,
        transaction: Transaction,
        judged: KeptJob,
        earlier: Item | None,
        verdict: Verdict | None,
    ) -> None:
        """Keep the tallies in step, and the job where its judges become more or fewer."""
        if earlier is not None:
            tally_items.count_verdict(
                transaction, judged.job, self._read_verdict(earlier), times=-1
            )
        if verdict is not None:
            tally_items.count_verdict(transaction, judged.job, verdict)
        more = (verdict is not None) - (earlier is not None)
        if more:
            self._jobs.keep(transaction, judged, replace(judged, judges=judged.judges + more))

    def _read_verdict(self, item: Item) -> Verdict:
        return record(Verdict, self._texts.text(item, "doc"), item)


def _partition(job: JobId) -> str:
    return f"V#{keys.part(job)}"


def _key(job: JobId, rater: Person) -> Key:
    return Key(_partition(job), f"P#{keys.part(rater)}")


def _unchanged(item: Item) -> Condition:
    return equals(_CHANGE, item.text(_CHANGE))
