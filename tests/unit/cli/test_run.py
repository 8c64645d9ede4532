"""How commands end: a sentence, a status, nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import typer

from codybatch.cli import context
from codybatch.cli.run import ended_by_sigterm, guarded
from codybatch.domain.errors import CodyBatchError, PolicyError
from codybatch.settings import inherited_environment
from tests.cli_kit import run
from tests.unit.cli.conftest import Finished


def status_of(error: BaseException) -> int:
    @guarded
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        command()
    return left.value.exit_code


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CodyBatchError("The disk fell over."), 1, "codybatch: The disk fell over.\n"),
        (PolicyError("Not here."), 3, "codybatch: Not here.\n"),
        (KeyboardInterrupt(), 130, "codybatch: Interrupted.\n"),
        (CodyBatchError("\x1b[2Jgone"), 1, "codybatch: \\x1b[2Jgone\n"),
    ],
)
def test_an_error_is_one_sentence_and_its_status(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(error) == status
    assert capsys.readouterr() == ("", said)


def test_an_error_that_nobody_foresaw_says_how_to_see_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status_of(ZeroDivisionError("division by zero")) == 1

    said = capsys.readouterr().err
    assert "inside Cody Batch (ZeroDivisionError: division by zero)" in said
    assert "codybatch -v" in said
    assert "Traceback" not in said


def test_a_credential_is_never_part_of_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_0123456789abcdef")
    context.begin(demo=False)
    context.settings()

    status_of(CodyBatchError("The server said: bad token ghp_0123456789abcdef."))

    assert capsys.readouterr().err == "codybatch: The server said: bad token [redacted].\n"


def test_whoever_asks_for_it_sees_the_traceback(finished: Finished) -> None:
    environment = finished.world.settings.as_environment()

    for done in (
        run("-v", "jobs", "show", "nope", environment=environment),
        run("jobs", "show", "nope", environment={**environment, "CODYBATCH_DEBUG": "1"}),
    ):
        assert done.status == 2
        assert "Traceback" in done.err
        assert done.sentence.startswith("'nope' is not the id of a job.")


def test_a_reader_that_has_enough_is_no_error(finished: Finished) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "codybatch", "jobs", "thread", finished.job("acme/clocks")["id"]],
        env={**inherited_environment(), **finished.world.settings.as_environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()

    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (0, b"")


def test_sigterm_ends_a_command_like_ctrl_c_and_is_itself_again_after() -> None:
    before = signal.getsignal(signal.SIGTERM)

    @ended_by_sigterm()
    def killed() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    with pytest.raises(KeyboardInterrupt):
        killed()

    assert signal.getsignal(signal.SIGTERM) is before
