"""The log against what the standard asks for (SARIF 2.1.0, OASIS)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.findings import findings_of
from codybatch.services.sarif import FINGERPRINT, as_sarif
from tests.unit.services.auditing import SECRET, audits, clean, finding

HOST = "https://github.com"


def log_of(*jobs: Job) -> Any:
    found = findings_of(jobs, clean)
    return json.loads(json.dumps(as_sarif(jobs, found, HOST, "0.1.0")))


def run_of(*findings: Any, **changes: Any) -> Any:
    (job,) = audits(findings)
    (run,) = log_of(job.with_(**changes))["runs"]
    return run


def test_a_log_names_its_version_and_has_a_run_for_each_job() -> None:
    jobs = audits((finding(),), ())
    log = log_of(*jobs)

    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert [len(run["results"]) for run in log["runs"]] == [1, 0]
    assert log["runs"][1]["tool"]["driver"] == {
        "name": "Cody Batch",
        "version": "0.1.0",
        "rules": [],
    }


def test_a_run_says_which_commit_of_which_repository_was_read() -> None:
    run = run_of(finding())
    (provenance,) = run["versionControlProvenance"]

    assert provenance == {
        "repositoryUri": "https://github.com/acme/app1",
        "revisionId": "0" * 40,
        "branch": "main",
        "mappedTo": {"uriBaseId": "SRCROOT"},
    }
    assert "SRCROOT" in run["originalUriBaseIds"]
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "startTimeUtc": "2026-03-01T12:00:00Z",
            "endTimeUtc": "2026-03-01T12:02:00Z",
        }
    ]
    assert run["automationDetails"]["id"].startswith("codybatch/update/")


def test_a_run_that_did_not_succeed_says_so() -> None:
    assert not run_of(state=JobState.PARTIAL)["invocations"][0]["executionSuccessful"]


def test_results_lead_to_rules_and_have_levels() -> None:
    run = run_of(
        finding(Severity.CRITICAL, rule="b"),
        finding(Severity.MEDIUM, rule="a"),
        finding(Severity.LOW, rule="b"),
        finding(Severity.INFO, rule="a", calls_for_change=False),
    )
    rules = run["tool"]["driver"]["rules"]

    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        ("a", "warning"),
        ("b", "error"),
    ]
    assert [(r["ruleId"], r["level"], r["kind"]) for r in run["results"]] == [
        ("b", "error", "fail"),
        ("a", "warning", "fail"),
        ("b", "note", "fail"),
        ("a", "none", "informational"),
    ]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_places_are_relative_to_the_repository_with_their_lines() -> None:
    run = run_of(
        finding(path="src/a b#é.py", start_line=3, end_line=5),
        finding(path="src/c.py", start_line=None, end_line=4),
        finding(path="src/d.py", start_line=None),
        finding(path="x.py", place_found=False),
        finding(path=".", start_line=None),
    )
    placed = {
        result["properties"].get("path", ""): result["locations"] for result in run["results"]
    }
    found = [r["locations"][0]["physicalLocation"] for r in run["results"] if r["locations"]]

    assert [one["artifactLocation"]["uriBaseId"] for one in found] == ["SRCROOT"] * 3
    assert found[0]["artifactLocation"]["uri"] == "src/a%20b%23%C3%A9.py"
    assert unquote(found[0]["artifactLocation"]["uri"]) == "src/a b#é.py"
    assert [one.get("region") for one in found] == [
        {"startLine": 3, "endLine": 5},
        {"startLine": 1, "endLine": 4},
        None,
    ]
    assert placed["x.py"] == []


def test_fingerprints_stay_when_lines_shift_and_words_change() -> None:
    def prints(*findings: Any) -> list[str]:
        return [r["partialFingerprints"][FINGERPRINT] for r in run_of(*findings)["results"]]

    before = prints(finding(), finding(start_line=9), finding(path="other.py"))
    after = prints(
        finding(start_line=30, message="Said otherwise."),
        finding(start_line=40),
        finding(path="other.py", rule="SQL-injection"),
    )

    assert sorted(before) == sorted(after)
    assert len(set(before)) == 3


def test_a_message_is_plain_text_whatever_the_model_wrote() -> None:
    wrote = f"\x1b]8;;x {{0}} [click](http://evil.example) \u202e{SECRET}"
    (result,) = run_of(finding(message=wrote, suggestion="Bind it."))["results"]

    text = result["message"]["text"]
    assert text == (
        "\\x1b]8;;x {{0}} [click] (http://evil.example) \\u202e[redacted]\n\nSuggestion: Bind it."
    )
