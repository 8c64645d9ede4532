"""What becomes of a job whose attempt fails, in words."""

from __future__ import annotations

import errno

import pytest

from codybatch.domain.errors import (
    BlobDamaged,
    BlobMissing,
    RepositoryUnavailable,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreNotSetUp,
    StoreRefused,
    StoreUnavailable,
)
from codybatch.worker.failures import (
    MAX_TRIES_TO_REACH,
    is_mended_outside,
    pause_before_retry,
    told,
)


@pytest.mark.parametrize(
    "error", [StoreFull(), *(OSError(code, "No space", "/a/b") for code in (28, errno.EDQUOT))]
)
def test_a_full_disk_is_told_in_the_same_words_whoever_met_it(error: Exception) -> None:
    assert told(error).startswith("The disk is full.")


def test_anything_else_is_told_in_its_own_words() -> None:
    assert told(RepositoryUnavailable("Nobody answers.")) == "Nobody answers."


@pytest.mark.parametrize(
    "error", [StoreUnavailable(), StoreRefused(), StoreNotSetUp(), StoreFull(), OSError(28, "x")]
)
def test_a_job_waits_for_its_store_however_long_that_takes(error: Exception) -> None:
    assert is_mended_outside(error)
    assert pause_before_retry(error, fruitless=1000) is not None


@pytest.mark.parametrize("error", [StoreError("Locked."), RepositoryUnavailable("Nobody answers.")])
def test_what_may_pass_is_tried_some_times(error: Exception) -> None:
    assert not is_mended_outside(error)
    assert pause_before_retry(error, MAX_TRIES_TO_REACH - 1) is not None
    assert pause_before_retry(error, MAX_TRIES_TO_REACH) is None


@pytest.mark.parametrize("error", [BlobMissing(), BlobDamaged(), StoreDamaged(), KeyError("x")])
def test_what_does_not_pass_is_not_tried_again(error: Exception) -> None:
    assert pause_before_retry(error, fruitless=1) is None
