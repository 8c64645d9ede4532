from __future__ import annotations

import os
from pathlib import Path

import pytest

from codybatch.workspace.index_file import IndexFile
from tests.workspace_kit import plain_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    plain_git(tmp_path, "init", "-q", ".")
    for name in ("a", "dir/b", "größe", "x" * 250, *("n" * length for length in range(2, 20))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "run").write_text("run")
    (tmp_path / "run").chmod(0o755)
    plain_git(tmp_path, "add", ".")
    return tmp_path


def test_an_index_is_read_as_git_wrote_it(repository: Path) -> None:
    index = IndexFile.read(repository / ".git/index")

    listed = plain_git(repository, "ls-files", "-z").split(b"\0")[:-1]
    assert list(index.entries) == listed
    status = (repository / "dir/b").stat()
    entry = index.entries[b"dir/b"]
    assert (entry.mode, entry.size) == (0o100644, 5)
    assert entry.modified == status.st_mtime_ns
    assert entry.changed == status.st_ctime_ns
    assert entry.inode == status.st_ino & 0xFFFFFFFF
    assert index.entries[b"run"].mode == 0o100755
    assert index.written == (repository / ".git/index").stat().st_mtime_ns


def test_a_copy_forgets_what_is_in_doubt_and_nothing_else(repository: Path) -> None:
    index = IndexFile.read(repository / ".git/index")
    before = plain_git(repository, "ls-files", "-s")
    os.utime(repository / ".git/index", (0, 0))

    index.copy(repository / ".git/index", [index.entries[b"run"], index.entries[b"a"]])

    assert plain_git(repository, "ls-files", "-s") == before
    assert plain_git(repository, "fsck", "--strict") == b""
    assert plain_git(repository, "diff-files", "--name-only").split() == [b"a", b"run"]
    plain_git(repository, "update-index", "--add", "a", "run")
    assert plain_git(repository, "diff-files", "--name-only") == b""
    assert plain_git(repository, "ls-files", "-s") == before


def test_entries_with_more_flags_are_read(repository: Path) -> None:
    (repository / "later").write_text("later")
    plain_git(repository, "add", "--intent-to-add", "later")

    index = IndexFile.read(repository / ".git/index")

    assert list(index.entries) == plain_git(repository, "ls-files", "-z").split(b"\0")[:-1]


@pytest.mark.parametrize("data", [b"", b"DIRC", b"DIRC\0\0\0\4\0\0\0\0", b"PACK\0\0\0\2\0\0\0\0"])
def test_what_is_no_index_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="version 2 or 3"):
        IndexFile(data, 0)
