"""A workbench of one's own, a Chromium to look at it with, and what no page may ever do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.get_chromium import chromium_here
from tests.served_kit import served

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EXCEPTIONS_TOLD = """
new MutationObserver(() => {
  for (const one of document.querySelectorAll('[data-testid="stException"]')) {
    if (!one.dataset.told) { one.dataset.told = 'yes'; window.tellException(one.innerText); }
  }
}).observe(document, {childList: true, subtree: true});
"""


@contextmanager
def workbench(home: Path, **environment: str) -> Iterator[str]:
    """Serve the workbench over the store in ``home``; gives its address."""
    with served(home, **environment) as server:
        yield server.address


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """The system's Chromium, else the one that ``make setup`` brought; None without either."""
    path = chromium_here()
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def a_browser_must_be_here() -> bool:
    """Whether a missing browser is a failure: on a build server it must not go unseen."""
    return os.environ.get("CI") == "true"


@dataclass
class Watch:
    """What a visit's pages did that none may do.

    Attributes:
        expected: parts of faults that a test provokes, such as a blocked image's address.
    """

    faults: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    _asked: set[Request] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.expose_binding("tellException", self._exception)
        context.add_init_script(EXCEPTIONS_TOLD)
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)
        context.on("weberror", lambda error: self._fault(f"page error: {error.error}"))
        context.on("console", self._console)

    def told(self) -> list[str]:
        """What they did, without what was expected."""
        left = {f"asked another host: {request.url}" for request in self._asked}
        return [
            fault
            for fault in (*self.faults, *sorted(left))
            if not any(part in fault for part in self.expected)
        ]

    def _fault(self, fault: str) -> None:
        self.faults.append(fault)

    def _exception(self, source: Any, text: str) -> None:
        self._fault(f"exception on {source['page'].url}: {text}")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host and host not in LOOPBACK:
            self._asked.add(request)

    def _request_failed(self, request: Request) -> None:
        if request.failure == "csp":  # our policy kept it from leaving
            self._asked.discard(request)

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self._fault(f"against the policy: {message.text}")


@contextmanager
def visit(
    browser: Browser,
    *,
    scheme: Literal["light", "dark"] = "light",
    width: int = 1280,
    height: int = 900,
    **options: Any,
) -> Iterator[tuple[BrowserContext, Watch]]:
    """A browser's visit that is watched, without motion; any fault of its pages fails at its end.

    Every test of pages uses this, most through the fixtures of ``conftest.py``.
    """
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        **options,
    )
    watch = Watch()
    watch.over(context)
    try:
        yield context, watch
        for page in context.pages:
            _let_it_tell(page)
    finally:
        context.close()
    assert not watch.told(), "\n".join(watch.told())


def settled(page: Page) -> None:
    """Wait until the page was run to its end.

    For pictures. A test waits for what it looks for: a page is at rest before a click, too.
    """
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached(
        timeout=30_000
    )


def fits(page: Page) -> bool:
    """Whether the page needs no scrolling sideways."""
    main = page.get_by_test_id("stMain")
    return bool(main.evaluate("element => element.scrollWidth <= element.clientWidth"))


def _let_it_tell(page: Page) -> None:
    """What a page has told already is delivered before its answer."""
    try:
        page.evaluate("1")
    except Error:
        return  # closed, or on its way to another page
