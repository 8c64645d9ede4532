"""Whatever is wrong: one sentence that names it and what to do, the right status, no record."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from codybatch.standins.anthropic.models import CATALOGUE
from tests.cli_kit import call
from tests.worker.world import CLEAN, CLOCKS, World, world

REPOSITORIES = {"acme/clocks": CLOCKS, "acme/old": CLEAN}
UNPRICED = "claude-unpriced-1"
NOBODY = "01hzzzzzzzzzzzzzzzzzzzzzzz"
USAGE, REFUSED, FAILED = 2, 3, 1


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which nothing is ever accepted."""
    with world(tmp_path_factory.mktemp("quiet"), REPOSITORIES) as w:
        w.github.add_repository("acme/empty")
        w.github.change_repository("acme/old", archived=True)
        w.model.service.models = {**CATALOGUE, UNPRICED: CATALOGUE["claude-sonnet-5-5"]}
        yield w


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A folder with prompt files."""
    (tmp_path / "fine.md").write_text("Replace utcnow.")
    (tmp_path / "empty.md").write_text(" \n\n")
    (tmp_path / "greet.md").write_text("Greet {{name}}.")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "list.json").write_text("[1]")
    return tmp_path


def submit(*rest: str, prompt: str = "fine.md", at: str = "acme/clocks") -> tuple[str, ...]:
    named = ("-r", at) if at else ()
    return ("submit", "--prompt-file", prompt, *named, *rest)


def six() -> tuple[str, ...]:
    return tuple(part for number in range(6) for part in ("-r", f"acme/r{number}"))


# Command · status · what the sentence must name, what is wrong and what to do.
ROWS: dict[str, tuple[tuple[str, ...], int, tuple[str, ...]]] = {
    "unknown repository": (submit(at="acme/nothing"), REFUSED, ("acme/nothing", "GITHUB_TOKEN")),
    "forbidden repository": (
        submit(at="other/thing"),
        REFUSED,
        ("other/thing is not allowed", "CODYBATCH_ALLOWED_REPOSITORIES"),
    ),
    "six repositories": (
        submit(*six(), at=""),
        REFUSED,
        ("at most 5", "names 6", "CODYBATCH_MAX_REPOSITORIES_PER_REQUEST"),
    ),
    "no repository": (submit(at=""), USAGE, ("-r OWNER/NAME",)),
    "a repository twice": (submit("-r", "Acme/Clocks"), USAGE, ("acme/clocks is named twice",)),
    "no repository's form": (submit(at="clocks"), USAGE, ("'clocks'", "owner/name")),
    "no branch's form": (submit(at="acme/clocks@a..b"), USAGE, ("'a..b'", "git allows")),
    "vanished branch": (submit(at="acme/clocks@gone"), REFUSED, ("gone", "acme/clocks")),
    "archived repository": (submit(at="acme/old"), REFUSED, ("acme/old", "archived")),
    "empty repository": (submit(at="acme/empty"), REFUSED, ("acme/empty", "empty")),
    "two at once": (
        submit("-r", "acme/old", at="acme/empty"),
        REFUSED,
        ("2 repositories cannot be used", "acme/old", "acme/empty"),
    ),
    "empty prompt": (submit(prompt="empty.md"), USAGE, ("prompt is empty", "Write what")),
    "missing variable": (submit(prompt="greet.md"), USAGE, ("'name'", "--var name=VALUE")),
    "unknown variable": (
        submit("--var", "size=3"),
        USAGE,
        ("'size'", "uses none"),
    ),
    "variable without value": (submit("--var", "name"), USAGE, ("'name'", "--var NAME=VALUE")),
    "variable twice": (
        submit("--var", "name=a", "--var", "name=b", prompt="greet.md"),
        USAGE,
        ("'name'", "two values"),
    ),
    "prompt file that is not there": (
        submit(prompt="missing.md"),
        USAGE,
        ("missing.md", "No such file"),
    ),
    "prompt file that is a folder": (submit(prompt="."), USAGE, ("Is a directory",)),
    "prompt file that is no text": (
        submit(prompt="image.png"),
        USAGE,
        ("image.png", "not UTF-8 text"),
    ),
    "no prompt at all": (("submit", "-r", "acme/clocks"), USAGE, ("--prompt-file",)),
    "a prompt and a file": (
        ("submit", "utcnow", "--prompt-file", "fine.md", "-r", "acme/clocks"),
        USAGE,
        ("one of the two",),
    ),
    "unknown prompt": (
        ("submit", "nobody", "-r", "acme/clocks"),
        USAGE,
        ("nobody", "codybatch prompts list"),
    ),
    "kind of a saved prompt": (
        ("submit", "utcnow", "--kind", "audit", "-r", "acme/clocks"),
        USAGE,
        ("--kind", "--prompt-file"),
    ),
    "unknown kind": (submit("--kind", "sing"), USAGE, ("'sing'", "change, audit or ask")),
    "an ask without schema": (submit("--kind", "ask"), USAGE, ("JSON Schema",)),
    "a schema that is none": (
        submit("--kind", "ask", "--schema", "list.json"),
        USAGE,
        ("list.json", "JSON object"),
    ),
    "unknown model": (
        submit("--model", "claude-imaginary"),
        REFUSED,
        ("claude-imaginary", "--model"),
    ),
    "no model": (submit("--model", ""), USAGE, ("--model", "CODYBATCH_MODEL")),
    "model without price under a cap": (submit("--model", UNPRICED), REFUSED, (UNPRICED, "price")),
    "unknown effort": (submit("--effort", "heroic"), USAGE, ("--effort", "low, medium")),
    "unknown publication": (submit("--publish", "loudly"), USAGE, ("--publish", "draft or ready")),
    "no turns": (submit("--max-turns", "0"), USAGE, ("--max-turns", "takes at least 1")),
    "too many minutes": (submit("--max-minutes", "99999"), USAGE, ("--max-minutes", "20160")),
    "no money": (submit("--max-cost", "0"), USAGE, ("--max-cost", "above 0", "'0'")),
    "no amount": (submit("--job-cost", "lots"), USAGE, ("--job-cost", "'lots'")),
    "no job's id": (("jobs", "show", "nope"), USAGE, ("'nope'", "codybatch jobs list")),
    "no such job": (("jobs", "show", f"{NOBODY}-1"), USAGE, (f"{NOBODY}-1",)),
    "no request's id": (
        ("requests", "show", "nope"),
        USAGE,
        ("'nope'", "codybatch requests list"),
    ),
    "no such request": (("requests", "cancel", NOBODY), USAGE, (NOBODY,)),
    "no such state": (("jobs", "list", "--state", "lost"), USAGE, ("'lost'", "succeeded")),
    "two filters": (
        ("jobs", "list", "--state", "failed", "--search", "x"),
        USAGE,
        ("--search, --state", "one filter"),
    ),
    "no cursor of ours": (("jobs", "list", "--cursor", "???"), USAGE, ("cursor", "Begin again")),
    "no such prompt": (("prompts", "show", "nobody"), USAGE, ("nobody",)),
    "no prompt's name": (
        ("prompts", "save", "Very Good", "--file", "fine.md"),
        USAGE,
        ("'Very Good'", "lowercase"),
    ),
    "the demonstration to change": (
        ("--demo", *submit()),
        REFUSED,
        ("--demo only looks", "codybatch up --demo"),
    ),
    "the demonstration's jobs to cancel": (
        ("--demo", "jobs", "cancel", f"{NOBODY}-1"),
        REFUSED,
        ("--demo only looks",),
    ),
    "a public workbench": (
        ("up", "--host", "0.0.0.0"),
        REFUSED,
        ("0.0.0.0", "127.0.0.1", "tunnel"),
    ),
}


def records(quiet: World) -> tuple[int, int, int]:
    app = quiet.app
    return (
        len(app.requests.list().items),
        len(app.jobs.list().items),
        len(app.prompts.latest().items),
    )


@pytest.mark.parametrize("row", ROWS)
def test_what_is_wrong_is_said_in_one_sentence_and_leaves_no_record(
    row: str, quiet: World, prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, status, words = ROWS[row]
    monkeypatch.chdir(prompts)

    done = call(*arguments, environment=quiet.settings.as_environment())

    assert done.status == status, done.err
    assert [word for word in words if word not in done.sentence] == [], done.sentence
    assert done.out == b""
    assert "Traceback" not in done.err
    assert records(quiet) == (0, 0, 0)


# Variables that change · status · words.
SETTINGS: dict[str, tuple[Mapping[str, str | None], int, tuple[str, ...]]] = {
    "no key": ({"ANTHROPIC_API_KEY": None}, REFUSED, ("ANTHROPIC_API_KEY",)),
    "revoked key": (
        {"ANTHROPIC_API_KEY": "sk-ant-revoked-0123456789"},
        REFUSED,
        ("ANTHROPIC_API_KEY", "Check the key"),
    ),
    "revoked token": (
        {"GITHUB_TOKEN": "ghp_revoked0123456789"},
        REFUSED,
        ("GITHUB_TOKEN", "revoked"),
    ),
    "no allow-list": (
        {"CODYBATCH_ALLOWED_REPOSITORIES": None},
        REFUSED,
        ("No repository is allowed yet", "CODYBATCH_ALLOWED_REPOSITORIES='my-org/*"),
    ),
    "no number": ({"CODYBATCH_MAX_TURNS": "many"}, USAGE, ("MAX_TURNS", "a whole number")),
    "out of range": ({"CODYBATCH_MAX_PARALLEL_JOBS": "0"}, USAGE, ("MAX_PARALLEL_JOBS", "1")),
    "no amount": (
        {"CODYBATCH_DAILY_COST_CAP_USD": "-5"},
        USAGE,
        ("CODYBATCH_DAILY_COST_CAP_USD", "takes more than 0"),
    ),
    "no address": ({"GITHUB_API_URL": "github"}, USAGE, ("GITHUB_API_URL", "https://")),
    "a password in an address": (
        {"ANTHROPIC_BASE_URL": "https://me:hunter22@example.org"},
        USAGE,
        ("ANTHROPIC_BASE_URL", "no user name or password"),
    ),
    "no such store": ({"CODYBATCH_STORE": "tape"}, USAGE, ("CODYBATCH_STORE", "embedded")),
    "two bad ones": (
        {"CODYBATCH_MAX_TURNS": "many", "CODYBATCH_MAX_MINUTES": "few"},
        USAGE,
        ("CODYBATCH_MAX_TURNS", "CODYBATCH_MAX_MINUTES"),
    ),
    "prices that are not there": (
        {"CODYBATCH_PRICES": "/nowhere/prices.json"},
        USAGE,
        ("/nowhere/prices.json",),
    ),
}


@pytest.mark.parametrize("row", SETTINGS)
def test_what_is_set_wrong_is_said_in_one_sentence_without_its_secrets(
    row: str, quiet: World, prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, status, words = SETTINGS[row]
    monkeypatch.chdir(prompts)

    done = call(*submit(), environment={**quiet.settings.as_environment(), **changed})

    assert done.status == status, done.err
    assert [word for word in words if word not in done.sentence] == [], done.sentence
    assert not [value for value in changed.values() if value and value[:3] in {"sk-", "ghp"}] or (
        "0123456789" not in done.err
    )
    assert "hunter22" not in done.err
    assert records(quiet) == (0, 0, 0)


def junk(home: Path) -> None:
    home.mkdir()
    (home / "codybatch.db").write_bytes(b"This is no database, and never was one. " * 200)


def newer(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "codybatch.db") as database:
        database.execute("PRAGMA user_version = 9999")
    database.close()


def a_file(home: Path) -> None:
    home.write_text("I am a file.")


def below_a_file(home: Path) -> None:
    home.parent.joinpath("file").write_text("I am a file.")
    home.symlink_to(home.parent / "file" / "below")


HOMES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "a damaged database": (junk, ("codybatch.db", "damaged", "backup")),
    "a database of a newer release": (newer, ("codybatch.db", "newer release")),
    "a file in the home's place": (a_file, ("CODYBATCH_HOME",)),
    "a home that cannot be made": (below_a_file, ("CODYBATCH_HOME",)),
}


@pytest.mark.parametrize("command", ["list", "submit", "up"])
@pytest.mark.parametrize("row", HOMES)
def test_a_home_that_cannot_be_used_is_said_in_one_sentence_and_left_as_it_is(
    row: str, command: str, quiet: World, prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, words = HOMES[row]
    home = prompts / "home"
    spoil(home)
    before = home.joinpath("codybatch.db").read_bytes() if home.is_dir() else b""
    arguments = {"list": ("jobs", "list"), "submit": submit(), "up": ("up", "--port", "18765")}
    monkeypatch.chdir(prompts)

    done = call(
        *arguments[command],
        environment={**quiet.settings.as_environment(), "CODYBATCH_HOME": str(home)},
    )

    assert done.status == FAILED, done.err
    assert [word for word in words if word not in done.sentence] == [], done.sentence
    assert "Traceback" not in done.err
    assert (home.joinpath("codybatch.db").read_bytes() if home.is_dir() else b"") == before


def test_a_second_dispatcher_says_that_there_is_one(quiet: World) -> None:
    quiet.app.local_engine.ensure_dispatcher()

    done = call("dispatcher", "run", environment=quiet.settings.as_environment())

    assert done.status == FAILED
    assert "already runs" in done.sentence
    assert quiet.app.local_engine.status() is not None


def test_a_service_that_is_away_is_named(quiet: World, prompts: Path) -> None:
    away = {**quiet.settings.as_environment(), "GITHUB_API_URL": "http://127.0.0.1:9"}

    done = call(*submit(prompt=str(prompts / "fine.md")), environment=away)

    assert done.status == FAILED
    assert "GitHub could not be reached" in done.sentence
    assert records(quiet) == (0, 0, 0)
