"""Acts that take longer than a click: a thread of the server does them while the page goes on.

An errand goes on when its tab is closed, and is there again when the page is loaded anew. One runs
on a thing at a time: whoever asks again is shown the one that runs. When the server itself ends,
what was done so far stands in the records, and the services promise that asking again goes on.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import uuid4

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import JobId, RequestId

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Errands that run at once; the others wait for their turn."""
MOST_KEPT = 500
"""Ended errands that nobody put away; the oldest go first."""


class ErrandState(StrEnum):
    """Where an errand stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Told:
    """What came of an errand."""

    text: str
    job: JobId | None = None
    """A job that it made."""
    request: RequestId | None = None
    """A request that it made."""
    is_bad: bool = False
    """Whether it did not come to what was asked for."""


@dataclass(frozen=True)
class Errand:
    """One act, and how far it came."""

    title: str
    """In our words: ``Publishing``."""
    state: ErrandState = ErrandState.WAITING
    text: str = "Waits for its turn."
    """What it does now or what came of it; without secrets."""
    job: JobId | None = None
    request: RequestId | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state in {ErrandState.WAITING, ErrandState.RUNNING}


Act = Callable[[Callable[[str], None]], Told]
"""Does something; it is given what to call with each thing that happens."""


class Errands:
    """All errands of a server, by the id of the thing that each is about."""

    def __init__(self, clean: Callable[[str], str], at_once: int = AT_ONCE) -> None:
        """None yet; ``clean`` takes secrets out of what is told."""
        self._clean = clean
        self._turn = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._by_subject: dict[str, Errand] = {}

    def begin(self, subject: str, title: str, act: Act) -> Errand:
        """Have ``act`` done, unless something is being done about ``subject`` already.

        Args:
            subject: the id of what it is about.
            title: what is being done, in our words.
            act: does it; what it raises is told in words and logged.
        """
        with self._lock:
            known = self._by_subject.get(subject)
            if known is not None and known.is_active:
                return known
            errand = self._keep(subject, Errand(title))
        name = f"errand-{subject}"
        threading.Thread(target=self._do, args=(subject, act), name=name, daemon=True).start()
        return errand

    def of(self, subject: str) -> Errand | None:
        """What is being done, or was done last and not put away, about something."""
        with self._lock:
            return self._by_subject.get(subject)

    def put_away(self, subject: str) -> None:
        """Forget an errand that has ended: it was read."""
        with self._lock:
            known = self._by_subject.get(subject)
            if known is not None and not known.is_active:
                del self._by_subject[subject]

    def wait(self, subject: str, seconds: float) -> Errand | None:
        """Wait until the errand about something has ended; gives it as it is then."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_active(subject), seconds)
            return self._by_subject.get(subject)

    def _do(self, subject: str, act: Act) -> None:
        with self._turn:
            self._tell(subject, state=ErrandState.RUNNING, text="Begins.")
            told = self._told(subject, act)
        state = ErrandState.FAILED if told.is_bad else ErrandState.DONE
        self._tell(subject, state=state, text=told.text, job=told.job, request=told.request)

    def _told(self, subject: str, act: Act) -> Told:
        try:
            return act(lambda text: self._tell(subject, text=text))
        except CodyBatchError as error:
            return Told(error.message, is_bad=True)
        except Exception:  # noqa: BLE001 - a person must be told something; the log says all
            number = uuid4().hex[:8]
            log.error("errand %s, error %s\n%s", subject, number, self._clean(_traceback()))
            text = f"Something went wrong. The log names it by {number}."
            return Told(text, is_bad=True)

    def _tell(
        self, subject: str, *, text: str, **changes: ErrandState | JobId | RequestId | None
    ) -> None:
        with self._changed:
            told = replace(self._by_subject[subject], text=self._clean(text), **changes)  # type: ignore[arg-type]
            self._by_subject[subject] = told
            self._changed.notify_all()

    def _is_active(self, subject: str) -> bool:
        known = self._by_subject.get(subject)
        return known is not None and known.is_active

    def _keep(self, subject: str, errand: Errand) -> Errand:
        self._by_subject.pop(subject, None)
        self._by_subject[subject] = errand
        ended = [name for name, one in self._by_subject.items() if not one.is_active]
        for name in ended[: max(0, len(ended) - MOST_KEPT)]:
            del self._by_subject[name]
        return errand


def _traceback() -> str:
    return traceback.format_exc()


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={Application: id})
def the_errands(app: Application) -> Errands:
    """The errands of this server process."""
    return Errands(app.net.clean)
