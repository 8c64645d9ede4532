"""Which ending an error leads to, and which errors are worth another attempt."""

from __future__ import annotations

from datetime import timedelta

from codybatch.domain.errors import (
    BranchNotFound,
    ModelRejectedRequest,
    NotPermitted,
    PatchDoesNotApply,
    PolicyError,
    RepositoryNotFound,
    RepositoryTooLarge,
    RepositoryUnavailable,
    RepositoryUnsupported,
)
from codybatch.domain.states import EndedBecause

MAX_TRIES_TO_REACH = 4
FIRST_PAUSE = timedelta(seconds=5)

_ENDINGS: tuple[tuple[type[Exception], EndedBecause], ...] = (
    (RepositoryTooLarge, EndedBecause.REPOSITORY_TOO_LARGE),
    (RepositoryUnsupported, EndedBecause.REPOSITORY_UNSUPPORTED),
    (RepositoryUnavailable, EndedBecause.REPOSITORY_UNAVAILABLE),
    (RepositoryNotFound, EndedBecause.REPOSITORY_UNAVAILABLE),
    (BranchNotFound, EndedBecause.REPOSITORY_UNAVAILABLE),
    (NotPermitted, EndedBecause.NOT_PERMITTED),
    (PolicyError, EndedBecause.NOT_PERMITTED),
    (PatchDoesNotApply, EndedBecause.PATCH_DOES_NOT_APPLY),
    (ModelRejectedRequest, EndedBecause.MODEL_REJECTED_REQUEST),
)


def ending_of(error: Exception) -> EndedBecause:
    """Why a job ends when ``error`` ends its attempt."""
    for kind, because in _ENDINGS:
        if isinstance(error, kind):
            return because
    return EndedBecause.INTERNAL_ERROR


def pause_before_retry(error: Exception, attempt: int) -> timedelta | None:
    """How long to wait before another attempt, where the error may be gone by then.

    Args:
        error: what ended the attempt.
        attempt: how many attempts there were, this one included.
    """
    if isinstance(error, RepositoryUnavailable) and attempt < MAX_TRIES_TO_REACH:
        return FIRST_PAUSE * int(2 ** (attempt - 1))
    return None
