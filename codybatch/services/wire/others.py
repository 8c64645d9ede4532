"""Schedules, repositories and pull requests as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.domain.identifiers import JobId, Person, ScheduleId
from codybatch.domain.publication import PullRequest
from codybatch.domain.records import Moment
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.schedules import (
    MissedRuns,
    Overlap,
    RequestTemplate,
    Schedule,
    ScheduledRun,
)
from codybatch.domain.selection import LeftOut, LeftOutBecause, Selection
from codybatch.services.calendar_words import in_words
from codybatch.services.pull_requests import Refreshed, what_to_do
from codybatch.services.wire.shape import Shape, fields_of


class ScheduleShown(Shape):
    """A schedule, with its rule in words."""

    id: ScheduleId
    name: str
    template: RequestTemplate
    rule: CalendarRule
    missed: MissedRuns
    overlap: Overlap
    paused: bool
    created_by: Person
    created_at: Moment
    due_at: Moment | None
    try_again_at: Moment | None
    trouble: str
    runs: tuple[ScheduledRun, ...]
    rule_in_words: str

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """The shape of a schedule."""
        return cls(**fields_of(cls, schedule), rule_in_words=in_words(schedule.rule))


class ScheduleInFull(ScheduleShown):
    """The same with its next runs."""

    next_runs: tuple[Moment, ...]

    @classmethod
    def with_runs(cls, schedule: Schedule, next_runs: Sequence[datetime]) -> Self:
        """The shape of a schedule and its next runs; none while it is paused."""
        shown = fields_of(cls, schedule)
        return cls(**shown, rule_in_words=in_words(schedule.rule), next_runs=tuple(next_runs))


class FactsShown(Shape):
    """What the code host says of a repository."""

    id: str
    repository: str
    """``owner/name`` or ``owner/name@ref``."""
    default_branch: str
    head_commit: str
    base_branch: str | None
    size_kb: int
    private: bool
    archived: bool
    disabled: bool
    fork: bool
    language: str | None
    topics: tuple[str, ...]
    pushed_at: Moment | None
    owned: bool
    web_url: str | None

    @classmethod
    def of(cls, facts: RepositoryFacts) -> Self:
        """The shape of what is known of a repository."""
        return cls(**{**fields_of(cls, facts), "repository": str(facts.repository)})


class LeftOutShown(Shape):
    """A repository that is not offered, and why."""

    repository: str
    because: LeftOutBecause
    detail: str
    facts: FactsShown | None

    @classmethod
    def of(cls, left_out: LeftOut) -> Self:
        """The shape of what was left out."""
        return cls(
            repository=str(left_out.repository),
            because=left_out.because,
            detail=left_out.detail,
            facts=FactsShown.of(left_out.facts) if left_out.facts else None,
        )


class SelectionShown(Shape):
    """The repositories that a request could work on, and those that are left out."""

    chosen: tuple[FactsShown, ...]
    left_out: tuple[LeftOutShown, ...]
    looked_at: int
    incomplete: str
    """One sentence where there are more than could be looked at; empty where these are all."""

    @classmethod
    def of(cls, found: Selection) -> Self:
        """The shape of a selection."""
        return cls(
            chosen=tuple(map(FactsShown.of, found.chosen)),
            left_out=tuple(map(LeftOutShown.of, found.left_out)),
            looked_at=found.looked_at,
            incomplete=found.incomplete,
        )


class RefreshedShown(Shape):
    """A job's pull request as it is now."""

    job: JobId
    repository: str
    pull_request: PullRequest | None
    is_there: bool
    """Whether the code host still shows it."""
    changed: bool
    next: str
    """What a person can do next about it."""

    @classmethod
    def of(cls, one: Refreshed) -> Self:
        """The shape of what was looked at."""
        return cls(
            job=one.job.id,
            repository=one.job.repository.full_name,
            pull_request=one.pull_request,
            is_there=one.is_there,
            changed=one.changed,
            next=what_to_do(one),
        )


class RefreshedList(Shape):
    """Pull requests as they are now."""

    items: tuple[RefreshedShown, ...]
    as_of: Moment

    @classmethod
    def of(cls, found: Sequence[Refreshed], now: datetime) -> Self:
        """The shape of all that were looked at."""
        return cls(items=tuple(map(RefreshedShown.of, found)), as_of=now)
