"""A request is composed and submitted in a real browser: by mouse, by keyboard, over a reload, and
from two tabs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from codybatch.domain.requests import Request
from tests.browser.axe import accessible
from tests.browser.kit import fits, settled, workbench
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

PATIENCE = 60_000
"""Milliseconds: a fresh server loads its code host's client with the first question."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"acme/clocks": CLOCKS, "acme/clean": CLEAN}) as made:
        made.app.local_engine.ensure_dispatcher()  # the world's own, which ends with it
        yield made


@pytest.mark.timeout(300)
def test_requests_are_composed_and_submitted(here: World, visitor: BrowserContext) -> None:
    """One server, one story: a start takes seconds."""
    expect.set_options(timeout=PATIENCE)
    visitor.set_default_timeout(PATIENCE)
    page = visitor.new_page()
    with workbench(here.settings.home, **here.settings.as_environment()) as address:
        with_the_mouse(page, address, here)
        with_the_keyboard(page, address, here)
        a_reload_in_the_middle_loses_nothing(page, address)
        a_phone_has_the_button_in_reach_and_needs_no_scrolling_sideways(page)
        two_tabs_and_two_clicks_make_one_request(visitor, page, address, here)


def with_the_mouse(page: Page, address: str, here: World) -> None:
    page.goto(f"{address}/compose")
    text_of(page).fill("Replace {{old}} by a timezone-aware call.")
    page.get_by_role("textbox", name="old", exact=True).fill("utcnow()")
    name_repositories(page, "acme/clocks acme/clean")
    page.get_by_text("What the model gets").click()
    expect(page.get_by_text("tokens at most")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Run on 2 repositories").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It will probably cost")).to_be_visible()
    dialog.get_by_role("button", name="Run on 2 repositories").click()

    request = submitted(page, here, number=1)
    assert request.prompt_text == "Replace utcnow() by a timezone-aware call."
    assert [one.name for one in request.repositories] == ["clocks", "clean"]


def with_the_keyboard(page: Page, address: str, here: World) -> None:
    page.goto(f"{address}/compose?repository=acme/clocks")
    expect(page.get_by_text("1 of 5")).to_be_visible()
    choice = page.get_by_role("radio", name="Write one")
    choice.focus()
    page.keyboard.press("Space")
    text_of(page).focus()
    page.keyboard.type("Replace {{old}}.")
    expect(page.get_by_role("textbox", name="old", exact=True)).to_be_visible()  # while typing
    expect(text_of(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="old", exact=True)).to_be_focused()
    page.keyboard.type("utcnow()")
    expect(run_button(page, 1)).to_be_enabled()
    page.keyboard.press("Control+Enter")

    confirm = page.get_by_role("dialog").get_by_role("button", name="Run on 1 repository")
    expect(confirm).to_be_visible()
    reach(page, confirm)
    page.keyboard.press("Enter")

    request = submitted(page, here, number=2)
    assert request.prompt_text == "Replace utcnow()."


def a_reload_in_the_middle_loses_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}/compose?repository=acme/clean")
    page.get_by_text("Write one", exact=True).click()
    text_of(page).focus()
    page.keyboard.type(f"{UTCNOW} {{{{where}}}}")
    expect(page.get_by_role("textbox", name="where", exact=True)).to_be_visible()
    settled(page)

    page.reload()

    expect(text_of(page)).to_have_value(f"{UTCNOW} {{{{where}}}}")
    expect(page.get_by_role("textbox", name="where", exact=True)).to_be_visible()
    expect(page.get_by_text("1 of 5")).to_be_visible()


def a_phone_has_the_button_in_reach_and_needs_no_scrolling_sideways(page: Page) -> None:
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})

    expect(run_button(page, 1)).to_be_in_viewport()
    assert fits(page)
    accessible(page)
    page.set_viewport_size(before or {"width": 1280, "height": 720})


def two_tabs_and_two_clicks_make_one_request(
    visitor: BrowserContext, page: Page, address: str, here: World
) -> None:
    page.get_by_role("textbox", name="where", exact=True).fill("everywhere")
    expect(run_button(page, 1)).to_be_enabled()
    settled(page)
    other = visitor.new_page()
    other.goto(f"{address}/compose")
    expect(run_button(other, 1)).to_be_enabled()

    for tab in (page, other):
        run_button(tab, 1).click()
        tab.get_by_role("dialog").get_by_role("button", name="Run on 1 repository").dblclick()
        submitted(tab, here, number=3)

    assert page.url == other.url
    other.close()


def text_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def run_button(page: Page, count: int) -> Locator:
    """The button of the page, not of the confirmation."""
    name = f"Run on {count} repositor"
    return page.locator(".st-key-run").get_by_role("button", name=name)


def name_repositories(page: Page, names: str) -> None:
    page.get_by_role("textbox", name="Names or addresses").fill(names)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(f"{len(names.split())} of 5")).to_be_visible()


def reach(page: Page, wanted: Locator) -> None:
    """Go on by the tabulator until something has the focus."""
    for _ in range(10):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("The tabulator does not lead there.")


def submitted(page: Page, here: World, number: int) -> Request:
    """The newest request, whose page the tab shows; there are so many."""
    page.wait_for_url("**/request?id=*", timeout=PATIENCE)
    requests = here.app.requests.list().items
    assert len(requests) == number
    assert page.url.endswith(requests[0].id)
    return requests[0]
