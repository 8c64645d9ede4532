"""GitHub behind the code host port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from urllib.parse import urlsplit

from codybatch.domain.publication import PullRequest
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Source
from codybatch.github import account, candidates, look_up, permissions, pull_requests
from codybatch.github.answers import Answers
from codybatch.github.connection import Connection
from codybatch.github.credentials import FOR_GIT, Credential, FixedToken
from codybatch.github.pull_requests import Proposal
from codybatch.github.write_gate import WriteGate
from codybatch.ports import (
    Account,
    Candidates,
    Clock,
    GitAccess,
    OnWait,
    PullRequestText,
    Unusable,
)


class GitHubCodeHost:
    """GitHub, or a GitHub Enterprise server; one instance a thread."""

    def __init__(
        self,
        api_url: str,
        server_url: str,
        credential: Credential | str | None,
        clock: Clock,
        gate: WriteGate,
        *,
        answers: Answers | None = None,
        permits: Callable[[RepositoryRef], bool] | None = None,
    ) -> None:
        """Reach GitHub.

        Args:
            api_url: of the REST API, such as ``https://api.github.com`` or ``https://HOST/api/v3``.
            server_url: where clones come from.
            credential: of the service account, or its token; None reads public repositories as
                nobody.
            clock: the time, and waiting for it.
            gate: what all writes of this machine pass.
            answers: what GitHub answered before; None keeps none.
            permits: which names a renamed repository may have; None for all of the same owner.
        """
        self._server_url = server_url.rstrip("/")
        if credential is None or isinstance(credential, str):
            credential = FixedToken(credential or None)
        self._connection = Connection(
            api_url.rstrip("/"), credential, gate, clock, answers or Answers(), permits
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def waiting(self, on_wait: OnWait) -> GitHubCodeHost:
        """The same client, whose short pauses are waited out by ``on_wait``."""
        other = copy(self)
        other._connection = self._connection.waiting(on_wait)  # noqa: SLF001 - one of ours
        return other

    def look_up(
        self, repositories: Sequence[RepositoryRef]
    ) -> tuple[RepositoryFacts | Unusable, ...]:
        """What GitHub says of each, in this order."""
        return look_up.look_up(self._connection, repositories)

    def candidates(self, source: Source, limit: int) -> Candidates:
        """At most ``limit`` repositories of a source: a listing of 1,000 costs 10 calls, a search
        that gives 1,000 costs 20.

        Raises:
            RepositoryNotFound: there is no such organisation or user.
            NotPermitted: it may not be seen, or the search needs a credential.
            InvalidSelection: GitHub does not understand the search; the message says why.
        """
        return candidates.candidates(self._connection, source, limit)

    def git_access(self, repository: RepositoryRef, write: bool = False) -> GitAccess:  # noqa: ARG002
        """A fresh way for one git call; the token both reads and writes, and outlives the call.

        Git itself follows no redirection, so a name of today that is known is taken.

        Raises:
            CodeHostCredentialRefused: GitHub gives the App no token.
        """
        name = self._connection.names.get(repository.full_name, repository.full_name)
        token = self._connection.token(FOR_GIT)
        return GitAccess(
            url=f"{self._server_url}/{name}.git",
            token=token,
            setting=self._connection.credential.variable,
            allow_http=urlsplit(self._server_url).scheme == "http",
            renewed=partial(self._renewed, repository, token),
        )

    def _renewed(self, repository: RepositoryRef, refused: str | None) -> GitAccess | None:
        """A way with another token than the one that was refused, where there is any."""
        is_still_held = self._connection.token(FOR_GIT) == refused
        if is_still_held and not self._connection.credential.renew():
            return None
        return self.git_access(repository)

    def may_push(self, repository: RepositoryRef) -> bool:
        """Whether the service account may push there, asked now.

        Raises:
            RepositoryNotFound: it is gone.
        """
        return permissions.may_push(self._connection, repository)

    def branch_head(self, repository: RepositoryRef, branch: str) -> str | None:
        """The commit a branch points at now; None where there is no such branch.

        Raises:
            RepositoryNotFound: the repository is gone.
        """
        name = self._connection.current_name(repository)
        return look_up.branch_commit(self._connection, name, branch)

    def pull_request_of(self, repository: RepositoryRef, branch: str) -> PullRequest | None:
        """The newest pull request from a branch of the repository itself, in any state."""
        return pull_requests.pull_request_of(self._connection, repository, branch)

    def open_pull_request(
        self,
        repository: RepositoryRef,
        branch: str,
        base: str,
        text: PullRequestText,
        draft: bool,
    ) -> PullRequest:
        """Find the pull request of this branch or make it: never a second one.

        Raises:
            PullRequestRefused: GitHub refuses it; the message says why.
            NotPermitted: the credential may not do this.
        """
        proposal = Proposal(repository, branch, base, text, draft)
        return pull_requests.open_pull_request(self._connection, proposal)

    def update_pull_request(
        self, repository: RepositoryRef, number: int, text: PullRequestText
    ) -> PullRequest:
        """Give an open pull request a new title and body.

        Raises:
            PullRequestRefused: GitHub refuses them; the message says why.
            NotPermitted: the credential may not do this.
        """
        return pull_requests.update_pull_request(self._connection, repository, number, text)

    def refresh(self, pulls: Sequence[PullRequest]) -> tuple[PullRequest, ...]:
        """The pull requests as they are now, in this order, many in one call."""
        return pull_requests.refresh(self._connection, pulls)

    def account(self) -> Account:
        """Who GitHub takes us for, and what is left of its limits, asked now."""
        return account.account(self._connection)
