"""What the keys of objects look like, in every store."""

from __future__ import annotations

import re
from collections.abc import Iterable

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


def check_names(folder: str, names: Iterable[str]) -> None:
    """Make sure that a folder of the site and its files have names.

    Raises:
        StoreError: one cannot be a name.
    """
    for name in names:
        if len(parts_of(f"{folder}/{name}")) != 2:
            raise StoreError(f"{name!r} in {folder!r} is no name: it holds a /.")
