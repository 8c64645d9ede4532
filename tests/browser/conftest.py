"""A browser for all tests, and visits that are watched: see ``Watch`` in ``kit.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.get_chromium import MISSING
from tests.browser.kit import Watch, a_browser_must_be_here, chromium, visit
from tests.ui_kit import Gallery


@pytest.fixture(scope="module")
def system_browser() -> Iterator[Browser]:
    """Chromium; where there is none the test is skipped, and on a build server it fails."""
    with chromium() as found:
        if found is None and a_browser_must_be_here():
            pytest.fail(MISSING)
        if found is None:
            pytest.skip(MISSING)
        yield found


@pytest.fixture
def watched(system_browser: Browser) -> Iterator[tuple[BrowserContext, Watch]]:
    """A visit and what its pages did that none may do; the test may expect some of it."""
    with visit(system_browser) as visited:
        yield visited


@pytest.fixture
def visitor(watched: tuple[BrowserContext, Watch]) -> BrowserContext:
    """A visit."""
    return watched[0]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """A store with a job of every kind and state."""
    made = Gallery(tmp_path / "home")
    made.everything()
    yield made
    made.close()
