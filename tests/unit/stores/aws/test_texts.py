"""Long texts: readable, compressed or in the bucket, and the same when they are read."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from codybatch.domain.errors import StoreDamaged
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.items import Item, Key, Value
from codybatch.stores.aws.texts import INLINE_BYTES, PLAIN_BYTES, Texts, variants
from tests.contracts.aws import AwsFixtures
from tests.contracts.examples import an_event, queued, running, settled

KEY = Key("a", "b")
SHORT, LONG = "é" * (PLAIN_BYTES // 2), "é" * 10_000
HUGE = secrets.token_hex(2 * INLINE_BYTES)


@pytest.fixture
def texts(tmp_path: Path, aws: AwsStandin) -> Texts:
    del aws
    return Texts(AwsFixtures.make_blobs(tmp_path))


@pytest.mark.parametrize(
    ("text", "variant"),
    [("", 0), (SHORT, 0), (LONG, 1), (HUGE, 2)],
    ids=["", "short", "long", "huge"],
)
def test_a_text_is_read_as_it_was_packed(texts: Texts, text: str, variant: int) -> None:
    packed = texts.packed("doc", text)

    assert packed.keys() == {variants("doc")[variant]}
    assert texts.text(Item(KEY, packed), "doc") == text


def test_a_huge_text_takes_little_of_its_item(texts: Texts) -> None:
    (value,) = texts.packed("doc", HUGE).values()

    assert isinstance(value, str)
    assert len(value) < 300


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"doc_z": b"no zlib"},
        {"doc_z": b"x\x9c"},
        {"doc_z": "text"},
        {"doc_at": "no reference"},
        {"doc_at": '{"key":"records/none","size":1,"sha256":"00"}'},
    ],
    ids=str,
)
def test_a_text_that_is_not_whole_is_damage(texts: Texts, attributes: dict[str, Value]) -> None:
    with pytest.raises(StoreDamaged, match="a / b"):
        texts.text(Item(KEY, attributes), "doc")


class TestHugeRecords(AwsFixtures):
    """Records that no item could hold."""

    def test_a_job_with_a_huge_answer_is_kept(self, place: Path) -> None:
        records = self.make_records(place)
        job = running(records)

        ended = settled(records, job, answer={"text": HUGE})

        assert ended.answer == {"text": HUGE}
        assert records.list_jobs().items == (ended,)

    def test_huge_events_and_texts_of_requests_are_kept(self, place: Path) -> None:
        records = self.make_records(place)
        job = queued(records, prompt_text=HUGE)

        records.add_events(job.id, [an_event(HUGE)])

        assert [event.text for event in records.events(job.id)] == [HUGE]
        assert records.request(job.request).prompt_text == HUGE
