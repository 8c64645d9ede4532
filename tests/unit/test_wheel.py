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


def wheel_names(source: Path, *through: str) -> set[str]:
    """The names in the wheel that ``python -m build`` makes."""
    output = source.parent / "dist"
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *through, "--outdir", output, source],
        capture_output=True,
        timeout=60,
        check=True,
    )
    (wheel,) = output.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_a_wheel_made_through_the_source_archive_holds_the_workbench_and_nothing_private(
    source: Path,
) -> None:
    shipped = wheel_names(source)

    assert {name for name in shipped if name.startswith("codybatch/")} == {
        "codybatch/__init__.py",
        "codybatch/py.typed",
        *(f"codybatch/_app/{name}" for name in WORKBENCH),
    }
    assert not {name for name in shipped if name.endswith((".env", "secrets.toml", ".pyc"))}


def test_a_wheel_is_made_without_a_workbench_too(source: Path) -> None:
    (source / "app.py").unlink()
    shutil.rmtree(source / "pages")
    shutil.rmtree(source / ".streamlit")

    assert not any("_app" in name for name in wheel_names(source, "--wheel"))
