"""The diff of a job in a real browser: drawn, chosen, marked, jumped through, and not fooled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import diff_kit
from tests.browser.axe import accessible
from tests.browser.kit import fits, visit, workbench
from tests.ui_kit import Gallery


@dataclass(frozen=True)
class Diffs:
    """A served workbench, and the addresses of its diffs."""

    ordinary: str
    hostile: str
    long: str
    large: str


@pytest.fixture(scope="module")
def diffs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diffs]:
    made = Gallery(tmp_path_factory.mktemp("diffs") / "home")
    patches = (diff_kit.ordinary, diff_kit.hostile, diff_kit.long_file, diff_kit.very_large)
    jobs = [made.ended(patch=patch()) for patch in patches]
    made.close()
    with workbench(Path(made.home)) as address:
        yield Diffs(*(f"{address}/job?id={job.id}&tab=Diff" for job in jobs))


def opened(page: Page, address: str) -> Page:
    """The page, with its first file drawn."""
    page.goto(address)
    return drawn(page)


def drawn(page: Page) -> Page:
    """The page, when something of its first file is there."""
    expect(page.locator(".cb-part, .cb-note").first).to_be_visible(timeout=60_000)
    return page


@pytest.fixture
def page(visitor: BrowserContext, diffs: Diffs) -> Page:
    return opened(visitor.new_page(), diffs.ordinary)


def file(page: Page, path: str) -> Locator:
    return page.get_by_role("article", name=path, exact=True)


def test_both_versions_stand_side_by_side_or_below_each_other_and_the_choice_stays(
    page: Page,
) -> None:
    sides = file(page, "src/module_0.py").locator(".d2h-file-side-diff")
    expect(sides).to_have_count(2)
    expect(sides.nth(0)).to_contain_text("old 0 = utcnow()")
    expect(sides.nth(1)).to_contain_text("new 0 = now(UTC)")

    page.get_by_role("button", name="Unified").click()

    expect(sides).to_have_count(0)
    expect(file(page, "src/module_0.py").locator(".d2h-file-diff")).to_contain_text("new 0")
    page.reload()
    drawn(page)
    expect(page.get_by_role("button", name="Unified")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Side by side").click()
    expect(sides).to_have_count(2)


def test_words_that_changed_are_marked_and_code_has_colours(page: Page) -> None:
    part = file(page, "src/module_0.py").locator(".cb-part")

    expect(part.locator("ins").first).to_be_visible()
    plain = part.locator(".d2h-code-line-ctn").first
    number = part.locator(".hljs-number").first
    colour = "element => getComputedStyle(element).color"
    assert number.evaluate(colour) != plain.evaluate(colour)


def test_a_viewed_file_folds_and_is_still_viewed_after_a_reload(page: Page) -> None:
    second = file(page, "src/module_1.py")
    second.get_by_role("checkbox", name="Viewed").check()
    expect(page.get_by_text("1 of 12 viewed")).to_be_visible()
    expect(second.locator(".cb-part")).to_be_hidden()

    page.reload()

    expect(drawn(page).get_by_text("1 of 12 viewed")).to_be_visible()
    second.scroll_into_view_if_needed()
    box = second.get_by_role("checkbox", name="Viewed")
    expect(box).to_be_checked()
    expect(second.locator(".cb-part")).to_have_count(0)
    box.uncheck()
    expect(page.get_by_text("0 of 12 viewed")).to_be_visible()
    expect(second.locator(".cb-part")).to_be_visible()


def test_files_are_found_by_parts_of_their_names(page: Page) -> None:
    page.get_by_label("Find a file").fill("TEST 2")

    expect(page.get_by_text("1 of 12", exact=True)).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(file(page, "tests/test_2.py").locator(".cb-part")).to_be_visible()
    page.get_by_label("Find a file").fill("")
    expect(page.get_by_role("article")).to_have_count(12)


def test_keys_lead_from_change_to_change_and_from_file_to_file(page: Page) -> None:
    told = page.locator(".cb-sr")
    for key, place in (
        ("n", "Change 1 in src/module_0.py"),
        ("n", "Change 2 in src/module_0.py"),
        ("p", "Change 1 in src/module_0.py"),
        ("Shift+N", "File src/module_1.py"),
        ("n", "Change 1 in src/module_1.py"),
        ("p", "Change 4 in src/module_0.py"),
    ):
        page.keyboard.press(key)
        expect(told).to_have_text(place)
        if place.startswith("Change"):
            expect(page.locator("tr.cb-now").first).to_be_in_viewport()

    page.get_by_role("button", name="Next change").click()
    expect(told).to_have_text("Change 1 in src/module_1.py")
    page.get_by_label("Find a file").press_sequentially("nn")
    expect(page.get_by_text("0 of 12", exact=True)).to_be_visible()
    expect(told).to_have_text("Change 1 in src/module_1.py")


def test_the_list_leads_to_a_file_and_folding_takes_all(page: Page) -> None:
    files = page.locator(".cb-files")
    if not files.evaluate("element => element.open"):
        files.locator("summary").click()
    files.get_by_role("button", name="latin.txt").click()

    last = file(page, "latin.txt")
    expect(last.locator(".cb-part")).to_be_in_viewport()
    expect(last.locator(".cb-part")).to_contain_text(r"caf\xe9")
    page.get_by_role("button", name="Collapse all files").click()
    expect(page.locator(".cb-part:visible")).to_have_count(0)
    page.get_by_role("button", name="Expand all files").click()
    expect(page.locator(".cb-part:visible").first).to_be_visible()


def test_changes_of_whitespace_alone_are_left_out_when_asked(page: Page) -> None:
    readme = file(page, "README.md")
    readme.scroll_into_view_if_needed()
    expect(readme.locator(".d2h-del").first).to_be_visible()

    page.get_by_role("checkbox", name="Ignore whitespace").check()
    readme.scroll_into_view_if_needed()

    expect(readme).to_contain_text("Only whitespace changed here; it is ignored.")
    page.get_by_role("checkbox", name="Ignore whitespace").uncheck()
    readme.scroll_into_view_if_needed()
    expect(readme.locator(".d2h-del").first).to_be_visible()


def test_the_download_is_the_patch_byte_for_byte_and_a_path_is_copied(
    visitor: BrowserContext, page: Page
) -> None:
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the patch").click()
    assert Path(taken.value.path()).read_bytes() == diff_kit.ordinary()

    visitor.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the path src/module_0.py").click()
    page.wait_for_function(
        "async () => (await navigator.clipboard.readText()) === 'src/module_0.py'"
    )


def test_no_word_of_a_patch_becomes_markup(visitor: BrowserContext, diffs: Diffs) -> None:
    page = opened(visitor.new_page(), diffs.hostile)
    for layout in ("Unified", "Side by side"):
        page.get_by_role("button", name=layout).click()
        for article in page.get_by_role("article").all():
            article.scroll_into_view_if_needed()
            expect(article.locator(".cb-part, .cb-note").first).to_be_visible()

    for payload in diff_kit.PAYLOADS:
        assert page.get_by_text(f"added {payload} twice").count() == 1
        expect(file(page, f"from {payload} → to {payload}")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("#cb-diff").locator("img, script, iframe, body, a, [onload]").count() == 0
    assert page.locator("#cb-diff svg:not([aria-hidden])").count() == 0


def test_a_long_file_is_drawn_when_asked_and_part_by_part(
    visitor: BrowserContext, diffs: Diffs
) -> None:
    page = opened(visitor.new_page(), diffs.long)
    expect(page.locator(".cb-part")).to_have_count(0)

    page.get_by_role("button", name="Large diff, 6,000 lines: show").click()

    expect(page.locator(".cb-part")).to_have_count(1)
    page.locator(".cb-more").evaluate("element => element.scrollIntoView()")
    expect(page.locator(".cb-part")).to_have_count(2)
    expect(page.locator(".cb-part").nth(1)).to_contain_text(re.compile(r"old 1[34]\d"))


def test_a_file_of_a_very_large_patch_comes_when_it_is_reached(
    visitor: BrowserContext, diffs: Diffs
) -> None:
    page = opened(visitor.new_page(), diffs.large)
    page.get_by_label("Find a file").fill("f399.py")
    expect(page.get_by_text("1 of 400", exact=True)).to_be_visible()

    last = file(page, "pkg_3/f399.py")
    expect(last.locator(".cb-part").first).to_contain_text("old 7 = utcnow()", timeout=30_000)


def test_a_theme_that_changes_takes_the_diff_along(page: Page) -> None:
    added = file(page, "src/module_0.py").locator("td.d2h-ins").first
    added.evaluate("element => { element.dataset.drawn = 'once' }")
    light = added.evaluate("element => getComputedStyle(element).backgroundColor")

    page.emulate_media(color_scheme="dark")

    expect(added).to_have_css("background-color", "rgb(17, 40, 27)")
    assert light == "rgb(230, 246, 235)"
    assert added.get_attribute("data-drawn") == "once"


def test_a_phone_shows_both_versions_below_each_other_without_scrolling_sideways(
    system_browser: Browser, diffs: Diffs
) -> None:
    with visit(system_browser, width=390, height=844) as (context, _):
        page = opened(context.new_page(), diffs.ordinary)

        expect(page.locator(".d2h-file-side-diff")).to_have_count(0)
        expect(page.get_by_role("button", name="Side by side")).to_be_hidden()
        assert fits(page)
        page.keyboard.press("Shift+N")
        expect(file(page, "src/module_1.py").locator("header")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layout", ["Side by side", "Unified"])
def test_axe_finds_nothing_serious(
    system_browser: Browser, diffs: Diffs, scheme: str, layout: str
) -> None:
    with visit(system_browser, scheme="dark" if scheme == "dark" else "light") as (context, _):
        page = opened(context.new_page(), diffs.ordinary)
        page.get_by_role("button", name=layout).click()
        expect(page.locator(".cb-part").first).to_be_visible()

        accessible(page)
