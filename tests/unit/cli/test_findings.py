from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.domain.states import EndedBecause, JobState
from tests.cli_kit import Call, call
from tests.kept_work import Kept
from tests.unit.services.auditing import finding

SECRET = "sk-ant-" + "made-up-for-this-test"


@dataclass
class Library:
    kept: Kept
    audit: Request
    audits: list[Job]
    ask: Request
    asks: list[Job]

    def call(self, *arguments: str) -> Call:
        environment = {**self.kept.environment, "ANTHROPIC_API_KEY": SECRET}
        return call(*arguments, environment=environment)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    kept = Kept.at(tmp_path_factory.mktemp("home"))
    audit, audits = kept.audit(
        (
            finding(Severity.LOW, message="Small."),
            finding(message=f"=1+{SECRET}\x1b[2J", end_line=9),
        ),
        (finding(Severity.CRITICAL, path="gone.py", place_found=False),),
        (),
    )
    ask, asks = kept.ask(
        {"languages": ["Python", "Go"], "title": "One", "size": 3},
        {"languages": [], "title": f"Two {SECRET}", "owner": None},
    )
    yield Library(kept, audit, audits, ask, asks)
    kept.store.close()


def test_findings_of_a_job_are_listed_the_worst_first(library: Library) -> None:
    done = library.call("jobs", "findings", library.audits[0].id)

    *rows, summary = done.text.splitlines()
    cells = [row.split("\t") for row in rows]
    assert [cell[:4] for cell in cells] == [
        ["high", "acme/app1", "src/db.py:3-9", "sql-injection"],
        ["low", "acme/app1", "src/db.py:3", "sql-injection"],
    ]
    assert cells[0][5] == "=1+[redacted]\\x1b[2J"
    assert (done.status, summary) == (0, "1 high, 1 low")


def test_findings_of_a_request_are_those_of_all_its_jobs(library: Library) -> None:
    found = library.call("jobs", "findings", "--request", library.audit.id, "--json").json

    assert [one["repository"] for one in found["items"]] == ["acme/app1"] * 2 + ["acme/app2"]
    assert found["items"][2]["placeFound"] is False
    assert found["cursor"] is None


@pytest.mark.parametrize(("severity", "count"), [("critical", 1), ("high", 2), ("info", 3)])
def test_a_severity_leaves_out_what_is_less_bad(
    library: Library, severity: str, count: int
) -> None:
    asked = ("--request", library.audit.id, "--severity", severity, "--json")

    assert len(library.call("jobs", "findings", *asked).json["items"]) == count


def test_a_place_that_is_not_there_is_marked(library: Library) -> None:
    assert "gone.py:3 (not there)" in library.call("jobs", "findings", library.audits[1].id).text
    assert library.call("jobs", "findings", library.audits[2].id).text == "No findings.\n"


def test_findings_are_given_as_csv_and_sarif(library: Library) -> None:
    asked = ("jobs", "findings", "--request", library.audit.id, "--format")
    table = library.call(*asked, "csv")
    log = library.call(*asked, "sarif").json

    rows = list(csv.DictReader(io.StringIO(table.out.decode(), newline="")))
    assert rows[0]["message"] == "'=1+[redacted]\\x1b[2J"
    assert [len(run["results"]) for run in log["runs"]] == [2, 1, 0]
    assert SECRET not in table.text + json.dumps(log)
    origin = log["runs"][0]["versionControlProvenance"][0]
    assert origin["repositoryUri"] == "https://github.com/acme/app1"


def test_a_file_is_written_whole_in_place_of_the_one_before(
    library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "found.sarif"
    file.write_text("old")
    asked = ("jobs", "findings", library.audits[0].id, "--format", "sarif")

    done = library.call(*asked, "-o", str(file))

    assert json.loads(file.read_text()) == library.call(*asked).json
    assert (done.status, done.text) == (0, "")
    assert "2 findings written" in done.err
    assert [one.name for one in tmp_path.iterdir()] == ["found.sarif"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "Name one job"),
        (("AUDIT", "--request", "REQUEST"), "Name one job"),
        (("AUDIT", "--severity", "awful"), "'awful' is no severity: critical"),
        (("AUDIT", "--format", "xml"), "'xml' is no format of findings: table"),
        (("AUDIT", "--format", "csv", "--json"), "give one of the two"),
        (("AUDIT", "-o", "x.txt"), "A table is for reading"),
        (("AUDIT", "--format", "csv", "-o", "/nowhere/x.csv"), "cannot be written"),
        (("ASK",), "Only audits have findings, and this is a prompt of kind ask."),
    ],
)
def test_what_cannot_be_understood_is_refused_in_a_sentence(
    library: Library, arguments: tuple[str, ...], why: str
) -> None:
    names = {
        "AUDIT": str(library.audits[0].id),
        "ASK": str(library.asks[0].id),
        "REQUEST": str(library.audit.id),
    }
    done = library.call("jobs", "findings", *(names.get(one, one) for one in arguments))

    assert done.status == 2
    assert why in done.sentence


def test_an_answer_is_shown_in_words_and_given_as_it_is(library: Library) -> None:
    job = library.asks[0]
    shown = library.call("jobs", "answer", job.id).text
    given = library.call("jobs", "answer", job.id, "--json").json

    assert "languages  Python, Go" in shown
    assert given == job.answer


def test_an_answer_holds_no_secret(library: Library) -> None:
    assert library.call("jobs", "answer", library.asks[1].id, "--json").json["title"] == (
        "Two [redacted]"
    )


def test_a_job_without_an_answer_says_why(library: Library) -> None:
    failed = library.kept.request(prompt=library.kept.store.records.prompt("what"))
    job = library.kept.end(
        failed,
        state=JobState.FAILED,
        ended_because=EndedBecause.ANSWER_INVALID,
        ended_detail="answer.title: is missing",
    )

    done = library.call("jobs", "answer", job.id)

    assert done.status == 2
    assert done.sentence.endswith("answer.title: is missing")
    audit = library.call("jobs", "answer", library.audits[0].id)
    assert "Only questions have answers" in audit.sentence


def test_a_request_shows_its_findings_by_severity(library: Library) -> None:
    shown = library.call("requests", "show", library.audit.id).text

    assert "acme/app1\t\t1\t\t1\t" in shown
    assert "acme/app2\t1\t\t\t\t" in shown


def test_a_request_shows_its_answers_side_by_side(library: Library) -> None:
    rows = library.call("requests", "show", library.ask.id).text.splitlines()

    assert "title\tOne\tTwo [redacted]" in rows
    assert "languages\tPython, Go\t" in rows
    assert "size\t3\t—" in rows


def test_a_job_leads_to_its_findings_and_its_answer(library: Library) -> None:
    audit = library.call("jobs", "show", library.audits[0].id)
    ask = library.call("jobs", "show", library.asks[0].id)

    assert "Findings    1 high, 1 low" in audit.text
    assert f"jobs findings {library.audits[0].id}" in audit.err
    assert f"jobs answer {library.asks[0].id}" in ask.err


def test_an_audit_that_has_not_ended_says_so(library: Library) -> None:
    waiting: Any = library.kept.request(prompt=library.kept.store.records.prompt("injections"))

    done = library.call("jobs", "findings", "--request", waiting.id)

    assert "the job has not ended" in done.err
