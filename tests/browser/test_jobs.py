"""Jobs in a real browser: judged with the keyboard alone, and acted on in a whole world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from codybatch.domain.findings import Decision
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState
from tests.browser.kit import workbench
from tests.ui_kit import DIFF, Gallery
from tests.worker.world import CLEAN, CLOCKS, World, world

pytestmark = pytest.mark.timeout(600)

FIRST = 30_000
"""Milliseconds: a server's first page may take that long."""
LONG = 60_000
"""Milliseconds, for what real processes do."""
GATED = "acme/gated"
WORKFLOW = {".github/workflows/now.py": CLOCKS["clocks/now.py"], "README.md": "# Now\n"}


# with the keyboard


def test_ten_jobs_are_judged_with_the_keyboard(tmp_path: Path, visitor: BrowserContext) -> None:
    gallery = Gallery(tmp_path / "home")
    titles = [f"Title {number}" for number in range(10)]
    wanted = [(f"acme/{title[-1]}", {"patch": DIFF, "title": title}) for title in titles]
    jobs = gallery.request_of(*wanted)
    page = visitor.new_page()
    with workbench(gallery.home, CODYBATCH_PERSON="dana") as address:
        page.goto(f"{address}/judge?request={jobs[0].request}")
        expect(page.get_by_text("Title 0")).to_be_visible(timeout=FIRST)

        what_is_written_in_a_field_judges_nothing(page)
        for number in range(9):
            expect(page.get_by_text(f"Title {number}", exact=True)).to_be_visible()
            expect(page.get_by_text(f"{number + 1} of 10")).to_be_visible()
            page.keyboard.press("a" if number % 2 else "x")
        expect(page.get_by_text("Title 9")).to_be_visible()
        page.keyboard.press("k")
        expect(page.get_by_text("Title 8")).to_be_visible()
        page.keyboard.press("u")
        expect(page.get_by_text("You have not judged it.")).to_be_visible()
        page.keyboard.press("a")
        expect(page.get_by_text("Title 9")).to_be_visible()
        page.keyboard.press("j")
        expect(page.get_by_text("1 job was skipped.")).to_be_visible()

    given = [gallery.records.verdicts(job.id) for job in jobs]
    gallery.close()
    assert [one[0].decision for one in given[:9]] == [
        *(Decision.REJECT, Decision.ACCEPT) * 4,
        Decision.ACCEPT,
    ]
    assert given[0][0].comment == "axjku"
    assert given[9] == ()


def what_is_written_in_a_field_judges_nothing(page: Page) -> None:
    field = page.get_by_label("Comment")
    field.click()
    page.keyboard.type("axjku")
    field.blur()
    expect(page.get_by_text("1 of 10")).to_be_visible()
    expect(page.get_by_text("You have not judged it.")).to_be_visible()


def test_a_page_of_the_list_stands_in_the_address(tmp_path: Path, visitor: BrowserContext) -> None:
    gallery = Gallery(tmp_path / "home")
    for number in range(26):
        gallery.cancelled(f"acme/r{number}")
    gallery.close()
    page = visitor.new_page()
    with workbench(gallery.home) as address:
        page.goto(f"{address}/jobs?state=Cancelled")
        page.get_by_role("button", name="Older").click(timeout=FIRST)
        expect(page.locator("[class*=st-key-row-]")).to_have_count(1)
        page.reload()
        expect(page.locator("[class*=st-key-row-]")).to_have_count(1)
        expect(page.get_by_role("button", name="Newest")).to_be_visible()


# in a whole world


@dataclass(frozen=True)
class Seen:
    """A world, the page that looks at it, and where that is."""

    world: World
    page: Page
    address: str

    def open(self, job: Job) -> None:
        """Open a job's page."""
        self.page.goto(f"{self.address}/job?id={job.id}")
        heading = self.page.get_by_role("heading", name=job.repository.full_name)
        expect(heading).to_be_visible(timeout=FIRST)

    def button(self, name: str) -> Locator:
        """A button of the page."""
        return self.page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)

    def in_dialog(self, name: str) -> Locator:
        """A button of the open dialog."""
        return self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True)

    def now(self, job: Job) -> Job:
        """A job as it is stored now."""
        return self.world.app.jobs.find(job.id)


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    files = {GATED: WORKFLOW, "acme/clocks": CLOCKS, "acme/clean": CLEAN, "acme/held": CLOCKS}
    with world(tmp_path, files) as opened:
        yield opened


