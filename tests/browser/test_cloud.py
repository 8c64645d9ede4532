"""The whole cloud on this machine: from a click to DynamoDB, S3 and AWS Batch, and back on a page.

One request comes from the workbench in a browser and one over the HTTP API. The worker of the first
is killed in the middle; both end, and what came of them is read from the table and the bucket.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import visit
from tests.browser.test_demonstration import a_starter_is_taken_to_a_request
from tests.served_cloud import ServedCloud, eventually, fetched

pytestmark = pytest.mark.timeout(600)

PATIENCE = 120_000
"""Milliseconds: two cores serve, work and draw at once."""
STARTER = "add-request-timeouts"
CLICKED, ASKED = "demo-org/image-thumbs", "demo-org/weather-client"
GATE = "held"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCloud]:
    made = ServedCloud(tmp_path_factory.mktemp("cloud"))
    yield made
    made.end()


def test_jobs_from_a_page_and_over_http_end_in_the_table_whatever_dies(
    cloud: ServedCloud, system_browser: Browser
) -> None:
    words = f"name: {CLICKED}\\n"
    held = {"kind": "hold", "turn": 2, "after_events": 1, "gate": GATE, "containing": words}
    cloud.model("faults", [held])
    with visit(system_browser) as (context, _):
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{cloud.workbench}/prompts")
        a_starter_is_taken_to_a_request(page)
        it_runs_on(page, CLICKED)

        over_http = cloud.ask("/requests", prompt=STARTER, repositories=[ASKED])
        the_worker_is_killed_in_the_middle(cloud)
        cloud.model("gates", {"open": GATE})

        jobs = ended(cloud)
        assert jobs[ASKED]["id"] == over_http["jobs"][0]["id"]
        the_page_shows_both_jobs(page, cloud)
        the_page_shows_what_changed(page, cloud, jobs[CLICKED])
        the_page_shows_the_conversation(page, cloud, jobs[CLICKED])
        the_page_shows_both_attempts(page, cloud, jobs[CLICKED])
    everything_is_in_the_table_and_the_bucket(cloud, jobs)


def it_runs_on(page: Page, repository: str) -> None:
    page.get_by_role("textbox", name="Names or addresses").fill(repository)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("1 of 5")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-run").get_by_role("button", name="Run on 1 repository").click()
    page.get_by_role("dialog").get_by_role("button", name="Run on 1 repository").click()
    page.wait_for_url("**/request?id=*", timeout=PATIENCE)


def the_worker_is_killed_in_the_middle(cloud: ServedCloud) -> None:
    """Of the job that the model is held for: its container goes, as with a host that is lost."""
    address = f"{cloud.environment['ANTHROPIC_BASE_URL']}/_standin/gates"
    eventually(lambda: fetched(address).get(GATE))
    (job,) = cloud.ask(f"/jobs?repository={CLICKED}")["items"]
    assert job["state"] == "running"
    (container,) = [one for one in cloud.batch("jobs") if is_of(cloud, one, job)]
    assert cloud.batch("reclaim", jobId=container["jobId"], how="KILLED") == {"reclaimed": True}


def is_of(cloud: ServedCloud, container: dict[str, Any], job: dict[str, Any]) -> bool:
    """Whether a container works on a job: its submission is part of its name."""
    submission = cloud.ask(f"/jobs/{job['id']}")["submission"]
    return container["pid"] is not None and f"-{submission}-" in container["jobName"]


def ended(cloud: ServedCloud) -> dict[str, dict[str, Any]]:
    """Both jobs by their repositories, once they have succeeded."""

    def found() -> dict[str, dict[str, Any]]:
        jobs = {job["repository"]: job for job in cloud.ask("/jobs")["items"]}
        assert jobs.keys() == {CLICKED, ASKED}
        return jobs if all(job["endedBecause"] for job in jobs.values()) else {}

    jobs: dict[str, dict[str, Any]] = eventually(found)
    assert {job["state"] for job in jobs.values()} == {"succeeded"}, jobs
    return jobs


def the_page_shows_both_jobs(page: Page, cloud: ServedCloud) -> None:
    page.goto(f"{cloud.workbench}/jobs")
    for repository in (CLICKED, ASKED):
        expect(page.get_by_text(repository).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("No key is used, nothing is spent.")).to_be_visible()


def the_page_shows_what_changed(page: Page, cloud: ServedCloud, job: dict[str, Any]) -> None:
    page.goto(f"{cloud.workbench}/job?id={job['id']}&tab=Diff")
    expect(page.get_by_text("timeout=10").first).to_be_visible(timeout=PATIENCE)


def the_page_shows_the_conversation(page: Page, cloud: ServedCloud, job: dict[str, Any]) -> None:
    page.goto(f"{cloud.workbench}/job?id={job['id']}&tab=Conversation")
    expect(page.locator(".turn-line").first).to_be_visible(timeout=PATIENCE)


def the_page_shows_both_attempts(page: Page, cloud: ServedCloud, job: dict[str, Any]) -> None:
    page.goto(f"{cloud.workbench}/job?id={job['id']}&tab=Activity")
    expect(page.get_by_text(re.compile(r"2 attempts"))).to_be_visible(timeout=PATIENCE)


def everything_is_in_the_table_and_the_bucket(
    cloud: ServedCloud, jobs: dict[str, dict[str, Any]]
) -> None:
    """Read past our own code."""
    assert not (cloud.home / "codybatch.db").exists()
    assert not (cloud.home / "blobs").exists()
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    key, secret, region = (cloud.environment[name] for name in names)
    session = boto3.Session(key, secret, region_name=region)
    bucket = session.client("s3", endpoint_url=cloud.told["aws"])
    table = session.client("dynamodb", endpoint_url=cloud.told["aws"])
    for job in jobs.values():
        (name,) = [
            one["Key"]
            for one in bucket.list_objects_v2(Bucket="codybatch")["Contents"]
            if job["id"] in one["Key"] and one["Key"].endswith("change.patch")
        ]
        stored = bucket.get_object(Bucket="codybatch", Key=name)["Body"].read()
        assert stored == patch_of(cloud, job)
    items = table.scan(TableName="codybatch")["Items"]
    assert all(any(job["id"] in repr(item) for item in items) for job in jobs.values())
    bucket.close()
    table.close()


def patch_of(cloud: ServedCloud, job: dict[str, Any]) -> bytes:
    """What the HTTP API gives out."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{cloud.told['api']}/jobs/{job['id']}/patch", timeout=60) as answer:
        return bytes(answer.read())
