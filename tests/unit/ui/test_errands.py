"""Acts that go on while the page does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from codybatch.domain.errors import PublicationRefused
from codybatch.domain.identifiers import JobId
from codybatch.ui.errands import MOST_KEPT, Errands, ErrandState, Told

SECRET = "s3cret"
SOON = 10.0
Tell = Callable[[str], None]


def without_secrets(text: str) -> str:
    return text.replace(SECRET, "[secret]")


@pytest.fixture
def errands() -> Errands:
    return Errands(without_secrets)


def test_an_errand_tells_what_it_does_and_then_what_came_of_it(errands: Errands) -> None:
    told, go_on = threading.Event(), threading.Event()

    def act(tell: Tell) -> Told:
        tell("Half of it.")
        told.set()
        assert go_on.wait(SOON)
        return Told("All of it.", job=JobId("j"))

    errands.begin("one", "Doing", act)
    assert told.wait(SOON)
    under_way = errands.of("one")
    go_on.set()
    ended = errands.wait("one", SOON)

    assert under_way is not None
    assert (under_way.title, under_way.text, under_way.is_active) == ("Doing", "Half of it.", True)
    assert ended is not None
    assert (ended.state, ended.text, ended.job) == (ErrandState.DONE, "All of it.", "j")


def test_whoever_asks_again_is_shown_the_one_that_runs(errands: Errands) -> None:
    go_on, done = threading.Event(), []

    def act(_: Tell) -> Told:
        done.append("once")
        assert go_on.wait(SOON)
        return Told("Done.")

    errands.begin("one", "First", act)
    second = errands.begin("one", "Second", act)
    go_on.set()
    errands.wait("one", SOON)

    assert second.title == "First"
    assert done == ["once"]


def test_a_refusal_is_told_in_its_own_words_without_secrets(errands: Errands) -> None:
    def act(_: Tell) -> Told:
        raise PublicationRefused(f"No: {SECRET}.")

    errands.begin("one", "Doing", act)

    ended = errands.wait("one", SOON)
    assert ended is not None
    assert (ended.state, ended.text) == (ErrandState.FAILED, "No: [secret].")


def test_an_error_that_nobody_foresaw_is_told_with_a_number_that_the_log_knows(
    errands: Errands, caplog: pytest.LogCaptureFixture
) -> None:
    def act(_: Tell) -> Told:
        raise RuntimeError(SECRET)

    errands.begin("one", "Doing", act)

    ended = errands.wait("one", SOON)
    assert ended is not None
    assert "RuntimeError" not in ended.text
    assert ended.text.rpartition("by ")[2].rstrip(".") in caplog.text
    assert "RuntimeError: [secret]" in caplog.text


def test_only_some_run_at_once_and_the_others_say_that_they_wait() -> None:
    errands = Errands(str, at_once=1)
    running, go_on = threading.Event(), threading.Event()

    def act(_: Tell) -> Told:
        running.set()
        assert go_on.wait(SOON)
        return Told("Done.")

    errands.begin("one", "Doing", act)
    assert running.wait(SOON)
    errands.begin("two", "Doing", act)
    waits = errands.of("two")
    go_on.set()
    ended = errands.wait("two", SOON)

    assert waits is not None
    assert (waits.state, waits.text) == (ErrandState.WAITING, "Waits for its turn.")
    assert ended is not None
    assert ended.state is ErrandState.DONE


def test_an_errand_that_was_read_is_put_away_but_never_one_that_runs(errands: Errands) -> None:
    go_on = threading.Event()

    def act(_: Tell) -> Told:
        assert go_on.wait(SOON)
        return Told("Done.")

    errands.begin("one", "Doing", act)
    errands.put_away("one")
    assert errands.of("one") is not None
    go_on.set()
    errands.wait("one", SOON)
    errands.put_away("one")

    assert errands.of("one") is None


def test_ended_errands_do_not_grow_without_end(errands: Errands) -> None:
    for number in range(MOST_KEPT + 3):
        errands.begin(str(number), "Doing", lambda _: Told("Done."))
        errands.wait(str(number), SOON)

    assert errands.of("0") is None
    assert errands.of(str(MOST_KEPT + 2)) is not None
