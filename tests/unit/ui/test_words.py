"""How states, times and places read on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule
from codybatch.domain.states import JobState
from codybatch.ui.words import (
    GATE_RULES,
    STATE_BADGES,
    ago,
    duration,
    necessity,
    outcome,
    place,
    severity_badge,
)
from tests.contracts.examples import NOON, a_request, jobs_of


def a_job(**changes: Any) -> Job:
    return jobs_of(a_request(), **changes)[0]


def test_every_state_every_severity_and_every_rule_has_words() -> None:
    assert set(STATE_BADGES) == set(JobState)
    assert set(GATE_RULES) == set(GateRule)
    assert all(severity_badge(severity).label for severity in Severity)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.2, "0 s"), (59.6, "1 m 00 s"), (372, "6 m 12 s"), (7500, "2 h 05 m")],
)
def test_lengths_of_time_have_two_units(seconds: float, written: str) -> None:
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(-5, "just now"), (0, "just now"), (12, "12 min ago"), (90, "1 h ago")],
)
def test_today_is_told_by_how_long_ago(minutes: int, written: str) -> None:
    assert ago(NOON - timedelta(minutes=minutes), NOON) == written


def test_before_that_the_date_is_told_with_its_zone() -> None:
    assert ago(NOON - timedelta(days=1), NOON) == "28 Feb 2026 12:00 UTC"


def test_places_name_the_lines_where_there_are_any() -> None:
    assert [place("a.py"), place("a.py", 3), place("a.py", 3, 3), place("a.py", 3, 7)] == [
        "a.py",
        "a.py:3",
        "a.py:3",
        "a.py:3-7",
    ]


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({"state": JobState.RUNNING}, ""),
        ({"state": JobState.FAILED}, ""),
        ({"state": JobState.SUCCEEDED}, "no change"),
        ({"state": JobState.SUCCEEDED, "kind": Kind.AUDIT}, "no finding"),
        ({"state": JobState.SUCCEEDED, "kind": Kind.ASK}, "answer"),
        (
            {
                "kind": Kind.AUDIT,
                "findings": (Finding(severity=Severity.LOW, rule="r", path="p", message="m"),),
            },
            "1 finding",
        ),
    ],
)
def test_what_came_out_fits_in_two_words(changes: dict[str, Any], written: str) -> None:
    assert outcome(a_job(**changes)) == written


def test_whether_changes_were_necessary_is_said_once_it_is_known() -> None:
    assert not necessity(a_job())
    assert necessity(a_job(were_changes_necessary=False)) == "No change was needed"
    assert necessity(a_job(were_changes_necessary=True)) == "Changes were necessary"
    audit = a_job(were_changes_necessary=True, kind=Kind.AUDIT)
    assert necessity(audit) == "Changes are called for"
