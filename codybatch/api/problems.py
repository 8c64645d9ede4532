"""Errors as answers: RFC 9457, with the one table from our errors to HTTP's statuses."""

from __future__ import annotations

import inspect
import logging
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from codybatch.api.refusals import Refusal
from codybatch.domain import errors as known
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.expectations import explained
from codybatch.domain.records import Record
from codybatch.services.findings import Clean, cleaned_json
from codybatch.services.plain_text import on_one_line
from codybatch.services.wire.shape import as_json

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:codybatch:error:"
INSIDE = (
    "Something went wrong inside Cody Batch; the log says what, under the errorId. "
    "Nothing of it is told here."
)
MOST_FIELDS = 20
"""Fields that one answer names."""

STATUSES: Mapping[type[CodyBatchError], int] = {
    CodyBatchError: 500,
    # what was asked
    known.UsageError: 400,
    known.InvalidCursor: 400,
    known.UnknownIdentifier: 404,
    known.UnknownPrompt: 404,
    known.UnknownSchedule: 404,
    known.NotFound: 404,
    known.InvalidPrompt: 422,
    known.InvalidRepository: 422,
    known.InvalidSchedule: 422,
    known.InvalidSelection: 422,
    known.MissingVariable: 422,
    known.UnsupportedSchema: 422,
    known.DocumentTooLarge: 413,
    known.InvalidSetting: 500,
    # how things stand
    known.IdempotencyConflict: 409,
    known.JobEnded: 409,
    known.JobNotEnded: 409,
    known.LineageBusy: 409,
    known.NotContinuable: 409,
    known.NothingHeld: 409,
    known.PromptArchived: 409,
    known.PullRequestIsOpen: 409,
    known.ScheduleBusy: 409,
    known.IllegalTransition: 409,
    known.LeaseHeld: 409,
    known.PublicationUnderWay: 409,
    known.StaleWrite: 409,
    known.PatchDoesNotApply: 409,
    # policy and budget
    known.PolicyError: 403,
    known.UnknownModel: 422,
    known.BudgetRefused: 403,
    # our own store and engine
    known.StoreError: 503,
    known.StoreFull: 507,
    known.BlobMissing: 500,
    known.BlobDamaged: 500,
    known.EngineError: 503,
    known.DispatcherRunning: 409,
    known.CalledOff: 503,
    # services of others
    known.CodeHostError: 502,
    known.RepositoryNotFound: 422,
    known.BranchNotFound: 422,
    known.RepositoryTooLarge: 422,
    known.RepositoryUnsupported: 422,
    known.CodeHostThrottled: 429,
    known.GitFailed: 502,
    known.ModelError: 502,
    known.ModelRejectedRequest: 422,
    known.ModelThrottled: 429,
}
"""By class; a class that is not here has its base's."""


class FieldProblem(Record):
    """One field that cannot be taken."""

    field: str
    """Where it stands, such as ``options.maxTurns``."""
    detail: str


class Problem(Record):
    """Why a request was not done."""

    type: str
    title: str
    status: int
    detail: str
    """What was wrong, the limit where there is one, and the next step."""
    instance: str
    """The path that was asked."""
    error_id: str
    """By which the log knows it."""
    errors: tuple[FieldProblem, ...] = ()
    """The fields that cannot be taken, where it is they."""


@dataclass(frozen=True)
class Answered:
    """An error as it is answered."""

    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, clean: Clean) -> dict[str, Any]:
        """What is sent, without secrets."""
        found: dict[str, Any] = cleaned_json(as_json(self.problem), clean)
        return found


def status_of(error: type[CodyBatchError]) -> int:
    """The status of a class of errors: its own, else its nearest base's."""
    return next(STATUSES[one] for one in error.__mro__ if one in STATUSES)


def answered(error: Exception, method: str, path: str, now: datetime) -> Answered:
    """An error as an answer, noted in the log.

    Args:
        error: whatever was raised.
        method: of the request.
        path: of the request.
        now: from when seconds to wait are counted.
    """
    kind, status, title, detail, headers = _told(error, now)
    made = Problem(
        type=kind,
        title=title,
        status=status,
        detail=detail,
        instance=path,
        error_id=uuid4().hex[:12],
    )
    level, trace = (logging.ERROR, error) if status >= 500 else (logging.INFO, None)
    _note(made, method, level, trace)
    return Answered(made, headers)


def answered_fields(problems: Iterable[Mapping[str, Any]], method: str, path: str) -> Answered:
    """What does not fit the document of the API, field by field, noted in the log.

    Args:
        problems: as pydantic gives them.
        method: of the request.
        path: of the request.
    """
    fields = [_field(one) for one in problems][:MOST_FIELDS]
    made = Problem(
        type=f"{NAMESPACE}invalid_field",
        title="A field cannot be taken.",
        status=422,
        detail=" ".join(one.detail for one in fields[:3]),
        instance=path,
        error_id=uuid4().hex[:12],
        errors=tuple(fields),
    )
    _note(made, method, logging.INFO)
    return Answered(made)


def _note(made: Problem, method: str, level: int, trace: Exception | None = None) -> None:
    """One line in the log, whatever was sent; the lines of a traceback follow it."""
    sent = (on_one_line(text) for text in (method, made.instance))
    log.log(
        level,
        *("%s: %s %s: %d %s", made.error_id, *sent, made.status, on_one_line(made.detail)),
        exc_info=trace,
    )


_Told = tuple[str, int, str, str, Mapping[str, str]]


def _told(error: Exception, now: datetime) -> _Told:
    """An error's type, status, title, sentence and headers."""
    if isinstance(error, Refusal):
        title = inspect.getdoc(type(error)) or ""
        return NAMESPACE + error.code, error.status, title, error.message, error.headers
    if not isinstance(error, CodyBatchError):
        return f"{NAMESPACE}internal", 500, "Something went wrong inside.", INSIDE, {}
    until: datetime | None = getattr(error, "until", None)
    seconds = math.ceil((until - now).total_seconds()) if until else 0
    headers = {"retry-after": str(max(1, seconds))} if until else {}
    return NAMESPACE + error.code, status_of(type(error)), _title(error), error.discreet, headers


def _title(error: CodyBatchError) -> str:
    """The first sentence of what is always said of this class."""
    paragraph = " ".join((inspect.getdoc(type(error)) or "").split("\n\n", maxsplit=1)[0].split())
    return paragraph.split(". ", maxsplit=1)[0].split(":", maxsplit=1)[0].removesuffix(".") + "."


def _field(problem: Mapping[str, Any]) -> FieldProblem:
    name = _place(problem["loc"]) or "body"
    if problem["type"] == "extra_forbidden":
        return FieldProblem(field=name, detail=f"{name} is no field of this.")
    if problem["type"] == "missing":
        return FieldProblem(field=name, detail=f"{name} is needed.")
    return FieldProblem(field=name, detail=explained(name, problem))  # type: ignore[arg-type]


def _place(location: Sequence[str | int]) -> str:
    """Where a field stands, as a program writes it; without where in the request it was read."""
    parts = [str(part) for part in location]
    named = parts[1:] if parts and parts[0] in _SOURCES else parts
    return ".".join(part for part in named if not _BRANCH.fullmatch(part))


_SOURCES = frozenset({"body", "query", "path", "header", "cookie"})
_BRANCH = re.compile(r"str|decimal|[A-Z]\w*|\w+\[.*\]")
"""Which of several types a value was tried as: pydantic names it beside the fields."""
