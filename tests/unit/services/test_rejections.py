"""Reasons of rejections are gathered by version, from a bounded number of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.prompts import PromptRef
from codybatch.ports import Records
from codybatch.services import rejections
from codybatch.services.rejections import (
    NO_REASON,
    RejectedPrompt,
    Rejections,
    scope_in_words,
)
from codybatch.services.verdicts import Verdicts
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, BOB, NOON, minutes, running, settled
from tests.unit.services.publishing import SteadyClock

REJECT, ACCEPT = Decision.REJECT, Decision.ACCEPT


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


def ended(records: Records, after: int, version: int = 1) -> JobId:
    prompt = PromptRef(name="tidy", version=version)
    return settled(records, running(records, at=NOON + minutes(after), prompt=prompt)).id


def judge(records: Records, job: JobId, by: Person, decision: Decision, *reasons: str) -> None:
    verdicts = Verdicts(records, SteadyClock(), lambda _: ("wrong", "too large"), str)
    verdicts.rate(job, by, decision, reasons=reasons)


def found(records: Records, name: str = "tidy") -> RejectedPrompt:
    return Rejections(records).of_prompt(name)


def test_reasons_are_counted_by_version_the_most_frequent_first(records: Records) -> None:
    first, second = ended(records, 1), ended(records, 2)
    third = ended(records, 3, version=2)
    judge(records, first, ALICE, REJECT, "wrong")
    judge(records, first, BOB, REJECT, "wrong", "too large")
    judge(records, second, ALICE, REJECT, "wrong")
    judge(records, third, ALICE, REJECT)
    judge(records, third, BOB, ACCEPT, "wrong")

    newest, oldest = found(records).versions

    assert (newest.version, newest.rejecting) == (2, 1)
    assert [(one.words, one.count, one.jobs) for one in newest.reasons] == [
        (NO_REASON, 1, (third,))
    ]
    assert (oldest.version, oldest.rejecting) == (1, 3)
    assert [(one.words, one.count) for one in oldest.reasons] == [("wrong", 3), ("too large", 1)]
    assert set(oldest.reasons[0].jobs) == {first, second}
    assert oldest.reasons[1].jobs == (first,)


def test_nothing_rejected_is_nothing_to_show(records: Records) -> None:
    judge(records, ended(records, 1), ALICE, ACCEPT)

    assert found(records) == RejectedPrompt((), 0, is_all=True)
    assert found(records, "another") == RejectedPrompt((), 0, is_all=True)


def test_only_the_newest_jobs_are_read_and_that_is_said(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejections, "LOOKED_AT", 2)
    jobs = [ended(records, after) for after in range(3)]
    for job in jobs:
        judge(records, job, ALICE, REJECT, "wrong")

    some = found(records)

    assert (some.looked_at, some.is_all) == (2, False)
    assert some.versions[0].rejecting == 2
    assert scope_in_words(some) == "Of the newest 2 jobs of this prompt."
    assert scope_in_words(found(records, "another")) == ""
