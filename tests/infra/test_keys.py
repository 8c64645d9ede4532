"""Secrets are filled and exchanged, on a stand-in; restarts are noted at the network's edge."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest

from codybatch.api_settings import ApiToken
from codybatch.standins.aws import AwsStandin
from infra.deployed import SETTINGS, STACKS
from infra.deployed import main as print_settings
from infra.keys import main
from infra.secrets import API, CREDENTIALS, UNSET, WORKBENCH

KEYS = {"ANTHROPIC_API_KEY": "sk-ant-new-key", "GITHUB_TOKEN": "ghp_new_token"}
FACES = {
    "HttpFunction": "http-function",
    "TickFunction": "tick-function",
    "WorkbenchCluster": "the-cluster",
    "WorkbenchService": "the-service",
    "WorkbenchUrl": "https://workbench.example/",
    "ApiUrl": "https://api.example/",
    "SiteUrl": "https://site.example/",
}


class Recorder(BaseHTTPRequestHandler):
    """Takes whatever Lambda and ECS are asked, and notes what."""

    asked: list[str]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.asked.append(f"{self.path} {self.headers.get('x-amz-target', '')} {body}")
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    do_PUT = do_POST = _answer  # noqa: N815 - as the base class has it

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def restarts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was started again."""
    asked: list[str] = []
    handler = type("Noting", (Recorder,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for service in ("LAMBDA", "ECS"):
            monkeypatch.setenv(
                f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{server.server_port}"
            )
        yield asked
        server.shutdown()
        thread.join()


@pytest.fixture
def secrets(aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A stage whose stacks say where its secrets are; by output, each secret's name."""
    for service in ("CLOUDFORMATION", "SECRETS_MANAGER"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.endpoint)
    fields = {
        "CredentialsSecret": CREDENTIALS,
        "ApiTokensSecret": API,
        "AccessTokenSecret": WORKBENCH,
    }
    resources = {
        output: {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": json.dumps(dict.fromkeys(names, UNSET))},
        }
        for output, names in fields.items()
    }
    told: dict[str, object] = {output: {"Value": {"Ref": output}} for output in fields}
    told |= {name: {"Value": value} for name, value in FACES.items()}
    told |= {output: {"Value": f"the-{output}"} for output in SETTINGS.values()}
    told |= {"ReportsBucket": {"Value": "the-ReportsBucket"}}
    formation = boto3.client("cloudformation")
    for stack in STACKS:
        own = {"Resources": resources, "Outputs": told} if stack == "secrets" else {
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}
        }  # fmt: skip
        formation.create_stack(StackName=f"codybatch-dev-{stack}", TemplateBody=json.dumps(own))
    (made,) = formation.describe_stacks(StackName="codybatch-dev-secrets")["Stacks"]
    yield {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    for stack in STACKS:
        formation.delete_stack(StackName=f"codybatch-dev-{stack}")


def held(arn: str) -> dict[str, str]:
    text = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_keys_are_taken_from_the_environment_and_shown_to_nobody(
    secrets: dict[str, str], restarts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "credentials"], KEYS) == 0

    assert held(secrets["CredentialsSecret"]) == dict.fromkeys(CREDENTIALS, UNSET) | KEYS
    said = capsys.readouterr()
    assert "ANTHROPIC_API_KEY, GITHUB_TOKEN" in said.out
    assert not [value for value in KEYS.values() if value in said.out + said.err]
    assert not [value for value in KEYS.values() if value in " ".join(restarts)]


def test_whoever_read_the_old_values_is_started_again(
    secrets: dict[str, str], restarts: list[str]
) -> None:
    assert secrets
    main(["dev", "credentials"], KEYS)

    functions = [asked for asked in restarts if "/functions/" in asked]
    assert len(functions) == 2
    assert all("Its secrets were read after" in asked for asked in functions)
    (service,) = [asked for asked in restarts if "UpdateService" in asked]
    assert '"forceNewDeployment": true' in service
    assert '"the-cluster"' in service


def test_one_key_is_exchanged_and_the_others_stay(
    secrets: dict[str, str], restarts: list[str]
) -> None:
    main(["dev", "credentials"], KEYS)
    main(["dev", "credentials"], {"ANTHROPIC_API_KEY": "sk-ant-newer"})

    assert restarts
    assert held(secrets["CredentialsSecret"])["ANTHROPIC_API_KEY"] == "sk-ant-newer"
    assert held(secrets["CredentialsSecret"])["GITHUB_TOKEN"] == KEYS["GITHUB_TOKEN"]


def test_a_deployment_fills_what_is_missing_and_leaves_the_rest(
    secrets: dict[str, str], restarts: list[str]
) -> None:
    app = {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "-----BEGIN"}
    main(["dev", "credentials", "--only-missing"], app)
    main(["dev", "credentials", "--only-missing"], KEYS)

    assert restarts
    now = held(secrets["CredentialsSecret"])
    assert now["ANTHROPIC_API_KEY"] == KEYS["ANTHROPIC_API_KEY"]
    assert {name: now[name] for name in app} == app
    assert now["GITHUB_TOKEN"] == UNSET


def test_a_stage_without_a_workbench_is_looked_at_and_filled(
    secrets: dict[str, str], restarts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert secrets
    formation = boto3.client("cloudformation")
    for stack in ("workbench", "site"):
        formation.delete_stack(StackName=f"codybatch-dev-{stack}")

    assert main(["dev", "credentials"], KEYS) == 0
    assert restarts
    assert print_settings(["dev"]) == 0
    assert "CODYBATCH_TABLE" in capsys.readouterr().out


def test_an_app_takes_the_place_of_a_token(secrets: dict[str, str], restarts: list[str]) -> None:
    main(["dev", "credentials"], KEYS)
    main(["dev", "credentials"], {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "-----BEGIN"})

    assert restarts
    now = held(secrets["CredentialsSecret"])
    assert now["GITHUB_TOKEN"] == UNSET
    assert (now["GITHUB_APP_ID"], now["GITHUB_APP_PRIVATE_KEY"]) == ("1", "-----BEGIN")


def test_nothing_given_changes_and_restarts_nothing(
    secrets: dict[str, str], restarts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "credentials"], {"PATH": "/bin"}) == 0

    assert "nothing, all stays" in capsys.readouterr().out
    assert restarts == []
    assert set(held(secrets["CredentialsSecret"]).values()) == {UNSET}


def test_two_tokens_of_a_name_are_valid_until_the_older_one_is_dropped(
    secrets: dict[str, str], restarts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = []
    for _ in range(2):
        main(["dev", "api-token", "ci", "--scope", "read", "--scope", "submit"], {})
        tokens.append(capsys.readouterr().out.strip())

    def known() -> list[str]:
        entries = held(secrets["ApiTokensSecret"])[API[0]].split(",")
        return [ApiToken.parse(entry).sha256 for entry in entries]

    digests = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
    assert known() == digests
    main(["dev", "drop-api-token", "ci", "--keep-newest"], {})
    assert known() == digests[1:]
    main(["dev", "drop-api-token", "ci"], {})
    assert held(secrets["ApiTokensSecret"])[API[0]] == UNSET
    assert restarts


def test_a_new_access_token_ends_what_the_old_one_opened(
    secrets: dict[str, str],
    restarts: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as documented:
        documented.delenv("AWS_DEFAULT_REGION")
        assert main(["dev", "access-token"], {}) == 0

    token = capsys.readouterr().out.strip()
    assert len(token) >= 24
    assert held(secrets["AccessTokenSecret"]) == {WORKBENCH[0]: token}
    assert len(restarts) == 1
    assert "UpdateService" in restarts[0]


def test_the_settings_of_what_is_deployed_are_printed_for_a_shell(
    secrets: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert secrets
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert print_settings(["dev"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "export CODYBATCH_STORE=aws" in lines
    assert "export CODYBATCH_JOB_QUEUE=the-JobQueue" in lines
    assert "export CODYBATCH_SITE_BUCKET=the-ReportsBucket" in lines
    assert "export AWS_REGION=eu-central-1" in lines
    assert "# WorkbenchUrl: https://workbench.example/" in lines


def test_a_stage_that_is_not_deployed_is_said_with_what_to_do(
    aws: AwsStandin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint)

    assert print_settings(["prod"]) != 0
    assert "make deploy STAGE=prod" in capsys.readouterr().err
    assert main(["prod", "access-token"], {}) != 0
