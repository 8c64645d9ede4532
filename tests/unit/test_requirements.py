"""The locks: hashed, universal, free of addresses and machine paths, and one inside the other."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / "requirements/run.txt"
DEV = ROOT / "requirements/dev.txt"
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)")


def entries(lock: Path) -> list[str]:
    """Each requirement of a lock with its continuation lines joined, without comments."""
    joined = lock.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]


def pins(lock: Path) -> set[tuple[str, str]]:
    return {(match[1], match[2]) for entry in entries(lock) if (match := PIN.match(entry))}


@pytest.mark.parametrize("lock", [RUN, DEV], ids=["run", "dev"])
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    assert len(entries(lock)) > 20
    for entry in entries(lock):
        assert PIN.match(entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", [RUN, DEV], ids=["run", "dev"])
def test_a_lock_names_no_address_and_no_path_of_a_machine(lock: Path) -> None:
    text = lock.read_text()

    assert "://" not in text
    assert "file:" not in text
    assert not re.search(r"(^|\s)/\w", text)
    assert not re.search(
        r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE
    )


def test_what_runs_is_pinned_alike_where_it_is_developed() -> None:
    assert pins(RUN) <= pins(DEV)


def test_every_declared_dependency_is_in_the_lock_that_serves_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    build = project["dependency-groups"]["build"]
    run = [*project["project"]["dependencies"], *extras["workbench"], *build]
    dev = [*run, *extras["aws"], *extras["dev"]]

    assert names(run) <= {name for name, _ in pins(RUN)}
    assert names(dev) <= {name for name, _ in pins(DEV)}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


def test_every_declared_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = names([*project["dependencies"], *chain(*project["optional-dependencies"].values())])
    explained = re.findall(
        r"^\| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )

    assert {name.lower() for name in explained} >= declared
