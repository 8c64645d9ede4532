"""A token or a GitHub App: what may be set together, and who gets to see it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from codybatch.clients import code_host_credential, code_host_login
from codybatch.composition import conversation_environment, net, surroundings
from codybatch.domain.errors import InvalidSetting
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.credentials import AppInstallation, FixedToken
from codybatch.settings import Settings, load_settings
from codybatch.standins.github import GitHubStandin
from tests.cli_kit import run
from tests.unit.github.kit import key_pair

LABEL = "RSA PRIVATE KEY-----"
KEY = f"-----BEGIN {LABEL}\nMIIEowIBAAKCAQEAplanted0key0line\n-----END {LABEL}\n"
NAMES = ("GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_PRIVATE_KEY_FILE",
         "GITHUB_APP_INSTALLATION_ID")  # fmt: skip


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "home"))


def settings_with(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


@pytest.mark.parametrize(("values", "said"), [
    ({"GITHUB_TOKEN": "t", "GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY},
     "GITHUB_TOKEN and GITHUB_APP_ID are both set"),
    ({"GITHUB_APP_ID": "7"}, "set GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE"),
    ({"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY, "GITHUB_APP_PRIVATE_KEY_FILE": "f"},
     "private key, once"),
    ({"GITHUB_APP_PRIVATE_KEY": KEY}, "needs GITHUB_APP_ID"),
    ({"GITHUB_APP_INSTALLATION_ID": "5"}, "needs GITHUB_APP_ID"),
    ({"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": "planted-key"},
     "GITHUB_APP_PRIVATE_KEY: it is no private key in PEM"),
    ({"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY, "GITHUB_APP_INSTALLATION_ID": "acme"},
     "GITHUB_APP_INSTALLATION_ID"),
])  # fmt: skip
def test_what_does_not_fit_together_is_told_and_shows_no_key(
    monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str], said: str
) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings_with(monkeypatch, values)

    assert said in str(refused.value)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize("text", [KEY, KEY.replace("\n", "\\n"), f"\n{KEY}\n"])
def test_the_key_may_be_given_as_text_in_any_spelling(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": text}

    settings = settings_with(monkeypatch, values)

    assert settings.github_app_key() == KEY
    assert settings.has_code_host_credential


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY,
              "GITHUB_APP_INSTALLATION_ID": "5"}  # fmt: skip
    first = settings_with(monkeypatch, values)

    again = settings_with(monkeypatch, first.as_environment())

    assert again == first
    assert again.fingerprint() == first.fingerprint()


def test_a_key_in_a_file_is_passed_on_by_its_path_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text(KEY)
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": str(file)}

    settings = settings_with(monkeypatch, values)

    assert settings.github_app_key() == KEY
    assert not any("planted" in value for value in settings.as_environment().values())


def test_another_key_is_another_credential_and_a_new_dispatcher(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text(KEY)
    settings = settings_with(
        monkeypatch, {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": str(file)}
    )
    before = (code_host_credential(settings), settings.fingerprint())

    file.write_text(KEY.replace("planted", "rotated"))

    after = (code_host_credential(settings), settings.fingerprint())
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert after[0].startswith("GITHUB_APP_PRIVATE_KEY:")
    assert len(after[0].partition(":")[2]) == 8


def test_a_token_s_fingerprint_is_of_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, {"GITHUB_TOKEN": "ghp_a"})

    digest = hashlib.sha256(b"ghp_a").hexdigest()[:8]
    assert code_host_credential(settings) == f"GITHUB_TOKEN:{digest}"


def test_a_file_that_cannot_be_read_does_not_keep_other_commands_from_working(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": str(tmp_path / "gone.pem")}

    settings = settings_with(monkeypatch, values)

    assert settings.github_app_key() == ""
    login = code_host_login(settings, net(settings))
    with pytest.raises(Exception, match="GITHUB_APP_PRIVATE_KEY_FILE"):
        login.token(timedelta())


def test_the_conversation_gets_nothing_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY}

    environment = conversation_environment(settings_with(monkeypatch, values))

    assert not [name for name in environment if name.startswith("GITHUB")]
    assert not any("planted" in value for value in environment.values())


def test_the_key_is_taken_out_of_what_is_shown_also_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_with(monkeypatch, {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY})

    assert "planted" not in net(settings).clean(f"said: {KEY.splitlines()[1]} and {KEY!r}")
    assert "planted" not in repr(settings)


def test_tokens_that_are_alive_are_taken_out_of_what_is_shown() -> None:
    redacting = net(load_settings())

    redacting.know(["one-hour-token"])
    assert redacting.clean("a one-hour-token") == "a [redacted]"
    redacting.know(["next-hour-token"])
    assert redacting.clean("one-hour-token next-hour-token") == "one-hour-token [redacted]"


def test_a_worker_s_net_knows_the_tokens_that_its_clients_are_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private, public = key_pair()
    with GitHubStandin(tmp_path / "github") as github:
        github.add_app(7, public, "batch-app")
        values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": private,
                  "GITHUB_API_URL": github.api_url, "GITHUB_SERVER_URL": github.url}  # fmt: skip
        around = surroundings(settings_with(monkeypatch, values))

        token = around.code_host().git_access(RepositoryRef.parse("acme/app")).token

    assert token
    # In this form it looks like nothing: it is known by its value.
    hidden = base64.b64encode(token.encode()).decode().rstrip("=")
    assert hidden not in around.net.clean(f"sent {hidden} there")


def test_the_demonstration_uses_no_credential_of_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY}

    settings = settings_with(monkeypatch, values).for_demonstration()

    assert not settings.has_code_host_credential
    assert settings.github_app_key() == ""


def test_whose_name_is_used_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = load_settings()
    assert code_host_login(nobody, net(nobody)).is_nobody

    app = settings_with(monkeypatch, {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": KEY})
    assert isinstance(code_host_login(app, net(app)), AppInstallation)

    monkeypatch.delenv("GITHUB_APP_ID")
    monkeypatch.delenv("GITHUB_APP_PRIVATE_KEY")
    token = settings_with(monkeypatch, {"GITHUB_TOKEN": "t"})
    assert code_host_login(token, net(token)) == FixedToken("t")


def test_the_doctor_shows_neither_key_nor_token(tmp_path: Path) -> None:
    private, public = key_pair()
    with GitHubStandin(tmp_path / "github") as github:
        github.add_app(7, public, "batch-app")
        rights = {"batch-app": "push"}
        github.add_repository("acme/app", files={"a": "a"}, permissions=rights)
        environment = {
            "CODYBATCH_HOME": str(tmp_path / "home"),
            "CODYBATCH_ALLOWED_REPOSITORIES": "acme/*",
            "GITHUB_APP_ID": "7",
            "GITHUB_APP_PRIVATE_KEY": private,
            "GITHUB_API_URL": github.api_url,
            "GITHUB_SERVER_URL": github.url,
        }

        said = [
            run(*arguments, environment=environment)
            for arguments in (["doctor", "--json"], ["doctor"], ["repos", "list", "--org", "acme"])
        ]
        tokens = [github.tokens[name] for name in github.tokens if name != "service"]

    assert tokens
    assert "batch-app[bot]" in said[0].text
    assert "acme/app" in said[2].text
    shown = "".join(each.text + each.err for each in said)
    assert not [line for line in private.splitlines() if len(line) > 16 and line in shown]
    assert not [token for token in tokens if token in shown]
