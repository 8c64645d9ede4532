"""A forked command is the command: it says the same, ends the same, and knows what it was given."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codybatch.settings import inherited_environment
from tests.prestarted import kit

FRESH = (sys.executable, "-m", "codybatch")
Starts = Callable[[], tuple[str, ...]]


def done(start: tuple[str, ...], *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*start, *words],
        env={**inherited_environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("starts", [kit.fork, kit.interpreter])
@pytest.mark.parametrize("words", [("--version",), ("jobs", "show"), ("jobs", "show", "nope")])
def test_it_says_and_ends_as_a_fresh_one_does(
    starts: Starts, words: tuple[str, ...], tmp_path: Path
) -> None:
    home = str(tmp_path / "home")

    ours = done(starts(), *words, CODYBATCH_HOME=home)
    fresh = done(FRESH, *words, CODYBATCH_HOME=home)

    assert (ours.returncode, ours.stdout, ours.stderr) == (
        fresh.returncode,
        fresh.stdout,
        fresh.stderr,
    )


@pytest.mark.parametrize("starts", [kit.fork, kit.interpreter])
def test_it_has_the_variables_that_it_was_given_and_no_other(
    starts: Starts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts()
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path / "another"))

    listed = done(starts(), "jobs", "list", "--json", CODYBATCH_HOME=str(tmp_path / "given"))

    assert (listed.returncode, json.loads(listed.stdout)["items"]) == (0, [])
    assert {path.name for path in tmp_path.iterdir()} <= {"given"}
