from __future__ import annotations

import base64

import pytest

from codybatch.ports.code_host import GitAccess
from codybatch.workspace.messages import redacted

ACCESS = GitAccess("https://host/acme/shop", username="bot", token="ghp_a/b+c=d")
BASIC = base64.b64encode(b"bot:ghp_a/b+c=d").decode()


@pytest.mark.parametrize(
    "text",
    [
        "fatal: ghp_a/b+c=d",
        "https://bot:ghp_a%2Fb%2Bc%3Dd@host/",
        f"Authorization: Basic {BASIC}",
        "https://ghp_a/b+c=d@host",
    ],
)
def test_a_token_is_hidden_in_every_spelling(text: str) -> None:
    shown = redacted(text, ACCESS)

    assert "ghp_a" not in shown
    assert BASIC not in shown
    assert "[credential]" in shown


def test_user_information_of_any_address_is_hidden_without_knowing_it() -> None:
    text = "fatal: unable to access 'https://me:pa@ss@host/x': http://you@other/y"

    assert redacted(text) == (
        "fatal: unable to access 'https://[credential]@host/x': http://[credential]@other/y"
    )


def test_terminals_are_not_steered() -> None:
    assert redacted("\x1b[31mred\x1b[0m\x07 10%\rdone\n\n") == "red 10%\ndone"


def test_plain_addresses_and_mail_stay_as_they_are() -> None:
    text = "see https://host/a@b or mail eve@example.com"

    assert redacted(text, ACCESS) == text
