"""No template holds a secret, and no container's description either."""

from __future__ import annotations

import json
from typing import Any

from infra.secrets import CREDENTIALS, UNSET
from tests.infra_kit import Deployment, text


def test_a_secret_begins_as_unset_or_is_made_by_aws(deployment: Deployment) -> None:
    for secret in deployment.of_kind("AWS::SecretsManager::Secret"):
        if "SecretString" in secret.properties:
            assert set(json.loads(secret.properties["SecretString"]).values()) == {UNSET}
        else:
            assert secret.properties["GenerateSecretString"]["PasswordLength"] >= 24


def test_what_secrets_begin_with_never_changes(deployment: Deployment) -> None:
    """Where a text changes, CloudFormation writes it over the keys that were filled in: whatever a
    release adds needs a secret of its own.
    """
    texts = {
        secret.properties["SecretString"]
        for secret in deployment.of_kind("AWS::SecretsManager::Secret")
        if "SecretString" in secret.properties
    }

    assert texts == {
        (
            '{"ANTHROPIC_API_KEY": "none", "GITHUB_TOKEN": "none", "GITHUB_APP_ID": "none", '
            '"GITHUB_APP_PRIVATE_KEY": "none", "GITHUB_APP_INSTALLATION_ID": "none"}'
        ),
        '{"CODYBATCH_API_TOKENS": "none"}',
    }


def containers(deployment: Deployment) -> dict[str, dict[str, Any]]:
    definition = deployment.only("AWS::Batch::JobDefinition").properties
    (task,) = definition["EcsProperties"]["TaskProperties"]
    (job,) = task["Containers"]
    (page,) = deployment.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    return {"worker": job, "workbench": page}


def test_containers_get_secrets_by_reference(deployment: Deployment) -> None:
    for name, container in containers(deployment).items():
        given = {secret["Name"]: text(secret["ValueFrom"]) for secret in container["Secrets"]}
        own = {"CODYBATCH_ACCESS_TOKEN"} if name == "workbench" else set()
        assert given.keys() == {*CREDENTIALS, *own}
        assert all(f":{secret}::" in reference for secret, reference in given.items())
        assert not given.keys() & {each["Name"] for each in container["Environment"]}


def test_functions_are_told_where_secrets_are_and_never_which(deployment: Deployment) -> None:
    for function in deployment.of_kind("AWS::Lambda::Function", "api"):
        variables = function.properties["Environment"]["Variables"]
        assert not variables.keys() & {*CREDENTIALS, "CODYBATCH_API_TOKENS"}
        assert "resolve:secretsmanager" not in text(variables)
        assert "SECRETS_TO_READ" in variables


def test_no_template_resolves_a_secret(deployment: Deployment) -> None:
    for stack, template in deployment.templates.items():
        assert "resolve:secretsmanager" not in text(template), stack
        assert "resolve:ssm-secure" not in text(template), stack
