"""A function's secrets: read once, set as settings, never repeated in an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from codybatch.standins.aws import AwsStandin
from infra.image.lambda_entry import settings_in
from infra.secrets import UNSET
from tests.infra_kit import ROOT

SERVER = """
import json, os
def main(arguments):
    kept = {name: os.environ.get(name) for name in ("GITHUB_TOKEN", "ANTHROPIC_API_KEY",
            "CODYBATCH_API_TOKENS", "SECRETS_TO_READ")}
    print(json.dumps({"handler": arguments[1], **kept}))
"""
"""Stands in for AWS's own client of the Lambda service, which is in the image alone."""


def holding(**secrets: object) -> Callable[[str], str]:
    return lambda arn: json.dumps(secrets[arn])


def test_settings_of_several_secrets_are_read_and_unset_ones_left_out() -> None:
    read = holding(one={"GITHUB_TOKEN": "a", "GITHUB_APP_ID": UNSET}, two={"OTHER": "b"})

    assert settings_in("one,two", read) == {"GITHUB_TOKEN": "a", "OTHER": "b"}


def test_without_secrets_nothing_is_asked() -> None:
    assert settings_in("", lambda _: pytest.fail("asked")) == {}


@pytest.mark.parametrize(
    "held", ["sk-ant-plain", '["sk-ant-plain"]', '{"KEY": 1}', '{"KEY": null}']
)
def test_a_secret_of_another_shape_is_refused_without_its_text(held: str) -> None:
    with pytest.raises(ValueError, match=r"^The secret arn:1 holds no JSON object") as refused:
        settings_in("arn:1", lambda _: held)

    assert "sk-ant" not in str(refused.value)
    assert refused.value.__context__ is None or "sk-ant" not in str(refused.value.__context__)


def test_a_handler_finds_its_secrets_where_settings_are_read(
    aws: AwsStandin, tmp_path: Path
) -> None:
    secrets = boto3.client("secretsmanager", endpoint_url=aws.endpoint)
    text = json.dumps({"GITHUB_TOKEN": "from-the-secret", "ANTHROPIC_API_KEY": UNSET})
    arn = secrets.create_secret(Name="entry-test", SecretString=text)["ARN"]
    (tmp_path / "awslambdaric").mkdir()
    (tmp_path / "awslambdaric/__init__.py").touch()
    (tmp_path / "awslambdaric/__main__.py").write_text(SERVER)

    finished = subprocess.run(
        [sys.executable, str(ROOT / "infra/image/lambda_entry.py"), "codybatch.api.handlers.http"],
        env={
            **os.environ,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": aws.endpoint,
            "PYTHONPATH": str(tmp_path),
            "SECRETS_TO_READ": arn,
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == {
        "handler": "codybatch.api.handlers.http",
        "GITHUB_TOKEN": "from-the-secret",
        "ANTHROPIC_API_KEY": None,
        "CODYBATCH_API_TOKENS": None,
        "SECRETS_TO_READ": None,
    }
