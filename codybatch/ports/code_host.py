"""The port of the code host: where repositories live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from codybatch.domain.publication import PullRequest
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Source


@dataclass(frozen=True)
class GitAccess:
    """How git reaches a repository: an address without credentials, the credential beside it."""

    url: str
    username: str = "x-access-token"
    token: str | None = field(default=None, repr=False)
    setting: str = "GITHUB_TOKEN"
    """Where the token comes from, for messages."""
    allow_http: bool = False
    """Only for a code host on the loopback or where the operator set an http address."""
    renewed: Callable[[], GitAccess | None] | None = field(default=None, repr=False, compare=False)
    """Gives another way after the host refused this token; None, like no callable, where there is
    no other. It is for the thread that got this one."""


@dataclass(frozen=True)
class Unusable:
    """A repository that cannot be used, and why."""

    repository: RepositoryRef
    error: Exception
    """A CodeHostError or PolicyError that names what was wrong."""


@dataclass(frozen=True)
class Candidates:
    """What a source gave: usable or not, each repository once, in the code host's order."""

    found: tuple[RepositoryFacts | Unusable, ...]
    """``head_commit`` is empty where it was not asked for; an empty repository has no
    ``default_branch``, and archived ones are among them."""
    incomplete: str = ""
    """One sentence where there are more than were given, such as the search's own limit."""


@dataclass(frozen=True)
class Account:
    """Who the code host takes us for."""

    login: str | None
    """None for nobody."""
    scopes: tuple[str, ...] | None = None
    """What its token may do at all; None where the host does not say: fine-grained tokens, Apps."""
    installed: int | None = None
    """Of a GitHub App: in how many repositories it is installed."""
    calls_left: int | None = None
    """How many more calls it lets through until ``resets_at``; None where it has no limit."""
    calls_an_hour: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True)
class PullRequestText:
    """What a pull request says; the body is finished Markdown of ours."""

    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


class OnWait(Protocol):
    """What happens where the host asks for a short pause."""

    def __call__(self, seconds: float, why: str) -> None:
        """Wait ``seconds``, or raise to give the call up; ``why`` is a sentence for people."""
        ...


class CodeHost(Protocol):
    """Where repositories live. Adapters pace their writes and honour what the host asks: a pause
    of up to a minute is waited out, a longer one is raised.

    All methods raise CodeHostThrottled (come back later), CodeHostCredentialRefused and
    RepositoryUnavailable (network, server errors after the adapter's own retries).
    """

    def waiting(self, on_wait: OnWait) -> CodeHost:
        """The same client, whose short pauses are waited out by ``on_wait``."""
        ...

    def look_up(
        self, repositories: Sequence[RepositoryRef]
    ) -> tuple[RepositoryFacts | Unusable, ...]:
        """What the host says of each, in this order and in as few calls as it allows. Unknown,
        archived, disabled, locked and empty repositories and vanished refs come back as Unusable.
        """
        ...

    def candidates(self, source: Source, limit: int) -> Candidates:
        """At most ``limit`` repositories of a source, in as few calls as the host allows: a listing
        of 1,000 costs tens of calls. Searches are paced as the host asks. Archived and empty ones
        and forks come as they are: what is kept is the caller's to say.

        Raises:
            RepositoryNotFound: there is no such organisation or user.
            NotPermitted: it may not be seen, or the search needs a credential.
            InvalidSelection: the host does not understand the search; the message says why.
        """
        ...

    def git_access(self, repository: RepositoryRef, write: bool = False) -> GitAccess:
        """A fresh way for one git call."""
        ...

    def may_push(self, repository: RepositoryRef) -> bool:
        """Whether the service account may push there, asked now.

        Raises:
            RepositoryNotFound: it is gone.
        """
        ...

    def branch_head(self, repository: RepositoryRef, branch: str) -> str | None:
        """The commit a branch points at now; None where there is no such branch."""
        ...

    def pull_request_of(self, repository: RepositoryRef, branch: str) -> PullRequest | None:
        """The newest pull request from a branch of the repository itself, in any state."""
        ...

    def open_pull_request(
        self, repository: RepositoryRef, branch: str, base: str, text: PullRequestText, draft: bool
    ) -> PullRequest:
        """Find the open pull request of this branch or make it: never a second one, whatever died
        before. One that was closed or merged is given back as it is, untouched. Labels, reviewers
        and assignees that the host refuses are left out, named in ``left_out``, and do not fail
        the call.

        Raises:
            PullRequestRefused: the host refuses it; the message says why.
            NotPermitted: the credential may not do this.
        """
        ...

    def update_pull_request(
        self, repository: RepositoryRef, number: int, text: PullRequestText
    ) -> PullRequest:
        """Give an open pull request a new title and body."""
        ...

    def refresh(self, pulls: Sequence[PullRequest]) -> tuple[PullRequest, ...]:
        """The pull requests as they are now, in this order, many in one call. One that is gone, or
        may not be seen any more, comes back as it was given, ``refreshed_at`` too.
        """
        ...

    def account(self) -> Account:
        """Who the host takes us for, and what is left of its limits, asked now."""
        ...


class CodeHostFactory(Protocol):
    """Makes a client for the code host; one a thread."""

    def __call__(self) -> CodeHost:
        """A client of its own."""
        ...
