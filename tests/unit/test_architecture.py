"""The shape of the code: layers, sizes, light imports, and nothing done at import."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "codybatch"
PROBE = Path(__file__).with_name("import_probe.py")

LINT_IMPORTS = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename="pyproject.toml", no_cache=True))
"""

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# What may be longer, and why: a table, or a story with no branches.
LONG_FILES: dict[str, str] = {
    "codybatch/domain/errors.py": "a table: a class a cause, without branches, in the one place",
}
LONG_FUNCTIONS: dict[str, str] = {}

HEAVY = ("anthropic", "boto3", "git", "github", "pandas", "pydantic", "rich", "streamlit")
FACES_AND_WIRING = {
    *(
        "access_settings",
        "analysis",
        "api",
        "api_settings",
        "aws_settings",
        "backing",
        "cli",
        "clients",
        "code_host_settings",
        "composition",
        "demonstration_home",
        "patient",
        "settings",
    ),
    *("telemetry_settings", "tracing", "ui"),
}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def to_be_read() -> list[Path]:
    """The sources, and what deploys them."""
    return [*sources(), *sorted((ROOT / "infra").rglob("*.py"))]


def test_the_package_knows_nothing_of_what_deploys_it() -> None:
    imports = re.compile(r"^\s*(?:from|import) infra\b", re.MULTILINE)

    assert [str(path) for path in sources() if imports.search(path.read_text())] == []


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python(*arguments: str, path: Path = ROOT) -> str:
    """What a fresh interpreter prints, with ``path`` first on its module path."""
    finished = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_every_import_points_the_way_the_layers_allow() -> None:
    """In a process of its own: the linter silences all loggers of the process it runs in."""
    finished = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_package_stands_under_a_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    bound = {
        name for contract in contracts["contracts"] for name in contract.get("source_modules", ())
    }
    packages = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    free = {
        name for name in packages if f"codybatch.{name}" not in bound and not name.startswith("__")
    }

    assert free == FACES_AND_WIRING


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in to_be_read()
        if (count := len(path.read_text().splitlines())) > MAX_FILE_LINES
    }

    assert long.keys() == LONG_FILES.keys(), long


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file with the lines of its body: a signature is a table, not a story."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            yield f"{path.relative_to(ROOT)}::{node.name}", lines


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        name: lines
        for path in to_be_read()
        for name, lines in functions(path)
        if lines > MAX_FUNCTION_LINES
    }

    assert long.keys() == LONG_FUNCTIONS.keys(), long


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    loaded = python("-c", "import sys, codybatch.cli.main; print(*sys.modules)").split()

    assert set(HEAVY) & set(loaded) == set()


def test_the_http_api_answers_without_what_only_jobs_and_other_faces_need() -> None:
    loaded = python("-c", "import sys, codybatch.api.application; print(*sys.modules)").split()

    assert ({*HEAVY, "typer", "uvicorn"} - {"pydantic"}) & set(loaded) == set()


def test_importing_a_module_does_nothing_else() -> None:
    modules = [module(path) for path in sources()]

    assert python(str(PROBE), str(PACKAGE) + os.sep, *modules) == ""


@pytest.mark.parametrize(
    ("statement", "act"),
    [
        ("open(__file__).close()", "open"),
        ("import os; os.environ.get('HOME')", "environment"),
        ("import pathlib; pathlib.Path.home()", "environment"),
        ("import os; dict(os.environ)", "environment"),
        ("import os; os.listdir('.')", "os.listdir"),
        ("import sqlite3; sqlite3.connect(':memory:').close()", "sqlite3.connect"),
        ("import socket; socket.socket().close()", "socket"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import threading; threading.Thread(target=print).start()", "thread"),
        ("import tempfile; tempfile.mkdtemp()", "tempfile.mkdtemp"),
    ],
)
def test_the_probe_sees_what_a_module_does_at_import(
    tmp_path: Path, statement: str, act: str
) -> None:
    (tmp_path / "restless.py").write_text(f"\n{statement}\n")

    seen = python(str(PROBE), str(tmp_path), "restless", path=tmp_path)

    assert f"restless.py:2: {act}" in seen


def test_the_probe_leaves_alone_what_an_imported_package_does(tmp_path: Path) -> None:
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm/quiet.py").write_text("import restless\n")
    (tmp_path / "restless.py").write_text("open(__file__).close()\n")

    assert python(str(PROBE), str(tmp_path / "calm"), "calm.quiet", path=tmp_path) == ""
