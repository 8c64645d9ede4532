"""What workspaces are tested with: repositories served over smart HTTP, and hostile ones that git
itself would never make.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from codybatch.ports.code_host import GitAccess
from codybatch.standins.git import BareRepository, Files, GitServer
from codybatch.workspace.checkout import Workspace, WorkspaceLimits, check_out

TOKEN_KEY = "AKIA" + "Q3EGRWSHPAV7NBZ5"
NAME = "acme/shop"


@dataclass
class Origin:
    """A repository on the server, and a way to check it out."""

    server: GitServer
    repository: BareRepository
    access: GitAccess
    folder: Path

    @property
    def head(self) -> str:
        """The head of the default branch."""
        commit = self.repository.branch("main")
        assert commit is not None
        return commit

    def check_out(
        self,
        commit: str | None = None,
        *,
        limits: WorkspaceLimits | None = None,
        base_patch: bytes | None = None,
        name: str = "workspace",
    ) -> Workspace:
        """A fresh workspace."""
        return check_out(self.folder / name, self.access, commit or self.head, limits, base_patch)

    def anonymous(self) -> GitAccess:
        """The same address without a credential."""
        return replace(self.access, token=None)


def serve(
    server: GitServer, folder: Path, files: Files | None = None, *, private: bool = True
) -> Origin:
    """A repository with one commit, and a token that may push there."""
    repository = server.add_repository(NAME, files, private=private)
    token = server.add_token([NAME])
    access = GitAccess(server.clone_url(NAME), token=token, allow_http=True)
    return Origin(server, repository, access, folder)


class RawEntry(NamedTuple):
    """One entry of a tree as it will be written, whatever git thinks of it."""

    mode: str
    name: bytes
    object_id: str


class RawObjects:
    """Objects that git's own commands refuse to write."""

    def __init__(self, repository: BareRepository) -> None:
        self._objects = repository.path / "objects"

    def blob(self, content: bytes) -> str:
        """Write a blob."""
        return self.write("blob", content)

    def tree(self, entries: Iterable[RawEntry]) -> str:
        """Write a tree with its entries in the order given."""
        lines = (
            entry.mode.encode() + b" " + entry.name + b"\0" + bytes.fromhex(entry.object_id)
            for entry in entries
        )
        return self.write("tree", b"".join(lines))

    def commit(self, tree: str) -> str:
        """Write a commit without a parent."""
        who = "Eve <eve@example.com> 1714554000 +0000"
        return self.write("commit", f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n".encode())

    def write(self, kind: str, content: bytes) -> str:
        """Write any object as a loose one (gitformat-pack is not needed to read it)."""
        data = f"{kind} {len(content)}\0".encode() + content
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        folder = self._objects / name[:2]
        folder.mkdir(exist_ok=True)
        (folder / name[2:]).write_bytes(zlib.compress(data, 1))
        return name


def plant(origin: Origin, files: Mapping[bytes, tuple[str, bytes]]) -> str:
    """Point the default branch at a commit whose one flat tree has exactly these names."""
    raw = RawObjects(origin.repository)
    entries = [
        RawEntry(mode, name, content.decode() if mode == "160000" else raw.blob(content))
        for name, (mode, content) in files.items()
    ]
    return plant_tree(origin, raw.tree(sorted(entries, key=lambda entry: entry.name)))


def plant_tree(origin: Origin, tree: str) -> str:
    """Point the default branch at a commit of this tree."""
    commit = RawObjects(origin.repository).commit(tree)
    origin.repository.set_branch("main", commit)
    return commit


def plain_git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Git as a person would run it, with default configuration, for comparison."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "T",
        "GIT_AUTHOR_EMAIL": "t@example.com",
        "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.com",
    }
    finished = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode(errors="replace")
    return finished.stdout


def plain_clone(origin: Origin, target: Path) -> Path:
    """A plain clone of the served repository."""
    plain_git(origin.folder, "clone", "-q", str(origin.repository.path), str(target))
    return target


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there; links are named, not followed."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if ".git" in path.relative_to(folder).parts:
            continue
        if path.is_symlink():
            found[path.relative_to(folder).as_posix()] = b"link to " + os.fsencode(path.readlink())
        elif path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found
