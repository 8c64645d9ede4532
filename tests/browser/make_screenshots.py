"""Writes docs/images/: every page of the workbench, in light and dark. ``make shots`` runs it.

The pictures are of the living demonstration, after a person worked with it: a starter became a
request, a pull request and a judged job; and of its experiment, which was run and judged before.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

import codybatch
from codybatch.standins.experiment.prompts import SHORT, SPELLED_OUT
from tests.browser.get_chromium import MISSING
from tests.browser.kit import chromium, settled, visit
from tests.browser.test_demonstration import (
    a_repository_is_found_and_the_request_runs,
    a_starter_is_taken_to_a_request,
    it_is_accepted,
    the_job_ends_before_our_eyes,
)
from tests.cli_kit import run
from tests.prestarted import kit as prestarted
from tests.served_kit import ROOT
from tests.unit.cli.test_demo import settings_of
from tests.unit.cli.test_up_demo import Served

IMAGES = ROOT / "docs" / "images"
PATIENCE = 60_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DEMONSTRATED = "invoice-ledger"
PICTURES: dict[str, str] = {
    "overview": "/",
    "compose": "/compose?starter=find-unsafe-deserialisation&repository=demo-org/session-store",
    "requests": "/requests",
    "request": "REQUEST",
    "jobs": "/jobs",
    "job": "JOB",
    "job-diff": "JOB&tab=Diff",
    "job-conversation": "JOB&tab=Conversation",
    "job-activity": "JOB&tab=Activity",
    "job-cost": "JOB&tab=Cost",
    "judge": "/judge",
    "prompts": "/prompts",
    "prompt": "/prompt?name=add-request-timeouts",
    "experiments": "/experiments",
    "experiment": "EXPERIMENT",
    "report": "REPORT",
    "schedules": "/schedules",
    "new-schedule": "/new_schedule",
    "settings": "/settings",
    "settings-limits": "/settings?tab=Limits",
}
"""Each picture's name, and the address of its page."""


def main() -> None:
    """Run the demonstration in a home of its own, work with it, and take all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        if browser is None:
            sys.exit(MISSING)
        experiment, report = experimented(Path(folder))
        demonstration = Served(Path(folder))
        try:
            addresses = worked_with(browser, demonstration.address)
            found = f"{demonstration.address}/experiment?id={experiment}"
            addresses |= {"experiment": found, "report": report.as_uri()}
            for scheme in SCHEMES:
                take_all(browser, scheme, addresses)
        finally:
            demonstration.end()


def experimented(home: Path) -> tuple[str, Path]:
    """Run the demonstration's experiment where it was not yet; its id, and a report of two arms."""
    environment, report = settings_of(home), home / "report.html"
    ended = run("demo", "--experiment", "--json", environment=environment, seconds=3_600)
    if ended.status:
        sys.exit(ended.err)
    name = ended.json["experiment"]
    prestarted.end()
    with codybatch.connect(home / "demo") as cb:
        experiment = cb.experiment(name)
        experiment.compare(f"{SPELLED_OUT}@1", f"{SHORT}@1").report(report)
    return experiment.id, report


def worked_with(browser: Browser, address: str) -> dict[str, str]:
    """Do what a new user does; the address of each picture's page after that."""
    with visit(browser) as (context, _):
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{address}/prompts")
        a_starter_is_taken_to_a_request(page)
        a_repository_is_found_and_the_request_runs(page)
        the_job_ends_before_our_eyes(page)
        it_is_accepted(page)
        page.goto(f"{address}/jobs")
        page.get_by_role("link", name=DEMONSTRATED).click()
        page.wait_for_url("**/job?id=*")
        job = re.search("id=([^&]+)", page.url)
    if job is None:
        raise RuntimeError(f"The address of the job is not {page.url}.")
    known = {
        "REPORT": "",
        "EXPERIMENT": "",
        "REQUEST": f"/request?id={job[1].rpartition('-')[0]}",
        "JOB": f"/job?id={job[1]}",
    }
    return {name: address + _filled(path, known) for name, path in PICTURES.items()}


def _filled(path: str, known: dict[str, str]) -> str:
    for word, value in known.items():
        path = path.replace(word, value)
    return path


def take_all(browser: Browser, scheme: Literal["light", "dark"], addresses: dict[str, str]) -> None:
    """Every picture in one scheme."""
    with visit(browser, scheme=scheme, width=1280, height=860) as (context, watch):
        watch.expected.add("not connected to a server")  # Streamlit's own, as a page is left
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for name, address in addresses.items():
            page.goto(address)
            at_rest(page)
            to = IMAGES / f"{name}-{scheme}.png"
            page.screenshot(path=to)
            sys.stdout.write(f"{os.path.relpath(to)}: {to.stat().st_size // 1000} kB\n")


def take_report(browser: Browser, report: Path) -> None:
    """The head of a report's page in both schemes.

    Args:
        browser: to look with.
        report: the file, as `codybatch experiments report` writes it.
    """
    for scheme in SCHEMES:
        with visit(browser, scheme=scheme, width=1280, height=1180) as (context, _):
            page = context.new_page()
            page.goto(report.absolute().as_uri())
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.screenshot(path=IMAGES / f"report-{scheme}.png")


def at_rest(page: Page) -> None:
    """Wait until a page shows all that it has to show."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    if page.url.startswith("file:"):  # a report moves nothing
        return
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    if "tab=Diff" in page.url:
        expect(page.locator(".d2h-code-side-line").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("This is being worked out")).to_have_count(0, timeout=PATIENCE)
    if page.get_by_test_id("stMetricChart").count():
        drawn = page.get_by_test_id("stMetricChart").locator("svg, canvas")
        expect(drawn.first).to_be_visible(timeout=PATIENCE)
    page.evaluate("document.fonts.ready.then(() => true)")


if __name__ == "__main__":
    main()
