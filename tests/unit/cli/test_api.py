"""``codybatch api``: what it refuses to serve, and the tokens it makes."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from codybatch.api.tokens import Tokens
from codybatch.api_settings import ApiToken, Scope
from tests.cli_kit import call


def test_a_token_is_made_with_the_entry_that_knows_it() -> None:
    made = call("api", "token", "nightly", "--scope", "read", "--scope", "submit", "--json").json

    entry = ApiToken.parse(made["entry"])
    assert (entry.name, entry.scopes) == ("nightly", frozenset({Scope.READ, Scope.SUBMIT}))
    assert Tokens([entry]).owner_of(made["token"]) == entry
    assert made["token"] not in made["entry"]


def test_a_token_is_printed_for_a_pipe_and_explained_beside_it() -> None:
    done = call("api", "token", "nightly", "--scope", "admin")

    token, entry = done.text.splitlines()
    assert Tokens([ApiToken.parse(entry)]).owner_of(token) is not None
    assert "shown this once" in done.err
    assert token not in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nightly",), "Say what the token is for: --scope read"),
        (("nightly", "--scope", "all"), "there are read, submit, judge, publish, admin"),
        (("two words", "--scope", "read"), "The name of a token has 1 to 64"),
    ],
)
def test_a_token_that_cannot_be_made_is_explained(arguments: tuple[str, ...], says: str) -> None:
    refused = call("api", "token", *arguments)

    assert refused.status == 2
    assert says in refused.sentence


def test_an_address_for_others_is_refused_without_tokens(tmp_path: Path) -> None:
    refused = call("api", "--host", "0.0.0.0", environment={"CODYBATCH_HOME": str(tmp_path)})

    assert refused.status == 3
    assert "codybatch api token NAME" in refused.sentence


def test_a_port_that_is_taken_is_named_with_the_next(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = call("api", "--port", str(port), environment={"CODYBATCH_HOME": str(tmp_path)})

    assert refused.status == 2
    assert f"codybatch api --port {port % 65535 + 1}" in refused.sentence


def test_the_demonstration_is_not_served() -> None:
    assert call("--demo", "api").status == 3
