"""What becomes of a job whose attempt fails, in words."""

from __future__ import annotations

import errno

import pytest

from codybatch.domain.errors import RepositoryUnavailable, StoreFull
from codybatch.worker.failures import told


@pytest.mark.parametrize(
    "error", [StoreFull(), *(OSError(code, "No space", "/a/b") for code in (28, errno.EDQUOT))]
)
def test_a_full_disk_is_told_in_the_same_words_whoever_met_it(error: Exception) -> None:
    assert told(error).startswith("The disk is full.")


def test_anything_else_is_told_in_its_own_words() -> None:
    assert told(RepositoryUnavailable("Nobody answers.")) == "Nobody answers."
