from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from codybatch.domain.errors import PatchDoesNotApply
from codybatch.workspace.disk_changes import (
    DiskChanges,
    _is_same,
    disk_changes,
)
from codybatch.workspace.index_file import Indexed, IndexFile
from tests.workspace_kit import plain_git

SECOND = 1_000_000_000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree, checked out by git."""
    made = tmp_path / "tree"
    made.mkdir()
    plain_git(made, "init", "-q", str(tmp_path / "repository"))
    for name in ("a", "b", "c", "dir/d", "dir/sub/e", "größe", "x" * 250):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    (made / "link").symlink_to("a")
    git(made, "add", ".")
    shutil.rmtree(made)
    made.mkdir()
    git(made, "checkout-index", "--all", "-u")
    a_tick_passes(made)
    return made


def a_tick_passes(tree: Path) -> None:
    """Date the index as if the last file before it were not of the same tick of the clock."""
    index = tree.parent / "repository/.git/index"
    later = index.stat().st_mtime_ns + SECOND
    os.utime(index, ns=(later, later))


def git(tree: Path, *arguments: str) -> None:
    folder = tree.parent / "repository" / ".git"
    plain_git(tree, f"--git-dir={folder}", "--work-tree=.", *arguments)


def found(tree: Path) -> DiskChanges:
    return disk_changes(tree, IndexFile.read(tree.parent / "repository/.git/index"))


def doubtful(tree: Path) -> list[bytes]:
    return list(found(tree).doubtful)


def test_nothing_is_read_after_a_check_out(tree: Path) -> None:
    assert found(tree) == DiskChanges((), {}, ())


def test_a_change_in_place_in_the_tick_of_the_check_out_is_read(tree: Path) -> None:
    index = tree.parent / "repository/.git/index"
    os.utime(index, ns=(0, IndexFile.read(index).entries[b"a"].modified))

    assert b"a" in doubtful(tree)


def test_new_changed_and_missing_files_are_told_apart(tree: Path) -> None:
    (tree / "a").write_text("A")
    (tree / "b").unlink()
    (tree / "new").write_text("new")
    (tree / "dir/sub/also new").write_text("new")
    shutil.rmtree(tree / "dir/sub")

    changes = found(tree)

    assert changes.new == (b"new",)
    assert [(path, known.mode) for path, known in changes.doubtful.items()] == [(b"a", 0o100644)]
    assert changes.gone == (b"b", b"dir/sub/e")


def test_a_file_that_was_replaced_by_one_with_the_same_status_is_read(tree: Path) -> None:
    times = (tree / "a").stat()
    (tree / "other").write_text("z")
    os.utime(tree / "other", ns=(times.st_atime_ns, times.st_mtime_ns))
    (tree / "other").rename(tree / "a")

    assert doubtful(tree) == [b"a"]


def test_a_file_whose_time_was_put_back_is_read(tree: Path) -> None:
    times = (tree / "a").stat()
    (tree / "a").write_text("z")
    os.utime(tree / "a", ns=(times.st_atime_ns, times.st_mtime_ns))

    assert doubtful(tree) == [b"a"]


def test_a_changed_mode_is_read(tree: Path) -> None:
    (tree / "a").chmod(0o755)

    assert doubtful(tree) == [b"a"]


def test_a_file_in_place_of_a_folder_and_the_other_way_round(tree: Path) -> None:
    shutil.rmtree(tree / "dir")
    (tree / "dir").write_text("file")
    (tree / "a").unlink()
    (tree / "a").mkdir()
    (tree / "a/x").write_text("x")

    assert found(tree) == DiskChanges((b"a/x", b"dir"), {}, (b"a", b"dir/d", b"dir/sub/e"))


def test_links_are_not_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    (tree / "way").symlink_to(tmp_path / "outside")

    assert found(tree) == DiskChanges((b"way",), {}, ())


@pytest.mark.parametrize(("written", "is_known"), [(-1, False), (0, False), (1, True)])
def test_what_was_written_in_the_tick_of_the_index_is_read_again(
    written: int, is_known: bool
) -> None:
    status = SimpleNamespace(
        st_mtime_ns=100 * SECOND, st_ctime_ns=100 * SECOND, st_ino=7, st_size=1
    )

    known = Indexed(12, 0o100644, 100 * SECOND, 100 * SECOND, 7, 1)

    assert _is_same(known, cast("os.stat_result", status), 100 * SECOND + written) is is_known


def test_names_of_git_are_refused_in_any_spelling(tree: Path) -> None:
    (tree / "dir/.Git").mkdir()

    with pytest.raises(PatchDoesNotApply, match=r"dir/\.Git"):
        found(tree)


def test_names_of_every_length_are_read(tree: Path) -> None:
    for length in range(1, 250):
        (tree / ("n" * length)).write_text("x")
    git(tree, "add", ".")
    a_tick_passes(tree)

    assert found(tree) == DiskChanges((), {}, ())
