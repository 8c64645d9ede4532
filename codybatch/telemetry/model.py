"""The model's client with a span around each reply.

The SDK makes such spans for its own methods only; ours hands it the request's bytes, so that a long
conversation is not copied for each turn. Names are those of OpenTelemetry's conventions:
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from threading import Event as ThreadEvent
from urllib.parse import urlsplit

from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.ports.model import (
    ModelCapabilities,
    ModelClient,
    ModelReply,
    ModelRequest,
    RetryNotice,
)
from codybatch.ports.tracing import Attribute, Span, Tracing


class TracedModel:
    """A client whose replies are spans.

    Args:
        model: answers.
        tracing: where spans go.
        address: of the model's service.
    """

    def __init__(self, model: ModelClient, tracing: Tracing, address: str) -> None:
        self._model = model
        self._tracing = tracing
        parts = urlsplit(address)
        standard = 443 if parts.scheme == "https" else 80
        self._server: dict[str, Attribute] = {
            "server.address": parts.hostname or "",
            "server.port": parts.port or standard,
        }

    def reply(
        self,
        request: ModelRequest,
        abort: ThreadEvent,
        on_retry: Callable[[RetryNotice], None],
    ) -> ModelReply:
        """One reply; its retries are part of its span."""
        attributes: dict[str, Attribute] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": request.model,
            "gen_ai.request.max_tokens": request.max_tokens,
            "gen_ai.request.stream": True,
            **self._server,
        }
        with self._tracing.span(f"chat {request.model}", attributes, is_client=True) as span:

            def retried(notice: RetryNotice) -> None:
                span.note({"http.request.resend_count": notice.attempt - 1})
                on_retry(notice)

            reply = self._model.reply(request, abort, retried)
            _note(span, reply)
            return reply

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the service says of a model."""
        return self._model.capabilities(model)

    def charge(self, model: str, message: JsonObject, at: datetime) -> tuple[Usage, Decimal]:
        """What a whole reply used and cost."""
        return self._model.charge(model, message, at)

    def price(self, model: str, usage: Usage, at: datetime) -> Decimal:
        """What a reply with this usage costs."""
        return self._model.price(model, usage, at)

    def worst_case(self, model: str, prompt_tokens: int, max_tokens: int, at: datetime) -> Decimal:
        """The most a request can cost."""
        return self._model.worst_case(model, prompt_tokens, max_tokens, at)

    @property
    def price_table(self) -> str:
        """The price table's name and version."""
        return self._model.price_table

    @property
    def credential(self) -> str:
        """The credential's name and fingerprint."""
        return self._model.credential


def _note(span: Span, reply: ModelReply) -> None:
    usage = reply.usage
    written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
    span.note(
        {
            "gen_ai.response.id": str(reply.message.get("id", "")),
            "gen_ai.response.model": str(reply.message.get("model", "")),
            "gen_ai.usage.input_tokens": usage.prompt_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
            "gen_ai.usage.cache_creation.input_tokens": written,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "anthropic.message.stop_reason": reply.stop_reason,
            "anthropic.request.id": reply.request_id or "",
            "codybatch.cost_usd": float(reply.cost_usd),
        }
    )
