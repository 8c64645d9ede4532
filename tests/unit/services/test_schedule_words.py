"""Schedules and their runs in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from codybatch.domain.identifiers import Person
from codybatch.domain.requests import RequestOptions
from codybatch.domain.schedules import RequestTemplate, RunOutcome
from codybatch.services.schedule_words import (
    moment_in_words,
    next_in_words,
    prompt_in_words,
    publication_in_words,
    run_in_words,
)
from tests.contracts.schedule_examples import a_run, a_schedule

NEW_YEARS_EVE = datetime(2026, 12, 31, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "today 13:00"),
        (10.9, "today 23:54"),
        (11, "tomorrow 00:00"),
        (-24, "yesterday 13:00"),
        (-48, "Tue 29 Dec 13:00"),
        (48, "Sat 2 Jan 2027 13:00"),
    ],
)
def test_a_moment_is_told_as_the_readers_clock_shows_it(hours: float, words: str) -> None:
    moment = NEW_YEARS_EVE + timedelta(hours=hours)

    assert moment_in_words(moment, BERLIN, NEW_YEARS_EVE) == words


def test_the_next_run_or_why_there_is_none() -> None:
    def told(**changes: object) -> str:
        return next_in_words(a_schedule(**{"due_at": None, **changes}), UTC, NEW_YEARS_EVE)  # type: ignore[arg-type]

    soon = NEW_YEARS_EVE + timedelta(minutes=3)
    assert told(due_at=soon) == "today 12:03"
    assert told(due_at=NEW_YEARS_EVE) == "now"
    assert told(due_at=NEW_YEARS_EVE, try_again_at=soon) == "tries again today 12:03"
    assert told(paused=True) == "paused"
    assert told() == "never again"


def test_what_became_of_a_run() -> None:
    request = "0" * 26

    assert run_in_words(a_run()) == f"Started: request {request}"
    assert run_in_words(a_run(by=Person("dana"))) == f"Started by dana: request {request}"
    refused = a_run(request=None, outcome=RunOutcome.REFUSED, reason="No price.")
    assert run_in_words(refused) == "Not submitted: No price."


def test_what_is_submitted() -> None:
    def template(prompt: str = "tidy", **options: object) -> RequestTemplate:
        made = RequestOptions(model="m", **options)  # type: ignore[arg-type]
        return RequestTemplate(prompt=prompt, repositories=("acme/api",), options=made)

    assert prompt_in_words(template()) == "tidy, the latest version"
    assert prompt_in_words(template("tidy@3")) == "tidy, version 3"
    assert publication_in_words(template()) == "Nothing"
    assert publication_in_words(template(publish="branch")) == "A branch"
    open_ones = publication_in_words(template(publish="draft", existing_pull_request="update"))
    assert open_ones == "A draft pull request; a pull request that is still open is updated"
