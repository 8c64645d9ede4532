"""What audits found as a file: JSON, CSV or SARIF, the same wherever a person takes it from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version

from codybatch.domain.jobs import Job
from codybatch.services.findings import JobFinding, as_csv, as_records
from codybatch.services.sarif import as_sarif


class FileFormat(StrEnum):
    """The formats there are."""

    CSV = "csv"
    SARIF = "sarif"
    JSON = "json"


MEDIA_TYPES: dict[FileFormat, str] = {
    FileFormat.CSV: "text/csv",
    FileFormat.SARIF: "application/sarif+json",
    FileFormat.JSON: "application/json",
}


def findings_file(
    form: FileFormat, jobs: Sequence[Job], found: Sequence[JobFinding], server_url: str
) -> str:
    """The text of a file of findings.

    Args:
        form: which format.
        jobs: the audits.
        found: what they found, as ``findings_of`` gives it.
        server_url: the code host's address, to which ``owner/name`` leads.
    """
    if form is FileFormat.CSV:
        return as_csv(found)
    if form is FileFormat.SARIF:
        return as_json(as_sarif(jobs, found, server_url, version("codybatch")))
    return as_json({"items": as_records(found), "cursor": None})


def as_json(content: object) -> str:
    """JSON to read: indented, and letters as they are."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
