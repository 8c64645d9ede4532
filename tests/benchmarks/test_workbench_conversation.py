"""How soon a conversation shows in a real browser, and what a page of it costs the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from codybatch.domain.jobs import Job
from codybatch.services.conversations import Conversation, Wanted, search, seek, turns_of
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.conversation.turns import conversation_page
from tests.browser.get_chromium import MISSING
from tests.browser.kit import chromium, settled, workbench
from tests.conversation_kit import Talk, of_length

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

SHORT, LONG = 20, 1_000
TIMES = 5
MOST_SECONDS = 1.2
"""From the address to the last turn of the page, and the start of Streamlit is in it."""
MOST_TIMES_SHORT = 1.6
"""A page of fifty turns against one of twenty."""
MOST_SECONDS_ON_A_SWITCH = 0.5
MOST_MILLISECONDS = 150
"""Of the server, to learn where the turns stand, once for each that is added."""

MOST_MILLISECONDS_OF_A_PAGE = 50
"""Of the server, to read and word fifty turns."""


class Both(NamedTuple):
    home: Path
    store: EmbeddedStore
    short: Job
    long: Job


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    home = tmp_path_factory.mktemp("conversations")
    store = EmbeddedStore(home)
    short, long = (of_length(Talk(store), turns).settle() for turns in (SHORT, LONG))
    yield Both(home, store, short, long)
    store.close()


@pytest.fixture(scope="module")
def window(both: Both) -> Iterator[Page]:
    """A browser that has seen the workbench once, as everybody's has."""
    with chromium() as browser, workbench(both.home) as address:
        if browser is None:
            pytest.skip(MISSING)
        context = browser.new_context(base_url=address, reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"/job?id={both.short.id}&tab=Conversation")
        expect(page.locator(f"#turn-{SHORT}")).to_be_attached(timeout=60_000)
        yield page
        context.close()


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def shows(page: Page, job: Job, turn: int) -> Callable[[], None]:
    def opened() -> None:
        page.goto(f"/job?id={job.id}&tab=Conversation&turn={turn}")
        expect(page.locator(f"#turn-{turn}")).to_be_in_viewport(timeout=60_000)

    return opened


def test_a_thousand_turns_show_as_soon_as_twenty(window: Page, both: Both) -> None:
    short, long = [], []
    for _ in range(TIMES):
        short.append(seconds(shows(window, both.short, SHORT)))
        long.append(seconds(shows(window, both.long, LONG - 1)))
    measured = f"{LONG} turns {median(long):.2f} s, {SHORT} turns {median(short):.2f} s"
    print(measured)  # noqa: T201 - what the figures in the documentation come from

    assert median(long) <= MOST_TIMES_SHORT * median(short), measured
    assert median(long) <= MOST_SECONDS, measured


def test_another_page_of_turns_comes_at_once(window: Page, both: Both) -> None:
    shows(window, both.long, 1)()
    settled(window)

    def turned(to: int) -> None:
        window.locator(".st-key-conversation-page").get_by_text(str(to), exact=True).click()
        expect(window.locator(f"#turn-{(to - 1) * 50}")).to_be_attached(timeout=60_000)

    taken = [seconds(partial(turned, to)) for to in (2, 3, 4, 5, 6)]
    measured = f"{median(taken):.2f} s"
    print(measured)  # noqa: T201 - what the figures in the documentation come from

    assert median(taken) <= MOST_SECONDS_ON_A_SWITCH, measured


def test_a_page_costs_the_server_the_same_in_any_conversation(both: Both) -> None:
    """In its own time, so that a busy machine measures the same."""

    job = both.long
    steps = partial(both.store.records.steps, job.id)
    found = Conversation(turns_of(steps()), job.thread, both.store.blobs)
    taken = {
        "where the turns stand": own_time(lambda: turns_of(steps())),
        "the first page": own_time(lambda: conversation_page(found, 1, str, UTC)),
        "the last page": own_time(lambda: conversation_page(found, 20, str, UTC)),
    }
    print(taken)  # noqa: T201 - what the figures in the documentation come from

    assert taken["where the turns stand"] <= MOST_MILLISECONDS, taken
    assert taken["the first page"] <= MOST_MILLISECONDS_OF_A_PAGE, taken
    assert taken["the last page"] <= MOST_MILLISECONDS_OF_A_PAGE, taken


def own_time(act: Callable[[], object]) -> float:
    """Milliseconds of this process, the least of a few."""
    taken = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        taken.append(1_000 * (time.process_time() - began))
    return min(taken)


def test_a_thousand_turns_are_searched_and_jumped_through_within_a_second(both: Both) -> None:
    turns = turns_of(both.store.records.steps(both.long.id))
    found = Conversation(turns, both.long.thread, both.store.blobs)

    taken = {
        "search": own_time(lambda: search(found, f"module_{LONG - 1}.py", str)),
        "jump": own_time(lambda: seek(found, Wanted.ERROR, 701)),
    }
    print(taken)  # noqa: T201 - what the figures in the documentation come from

    assert max(taken.values()) <= 1_000, taken
