"""Every record in memory, and in one small JSON file each so that a restart keeps it."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TypeVar

from codybatch.standins.github.records import (
    Account,
    App,
    Check,
    PullRequest,
    Record,
    Repository,
    Token,
)

AnyRecord = TypeVar("AnyRecord", bound=Record)
FIRST_ID = 1001


class State:
    """The records under one folder.

    Readers take what they find; who reads and then writes holds `lock` around both.

    Arguments:
        folder: where the files are; made if it is missing. One process at a time uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lock = threading.RLock()
        self.accounts = {item.login.lower(): item for item in self._load(Account)}
        self.tokens = {item.name: item for item in self._load(Token)}
        self.apps = {item.id: item for item in self._load(App)}
        self.repositories = {item.id: item for item in self._load(Repository)}
        self.pulls = {(item.repository, item.number): item for item in self._load(PullRequest)}
        self.checks: dict[tuple[int, str], list[Check]] = {}
        for check in self._load(Check):
            self.checks.setdefault((check.repository, check.oid), []).append(check)
        self._names = {
            name.lower(): item.id
            for item in self.repositories.values()
            for name in (*item.former_names, item.full_name)
        }
        self._pulls_by_id = {item.id: key for key, item in self.pulls.items()}
        self._last_id = max((FIRST_ID, *self._ids()))

    def new_id(self) -> int:
        """Return a number that no record has had."""
        with self.lock:
            self._last_id += 1
            return self._last_id

    def put_account(self, account: Account) -> Account:
        """Add or replace an account."""
        with self.lock:
            self.accounts[account.login.lower()] = account
            return self._write(account, account.login.lower())

    def put_token(self, token: Token) -> Token:
        """Add or replace a token."""
        with self.lock:
            self.tokens[token.name] = token
            return self._write(token, token.name)

    def put_app(self, app: App) -> App:
        """Add or replace an app."""
        with self.lock:
            self.apps[app.id] = app
            return self._write(app, str(app.id))

    def put_repository(self, repository: Repository) -> Repository:
        """Add or replace a repository; its former names go on leading to it."""
        with self.lock:
            self.repositories[repository.id] = repository
            for name in (*repository.former_names, repository.full_name):
                self._names[name.lower()] = repository.id
            return self._write(repository, str(repository.id))

    def put_pull(self, pull: PullRequest) -> PullRequest:
        """Add or replace a pull request."""
        with self.lock:
            self.pulls[pull.repository, pull.number] = pull
            self._pulls_by_id[pull.id] = (pull.repository, pull.number)
            return self._write(pull, str(pull.id))

    def put_check(self, check: Check) -> Check:
        """Add a check, in place of one of the same name on the same commit."""
        with self.lock:
            known = self.checks.setdefault((check.repository, check.oid), [])
            for former in [c for c in known if (c.kind, c.name) == (check.kind, check.name)]:
                known.remove(former)
                self._file(former, str(former.id)).unlink()
            known.append(check)
            return self._write(check, str(check.id))

    def repository_named(self, full_name: str) -> Repository | None:
        """Return a repository by its present or a former name, in any case."""
        number = self._names.get(full_name.lower())
        return None if number is None else self.repositories[number]

    def pull_with_id(self, number: int) -> PullRequest | None:
        """Return a pull request by its id, which is not its number."""
        key = self._pulls_by_id.get(number)
        return None if key is None else self.pulls[key]

    def pulls_of(self, repository: Repository) -> list[PullRequest]:
        """Return a repository's pull requests, newest first."""
        with self.lock:
            found = [pull for key, pull in self.pulls.items() if key[0] == repository.id]
        return sorted(found, key=lambda pull: -pull.number)

    def checks_of(self, repository: int, oid: str) -> list[Check]:
        """Return what was checked on a commit."""
        with self.lock:
            return list(self.checks.get((repository, oid), ()))

    def _ids(self) -> list[int]:
        records: tuple[Account | Repository | PullRequest | Check, ...] = (
            *self.accounts.values(),
            *self.repositories.values(),
            *self.pulls.values(),
            *(check for known in self.checks.values() for check in known),
        )
        comments = [comment.id for pull in self.pulls.values() for comment in pull.comments]
        installations = [app.installation for app in self.apps.values()]
        return [*(record.id for record in records), *comments, *installations]

    def _file(self, record: Record, name: str) -> Path:
        return self._folder / type(record).__name__.lower() / f"{name}.json"

    def _write(self, record: AnyRecord, name: str) -> AnyRecord:
        """Replace the file whole; a crash of the machine may lose it, a kill does not."""
        file = self._file(record, name)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(".new")
        draft.write_text(record.model_dump_json(indent=1), encoding="utf-8")
        draft.replace(file)
        return record

    def _load(self, kind: type[AnyRecord]) -> list[AnyRecord]:
        folder = self._folder / kind.__name__.lower()
        with contextlib.suppress(FileNotFoundError):
            files = sorted(folder.iterdir())
            return [kind.model_validate_json(f.read_bytes()) for f in files if f.suffix == ".json"]
        return []
