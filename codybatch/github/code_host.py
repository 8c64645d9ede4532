"""GitHub behind the code host port."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from codybatch.domain.errors import RepositoryNotFound
from codybatch.domain.publication import PullRequest
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.github import look_up, pull_requests
from codybatch.github.connection import Connection, WriteGate
from codybatch.github.failures import translated
from codybatch.github.pull_requests import Proposal
from codybatch.ports import Clock, GitAccess, PullRequestText, Unusable


class GitHubCodeHost:
    """GitHub, or a GitHub Enterprise server; one instance a thread."""

    def __init__(
        self, api_url: str, server_url: str, token: str | None, clock: Clock, gate: WriteGate
    ) -> None:
        """Reach GitHub.

        Args:
            api_url: of the REST API, such as ``https://api.github.com`` or ``https://HOST/api/v3``.
            server_url: where clones come from.
            token: of the service account; None reads public repositories as nobody.
            clock: the time.
            gate: what all writes of this machine pass.
        """
        self._server_url = server_url.rstrip("/")
        self._token = token
        self._clock = clock
        self._connection = Connection(api_url.rstrip("/"), token, gate)

    def look_up(
        self, repositories: Sequence[RepositoryRef]
    ) -> tuple[RepositoryFacts | Unusable, ...]:
        """What GitHub says of each, in this order."""
        return look_up.look_up(self._connection, repositories, self._clock)

    def git_access(self, repository: RepositoryRef, write: bool = False) -> GitAccess:  # noqa: ARG002
        """A fresh way for one git call; the token both reads and writes."""
        return GitAccess(
            url=f"{self._server_url}/{repository.full_name}.git",
            token=self._token,
            allow_http=urlsplit(self._server_url).scheme == "http",
        )

    def may_push(self, repository: RepositoryRef) -> bool:
        """Whether the service account may push there, asked now.

        Raises:
            RepositoryNotFound: it is gone.
        """
        if self._token is None:
            return False
        with translated(f"asking what we may do in {repository.full_name}", self._clock):
            found = self._connection.reading.get_repo(repository.full_name, lazy=False)
            rights = found.permissions
            allowed = rights.push or rights.maintain or rights.admin
            return bool(allowed) and not found.archived and not found.raw_data.get("disabled")

    def branch_head(self, repository: RepositoryRef, branch: str) -> str | None:
        """The commit a branch points at now; None where there is no such branch."""
        try:
            with translated(f"looking at the branch {branch}", self._clock):
                found = self._connection.reading.get_repo(repository.full_name)
                ref = found.get_git_ref(f"heads/{branch}")
                return ref.object.sha if ref.ref == f"refs/heads/{branch}" else None
        except RepositoryNotFound:
            return None

    def pull_request_of(self, repository: RepositoryRef, branch: str) -> PullRequest | None:
        """The newest pull request from a branch of the repository itself, in any state."""
        return pull_requests.pull_request_of(self._connection, repository, branch, self._clock)

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
        return pull_requests.open_pull_request(
            self._connection, Proposal(repository, branch, base, text, draft), self._clock
        )

    def update_pull_request(
        self, repository: RepositoryRef, number: int, text: PullRequestText
    ) -> PullRequest:
        """Give an open pull request a new title and body."""
        return pull_requests.update_pull_request(
            self._connection, repository, number, text, self._clock
        )

    def refresh(self, pulls: Sequence[PullRequest]) -> tuple[PullRequest, ...]:
        """The pull requests as they are now, in this order, many in one call."""
        return pull_requests.refresh(self._connection, pulls, self._clock)

    def whoami(self) -> str | None:
        """The account's login; None without a credential."""
        with translated("asking who we are", self._clock):
            if self._token is None:
                self._connection.reading.get_rate_limit()  # asks, without costing a request
                return None
            return self._connection.reading.get_user().login
