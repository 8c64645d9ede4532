"""What ``--wait`` says in a pipe: a line a change, with what it cost so far."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.cli.live import _told, watch
from codybatch.composition import Application, application
from codybatch.domain.jobs import Job, Progress
from codybatch.domain.states import JobState, Phase
from codybatch.settings import load_settings
from tests.ui_kit import Gallery


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


def told(app: Application, job: Job, capsys: pytest.CaptureFixture[str]) -> str:
    watch(app, [job.id])
    return capsys.readouterr().err


def test_an_ended_job_is_told_with_its_cost(
    app: Application, gallery: Gallery, capsys: pytest.CaptureFixture[str]
) -> None:
    job = gallery.ended("acme/api")

    line = "acme/api: succeeded · $0.84 · Claude finished the task.\n"
    assert told(app, job, capsys) == line


def test_a_job_that_cost_nothing_names_no_cost_and_says_once_who_cancelled_it(
    app: Application, gallery: Gallery, capsys: pytest.CaptureFixture[str]
) -> None:
    job = gallery.cancelled("acme/api")

    assert told(app, job, capsys) == f"acme/api: cancelled · Cancelled by {job.requester}.\n"


def test_a_job_at_work_is_told_with_its_cost_phase_turn_and_tool_and_only_when_it_changes(
    gallery: Gallery, capsys: pytest.CaptureFixture[str]
) -> None:
    job = gallery.queued("acme/api").with_(state=JobState.RUNNING, phase=Phase.CONVERSING)
    first = job.with_(progress=Progress(turn=3, last_tool="grep", cost_usd=Decimal("0.02")))
    later = job.with_(progress=Progress(turn=4, last_tool="grep", cost_usd=Decimal("0.03")))

    _told(iter([(first,), (first,), (later,)]))

    assert capsys.readouterr().err.splitlines() == [
        "acme/api: running · $0.02 · Claude is at work · turn 3 · grep",
        "acme/api: running · $0.03 · Claude is at work · turn 4 · grep",
    ]
