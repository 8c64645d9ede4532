from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import CalledOff, GitFailed
from codybatch.workspace.processes import Bounds, run_to_end

PATH = {"PATH": os.environ["PATH"]}


def run(
    script: str, folder: Path, given: bytes = b"", bounds: Bounds | None = None
) -> tuple[int, bytes, bytes]:
    blocks: list[bytes] = []
    status, said = run_to_end(
        ["sh", "-c", script], PATH, folder, given, blocks.append, bounds or Bounds()
    )
    return status, b"".join(blocks), said


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed process that nobody waits for is still listed, and runs no more.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline, f"{pid} still runs"
        os.sched_yield()


def test_status_output_and_complaints_come_back(tmp_path: Path) -> None:
    status, output, said = run("cat; echo no >&2; exit 3", tmp_path, given=b"a\0b\n")

    assert (status, output, said) == (3, b"a\0b\n", b"no\n")


def test_a_signal_is_a_negative_status(tmp_path: Path) -> None:
    assert run("kill -SEGV $$", tmp_path)[0] == -11


def test_megabytes_in_both_directions_do_not_block_each_other(tmp_path: Path) -> None:
    given = os.urandom(4 << 20)

    status, output, said = run("cat; head -c 3000000 /dev/zero >&2", tmp_path, given)

    assert status == 0
    assert output == given
    assert len(said) == 1 << 14


def test_a_program_that_reads_nothing_is_no_error(tmp_path: Path) -> None:
    assert run("exit 0", tmp_path, given=b"x" * (1 << 20))[0] == 0


def test_the_environment_is_exactly_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "LANGUAGE", "LC_ALL", "BASH_FUNC_odd%%", "lower", "0"):
        monkeypatch.setenv(name, "planted")

    _, output, _ = run("exec env", tmp_path)

    names = {line.partition("=")[0] for line in output.decode().splitlines()}
    assert names <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}  # the shell adds its own


def test_no_value_of_the_environment_stands_in_an_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**PATH, "https_proxy": "http://me:pa55word@proxy:3128"}
    start, started = subprocess.Popen, []

    def recorded(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(command)
        return start(command, **options)

    monkeypatch.setattr("git.cmd.safer_popen", recorded)
    blocks: list[bytes] = []
    run_to_end(["env"], environment, tmp_path, b"", blocks.append, Bounds())

    assert b"pa55word" in b"".join(blocks)
    assert started
    assert "pa55word" not in str(started)


def test_no_process_on_the_way_holds_a_value_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "pl4nted")
    start, given = subprocess.Popen, []

    def recorded(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        given.append(options["env"])
        return start(command, **options)

    monkeypatch.setattr("git.cmd.safer_popen", recorded)
    run("true", tmp_path)

    assert given
    assert "pl4nted" not in str(given)


def test_importing_what_starts_programs_starts_none(tmp_path: Path) -> None:
    """GitPython asks git for its version at import, with every key of the process beside it."""
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    git.chmod(0o755)
    program = (
        "import os, sys; from codybatch.workspace import processes as p; "
        "p._gitpython(); assert 'git.cmd' in sys.modules; "
        "assert not [name for name in os.environ if name.startswith('GIT_PYTHON')]"
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    subprocess.run([sys.executable, "-c", program], check=True, env={"PATH": path})

    assert not (tmp_path / "asked").exists()


def test_a_program_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match=r"git is not installed, or not on PATH"):
        run_to_end(["git"], {"PATH": str(tmp_path)}, tmp_path, b"", lambda _: None, Bounds())


def test_a_program_and_its_children_are_killed_when_time_is_up(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; sleep 600"

    with pytest.raises(GitFailed, match=r"did not finish within 0\.5 s") as raised:
        run(script, tmp_path, bounds=Bounds(seconds=0.5))

    assert raised.value.said == "timed out"
    wait_until_gone(int((tmp_path / "child").read_text()))


def test_a_child_that_holds_the_pipes_of_a_dead_parent_is_killed_too(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child"

    with pytest.raises(GitFailed):
        run(script, tmp_path, bounds=Bounds(seconds=0.5))

    wait_until_gone(int((tmp_path / "child").read_text()))


def test_an_event_calls_a_program_off(tmp_path: Path) -> None:
    abort = threading.Event()
    os.mkfifo(tmp_path / "started")
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run(f"echo $$ > {tmp_path}/started; sleep 600", tmp_path, bounds=Bounds(abort=abort))
        except CalledOff as error:
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    pid = int((tmp_path / "started").read_text())
    abort.set()
    worker.join(20)

    assert len(failed) == 1
    wait_until_gone(pid)


def test_nothing_is_started_once_it_is_called_off(tmp_path: Path) -> None:
    abort = threading.Event()
    abort.set()

    with pytest.raises(CalledOff):
        run(f"touch {tmp_path}/started", tmp_path, bounds=Bounds(abort=abort))

    assert not (tmp_path / "started").exists()


def test_what_the_reader_raises_ends_the_program(tmp_path: Path) -> None:
    def enough(block: bytes) -> None:
        raise LookupError(int(block))

    with pytest.raises(LookupError) as raised:
        run_to_end(["sh", "-c", "echo $$; sleep 600"], PATH, tmp_path, b"", enough, Bounds())

    wait_until_gone(raised.value.args[0])


def test_a_watch_is_asked_while_the_program_runs(tmp_path: Path) -> None:
    asked: list[float] = []

    def watch() -> None:
        asked.append(time.monotonic())
        if len(asked) > 3:
            raise LookupError

    with pytest.raises(LookupError):
        run("sleep 600", tmp_path, bounds=Bounds(watch=watch))

    assert len(asked) == 4


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="missing"):
        run("true", tmp_path / "missing")
