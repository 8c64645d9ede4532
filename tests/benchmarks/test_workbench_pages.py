"""How soon pages show with 100,000 jobs in the store, and what many visitors cost the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.get_chromium import MISSING
from tests.browser.kit import chromium, settled
from tests.served_kit import served
from tests.ui_kit import Gallery
from tests.unit.stores.embedded.many_rows import fill

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

MANY, FEW = 100_000, 100
TIMES = 5
MOST_SECONDS_FIRST, MOST_SECONDS_ON_A_SWITCH = 1.5, 0.5
MOST_TIMES_FEW = 1.3
"""A page with many jobs in the store against the same one with few, in one run."""
SESSIONS, WATCHED_SECONDS = 20, 20
MOST_OF_A_CORE = 0.5
MOST_MEGABYTES = 400
PAGES = {
    "/": "Overview",
    "/requests": "Requests",
    "/jobs": "Jobs",
    "/prompts": "Prompts",
    "/schedules": "Schedules",
    "/compose": "New request",
    "/settings": "Settings",
}
"""Addresses, and the headings by which they are known to be there."""


class Stage(NamedTuple):
    """A server over a store of some size, and a window that has seen it once."""

    server: psutil.Process
    window: Page
    running: str
    """A job at work."""


@contextmanager
def staged(home: Path, jobs: int, browser: Browser) -> Iterator[Stage]:
    """A busy week's jobs, on top of so many older ones."""
    gallery = Gallery(home)
    gallery.everything()
    since = datetime.now(UTC) - timedelta(days=400)
    fill(gallery.store._database, jobs, since, ended=True)
    with served(home) as server:
        context = browser.new_context(base_url=server.address, reduced_motion="reduce")
        page = context.new_page()
        opened(page, "/", PAGES["/"])
        yield Stage(psutil.Process(server.pid), page, gallery.running().id)
        context.close()
    gallery.close()


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as found:
        if found is None:
            pytest.skip(MISSING)
        yield found


@pytest.fixture(scope="module")
def few(browser_here: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("few"), FEW, browser_here) as stage:
        yield stage


@pytest.fixture(scope="module")
def many(browser_here: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("many"), MANY, browser_here) as stage:
        yield stage


def opened(page: Page, path: str, heading: str) -> None:
    """Load a page anew and wait until it is usable: its head is there and it has run."""
    page.goto(path)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=60_000)
    settled(page)


def switched(page: Page, heading: str) -> None:
    """Go to a page by the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=heading, exact=True).click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=60_000)
    settled(page)


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def middle(act: Callable[[], object]) -> float:
    return median(seconds(act) for _ in range(TIMES))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_at_once_however_many_jobs_there_are(
    few: Stage, many: Stage, path: str
) -> None:
    heading = PAGES[path]
    beside = middle(lambda: opened(few.window, path, heading))

    taken = middle(lambda: opened(many.window, path, heading))

    print(f"{path}: {taken:.2f} s with {MANY:,} jobs, {beside:.2f} s with {FEW}")  # noqa: T201
    assert taken < max(MOST_SECONDS_FIRST, MOST_TIMES_FEW * beside)


@pytest.mark.parametrize("path", PAGES)
def test_another_page_is_there_at_once(few: Stage, many: Stage, path: str) -> None:
    other = "Jobs" if path != "/jobs" else "Requests"

    def back_and_forth(stage: Stage) -> float:
        switched(stage.window, other)
        return seconds(lambda: switched(stage.window, PAGES[path]))

    beside = median(back_and_forth(few) for _ in range(TIMES))
    taken = median(back_and_forth(many) for _ in range(TIMES))

    print(f"to {path}: {taken:.2f} s with {MANY:,} jobs, {beside:.2f} s with {FEW}")  # noqa: T201
    assert taken < max(MOST_SECONDS_ON_A_SWITCH, MOST_TIMES_FEW * beside)


def test_twenty_live_pages_leave_the_server_half_a_core_and_little_memory(
    many: Stage, browser_here: Browser
) -> None:
    """The last of all: what the server holds after everything before is counted, too."""
    base = many.window.url.split("/", 3)
    context = browser_here.new_context(base_url="/".join(base[:3]), reduced_motion="reduce")
    for number in range(SESSIONS):
        page = context.new_page()
        page.goto("/jobs" if number % 2 else f"/job?id={many.running}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=60_000)

    before = many.server.cpu_times()
    began = time.monotonic()
    context.pages[0].wait_for_timeout(WATCHED_SECONDS * 1000)
    after, watched = many.server.cpu_times(), time.monotonic() - began
    part = (after.user + after.system - before.user - before.system) / watched
    megabytes = many.server.memory_info().rss / 1e6
    context.close()

    print(f"{SESSIONS} sessions: {part:.0%} of a core, {megabytes:.0f} MB")  # noqa: T201
    assert part < MOST_OF_A_CORE
    assert megabytes < MOST_MEGABYTES
