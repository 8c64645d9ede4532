"""How states, times and places read on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule
from codybatch.domain.states import JobState
from codybatch.services.wording import counted
from codybatch.ui.words import (
    GATE_RULES,
    STATE_BADGES,
    ago,
    duration,
    moment_of,
    necessity,
    outcome,
    severity_badge,
    signed,
    tokens,
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
    [
        (-90, "in 1 h"),
        (-5, "in 5 min"),
        (-0.5, "in a moment"),
        (0, "just now"),
        (12, "12 min ago"),
        (90, "1 h ago"),
    ],
)
def test_today_is_told_by_how_long_ago(minutes: float, written: str) -> None:
    assert ago(NOON - timedelta(minutes=minutes), NOON) == written


@pytest.mark.parametrize(
    ("days", "written"),
    [(1, "28 Feb 13:00"), (365, "1 Mar 2025 13:00"), (-1, "2 Mar 13:00")],
)
def test_a_day_away_the_date_is_told_in_the_zone_of_the_person(days: int, written: str) -> None:
    assert ago(NOON - timedelta(days=days), NOON, ZoneInfo("Europe/Berlin")) == written


def test_the_exact_time_is_told_with_its_zone() -> None:
    moment = moment_of(NOON, NOON, ZoneInfo("Europe/Berlin"))

    assert moment == ("just now", "1 Mar 2026 13:00:00 CET", "2026-03-01T13:00:00+01:00")


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0"),
        (812, "812"),
        (1_250, "1.2 k"),
        (9_949, "9.9 k"),
        (9_950, "10 k"),
        (412_400, "412 k"),
        (999_499, "999 k"),
        (999_500, "1.0 M"),
        (1_900_000, "1.9 M"),
    ],
)
def test_tokens_are_told_in_thousands_and_millions(count: int, written: str) -> None:
    assert tokens(count) == written


def test_a_change_has_a_sign_that_is_a_minus_sign() -> None:
    assert [signed(number) for number in (1352, -61, 0)] == ["+1,352", "\N{MINUS SIGN}61", "0"]


def test_one_is_not_many() -> None:
    assert counted(1, "job") == "1 job"
    assert counted(12_000, "job") == "12,000 jobs"
    assert counted(2, "repository", "repositories") == "2 repositories"


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
