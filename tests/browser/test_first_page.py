"""The first page in a real browser: what only a browser can show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.kit import fits, settled, workbench
from tests.ui_kit import Gallery


def test_the_first_page_works_in_a_browser_and_asks_nobody_else(
    gallery: Gallery, visitor: BrowserContext
) -> None:
    """One server, one story: a start takes seconds."""
    page = visitor.new_page()
    with workbench(gallery.home) as address:
        a_deep_link_shows_the_job_through_the_router(page, address, gallery)
        a_running_job_ends_before_our_eyes(page, address, gallery)
        the_whole_row_is_the_link_and_back_keeps_the_filter(page, address)
        hostile_text_stays_text(page)
        a_phone_needs_no_scrolling_sideways(page, address)


def a_deep_link_shows_the_job_through_the_router(
    page: Page, address: str, gallery: Gallery
) -> None:
    page.goto(f"{address}/job?id={gallery.audited().id}")

    expect(page.get_by_role("heading", name="acme/api")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("sql-injection · billing/query.py:40-44")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="router")).to_have_count(0)
    expect(page).to_have_title("Cody Batch")


def a_running_job_ends_before_our_eyes(page: Page, address: str, gallery: Gallery) -> None:
    job = gallery.running("acme/live")
    page.goto(f"{address}/job?id={job.id}")
    expect(page.get_by_text("Claude is at work · turn 14")).to_be_visible(timeout=30_000)

    gallery.settle(job, summary="Done before your eyes.")

    expect(page.get_by_text("Done before your eyes.")).to_be_visible(timeout=30_000)


def the_whole_row_is_the_link_and_back_keeps_the_filter(page: Page, address: str) -> None:
    page.goto(f"{address}/jobs?state=Partial")
    rows = page.locator("[class*=st-key-row-]")
    expect(rows).to_have_count(2, timeout=30_000)

    note = page.get_by_text("abc\\u202edef")
    opened_by(page, lambda: note.click(force=True))  # the link lies over it
    page.go_back()
    expect(rows).to_have_count(2)
    opened_by(page, page.get_by_role("link", name="hostile_repo__x").click)


def opened_by(page: Page, click: Callable[[], None]) -> None:
    """The job's page; a click on rows that are being drawn anew is lost, and the next counts."""
    heading = page.get_by_role("heading", name="acme/hostile_repo__x")
    for _ in range(3):
        settled(page)
        click()
        with suppress(AssertionError):
            expect(heading).to_be_visible(timeout=10_000)
            return
    raise AssertionError("The row leads nowhere.")


def hostile_text_stays_text(page: Page) -> None:
    settled(page)
    main = page.get_by_test_id("stMain")

    expect(main.get_by_text("<script>window.hacked=1</script>").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert main.locator("img, script, a[href*='x.invalid'], a[href^='javascript']").count() == 0
    assert "[x](http://x.invalid) ![i](http://x.invalid/i.png)" in main.inner_text()


def a_phone_needs_no_scrolling_sideways(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/jobs")
    expect(page.get_by_text("The limit of turns was reached.").first).to_be_visible(timeout=30_000)

    assert fits(page)
