"""Where records live and what runs jobs: what goes together, and who gets to see AWS's keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from codybatch.aws_settings import AWS_SECRETS, AWS_VARIABLES
from codybatch.backing import launch_command
from codybatch.composition import conversation_environment, net
from codybatch.domain.errors import InvalidSetting
from codybatch.settings import Settings, load_settings, variables

AWS = {
    "CODYBATCH_STORE": "aws",
    "CODYBATCH_TABLE": "codybatch-dev",
    "CODYBATCH_BUCKET": "codybatch-dev-blobs",
}
BATCH = {
    **AWS,
    "CODYBATCH_ENGINE": "aws-batch",
    "CODYBATCH_JOB_QUEUE": "codybatch-dev-spot",
    "CODYBATCH_JOB_DEFINITION": "codybatch-dev-worker:3",
}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTED0KEY0ID00",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-7c1b",
    "AWS_SESSION_TOKEN": "planted-session-81d2",
    "AWS_PROFILE": "planted-profile",
    "AWS_CONFIG_FILE": "/planted/config",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/planted/token",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/planted-5e",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "planted-container-99aa",
    "AWS_REGION": "eu-planted-1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1/planted",
}
FOREIGN = {"AWS_BEARER_TOKEN_BEDROCK": "planted-bearer", "AWS_LAMBDA_FUNCTION_NAME": "planted-fn"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*variables().values(), *AWS_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "home"))


def settings_with(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


# --- what goes together


@pytest.mark.parametrize(
    ("values", "uses_aws", "runs_on_batch"),
    [
        ({}, False, False),
        ({"CODYBATCH_STORE": "embedded", "CODYBATCH_ENGINE": "local"}, False, False),
        (AWS, True, False),
        (BATCH, True, True),
    ],
    ids=["nothing set", "embedded and local", "aws and local", "aws and aws-batch"],
)
def test_three_of_the_four_pairs_make_sense(
    monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str], uses_aws: bool, runs_on_batch: bool
) -> None:
    settings = settings_with(monkeypatch, values)

    assert (settings.uses_aws, settings.runs_on_batch) == (uses_aws, runs_on_batch)


def test_batch_cannot_work_on_the_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {**BATCH, "CODYBATCH_STORE": "embedded"}

    with pytest.raises(InvalidSetting) as refused:
        settings_with(monkeypatch, values)

    assert "CODYBATCH_ENGINE=aws-batch needs CODYBATCH_STORE=aws" in refused.value.message
    assert "CODYBATCH_ENGINE=local" in refused.value.message


@pytest.mark.parametrize(
    ("given", "without"),
    [
        (AWS, ["CODYBATCH_TABLE"]),
        (AWS, ["CODYBATCH_BUCKET"]),
        (AWS, ["CODYBATCH_TABLE", "CODYBATCH_BUCKET"]),
        (BATCH, ["CODYBATCH_JOB_QUEUE"]),
        (BATCH, ["CODYBATCH_JOB_DEFINITION"]),
        (BATCH, ["CODYBATCH_BUCKET", "CODYBATCH_JOB_QUEUE", "CODYBATCH_JOB_DEFINITION"]),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_every_name_that_is_missing_is_told_and_no_other(
    monkeypatch: pytest.MonkeyPatch, given: Mapping[str, str], without: list[str]
) -> None:
    values = {name: value for name, value in given.items() if name not in without}

    with pytest.raises(InvalidSetting) as refused:
        settings_with(monkeypatch, values)

    assert f"needs {', '.join(without)}: set what the outputs" in refused.value.message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CODYBATCH_STORE", "dynamodb", "CODYBATCH_STORE takes embedded or aws."),
        ("CODYBATCH_ENGINE", "batch", "CODYBATCH_ENGINE takes local or aws-batch."),
        ("CODYBATCH_TABLE", "ab", "CODYBATCH_TABLE: a table's name has 3 to 255"),
        ("CODYBATCH_TABLE", "arn:aws:dynamodb:x", "CODYBATCH_TABLE: a table's name"),
        ("CODYBATCH_BUCKET", "s3://blobs", "CODYBATCH_BUCKET: a bucket's name"),
        ("CODYBATCH_BUCKET", "Blobs", "CODYBATCH_BUCKET: a bucket's name"),
        ("CODYBATCH_SITE_BUCKET", "s3://reports", "CODYBATCH_SITE_BUCKET: a bucket's name"),
        ("CODYBATCH_SITE_URL", "http://d1.example/", "CODYBATCH_SITE_URL: the report site is at"),
        ("CODYBATCH_JOB_QUEUE", "a queue", "CODYBATCH_JOB_QUEUE: a queue's name"),
        ("CODYBATCH_JOB_DEFINITION", "worker:latest", "CODYBATCH_JOB_DEFINITION: a definition"),
    ],
)
def test_what_cannot_be_a_name_in_aws_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings_with(monkeypatch, {**BATCH, name: value})

    assert said in refused.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CODYBATCH_JOB_QUEUE", "arn:aws:batch:eu-central-1:123456789012:job-queue/spot"),
        ("CODYBATCH_JOB_QUEUE", "arn:aws-us-gov:batch:us-gov-west-1:123456789012:job-queue/q-1"),
        ("CODYBATCH_JOB_DEFINITION", "worker"),
        ("CODYBATCH_JOB_DEFINITION", "arn:aws:batch:eu-west-1:123456789012:job-definition/w:12"),
    ],
)
def test_queue_and_definition_may_be_arns(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    settings = settings_with(monkeypatch, {**BATCH, name: value})

    assert value in (settings.job_queue, settings.job_definition)


# --- who gets to see AWS's variables


def test_workers_get_aws_s_variables_where_records_live_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_with(monkeypatch, {**AWS, **CREDENTIALS, **FOREIGN})

    environment = launch_command(settings).environment

    assert {name: environment[name] for name in CREDENTIALS} == CREDENTIALS
    assert not FOREIGN.keys() & environment.keys()
    assert environment["CODYBATCH_TABLE"] == "codybatch-dev"


def test_nobody_gets_aws_s_variables_where_nothing_lives_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_with(monkeypatch, {**CREDENTIALS, **FOREIGN})

    for environment in (launch_command(settings).environment, settings.as_environment()):
        assert [name for name in environment if name.startswith("AWS_")] == []
        assert not any("planted" in value for value in environment.values())


@pytest.mark.parametrize("values", [AWS, BATCH], ids=["local engine", "aws-batch"])
def test_the_conversation_gets_nothing_of_aws(
    monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str]
) -> None:
    settings = settings_with(monkeypatch, {**values, **CREDENTIALS, **FOREIGN})

    environment = conversation_environment(settings)

    assert [name for name in environment if name.startswith(("AWS_", "ECS_"))] == []
    assert not any(value in environment.values() for value in values.values())
    assert not any("planted" in value for value in environment.values())


def test_the_demonstration_uses_no_aws_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, {**BATCH, **CREDENTIALS}).for_demonstration()

    assert (settings.store, settings.engine) == ("embedded", "local")
    assert not any("planted" in value for value in settings.as_environment().values())


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings_with(monkeypatch, {**BATCH, **CREDENTIALS})
    told = first.as_environment()
    for name in (*variables().values(), *AWS_VARIABLES):
        monkeypatch.delenv(name, raising=False)

    again = settings_with(monkeypatch, told)

    assert again == first
    assert again.aws_environment() == CREDENTIALS


def test_other_credentials_ask_for_a_new_dispatcher_only_where_they_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rotated = {"AWS_SESSION_TOKEN": "planted-session-rotated"}
    unused = settings_with(monkeypatch, CREDENTIALS).fingerprint()
    assert settings_with(monkeypatch, rotated).fingerprint() == unused

    used = settings_with(monkeypatch, {**AWS, **CREDENTIALS}).fingerprint()
    assert settings_with(monkeypatch, rotated).fingerprint() != used


def test_secret_values_are_taken_out_of_what_is_shown_used_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = [value for name, value in CREDENTIALS.items() if name in AWS_SECRETS]
    for values in ({}, AWS):
        settings = settings_with(monkeypatch, {**values, **CREDENTIALS})

        assert set(secrets) <= set(settings.secrets())
        shown = net(settings).clean(f"AWS said: {' '.join(secrets)}")
        assert not [secret for secret in secrets if secret in shown]
        assert "planted" not in repr(settings)
