"""What the work tree and its tools are tested with: trees on disk with their manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self

from codybatch.agent.tools import ToolOutput, tools_for
from codybatch.domain.prompts import Kind
from codybatch.workspace.journal import blob_sha
from codybatch.workspace.manifest import FILE, SUBMODULE, Manifest, ManifestEntry
from codybatch.workspace.redaction import Redactor, SecretScanner
from codybatch.workspace.tree import TreeLimits, WorkTree

Files = Mapping[str, bytes | str]
SCANNER = SecretScanner()
LFS_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
# Put together here, so that no scanner takes this file for a leak.
GITHUB_TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
PASSWORD = "Tr0ub4dor" + "&3x9"


def place(root: Path, path: str, content: bytes | str) -> bytes:
    """Write a file as a checkout would, below ``root``; gives back its bytes."""
    data = content.encode() if isinstance(content, str) else content
    name = os.path.join(os.fsencode(root), os.fsencode(path))  # noqa: PTH118 - names are bytes
    os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(data)
    return data


def check_out(root: Path, files: Files, modes: Mapping[str, str] | None = None) -> Manifest:
    """Files on disk below ``root``, and their manifest."""
    root.mkdir(parents=True, exist_ok=True)
    modes = modes or {}
    entries = []
    for path, content in files.items():
        mode = modes.get(path, FILE)
        if mode == SUBMODULE:
            (root / path).mkdir(parents=True)
            entries.append(ManifestEntry(path, mode, "c" * 40, 0))
            continue
        data = place(root, path, content)
        if mode == "100755":
            (root / path).chmod(0o755)
        entries.append(ManifestEntry(path, mode, blob_sha(data), len(data)))
    return Manifest.of(entries, commit="b" * 40)


def make_tree(
    folder: Path,
    files: Files | None = None,
    modes: Mapping[str, str] | None = None,
    limits: TreeLimits = TreeLimits(),  # noqa: B008 - frozen
) -> WorkTree:
    """A work tree in ``folder/tree``."""
    return WorkTree(folder / "tree", check_out(folder / "tree", files or {}, modes), limits)


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder/tree``, links included, as the file system has them."""
    root = os.fsencode(folder / "tree")
    found: dict[str, bytes] = {}
    for where, _, names in os.walk(root):
        for name in names:
            path = os.path.join(where, name)  # noqa: PTH118
            with open(path, "rb") as file:  # noqa: PTH123
                found[os.fsdecode(os.path.relpath(path, root))] = file.read()
    return found


class Folders:
    """Fresh folders below one, for tests that need hundreds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    def fresh(self) -> Path:
        """A folder that nobody had before."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return folder


class Tools:
    """The tools of a kind on one tree, called by name."""

    def __init__(
        self,
        folder: Path,
        files: Files | None = None,
        modes: Mapping[str, str] | None = None,
        kind: Kind = Kind.CHANGE,
        schema: dict[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.tree = make_tree(folder, files, modes)
        self.redactor = Redactor(SCANNER, "salt of this job")
        self.tools = {tool.name: tool for tool in tools_for(kind, schema)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tree.close()

    def call(self, name: str, **arguments: Any) -> ToolOutput:
        """What the model would get."""
        return self.tools[name].run(self.tree, self.redactor, arguments)

    def fine(self, name: str, **arguments: Any) -> str:
        """The text of a call that succeeds."""
        output = self.call(name, **arguments)
        assert not output.is_error, output.text
        return output.text

    def refused(self, name: str, **arguments: Any) -> str:
        """The text of a call that is refused."""
        output = self.call(name, **arguments)
        assert output.is_error, output.text
        return output.text

    def bytes_of(self, path: str) -> bytes:
        """A file as it is on disk."""
        return (self.folder / "tree" / path).read_bytes()


def rendered(lines: Sequence[str], first: int = 1) -> str:
    """Lines as ``read_file`` numbers them."""
    return "\n".join(f"{first + n:6d}\t{line}" for n, line in enumerate(lines))
