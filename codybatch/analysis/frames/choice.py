"""What a frame is asked for: the filters of the command line, all of which hold at once."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypedDict, TypeVar

from codybatch.domain.errors import UnknownIdentifier, UsageError
from codybatch.domain.identifiers import JobId, experiment_id, job_id, request_id
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.states import JobState
from codybatch.services.job_lists import JobFilter
from codybatch.services.moments import moment_of
from codybatch.services.request_lists import RequestFilter

When = str | date | datetime
"""A day or a moment; naive ones are UTC. In words: ``2026-01-31``, ``30d`` or ``6w`` ago."""
F = TypeVar("F", bound=Callable[..., Any])


class RequestChoice(TypedDict, total=False):
    """Which requests."""

    request: str | None
    """Id of one."""
    repository: str | None
    """``owner/name`` of one of its jobs, or its address."""
    prompt: str | None
    """Name of the prompt."""
    requester: str | None
    """Who submitted it."""
    since: When | None
    """Submitted at or after."""
    until: When | None
    """Submitted before."""
    limit: int | None
    """How many at most, the newest first; all by default."""


class JobChoice(RequestChoice, total=False):
    """Which jobs."""

    job: str | Iterable[str] | None
    """Id of one or several, such as a frame's column."""
    state: str | None
    """One of the states of a job."""
    experiment: str | None
    """Id of the experiment that they were made for."""


def taking(choice: type) -> Callable[[F], F]:
    """Show each filter of a choice in a method's signature, where help and completion look.

    Args:
        choice: the type of the method's further keywords.
    """
    filters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=getattr(kind, "__forward_arg__", kind),
        )
        for name, kind in choice.__annotations__.items()
    ]

    def shown(method: F) -> F:
        own = inspect.signature(method)
        kept = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
        whole = own.replace(parameters=[*kept, *filters])
        method.__signature__ = whole  # type: ignore[attr-defined]
        return method

    return shown


def request_filter(choice: Mapping[str, Any], now: datetime, host: str) -> RequestFilter:
    """The filter of a choice of requests.

    Args:
        choice: what was asked for.
        now: what time it is.
        host: the code host, whose addresses of repositories are understood.

    Raises:
        UsageError: there is no such filter, or a value that it does not take.
    """
    given = _given(choice, RequestChoice)
    return RequestFilter(**_shared(given, now, host))


def job_filter(choice: Mapping[str, Any], now: datetime, host: str) -> JobFilter:
    """The filter of a choice of jobs; see ``request_filter``."""
    given = _given(choice, JobChoice)
    state = given.get("state")
    if state is not None and state not in set(JobState):
        raise UsageError(f"{state!r} is no state of a job: {', '.join(JobState)}.")
    return JobFilter(
        state=JobState(state) if state else None,
        experiment=_experiment(given.get("experiment")),
        **_shared(given, now, host),
    )


def _experiment(written: str | None) -> str:
    """The id of an experiment; empty where none is named."""
    if written is None:
        return ""
    named = experiment_id(written)
    if named is None:
        raise UnknownIdentifier(
            f"{written!r} is not the id of an experiment. `codybatch experiments list` shows them."
        )
    return named


def jobs_named(choice: Mapping[str, Any]) -> tuple[JobId, ...] | None:
    """The jobs that a choice names, each once; None where it names none.

    Raises:
        UnknownIdentifier: one is no id of a job.
    """
    named = choice.get("job")
    if named is None:
        return None
    ids = [named] if isinstance(named, str) else named
    return tuple(dict.fromkeys(job_id(str(one)) for one in ids))


def limit_of(choice: Mapping[str, Any]) -> int | None:
    """How many are wanted at most.

    Raises:
        UsageError: that is no number of rows.
    """
    limit = choice.get("limit")
    if limit is None:
        return None
    try:
        number = operator.index(limit)
    except TypeError:
        number = -1
    if number < 0:
        raise UsageError(f"limit takes a whole number from 0, not {limit!r}.")
    return number


def moment(when: When, now: datetime) -> datetime:
    """A moment as a person gives it.

    Raises:
        UsageError: it is none.
    """
    if isinstance(when, str):
        return moment_of(when, now)
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    if isinstance(when, date):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    raise UsageError(f"{when!r} is no moment: give a date, a datetime, '2026-01-31' or '30d'.")


def _given(choice: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """What was asked for, without what was left open.

    Raises:
        UsageError: there is no such filter.
    """
    known = kind.__annotations__
    if unknown := sorted(set(choice) - set(known)):
        raise UsageError(
            f"There is no filter {', '.join(map(repr, unknown))}; there are {', '.join(known)}."
        )
    return {name: value for name, value in choice.items() if value is not None}


def _shared(given: Mapping[str, Any], now: datetime, host: str) -> dict[str, Any]:
    read: dict[str, Callable[[Any], object]] = {
        "request": request_id,
        "repository": lambda written: RepositoryRef.parse(written, host).full_name,
        "prompt": str,
        "requester": str,
        "since": lambda when: moment(when, now),
        "until": lambda when: moment(when, now),
    }
    return {name: how(given[name]) for name, how in read.items() if name in given}
