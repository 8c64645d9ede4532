"""Findings as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.records import JsonObject
from codybatch.domain.states import JobState
from codybatch.services.findings import BADNESS, JobFinding
from codybatch.services.plain_text import in_plain_sight

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "SRCROOT"
"""The base of all paths: the repository's root."""
FINGERPRINT = "codybatchPlace/v1"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}


def as_sarif(
    jobs: Sequence[Job], found: Sequence[JobFinding], server_url: str, release: str
) -> JsonObject:
    """A SARIF log: a run for each job, those without findings too.

    Args:
        jobs: audits that have ended.
        found: their findings, as ``findings_of`` gives them.
        server_url: the code host's address, to which ``owner/name`` leads.
        release: of Cody Batch.
    """
    by_job = {key: list(group) for key, group in groupby(found, key=lambda one: one.job.id)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            _run(job, [one.finding for one in by_job.get(job.id, ())], server_url, release)
            for job in jobs
        ],
    }


def _run(job: Job, findings: Sequence[Finding], server_url: str, release: str) -> JsonObject:
    rules = sorted({_rule_of(finding) for finding in findings})
    return {
        "tool": {
            "driver": {
                "name": "Cody Batch",
                "version": release,
                "rules": [_rule(name, findings) for name in rules],
            }
        },
        # The part up to the last slash names what runs again and again, the rest this one run.
        "automationDetails": {"id": f"codybatch/{job.prompt.name}/{job.id}"},
        "versionControlProvenance": [
            {
                "repositoryUri": f"{server_url}/{job.repository.full_name}",
                "revisionId": job.commit,
                "branch": job.base_branch,
                "mappedTo": {"uriBaseId": ROOT},
            }
        ],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(job)],
        "columnKind": "unicodeCodePoints",
        "results": _results(job, findings, rules),
        "properties": {
            "job": job.id,
            "request": job.request,
            "prompt": str(job.prompt),
            "model": job.model,
            "wereChangesNecessary": job.were_changes_necessary,
        },
    }


def _invocation(job: Job) -> JsonObject:
    times = {"startTimeUtc": job.started_at, "endTimeUtc": job.ended_at}
    written = {name: at.strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in times.items() if at}
    return {"executionSuccessful": job.state is JobState.SUCCEEDED, **written}


def _rule_of(finding: Finding) -> str:
    return " ".join(in_plain_sight(finding.rule).split())


def _rule(name: str, findings: Sequence[Finding]) -> JsonObject:
    mine = [finding.severity for finding in findings if _rule_of(finding) == name]
    worst = min(mine, key=BADNESS.__getitem__)
    return {
        "id": name,
        "shortDescription": {"text": _message(name)},
        "defaultConfiguration": {"level": _LEVELS[worst]},
    }


def _results(job: Job, findings: Sequence[Finding], rules: Sequence[str]) -> list[JsonObject]:
    seen: Counter[tuple[str, str]] = Counter()
    results = []
    for finding in findings:
        place = (_rule_of(finding).casefold(), finding.path)
        seen[place] += 1
        fingerprint = _fingerprint(job, *place, seen[place])
        results.append(_result(finding, rules.index(_rule_of(finding)), fingerprint))
    return results


def _result(finding: Finding, rule_index: int, fingerprint: str) -> JsonObject:
    advice = f"\n\nSuggestion: {finding.suggestion}" if finding.suggestion else ""
    # A level other than "none" belongs to the kind "fail" alone (section 3.27.10).
    fails = finding.calls_for_change
    return {
        "ruleId": _rule_of(finding),
        "ruleIndex": rule_index,
        "kind": "fail" if fails else "informational",
        "level": _LEVELS[finding.severity] if fails else "none",
        "message": {"text": _message(finding.message + advice)},
        "locations": _locations(finding),
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "callsForChange": finding.calls_for_change,
            "placeFound": finding.place_found,
            **({} if finding.place_found else {"path": in_plain_sight(finding.path)}),
        },
    }


def _locations(finding: Finding) -> list[JsonObject]:
    """Where it is; nowhere in particular where it is about the whole, or the place is not there."""
    if not finding.place_found or finding.path == ".":
        return []
    location: JsonObject = {"artifactLocation": {"uri": quote(finding.path), "uriBaseId": ROOT}}
    if finding.start_line or finding.end_line:
        start = finding.start_line or 1
        location["region"] = {"startLine": start, "endLine": finding.end_line or start}
    return [{"physicalLocation": location}]


def _fingerprint(job: Job, rule: str, path: str, number: int) -> str:
    """The same from one run to the next while the same problem stays in the same file.

    Neither lines nor words are part of it: lines shift, and a model words the same thing anew.
    """
    parts = (job.repository.full_name.lower(), rule, path, str(number))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _message(text: str) -> str:
    """A plain text message: braces doubled (section 3.11.5), and no link of the model's making."""
    shown = in_plain_sight(text).replace("](", "] (")
    return shown.replace("{", "{{").replace("}", "}}")
