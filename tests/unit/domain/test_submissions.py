"""A submission's name leads back to it, and no other name does."""

from __future__ import annotations

import re

import pytest

from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.submissions import Submission, submission_named
from tests.contracts.examples import NOON

ID = SubmissionId("01kjmma2g0bkpr51j073xn0pp7")


def submission(generation: int) -> Submission:
    return Submission(
        id=ID, engine="e", jobs=(JobId("a-1"),), created_at=NOON, generation=generation
    )


@pytest.mark.parametrize("generation", [1, 5, 12])
def test_the_name_leads_back_and_is_legal_everywhere(generation: int) -> None:
    name = submission(generation).name

    assert submission_named(name) == ID
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nightly",
        "cody-",
        f"cody-{ID}",
        f"cody-{ID}-0",
        f"x-{ID}-1",
        f"cody-{ID}-1\n",
        "cody-A-1",
    ],
)
def test_other_names_are_none_of_ours(name: str) -> None:
    assert submission_named(name) is None
