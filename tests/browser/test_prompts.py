"""The library of prompts in a real browser: from a starter to the archive with the mouse alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import visit, workbench
from tests.ui_kit import Gallery

NAME = "name-file-encodings"


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path / "home")
    made.published()
    yield made
    made.close()


def test_a_prompt_goes_from_a_starter_to_the_archive(
    gallery: Gallery, system_browser: Browser
) -> None:
    """One server, one story: a start takes seconds."""
    with workbench(gallery.home) as address, visit(system_browser) as (context, _):
        context.set_default_timeout(30_000)
        page = context.new_page()
        a_starter_is_used(page, address)
        it_is_edited_and_the_change_is_shown(page)
        it_leads_to_a_request(page)
        it_is_duplicated(page, address)
        the_copy_is_archived_after_a_question(page, address)


def a_starter_is_used(page: Page, address: str) -> None:
    page.goto(f"{address}/prompts")
    card = page.locator(f".st-key-prompts-starter-{NAME}")

    card.get_by_role("button", name="Use this").click()

    expect(card.get_by_role("link", name="In the library")).to_be_visible()
    page.locator(f".st-key-row-prompts-{NAME}").get_by_role("link").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    assert page.url.endswith(f"/prompt?name={NAME}")


def it_is_edited_and_the_change_is_shown(page: Page) -> None:
    page.get_by_role("button", name="Edit").click()
    expect(page).to_have_url(re.compile("edit=version"))
    page.reload()
    text = page.get_by_role("textbox", name="Text", exact=True)
    expect(text).to_have_value(pattern_of("Name the encoding"))
    text.fill("Name the encoding of every file that is opened: {{encoding}}.")
    # What was typed a moment ago is saved, too.
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Version 2 · saved just now")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/prompt\\?name={NAME}$"))
    page.get_by_role("tab", name="Changes").click()
    diff = page.get_by_test_id("stCode").last
    expect(diff).to_contain_text("+Name the encoding of every file that is opened: {{encoding}}.")
    expect(diff).to_contain_text(f"--- {NAME}@1")


def pattern_of(beginning: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(beginning)}")


def it_leads_to_a_request(page: Page) -> None:
    page.get_by_role("button", name="Use in request").click()

    expect(page.get_by_role("heading", name="New request")).to_be_visible()
    expect(page.get_by_role("combobox", name="Prompt")).to_have_value(pattern_of(NAME))
    page.go_back()


def it_is_duplicated(page: Page, address: str) -> None:
    page.goto(f"{address}/prompt?name={NAME}")
    page.get_by_role("button", name="Duplicate").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("textbox", name="Name of the copy").fill("encodings")
    asked.get_by_role("textbox", name="Name of the copy").press("Tab")
    asked.get_by_role("button", name="Duplicate").click()

    expect(page.get_by_role("heading", name="encodings", exact=True)).to_be_visible()


def the_copy_is_archived_after_a_question(page: Page, address: str) -> None:
    page.get_by_role("button", name="Archive").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Archive encodings?")
    asked.get_by_role("button", name="Archive it").click()

    expect(page.get_by_role("button", name="Take up again")).to_be_visible()
    page.goto(f"{address}/prompts?archived=true")
    expect(page.locator("[class*=st-key-row-prompts-]")).to_have_count(1)
    expect(page.locator(".st-key-row-prompts-encodings")).to_be_visible()
