"""Turns the trees into repositories of a GitHub stand-in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from codybatch.standins.git.bare import FixtureCommit, FixtureFile
from codybatch.standins.github.standin import SERVICE, GitHubStandin
from codybatch.standins.repositories import specials
from codybatch.standins.repositories.catalogue import CATALOGUE, SampleRepository

TREES = Path(__file__).parent / "trees"
SUFFIX = ".txt"
# A name that begins with a dot would be hidden from packaging, or act on our own repository.
HIDDEN = "dot-"


def materialise(github: GitHubStandin) -> tuple[str, ...]:
    """Add every repository of the catalogue to a stand-in, started or not; return their names."""
    for sample in CATALOGUE:
        github.add_repository(
            sample.full_name,
            commits=_history(sample),
            description=sample.description,
            topics=sample.topics,
            stars=sample.stars,
            permissions={SERVICE: "push"} if sample.is_owned else {},
        )
    return tuple(sample.full_name for sample in CATALOGUE)


def digest() -> str:
    """Return a digest that differs where what `materialise` makes differs."""
    made = hashlib.sha256(repr(CATALOGUE).encode())
    for sample in CATALOGUE:
        made.update(repr(sorted(files_of(sample.full_name).items())).encode())
    return made.hexdigest()[:8]


def files_of(full_name: str) -> dict[str, FixtureFile]:
    """Return the files of a repository of the catalogue by their paths.

    Raises:
        KeyError: the catalogue has no such repository.
    """
    tree = TREES / full_name.replace("/", "__")
    if not tree.is_dir():
        raise KeyError(full_name)
    files = {
        path: specials.finished(full_name, path, file.read_bytes())
        for file in sorted(tree.rglob(f"*{SUFFIX}"))
        if (path := _path_in_repository(file.relative_to(tree)))
    }
    return {**files, **specials.additions(full_name)}


def _path_in_repository(file: Path) -> str:
    name = file.name.removesuffix(SUFFIX)
    if name.startswith(HIDDEN):
        name = "." + name.removeprefix(HIDDEN)
    return file.with_name(name).as_posix()


def _history(sample: SampleRepository) -> list[FixtureCommit]:
    """Return two commits: what a project begins with, then the work."""
    files = files_of(sample.full_name)
    begun = {path: file for path, file in files.items() if "/" not in path}
    grown = {path: file for path, file in files.items() if "/" in path}
    return [
        FixtureCommit(begun, f"Begin {sample.full_name.rpartition('/')[2]}"),
        FixtureCommit(grown, sample.description),
    ]
