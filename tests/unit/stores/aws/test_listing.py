"""Which jobs an entry of a list names, and where names lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import StoreDamaged
from codybatch.domain.identifiers import JobId, Person, RequestId
from codybatch.ports import Partition, PartitionKind
from codybatch.stores.aws import keys, listing
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.places import place_of_job, place_of_request
from tests.contracts.examples import a_request, jobs_of

KEY = Key("L#ALL", "x")


@given(indexes=st.sets(st.integers(1, 10_000)))
def test_an_entry_names_the_jobs_that_it_was_made_of(indexes: set[int]) -> None:
    text = listing.spans(sorted(indexes))

    assert listing.indexes(Item(KEY, {listing.JOBS: text})) == sorted(indexes)


@pytest.mark.parametrize(
    ("indexes", "text"), [([], ""), ([3], "3"), ([1, 2, 3], "1-3"), ([1, 3, 4, 9], "1,3-4,9")]
)
def test_jobs_side_by_side_are_written_short(indexes: list[int], text: str) -> None:
    assert listing.spans(indexes) == text


@pytest.mark.parametrize("text", ["x", "1-x", "-", "1;2"])
def test_an_entry_that_cannot_be_read_is_damage(text: str) -> None:
    with pytest.raises(StoreDamaged):
        listing.indexes(Item(KEY, {listing.JOBS: text}))


def test_a_place_leads_to_its_job_and_to_its_request() -> None:
    request = a_request(repositories="acme/api acme/web")
    job = jobs_of(request)[1]

    assert keys.job_at(place_of_job(job)) == keys.job(job.id)
    assert keys.request_at(place_of_request(request)) == request.id
    assert keys.head_of(job.id) == keys.head(request.id)


@pytest.mark.parametrize("name", ["", "x", "x-", "x-y", "x-٣", "x-1000000", "-1", "x--1", "a#b-1"])
def test_a_name_that_is_no_jobs_is_a_key_all_the_same(name: str) -> None:
    key = keys.job(JobId(name))

    assert key.sk.startswith("J#")
    assert len(key.sk) == len("J#000001")


def test_long_names_fit_into_keys_and_stay_apart() -> None:
    long = "ü" * 5_000
    names = {keys.idempotency(Person(long + end), long + end) for end in ("", "a", "b")}

    assert len(names) == 3
    assert all(len(key.pk.encode()) <= 2_048 and len(key.sk.encode()) <= 1_024 for key in names)
    assert len(keys.head(RequestId(long)).pk) < 100


def test_each_partition_has_a_list_of_its_own() -> None:
    values = {kind: "" if kind is PartitionKind.EVERYTHING else "x" for kind in PartitionKind}
    names = [listing.name_of(Partition(kind, value)) for kind, value in values.items()]

    assert len(set(names)) == len(names)
