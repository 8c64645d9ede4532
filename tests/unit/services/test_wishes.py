"""Labels and people of a pull request, as a person writes them."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import UsageError
from codybatch.domain.requests import PullRequestWishes
from codybatch.services.wishes import written_wishes


def test_lists_are_separated_by_commas_and_logins_may_have_their_sign() -> None:
    wishes = written_wishes("chore, good  first issue,, chore", "@dana, acme/core", "@mona")

    assert wishes.labels == ("chore", "good first issue")
    assert wishes.reviewers == ("dana", "acme/core")
    assert wishes.assignees == ("mona",)


def test_nothing_written_is_nothing_wished() -> None:
    wishes = written_wishes("", " ", "\n")

    assert wishes == PullRequestWishes()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (("x" * 51, "", ""), "Labels: 'xxx"),
        (("", "two words", ""), "Reviewers: 'two words' is no reviewer"),
        (("", "", "acme/core"), "Assignees: 'acme/core' is no login"),
        (("", "", ",".join(f"p{number}" for number in range(11))), "Assignees: Tuple should have"),
    ],
)
def test_what_cannot_be_is_named(written: tuple[str, str, str], said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        written_wishes(*written)
