"""The SDK's client on a thread of its own, so that whatever it does can be broken off at once."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from datetime import datetime
from threading import Event as ThreadEvent
from typing import Any, TypeVar

import httpx2
from anthropic import AsyncAnthropic

from codybatch.claude.retry import ABORTED
from codybatch.claude.stream import Reading, Received, describe, receive
from codybatch.domain.errors import ModelInterrupted, ModelRejectedRequest
from codybatch.domain.records import JsonObject

T = TypeVar("T")

_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_TO_LEAVE = 0.5
_SECONDS_TO_CONNECT = 10.0
_SECONDS_TO_WRITE = 60.0
# A tool seldom takes longer, and a new TLS handshake costs as much as many turns' work of ours.
_SECONDS_KEPT_ALIVE = 60.0


class Connection:
    """A client of the SDK, and the thread in which its work is done.

    Cancelling asynchronous work ends it wherever it waits: while it looks a name up, connects,
    waits for the head of an answer or for the next event. A blocking client can do that nowhere.

    Args:
        key: of the service.
        base_url: its address.
        use_system_proxy: whether the proxy and certificate variables of the environment hold.
        silence_seconds: how long nothing may be heard before the connection counts as cut; the
            service sends a ping every few seconds while it works.
    """

    def __init__(
        self, key: str, base_url: str, *, use_system_proxy: bool, silence_seconds: float
    ) -> None:
        _check_address(base_url)
        # Its debug lines hold whole prompts, and a variable of the environment turns them on.
        logging.getLogger("anthropic").setLevel(logging.WARNING)
        timeout = httpx2.Timeout(
            silence_seconds, connect=_SECONDS_TO_CONNECT, write=_SECONDS_TO_WRITE
        )
        self._client = AsyncAnthropic(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            timeout=timeout,
            open_telemetry=False,
            webhook_key="",
            http_client=httpx2.AsyncClient(
                timeout=timeout,
                trust_env=use_system_proxy,
                verify=True if use_system_proxy else _certificates(base_url),
                # A redirect would carry the conversation to an address that nobody chose.
                follow_redirects=False,
                limits=httpx2.Limits(keepalive_expiry=_SECONDS_KEPT_ALIVE),
            ),
        )
        # The SDK adds the headers of ANTHROPIC_CUSTOM_HEADERS, an Authorization among them too.
        self._client._custom_headers = {}  # noqa: SLF001
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="anthropic", daemon=True
        )
        self._thread.start()

    def reply(self, body: bytes, abort: ThreadEvent, now: Callable[[], datetime]) -> Received:
        """Ask once for a reply.

        Args:
            body: from ``request_body.body_of``.
            abort: breaks it off, and its connection with it, within a second.
            now: the time, for failures.

        Raises:
            Setback: it failed, and may be tried again.
            ModelInterrupted: it was broken off.
            CodyBatchError: it failed for good.
        """
        reading = Reading()
        try:
            return self._run(receive(self._client, body, reading, now), abort)
        except (_Aborted, CancelledError):
            raise ModelInterrupted(ABORTED, may_have_been_paid=reading.begun) from None

    def describe(self, model: str, now: Callable[[], datetime]) -> JsonObject:
        """What the service says of a model.

        Raises:
            Setback: it failed, and may be tried again.
            CodyBatchError: it failed for good.
        """
        return self._run(describe(self._client, model, now), ThreadEvent())

    def close(self) -> None:
        """Break off what is under way, close the connections and end the thread."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T], abort: ThreadEvent) -> T:
        doing = asyncio.run_coroutine_threadsafe(_until_aborted(work, abort), self._loop)
        try:
            return doing.result()
        except BaseException:
            doing.cancel()
            raise

    async def _leave(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=_SECONDS_TO_LEAVE)
        await self._client.close()
        await self._loop.shutdown_asyncgens()


def _check_address(base_url: str) -> None:
    try:
        address = httpx2.URL(base_url)
        usable = address.scheme in {"http", "https"} and bool(address.host)
    except httpx2.InvalidURL:
        usable = False
    if not usable:
        raise ModelRejectedRequest(
            f"The address {base_url!r} of the model's service cannot be used: set "
            "ANTHROPIC_BASE_URL to one that begins with https://."
        )


def _certificates(base_url: str) -> bool | ssl.SSLContext:
    """Whom to trust: the well-known authorities. Reading them takes longer than ten turns of ours,
    so where nothing is encrypted they are left out, and nobody is trusted.
    """
    is_plain = httpx2.URL(base_url).scheme == "http"
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else True


class _Aborted(Exception):
    """The work was broken off because it was asked to be."""


async def _until_aborted(work: Coroutine[Any, Any, T], abort: ThreadEvent) -> T:
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            if abort.is_set():
                raise _Aborted
            await asyncio.wait({task}, timeout=_SECONDS_BETWEEN_LOOKS)
        return task.result()
    finally:
        if task.cancel():
            # Time to close its connection; it is left behind where that takes longer.
            await asyncio.wait({task}, timeout=_SECONDS_TO_LEAVE)
            task.add_done_callback(_look_at)


def _look_at(task: asyncio.Future[T]) -> None:
    """Take what a task that nobody waits for ended with, or it is complained about in the log."""
    if not task.cancelled():
        task.exception()
