"""How hints name our own commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.cli.context import begin
from codybatch.cli.invocation import command, continued
from codybatch.cli.main import main
from codybatch.cli.output import styled
from tests.cli_kit import call


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / ".venv/bin"
    folder.mkdir(parents=True)
    for name in ("python", "codybatch"):
        (folder / name).touch(mode=0o755)
    monkeypatch.setattr("sys.executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.chdir(tmp_path)
    begin(demo=False)
    return folder


@pytest.mark.usefixtures("installed")
def test_off_the_path_the_program_is_named_by_its_place() -> None:
    assert command("jobs list") == ".venv/bin/codybatch jobs list"


def test_on_the_path_its_name_is_enough(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(installed))

    assert command("jobs list") == "codybatch jobs list"


@pytest.mark.usefixtures("installed")
def test_a_hint_looks_where_its_call_looked() -> None:
    begin(demo=True)
    try:
        assert command("jobs list") == ".venv/bin/codybatch --demo jobs list"
        assert continued("`codybatch jobs list`") == "`codybatch --demo jobs list`"
        assert continued("run `codybatch demo`") == "run `codybatch demo`"
    finally:
        begin(demo=False)


@pytest.mark.parametrize("listing", [("jobs", "list", "--state", "failed"), ("requests", "list")])
def test_a_search_without_a_hit_says_so(listing: tuple[str, ...], tmp_path: Path) -> None:
    words = () if "--state" in listing else ("--search", "zzz")

    said = call(*listing, *words, environment={"CODYBATCH_HOME": str(tmp_path)}).text

    assert said in ("No job matches.\n", "No request matches.\n")


def test_demo_after_a_command_is_answered_with_where_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["jobs", "list", "--demo"])

    assert "codybatch --demo jobs list" in capsys.readouterr().err


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert styled("bold", bold=True) != "bold"
    monkeypatch.setenv("NO_COLOR", "1")
    assert styled("bold", bold=True) == "bold"
