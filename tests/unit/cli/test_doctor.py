"""``codybatch doctor``: what is well, what is not, how to mend it, and never a key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cli_kit import ESCAPES, Call, call
from tests.collector_kit import collector
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, World, world


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    repositories = {"acme/clean": CLEAN, "upstream/clean": CLEAN}
    with world(tmp_path_factory.mktemp("healthy"), repositories) as w:
        yield w


def examine(w: World, *arguments: str, **changes: str | None) -> Call:
    return call("doctor", *arguments, environment={**w.settings.as_environment(), **changes})


def findings(done: Call) -> dict[str, Any]:
    return {finding["check"]: finding for finding in done.json}


def test_where_all_is_well_every_check_says_so(healthy: World) -> None:
    done = examine(healthy, "--json")

    found = findings(done)
    assert done.status == 0, done.text
    assert {finding["health"] for finding in found.values()} == {"ok"}
    assert list(found) == [
        *("python", "packages", "git", "home", "disk", "database", "settings", "allow list"),
        *("model key", "code host token", "dispatcher", "model", "price", "code host"),
        *("permissions", "rate limit", "allowed repositories", "clock"),
    ]
    assert found["code host"]["detail"] == "logged in as service"
    assert found["allowed repositories"]["detail"] == (
        "2 in all, and the service account may push to 1 of them"
    )
    assert examine(healthy).err.endswith("All is well.\n")


def test_no_key_is_ever_shown_but_its_fingerprint(healthy: World) -> None:
    for done in (examine(healthy), examine(healthy, "--json")):
        assert healthy.settings.secrets()
        assert not [key for key in healthy.settings.secrets() if key in done.text + done.err]
        assert "(fingerprint " in done.text


def test_a_collector_is_asked_whether_it_takes_spans(healthy: World) -> None:
    headers = {"OTEL_EXPORTER_OTLP_HEADERS": "x-token=of-the-collector-1"}
    with collector() as seen:
        named = {"OTEL_EXPORTER_OTLP_ENDPOINT": seen.url, **headers}
        there = findings(examine(healthy, "--json", **named))
        offline = findings(examine(healthy, "--json", "--offline", **named))
        assert [one["x-token"] for one in seen.requests] == ["of-the-collector-1"]
    gone = examine(healthy, "--json", **named)

    assert there["collector"]["detail"] == f"{seen.url} takes spans"
    assert "collector" not in offline
    assert offline["spans"]["detail"].startswith("OpenTelemetry 1.")
    assert (gone.status, findings(gone)["collector"]["health"]) == (0, "warning")
    assert "of-the-collector-1" not in gone.text


def test_offline_no_service_is_asked(healthy: World) -> None:
    asked = len(healthy.model.exchanges)

    found = findings(examine(healthy, "--offline", "--json"))

    assert "dispatcher" in found
    services = {"model", "price", "code host", "permissions", "allowed repositories", "clock"}
    assert not services & set(found)
    assert len(healthy.model.exchanges) == asked


@pytest.mark.parametrize(
    ("check", "health", "changes"),
    [
        ("model key", "failed", {"ANTHROPIC_API_KEY": None}),
        ("model", "failed", {"ANTHROPIC_API_KEY": "sk-ant-revoked"}),
        ("model", "failed", {"CODYBATCH_MODEL": "claude-imaginary"}),
        ("code host token", "warning", {"GITHUB_TOKEN": None}),
        ("code host", "failed", {"GITHUB_TOKEN": "ghp_revoked0123456789"}),
        ("clock", "warning", {"GITHUB_API_URL": "http://127.0.0.1:9"}),
        ("allow list", "failed", {"CODYBATCH_ALLOWED_REPOSITORIES": None}),
        ("allow list", "warning", {"CODYBATCH_ALLOWED_REPOSITORIES": "acme"}),
        ("settings", "warning", {"CODYBATCH_ALLOWED_REPOSITORY": "acme/*"}),
        ("settings", "failed", {"CODYBATCH_MAX_TURNS": "0"}),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(
    healthy: World, check: str, health: str, changes: dict[str, str | None]
) -> None:
    done = examine(healthy, "--json", **changes)

    finding = findings(done)[check]
    assert (finding["health"], bool(finding["mend"])) == (health, True)
    failed = any(one["health"] == "failed" for one in done.json)
    assert done.status == int(failed)


def test_a_damaged_database_and_a_bad_home_are_findings_not_the_end(
    healthy: World, tmp_path: Path
) -> None:
    (tmp_path / "codybatch.db").write_bytes(b"no database " * 1000)
    (tmp_path / "file").write_text("")

    damaged = examine(healthy, "--offline", "--json", CODYBATCH_HOME=str(tmp_path))
    misplaced = examine(healthy, "--offline", "--json", CODYBATCH_HOME=str(tmp_path / "file"))

    assert (damaged.status, misplaced.status) == (1, 1)
    assert "damaged" in findings(damaged)["database"]["detail"]
    assert "CODYBATCH_HOME" in findings(misplaced)["home"]["mend"]


def test_a_setting_that_cannot_be_used_is_a_finding_in_plain_words(healthy: World) -> None:
    done = examine(healthy, CODYBATCH_MAX_TURNS="0", CODYBATCH_PUBLISH="loudly")

    assert done.status == 1
    assert "CODYBATCH_MAX_TURNS takes at least 1." in done.text
    assert "CODYBATCH_PUBLISH takes none, branch, draft or ready." in done.text


def test_a_misspelt_variable_is_told_with_the_one_that_was_meant(healthy: World) -> None:
    found = findings(examine(healthy, "--offline", "--json", CODYBATCH_ALLOWED_REPOSITORY="x"))

    assert found["settings"]["mend"] == "Did you mean CODYBATCH_ALLOWED_REPOSITORIES?"


@pytest.mark.parametrize("columns", [40, 100])
def test_findings_are_wrapped_to_the_terminal(healthy: World, columns: int) -> None:
    terminal = Terminal(
        *("-m", "codybatch", "doctor", "--offline"),
        columns=columns,
        environment={**healthy.settings.as_environment(), "CODYBATCH_ALLOWED_REPOSITORIES": ""},
    )
    status = terminal.finish()

    lines = re.sub(ESCAPES, "", terminal.shown).replace("\r", "").splitlines()
    assert status == 1
    assert max(map(len, lines)) <= columns
    assert "failed  allow list: No repository is" in "\n".join(lines)
    assert any(line.startswith("        → Set ") for line in lines)
    assert lines[-1] == "1 failed, of 11 findings."


def test_a_github_app_is_looked_at_like_a_token_and_its_key_is_never_shown(
    healthy: World, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (tmp_path / "app.pem").write_bytes(private)
    healthy.github.add_app(7, public.decode(), "service")
    app: dict[str, str | None] = {
        "GITHUB_TOKEN": None,
        "GITHUB_APP_ID": "7",
        "GITHUB_APP_PRIVATE_KEY_FILE": str(tmp_path / "app.pem"),
    }

    done = examine(healthy, "--json", **app)
    unknown = examine(healthy, "--json", **{**app, "GITHUB_APP_ID": "8"})

    found = findings(done)
    assert found["permissions"]["detail"] == "a GitHub App, installed in 1 repository"
    assert found["allowed repositories"]["health"] == "ok"
    assert findings(unknown)["code host"]["health"] == "failed"
    assert "GITHUB_APP_ID 8" in findings(unknown)["code host"]["detail"]
    assert "allowed repositories" not in findings(unknown)  # the same would be said again
    for said in (done.text, unknown.text):
        assert not [line for line in private.decode().splitlines() if line in said]
        assert "ghs_" not in said
