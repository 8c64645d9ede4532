"""A token that git's server refuses early is renewed at once, and once only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codybatch.domain.errors import CodeHostCredentialRefused, RepositoryNotFound
from codybatch.ports.code_host import GitAccess
from codybatch.standins.git import GitServer
from codybatch.workspace.checkout import check_out
from codybatch.workspace.push import push
from codybatch.workspace.renewal import renewing
from tests.workspace_kit import Origin, serve


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Origin:
    return serve(server, tmp_path, {"a.txt": "a\n"})


class Renewals:
    """Ways that take another's place, one after the other, and how many were asked for."""

    def __init__(self, *others: GitAccess) -> None:
        self.others = list(others)
        self.asked = 0

    def first(self, access: GitAccess, token: str = "ended") -> GitAccess:
        """The way with a token that is refused."""
        return replace(access, token=token, renewed=self.give)

    def give(self) -> GitAccess | None:
        self.asked += 1
        return self.others.pop(0) if self.others else None


def test_a_clone_goes_on_with_the_next_token(origin: Origin) -> None:
    renewals = Renewals(origin.access)

    workspace = check_out(origin.folder / "w", renewals.first(origin.access), origin.head)

    assert (workspace.tree_path / "a.txt").read_text() == "a\n"
    assert renewals.asked == 1


def test_a_push_goes_on_with_the_next_token(origin: Origin) -> None:
    workspace = origin.check_out()
    renewals = Renewals(origin.access)

    push(workspace, renewals.first(origin.access), workspace.commit, "work", None)

    assert origin.repository.branch("work") == workspace.commit
    assert renewals.asked == 1


def into_a_folder(origin: Origin, access: GitAccess) -> None:
    check_out(origin.folder / "w", access, origin.head)


def to_a_branch(origin: Origin, access: GitAccess) -> None:
    workspace = origin.check_out(name="pushing")
    push(workspace, access, workspace.commit, "work", None)


@pytest.mark.parametrize("act", [into_a_folder, to_a_branch])
def test_a_second_refusal_is_final(
    origin: Origin, act: Callable[[Origin, GitAccess], None]
) -> None:
    renewals = Renewals(replace(origin.access, token="ended-too"), origin.access)

    with pytest.raises(CodeHostCredentialRefused) as refused:
        act(origin, renewals.first(origin.access))

    assert renewals.asked == 1
    assert "ended" not in str(refused.value)


@pytest.mark.parametrize("act", [into_a_folder, to_a_branch])
def test_where_there_is_no_other_token_it_is_asked_for_once(
    origin: Origin, act: Callable[[Origin, GitAccess], None]
) -> None:
    renewals = Renewals()

    with pytest.raises(CodeHostCredentialRefused):
        act(origin, renewals.first(origin.access))

    assert renewals.asked == 1


def test_what_is_no_refusal_of_the_token_asks_for_none(origin: Origin) -> None:
    renewals = Renewals(origin.access)
    gone = replace(origin.access, url=origin.server.clone_url("acme/none"), renewed=renewals.give)

    with pytest.raises(RepositoryNotFound):
        check_out(origin.folder / "w", gone, origin.head)

    assert renewals.asked == 0


def test_what_is_given_comes_from_the_way_that_was_taken() -> None:
    good = GitAccess("https://host/acme/shop", token="good")

    def token_of(access: GitAccess) -> str | None:
        if access.token != "good":
            raise CodeHostCredentialRefused
        return access.token

    assert renewing(Renewals(good).first(good), token_of) == "good"
    assert renewing(good, token_of) == "good"
