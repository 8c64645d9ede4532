"""State change events in EventBridge's shape, delivered to whoever listens."""

from __future__ import annotations

import json
import queue
import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from codybatch.standins.batch.jobs import ACCOUNT, BatchJob

Deliver = Callable[[dict[str, Any]], object]
WINDOW_SECONDS = 0.2
"""Within which events are turned round, where that is asked for."""
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class EventSink:
    """Delivers events from a thread of its own: durable, at least once, and so perhaps twice.

    Arguments:
        deliver: is called with each event; what it raises is for nobody, as with a Lambda function
            that EventBridge calls.
        copies: how often each is delivered; 0 loses all.
        is_reversed: whether what comes within a moment is delivered last first.
    """

    def __init__(self, deliver: Deliver, copies: int = 1, is_reversed: bool = False) -> None:
        self._deliver = deliver
        self.copies = copies
        self.is_reversed = is_reversed
        self.failures: list[Exception] = []
        """What ``deliver`` raised."""
        self._closed = False
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def tell(self, job: BatchJob, region: str) -> None:
        """Deliver soon what state a job has now."""
        self._waiting.put(event_of(job, region))

    def is_idle(self) -> bool:
        """Whether all that was told of is delivered."""
        return self._waiting.unfinished_tasks == 0

    def close(self) -> None:
        """Stop; what is left is lost."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch, is_last = self._take()
            for event in reversed(batch) if self.is_reversed else batch:
                for _ in range(0 if self._closed else self.copies):
                    self._try(event)
                self._waiting.task_done()
            if is_last or self._closed:
                return

    def _take(self) -> tuple[list[dict[str, Any]], bool]:
        """The next event; where they are to be turned round, all that follow it at once."""
        found: list[dict[str, Any]] = []
        while True:
            seconds = WINDOW_SECONDS if found else None
            try:
                event = self._waiting.get(timeout=seconds)
            except queue.Empty:
                return found, False
            if event is None:
                return found, True
            found.append(event)
            if not self.is_reversed:
                return found, False

    def _try(self, event: dict[str, Any]) -> None:
        try:
            self._deliver(event)
        except Exception as error:  # noqa: BLE001 - whose fault it is, the listener's log says
            self.failures.append(error)


def event_of(job: BatchJob, region: str) -> dict[str, Any]:
    """A ``Batch Job State Change`` event, as the user guide of AWS Batch shows it."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Batch Job State Change",
        "source": "aws.batch",
        "account": ACCOUNT,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [job.arn(region)],
        "detail": job.detail(region),
    }


def posting(url: str) -> Deliver:
    """Deliver by POST to an address on this machine."""

    def deliver(event: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(event).encode(), headers)  # noqa: S310
        with _OPENER.open(request, timeout=60):
            pass

    return deliver
