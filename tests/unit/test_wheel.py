"""What a build ships: the package, and the workbench where an installed program finds it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ("pyproject.toml", "hatch_build.py", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore")
WORKBENCH = ("app.py", "pages/jobs.py", ".streamlit/config.toml")
PRIVATE = (".streamlit/secrets.toml", "pages/__pycache__/jobs.cpython-311.pyc", ".env")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source tree with this project's build and a small package."""
    tree = tmp_path / "source"
    tree.mkdir()
    for name in BUILD:
        shutil.copy(ROOT / name, tree / name)
    for name in ("codybatch/__init__.py", "codybatch/py.typed", *WORKBENCH, *PRIVATE):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("")
    return tree


def build(source: Path, *how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *how, "--outdir", "dist", source],
        cwd=source.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_wheel_made_through_the_source_archive_holds_the_workbench_and_nothing_private(
    source: Path,
) -> None:
    finished = build(source)

    assert finished.returncode == 0, finished.stdout
    (wheel,) = source.parent.glob("dist/*.whl")
    shipped = zipfile.ZipFile(wheel).namelist()
    assert {name for name in shipped if name.startswith("codybatch/")} == {
        "codybatch/__init__.py",
        "codybatch/py.typed",
        *(f"codybatch/_app/{name}" for name in WORKBENCH),
    }
    assert not [name for name in shipped if name.endswith((".env", "secrets.toml", ".pyc"))]


def test_a_wheel_without_the_workbench_is_not_made(source: Path) -> None:
    (source / "app.py").unlink()

    finished = build(source, "--wheel")

    assert finished.returncode != 0
    assert "app.py" in finished.stdout + finished.stderr
