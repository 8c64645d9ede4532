"""What the doctor sees of AWS on loopback: an account, a table, a bucket; in good days and bad."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session

from codybatch.services.doctor import Finding, Health, Patient, examine
from codybatch.services.doctor.cloud import account, dispatcher
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.inspection import AwsLook
from codybatch.stores.aws.schema import TIME_TO_LIVE, create_table
from tests.aws_edge import Edge, Refused, RefusedInJson
from tests.unit.github.kit import WatchedClock
from tests.unit.services.doctor.conftest import MakePatient

SHUT = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class Place:
    """A table and a bucket of a test's own, as AWS has them."""

    def __init__(self, folder: Path) -> None:
        self.name = f"codybatch-{hashlib.sha256(str(folder).encode()).hexdigest()[:24]}"
        session = Session()
        self.dynamo: Any = session.client("dynamodb")
        self.s3: Any = session.client("s3")

    def make(self) -> None:
        create_table(self.dynamo, self.name)
        there = {"LocationConstraint": "eu-central-1"}
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration=there)
        self.shut(*SHUT)

    def shut(self, *parts: str) -> None:
        block = {part: part in parts for part in SHUT}
        self.s3.put_public_access_block(Bucket=self.name, PublicAccessBlockConfiguration=block)

    def look(self, **names: str) -> AwsLook:
        return AwsLook(**{"table": self.name, "bucket": self.name, **names})

    def close(self) -> None:
        self.dynamo.close()
        self.s3.close()


@pytest.fixture
def place(aws: AwsStandin, tmp_path: Path) -> Iterator[Place]:
    del aws
    place = Place(tmp_path)
    place.make()
    yield place
    place.close()


@pytest.fixture
def edge(place: Place, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    del place  # which is made past the edge
    with Edge(aws.endpoint).running() as edge:
        for service in ("DYNAMODB", "S3", "STS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", edge.endpoint)
        yield edge


def seen(patient: Patient) -> dict[str, Finding]:
    return {finding.check: finding for finding in account(patient)}


def test_all_is_well_where_everything_is_as_it_was_deployed(
    patient: MakePatient, place: Place
) -> None:
    found = seen(patient(store_look=place.look()))

    assert list(found) == ["AWS", "AWS clock", "table", "bucket"]
    assert {finding.health for finding in found.values()} == {Health.OK}
    assert found["AWS"].detail == "arn:aws:iam::000000000000:root in eu-central-1"
    assert place.name in found["table"].detail
    assert place.name in found["bucket"].detail


def test_nothing_is_asked_of_aws_where_nothing_lives_there(patient: MakePatient) -> None:
    assert list(account(patient())) == []
    assert list(dispatcher(patient())) == []


def test_nothing_is_asked_of_aws_offline(patient: MakePatient, place: Place, edge: Edge) -> None:
    where = patient(store_look=place.look(), database=None)
    found = [finding.check for finding in examine(where, offline=True)]

    assert {"AWS", "table", "bucket", "database", "dispatcher"} & set(found) == set()
    assert edge.asked == []


def test_a_dispatcher_is_looked_for_where_this_machine_runs_jobs_of_the_table(
    patient: MakePatient, place: Place
) -> None:
    here = patient(store_look=place.look(), database=None)
    assert [finding.check for finding in dispatcher(here)] == ["dispatcher"]
    assert list(dispatcher(patient(store_look=place.look(), runs_here=False))) == []


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        ("table", "table", "There is not the table not-there in the region eu-central-1"),
        ("bucket", "bucket", "There is not the bucket not-there in the region eu-central-1"),
    ],
)
def test_what_is_not_there_is_told_with_the_variable_that_names_it(
    patient: MakePatient, place: Place, name: str, check: str, said: str
) -> None:
    found = seen(patient(store_look=place.look(**{name: "not-there"})))

    assert found[check].health is Health.FAILED
    assert said in found[check].detail
    assert f"CODYBATCH_{name.upper()}" in found[check].detail
    others = {finding.health for one, finding in found.items() if one != check}
    assert others == {Health.OK}


def test_a_table_with_other_keys_is_none_of_ours(patient: MakePatient, place: Place) -> None:
    other = f"{place.name}-other"
    place.dynamo.create_table(
        TableName=other,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
    )

    found = seen(patient(store_look=place.look(table=other)))["table"]

    assert found.health is Health.FAILED
    assert "has the keys id N; a table of Cody Batch has pk S, sk S" in found.detail


@pytest.mark.parametrize(("attribute", "said"), [("", "is off"), ("expires", "is by expires")])
def test_a_table_that_forgets_nothing_is_a_warning(
    patient: MakePatient, place: Place, attribute: str, said: str
) -> None:
    def forget_by(name: str, *, on: bool) -> None:
        setting = {"Enabled": on, "AttributeName": name}
        place.dynamo.update_time_to_live(TableName=place.name, TimeToLiveSpecification=setting)

    forget_by(TIME_TO_LIVE, on=False)
    if attribute:
        forget_by(attribute, on=True)

    found = seen(patient(store_look=place.look()))["table"]

    assert found.health is Health.WARNING
    assert said in found.detail
    assert TIME_TO_LIVE in found.mend


@pytest.mark.parametrize("missing", [SHUT, SHUT[2:3]], ids=["all", "one"])
def test_a_bucket_that_could_be_made_public_is_a_warning(
    patient: MakePatient, place: Place, missing: tuple[str, ...]
) -> None:
    place.shut(*(part for part in SHUT if part not in missing))

    found = seen(patient(store_look=place.look()))["bucket"]

    assert (found.health, "could be made public" in found.detail) == (Health.WARNING, True)


