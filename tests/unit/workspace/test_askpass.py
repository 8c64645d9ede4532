from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.domain.errors import CodeHostCredentialRefused
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.askpass import credential, install_askpass, remove_left_credentials

ACCESS = GitAccess("https://host/acme/shop", username="bot", token="t0ken with $(odd) 'signs'")


def answer(environment: dict[str, str], prompt: str) -> str:
    return subprocess.run(
        [environment["GIT_ASKPASS"], prompt],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install_askpass(tmp_path)
    return tmp_path


def test_the_program_answers_both_of_gits_questions(folder: Path) -> None:
    with credential(ACCESS, folder) as environment:
        assert answer(environment, "Username for 'https://host': ") == "bot"
        assert answer(environment, "Password for 'https://bot@host': ") == ACCESS.token


def test_the_token_is_in_one_private_file_and_no_variable(folder: Path) -> None:
    with credential(ACCESS, folder) as environment:
        held = Path(environment["CODYBATCH_CREDENTIAL"])
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in held.iterdir()}
        assert stat.S_IMODE(held.stat().st_mode) == 0o700
        assert str(ACCESS.token) not in str(environment)

    assert modes == {"username": 0o600, "password": 0o600}
    assert sorted(path.name for path in folder.iterdir()) == ["askpass"]


def test_nothing_is_left_when_the_call_fails(folder: Path) -> None:
    with pytest.raises(LookupError), credential(ACCESS, folder):
        raise LookupError

    assert sorted(path.name for path in folder.iterdir()) == ["askpass"]


def test_what_a_killed_call_left_goes_before_the_next(folder: Path) -> None:
    dies = (
        "import os, pathlib\n"
        "from codybatch.ports.code_host import GitAccess\n"
        "from codybatch.workspace.askpass import credential\n"
        f"with credential(GitAccess('https://host', token='t'), pathlib.Path({str(folder)!r})):\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", dies], check=False).returncode == 9
    assert len(list(folder.iterdir())) == 2

    with credential(GitAccess("https://host/acme/shop"), folder) as environment:
        assert environment == {}
        assert sorted(path.name for path in folder.iterdir()) == ["askpass"]


@pytest.mark.parametrize("token", ["two\nlines", "nul\0", "return\r"])
def test_a_token_that_is_none_is_refused_without_a_trace(folder: Path, token: str) -> None:
    access = GitAccess("https://host/acme/shop", token=token)

    with (
        pytest.raises(CodeHostCredentialRefused, match="GITHUB_TOKEN") as raised,
        credential(access, folder),
    ):
        pytest.fail("git must not be started")

    assert token not in str(raised.value)
    assert sorted(path.name for path in folder.iterdir()) == ["askpass"]


def test_there_may_be_nothing_left_to_remove(tmp_path: Path) -> None:
    remove_left_credentials(tmp_path / "never made")

    assert not (tmp_path / "never made").exists()
