"""A message as server-sent events.

Source: ``types/raw_*_event.py`` of the SDK 2.12 and the streaming guide; a ping may come anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.standins.anthropic.wire import JsonObject, to_bytes

_SMALLEST_PIECE = 400
_MOST_PIECES = 16


def event(name: str, data: JsonObject) -> bytes:
    """One event."""
    return b"event: " + name.encode() + b"\ndata: " + to_bytes({"type": name, **data}) + b"\n\n"


def message_events(message: JsonObject, cut_input: str | None = None) -> Iterator[bytes]:
    """The events of a whole message.

    Arguments:
        message: as the service would send it at once.
        cut_input: what was written of the last call's input where the reply was cut off.
    """
    usage = message["usage"]
    opening = {
        **message,
        "content": [],
        "stop_reason": None,
        "usage": {**usage, "output_tokens": 1},
    }
    opening.pop("stop_details", None)
    yield event("message_start", {"message": opening})
    yield event("ping", {})
    last = len(message["content"]) - 1
    for index, block in enumerate(message["content"]):
        yield from _block_events(index, block, cut_input if index == last else None)
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    if message.get("stop_details"):
        ending["stop_details"] = message["stop_details"]
    final = {name: usage[name] for name in usage if name not in {"cache_creation", "service_tier"}}
    yield event("message_delta", {"delta": ending, "usage": final})
    yield event("message_stop", {})


def _block_events(index: int, block: JsonObject, cut_input: str | None) -> Iterator[bytes]:
    empty, deltas = _deltas(block, cut_input)
    yield event("content_block_start", {"index": index, "content_block": empty})
    for delta in deltas:
        yield event("content_block_delta", {"index": index, "delta": delta})
    yield event("content_block_stop", {"index": index})


def _deltas(block: JsonObject, cut_input: str | None) -> tuple[JsonObject, list[JsonObject]]:
    """The block as it begins, and what is added to it."""
    kind = block["type"]
    if kind == "tool_use":
        written = to_bytes(block["input"]).decode("utf-8", "surrogatepass")
        pieces = ["", *_pieces(written if cut_input is None else cut_input)]
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        return {**block, "input": {}}, deltas
    deltas = [{"type": f"{kind}_delta", kind: piece} for piece in _pieces(block[kind])]
    if kind == "thinking":
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return {**block, "thinking": "", "signature": ""}, deltas
    return {**block, "text": ""}, deltas


def _pieces(words: str) -> list[str]:
    size = max(_SMALLEST_PIECE, -(-len(words) // _MOST_PIECES))
    return [words[start : start + size] for start in range(0, len(words), size)]
