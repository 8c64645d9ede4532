"""The tab Result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.composition import Application, application
from codybatch.domain.findings import Severity
from codybatch.settings import load_settings
from codybatch.ui.jobs.result import chosen_findings, job_result, shown_patch
from tests.ui_kit import DIFF, Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made = application(load_settings(home=tmp_path))
    yield made
    made.close()


def test_findings_are_chosen_by_severity_and_sorted(app: Application, gallery: Gallery) -> None:
    result = job_result(app.jobs, str, gallery.audited())

    assert result.counts == ((Severity.CRITICAL, 1), (Severity.LOW, 1))
    assert [one.rule for one in chosen_findings(result)] == ["sql-injection", "naming"]
    assert [one.rule for one in chosen_findings(result, by="File")] == ["naming", "sql-injection"]
    assert [one.rule for one in chosen_findings(result, by="Rule")] == ["naming", "sql-injection"]
    assert [one.rule for one in chosen_findings(result, [Severity.LOW])] == ["naming"]


def test_a_place_that_is_not_there_is_marked(app: Application, gallery: Gallery) -> None:
    job = gallery.audited()
    invented = job.findings[0].with_(place_found=False, calls_for_change=False)

    (finding,) = job_result(app.jobs, str, job.with_(findings=(invented,))).findings

    assert "this place does not exist" in finding.notes
    assert "calls for no change" in finding.notes


def test_a_patch_is_cut_at_a_line(app: Application, gallery: Gallery) -> None:
    job = gallery.ended(patch=DIFF)

    whole = shown_patch(app.jobs, job, str)
    begin = shown_patch(app.jobs, job, str, longest=len(DIFF) - 3)

    assert (whole.text, whole.is_cut) == (DIFF.decode(), False)
    assert begin.is_cut
    assert DIFF.decode().startswith(begin.text)
    assert begin.text.endswith("\n")


def test_a_job_at_work_has_no_result_yet(app: Application, gallery: Gallery) -> None:
    assert job_result(app.jobs, str, gallery.running()).is_empty
    assert not job_result(app.jobs, str, gallery.published()).is_empty
