"""Bare repositories made by real git with a fixed author and date, so that commits repeat."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

AUTHOR = "Ada Example <ada@example.com>"
FIRST_COMMIT_TIME = 1_714_554_000  # 2024-05-01T09:00:00Z
SECONDS_BETWEEN_COMMITS = 60

# GitHub lets a client fetch any commit that a ref reaches, and filter what it clones.
CONFIG = """
[http]
\treceivepack = true
[uploadpack]
\tallowTipSHA1InWant = true
\tallowReachableSHA1InWant = true
\tallowFilter = true
[receive]
\tautogc = false
\tadvertisePushOptions = true
\tfsckObjects = true
[gc]
\tauto = 0
"""


class GitFailed(Exception):
    """A git command of the stand-in failed."""


class FixtureFile(NamedTuple):
    """One file of a fixture: `mode` is 100644, 100755 or 120000 (the content is the target)."""

    content: bytes
    mode: str = "100644"


# Text becomes UTF-8; None deletes the file.
Files = Mapping[str, str | bytes | FixtureFile | None]


@dataclass(frozen=True)
class FixtureCommit:
    """A commit to make: what changes against the branch's head before it."""

    files: Files
    message: str
    branch: str = "main"


def git_environment() -> dict[str, str]:
    """Return the whole environment for git: nothing of the machine's or the person's settings."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_DEFAULT_REF_FORMAT": "files",
        "GIT_DEFAULT_HASH": "sha1",
    }


class BareRepository:
    """One bare repository on disk.

    Arguments:
        path: its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, default_branch: str = "main") -> BareRepository:
        """Make an empty repository that pushes and fetches as one on GitHub does."""
        path.mkdir(parents=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--bare", "--template=", f"-b{default_branch}", ".")
        with (path / "config").open("a", encoding="utf-8") as config:
            config.write(CONFIG)
        return repository

    def git(self, *arguments: str, given: bytes | None = None) -> bytes:
        """Run a git command here and return what it printed.

        Raises:
            GitFailed: it ended with another status than 0.
        """
        finished = self.try_git(*arguments, given=given)
        if finished.returncode:
            reason = finished.stderr.decode(errors="replace").strip()
            raise GitFailed(f"git {arguments[0]} failed in {self.path.name}: {reason}")
        return finished.stdout

    def try_git(
        self, *arguments: str, given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a git command here whose status is an answer too."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=git_environment(),
            input=given if given is not None else b"",
            capture_output=True,
            check=False,
        )

    def add_commits(self, commits: Sequence[FixtureCommit]) -> None:
        """Make all commits, in order, in one call of git."""
        known = {commit.branch for commit in commits if self.branch(commit.branch)}
        stream = b"".join(_commits_for_import(commits, known))
        self.git("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", given=stream)

    def commit(self, files: Files, message: str = "Change", branch: str = "main") -> str:
        """Make one commit on a branch and return its object id."""
        self.add_commits([FixtureCommit(files, message, branch)])
        head = self.branch(branch)
        if head is None:
            raise GitFailed(f"git fast-import made no branch {branch}")
        return head

    def refs(self) -> dict[str, str]:
        """Return every ref by its full name with its object id, sorted by name."""
        found: dict[str, str] = dict(_packed_refs(self.path / "packed-refs"))
        for folder, _, names in os.walk(self.path / "refs"):
            for name in names:
                file = Path(folder, name)
                found[file.relative_to(self.path).as_posix()] = file.read_text().strip()
        return {name: oid for name, oid in sorted(found.items()) if not name.endswith(".lock")}

    def branches(self) -> dict[str, str]:
        """Return the branches' names with their heads' object ids."""
        prefix = "refs/heads/"
        refs = self.refs().items()
        return {name.removeprefix(prefix): oid for name, oid in refs if name.startswith(prefix)}

    def branch(self, name: str) -> str | None:
        """Return the object id of a branch's head, or None where there is no such branch."""
        return self.branches().get(name)

    def set_branch(self, name: str, oid: str) -> None:
        """Point a branch at a commit that exists here, whatever it pointed at before."""
        self.git("update-ref", f"refs/heads/{name}", oid)

    def delete_branch(self, name: str) -> None:
        """Remove a branch."""
        self.git("update-ref", "-d", f"refs/heads/{name}")

    def size_kb(self) -> int:
        """Return the size of the objects in KB, as GitHub's `size` and `diskUsage` count."""
        files = (file for file in (self.path / "objects").rglob("*") if file.is_file())
        return sum(file.stat().st_size for file in files) // 1024


def _commits_for_import(commits: Sequence[FixtureCommit], known: set[str]) -> Iterator[bytes]:
    """Write the commits as `git fast-import` reads them (its manual, "Input format")."""
    begun: set[str] = set()
    for number, commit in enumerate(commits):
        ref = f"refs/heads/{commit.branch}"
        when = f"{AUTHOR} {FIRST_COMMIT_TIME + number * SECONDS_BETWEEN_COMMITS} +0000"
        yield f"commit {ref}\nauthor {when}\ncommitter {when}\n".encode()
        yield _data(commit.message.encode())
        if commit.branch in known and commit.branch not in begun:
            yield f"from {ref}^0\n".encode()
        begun.add(commit.branch)
        for path, file in commit.files.items():
            yield _change(path, file)


def _change(path: str, file: str | bytes | FixtureFile | None) -> bytes:
    quoted = _quoted(path)
    if file is None:
        return b"D " + quoted + b"\n"
    if not isinstance(file, FixtureFile):
        file = FixtureFile(file.encode() if isinstance(file, str) else file)
    return f"M {file.mode} inline ".encode() + quoted + b"\n" + _data(file.content)


def _quoted(path: str) -> bytes:
    raw = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + raw + b'"'


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _packed_refs(file: Path) -> Iterator[tuple[str, str]]:
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        if not line.startswith(("#", "^")):
            oid, _, name = line.partition(" ")
            yield name, oid
