"""What a model says, and how the stand-in makes the service's message of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.conversation import Conversation, extend_history
from codybatch.standins.anthropic.schema_rules import misfit
from codybatch.standins.anthropic.wire import BYTES_PER_TOKEN, JsonObject, count_tokens, to_bytes


@dataclass(frozen=True)
class Reply:
    """One answer of a model.

    Arguments:
        blocks: from ``thinking``, ``text`` and ``tool_use``.
        stop_reason: by default ``tool_use`` where a tool is called, ``end_turn`` otherwise.
        stop_details: what a refusal says of itself.
        breaks_schemas: lets a call leave the strict schema of its tool, or name no tool at all;
            the real service never does that, a test of a client may want it.
    """

    blocks: Sequence[JsonObject]
    stop_reason: str | None = None
    stop_details: JsonObject | None = None
    breaks_schemas: bool = False


Brain = Callable[[JsonObject], Reply | Sequence[JsonObject]]
"""A model: takes a request as sent, gives a reply or its blocks. It must not change the request."""


def text(words: str) -> JsonObject:
    """A block of text."""
    return {"type": "text", "text": words}


def thinking(words: str) -> JsonObject:
    """A block of thinking; the service signs it."""
    return {"type": "thinking", "thinking": words}


def tool_use(name: str, arguments: Mapping[str, object], call_id: str | None = None) -> JsonObject:
    """A tool call; the service gives it an id where ``call_id`` is None."""
    block: JsonObject = {"type": "tool_use", "name": name, "input": dict(arguments)}
    return block if call_id is None else {**block, "id": call_id}


@dataclass(frozen=True)
class FinishedReply:
    """A reply as it is sent.

    Arguments:
        blocks: signed, with ids, cut where the request's ``max_tokens`` ends.
        cut_input: the JSON of the last call's input where it was cut off in the middle.
        stop_reason, stop_details: as the service says them.
        output_tokens, thinking_tokens: counted by the one rule.
    """

    blocks: list[JsonObject]
    cut_input: str | None
    stop_reason: str
    stop_details: JsonObject | None
    output_tokens: int
    thinking_tokens: int


def finish_reply(
    reply: Reply | Sequence[JsonObject],
    conversation: Conversation,
    window_left: int,
    call_id: Callable[[int], str],
) -> FinishedReply:
    """Make the service's answer of a model's reply.

    Arguments:
        reply: from the brain.
        conversation: what it answers.
        window_left: the tokens that the model's context has room for.
        call_id: makes the id of the call at a place.

    Raises:
        ApiError: 400, where the brain breaks what the service guarantees for strict tools.
    """
    if not isinstance(reply, Reply):
        reply = Reply(reply)
    blocks = _with_ids(reply.blocks, call_id)
    if conversation.prompt.settings.one_call:
        blocks = _first_call_only(blocks)
    if not reply.breaks_schemas:
        _check_calls(blocks, conversation)
    calls = any(block["type"] == "tool_use" for block in blocks)
    stop_reason = reply.stop_reason or ("tool_use" if calls else "end_turn")
    max_tokens = conversation.prompt.settings.max_tokens or 0
    budget = min(max_tokens, window_left)
    blocks, cut_input, was_cut = _cut(blocks, budget)
    if was_cut:
        stop_reason = "max_tokens" if budget == max_tokens else "model_context_window_exceeded"
    # What is not shown was thought all the same, and is paid for.
    output_tokens = budget if was_cut else max(1, sum(map(count_tokens, blocks)))
    thought = sum(count_tokens(block) for block in blocks if block["type"] == "thinking")
    return FinishedReply(
        blocks=_signed(blocks, conversation),
        cut_input=cut_input,
        stop_reason=stop_reason,
        stop_details=reply.stop_details,
        output_tokens=output_tokens,
        thinking_tokens=min(thought, output_tokens),
    )


def _with_ids(blocks: Sequence[JsonObject], call_id: Callable[[int], str]) -> list[JsonObject]:
    named: list[JsonObject] = []
    for place, block in enumerate(blocks):
        if block["type"] == "tool_use":
            named.append({"id": call_id(place), "caller": {"type": "direct"}, **block})
        else:
            named.append(block)
    return named


def _first_call_only(blocks: list[JsonObject]) -> list[JsonObject]:
    calls = [block for block in blocks if block["type"] == "tool_use"]
    return [block for block in blocks if block["type"] != "tool_use" or block is calls[0]]


def _check_calls(blocks: list[JsonObject], conversation: Conversation) -> None:
    tools = conversation.prompt.tools
    for block in blocks:
        if block["type"] != "tool_use":
            continue
        tool = tools.get(block["name"])
        if tool is None:
            raise ApiError(
                400, f"stand-in: the reply calls {block['name']!r}, which is not offered"
            )
        reason = misfit(tool["input_schema"], block["input"]) if tool.get("strict") else None
        if reason:
            raise ApiError(400, f"stand-in: the reply's call of {block['name']!r}: {reason}")


def _cut(blocks: list[JsonObject], budget: int) -> tuple[list[JsonObject], str | None, bool]:
    """The blocks that fit into ``budget`` tokens, the last one shortened if need be."""
    kept: list[JsonObject] = []
    for block in blocks:
        cost = count_tokens(block)
        if cost <= budget:
            kept.append(block)
            budget -= cost
            continue
        size = budget * BYTES_PER_TOKEN
        if block["type"] == "tool_use" and size:
            written = to_bytes(block["input"])[:size].decode(errors="ignore")
            return [*kept, {**block, "input": {}}], written, True
        field = block["type"]
        shorter = {**block, field: block.get(field, "")[:size]} if size else None
        return [*kept, shorter] if shorter and shorter[field] else kept, None, True
    return kept, None, False


def _signed(blocks: list[JsonObject], conversation: Conversation) -> list[JsonObject]:
    """The blocks with every thinking block bound to what stands before it."""
    prompt = conversation.prompt
    history, previous = conversation.last.history, conversation.last.thinking
    signed: list[JsonObject] = []
    for block in blocks:
        if block["type"] != "thinking":
            history = extend_history(history, "assistant", block)
            signed.append(block)
            continue
        words = block["thinking"] if prompt.settings.shows_thinking else ""
        signature, previous = prompt.binder.sign(history, previous, words)
        signed.append({"type": "thinking", "thinking": words, "signature": signature})
    return signed
