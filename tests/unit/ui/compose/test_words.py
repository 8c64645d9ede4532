"""What running a draft does, in words."""

from __future__ import annotations

import pytest

from codybatch.domain.prompts import Kind
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.ui.compose.draft import ChosenRepository, Draft, WrittenOptions
from codybatch.ui.compose.words import delivery, plan


def facts(*, owned: bool) -> RepositoryFacts:
    ref = RepositoryRef.parse("acme/api")
    return RepositoryFacts(
        id="1", repository=ref, default_branch="main", head_commit="", owned=owned
    )


@pytest.mark.parametrize(
    ("kind", "owned", "publish", "label"),
    [
        (Kind.AUDIT, True, PublishMode.DRAFT, "Findings"),
        (Kind.ASK, True, PublishMode.DRAFT, "Answer"),
        (Kind.CHANGE, True, PublishMode.NONE, "Patch"),
        (Kind.CHANGE, False, PublishMode.READY, "Patch"),
        (Kind.CHANGE, True, PublishMode.BRANCH, "Branch"),
        (Kind.CHANGE, True, PublishMode.DRAFT, "Draft PR"),
        (Kind.CHANGE, True, PublishMode.READY, "PR"),
        (None, True, PublishMode.READY, "PR"),
    ],
)
def test_only_owned_repositories_are_published_to_and_only_changes(
    kind: Kind | None, owned: bool, publish: PublishMode, label: str
) -> None:
    assert delivery(facts(owned=owned), kind, publish).label == label


def test_a_plan_names_each_repository_and_what_waits() -> None:
    draft = Draft(
        repositories=(
            ChosenRepository(repository=RepositoryRef.parse("acme/api"), facts=facts(owned=True)),
            ChosenRepository(repository=RepositoryRef.parse("acme/web@next")),
        ),
        options=WrittenOptions(publish=PublishMode.DRAFT, rehearse=True),
    )

    assert plan(draft, Kind.CHANGE) == (
        "acme/api: a draft pull request",
        "acme/web@next: a patch that is kept here",
        "Only acme/api runs now; the others wait for you.",
    )
