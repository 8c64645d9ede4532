"""Questions that take longer than a click: a thread asks them while the page goes on.

Unlike errands they change nothing, belong to one tab, and may be called off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

import streamlit as st

from codybatch.domain.errors import CalledOff, CodyBatchError

Result = TypeVar("Result")
Tell = Callable[[str], None]

THREADS = 8
"""Of one server: each keeps a connection to the code host."""
LOOK_AGAIN_SECONDS = 0.4


class Inquiry(Generic[Result]):
    """One question under way, and how far it is.

    Args:
        pool: whose thread does it.
        work: is given a function to tell, in a sentence, what it does now; that function raises
            CalledOff once the inquiry is cancelled.
        said: what it does at first.
    """

    def __init__(self, pool: Executor, work: Callable[[Tell], Result], said: str) -> None:
        self.said = said
        self._is_cancelled = False
        self._began = time.monotonic()
        self._future: Future[Result] = pool.submit(work, self._tell)

    def _tell(self, sentence: str) -> None:
        if self._is_cancelled:
            raise CalledOff
        self.said = sentence

    def cancel(self) -> None:
        """Let it end where it next says something; nobody waits for it any more."""
        self._is_cancelled = True
        self._future.cancel()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after this time at most."""
        wait([self._future], seconds)
        return self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether there is a result or an error."""
        return self._future.done()

    @property
    def seconds(self) -> int:
        """How long it has taken so far."""
        return int(time.monotonic() - self._began)

    def result(self) -> Result:
        """What came of it.

        Raises:
            Exception: what the work raised.
        """
        return self._future.result()

    def outcome(self) -> tuple[Result | None, str]:
        """What came of it; or None, and why nothing did, for people."""
        try:
            return self.result(), ""
        except CodyBatchError as error:
            return None, error.message


def _end(pool: ThreadPoolExecutor) -> None:
    pool.shutdown(wait=False, cancel_futures=True)


@st.cache_resource(show_spinner=False, on_release=_end)
def pool() -> ThreadPoolExecutor:
    """The threads of this server that do inquiries."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="inquiry")
