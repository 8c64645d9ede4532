"""The GitHub stand-in: what tests and the demonstration use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from codybatch.standins.git.bare import BareRepository, Files, FixtureCommit
from codybatch.standins.git.faults import FaultQueue
from codybatch.standins.git.journal import Journal, RecordedRequest
from codybatch.standins.github import editing, pulls
from codybatch.standins.github.application import ENTERPRISE, GitHubApplication
from codybatch.standins.github.records import App, Check, PullRequest, Repository
from codybatch.standins.github.site import TOKEN_LIFE, Site, utc_now
from codybatch.standins.loopback import LoopbackServer

SERVICE = "service"


class Tokens(Mapping[str, str]):
    """The tokens' values by their names; a revoked one stays known."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __getitem__(self, name: str) -> str:
        return self._site.state.tokens[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._site.state.tokens))

    def __len__(self) -> int:
        return len(self._site.state.tokens)

    def add(
        self,
        name: str,
        login: str = "",
        expires_at: datetime | None = None,
        scopes: str | None = "repo",
    ) -> str:
        """Return a new token of an account, in place of a former one of that name.

        Arguments:
            name: how the records call it.
            login: whose it is; the name where empty.
            expires_at: when it ends, or None.
            scopes: what its answers say that it may do; None where they say nothing.
        """
        login = self._site.account(login or name).login
        return self._site.new_token(name, login, expires_at=expires_at, scopes=scopes).value

    def revoke(self, name: str) -> None:
        """End a token: from now on it is answered 401."""
        token = self._site.state.tokens[name]
        self._site.state.put_token(token.model_copy(update={"revoked": True}))


class GitHubStandin:
    """GitHub on 127.0.0.1: git, REST and GraphQL on one port, from entering to leaving.

    Repositories, tokens and pull requests lie under `root` and can be prepared before it starts;
    a stand-in started again there goes on with them. An account `service` with a token of the
    same name always exists.

    Arguments:
        root: the folder; one stand-in at a time uses it.
        port: 0 lets the system choose.
        now: the clock.
        limits: points in a rate limit's window by resource (`core`, `search`, `code_search`,
            `graphql`), where they are not GitHub's.
        token_life: how long an installation's token lives.
    """

    def __init__(
        self,
        root: Path,
        port: int = 0,
        now: Callable[[], datetime] = utc_now,
        limits: dict[str, int] | None = None,
        token_life: timedelta = TOKEN_LIFE,
    ) -> None:
        self._site = Site(root, now, limits, token_life)
        self._port = port
        self._server: LoopbackServer | None = None
        self.tokens = Tokens(self._site)
        if SERVICE not in self.tokens:
            self.tokens.add(SERVICE)

    @property
    def url(self) -> str:
        """The server's address, as `GITHUB_SERVER_URL` holds it; also an API at the root.

        Raises:
            RuntimeError: the stand-in is not running.
        """
        if self._server is None:
            raise RuntimeError("the GitHub stand-in is not running: enter it first")
        return self._server.url

    @property
    def api_url(self) -> str:
        """The API's address as on GitHub Enterprise, as `GITHUB_API_URL` holds it."""
        return f"{self.url}{ENTERPRISE}"

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.url.rpartition(":")[2])

    @property
    def faults(self) -> FaultQueue:
        """What is to go wrong; `codybatch.standins.github.faults` makes faults by name."""
        return self._site.faults

    @property
    def journal(self) -> Journal:
        """What was asked, to wait for and to clear."""
        return self._site.journal

    def requests(self, route: str = "* *") -> list[RecordedRequest]:
        """Return the requests that fit a route such as `POST /repos/*/pulls`, oldest first."""
        return self._site.journal.requests(route)

    def add_repository(
        self,
        full_name: str,
        *,
        files: Files | None = None,
        commits: Sequence[FixtureCommit] = (),
        source: Path | None = None,
        copy_of: str | None = None,
        **facts: Any,
    ) -> Repository:
        """Make a repository; see `editing.add_repository`."""
        return editing.add_repository(
            self._site,
            full_name,
            files=files,
            commits=commits,
            source=source,
            copy_of=copy_of,
            **facts,
        )

    def add_user(self, login: str) -> None:
        """Make a person's account, to be a reviewer or an owner."""
        self._site.account(login)

    def add_app(self, app_id: int, public_key: str, login: str) -> App:
        """Register a GitHub App; it is installed where `login` has a role that may push."""
        return editing.add_app(self._site, app_id, public_key, login)

    def change_repository(self, full_name: str, **facts: Any) -> Repository:
        """Change facts such as `archived=True`; see `editing.change_repository`."""
        return editing.change_repository(self._site, full_name, **facts)

    def rename_repository(self, full_name: str, new_full_name: str) -> Repository:
        """Give a repository another name; the former one goes on leading to it."""
        return editing.rename_repository(self._site, full_name, new_full_name)

    def repository(self, full_name: str) -> Repository:
        """Return a repository's record.

        Raises:
            UnknownRepository: there is none of this name.
        """
        return editing.named(self._site, full_name)

    def bare(self, full_name: str) -> BareRepository:
        """Return a repository's git side, to read and to change."""
        return self._site.writable(self.repository(full_name))

    def commit(
        self, full_name: str, files: Files, message: str = "Change", branch: str = "main"
    ) -> str:
        """Commit to a branch as somebody else would, and return the object id."""
        return self.bare(full_name).commit(files, message, branch)

    def set_check(
        self,
        full_name: str,
        ref: str,
        name: str,
        conclusion: str | None = "success",
        kind: str = "check_run",
    ) -> Check:
        """Say what a check found on a commit; see `editing.set_check`."""
        return editing.set_check(self._site, full_name, ref, name, conclusion, kind)

    def pull_requests(self, full_name: str) -> list[PullRequest]:
        """Return a repository's pull requests, up to date with their branches, oldest first."""
        return pulls.follow_all(self._site, self.repository(full_name))[::-1]

    def close_pull_request(self, full_name: str, number: int) -> PullRequest:
        """Close a pull request as a maintainer would."""
        return pulls.close(self._site, self._pull(full_name, number))

    def merge_pull_request(self, full_name: str, number: int) -> PullRequest:
        """Merge a pull request as a maintainer would.

        Raises:
            ApiProblem: it is a draft, or in conflict.
        """
        return pulls.merge(self._site, self._pull(full_name, number), "maintainer")

    def start(self) -> Self:
        """Begin to answer."""
        self._server = LoopbackServer(GitHubApplication(self._site), self._port)
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop answering; what was made stays in the folder."""
        self._site.stopping.set()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _pull(self, full_name: str, number: int) -> PullRequest:
        return self._site.state.pulls[self.repository(full_name).id, number]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
