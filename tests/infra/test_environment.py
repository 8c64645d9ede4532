"""What containers are told is what the product reads: known names, values that fit together."""

from __future__ import annotations

from typing import Any

import pytest

from codybatch.settings import Settings, load_settings, variables
from infra.options import PASSED_ON
from infra.secrets import CREDENTIALS
from tests.infra_kit import Deployment

OTHERS = {"AWS_REGION", "HOME", "SECRETS_TO_READ", "TMPDIR"}
"""Read by the SDK, by programs in general, and by the functions' entry point."""
FILLED = {"ANTHROPIC_API_KEY": "sk-ant-a-key", "GITHUB_TOKEN": "ghp_a_token"}


def environments(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """The variables of each kind of container, secrets by name."""
    batch = deployment.only("AWS::Batch::JobDefinition").properties["EcsProperties"]
    (job,) = batch["TaskProperties"][0]["Containers"]
    task = deployment.only("AWS::ECS::TaskDefinition").properties
    (page,) = task["ContainerDefinitions"]
    found = {
        name: {each["Name"]: each["Value"] for each in container["Environment"]}
        for name, container in (("worker", job), ("workbench", page))
    }
    for function in deployment.of_kind("AWS::Lambda::Function", "api"):
        found[function.name] = dict(function.properties["Environment"]["Variables"])
    return found


def resolved(variable: str, value: object) -> str:
    """What stands there once it is deployed, where the template only refers to it."""
    if isinstance(value, str):
        return value
    made = {
        "AWS_REGION": "eu-central-1",
        "CODYBATCH_ACCESS_NAMES": "d111111abcdef8.cloudfront.net",
        "CODYBATCH_BUCKET": "codybatch-dev-data-blobs-1x2y3z",
        "CODYBATCH_SITE_BUCKET": "codybatch-dev-site-reports-1x2y3z",
        "CODYBATCH_SITE_URL": "https://d222222abcdef8.cloudfront.net/",
        "CODYBATCH_TABLE": "codybatch-dev-data-Records-1X2Y3Z",
        "SECRETS_TO_READ": "",
    }
    return made[variable]


def test_every_variable_is_a_setting(deployment: Deployment) -> None:
    known = {*variables().values(), *OTHERS}

    for name, environment in environments(deployment).items():
        assert environment.keys() <= known, name
    assert {*PASSED_ON, *CREDENTIALS} <= known


OF_ONE_MACHINE = {
    "CODYBATCH_DEMONSTRATION",  # has a home of its own
    "CODYBATCH_GITHUB_WRITE_PAUSE_SECONDS",
    "CODYBATCH_MAX_PARALLEL_JOBS",  # the local engine's; Batch has its compute environments
    "CODYBATCH_PERSON",  # everybody has another
    "CODYBATCH_PRICES",  # a file
    "GITHUB_APP_PRIVATE_KEY_FILE",  # a file: the key itself is one of the secrets
    "OTEL_EXPORTER_OTLP_HEADERS",  # may hold a key, and has no secret yet
}


def test_every_setting_reaches_containers_or_has_no_meaning_there(deployment: Deployment) -> None:
    told = set().union(*environments(deployment).values())
    filled = {*CREDENTIALS, "CODYBATCH_ACCESS_TOKEN", "CODYBATCH_API_TOKENS"}

    assert {*variables().values()} - told - filled - {*PASSED_ON} == OF_ONE_MACHINE


def settings_in(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    with monkeypatch.context() as only:
        for name, value in environment.items():
            only.setenv(name, value)
        return load_settings()


def test_every_container_starts_with_settings_that_can_be_used(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, environment in environments(deployment).items():
        told = {each: resolved(each, value) for each, value in environment.items()}
        unset = dict.fromkeys(CREDENTIALS, "none")
        before = settings_in({**told, **unset}, monkeypatch)
        filled = settings_in({**told, **unset, **FILLED}, monkeypatch)

        assert before.anthropic_api_key is None, name
        assert filled.github_token is not None, name
        assert filled.runs_on_batch, name
        assert filled.job_queue == f"codybatch-{deployment.stage}-spot"
