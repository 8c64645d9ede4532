"""What goes on by itself on a page, and what must not be disturbed by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Progress
from codybatch.domain.states import JobState
from tests.browser.kit import workbench
from tests.contracts.examples import lease_of
from tests.ui_kit import Gallery

SLOW = 30_000


@pytest.fixture
def address(gallery: Gallery) -> Iterator[str]:
    with workbench(gallery.home) as served:
        yield served


def goes_on(gallery: Gallery, job: JobId, turn: int) -> None:
    """The job's worker tells its next turn."""
    progress = Progress(turn=turn, last_tool="edit_file src/ingest.py")
    until = datetime.now(UTC) + timedelta(minutes=1)
    gallery.records.renew(lease_of(gallery.records.job(job)), progress, until)


def test_rows_change_in_their_place_and_nothing_else_moves(
    gallery: Gallery, address: str, visitor: BrowserContext
) -> None:
    job = gallery.running("acme/live")
    page = visitor.new_page()
    page.goto(f"{address}/jobs")
    row = page.locator(f".st-key-row-jobs-{job.id}")
    expect(row.get_by_text("turn 14")).to_be_visible(timeout=SLOW)
    search = page.get_by_label("Search")
    search.press_sequentially("half a wo")
    row.evaluate("element => { element.kept = true }")
    page.evaluate(
        """() => {
          window.faded = 0;
          const main = document.querySelector('[data-testid=stMain]');
          const look = () => {
            for (const one of main.querySelectorAll('[class*=st-key-row-]'))
              if (getComputedStyle(one.parentElement).opacity !== '1') window.faded += 1;
            requestAnimationFrame(look);
          };
          look();
        }"""
    )

    goes_on(gallery, job.id, 15)
    expect(row.get_by_text("turn 15")).to_be_visible(timeout=SLOW)
    goes_on(gallery, job.id, 16)
    expect(row.get_by_text("turn 16")).to_be_visible(timeout=SLOW)

    assert row.evaluate("element => element.kept")
    assert page.evaluate("window.faded") == 0
    expect(search).to_be_focused()
    expect(search).to_have_value("half a wo")


def test_a_question_stays_open_while_the_page_goes_on_and_its_act_is_told(
    gallery: Gallery, address: str, visitor: BrowserContext
) -> None:
    job = gallery.running("acme/live")
    page = visitor.new_page()
    page.goto(f"{address}/job?id={job.id}")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("turn 14").first).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog")
    expect(question.get_by_text("Cancel the job on acme/live?")).to_be_visible(timeout=SLOW)

    goes_on(gallery, job.id, 15)
    expect(main.get_by_text("turn 15").first).to_be_attached(timeout=SLOW)
    expect(question).to_be_visible()

    is_kept(page)
    assert not gallery.records.job(job.id).cancel_requested
    page.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("being cancelled", timeout=SLOW)
    expect(question).to_have_count(0)
    assert gallery.records.job(job.id).cancel_requested


def is_kept(page: Page) -> None:
    """The question is answered by no, and goes."""
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)


def test_a_question_outlives_every_run_of_the_page_behind_it(
    gallery: Gallery, address: str, visitor: BrowserContext
) -> None:
    jobs = gallery.request("acme/one", "acme/two", title="Tidy up")
    page = visitor.new_page()
    page.goto(f"{address}/request?id={jobs[0].request}")
    page.get_by_role("button", name="Cancel").click(timeout=SLOW)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=SLOW)

    gallery.begun(jobs[0])
    expect(page.get_by_text("1 runs, 1 is queued")).to_be_attached(timeout=SLOW)
    gallery.settle(gallery.records.job(jobs[0].id))
    expect(page.get_by_text("1 of 2 jobs have ended")).to_be_attached(timeout=SLOW)
    dialog.get_by_role("button", name="Cancel 2 jobs").click()

    expect(dialog).to_have_count(0, timeout=SLOW)
    expect(page.get_by_text("2 of 2 jobs have ended")).to_be_visible(timeout=SLOW)
    assert gallery.records.job(jobs[1].id).state is JobState.CANCELLED