def test_what_a_person_does_after_a_job(w: World, visitor: BrowserContext) -> None:
    """One world and one server, one story: a start takes seconds."""
    gated, clocks, clean = w.wait(w.submit(GATED, "acme/clocks", "acme/clean"))
    held = w.submit("acme/clean", "acme/held", name="rehearsed", rehearse=True).jobs[1]
    with workbench(w.settings.home, **w.settings.as_environment()) as address:
        seen = Seen(w, visitor.new_page(), address)
        a_patch_that_was_held_back_is_published_by_a_person(seen, gated)
        a_follow_up_goes_on_from_there_while_the_page_is_gone(seen, clocks)
        a_retry_is_a_click_and_an_answer(seen, clean)
        a_held_job_is_cancelled_by_name(seen, held)


def a_patch_that_was_held_back_is_published_by_a_person(seen: Seen, job: Job) -> None:
    seen.page.emulate_media(color_scheme="dark")
    seen.open(job)
    seen.button("Publish").click()
    dialog = seen.page.get_by_role("dialog")
    expect(dialog.get_by_text(".github/workflows/now.py")).to_be_visible()
    expect(seen.in_dialog("Publish")).to_be_disabled()
    assert dialog.evaluate("element => getComputedStyle(element).colorScheme") == "dark"
    dialog.get_by_label("Labels").fill("chore, reviewed")
    dialog.get_by_text("publish it to acme/gated all the same").click()
    seen.in_dialog("Publish").click()
    expect(dialog).to_have_count(0)
    expect(seen.page.get_by_text("Publishing: done")).to_be_visible(timeout=LONG)

    expect(seen.page.get_by_role("link", name="Open pull request")).to_be_visible()
    expect(seen.page.get_by_text("dana let it pass.").first).to_be_visible()
    (pull,) = seen.world.github.pull_requests(GATED)
    assert (pull.draft, pull.labels) == (True, ("chore", "reviewed"))
    assert seen.now(job).publication.overridden_by == "dana"

    seen.button("Refresh").click()
    expect(seen.page.get_by_text("Refresh: done")).to_be_visible(timeout=LONG)
    expect(seen.page.get_by_text("Publishing: done")).to_have_count(0)


def a_follow_up_goes_on_from_there_while_the_page_is_gone(seen: Seen, job: Job) -> None:
    seen.open(job)
    seen.button("Follow up").click()
    seen.in_dialog("Follow up").click()
    expect(seen.page.get_by_role("dialog").get_by_text("Say what to do.")).to_be_visible()
    text = seen.page.get_by_role("dialog").get_by_label("What to do now")
    text.fill("Also replace `now` by `current` everywhere.")
    text.blur()
    seen.in_dialog("Follow up").click()
    expect(seen.page.get_by_role("dialog")).to_have_count(0)
    seen.page.goto("about:blank")  # the tab is closed

    seen.open(job)
    expect(seen.page.get_by_text("The follow-up is on its way.")).to_be_visible(timeout=LONG)
    seen.page.get_by_role("button", name="Open the new job").click()
    expect(seen.page.get_by_text("Asked to: Also replace")).to_be_visible()
    expect(seen.page.get_by_text("Claude finished the task.")).to_be_visible(timeout=LONG)
    newest = seen.world.app.jobs.lineage(job)[-1]
    assert (newest.lineage.parent, newest.lineage.relation) == (job.id, LineageRelation.FOLLOW_UP)
    assert newest.id in seen.page.url
    seen.button("First job").click()
    expect(seen.page.get_by_text("First job (this)")).to_be_visible()


def a_retry_is_a_click_and_an_answer(seen: Seen, job: Job) -> None:
    seen.open(job)
    seen.button("Retry").click()
    expect(seen.page.get_by_text("Run the job on acme/clean again?")).to_be_visible()
    seen.in_dialog("Retry").click()
    expect(seen.page.get_by_text("The retry is on its way.")).to_be_visible(timeout=LONG)
    newest = seen.world.app.jobs.lineage(job)[-1]
    assert newest.lineage.relation is LineageRelation.RETRY
    assert newest.publication.kind is PublicationKind.NONE


def a_held_job_is_cancelled_by_name(seen: Seen, job: Job) -> None:
    seen.open(job)
    expect(seen.button("Release")).to_be_visible()
    seen.button("Cancel").click()
    expect(seen.page.get_by_text("Cancel the job on acme/held?")).to_be_visible()
    seen.in_dialog("Keep it").click()
    expect(seen.page.get_by_role("dialog")).to_have_count(0)
    seen.button("Cancel").click()
    seen.in_dialog("Cancel the job").click()

    expect(seen.page.get_by_text("Cancelled by dana.")).to_be_visible(timeout=FIRST)
    assert seen.now(job).state is JobState.CANCELLED
