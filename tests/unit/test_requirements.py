"""The locks: hashed, universal, free of addresses and machine paths, and one inside the other."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / "requirements/run.txt"
DEV = ROOT / "requirements/dev.txt"
IMAGES = [ROOT / f"requirements/image-{target}.txt" for target in ("worker", "workbench", "api")]
BUILD = ROOT / "requirements/build.txt"
LOCKS = [RUN, DEV, *IMAGES, BUILD]
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)")


# Which extra a module may rely on besides the core; every other module runs on the core alone.
EXTRAS = {
    "codybatch/analysis/": ["analysis"],
    "codybatch/api/": ["api", "aws"],
    "codybatch/aws/": ["aws"],
    "codybatch/cli/api": ["api"],
    "codybatch/engines/aws": ["aws"],
    "codybatch/stores/aws": ["aws"],
    "codybatch/telemetry/": ["telemetry"],
    "codybatch/ui/": ["workbench"],
}


def entries(lock: Path) -> list[str]:
    """Each requirement of a lock with its continuation lines joined, without comments."""
    joined = lock.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]


def pins(lock: Path) -> set[tuple[str, str]]:
    return {(match[1], match[2]) for entry in entries(lock) if (match := PIN.match(entry))}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    assert len(entries(lock)) > (4 if lock == BUILD else 20)
    for entry in entries(lock):
        assert PIN.match(entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
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
    assert pins(BUILD) <= pins(DEV)


LAMBDA_ALONE = {"awslambdaric", "simplejson", "snapshot-restore-py"}
"""AWS's own client of the Lambda service and what it brings: it would run nowhere else."""


@pytest.mark.parametrize("lock", IMAGES, ids=lambda lock: lock.stem)
def test_what_runs_in_an_image_is_what_was_tested(lock: Path) -> None:
    further = pins(lock) - pins(DEV)

    allowed = LAMBDA_ALONE if lock.stem == "image-api" else set()
    assert {name for name, _ in further} == allowed


IN_IMAGES = {
    "image-worker": ("aws", "telemetry"),
    "image-workbench": ("aws", "telemetry", "workbench"),
    "image-api": ("api", "aws", "telemetry"),
}


@pytest.mark.parametrize("lock", IMAGES, ids=lambda lock: lock.stem)
def test_every_dependency_of_an_image_is_in_its_lock(lock: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = (project["optional-dependencies"][extra] for extra in IN_IMAGES[lock.stem])

    wanted = names([*project["dependencies"], *chain(*extras)])
    assert wanted <= {name for name, _ in pins(lock)}


def test_every_declared_dependency_is_in_the_lock_that_serves_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    build = project["dependency-groups"]["build"]
    run = [*project["project"]["dependencies"], *extras["workbench"], *build]
    dev = [*run, *extras["aws"], *extras["telemetry"], *extras["dev"]]

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


# Made, versioned and installed with the package that it is the engine of.
PART_OF = {"botocore": "boto3", "pydantic-core": "pydantic"}
# Types alone, which nothing imports when it runs.
STUBS = "types_"


def third_parties(path: Path) -> Iterator[str]:
    """The top-level modules that a file imports, ours and the standard library's left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            roots = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots = [node.module.split(".")[0]]
        else:
            continue
        known = {*sys.stdlib_module_names, "codybatch"}
        yield from (root for root in roots if root not in known and not root.startswith(STUBS))


def test_a_module_imports_only_what_its_install_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    distributions = packages_distributions()
    undeclared = set()
    for path in (ROOT / "codybatch").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        extras = chain(*(extra for place, extra in EXTRAS.items() if name.startswith(place)))
        brought = chain(*(project["optional-dependencies"][extra] for extra in extras))
        declared = names([*project["dependencies"], *brought])
        for root in third_parties(path):
            providers = {
                provider.lower().replace("_", "-") for provider in distributions.get(root, ())
            }
            if not declared & {PART_OF.get(provider, provider) for provider in providers}:
                undeclared.add(f"{name}: {root}")

    assert undeclared == set()
