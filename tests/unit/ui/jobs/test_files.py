"""The files that a patch changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codybatch.ui.jobs.files import BLOCKS, ChangedFile, changed_files


def git(folder: Path, *arguments: str) -> bytes:
    ours = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
    done = subprocess.run(["git", *ours, *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout


def patch_of(folder: Path, before: dict[str, bytes], after: dict[str, bytes | None]) -> bytes:
    git(folder, "init", "-q")
    for name, content in before.items():
        (folder / name).write_bytes(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "before", "--allow-empty")
    for name, changed in after.items():
        if changed is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(changed)
    git(folder, "add", "-A")
    return git(folder, "diff", "--cached", "--binary", "--full-index", "-M")


def test_files_are_counted_as_git_counts_them(tmp_path: Path) -> None:
    patch = patch_of(
        tmp_path,
        {"a.py": b"1\n2\n3\n", "gone.py": b"x\n", "old name.py": b"same\n" * 9, "b.bin": b"\0\1"},
        {
            "a.py": b"1\ntwo\n3\nfour\n",
            "gone.py": None,
            "old name.py": None,
            "new name.py": b"same\n" * 9,
            "b.bin": b"\0\2",
            "no end": b"x",
        },
    )

    assert changed_files(patch) == (
        ChangedFile("a.py", 2, 1),
        ChangedFile("b.bin", 0, 0, is_binary=True),
        ChangedFile("gone.py", 0, 1),
        ChangedFile("new name.py", 0, 0),
        ChangedFile("no end", 1, 0),
    )


def test_lines_that_look_like_headers_are_lines(tmp_path: Path) -> None:
    patch = patch_of(
        tmp_path,
        {"a": b"-- a/other\nkept\n"},
        {"a": b"++ b/other\nkept\ndiff --git a/x b/x\n@@ -1 +1 @@\n"},
    )

    assert changed_files(patch) == (ChangedFile("a", 3, 1),)


def test_names_that_git_quotes_are_read(tmp_path: Path) -> None:
    name = 'tab\tquote"ümlaut.py'
    patch = patch_of(tmp_path, {}, {name: b"x\n", "empty ü": b""})

    assert changed_files(patch) == (ChangedFile("empty ü", 0, 0), ChangedFile(name, 1, 0))


@pytest.mark.parametrize(
    ("added", "removed", "blocks"),
    [
        (0, 0, (0, 0)),
        (1, 0, (1, 0)),
        (1, 1, (1, 1)),
        (1000, 1, (BLOCKS - 1, 1)),
        (1, 1000, (1, BLOCKS - 1)),
        (7, 0, (BLOCKS, 0)),
    ],
)
def test_blocks_show_both_sides_where_there_are_both(
    added: int, removed: int, blocks: tuple[int, int]
) -> None:
    assert ChangedFile("a", added, removed).blocks == blocks
