from __future__ import annotations

import csv
import io

import pytest

from codybatch.domain.findings import Severity
from codybatch.services.findings import (
    as_csv,
    as_records,
    counted,
    counts_in_words,
    findings_of,
)
from tests.unit.services.auditing import SECRET, audits, clean, finding


def test_findings_come_job_by_job_and_the_worst_first() -> None:
    first, second = audits(
        (finding(Severity.LOW), finding(Severity.CRITICAL), finding(path="a.py")),
        (finding(Severity.INFO),),
    )

    found = findings_of([first, second], clean)

    assert [(one.job.id, one.finding.severity.value) for one in found] == [
        (first.id, "critical"),
        (first.id, "high"),
        (first.id, "low"),
        (second.id, "info"),
    ]
    bad = findings_of([first, second], clean, Severity.HIGH)
    assert [one.finding.severity.value for one in bad] == ["critical", "high"]


def test_findings_are_counted_by_severity() -> None:
    some = (finding(Severity.LOW), finding(), finding())

    assert counted(some)[Severity.HIGH] == 2
    assert counted(some)[Severity.CRITICAL] == 0
    assert (counts_in_words(some), counts_in_words(())) == ("2 high, 1 low", "none")


def test_a_record_names_its_job_repository_and_commit() -> None:
    (job,) = audits((finding(end_line=5),))

    (record,) = as_records(findings_of([job], clean))

    assert record["job"] == job.id
    assert (record["repository"], record["commit"]) == ("acme/app1", job.commit)
    assert (record["startLine"], record["endLine"], record["callsForChange"]) == (3, 5, True)


def test_secrets_are_out_of_every_text() -> None:
    said = f"x {SECRET} y"
    (job,) = audits((finding(rule=said, path=said, message=said, suggestion=said),))

    found = findings_of([job], clean)

    assert SECRET not in str(as_records(found)) + as_csv(found)
    assert str(as_records(found)).count("[redacted]") == 4


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "message",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2",
        "@SUM(1)",
        "\t=1",
        "\n=1",
        " =1",
        "|calc",
        "%0A",
        "\uff1d1",
    ],
)
def test_no_cell_is_a_formula(message: str) -> None:
    (job,) = audits((finding(message=message, rule=message, path=message, suggestion=message),))

    (row,) = rows(as_csv(findings_of([job], clean)))

    for column in ("message", "rule", "path", "suggestion"):
        assert row[column].startswith("'")
        assert row[column][1:] == message


def test_csv_keeps_quotes_and_lines_and_shows_what_hides() -> None:
    message = 'He said "no",\nthen\x1b[31m \u202eleft'
    (job,) = audits((finding(message=message, suggestion=None, place_found=False),))

    (row,) = rows(as_csv(findings_of([job], clean)))

    assert row["message"] == 'He said "no",\nthen\\x1b[31m \\u202eleft'
    assert (row["suggestion"], row["endLine"], row["placeFound"]) == ("", "", "false")
