"""Folders for one call: gone with it, and gone at the next call where a process was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.workspace.temporary import remove_left, temporary_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from codybatch.workspace.temporary import temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "tree").mkdir()
    (folder / "tree" / "secret").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there"


def test_a_folder_is_empty_ours_alone_and_goes_with_the_block(parent: Path) -> None:
    with temporary_folder(parent) as folder:
        assert list(folder.iterdir()) == []
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "tree").mkdir()
        (folder / "tree/file").write_text("x")

    assert list(parent.iterdir()) == []


def test_it_goes_also_where_the_block_fails(parent: Path) -> None:
    with pytest.raises(RuntimeError), temporary_folder(parent):
        raise RuntimeError

    assert list(parent.iterdir()) == []


def test_two_at_once_leave_each_other_alone(parent: Path) -> None:
    with temporary_folder(parent) as first, temporary_folder(parent) as second:
        remove_left(parent)
        assert first != second
        assert first.is_dir()
        assert second.is_dir()


def test_what_a_killed_process_left_goes_with_the_next_call(parent: Path) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(parent)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert any((folder / "tree/secret").exists() for folder in parent.iterdir())

    with temporary_folder(parent) as folder:
        assert sorted(parent.iterdir()) == [folder, folder.with_name(folder.name + ".lock")]


def test_nothing_else_in_the_place_is_touched(parent: Path) -> None:
    parent.mkdir(parents=True)
    (parent / "notes").write_text("mine")
    (parent / "w-without-a-lock").mkdir()

    remove_left(parent)

    assert {path.name for path in parent.iterdir()} == {"notes", "w-without-a-lock"}


def test_a_place_that_is_not_there_holds_nothing(parent: Path) -> None:
    remove_left(parent)

    assert not parent.exists()
