"""Cursors: where a page of a list ended, opaque to whoever carries it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re

from codybatch.domain.errors import InvalidCursor
from codybatch.ports.lists import PageRequest

_LONGEST = 512


def encode(list_name: str, last: str) -> str:
    """The cursor after the row ``last`` of the list ``list_name``."""
    content = json.dumps([_identity(list_name), last], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def start_of(page: PageRequest, list_name: str, form: re.Pattern[str]) -> str | None:
    """The row after which a page begins, None for the first; it has the ``form`` of their keys.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
    """
    return None if page.cursor is None else _decode(page.cursor, list_name, form)


def _decode(cursor: str, list_name: str, form: re.Pattern[str]) -> str:
    try:
        identity, last = json.loads(_bytes_of(cursor))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidCursor from error
    if not isinstance(last, str) or identity != _identity(list_name):
        raise InvalidCursor
    if not form.fullmatch(last) or encode(list_name, last) != cursor:
        raise InvalidCursor
    return last


def _bytes_of(cursor: str) -> bytes:
    if len(cursor) > _LONGEST:
        raise InvalidCursor
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidCursor from error


def _identity(list_name: str) -> str:
    return hashlib.sha256(list_name.encode(errors="replace")).hexdigest()[:16]
