"""The watch over visits sees what no page may do, and the policy keeps it from happening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.kit import Watch, visit, workbench

Watched = tuple[BrowserContext, Watch]


def test_a_request_to_another_host_is_a_fault(watched: Watched) -> None:
    context, watch = watched
    page = context.new_page()

    with page.expect_event("requestfailed"):
        page.set_content("<img src='http://elsewhere.invalid/i'>")

    assert watch.told() == ["asked another host: http://elsewhere.invalid/i"]
    watch.expected.add("elsewhere.invalid")
    assert not watch.told()


def test_an_error_in_a_page_is_a_fault(watched: Watched) -> None:
    context, watch = watched
    page = context.new_page()

    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('broken') })")

    assert watch.told() == ["page error: broken"]
    watch.expected.add("broken")


def test_an_exception_that_was_shown_is_a_fault_though_it_is_gone(watched: Watched) -> None:
    context, watch = watched
    page = context.new_page()
    page.goto("data:text/html,<p>a page</p>")

    page.evaluate("document.body.innerHTML = '<p data-testid=stException>KeyError</p>'")
    page.evaluate("document.body.innerHTML = ''")

    (fault,) = watch.told()
    assert fault.endswith("KeyError")
    watch.expected.add("KeyError")


def test_a_visit_with_a_fault_fails(system_browser: Browser) -> None:
    visiting = visit(system_browser)
    context, _ = visiting.__enter__()
    context.new_page().set_content("<img src='http://elsewhere.invalid/i'>")

    with pytest.raises(AssertionError, match=r"elsewhere\.invalid"):
        visiting.__exit__(None, None, None)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("home")
    with workbench(home) as served:
        yield served


@pytest.mark.parametrize(
    "attack",
    [
        "Object.assign(document.createElement('img'), {src: 'http://elsewhere.invalid/i'})",
        "Object.assign(document.createElement('script'), {text: 'window.hacked = 1'})",
        "Object.assign(document.createElement('script'), {src: 'http://elsewhere.invalid/s'})",
        "Object.assign(document.createElement('iframe'), {src: 'http://elsewhere.invalid/f'})",
        "Object.assign(document.createElement('link'), {rel: 'stylesheet', href: '//x.invalid'})",
    ],
)
def test_the_policy_keeps_pages_from_asking_others_and_from_running_what_was_put_in(
    address: str, watched: Watched, attack: str
) -> None:
    context, watch = watched
    page = context.new_page()
    page.goto(f"{address}/jobs")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible(timeout=30_000)
    assert watch.faults == []

    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(f"document.body.append({attack})")

    assert page.evaluate("window.hacked") is None
    watch.expected.add("against the policy")
