"""The images: what stands in their file, and their build steps run in a plain folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from infra.api import BATCH_EVENT, HTTP, TICK
from infra.images import DOCKERFILE, TARGETS
from tests.infra_kit import ROOT

PREFIX = "/opt/codybatch"
LARGEST_MB = {"worker": 250, "api": 250, "workbench": 800}
"""Of what we put onto the base; how long a job takes to start depends on it."""


class Instruction(NamedTuple):
    """One instruction of the file, its lines joined."""

    word: str
    rest: str


def stages() -> Mapping[str, list[Instruction]]:
    """The instructions of each stage, those of the stages it begins from first."""
    joined = re.sub(r"\\\n\s*", "", (ROOT / DOCKERFILE).read_text())
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    found: dict[str, list[Instruction]] = {}
    current: list[Instruction] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            source, _, name = rest.partition(" AS ")
            current = found[name] = list(found.get(source, ()))
        elif word != "ARG":
            current.append(Instruction(word, rest))
    return found


def last(target: str, word: str) -> str:
    """What an instruction says in the end."""
    return [one.rest for one in stages()[target] if one.word == word][-1]


def test_the_base_is_pinned_by_digest_and_is_the_only_one() -> None:
    written = (ROOT / DOCKERFILE).read_text()

    assert re.search(
        r"^ARG PYTHON_IMAGE=\S+:3\.13\.\d+-slim-\w+@sha256:[0-9a-f]{64}$", written, re.MULTILINE
    )
    sources = re.findall(r"^FROM (\S+)", written, re.MULTILINE)
    assert {source for source in sources if source not in stages()} == {"${PYTHON_IMAGE}"}


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody_with_git_and_no_installer(target: str) -> None:
    assert last(target, "USER") == "10001:10001"
    steps = " ".join(one.rest for one in stages()[target] if one.word == "RUN")
    assert "--no-install-recommends ca-certificates git" in steps
    assert "rm -rf /var/lib/apt/lists/* /usr/local/lib/python3.13/site-packages/pip*" in steps
    assert "pip install" not in steps
    assert not re.search(r"\b(gcc|build-essential|make)\b", steps)


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_holds_what_its_own_lock_names(target: str) -> None:
    assert f"--from=build-{target} {PREFIX} {PREFIX}" in last_copied(target)
    steps = [one.rest for one in stages()[f"build-{target}"] if one.word == "RUN"]
    assert steps == [
        f"infra/image/build.sh dependencies {target} {PREFIX}",
        f"infra/image/build.sh project {PREFIX}",
    ]


def last_copied(target: str) -> str:
    return " ".join(one.rest for one in stages()[target] if one.word == "COPY")


@pytest.mark.parametrize("target", ["worker", "workbench"])
def test_a_task_writes_into_its_scratch_folder_alone(target: str) -> None:
    assert last(target, "VOLUME") == '["/scratch"]'
    assert "TMPDIR=/scratch" in last(target, "ENV")
    assert last(target, "ENTRYPOINT") == '["codybatch"]'


def test_lambdas_user_may_enter_the_folder_that_a_function_begins_in() -> None:
    assert last("api", "WORKDIR") == "/"


def copy_context(to: Path) -> Path:
    """What `.dockerignore` lets into a build: it names what is let in, and nothing else."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    assert set(rules) == {"*", *(f"!{name}" for name in named), "**/__pycache__", "**/*.pyc"}
    for name in named:
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, target)
    return to


def test_a_build_is_given_no_history_no_test_and_no_configuration_of_a_person(
    tmp_path: Path,
) -> None:
    context = copy_context(tmp_path / "context")

    held = {str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()}
    assert {"codybatch/__init__.py", "pyproject.toml", "infra/image/build.sh"} <= held
    assert not [
        name for name in held if name.startswith((".git/", ".env", "tests/", "docs/", ".venv"))
    ]
    assert ".streamlit/secrets.toml" not in held


def reaches_packages() -> bool:
    """Whether pip finds a package; without one, only a build server insists."""
    asked = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--dest"]
    if os.environ.get("CI") == "true":
        return True
    with FileLock(Path(os.environ["HOME"]) / "reaches.lock"):
        target = Path(os.environ["HOME"]) / "reaches"
        finished = subprocess.run(
            [*asked, str(target), "--retries", "0", "--timeout", "10", "six==1.17.0"],
            capture_output=True,
            timeout=100,
            check=False,
        )
    return finished.returncode == 0


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The environment of each image that is looked at, made by the steps of its file."""
    if not reaches_packages():
        pytest.skip("no package index is reached from here")
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    wanted = TARGETS if os.environ.get("CI") == "true" else ("worker", "api")
    made = {target: shared / "images" / target for target in wanted}
    with FileLock(shared / "images.lock"):
        if not (shared / "images").exists():
            context = copy_context(shared / "context")
            for target, folder in made.items():
                build(context, target, folder)
    return made


def build(context: Path, target: str, folder: Path) -> None:
    for one in stages()[f"build-{target}"]:
        if one.word == "RUN":
            step = shlex.split(one.rest.replace(PREFIX, str(folder)))
            finished = subprocess.run(
                step,
                cwd=context,
                env={**os.environ, "PYTHON": sys.executable},
                capture_output=True,
                text=True,
                timeout=400,
                check=False,
            )
            assert finished.returncode == 0, finished.stdout + finished.stderr


def said(folder: Path, *command: str, **environment: str) -> str:
    """What a program of the environment prints, where nothing else of ours can be imported."""
    finished = subprocess.run(
        [folder / "bin" / command[0], *command[1:]],
        cwd=folder,
        env={"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_the_command_line_starts_in_every_image(built: Mapping[str, Path]) -> None:
    for folder in built.values():
        assert "Usage: codybatch" in said(folder, "codybatch", "--help")


def test_the_worker_starts_as_batch_starts_it(built: Mapping[str, Path]) -> None:
    assert "--submission" in said(built["worker"], "codybatch", "worker", "run", "--help")


def test_the_functions_image_holds_what_serves_its_handlers(built: Mapping[str, Path]) -> None:
    served = ", ".join(handler.rpartition(".")[0] for handler in (HTTP, TICK, BATCH_EVENT))
    script = f"import awslambdaric.__main__, boto3, fastapi, mangum, {served}"
    said(built["api"], "python", "-c", script)


def test_the_worker_is_spared_what_only_pages_and_the_api_need(built: Mapping[str, Path]) -> None:
    (site,) = built["worker"].glob("lib/python3.*/site-packages")

    assert not {"streamlit", "pandas", "fastapi", "pip"} & {path.name for path in site.iterdir()}


def test_an_image_is_small_enough_to_start_soon(
    built: Mapping[str, Path], record_property: Callable[[str, object], None]
) -> None:
    for target, folder in built.items():
        files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        record_property(f"{target}_megabytes", round(megabytes))
        assert megabytes < LARGEST_MB[target], target


def test_modules_are_compiled_for_a_disk_that_cannot_be_written(built: Mapping[str, Path]) -> None:
    for folder in built.values():
        (package,) = folder.glob("lib/python3.*/site-packages/codybatch")
        assert list((package / "__pycache__").glob("__init__.*.pyc"))
