"""All that one GitHub stand-in knows and does, without HTTP."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from codybatch.standins.git.bare import BareRepository
from codybatch.standins.git.faults import Fault, FaultQueue
from codybatch.standins.git.journal import Journal
from codybatch.standins.github.comparison import Comparisons
from codybatch.standins.github.languages import Languages
from codybatch.standins.github.limits import RateLimits
from codybatch.standins.github.records import Account, Repository, Token
from codybatch.standins.github.state import State

# Shapes of GitHub's tokens: `ghp_` personal, `ghs_` of an installation.
TOKEN_BYTES = 18
# docs.github.com: an installation's token ends after one hour.
TOKEN_LIFE = timedelta(hours=1)


def utc_now() -> datetime:
    """Return the present moment to the second, as GitHub tells times."""
    return datetime.now(UTC).replace(microsecond=0)


class Site:
    """Records, repositories, faults and limits under one folder.

    Arguments:
        root: the folder; one process at a time uses it.
        now: the clock.
        limits: points in a rate limit's window by resource, where they are not GitHub's.
        token_life: how long an installation's token lives.
    """

    def __init__(
        self,
        root: Path,
        now: Callable[[], datetime] = utc_now,
        limits: dict[str, int] | None = None,
        token_life: timedelta = TOKEN_LIFE,
    ) -> None:
        self.root = root
        self.now = now
        self.token_life = token_life
        self.state = State(root / "records")
        self.limits = RateLimits(now, limits)
        self.faults = FaultQueue()
        self.journal = Journal()
        self.stopping = threading.Event()
        self.languages = Languages()
        self.comparisons = Comparisons()

    def bare(self, repository: Repository) -> BareRepository:
        """Return a repository's git side to read; a renamed one stays where it is."""
        if repository.template is not None:
            return BareRepository(self.template(repository.template))
        return BareRepository(self._own_folder(repository))

    def writable(self, repository: Repository) -> BareRepository:
        """Return a repository's git side to change: its own, whatever it was copied from."""
        with self.state.lock:
            latest = self.state.repositories[repository.id]
            if latest.template is not None:
                shutil.copytree(self.template(latest.template), self._own_folder(latest))
                self.state.put_repository(latest.model_copy(update={"template": None}))
        return BareRepository(self._own_folder(repository))

    def template(self, name: str) -> Path:
        """Return the folder of a git side that several repositories share and none changes."""
        return self.root / "templates" / f"{name}.git"

    def _own_folder(self, repository: Repository) -> Path:
        return self.root / "repositories" / f"{repository.id}.git"

    def account(self, login: str, kind: str = "User") -> Account:
        """Return an account, made where it is missing."""
        with self.state.lock:
            known = self.state.accounts.get(login.lower())
            if known is not None:
                return known
            made = Account.model_validate({"id": self.state.new_id(), "login": login, "kind": kind})
            return self.state.put_account(made)

    def new_token(
        self,
        name: str,
        login: str,
        *,
        expires_at: datetime | None = None,
        installation: int | None = None,
        repositories: tuple[int, ...] | None = None,
        scopes: str | None = "repo",
    ) -> Token:
        """Return a new token, in place of a former one of that name."""
        prefix = "ghp" if installation is None else "ghs"
        token = Token(
            name=name,
            value=f"{prefix}_{secrets.token_hex(TOKEN_BYTES)}",
            login=login,
            expires_at=expires_at,
            installation=installation,
            repositories=repositories,
            scopes=scopes,
        )
        return self.state.put_token(token)

    def language(self, repository: Repository) -> str | None:
        """Return the main language, set by hand or found in the files."""
        if repository.language is not None:
            return repository.language
        found = self.language_bytes(repository)
        return max(found, key=lambda name: found[name]) if found else None

    def language_bytes(self, repository: Repository) -> dict[str, int]:
        """Return the bytes of each language on the default branch, the largest first."""
        return self.languages.of(self.bare(repository), repository.default_branch)

    def size_kb(self, repository: Repository) -> int:
        """Return the size of the whole history in KB, set by hand or counted."""
        if repository.size_kb is not None:
            return repository.size_kb
        return self.bare(repository).size_kb()

    def disturb(self, fault: Fault) -> None:
        """Change the state as a fault of kind `withdraw_permission` or `delete_branch` says."""
        repository = self.state.repository_named(fault.repository)
        if repository is None:
            return
        if fault.kind == "delete_branch":
            self.writable(repository).delete_branch(fault.branch)
            return
        with self.state.lock:
            left = {k: v for k, v in repository.permissions.items() if k != fault.login.lower()}
            self.state.put_repository(repository.model_copy(update={"permissions": left}))
