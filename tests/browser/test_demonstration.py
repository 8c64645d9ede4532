"""What ``make run`` opens, in a real browser: from nothing to a judged job with the mouse alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import settled, visit
from tests.unit.cli.test_up_demo import Served

PATIENCE = 60_000
"""Milliseconds: two cores serve, work and draw at once."""
STARTER = "add-request-timeouts"
REPOSITORY = "demo-org/image-thumbs"


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.end()


@pytest.mark.timeout(300)
def test_a_starter_becomes_a_judged_job(demonstration: Served, system_browser: Browser) -> None:
    with visit(system_browser) as (context, _):
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{demonstration.address}/prompts")
        expect(page.get_by_text("No key is used, nothing is spent.")).to_be_visible(
            timeout=PATIENCE
        )
        a_starter_is_taken_to_a_request(page)
        a_repository_is_found_and_the_request_runs(page)
        the_job_ends_before_our_eyes(page)
        its_pull_request_can_be_read(page)
        it_is_accepted(page)


def a_starter_is_taken_to_a_request(page: Page) -> None:
    card = page.locator(f".st-key-prompts-starter-{STARTER}")
    card.get_by_role("button", name="Use this").click()
    library = card.get_by_role("link", name="In the library")
    expect(library).to_be_visible(timeout=PATIENCE)
    settled(page)  # a page that is still being drawn may lose a click
    library.click()
    page.get_by_role("button", name="Use in request").click()
    expect(page.get_by_role("heading", name="New request")).to_be_visible(timeout=PATIENCE)


def a_repository_is_found_and_the_request_runs(page: Page) -> None:
    page.get_by_role("textbox", name="Names or addresses").fill(REPOSITORY)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("1 of 5")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-run").get_by_role("button", name="Run on 1 repository").click()
    page.get_by_role("dialog").get_by_role("button", name="Run on 1 repository").click()
    page.wait_for_url("**/request?id=*", timeout=PATIENCE)


def the_job_ends_before_our_eyes(page: Page) -> None:
    page.get_by_role("link", name="image-thumbs").first.click()
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=PATIENCE)


def its_pull_request_can_be_read(page: Page) -> None:
    link = page.get_by_role("link", name="Open pull request")
    expect(link).to_have_attribute(
        "href", re.compile(r"^http://127\.0\.0\.1:\d+/demo-org/image-thumbs/pull/\d+$")
    )
    with page.context.expect_page() as opened:
        link.click()
    there = opened.value
    expect(there.get_by_text("This is a stand-in for GitHub on this machine")).to_be_visible()
    expect(there.get_by_text("timeout=10").first).to_be_visible()
    there.close()


def it_is_accepted(page: Page) -> None:
    page.get_by_role("button", name="Accept").first.click()
    expect(page.get_by_text("Accepted").first).to_be_visible(timeout=PATIENCE)