def test_a_bucket_without_a_word_on_public_access_is_a_warning(
    patient: MakePatient, place: Place
) -> None:
    place.s3.delete_public_access_block(Bucket=place.name)

    assert seen(patient(store_look=place.look()))["bucket"].health is Health.WARNING


def test_a_bucket_that_is_public_is_a_failure(
    patient: MakePatient, place: Place, edge: Edge
) -> None:
    said = "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"
    edge.disturb(Said(said), when=lambda asked: "policyStatus" in asked.query)

    found = seen(patient(store_look=place.look()))["bucket"]

    assert found.health is Health.FAILED
    assert "lets everybody read" in found.detail


class RefusedBySts(Refused):
    """A refusal as STS words it."""

    def answer(self, ask: Any) -> Any:
        refusal = super().answer(ask)
        assert refusal
        return refusal._replace(body=b"<ErrorResponse>" + refusal.body + b"</ErrorResponse>")


class Said(Refused):
    """Another answer of S3 than the true one."""

    def __init__(self, body: str) -> None:
        super().__init__(200, "")
        self.body = body

    def answer(self, ask: Any) -> Any:
        answer = super().answer(ask)
        assert answer
        return answer._replace(body=self.body.encode())


def test_who_may_not_look_at_public_access_is_told_so(
    patient: MakePatient, place: Place, edge: Edge
) -> None:
    edge.disturb(
        Refused(403, "AccessDenied"), when=lambda asked: "publicAccessBlock" in asked.query
    )

    found = seen(patient(store_look=place.look()))["bucket"]

    assert found.health is Health.WARNING
    assert "s3:GetBucketPublicAccessBlock" in found.mend


def test_credentials_that_are_refused_are_told_once(
    patient: MakePatient, place: Place, edge: Edge
) -> None:
    edge.disturb(RefusedBySts(403, "ExpiredToken", "The security token has expired"), times=9)

    (found,) = (one for one in examine(patient(store_look=place.look())) if one.check == "AWS")

    assert found.health is Health.FAILED
    assert "the AWS credentials are missing, wrong or expired" in found.detail
    assert edge.count() == 1


def test_who_may_not_describe_the_table_is_told_which_right_is_missing(
    patient: MakePatient, place: Place, edge: Edge
) -> None:
    denied = RefusedInJson(400, "AccessDeniedException", "not authorized: dynamodb:DescribeTable")
    edge.disturb(
        denied, when=lambda asked: "DescribeTable" in asked.headers.get("x-amz-target", "")
    )

    found = seen(patient(store_look=place.look()))

    assert found["table"].health is Health.FAILED
    assert "dynamodb:DescribeTable" in found["table"].detail
    assert found["bucket"].health is Health.OK


def test_nothing_that_listens_is_a_failure_of_the_account(
    patient: MakePatient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")

    found = [one for one in examine(patient(store_look=place.look())) if one.check == "AWS"]

    assert [one.health for one in found] == [Health.FAILED]
    assert "could not be reached" in found[0].detail


def test_the_region_that_we_document_is_the_one_that_is_asked(
    patient: MakePatient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    found = [*examine(patient(store_look=place.look()))]

    assert {one.health for one in found if one.check in {"AWS", "table", "bucket"}} == {Health.OK}
    assert "eu-central-1" in next(one.detail for one in found if one.check == "AWS")


def test_what_had_to_be_asked_again_is_told_by_service_and_reason(patient: MakePatient) -> None:
    def retries(setbacks: dict[str, dict[str, int]]) -> list[str]:
        found = examine(patient(setbacks=lambda: setbacks))
        return [one.detail for one in found if one.check == "AWS retries"]

    assert retries({}) == []
    assert retries({"S3": {"SlowDown": 2}, "DynamoDB": {"ThrottlingException": 7}}) == [
        "S3 had to be asked again: SlowDown 2 times",
        "DynamoDB had to be asked again: ThrottlingException 7 times",
    ]


def test_no_region_is_told_by_the_variable_that_sets_it(
    patient: MakePatient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = place.look()
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)

    found = [one for one in examine(patient(store_look=look)) if one.check == "AWS"]

    assert [one.health for one in found] == [Health.FAILED]
    assert "AWS_REGION" in found[0].detail


@pytest.mark.parametrize(
    ("off", "health", "said"),
    [
        (timedelta(minutes=2), Health.OK, "of ours"),
        (timedelta(minutes=9), Health.FAILED, "s fast"),
        (timedelta(minutes=-9), Health.FAILED, "s slow"),
    ],
)
def test_a_clock_that_aws_would_not_trust_is_a_failure(
    patient: MakePatient, place: Place, off: timedelta, health: Health, said: str
) -> None:
    class Wrong(WatchedClock):
        def now(self) -> Any:
            return super().now() + off

    found = seen(patient(store_look=place.look(), clock=Wrong()))["AWS clock"]

    assert (found.health, said in found.detail) == (health, True)


def test_no_secret_is_shown(
    patient: MakePatient, place: Place, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "planted-session-token")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret-key")
    edge.disturb(RefusedBySts(403, "SignatureDoesNotMatch", "no"), times=9)

    shown = repr([*examine(patient(store_look=place.look()))])

    assert "SignatureDoesNotMatch" in shown
    assert "planted" not in shown
