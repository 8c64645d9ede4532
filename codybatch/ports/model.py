"""The port of the model behind a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from threading import Event as ThreadEvent
from typing import Protocol

from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject


@dataclass(frozen=True)
class ModelRequest:
    """One request of a conversation. Everything but ``max_tokens`` is what the thread recorded."""

    model: str
    max_tokens: int
    system: list[JsonObject]
    tools: list[JsonObject]
    messages: list[JsonObject]
    parameters: JsonObject
    """Further top-level fields, as recorded in the header."""


@dataclass(frozen=True)
class ModelReply:
    """A whole reply."""

    message: JsonObject
    """The message as received: content blocks with every field, model, stop_reason, usage."""
    stop_reason: str
    usage: Usage
    cost_usd: Decimal
    """By the price table."""
    request_id: str | None = None


@dataclass(frozen=True)
class ModelCapabilities:
    """What the service says of a model."""

    model: str
    max_input_tokens: int
    max_output_tokens: int
    adaptive_thinking: bool
    efforts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetryNotice:
    """Told when a request is about to be sent again."""

    attempt: int
    """The number of the try that comes: 2 for the first retry."""
    wait_seconds: float
    reason: str
    may_have_been_paid: bool
    """Whether a reply had begun, so that its tokens may have been charged."""


class ModelClient(Protocol):
    """A model behind a service."""

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the service says of a model; kept for the life of the client.

        Raises:
            UnknownModel: the service does not know it.
            ModelCredentialRefused, ModelThrottled, ModelInterrupted, ModelRejectedRequest: as for
                ``reply``.
        """
        ...

    def reply(
        self,
        request: ModelRequest,
        abort: ThreadEvent,
        on_retry: Callable[[RetryNotice], None],
    ) -> ModelReply:
        """One streamed reply, retried with the same bytes while that can help.

        Args:
            request: what to send.
            abort: when set, the stream in flight is closed and ModelInterrupted raised.
            on_retry: called before each wait.

        Raises:
            ModelInterrupted: aborted, or still cut off when the retry budget was used up.
            ModelThrottled: the service asks for a longer wait than is worth holding a process for.
            ModelCredentialRefused: the key, its permission or its quota.
            ContextOverflow: the conversation is too long for the model.
            ThreadRejected: the service says that earlier bytes changed.
            UnknownModel: the service does not know the model.
            ModelRejectedRequest: any other refusal of the request as it is.
        """
        ...

    def charge(self, model: str, message: JsonObject, at: datetime) -> tuple[Usage, Decimal]:
        """What a whole reply, as received, used and cost in US dollars; nothing for a model without
        a price. ``reply`` counts the same way.
        """
        ...

    def price(self, model: str, usage: Usage, at: datetime) -> Decimal:
        """What a reply with this usage costs, in US dollars.

        Raises:
            ModelWithoutPrice: the price table does not know the model.
        """
        ...

    def worst_case(self, model: str, prompt_tokens: int, max_tokens: int, at: datetime) -> Decimal:
        """The most a request can cost, in US dollars: all of its prompt written to the cache for
        5 minutes, all of its output used.

        Raises:
            ModelWithoutPrice: the price table does not know the model.
        """
        ...

    @property
    def price_table(self) -> str:
        """The price table's name and version."""
        ...

    @property
    def credential(self) -> str:
        """The credential's name and fingerprint, never its value."""
        ...
