"""A job's events as a page shows them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from codybatch.domain.events import EventKind, EventLevel, StoredEvent
from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState
from codybatch.ui.activity.timeline import Standing, Timeline, timeline
from tests.contracts.examples import NOON, a_request, jobs_of

PHASE, CLAIMED = EventKind.PHASE, EventKind.CLAIMED


def job(state: JobState = JobState.RUNNING) -> Job:
    ended = {"ended_at": NOON + timedelta(seconds=300), "ended_because": EndedBecause.FINISHED}
    return jobs_of(a_request(), state=state, **(ended if state.is_terminal else {}))[0]


def events(*told: tuple[EventKind, str] | tuple[EventKind, str, EventLevel]) -> list[StoredEvent]:
    """Ten seconds from one to the next."""
    return [
        StoredEvent(
            sequence=place,
            at=NOON + timedelta(seconds=10 * (place - 1)),
            kind=one[0],
            text=one[1],
            level=one[2] if len(one) > 2 else EventLevel.INFO,
            turn=1 if one[0] in {EventKind.TURN, EventKind.TOOL} else None,
        )
        for place, one in enumerate(told, 1)
    ]


AT_WORK = events(
    (CLAIMED, "A worker took the job."),
    (PHASE, "Cloning."),
    (PHASE, "Reading the repository."),
    (PHASE, "Claude is at work."),
    (EventKind.TURN, "Turn 1: 2,808 tokens of context, $0.0020 so far."),
    (EventKind.TOOL, "grep utcnow"),
)


def shown(
    of: Job, told: list[StoredEvent], zone: str = "UTC", *, only_problems: bool = False
) -> Timeline:
    now = NOON + timedelta(seconds=100)
    zone_of = ZoneInfo(zone)
    return timeline(of, told, str, now, zone_of, only_problems=only_problems)


def test_the_newest_comes_first_while_more_may_come_and_last_where_none_does() -> None:
    going = [row.text for row in shown(job(), AT_WORK).rows]
    over = [row.text for row in shown(job(JobState.SUCCEEDED), AT_WORK).rows]

    assert going[0] == "Turn 1 · grep utcnow"
    assert over == going[::-1]


def test_a_turn_and_what_it_called_are_one_line() -> None:
    row = shown(job(), AT_WORK).rows[0]

    assert row.detail == "2,808 tokens of context, $0.0020 so far."
    assert shown(job(), AT_WORK[:-1]).rows[0].text.startswith("Turn 1: 2,808")


def test_a_turn_that_called_nothing_keeps_its_line() -> None:
    told = [*AT_WORK[:-1], *events((EventKind.NUDGED, "Reminded it of the tools."))]

    assert [row.text for row in shown(job(), told).rows[:2]] == [
        "Reminded it of the tools.",
        "Turn 1: 2,808 tokens of context, $0.0020 so far.",
    ]


def test_times_are_told_in_the_persons_zone_and_a_new_day_once() -> None:
    told = events(*[(EventKind.TOOL, f"n{place}") for place in range(3)])
    late = [one.with_(at=one.at + timedelta(hours=place * 12)) for place, one in enumerate(told)]

    rows = shown(job(JobState.SUCCEEDED), late, "Europe/Berlin").rows

    assert [(row.day, row.time) for row in rows] == [
        ("01 Mar 2026", "13:00:00"),
        ("02 Mar 2026", "01:00:10"),
        ("", "13:00:20"),
    ]


def test_the_steps_of_the_newest_attempt_say_how_long_each_took() -> None:
    steps = shown(job(), AT_WORK).steps

    assert [(step.name, step.standing, step.took) for step in steps] == [
        ("Clone", Standing.DONE, "10 s"),
        ("Read", Standing.DONE, "10 s"),
        ("Edit", Standing.AT_WORK, "1 m 10 s"),
        ("Check", Standing.TO_COME, ""),
        ("Publish", Standing.TO_COME, ""),
    ]


def test_a_job_that_did_not_get_through_stopped_at_its_last_step() -> None:
    assert [step.standing for step in shown(job(JobState.FAILED), AT_WORK).steps][2:] == [
        *(Standing.STOPPED, Standing.TO_COME, Standing.TO_COME)
    ]
    assert shown(job(JobState.SUCCEEDED), AT_WORK).steps[2].standing is Standing.DONE


def test_before_the_first_attempt_there_are_no_steps() -> None:
    found = shown(job(JobState.QUEUED), [])

    assert (found.rows, found.steps, found.attempts) == ((), (), 0)


def test_an_attempt_that_died_is_told_though_it_could_not_say_so() -> None:
    told = [*AT_WORK, *events((CLAIMED, "A worker took the job (attempt 2).")), *AT_WORK[1:3]]
    told = [one.with_(sequence=place) for place, one in enumerate(told, 1)]

    found = shown(job(), told)

    crash = found.rows[3]
    assert found.attempts == 2
    assert crash.text.startswith("Attempt 1 ended without a word")
    assert crash.level is EventLevel.WARNING
    assert found.problems == 1
    assert [step.standing for step in found.steps][1:3] == [Standing.AT_WORK, Standing.TO_COME]


def test_an_attempt_that_left_for_a_reason_did_not_die() -> None:
    again = (CLAIMED, "A worker took the job (attempt 2).")
    for leaving in (EventKind.WAITING, EventKind.RELEASED, EventKind.RETRIED):
        told = events((CLAIMED, "A worker took the job."), (leaving, "Leaves."), again)
        assert shown(job(), told).problems == 0, leaving


def test_asking_the_model_again_is_no_leaving() -> None:
    asks = events((EventKind.RETRIED, "Asking again in 2 s (try 2): overloaded"))[0].with_(turn=3)
    told = [AT_WORK[0], asks, *events((CLAIMED, "A worker took the job (attempt 2)."))]

    assert shown(job(), told).problems == 1


def test_problems_alone_can_be_shown() -> None:
    told = [*AT_WORK, *events((EventKind.GATE, "Two findings.", EventLevel.WARNING))]

    found = shown(job(), told, only_problems=True)

    assert [row.text for row in found.rows] == ["Two findings."]
    assert found.problems == 1


def test_what_others_wrote_hides_nothing_and_stays_on_its_line() -> None:
    told = events((EventKind.TOOL, "read_file a\u202e\nb"))

    assert shown(job(), told).rows[0].text == "read_file a\\u202e b"
