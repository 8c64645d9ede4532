"""A change whose answer was lost on the way counts once, and its writer is not refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codybatch.domain.documents import PersonDocument
from codybatch.domain.errors import StaleWrite
from codybatch.domain.experiments import ExperimentState
from codybatch.domain.findings import Decision
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.tallies import Tally
from codybatch.ports import CredentialTrouble, Page, Records
from codybatch.standins.aws import AwsStandin
from tests.aws_edge import Asked, Cut, Edge, Fault, Lost, Meanwhile, RefusedInJson
from tests.contracts.aws import store_of
from tests.contracts.examples import ALICE, BOB, NOON, SOON, TODAY, TOMORROW, a_verdict, queued
from tests.contracts.experiment_examples import an_experiment
from tests.contracts.schedule_examples import a_schedule

DRAFT = PromptDraft(name="update", template="Do it.")


def asks(verb: str) -> Callable[[Asked], bool]:
    """Calls of DynamoDB with this name."""
    return lambda asked: asked.headers.get("x-amz-target", "").endswith(f".{verb}")


TRANSACTION, READ, PUT = asks("TransactWriteItems"), asks("GetItem"), asks("PutItem")
FAULTS = [
    Lost(),
    Cut(),
    RefusedInJson(400, "ThrottlingException"),
    RefusedInJson(500, "InternalServerError"),
]


@pytest.fixture(params=FAULTS, ids=["lost", "cut", "throttled", "failed"])
def fault(request: pytest.FixtureRequest) -> Fault:
    fault: Fault = request.param
    return fault


@pytest.fixture
def edge(tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    store_of(tmp_path).create()
    with Edge(aws.endpoint).running() as edge:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", edge.endpoint)
        yield edge
        assert edge.unmet == []


@pytest.fixture
def records(tmp_path: Path, edge: Edge) -> Iterator[Records]:
    """The records through the edge."""
    assert edge.asked == []
    records = store_of(tmp_path).records
    yield records
    records.close()


def test_a_prompt_is_saved_as_one_version(edge: Edge, records: Records, fault: Fault) -> None:
    edge.disturb(fault, when=TRANSACTION)

    saved = records.save_prompt(DRAFT, ALICE, NOON)

    assert saved.number == 1
    assert records.prompt_versions("update") == (saved,)
    assert records.prompts().items == (saved,)


def test_a_prompt_is_archived(edge: Edge, records: Records, fault: Fault) -> None:
    records.save_prompt(DRAFT, ALICE, NOON)
    edge.disturb(fault, when=TRANSACTION)

    assert records.archive_prompt("update")
    assert records.is_prompt_archived("update")
    assert records.prompts().items == ()


def test_a_verdict_is_counted_once(edge: Edge, records: Records, fault: Fault) -> None:
    job = queued(records)
    edge.disturb(fault, when=TRANSACTION)
    records.put_verdict(a_verdict(job))
    edge.disturb(fault, when=TRANSACTION)
    records.put_verdict(a_verdict(job, BOB, decision=Decision.REJECT))

    (day,) = records.day_tallies(TODAY, TOMORROW)
    assert day.tally == Tally(accepted=1, rejected=1)
    assert len(records.verdicts(job.id)) == 2


def test_a_withdrawn_verdict_is_counted_back_once(
    edge: Edge, records: Records, fault: Fault
) -> None:
    job = queued(records)
    records.put_verdict(a_verdict(job))
    edge.disturb(fault, when=TRANSACTION)

    assert records.withdraw_verdict(job.id, ALICE)
    assert records.day_tallies(TODAY, TOMORROW) == ()


def test_the_writer_of_a_schedule_is_not_stale_by_itself(
    edge: Edge, records: Records, fault: Fault
) -> None:
    edge.disturb(fault, when=TRANSACTION)
    first = records.put_schedule(a_schedule(due_at=NOON))
    edge.disturb(fault, when=TRANSACTION)
    second = records.put_schedule(first.with_(due_at=SOON))

    assert second.version == 2
    assert records.due_schedules(SOON) == (second,)
    edge.disturb(fault, when=TRANSACTION)
    assert records.remove_schedule(first.id)
    assert records.due_schedules(SOON) == ()


def test_the_writer_of_an_experiment_is_not_stale_by_itself(
    edge: Edge, records: Records, fault: Fault
) -> None:
    edge.disturb(fault, when=TRANSACTION)
    first = records.put_experiment(an_experiment())
    edge.disturb(fault, when=TRANSACTION)
    second = records.put_experiment(first.with_(state=ExperimentState.PAUSED))

    assert second.version == 2
    assert records.experiments().items == (second,)
    assert records.active_experiments() == ()
    edge.disturb(fault, when=TRANSACTION)
    third = records.put_experiment(second.with_(state=ExperimentState.RUNNING))
    assert records.active_experiments() == (third,)
    edge.disturb(fault, when=TRANSACTION)
    assert records.remove_experiment(first.id)
    assert records.experiments() == Page(())
    assert records.active_experiments() == ()


def test_an_experiment_that_is_paused_while_it_is_removed_is_gone(
    edge: Edge, records: Records, tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = records.put_experiment(an_experiment())
    with monkeypatch.context() as past_the_edge:
        past_the_edge.setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.endpoint)
        other = store_of(tmp_path).records
        other.experiment(first.id)

    pause = first.with_(state=ExperimentState.PAUSED)
    edge.disturb(Meanwhile(lambda: other.put_experiment(pause)), when=TRANSACTION)

    assert records.remove_experiment(first.id)
    assert records.experiments() == Page(())
    assert records.active_experiments() == ()
    other.close()


def test_the_writer_of_a_document_is_not_stale_by_itself(
    edge: Edge, records: Records, fault: Fault
) -> None:
    edge.disturb(fault, when=TRANSACTION)

    stored = records.put_person_document(PersonDocument(person=ALICE, name="draft", content="{}"))

    assert stored.version == 1
    assert records.person_document(ALICE, "draft") == stored
    edge.disturb(fault, when=TRANSACTION)
    assert records.forget_person_document(ALICE, "draft")
    assert records.person_document(ALICE, "draft") is None


def test_where_an_answer_was_lost_another_writer_is_not_overlooked(
    edge: Edge, records: Records, tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one writes between the reading and the writing, and its change stays."""
    first = records.put_schedule(a_schedule(due_at=NOON))
    with monkeypatch.context() as past_the_edge:
        past_the_edge.setenv("AWS_ENDPOINT_URL_DYNAMODB", aws.endpoint)
        other = store_of(tmp_path).records
        other.schedule(first.id)

    edge.disturb(Meanwhile(lambda: other.put_schedule(first.with_(name="Bobs"))), when=TRANSACTION)

    with pytest.raises(StaleWrite):
        records.put_schedule(first.with_(name="Alices"))

    assert records.schedule(first.id).name == "Bobs"
    other.close()


def test_trouble_is_noted_and_read_through_faults(
    edge: Edge, records: Records, fault: Fault
) -> None:
    trouble = CredentialTrouble("anthropic 3f9a", "No quota left.", NOON, SOON)
    edge.disturb(fault, when=PUT)
    edge.disturb(fault, fault, when=READ)

    records.note_credential_trouble(trouble)

    assert records.credential_trouble("anthropic 3f9a") == trouble


def test_a_person_whose_name_fills_a_key_has_documents_and_verdicts(records: Records) -> None:
    longest = type(ALICE)("ü" * 2_000)
    document = PersonDocument(person=longest, name="draft", content="{}")
    job = queued(records)

    stored = records.put_person_document(document)
    records.put_verdict(a_verdict(job, longest))

    assert records.person_document(longest, "draft") == stored
    assert [verdict.rater for verdict in records.verdicts(job.id)] == [longest]


def test_texts_that_no_prompt_or_schedule_can_have_find_nothing(records: Records) -> None:
    for name in ("", "a#b", "P#x", "x" * 5_000, "\x00"):
        assert not records.is_prompt_archived(name)
        assert records.person_document(ALICE, name) is None
        assert records.credential_trouble(name) is None
