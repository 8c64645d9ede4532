"""Preferences in a real browser: what only a browser can show."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.kit import Watch, workbench
from tests.ui_kit import Gallery

PATIENCE = 30_000


def test_a_preferred_theme_is_shown_on_every_page_and_given_up_again(
    gallery: Gallery, watched: tuple[BrowserContext, Watch]
) -> None:
    visitor, watch = watched
    watch.expected.add("not connected to a server")  # Streamlit's own word as its page is left
    page = visitor.new_page()
    with workbench(gallery.home) as address:
        page.goto(f"{address}/settings")
        choose(page, "Dark")
        shows(page, "dark")
        for path in ("/jobs", "/requests", "/"):
            page.goto(f"{address}{path}")
            shows(page, "dark")

        page.goto(f"{address}/settings")
        choose(page, "As the system")
        shows(page, "light")
        page.goto(f"{address}/jobs")
        shows(page, "light")


def choose(page: Page, theme: str) -> None:
    page.get_by_role("radio", name=theme).click(timeout=PATIENCE, force=True)
    page.get_by_role("button", name="Save").click()


def shows(page: Page, scheme: str) -> None:
    expect(page.locator(".stApp")).to_have_css("color-scheme", scheme, timeout=PATIENCE)
