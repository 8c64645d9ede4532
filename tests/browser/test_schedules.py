"""A schedule's life in a real browser: added, paused, run by hand, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from codybatch.domain.prompts import PromptDraft
from tests.browser.kit import visit, workbench
from tests.worker.world import CLEAN, World, world

PATIENCE = 30_000


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"acme/clean": CLEAN}) as opened:
        draft = PromptDraft(name="tidy", template="Tidy up.")
        opened.app.prompts.save(draft, opened.app.person)
        yield opened


def test_a_schedule_is_added_paused_run_by_hand_and_removed(
    w: World, system_browser: Browser
) -> None:
    """One server, one story: a start takes seconds."""
    environment = w.settings.as_environment()
    home = Path(environment.pop("CODYBATCH_HOME"))
    with (
        visit(system_browser, timezone_id="America/New_York") as (context, _),
        workbench(home, **environment) as address,
    ):
        page = context.new_page()
        the_empty_list_leads_to_the_form(page, address)
        a_rule_is_told_while_it_is_typed(page)
        it_is_added_and_shown(page, w)
        the_switch_pauses_it(page, address, w)
        a_run_by_hand_asks_first_and_its_end_is_seen(page, w)
        removing_it_leads_back(page, w)


def the_empty_list_leads_to_the_form(page: Page, address: str) -> None:
    page.goto(f"{address}/schedules")
    page.get_by_role("link", name="Add the first one").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="New schedule")).to_be_visible()


def a_rule_is_told_while_it_is_typed(page: Page) -> None:
    rule = page.get_by_label("Rule", exact=True)
    meant = page.get_by_text("Every day at 02:00, America/New_York")
    expect(meant).to_be_visible(timeout=PATIENCE)

    rule.fill("30 9 * * MON-FRI")  # nobody leaves the field, and nothing is pressed
    expect(page.get_by_text("Every weekday at 09:30, America/New_York")).to_be_visible()
    rule.fill("30 9 * *")
    expect(page.get_by_text("This is no rule yet")).to_be_visible()
    page.get_by_text("Every Monday", exact=True).first.click()
    expect(page.get_by_text("Every Monday at 07:00, America/New_York")).to_be_visible()


def it_is_added_and_shown(page: Page, w: World) -> None:
    repositories = page.get_by_role("combobox", name="Repositories", exact=True)
    repositories.fill("acme/clean")
    repositories.press("Enter")
    page.keyboard.press("Escape")  # the list of choices lies over the page
    page.get_by_role("textbox", name="Name").fill("Every Monday")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.get_by_role("button", name="Add schedule").click()

    expect(page.get_by_role("heading", name="Every Monday")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("It has not run yet.")).to_be_visible()
    (schedule,) = w.app.schedules.list()
    assert schedule.template.repositories == ("acme/clean",)
    assert (schedule.rule.text, schedule.rule.time_zone) == ("0 7 * * MON", "America/New_York")


def the_switch_pauses_it(page: Page, address: str, w: World) -> None:
    page.goto(f"{address}/schedules")
    row = page.locator("[class*=st-key-row-schedules-]")
    expect(row).to_have_count(1, timeout=PATIENCE)

    row.get_by_test_id("stCheckbox").locator("label").click()

    expect(row.get_by_text("paused")).to_be_visible(timeout=PATIENCE)
    assert [one.paused for one in w.app.schedules.list()] == [True]
    row.get_by_role("link").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def a_run_by_hand_asks_first_and_its_end_is_seen(page: Page, w: World) -> None:
    page.get_by_role("button", name="Run now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The calendar goes on as before.")).to_be_visible()
    dialog.get_by_role("button", name="Run now").click()

    expect(page.get_by_text("Asked for by dana, today")).to_be_visible(timeout=PATIENCE)
    (schedule,) = w.app.schedules.list()
    (job,) = w.app.requests.jobs_of(schedule.runs[0].request)  # type: ignore[arg-type]
    w.wait_for(job.id)
    expect(page.get_by_text("Succeeded")).to_be_visible(timeout=PATIENCE)


def removing_it_leads_back(page: Page, w: World) -> None:
    page.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Remove the schedule Every Monday?")).to_be_visible()
    assert len(w.app.schedules.list()) == 1
    dialog.get_by_role("button", name="Remove the schedule").click()

    expect(page.get_by_text("No schedules yet")).to_be_visible(timeout=PATIENCE)
    assert w.app.schedules.list() == ()
