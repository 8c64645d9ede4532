"""Where jobs are found, and which addresses may be a link."""

from __future__ import annotations

import pytest

from codybatch.analysis.report_files.links import Links, safe_link, workbench_url
from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import JobId

JOB = JobId(f"{'0' * 26}-1")


def test_a_job_is_in_the_workbench_where_one_is_known_else_in_the_report() -> None:
    assert Links("http://h:1", (JOB,)).diff(JOB) == f"http://h:1/job?id={JOB}&tab=Diff"
    assert Links("", (JOB,)).diff(JOB) == "#j1"
    assert Links("", ()).conversation(JOB) == ""
    assert Links("http://h:1", ()).diff(None) == ""


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("http://127.0.0.1:8501/", "http://127.0.0.1:8501"),
        ("https://d1.example", "https://d1.example"),
        ("http://[::1]:8501", "http://[::1]:8501"),
    ],
)
def test_an_address_of_a_workbench_is_taken(written: str, address: str) -> None:
    assert workbench_url(written) == address


@pytest.mark.parametrize(
    "written",
    [
        *("", "127.0.0.1:8501", "javascript:alert(1)", "file:///etc", "http://a/b", "http://a?x=1"),
        *("http://user:word@host", 'http://a"onclick=x', "http://a b", "http://"),
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="no address of a workbench"):
        workbench_url(written)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil", "http://[", "ht\ntp://a", None]
)
def test_only_addresses_of_known_schemes_are_links(address: str | None) -> None:
    assert safe_link(address) == ""


def test_a_pull_request_is_a_link() -> None:
    assert safe_link("https://github.example/a/b/pull/7") == "https://github.example/a/b/pull/7"
