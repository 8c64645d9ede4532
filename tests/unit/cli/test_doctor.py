"""``codybatch doctor``: what is well, what is not, how to mend it, and never a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli_kit import Call, call
from tests.worker.world import CLEAN, World, world


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("healthy"), {"acme/clean": CLEAN}) as w:
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
        *("python", "git", "home", "disk", "database", "allow list", "model key"),
        *("code host token", "dispatcher", "model", "price", "code host", "clock"),
    ]
    assert found["code host"]["detail"] == "logged in as service"


def test_no_key_is_ever_shown_but_its_fingerprint(healthy: World) -> None:
    for done in (examine(healthy), examine(healthy, "--json")):
        assert healthy.settings.secrets()
        assert not [key for key in healthy.settings.secrets() if key in done.text + done.err]
        assert "(fingerprint " in done.text


def test_offline_no_service_is_asked(healthy: World) -> None:
    asked = len(healthy.model.exchanges)

    found = findings(examine(healthy, "--offline", "--json"))

    assert "dispatcher" in found
    assert not {"model", "price", "code host", "clock"} & set(found)
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
