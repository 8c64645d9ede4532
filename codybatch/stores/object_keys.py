"""What the keys of objects look like, in every store."""

from __future__ import annotations

import re

from codybatch.domain.errors import StoreError

_PART = re.compile(r"[A-Za-z0-9._-]{1,200}")
_LONGEST_KEY = 900


def parts_of(key: str) -> list[str]:
    """The parts of an object's key.

    Raises:
        StoreError: it cannot be a key.
    """
    parts = key.split("/")
    valid = all(_PART.fullmatch(part) and part not in {".", ".."} for part in parts)
    if not valid or len(key) > _LONGEST_KEY:
        raise StoreError(
            f"{key!r} cannot be an object's key: parts of A-Z a-z 0-9 . _ - joined by /, "
            f"at most {_LONGEST_KEY} characters."
        )
    return parts
