"""The root: which commands there are, its options, and what completes them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from codybatch.cli.main import main
from tests.cli_kit import call, run


def test_the_version_is_the_package_s() -> None:
    assert call("--version").text == f"codybatch {version('codybatch')}\n"


def test_the_help_names_every_command_that_people_use() -> None:
    shown = call("--help").text

    for command in (
        *("demo", "up", "submit", "doctor", "requests", "jobs", "prompts", "dispatcher"),
    ):
        assert f"\n  {command} " in shown
    assert "worker" not in shown


@pytest.mark.parametrize("arguments", [("sing",), ("jobs", "sing"), ("submit", "--sing")])
def test_what_does_not_exist_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)

    assert done.status == 2
    assert "sing" in done.err


def test_main_takes_arguments_and_leaves_with_their_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["jobs", "show", "nope"])

    assert left.value.code == 2
    assert "'nope' is not the id of a job" in capsys.readouterr().err


def test_a_terminal_that_knows_few_characters_gets_escapes_and_no_error() -> None:
    done = run("submit", "-r", "größe", environment={"PYTHONIOENCODING": "ascii"})

    assert done.status == 2
    assert "Traceback" not in done.err


def test_the_shell_completes_commands_and_options() -> None:
    for words, last, wanted in (
        ("codybatch req", "1", "requests"),
        ("codybatch jobs wa", "2", "wait"),
        ("codybatch submit --ide", "2", "--idempotency-key"),
    ):
        asked = {"COMP_WORDS": words, "COMP_CWORD": last, "_CODYBATCH_COMPLETE": "complete_bash"}

        assert run(environment=asked).text.split() == [wanted]
