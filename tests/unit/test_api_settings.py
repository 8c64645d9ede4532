"""The setting of tokens: what it takes, and that it repeats nothing of what it refuses."""

from __future__ import annotations

import hashlib

import pytest

from codybatch.api_settings import MOST_TOKENS, ApiToken, Scope
from codybatch.domain.errors import InvalidSetting
from codybatch.settings import load_settings

DIGEST = hashlib.sha256(b"a token").hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()


def test_entries_are_read_with_blanks_and_in_any_case_of_digits() -> None:
    settings = load_settings(
        api_token_entries=f" ann:read+submit:{DIGEST} ,, ann:read:{OTHER.upper()},"
    )

    assert settings.api_tokens() == (
        ApiToken("ann", frozenset({Scope.READ, Scope.SUBMIT}), DIGEST),
        ApiToken("ann", frozenset({Scope.READ}), OTHER),
    )
    assert str(settings.api_tokens()[0]) == f"ann:read+submit:{DIGEST}"


def test_nothing_set_is_no_token() -> None:
    assert load_settings(api_token_entries="").api_tokens() == ()
    assert load_settings().api_tokens() == ()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("ann", "an entry is written name:scope+scope:SHA-256"),
        (f"ann:read:{DIGEST}:more", "an entry is written"),
        (f":read:{DIGEST}", "the name of a token has 1 to 64"),
        (f"an n:read:{DIGEST}", "the name of a token has 1 to 64"),
        (f"ann::{DIGEST}", "the token ann has '' for a scope"),
        (f"ann:read+fly:{DIGEST}", "the token ann has 'fly' for a scope; there are read, submit"),
        ("ann:read:codybatch_the-token-itself", "`codybatch api token ann` prints the whole entry"),
        (f"ann:read:{DIGEST[:-1]}", "64 hexadecimal digits"),
        (f"ann:read:{DIGEST},bob:read:{DIGEST}", "stands there twice"),
        (
            ",".join(f"ann:read:{n:064x}" for n in range(MOST_TOKENS + 1)),
            f"at most {MOST_TOKENS} are taken",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_explained_without_repeating_it(written: str, says: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        load_settings(api_token_entries=written)

    assert "CODYBATCH_API_TOKENS" in refused.value.message
    assert says in refused.value.message
    assert DIGEST not in refused.value.message
    assert "the-token-itself" not in refused.value.message


def test_workers_are_told_nothing_of_the_api() -> None:
    settings = load_settings(api_token_entries=f"ann:read:{DIGEST}", api_max_body_kb=99)

    assert settings.as_environment()["CODYBATCH_API_TOKENS"] == f"ann:read:{DIGEST}"
    assert not [
        name for name in settings.workers_environment() if "_API_" in name and "CODY" in name
    ]
    assert DIGEST in settings.secrets()


def test_limits_have_limits() -> None:
    with pytest.raises(InvalidSetting, match="CODYBATCH_API_REQUESTS_PER_MINUTE takes at least 1"):
        load_settings(api_requests_per_minute=0)
    with pytest.raises(InvalidSetting, match="CODYBATCH_API_MAX_BODY_KB takes at most 10240"):
        load_settings(api_max_body_kb=20_000)
