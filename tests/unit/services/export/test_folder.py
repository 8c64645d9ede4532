from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.domain.errors import UsageError
from codybatch.services.export.folder import ExportFolder

KILLED = """
import os, signal, sys
from pathlib import Path
from codybatch.services.export.folder import ExportFolder
with ExportFolder(Path(sys.argv[1])) as folder, folder.file("a.txt") as file:
    file.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert killed.returncode == -9
    assert [one.name.startswith(".out.partial-") for one in tmp_path.iterdir()] == [True]

    with ExportFolder(target) as folder:
        with folder.file("b.txt") as file:
            file.write(b"whole")
        folder.publish()

    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert (target / "b.txt").read_bytes() == b"whole"


def test_an_export_leaves_another_that_is_under_way_alone(tmp_path: Path) -> None:
    with ExportFolder(tmp_path / "out") as first, ExportFolder(tmp_path / "out") as second:
        for folder in (first, second):
            with folder.file("manifest.json") as file:
                file.write(b"{}")
        first.publish()

        with pytest.raises(UsageError, match="--force"):
            second.publish()

    assert [one.name for one in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "path", ["../a", "/etc/passwd", "a/../../b", "", "a//b", ".git/config", "a\nb", "a\\b", "é"]
)
def test_a_path_that_is_not_of_our_making_is_refused(tmp_path: Path, path: str) -> None:
    with (
        ExportFolder(tmp_path / "out") as folder,
        pytest.raises(ValueError, match="is no name"),
        folder.file(path),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"missing/out cannot be written: No such file"),
        ExportFolder(tmp_path / "missing" / "out"),
    ):
        pass
