"""Where spans go, as the settings say, and a conversation's client of the model with its spans.

What lives here: which adapters are taken; OpenTelemetry is imported only where it is used.
What never does: what a span says.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

from codybatch.clients import model_client
from codybatch.domain.errors import ModelError
from codybatch.ports.tracing import UntracedConversation, UntracedWorker
from codybatch.settings import Settings, is_loopback
from codybatch.workspace.redaction import Net

if TYPE_CHECKING:
    from codybatch.ports import ModelClient
    from codybatch.ports.tracing import Relay, TraceExport

log = logging.getLogger(__name__)

NO_TELEMETRY = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and no spans are sent: OpenTelemetry is not installed. "
    "Install it by `pip install 'codybatch[telemetry]'`."
)


def worker_tracing(settings: Settings, redacting: Net) -> TraceExport:
    """Where a worker's spans go: nowhere unless a collector is configured."""
    if not settings.otlp_endpoint:
        return UntracedWorker()
    try:
        return _exported_traces(settings, redacting)
    except ImportError:
        log.warning("%s", NO_TELEMETRY)
    except Exception as error:  # noqa: BLE001  (no span is worth a job)
        log.warning("No spans are sent: %s", redacting.clean(f"{type(error).__name__}: {error}"))
    return UntracedWorker()


def _exported_traces(settings: Settings, redacting: Net) -> TraceExport:
    from codybatch.telemetry.export import Collector, ExportedTraces

    collector = Collector(
        address=settings.otlp_endpoint,
        service=settings.otel_service_name,
        release=version("codybatch"),
        use_system_proxy=not is_loopback(settings.otlp_endpoint),
    )
    return ExportedTraces(collector, redacting.clean)


def conversation_tracing(*, traced: bool) -> Relay:
    """Where a conversation's spans go: to its worker, where that collects them."""
    if not traced:
        return UntracedConversation()
    from codybatch.telemetry.relay import RelayedTracing

    return RelayedTracing()


def conversation_model(settings: Settings, tracing: Relay) -> ModelClient:
    """The client of a conversation's process, which loads what it needs while the worker clones.

    What is wrong with the key or the address is said when the conversation asks for it, in the way
    that every failure of the service is.
    """
    client = model_client(settings)
    with suppress(ModelError):
        client.warm_up()
    if isinstance(tracing, UntracedConversation):
        return client
    from codybatch.telemetry.model import TracedModel

    return TracedModel(client, tracing, settings.anthropic_base_url)
