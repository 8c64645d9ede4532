"""Questions that other threads ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from codybatch.domain.errors import CalledOff, RepositoryUnavailable
from codybatch.ui.inquiries import Inquiry, Tell


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def test_it_says_what_it_does_and_brings_a_result(pool: ThreadPoolExecutor) -> None:
    told, go_on = threading.Event(), threading.Event()

    def ask(tell: Tell) -> int:
        tell("Half way …")
        told.set()
        go_on.wait(20)
        return 7

    inquiry = Inquiry(pool, ask, "Asking …")
    assert told.wait(20)

    assert inquiry.said == "Half way …"
    assert not inquiry.has_ended
    assert inquiry.seconds >= 0
    go_on.set()
    assert inquiry.wait(20)
    assert inquiry.result() == 7


def test_what_went_wrong_is_raised_where_the_result_is_asked_for(pool: ThreadPoolExecutor) -> None:
    def ask(_: Tell) -> int:
        raise RepositoryUnavailable("down")

    inquiry = Inquiry(pool, ask, "Asking …")

    assert inquiry.wait(20)
    with pytest.raises(RepositoryUnavailable):
        inquiry.result()


def test_one_that_is_called_off_ends_where_it_next_says_something(
    pool: ThreadPoolExecutor,
) -> None:
    begun, go_on, later = threading.Event(), threading.Event(), threading.Event()

    def ask(tell: Tell) -> None:
        begun.set()
        go_on.wait(20)
        tell("Next …")
        later.set()

    inquiry = Inquiry(pool, ask, "Asking …")
    assert begun.wait(20)
    inquiry.cancel()
    go_on.set()

    assert inquiry.wait(20)
    with pytest.raises(CalledOff):
        inquiry.result()
    assert not later.is_set()
