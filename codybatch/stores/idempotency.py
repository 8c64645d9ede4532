"""When a request that comes again under its key is the same request."""

from __future__ import annotations

from codybatch.domain.errors import IdempotencyConflict
from codybatch.domain.requests import Request

_ASKED_FOR = ("title", "prompt", "variables", "repositories", "options", "origin")


def check_same(first: Request, again: Request, key: str) -> None:
    """Refuse another request under a key that was used; ``first`` is the one as it was created.

    Raises:
        IdempotencyConflict: they ask for different things.
    """
    different = [name for name in _ASKED_FOR if getattr(first, name) != getattr(again, name)]
    if first.budget.cap_usd != again.budget.cap_usd:
        different.append("budget")
    if different:
        raise IdempotencyConflict(
            f"The idempotency key {key!r} was used for the request {first.id}, which has another "
            f"{', '.join(different)}. Use a new key."
        )
