"""The events of a job, read once and then only what is new, for everybody who looks at them."""

from __future__ import annotations

from threading import Lock

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.events import StoredEvent
from codybatch.domain.identifiers import JobId

AT_ONCE = 500
"""Events that the records give at once."""


class EventLog:
    """Grows with the job; of all sessions of this server together."""

    def __init__(self) -> None:
        """Begin with none."""
        self._events: tuple[StoredEvent, ...] = ()
        self._reading = Lock()

    def now(self, app: Application, job: JobId) -> tuple[StoredEvent, ...]:
        """All events up to this moment, oldest first."""
        with self._reading:
            while True:
                last = self._events[-1].sequence if self._events else 0
                new = app.jobs.events(job, last)
                self._events += new
                if len(new) < AT_ONCE:
                    return self._events


@st.cache_resource(max_entries=32, show_spinner=False)
def event_log(job: JobId) -> EventLog:  # noqa: ARG001  (what the log is kept by)
    """The log of a job."""
    return EventLog()
