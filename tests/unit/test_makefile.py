"""The Makefile's promise: a step runs once, and again only when its lock, pyproject.toml or
hatch_build.py changes.

The recipes run for real; only the Python inside ``.venv`` is a script that notes what it was asked.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements/run.txt", "requirements/dev.txt")

RECORDING_PYTHON = """#!/bin/sh
echo "$@" >> asked
case "$*" in
  *"pip -qq"*) [ ! -e no-network ] ;;
esac
"""


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "hatch_build.py", *LOCKS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    executable(tmp_path / ".venv/bin/python", RECORDING_PYTHON)
    executable(tmp_path / "node/npm", "#!/bin/sh\n")
    return tmp_path


def make(
    checkout: Path, *arguments: str, path: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=checkout,
        env={"PATH": path or f"{checkout / 'node'}:/usr/local/bin:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def installs(checkout: Path) -> list[str]:
    """What pip was asked to install since the last look."""
    asked = checkout / "asked"
    lines = asked.read_text().splitlines() if asked.exists() else []
    asked.unlink(missing_ok=True)
    return [line for line in lines if " install " in line]


def stamps(checkout: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in (checkout / ".venv").glob(".*-*"))


def test_setup_installs_the_development_lock_with_hashes_and_then_the_project(
    checkout: Path,
) -> None:
    finished = make(checkout, "setup")

    assert finished.returncode == 0, finished.stderr
    lock, project = installs(checkout)
    assert lock.endswith("--require-hashes --requirement requirements/dev.txt")
    assert project.endswith("--no-deps --no-build-isolation --editable .")


def test_a_second_setup_asks_pip_for_nothing(checkout: Path) -> None:
    make(checkout, "setup")
    installs(checkout)

    assert make(checkout, "setup").returncode == 0
    assert installs(checkout) == []


def test_run_installs_its_own_lock_once_and_serves_the_demonstration(
    checkout: Path,
) -> None:
    assert make(checkout, "run").returncode == 0

    asked = (checkout / "asked").read_text().splitlines()
    assert asked[-1] == "-m codybatch up --demo --port 8501 --again make run PORT="
    lock, _ = installs(checkout)
    assert lock.endswith("requirements/run.txt")

    assert make(checkout, "run").returncode == 0
    assert installs(checkout) == []


def test_a_development_install_serves_run_too(checkout: Path) -> None:
    make(checkout, "setup")
    installs(checkout)

    assert make(checkout, "run").returncode == 0
    assert installs(checkout) == []


def test_a_run_install_does_not_serve_setup(checkout: Path) -> None:
    make(checkout, "run")
    installs(checkout)

    make(checkout, "setup")

    assert any("requirements/dev.txt" in line for line in installs(checkout))
    assert stamps(checkout) == [".dev", ".run"]


@pytest.mark.parametrize("changed", ["requirements/dev.txt", "pyproject.toml", "hatch_build.py"])
def test_a_changed_lock_or_project_installs_again(checkout: Path, changed: str) -> None:
    make(checkout, "setup")
    installs(checkout)

    with (checkout / changed).open("a") as file:
        file.write("# changed\n")
    make(checkout, "setup")

    assert any("requirements/dev.txt" in line for line in installs(checkout))
    assert stamps(checkout) == [".dev", ".run"]


def test_a_lock_that_changes_and_changes_back_installs_both_times(checkout: Path) -> None:
    lock = checkout / "requirements/dev.txt"
    before = lock.read_text()
    make(checkout, "setup")
    lock.write_text(before + "# another branch\n")
    make(checkout, "setup")
    installs(checkout)

    lock.write_text(before)
    make(checkout, "setup")

    assert installs(checkout) != []


def test_an_install_that_fails_leaves_no_stamp_and_runs_again(checkout: Path) -> None:
    make(checkout, "setup")
    (checkout / "pyproject.toml").write_text("# changed\n")
    (checkout / "no-network").touch()

    assert make(checkout, "setup").returncode != 0
    assert stamps(checkout) == []

    (checkout / "no-network").unlink()
    assert make(checkout, "setup").returncode == 0
    assert stamps(checkout) == [".dev", ".run"]


def without_npm(checkout: Path) -> str:
    """A PATH with what the recipes need and no npm."""
    tools = checkout / "tools"
    tools.mkdir()
    for name in ("cat", "cut", "make", "rm", "sh", "sha256sum", "shasum", "touch"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    return str(tools)


def test_a_machine_without_npm_gets_one_as_a_pinned_package_before_the_project_is_built(
    checkout: Path,
) -> None:
    assert make(checkout, "setup", path=without_npm(checkout)).returncode == 0

    lock, node, project = installs(checkout)
    assert lock.endswith("requirements/dev.txt")
    assert node.endswith("--require-hashes --requirement requirements/node.txt")
    assert project.endswith("--editable .")


def test_a_machine_that_holds_the_packages_needs_no_npm(checkout: Path) -> None:
    make(checkout, "run", path=without_npm(checkout), CODYBATCH_NPM_TARBALLS="packages")

    assert not any("node.txt" in line for line in installs(checkout))


def test_development_needs_node_for_the_infrastructure_whoever_has_the_packages(
    checkout: Path,
) -> None:
    make(checkout, "setup", path=without_npm(checkout), CODYBATCH_NPM_TARBALLS="packages")

    assert any("node.txt" in line for line in installs(checkout))


RECORDING_NPX = """#!/bin/sh
echo "npx $@" >> asked
"""


def asked_after(checkout: Path, *arguments: str, **environment: str) -> list[str]:
    """What a target asked Python and npx for, without what sets the environment up."""
    make(checkout, "setup")
    (checkout / "asked").unlink()
    executable(checkout / "node/npx", RECORDING_NPX)
    finished = make(checkout, *arguments, **environment)
    assert finished.returncode == 0, finished.stderr
    lines = (checkout / "asked").read_text().splitlines()
    return [line for line in lines if "infra" in line]


ALLOWED = {"CODYBATCH_ALLOWED_REPOSITORIES": "my-org/*"}


def test_deploying_uses_the_pinned_cdk_and_then_fills_the_secrets(checkout: Path) -> None:
    bootstrap, deploy, keys, told = asked_after(checkout, "deploy", "STAGE=prod", **ALLOWED)

    assert bootstrap.endswith("bootstrap")
    assert deploy.startswith("npx --yes aws-cdk@2.1148.1 --app .venv/bin/python -m infra.app ")
    assert "--context stage=prod deploy --all --require-approval broadening" in deploy
    assert keys == "-m infra.keys prod credentials --only-missing"
    assert told == "-m infra.deployed prod"


def test_deploying_without_an_allow_list_says_how_to_set_one(checkout: Path) -> None:
    make(checkout, "setup")

    finished = make(checkout, "deploy")

    assert finished.returncode != 0
    assert "CODYBATCH_ALLOWED_REPOSITORIES='my-org/*'" in finished.stderr


def test_a_stage_of_the_environment_is_another_programs(checkout: Path) -> None:
    _, deploy, *_ = asked_after(checkout, "deploy", STAGE="prod", **ALLOWED)

    assert "--context stage=dev" in deploy


def test_destroying_asks_before_anything_is_removed(checkout: Path) -> None:
    make(checkout, "setup")
    executable(checkout / ".venv/bin/python", '#!/bin/sh\ncase "$*" in *removal*) exit 1;; esac\n')
    executable(checkout / "node/npx", RECORDING_NPX)
    (checkout / "asked").unlink()

    assert make(checkout, "destroy").returncode != 0
    assert not (checkout / "asked").exists()


def test_destroying_removes_what_the_question_named(checkout: Path) -> None:
    make(checkout, "setup")
    executable(
        checkout / ".venv/bin/python",
        '#!/bin/sh\ncase "$*" in *removal*) echo codybatch-dev-watch codybatch-dev-api;; esac\n',
    )
    executable(checkout / "node/npx", RECORDING_NPX)

    assert make(checkout, "destroy").returncode == 0
    (removed,) = [
        line for line in (checkout / "asked").read_text().splitlines() if line.startswith("npx")
    ]
    assert removed.endswith("destroy --force codybatch-dev-watch codybatch-dev-api")


@pytest.fixture
def without_environment(checkout: Path) -> tuple[Path, str]:
    """A checkout without .venv, and a PATH with the tools that make needs but no Python."""
    shutil.rmtree(checkout / ".venv")
    tools = checkout / "tools"
    for name in ("make", "sh", "cat", "cut", "sha256sum", "shasum", "env"):
        found = shutil.which(name)
        if found:
            tools.mkdir(exist_ok=True)
            (tools / name).symlink_to(found)
    return checkout, str(tools)


def test_without_a_fitting_python_it_says_which_were_tried(
    without_environment: tuple[Path, str],
) -> None:
    checkout, path = without_environment
    executable(checkout / "tools/python3", "#!/bin/sh\nexit 1  # as 3.10 answers\n")
    executable(checkout / "tools/python3.13", "#!/bin/sh\nexit 127  # as a shim without it\n")

    finished = make(checkout, "setup", path=path)

    assert finished.returncode != 0
    assert "No Python 3.11 or newer found as python3.13 python3.12" in finished.stderr


def test_without_the_venv_package_it_names_what_to_install(
    without_environment: tuple[Path, str],
) -> None:
    checkout, path = without_environment
    executable(checkout / "tools/python3", '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n')

    finished = make(checkout, "setup", path=path)

    assert finished.returncode != 0
    assert "python3 cannot make environments" in finished.stderr
    assert "python3-venv" in finished.stderr


def test_the_first_fitting_python_makes_the_environment(
    without_environment: tuple[Path, str],
) -> None:
    checkout, path = without_environment
    executable(checkout / "tools/python3.13", "#!/bin/sh\nexit 127\n")
    executable(checkout / "tools/python3.12", '#!/bin/sh\necho "$@" >> chosen\n')
    executable(checkout / "tools/python3.11", "#!/bin/sh\necho wrong >> chosen\n")

    make(checkout, ".venv/bin/python", path=path)

    assert (checkout / "chosen").read_text().splitlines()[-1] == "-m venv --clear .venv"
