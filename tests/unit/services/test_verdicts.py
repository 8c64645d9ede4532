"""Verdicts: who may say what of which job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codybatch.domain.errors import JobNotEnded, NotFound, UsageError
from codybatch.domain.findings import MAX_COMMENT, Decision
from codybatch.domain.prompts import Kind
from codybatch.ports import Records
from codybatch.services.blind import Reveals
from codybatch.services.verdicts import Verdicts
from codybatch.stores.embedded import EmbeddedStore
from codybatch.workspace.redaction import Net, SecretScanner
from tests.contracts.examples import ALICE, BOB, UNKNOWN_JOB, queued, running, settled
from tests.unit.services.publishing import SECRET, SteadyClock

ACCEPT, REJECT = Decision.ACCEPT, Decision.REJECT
REASONS = ("wrong", "too large", "Stil größer")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


@pytest.fixture
def verdicts(records: Records) -> Verdicts:
    net = Net([SECRET], SecretScanner())
    return Verdicts(records, SteadyClock(), lambda _: REASONS, net.clean)


def test_a_verdict_is_kept_with_all_that_was_said(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id

    given = verdicts.rate(job, ALICE, REJECT, rating=2, reasons=["wrong"], comment=" No. ")

    assert verdicts.of(job) == (given,)
    assert (given.rater, given.decision, given.rating) == (ALICE, REJECT, 2)
    assert (given.reasons, given.comment) == (("wrong",), "No.")


def test_the_job_stays_as_it_is(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records))

    verdicts.rate(job.id, ALICE, ACCEPT)

    assert records.job(job.id) == job


def test_a_person_may_think_again_and_two_may_differ(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id
    verdicts.rate(job, ALICE, ACCEPT, rating=5)
    verdicts.rate(job, BOB, REJECT)

    verdicts.rate(job, ALICE, REJECT)

    assert [(one.rater, one.decision, one.rating) for one in verdicts.of(job)] == [
        (ALICE, REJECT, None),
        (BOB, REJECT, None),
    ]


def test_who_was_shown_what_made_a_job_does_not_judge_it_blind_any_more(
    records: Records, verdicts: Verdicts
) -> None:
    job = settled(records, running(records)).id
    assert verdicts.rate(job, ALICE, ACCEPT, blind=True).blind

    Reveals(records).note(ALICE, job)

    assert not verdicts.rate(job, ALICE, REJECT, blind=True).blind
    assert verdicts.rate(job, BOB, ACCEPT, blind=True).blind


def test_a_verdict_that_was_not_blind_does_not_become_so(
    records: Records, verdicts: Verdicts
) -> None:
    job = settled(records, running(records)).id
    verdicts.rate(job, ALICE, ACCEPT)

    assert not verdicts.rate(job, ALICE, REJECT, blind=True).blind
    assert [one.blind for one in verdicts.of(job)] == [False]


def test_a_verdict_is_withdrawn_once(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id
    verdicts.rate(job, ALICE, ACCEPT)

    verdicts.withdraw(job, ALICE)

    assert verdicts.of(job) == ()
    with pytest.raises(NotFound, match="no verdict of alice"):
        verdicts.withdraw(job, ALICE)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["WRONG", " too   large "], ("wrong", "too large")),
        (["wrong", "Wrong"], ("wrong",)),
        (["stil GRÖSSER"], ("Stil größer",)),
        ([], ()),
    ],
)
def test_reasons_are_those_of_the_list_however_they_are_written(
    records: Records, verdicts: Verdicts, written: list[str], kept: tuple[str, ...]
) -> None:
    job = settled(records, running(records)).id

    assert verdicts.rate(job, ALICE, REJECT, reasons=written).reasons == kept


def test_another_reason_is_refused_with_the_list(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id

    with pytest.raises(UsageError, match=r"'ugly' is none of.*wrong, too large.*VERDICT_REASONS"):
        verdicts.rate(job, ALICE, REJECT, reasons=["wrong", "ugly"])
    assert verdicts.of(job) == ()


def test_a_reason_that_was_given_stays_ones_own_when_the_list_changes(
    records: Records, verdicts: Verdicts
) -> None:
    job = settled(records, running(records)).id
    verdicts.rate(job, ALICE, REJECT, reasons=["wrong"])
    later = replace(verdicts, reasons=lambda _: ("off topic",))

    assert later.of(job)[0].reasons == ("wrong",)
    assert later.rate(job, ALICE, REJECT, reasons=["wrong", "off topic"], rating=1).reasons == (
        "wrong",
        "off topic",
    )
    with pytest.raises(UsageError, match="'wrong' is none of the reasons: off topic"):
        later.rate(job, BOB, REJECT, reasons=["wrong"])


def test_the_reasons_are_those_of_the_jobs_kind(records: Records, verdicts: Verdicts) -> None:
    by_kind = replace(verdicts, reasons=lambda kind: (f"of {kind.value}",))
    job = settled(records, running(records, job={"kind": Kind.AUDIT})).id

    assert by_kind.rate(job, ALICE, REJECT, reasons=["of audit"]).reasons == ("of audit",)


def test_a_verdict_is_blind_only_where_that_is_said(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id

    assert verdicts.rate(job, ALICE, ACCEPT, blind=True).blind
    assert not verdicts.rate(job, ALICE, ACCEPT).blind


@pytest.mark.parametrize("rating", [0, 6, -3, 10**9])
def test_a_rating_is_1_to_5(records: Records, verdicts: Verdicts, rating: int) -> None:
    job = settled(records, running(records)).id

    with pytest.raises(UsageError, match=r"1 \(bad\) to 5"):
        verdicts.rate(job, ALICE, ACCEPT, rating=rating)


def test_a_long_comment_is_kept_and_one_too_long_refused(
    records: Records, verdicts: Verdicts
) -> None:
    job = settled(records, running(records)).id
    longest = "ö" * MAX_COMMENT

    assert verdicts.rate(job, ALICE, ACCEPT, comment=longest).comment == longest
    with pytest.raises(UsageError, match="10,001"):
        verdicts.rate(job, ALICE, ACCEPT, comment=longest + "!")


def test_a_secret_of_ours_in_a_comment_is_not_kept(records: Records, verdicts: Verdicts) -> None:
    job = settled(records, running(records)).id

    verdicts.rate(job, ALICE, REJECT, comment=f"It prints {SECRET}.")

    assert SECRET not in verdicts.of(job)[0].comment


def test_only_ended_jobs_are_judged(records: Records, verdicts: Verdicts) -> None:
    for job in (queued(records), running(records)):
        with pytest.raises(JobNotEnded, match="nothing to judge"):
            verdicts.rate(job.id, ALICE, ACCEPT)


def test_an_unknown_job_is_not_found(verdicts: Verdicts) -> None:
    with pytest.raises(NotFound):
        verdicts.rate(UNKNOWN_JOB, ALICE, ACCEPT)
    with pytest.raises(NotFound):
        verdicts.of(UNKNOWN_JOB)
    with pytest.raises(NotFound):
        verdicts.withdraw(UNKNOWN_JOB, ALICE)
