"""A draft as a person changes it."""

from __future__ import annotations

from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.ui.compose.draft import ChosenRepository, Draft


def chosen(written: str, *, known: bool = False) -> ChosenRepository:
    ref = RepositoryRef.parse(written)
    facts = RepositoryFacts(id=written, repository=ref, default_branch="main", head_commit="")
    return ChosenRepository(repository=ref, facts=facts if known else None)


def test_a_repository_is_chosen_once_however_it_is_written() -> None:
    draft = Draft().with_repositories([chosen("Acme/API"), chosen("acme/web")])

    assert draft.with_repositories([chosen("acme/api")]).names == ("acme/api", "acme/web")


def test_choosing_a_repository_again_keeps_its_ref_and_takes_what_is_known_of_it() -> None:
    draft = Draft().with_repositories([chosen("acme/api@release")])

    (again,) = draft.with_repositories([chosen("acme/api", known=True)]).repositories
    (other,) = draft.with_repositories([chosen("acme/api@other")]).repositories

    assert str(again.repository) == "acme/api@release"
    assert again.facts is not None
    assert str(other.repository) == "acme/api@other"


def test_a_repository_is_removed_by_its_name_with_whatever_ref() -> None:
    draft = Draft().with_repositories([chosen("acme/api@release"), chosen("acme/web")])

    assert draft.without_repository("ACME/api").names == ("acme/web",)


def test_options_alone_are_nothing_that_could_be_lost() -> None:
    draft = Draft(key="k")

    assert draft.is_blank
    assert not draft.with_(text=" x ").is_blank
    assert not draft.with_(prompt="p").is_blank
    assert not draft.with_repositories([chosen("acme/api")]).is_blank
