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
    StoreError,
    StoreFull,
    StoreNotSetUp,
    StoreRefused,
    StoreUnavailable,
)
from codybatch.domain.states import EndedBecause
from codybatch.workspace.failures import NO_ROOM

MAX_TRIES_TO_REACH = 8
"""With pauses that double, about ten minutes: a code host that restarts ends no job."""
FIRST_PAUSE = timedelta(seconds=5)
MENDING_PAUSE = timedelta(minutes=1)
"""Between looks whether somebody has made room, or brought back the store."""

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
_STORE_IS_AWAY = (StoreUnavailable, StoreRefused, StoreNotSetUp)


def ending_of(error: Exception) -> EndedBecause:
    """Why a job ends when ``error`` ends its attempt."""
    for kind, because in _ENDINGS:
        if isinstance(error, kind):
            return because
    return EndedBecause.INTERNAL_ERROR


def is_full_disk(error: Exception) -> bool:
    """Whether it passes as soon as somebody makes room, so that no number of tries is enough."""
    return isinstance(error, StoreFull) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def is_mended_outside(error: Exception) -> bool:
    """Whether it lasts until somebody mends the machine or the store, and no job is to blame: then
    no number of tries is enough.
    """
    return is_full_disk(error) or isinstance(error, _STORE_IS_AWAY)


def told(error: Exception) -> str:
    """What was wrong, for people; a full disk in the same words whoever met it."""
    return str(StoreFull()) if is_full_disk(error) else str(error)


def pause_before_retry(error: Exception, fruitless: int) -> timedelta | None:
    """How long to wait before another attempt, where the error may be gone by then.

    Args:
        error: what ended the attempt.
        fruitless: how many attempts in a row brought nothing, this one included.
    """
    if is_mended_outside(error):
        return MENDING_PAUSE
    # The store's plain error is a lock held for long or a failing disk; its kinds do not pass.
    may_pass = isinstance(error, RepositoryUnavailable) or type(error) is StoreError
    if may_pass and fruitless < MAX_TRIES_TO_REACH:
        return FIRST_PAUSE * int(2 ** max(0, fruitless - 1))
    return None
