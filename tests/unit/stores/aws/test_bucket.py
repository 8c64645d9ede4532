"""What goes wrong between us and S3 is said in words that name the next step."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest

from codybatch.domain.errors import StoreError, StoreNotSetUp, StoreRefused, StoreUnavailable
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import S3Blobs
from codybatch.stores.aws.patience import Patience
from tests.aws_edge import Cut, Edge, Refused, Stalled
from tests.contracts.blobs_contract import ref_of

KEY = "jobs/1/patch"
HASTY = Patience(connect=2.0, answer=0.3, attempts=3, first_ceiling=0.01)
DEEDS: dict[str, Callable[[S3Blobs], object]] = {
    "put": lambda blobs: blobs.put(KEY, b"content"),
    "find": lambda blobs: blobs.find(KEY),
    "get": lambda blobs: blobs.get(ref_of(b"content", KEY)),
    "stream": lambda blobs: blobs.stream(ref_of(b"content", KEY)),
    "link": lambda blobs: blobs.link(ref_of(b"content", KEY), "x"),
}


@pytest.fixture(params=DEEDS)
def deed(request: pytest.FixtureRequest) -> Callable[[S3Blobs], object]:
    return DEEDS[request.param]


def test_a_bucket_that_is_not_there_is_told(
    aws: AwsStandin, deed: Callable[[S3Blobs], object]
) -> None:
    del aws
    bucket = Bucket("codybatch-nowhere", HASTY)

    with pytest.raises(StoreNotSetUp, match="CODYBATCH_BUCKET") as error:
        deed(S3Blobs(bucket))

    assert "codybatch-nowhere" in error.value.message
    assert "eu-central-1" in error.value.message
    bucket.close()


@pytest.mark.parametrize(
    ("refusal", "expected", "next_step"),
    [
        (Refused(403, "AccessDenied"), StoreRefused, "list a bucket"),
        (Refused(403, "InvalidAccessKeyId"), StoreRefused, "AWS_ACCESS_KEY_ID"),
        (Refused(403, "SignatureDoesNotMatch"), StoreRefused, "AWS_SECRET_ACCESS_KEY"),
        (Refused(400, "ExpiredToken"), StoreRefused, "expired"),
        (Refused(403, "RequestTimeTooSkewed"), StoreRefused, "clock"),
        (Refused(404, "NoSuchBucket"), StoreNotSetUp, "CODYBATCH_BUCKET"),
        (Refused(400, "AuthorizationHeaderMalformed"), StoreNotSetUp, "AWS_REGION"),
        (Refused(403, "InvalidObjectState"), StoreError, "InvalidObjectState"),
    ],
)
def test_a_refusal_is_told_at_once_with_what_to_do(
    edge: Edge,
    blobs: S3Blobs,
    refusal: Refused,
    expected: type[StoreError],
    next_step: str,
) -> None:
    edge.disturb(refusal, times=100)

    with pytest.raises(expected, match=next_step):
        blobs.get(ref_of(b"content", KEY))
    asked = len(edge.asked)
    with pytest.raises(expected, match=next_step):
        blobs.put(KEY, b"content")

    assert asked <= 2  # the SDK asks a region once where the bucket is
    assert len(edge.asked) <= 2 * asked


@pytest.mark.parametrize("status", [400, 403])
def test_a_refused_look_has_no_words_and_is_told_all_the_same(
    edge: Edge, blobs: S3Blobs, status: int
) -> None:
    edge.disturb(Refused(status, str(status)), times=10)

    with pytest.raises(StoreRefused):
        blobs.find(KEY)


def test_a_bucket_of_another_region_is_named(edge: Edge, blobs: S3Blobs) -> None:
    there = {"x-amz-bucket-region": "us-west-2"}
    edge.disturb(Refused(301, "PermanentRedirect", headers=there), times=10)

    with pytest.raises(StoreNotSetUp, match=r"us-west-2.*eu-central-1"):
        blobs.get(ref_of(b"content", KEY))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Refused(503, "SlowDown"), "slow down"),
        (Refused(500, "InternalError"), "failed"),
        (Cut(), "could not be reached"),
    ],
)
def test_trouble_that_does_not_pass_is_told_after_as_many_attempts_as_we_have_patience(
    edge: Edge,
    blobs: S3Blobs,
    bucket: Bucket,
    fault: Refused | Cut,
    words: str,
    deed: Callable[[S3Blobs], object],
) -> None:
    edge.disturb(fault, times=100)

    with pytest.raises(StoreUnavailable, match=words):
        deed(blobs)

    assert len(edge.asked) == bucket.patience.attempts


def test_no_answer_is_waited_for_without_end(edge: Edge, stored: Bucket) -> None:
    edge.disturb(Stalled(), times=100)
    bucket = Bucket(stored.name, HASTY)

    with pytest.raises(StoreUnavailable, match="could not be reached"):
        S3Blobs(bucket).put(KEY, b"content")

    assert len(edge.asked) == HASTY.attempts
    bucket.close()


def test_asking_again_is_shown(
    edge: Edge, blobs: S3Blobs, caplog: pytest.LogCaptureFixture
) -> None:
    edge.disturb(Refused(503, "SlowDown"))

    with caplog.at_level(logging.WARNING, "codybatch"):
        blobs.put(KEY, b"content")

    [line] = [record.getMessage() for record in caplog.records]
    assert "SlowDown" in line
    assert KEY in line


def test_nobody_listening_is_told(aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    del aws
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free.getsockname()[1]}")
        bucket = Bucket("codybatch", HASTY)

        with pytest.raises(StoreUnavailable, match="could not be reached"):
            S3Blobs(bucket).find(KEY)
        bucket.close()


def test_an_address_that_is_none_is_told(aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    del aws
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "not an address")

    with pytest.raises(StoreNotSetUp, match="AWS_ENDPOINT_URL_S3"):
        S3Blobs(Bucket("codybatch", HASTY)).find(KEY)


def test_a_name_that_no_bucket_can_have_is_told(aws: AwsStandin) -> None:
    del aws

    with pytest.raises(StoreNotSetUp, match="CODYBATCH_BUCKET"):
        S3Blobs(Bucket("no such/bucket", HASTY)).find(KEY)


def test_without_credentials_it_is_said_which_ones_are_wanted(
    aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
        S3Blobs(Bucket("codybatch", HASTY)).find(KEY)


def test_half_of_the_credentials_is_told(aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    del aws
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(StoreRefused, match="AWS_SECRET_ACCESS_KEY"):
        S3Blobs(Bucket("codybatch", HASTY)).find(KEY)


def test_a_bucket_is_made_once(aws: AwsStandin, stored: Bucket) -> None:
    del aws
    stored.create()

    assert S3Blobs(stored).find(KEY) is None


def test_a_closed_bucket_opens_again(stored: Bucket) -> None:
    stored.close()
    stored.close()

    assert S3Blobs(stored).find(KEY) is None
