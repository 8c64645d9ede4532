"""A report in a browser as it is passed on: a file, without scripts, in any light and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from codybatch.analysis.report_files.making import Format, Writing, make_files
from tests.browser import make_screenshots
from tests.browser.axe import accessible
from tests.browser.kit import visit
from tests.report_files_kit import PatchShelf, everyday, written_from
from tests.report_kit import as_they_are


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report's page."""
    shelf = PatchShelf()
    written = written_from(everyday(shelf), shelf)
    made = make_files(written, as_they_are, shelf.read, Writing((Format.HTML,)))
    page: Path = tmp_path_factory.mktemp("report") / "index.html"
    page.write_bytes(made["index.html"])
    return page.as_uri()


def fits(page: Page) -> bool:
    """Whether the page needs no scrolling sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture
def without_scripts(system_browser: Browser, report: str) -> Iterator[Page]:
    """The report in a browser that runs no script."""
    with visit(system_browser, java_script_enabled=False) as (context, _):
        page = context.new_page()
        page.goto(report)
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_for_axe_and_no_scrolling_sideways(
    system_browser: Browser, report: str, scheme: Literal["light", "dark"], width: int
) -> None:
    # axe is a script of ours for the test alone, which the page's own policy keeps out.
    with visit(system_browser, scheme=scheme, width=width, bypass_csp=True) as (context, _):
        page = context.new_page()
        page.goto(report)
        for place in range(page.locator("details").count()):
            page.locator("details").nth(place).evaluate("one => { one.open = true }")

        accessible(page)
        assert fits(page)


def test_without_scripts_all_of_it_can_be_read(without_scripts: Page) -> None:
    page = without_scripts

    expect(page.get_by_role("heading", level=1)).to_have_text("Time limits for requests")
    expect(page.get_by_text("hints is better than plain.").first).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(4)
    diff = page.get_by_text("+response = requests.get(url, timeout=").first
    expect(diff).to_be_hidden()
    page.locator("#disagreements ~ details summary").first.click()
    expect(diff).to_be_visible()


def test_the_keyboard_reaches_the_parts_and_opens_what_is_folded(without_scripts: Page) -> None:
    page = without_scripts

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the report")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Set-up")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#setup")
    fold = page.locator("summary", has_text="The prompt of hints, against plain")
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("+Look at sessions, adapters and wrappers")).to_be_visible()


def test_a_sign_of_the_matrix_leads_to_its_job(without_scripts: Page) -> None:
    page = without_scripts

    page.locator(".matrix a").first.click()

    assert page.url.rpartition("#")[2].startswith("j")
    expect(page.locator("tr:target")).to_have_count(1)
    expect(page.locator("tr:target")).to_be_visible()


def test_on_paper_contents_are_gone_and_what_is_folded_stands_there(
    system_browser: Browser, report: str
) -> None:
    with visit(system_browser, width=794, java_script_enabled=True) as (context, _):
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(report)

        expect(page.get_by_role("navigation")).to_be_hidden()
        expect(page.get_by_text("+response = requests.get(url, timeout=").first).to_be_visible()
        assert fits(page)
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_pictures_of_it_are_taken_in_light_and_dark(
    system_browser: Browser, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_screenshots, "IMAGES", tmp_path)

    make_screenshots.take_report(system_browser, Path(urlsplit(report).path))

    light, dark = (tmp_path / f"report-{scheme}.png" for scheme in ("light", "dark"))
    assert light.read_bytes()[:4] == b"\x89PNG"
    assert light.read_bytes() != dark.read_bytes()
