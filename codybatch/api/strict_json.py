"""JSON of a request's body, read strictly: what could be two things, or nothing, is neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from codybatch.api.refusals import NotJson

MOST_LEVELS = 64
"""Of objects and lists in each other."""


def parsed(body: bytes) -> Any:
    """The value of a body.

    Raises:
        NotJson: it is not JSON in UTF-8 (RFC 8259), names a field twice, is nested too deeply, or
            holds a text that no store can keep; the message says which.
    """
    try:
        found = json.loads(
            body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_each_once
        )
    except UnicodeDecodeError as error:
        raise NotJson(f"The body is not UTF-8 (byte {error.start}).") from None
    except RecursionError:
        raise NotJson(_too_deep()) from None
    except json.JSONDecodeError as error:
        raise NotJson(f"The body is not JSON: {error.msg} (character {error.pos}).") from None
    except ValueError:  # a number with more digits than Python reads
        raise NotJson("The body holds a number with too many digits.") from None
    for text in _texts(found):
        _check(text)
    return found


def _texts(found: Any) -> Iterator[str]:
    """All texts in a value, names of fields too."""
    level = [found]
    for _ in range(MOST_LEVELS):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield from value
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        if not inner:
            return
        level = inner
    raise NotJson(_too_deep())


def _check(text: str) -> None:
    if "\0" in text:
        raise NotJson("The body holds the character NUL, which no text here can.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotJson("The body holds half a surrogate pair, which UTF-8 cannot.") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotJson(f"The body names the field {name[:100]!r} twice.")
        found[name] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise NotJson(f"The body holds {name}, which is no number of JSON.")


def _too_deep() -> str:
    return f"The body is nested more than {MOST_LEVELS} levels deep."
