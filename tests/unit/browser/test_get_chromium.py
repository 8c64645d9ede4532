"""How a machine without a browser gets one, with programs that only note how they were called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser import get_chromium

SHELL = "#!/bin/sh\n"
WORKS = SHELL + 'echo "$0 $@" >> "$NOTED"\n'
FAILS = WORKS + "exit 1\n"


class Machine:
    """A machine whose programs are the scripts in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.noted = folder / "noted"

    def program(self, name: str, script: str) -> Path:
        path = self.folder / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    def asked(self) -> list[str]:
        lines = self.noted.read_text().splitlines() if self.noted.exists() else []
        return [line.removeprefix(f"{self.folder}/") for line in lines]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """It has no browser, nor has Playwright, and nobody is root."""
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("NOTED", str(made.noted))
    monkeypatch.setattr(get_chromium, "INSIDE", {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)})
    monkeypatch.setattr("sys.executable", str(made.program("python", FAILS)))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return made


def test_the_systems_browser_is_used_and_nothing_is_installed(machine: Machine) -> None:
    machine.program("chromium", WORKS)

    get_chromium.main()

    assert [line.split()[0] for line in machine.asked()] == ["chromium"]


def test_without_one_playwrights_is_tried_and_what_is_missing_is_said(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.program("apt-get", WORKS)

    get_chromium.main()

    assert machine.asked() == ["python -m playwright install chromium"]
    assert get_chromium.MISSING in capsys.readouterr().err


def test_on_debian_root_installs_the_systems_where_playwrights_fails(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    browser = machine.folder / "chromium"
    makes_one = f'case "$*" in install*) /bin/cp "{machine.folder}/works" "{browser}";; esac\n'
    machine.program("works", WORKS)
    machine.program("apt-get", WORKS + makes_one)

    get_chromium.main()

    assert machine.asked()[:3] == [
        "python -m playwright install chromium",
        "apt-get update -qq",
        "apt-get install -qq -y --no-install-recommends chromium",
    ]
    assert get_chromium.MISSING not in capsys.readouterr().err


def test_a_browser_that_does_not_start_is_none(machine: Machine) -> None:
    broken = machine.program("chromium", FAILS)

    assert not get_chromium.starts(str(broken))
    assert not get_chromium.starts(str(machine.folder / "nothing"))
    assert not get_chromium.starts(None)
