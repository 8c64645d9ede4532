"""Requests and replies as JSON, and the one rule by which the stand-in counts tokens."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""What a client may send: anything, so nothing is assumed of it before the rules have read it."""

BYTES_PER_TOKEN = 4

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_bytes(value: object) -> bytes:
    """``value`` as compact JSON; lone surrogates pass, as they do in a client's JSON."""
    return _encode(value).encode("utf-8", "surrogatepass")


def without(block: JsonObject, *names: str) -> JsonObject:
    """``block`` with sorted keys and without ``names``: clients may send fields in any order."""
    return {key: block[key] for key in sorted(block) if key not in names}


def unmarked(block: JsonObject) -> JsonObject:
    """``block`` without cache markers, its own and those inside a tool result."""
    plain = without(block, "cache_control")
    content = plain.get("content")
    if plain.get("type") == "tool_result" and isinstance(content, list):
        plain["content"] = [without(inner, "cache_control") for inner in content]
    return plain


def count_tokens(block: JsonObject) -> int:
    """The tokens of one block: a quarter of its JSON's bytes, rounded up.

    A signature is not shown to the model, so it does not count.
    """
    return tokens_in(len(to_bytes(without(unmarked(block), "signature"))))


def tokens_in(size: int) -> int:
    """The tokens in ``size`` bytes."""
    return -(-size // BYTES_PER_TOKEN)


def chain(previous: bytes, *parts: bytes) -> bytes:
    """The digest of everything up to here, from the digest before and what follows it."""
    digest = blake2b(previous, digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.digest()
