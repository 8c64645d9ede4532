"""When the same request is sent again, and after how long."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event as ThreadEvent
from typing import TypeVar

from codybatch.domain.errors import ModelInterrupted, ModelThrottled
from codybatch.ports.clock import Clock
from codybatch.ports.model import RetryNotice

T = TypeVar("T")

ABORTED = "The request was aborted."
# What a service may ask for at most; a longer wait is a mistake in its header.
_LONGEST_ASKED = timedelta(days=7)
# How long to stay away when a service was overloaded for the whole budget and names no time.
_REST = timedelta(minutes=5)


class Setback(Exception):
    """A request failed in a way that sending the same bytes again may mend.

    Args:
        reason: a phrase for people: what happened.
        throttled: whether the service wants fewer requests.
        asked_seconds: how long the service asks us to wait.
        reply_begun: whether its tokens may have been charged.
    """

    def __init__(
        self,
        reason: str,
        *,
        throttled: bool = False,
        asked_seconds: float | None = None,
        reply_begun: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.throttled = throttled
        self.asked_seconds = asked_seconds
        self.reply_begun = reply_begun


@dataclass(frozen=True)
class RetryPolicy:
    """How patient we are; all in seconds.

    Waits are drawn evenly between nothing and a ceiling that doubles from ``first_ceiling`` to
    ``last_ceiling`` ("full jitter"), so that jobs that failed together do not come back together.
    A wait that the service asks for is kept, and drawn out by up to a tenth for the same reason.
    """

    first_ceiling: float = 2.0
    last_ceiling: float = 120.0
    budget: float = 20 * 60.0
    """From the first failure of a request to its last retry."""
    patience: float = 60.0
    """The longest wait asked for that is worth holding a process for."""

    def wait(self, failures: int, asked_seconds: float | None, draw: float) -> float:
        """Seconds to wait after so many failures (from 1); ``draw`` is from 0 up to 1."""
        if asked_seconds is not None:
            return asked_seconds * (1 + draw / 10)
        # The exponent is bounded so that no number of failures overflows.
        return draw * min(self.last_ceiling, self.first_ceiling * 2.0 ** min(failures - 1, 60))

    def check(self, setback: Setback, wait: float, since_first: float, now: datetime) -> None:
        """Give up where waiting in this process is not worth it.

        Args:
            setback: the last failure.
            wait: seconds that would be waited now.
            since_first: seconds since the first failure.
            now: aware.

        Raises:
            ModelThrottled: the service asks for a longer wait than the patience, or wanted fewer
                requests until the budget was used up.
            ModelInterrupted: the budget is used up.
        """
        asked = setback.asked_seconds
        is_long = asked is not None and asked > self.patience
        if not is_long and since_first + wait <= self.budget:
            return
        if setback.reply_begun or not (is_long or setback.throttled):
            raise ModelInterrupted(
                f"No whole reply of the model arrived within {_span(self.budget)}: "
                f"{setback.reason}.",
                may_have_been_paid=setback.reply_begun,
            )
        until = now + (_REST if asked is None else timedelta(seconds=asked))
        raise ModelThrottled(f"The model's service asks us to wait: {setback.reason}.", until=until)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


@dataclass(frozen=True)
class Patience:
    """Sends requests again while that can help.

    Args:
        policy: how often and after how long.
        clock: the time, and the waiting.
        draw: a random number from 0 up to 1.
    """

    policy: RetryPolicy
    clock: Clock
    draw: Callable[[], float]

    def persist(
        self, send: Callable[[], T], abort: ThreadEvent, on_retry: Callable[[RetryNotice], None]
    ) -> T:
        """What ``send`` gives, tried again after each ``Setback``.

        Args:
            send: one try.
            abort: ends the waiting.
            on_retry: called before each wait; what it raises ends the trying.

        Raises:
            ModelInterrupted, ModelThrottled: as ``RetryPolicy.check``; aborted.
        """
        failures = 0
        first_failure: float | None = None
        while True:
            if abort.is_set():
                raise ModelInterrupted(ABORTED, may_have_been_paid=False)
            try:
                return send()
            except Setback as setback:
                failures += 1
                failed = self.clock.monotonic()
                first_failure = failed if first_failure is None else first_failure
                wait = self.policy.wait(failures, setback.asked_seconds, self.draw())
                self.policy.check(setback, wait, failed - first_failure, self.clock.now())
                on_retry(RetryNotice(failures + 1, wait, setback.reason, setback.reply_begun))
            self.clock.sleep(wait, abort)


def asked_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the service asks us to wait, from ``retry-after-ms`` or ``retry-after``.

    Args:
        headers: of the answer, looked up in lower case.
        now: for a ``retry-after`` that is a date.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    written = headers.get("retry-after")
    seconds = _number(written)
    if seconds is None:
        seconds = _seconds_until(written, now)
    return None if seconds is None else _bounded(seconds)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _seconds_until(date: str | None, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
    if moment is None:
        return None
    # A date without a zone is UTC's, as HTTP has it (RFC 9110, section 5.6.7).
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - now).total_seconds()


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_ASKED.total_seconds())
