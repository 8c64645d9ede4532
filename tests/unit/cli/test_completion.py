"""What the shell offers while a command is being typed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from codybatch.cli.main import app


def offered(typed: str) -> list[str]:
    """What bash is offered after ``typed``, which ends in the word to complete."""
    asked = {
        "_CODYBATCH_COMPLETE": "complete_bash",
        "COMP_WORDS": f"codybatch {typed}",
        "COMP_CWORD": str(len(f"codybatch {typed}".split(" ")) - 1),
    }
    return CliRunner().invoke(app, [], env=asked, prog_name="codybatch").stdout.split()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("jobs list --state s", ["succeeded"]),
        (
            "jobs list --state ",
            ["queued", "running", "waiting", "succeeded", "partial", "failed", "cancelled"],
        ),
        ("submit --publish d", ["draft"]),
        ("submit --kind a", ["audit", "ask"]),
        ("submit --effort x", ["xhigh"]),
        ("submit --existing ", ["update", "another", "skip"]),
        ("prompts save --kind c", ["change"]),
        ("jobs follow-up --publish b", ["branch"]),
        ("jobs publish --as ", ["branch", "draft", "ready"]),
        ("repos ", ["list", "profile"]),
    ],
)
def test_words_that_an_option_takes_are_offered(typed: str, words: list[str]) -> None:
    assert offered(typed) == words
