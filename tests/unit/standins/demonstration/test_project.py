from __future__ import annotations

import pytest

from codybatch.standins.demonstration.project import Project
from codybatch.standins.demonstration.results import Hit


def project(*imports: str, tests: tuple[str, ...] = ("tests/test_a.py",), **shown: str) -> Project:
    hits = tuple(Hit("a.py", number, line) for number, line in enumerate(imports, start=1))
    named = {name.replace("_", "."): text for name, text in shown.items()}
    return Project(hits, named, (*named, *tests), tests)


def test_a_framework_is_what_is_imported_or_declared_not_what_is_spoken_of() -> None:
    assert project("from flask import Flask", "import flask").frameworks() == ["Flask"]
    assert project(package_json='{"dependencies": {"express": "4"}}').frameworks() == ["Express"]
    assert project(README_md="It routes like Flask.").frameworks() == ["none"]


@pytest.mark.parametrize(
    ("shown", "python"),
    [
        ({"pyproject_toml": 'requires-python = ">=3.11"\n'}, ">=3.11"),
        ({"setup_cfg": "[options]\npython_requires = >=3.9\n"}, ">=3.9"),
        ({"setup_py": 'setup(\n    python_requires=">=3.10",\n)'}, ">=3.10"),
        ({"README_md": "Python 3.8"}, None),
    ],
)
def test_python_is_what_is_declared(shown: dict[str, str], python: str | None) -> None:
    assert project(tests=(), **shown).python_required() == python


@pytest.mark.parametrize(
    ("known", "runner", "command"),
    [
        (project(tests=()), "none", None),
        (project("import pytest"), "pytest", "pytest"),
        (project("import unittest"), "unittest", "python -m unittest"),
        (project("import pytest", Makefile="test:\n\tpytest\n"), "pytest", "make test"),
        (project("import pytest", README_md="    pytest -q\n"), "pytest", "pytest -q"),
        (
            project(tests=("a_test.go",), README_md="    go test ./...\n"),
            "go test",
            "go test ./...",
        ),
        (project(package_json='"test": "jest"'), "jest", "npx jest"),
        (project(tests=("spec/a.rb",)), "other", None),
    ],
)
def test_how_tests_run(known: Project, runner: str, command: str | None) -> None:
    assert known.test_runner() == [runner]
    assert known.test_command() == command


def test_continuous_integration_is_a_file_that_others_act_on() -> None:
    files = (".github/workflows/ci.yml", "docs/workflows/ci.yml")

    assert Project((), {}, files, ()).continuous_integration() == [".github/workflows/ci.yml"]
