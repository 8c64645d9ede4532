"""The model port on Anthropic's Messages API."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from random import SystemRandom
from threading import Event as ThreadEvent
from typing import TYPE_CHECKING

from codybatch.claude.capabilities import capabilities_of
from codybatch.claude.prices import PriceBook
from codybatch.claude.request_body import body_of
from codybatch.claude.retry import Patience, RetryPolicy
from codybatch.claude.usage import total_usage
from codybatch.domain.errors import ModelCredentialRefused, ModelWithoutPrice
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.records import JsonObject
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelCapabilities, ModelReply, ModelRequest, RetryNotice

if TYPE_CHECKING:
    from codybatch.claude.connection import Connection

SILENCE_SECONDS = 180.0
PATIENT = RetryPolicy()
# Somebody waits at a prompt for what a model can do.
IMPATIENT = RetryPolicy(first_ceiling=1.0, last_ceiling=10.0, budget=30.0, patience=10.0)


class AnthropicClient:
    """A ``ModelClient``. It connects when it is first used; from then on it has a thread.

    It reads no environment: what is not given here is not used, whatever variables and files
    Anthropic's SDK knows. It may be called from several threads.

    Args:
        key: of the API; without one every request is refused.
        base_url: the service's address.
        clock: for waiting, and for the date of prices.
        prices: of the models.
        use_system_proxy: whether the environment's proxy and certificate variables (HTTPS_PROXY,
            NO_PROXY, SSL_CERT_FILE) hold; never for a service on the loopback.
        policy: when a reply is asked for again.
        silence_seconds: how long a stream may be silent, without even a ping, before it counts as
            cut.
    """

    def __init__(
        self,
        key: str | None,
        base_url: str,
        clock: Clock,
        prices: PriceBook,
        *,
        use_system_proxy: bool = False,
        policy: RetryPolicy = PATIENT,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._key = key or ""
        self._base_url = base_url
        self._clock = clock
        self._prices = prices
        self._use_system_proxy = use_system_proxy
        self._silence_seconds = silence_seconds
        draw = SystemRandom().random
        self._patience = Patience(policy, clock, draw)
        self._impatience = Patience(IMPATIENT, clock, draw)
        self._capabilities: dict[str, ModelCapabilities] = {}
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the service says of a model; kept for the life of the client.

        Raises:
            UnknownModel, ModelCredentialRefused, ModelThrottled, ModelInterrupted,
            ModelRejectedRequest: as the port says; it gives up after half a minute.
        """
        kept = self._capabilities.get(model)
        if kept is None:
            info = self._impatience.persist(
                lambda: self._connected().describe(model, self._clock.now),
                ThreadEvent(),
                _keep_quiet,
            )
            kept = self._capabilities[model] = capabilities_of(model, info)
        return kept

    def reply(
        self,
        request: ModelRequest,
        abort: ThreadEvent,
        on_retry: Callable[[RetryNotice], None],
    ) -> ModelReply:
        """One streamed reply, retried with the same bytes while that can help; the port says what
        is raised.
        """
        body = body_of(request)
        received = self._patience.persist(
            lambda: self._connected().reply(body, abort, self._clock.now), abort, on_retry
        )
        message = received.message
        usage, cost = self.charge(request.model, message, self._clock.now())
        return ModelReply(
            message=message,
            stop_reason=message["stop_reason"],
            usage=usage,
            cost_usd=cost,
            request_id=received.request_id,
        )

    def charge(self, model: str, message: JsonObject, at: datetime) -> tuple[Usage, Decimal]:
        """What a whole reply, as received, used and cost in US dollars; nothing for a model without
        a price, which runs under no cap.
        """
        usage = total_usage(message.get("usage") or {})
        try:
            return usage, self._prices.cost_of_reply(model, message, at)
        except ModelWithoutPrice:
            return usage, NOTHING

    def price(self, model: str, usage: Usage, at: datetime) -> Decimal:
        """What a reply with this usage costs, in US dollars.

        Raises:
            ModelWithoutPrice: the price table does not know the model.
        """
        return self._prices.price(model, usage, at)

    def worst_case(self, model: str, prompt_tokens: int, max_tokens: int, at: datetime) -> Decimal:
        """The most a request can cost, in US dollars: all of its prompt written to the cache for
        5 minutes, all of its output used.

        Raises:
            ModelWithoutPrice: the price table does not know the model.
        """
        return self._prices.worst_case(model, prompt_tokens, max_tokens, at)

    @property
    def price_table(self) -> str:
        """The price table's name and version."""
        return self._prices.name

    @property
    def credential(self) -> str:
        """The credential's name and fingerprint, never its value."""
        return f"ANTHROPIC_API_KEY:{hashlib.sha256(self._key.encode()).hexdigest()[:8]}"

    def warm_up(self) -> None:
        """Import the SDK and make its client now (about a second), while something else is waited
        for. Nothing is sent.

        Raises:
            ModelCredentialRefused: there is no key, or it cannot be one.
        """
        self._connected()

    def close(self) -> None:
        """Break off what is under way and let go of the thread and its connections."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> Connection:
        _check_key(self._key)
        with self._lock:
            if self._connection is None:
                # Imported late: the SDK takes a second, and most commands need no model.
                from codybatch.claude.connection import Connection  # noqa: PLC0415

                self._connection = Connection(
                    self._key,
                    self._base_url,
                    use_system_proxy=self._use_system_proxy,
                    silence_seconds=self._silence_seconds,
                )
            return self._connection


def _check_key(key: str) -> None:
    if not key:
        raise ModelCredentialRefused("There is no key: set ANTHROPIC_API_KEY.")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ModelCredentialRefused(
            "ANTHROPIC_API_KEY holds a character that no key has, such as a space or a line break. "
            "Set it again."
        )


def _keep_quiet(_notice: RetryNotice) -> None:
    """Half a minute needs no telling."""
