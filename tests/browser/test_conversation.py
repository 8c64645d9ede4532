"""A conversation in a real browser: what only a browser can show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from codybatch.domain.jobs import Job
from codybatch.stores.embedded import EmbeddedStore
from tests.browser.kit import fits, settled, workbench
from tests.conversation_kit import Talk, call, everyday, of_length, result, text, thinking
from tests.ui_kit import AWKWARD, HIDING, SECRET

SCRIPT = "<script>window.hacked=1</script>"
NASTY = f"{AWKWARD} {HIDING} {SECRET} {SCRIPT} http://y.invalid me@y.invalid"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "home")
    yield store
    store.close()


def test_a_conversation_works_in_a_browser_and_asks_nobody_else(
    store: EmbeddedStore, tmp_path: Path, visitor: BrowserContext
) -> None:
    """One server, one story: a start takes seconds."""
    page = visitor.new_page()
    with workbench(tmp_path / "home") as address:
        a_deep_link_scrolls_to_its_turn(page, address, of_length(Talk(store), 120).settle())
        a_jump_scrolls_and_the_address_follows(page)
        the_thread_can_be_taken_away(page)
        hostile_text_stays_text(page, address, hostile(store))
        what_is_open_stays_open_while_new_turns_come(page, address, everyday(Talk(store)))
        a_phone_needs_no_scrolling_sideways(page, address, hostile(store))


def hostile(store: EmbeddedStore) -> Job:
    talk = Talk(store).begin(NASTY)
    talk.turn(
        [
            thinking(NASTY),
            text(f"# {NASTY}\n- {NASTY}\n\n```\n{NASTY}"),
            call(NASTY, 1, path=NASTY),
        ],
        [result(NASTY, 1, failed=True)],
    )
    return talk.refused(NASTY).settle()


def opened(page: Page, address: str, job: Job, more: str = "") -> None:
    page.goto(f"{address}/job?id={job.id}&tab=Conversation{more}")
    expect(page.locator(".turn-line").first).to_be_visible(timeout=30_000)
    settled(page)


def folded(page: Page, word: str) -> Locator:
    return page.locator("[class*=st-key-conversation-part-] summary").filter(has_text=word)


def a_deep_link_scrolls_to_its_turn(page: Page, address: str, job: Job) -> None:
    opened(page, address, job, "&turn=110")

    expect(page.locator("#turn-110")).to_be_in_viewport(timeout=30_000)
    expect(page.locator("#turn-101")).not_to_be_in_viewport()


def a_jump_scrolls_and_the_address_follows(page: Page) -> None:
    page.get_by_role("button", name="End").click()

    expect(page.locator("#turn-120")).to_be_in_viewport(timeout=30_000)
    expect(page).to_have_url(re.compile("turn=120"))


def the_thread_can_be_taken_away(page: Page) -> None:
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="JSON Lines, whole").click()

    lines = taken.value.path().read_text().splitlines()
    assert taken.value.suggested_filename.endswith("-1.jsonl")
    assert [json.loads(line)["kind"] for line in lines[:3]] == ["header", "reply", "results"]
    assert len(lines) == 241


def hostile_text_stays_text(page: Page, address: str, job: Job) -> None:
    opened(page, address, job)
    for part in ("What Claude was asked", "Thinking", "failed"):
        folded(page, part).click()
        settled(page)
    main = page.get_by_test_id("stMain")

    expect(main.get_by_text(SCRIPT).nth(5)).to_be_attached()
    assert page.evaluate("window.hacked") is None
    turns = page.locator(".st-key-conversation-turns")
    assert turns.locator("img, script, iframe, h1, h2, .katex").count() == 0
    assert turns.locator("a:not([href^='?'])").count() == 0
    assert SECRET not in main.inner_text()
    shown = turns.inner_text()
    assert "abc\\u202edef\\x1b[31m\\u200b" in shown
    for markup in ("<b>bold</b>", "[x](", "![i](", ":material/check:", ":red[a]", ":smile:", "$b$"):
        assert shown.count(markup) >= 6, markup
    assert "→" not in shown


def what_is_open_stays_open_while_new_turns_come(page: Page, address: str, talk: Talk) -> None:
    opened(page, address, talk.commit())
    folded(page, "src/app.py").last.click()
    expect(page.get_by_text("Edited src/app.py: 1 replacement.")).to_be_visible(timeout=30_000)

    talk.turn([text("A word that comes later.")]).commit()

    expect(page.get_by_text("A word that comes later.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Edited src/app.py: 1 replacement.")).to_be_visible()


def a_phone_needs_no_scrolling_sideways(page: Page, address: str, job: Job) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, job)

    expect(page.get_by_label("Turns")).to_be_hidden()
    assert fits(page)
