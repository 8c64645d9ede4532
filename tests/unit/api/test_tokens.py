"""Tokens: made at random, known by their digests, all of them compared."""

from __future__ import annotations

import hmac

import pytest
from typing_extensions import Buffer

from codybatch.api import tokens as module
from codybatch.api.tokens import PREFIX, Tokens, digest_of, entry_of, new_token
from codybatch.api_settings import Scope
from codybatch.domain.errors import UsageError


def test_a_token_is_long_random_and_known_by_its_prefix() -> None:
    made = {new_token() for _ in range(50)}

    assert len(made) == 50
    assert all(token.startswith(PREFIX) and len(token) > 50 for token in made)


def test_a_token_is_its_entrys_and_no_other() -> None:
    tokens = Tokens([entry_of("ann", ["read"], "right"), entry_of("bob", ["admin"], "other")])

    found = tokens.owner_of("right")

    assert found is not None
    assert (found.name, found.scopes) == ("ann", frozenset({Scope.READ}))
    for wrong in ("", "Right", "right ", digest_of("right").hex(), "\udcff"):
        assert tokens.owner_of(wrong) is None


def test_a_name_may_have_two_tokens_while_one_is_exchanged_for_the_other() -> None:
    old, new = entry_of("ann", ["read"], "old"), entry_of("ann", ["read", "submit"], "new")

    during, after = Tokens([old, new]), Tokens([new])

    assert [during.owner_of(token) for token in ("old", "new")] == [old, new]
    assert [after.owner_of(token) for token in ("old", "new")] == [None, new]


@pytest.mark.parametrize("offered", ["first", "last", "none of them"])
def test_every_entry_is_compared_in_constant_time_whichever_is_right(
    monkeypatch: pytest.MonkeyPatch, offered: str
) -> None:
    compared = []
    names = ("first", "second", "last")
    tokens = Tokens([entry_of(name, ["read"], name) for name in names])

    def watched(offered: Buffer, known: Buffer) -> bool:
        compared.append(bytes(known))
        return hmac.compare_digest(offered, known)

    class Watched:
        compare_digest = staticmethod(watched)

    monkeypatch.setattr(module, "hmac", Watched)
    tokens.owner_of(offered)

    assert compared == [digest_of(name) for name in names]


def test_an_entry_names_what_is_wrong_with_it() -> None:
    with pytest.raises(UsageError, match="--scope read, --scope submit"):
        entry_of("ann", [], "x")
    with pytest.raises(UsageError, match=r"'fly'.*there are read, submit, judge, publish, admin"):
        entry_of("ann", ["read", "fly"], "x")
    with pytest.raises(UsageError, match="1 to 64 letters"):
        entry_of("two words", ["read"], "x")
