"""The application: stages, options, and what whoever deployed is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from codybatch.domain.errors import InvalidSetting
from infra.app import main
from infra.options import read_options
from infra.stages import STAGES
from tests.infra_kit import ROOT, SYNTHESIS_SECONDS, Deployment


def nothing(_name: str) -> str:
    """A context that says nothing."""
    return ""


STACKS = {"api", "data", "jobs", "network", "secrets", "site", "watch", "workbench"}


def test_every_stage_has_the_same_stacks(deployment: Deployment) -> None:
    assert deployment.templates.keys() == STACKS


def test_stages_differ_in_settings_and_not_in_what_there_is(
    dev: Deployment, prod: Deployment
) -> None:
    def kinds(deployment: Deployment) -> set[tuple[str, str]]:
        made_to_be_thrown_away = "Custom::S3AutoDeleteObjects"
        return {
            (one.stack, one.kind)
            for one in deployment.all()
            if one.kind != made_to_be_thrown_away
            and not one.name.startswith("CustomS3AutoDeleteObjects")
        }

    assert kinds(dev) == kinds(prod)


def test_the_outputs_name_all_that_a_person_needs_next(deployment: Deployment) -> None:
    assert deployment.outputs().keys() >= {
        "AccessTokenSecret",
        "AlarmTopic",
        "ApiTokensSecret",
        "ApiUrl",
        "Bucket",
        "CredentialsSecret",
        "DistributionId",
        "JobDefinition",
        "JobQueue",
        "LogGroup",
        "ReportsBucket",
        "SiteUrl",
        "Table",
        "WorkbenchUrl",
    }


def test_each_setting_of_the_cloud_is_the_description_of_an_output(deployment: Deployment) -> None:
    told = {output.get("Description") for output in deployment.outputs().values()}

    assert told >= {
        "CODYBATCH_BUCKET",
        "CODYBATCH_JOB_DEFINITION",
        "CODYBATCH_JOB_QUEUE",
        "CODYBATCH_LOG_GROUP",
        "CODYBATCH_TABLE",
    }


def test_no_template_names_an_account(deployment: Deployment) -> None:
    for stack, template in deployment.templates.items():
        assert not re.search(r":\d{12}:", str(template)), stack


def test_a_stage_that_is_not_there_is_named_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["--context", "stage=production"], {})

    said = capsys.readouterr().err
    assert status == 2
    assert "'production'" in said
    assert all(name in said for name in STAGES)


def test_the_context_wins_over_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--context", "stage=nowhere"], {"CODYBATCH_STAGE": "dev"})

    assert status == 2
    assert "'nowhere'" in capsys.readouterr().err


def test_the_context_of_the_cdks_own_command_line_counts() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env={
            **os.environ,
            "CDK_CONTEXT_JSON": '{"stage": "elsewhere"}',
            "CODYBATCH_STAGE": "dev",
        },
        capture_output=True,
        text=True,
        timeout=SYNTHESIS_SECONDS,
        check=False,
    )

    assert finished.returncode == 2
    assert "'elsewhere'" in finished.stderr


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("CODYBATCH_ALARM_EMAIL", "ops", "e-mail address"),
        ("CODYBATCH_MONTHLY_BUDGET_USD", "-5", "whole US dollars"),
        ("CODYBATCH_CAPACITY", "cheap", "spot or on-demand"),
        ("CODYBATCH_REPORTS_TOKEN_SHA256", "secret", "64 hexadecimal digits"),
        ("CODYBATCH_DOMAIN", "batch.example.com", "CODYBATCH_CERTIFICATE"),
        ("CODYBATCH_CERTIFICATE", "arn:aws:acm:us-east-1:1:certificate/1", "CODYBATCH_DOMAIN"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_in_words(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_options(nothing, {variable: value})

    assert variable in refused.value.message
    assert expected in refused.value.message


def test_settings_of_the_product_are_passed_on_and_secrets_never() -> None:
    options = read_options(
        nothing,
        {
            "CODYBATCH_ALLOWED_REPOSITORIES": "my-org/*",
            "CODYBATCH_MODEL": "claude-sonnet-5-5",
            "CODYBATCH_HOME": os.sep,
            "ANTHROPIC_API_KEY": "sk-ant-not-a-key",
            "GITHUB_TOKEN": "ghp_not_a_token",
            "CODYBATCH_ACCESS_TOKEN": "not-a-token-but-long-enough",
        },
    )

    assert options.settings == {
        "CODYBATCH_ALLOWED_REPOSITORIES": "my-org/*",
        "CODYBATCH_MODEL": "claude-sonnet-5-5",
    }
