"""Tokens that open the API: made once, known by their digests, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence

from codybatch.api_settings import ApiToken, Scope
from codybatch.domain.errors import UsageError

PREFIX = "codybatch_"
"""By which people and scanners know what it is."""
RANDOM_BYTES = 32


class Tokens:
    """The tokens that open the API; none where only this machine may ask."""

    def __init__(self, known: Sequence[ApiToken]) -> None:
        """Knows these; a name may have several, so that one can be exchanged for another."""
        self._known = tuple((bytes.fromhex(token.sha256), token) for token in known)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._known)

    def owner_of(self, offered: str) -> ApiToken | None:
        """Whose token it is, in a time that says nothing of how much of which one is right."""
        digest = digest_of(offered)
        found = None
        for known, token in self._known:  # all of them, always
            if hmac.compare_digest(digest, known):
                found = token
        return found


def digest_of(token: str) -> bytes:
    """What is known of a token: its SHA-256. It is random, so nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def new_token() -> str:
    """A token that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def entry_of(name: str, scopes: Iterable[str], token: str) -> ApiToken:
    """The entry of the setting by which a token is known.

    Raises:
        UsageError: the name or a scope cannot be used.
    """
    wanted = tuple(scopes)
    if not wanted:
        raise UsageError(f"Say what the token is for: --scope {', --scope '.join(Scope)}.")
    try:
        return ApiToken.parse(f"{name}:{'+'.join(wanted)}:{digest_of(token).hex()}")
    except ValueError as error:
        sentence = str(error)
        raise UsageError(f"{sentence[0].upper()}{sentence[1:]}.") from None
