"""What is asked of the service: a streamed reply, read to its end and checked for being whole, and
the description of a model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from anthropic import NOT_GIVEN, AsyncAnthropic, AsyncMessageStream, AsyncStream, BaseModel
from anthropic.types import Message, ModelInfo, RawMessageStreamEvent

from codybatch.claude.failures import meaning, unreadable
from codybatch.claude.request_body import encode
from codybatch.claude.retry import Setback
from codybatch.claude.usage import merged
from codybatch.domain.errors import ModelRejectedRequest, UnknownModel
from codybatch.domain.records import JsonObject

# What the SDK raises while it puts a message together from events that do not fit together.
_GARBLED = (ValueError, TypeError, LookupError, RuntimeError, AssertionError, AttributeError)


_NO_DESCRIPTION = "What answers does not describe models: check ANTHROPIC_BASE_URL."


@dataclass
class Reading:
    """How far a reply has come; kept outside of it, so that an abort can tell.

    Args:
        opened: whether the service has answered.
        begun: whether its message has, so that its tokens may be charged.
        usage: what was counted so far.
    """

    opened: bool = False
    begun: bool = False
    usage: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A whole message, and the request's id."""

    message: JsonObject
    request_id: str | None


async def describe(client: AsyncAnthropic, model: str, now: Callable[[], datetime]) -> JsonObject:
    """What the service says of a model.

    Raises:
        Setback: it failed, and may be tried again.
        CodyBatchError: it failed for good.
    """
    try:
        info: object = await client.models.retrieve(model)
    except json.JSONDecodeError as error:
        raise ModelRejectedRequest(_NO_DESCRIPTION) from error
    except ValueError as error:
        raise UnknownModel(f"{model!r} cannot be the name of a model.") from error
    except Exception as error:
        found = meaning(error, begun=False, now=now())
        if found is None:
            raise
        raise found from error
    # The SDK gives back the text of an answer that is not even called JSON.
    if not isinstance(info, ModelInfo):
        raise ModelRejectedRequest(_NO_DESCRIPTION)
    return _plain(info, mode="json")


async def receive(
    client: AsyncAnthropic, body: bytes, reading: Reading, now: Callable[[], datetime]
) -> Received:
    """Ask once, and read the reply.

    Args:
        client: of the SDK, which must not retry by itself.
        body: from ``request_body.body_of``.
        reading: where the progress is noted.
        now: the time, for failures.

    Raises:
        Setback: it failed, and may be tried again.
        CodyBatchError: it failed for good.
    """
    try:
        return await _read(client, body, reading)
    except Setback:
        raise
    except Exception as error:
        found = meaning(error, begun=reading.begun, now=now())
        if found is None and isinstance(error, _GARBLED):
            found = unreadable(reading.begun) if reading.opened else None
        if found is None:
            raise
        raise found from error


async def _read(client: AsyncAnthropic, body: bytes, reading: Reading) -> Received:
    # What `messages.stream()` does, with the bytes given: it would copy the whole conversation for
    # each turn, which takes longer than all else together once there are hundreds of turns.
    opened = await client.post(
        "/v1/messages",
        content=body,
        cast_to=Message,
        stream=True,
        stream_cls=AsyncStream[RawMessageStreamEvent],
    )
    reading.opened = True
    async with AsyncMessageStream(opened, output_format=NOT_GIVEN) as stream:
        async for event in stream:
            if event.type == "message_start":
                reading.begun = True
                reading.usage = _plain(event.message.usage)
            elif event.type == "message_delta":
                reading.usage = merged(reading.usage, _plain(event.usage))
        if not reading.begun:
            raise _empty(stream.response.headers.get("content-type", ""))
        final = stream.current_message_snapshot
        # An end of the stream in good order looks like a whole message to the SDK.
        if final.stop_reason is None:
            raise Setback("the reply ended early", reply_begun=True)
        return Received(_message(final, reading.usage), stream.request_id)


def _message(final: Message, usage: JsonObject) -> JsonObject:
    """The message as received, with the fields that the SDK does not know too."""
    blocks = [_plain(block) for block in final.content]
    message = {**_plain(final, mode="json"), "content": blocks, "usage": usage}
    # It will be sent again as it is, so what JSON cannot hold (an infinite number) is of no use.
    encode(message).encode()
    return message


def _plain(model: BaseModel, mode: Literal["python", "json"] = "python") -> JsonObject:
    """An object of the SDK as it was received. What the SDK does not know yet is no fault."""
    return model.to_dict(mode=mode, warnings=False)


def _empty(content_type: str) -> Exception:
    if content_type.startswith("text/event-stream"):
        return Setback("the reply ended before it began")
    return ModelRejectedRequest(
        f"The model's service answered with {content_type or 'nothing'} instead of a stream: "
        "check ANTHROPIC_BASE_URL."
    )
