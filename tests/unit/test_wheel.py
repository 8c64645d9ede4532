"""What a build ships: the package, and the workbench where an installed program finds it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ("pyproject.toml", "hatch_build.py", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore")
WORKBENCH = ("app.py", "router.py", "pages/jobs.py", ".streamlit/config.toml")
TAKEN = ("codybatch/ui/frontend/vendor", "static")
"""From npm, by the build that made the environment of these tests."""
PRIVATE = (".streamlit/secrets.toml", "pages/__pycache__/jobs.cpython-311.pyc", ".env")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source tree with this project's build, a small package and what npm gave."""
    tree = tmp_path / "source"
    tree.mkdir()
    for name in BUILD:
        shutil.copy(ROOT / name, tree / name)
    for name in ("codybatch/__init__.py", "codybatch/py.typed", *WORKBENCH, *PRIVATE):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("")
    for name in TAKEN:
        shutil.copytree(ROOT / name, tree / name)
    return tree


def build(source: Path, *how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *how, "--outdir", "dist", source],
        cwd=source.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": ""},  # no npm: nothing may be fetched again
    )


def files_in(folder: str) -> set[str]:
    """What a folder of the repository holds, licences too."""
    found = {
        str(path.relative_to(ROOT / folder))
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert any("LICENSE" in name for name in found)
    return found


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
        *(f"codybatch/ui/frontend/vendor/{name}" for name in files_in(TAKEN[0])),
        *(f"codybatch/_app/static/{name}" for name in files_in(TAKEN[1])),
    }
    assert not [name for name in shipped if name.endswith((".env", "secrets.toml", ".pyc"))]


def test_a_wheel_without_the_workbench_is_not_made(source: Path) -> None:
    (source / "app.py").unlink()

    finished = build(source, "--wheel")

    assert finished.returncode != 0
    assert "app.py" in finished.stdout + finished.stderr


def test_the_installed_wheel_serves_the_workbench_and_its_component_from_an_empty_folder(
    tmp_path: Path,
) -> None:
    """The fresh environment borrows this one's packages: what pip would install of the extra."""
    built = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "."]
    subprocess.run([*built, ROOT], cwd=tmp_path, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    program = installed(wheel, tmp_path / "fresh")

    with started(program, tmp_path) as address:
        names = ("diff.js", "diff.css", "vendor/diff2html/diff2html-ui-slim.min.js")
        served = {name: fetched(f"{address}/{COMPONENT}/{name}") for name in names}

    packaged = zipfile.ZipFile(wheel)
    assert served == {name: packaged.read(f"codybatch/ui/frontend/{name}") for name in names}
    metadata = packaged.read("codybatch-0.1.0.dist-info/METADATA").decode()
    assert "Requires-Dist: streamlit" in metadata


COMPONENT = "_stcore/bidi-components/codybatch.diff"


def installed(wheel: Path, fresh: Path) -> Path:
    """The program of a wheel in a new environment."""
    venv.create(fresh)
    pip = [sys.executable, "-m", "pip", "--python", str(fresh / "bin/python"), "install"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", wheel], check=True, capture_output=True, timeout=100
    )
    (packages,) = fresh.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return fresh / "bin/codybatch"


@contextmanager
def started(program: Path, tmp_path: Path) -> Iterator[str]:
    """The workbench, served from an empty folder; gives its address."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    named = {**os.environ, "CODYBATCH_HOME": str(tmp_path / "home"), "CODYBATCH_DEMONSTRATION": "1"}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [program, "up", "--port", str(port)], cwd=folder, env=named, stdout=log, stderr=log
        ) as server,
    ):
        try:
            deadline = time.monotonic() + 60
            while not fetched(f"http://127.0.0.1:{port}/_stcore/health"):
                assert server.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def fetched(address: str) -> bytes:
    """What is served there; nothing where nobody listens."""
    with suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:
        content: bytes = answer.read()
        return content
    return b""
