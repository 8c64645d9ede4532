"""The stand-in's environment is made once, whoever asks; where it is not, it is said what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.standins.aws import ensure
from codybatch.standins.aws.environment import EnvironmentNotMade, is_made
from tests.unit.standins.aws.conftest import Index

ROOT = Path(__file__).parents[4]

MAKER = """
import sys
from pathlib import Path
from codybatch.standins.aws import ensure

print(ensure(Path(sys.argv[1]), Path(sys.argv[2])))
"""

WITHOUT = """
import sys
from pathlib import Path
for name in sys.argv[3].split(","):
    sys.modules[name] = None
from codybatch.standins.aws import environment

try:
    print(environment.ensure(Path(sys.argv[1]), Path(sys.argv[2])))
except environment.EnvironmentNotMade as error:
    sys.exit(str(error))
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_is_made_once_and_again_for_other_requirements(index: Index, tmp_path: Path) -> None:
    folder, first = tmp_path / "deep" / "standins", index.requirements("1.0")

    program = ensure(folder, first)
    assert ensure(folder, first) == program
    assert index.installs == 1
    assert program.is_file()

    second = index.requirements("2.0")
    assert not is_made(folder, second)
    ensure(folder, second)

    assert index.installs == 2
    assert is_made(folder, second)
    assert not is_made(folder, first)


def test_of_processes_that_want_it_at_once_one_makes_it(index: Index, tmp_path: Path) -> None:
    folder, requirements = tmp_path / "standins", index.requirements()
    arguments = (str(folder), str(requirements))

    makers = [started(MAKER, *arguments) for _ in range(3)]
    said = [maker.communicate(timeout=100) for maker in makers]

    assert [maker.returncode for maker in makers] == [0, 0, 0], said
    assert {out.strip() for out, _ in said} == {str(folder / "bin" / "ministack")}
    assert index.installs == 1


def test_one_that_died_in_the_middle_is_made_anew(index: Index, tmp_path: Path) -> None:
    folder, requirements = tmp_path / "standins", index.requirements()
    ensure(folder, requirements)
    (folder / "made-of").write_text("")
    (folder / "pyvenv.cfg").unlink()
    left_over = tmp_path / "standins.old" / "lib"
    left_over.mkdir(parents=True)

    assert ensure(folder, requirements).is_file()
    assert is_made(folder, requirements)
    assert not left_over.exists()


def test_a_folder_with_something_else_is_left_alone(index: Index, tmp_path: Path) -> None:
    precious = tmp_path / "home" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("ten years")

    with pytest.raises(EnvironmentNotMade, match="another folder"):
        ensure(precious.parent, index.requirements())

    assert precious.read_text() == "ten years"


def test_a_folder_that_cannot_be_written_is_told(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentNotMade, match="may write to"):
        ensure(tmp_path / "file" / "standins", index.requirements())


def test_without_a_network_it_is_said_what_to_do(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")

        with pytest.raises(EnvironmentNotMade, match="connect to the network") as error:
            ensure(tmp_path / "standins", index.requirements())

    assert f"-m codybatch.standins.aws {tmp_path / 'standins'}" in str(error.value)
    assert "PIP_INDEX_URL" in str(error.value)


def test_a_package_with_other_bytes_is_refused_in_pips_words(index: Index, tmp_path: Path) -> None:
    requirements = index.requirements()
    forged = requirements.read_text().rpartition(":")[0] + ":" + "0" * 64
    requirements.write_text(forged)

    with pytest.raises(EnvironmentNotMade, match=r"pip refused(.|\n)*hash"):
        ensure(tmp_path / "standins", requirements)
    assert not is_made(tmp_path / "standins", requirements)


@pytest.mark.parametrize("missing", ["ensurepip", "pip"])
def test_pip_or_ensurepip_is_enough(index: Index, tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "standins"

    maker = started(WITHOUT, str(folder), str(index.requirements()), missing)
    said = maker.communicate(timeout=100)

    assert maker.returncode == 0, said
    assert (folder / "bin" / "ministack").is_file()
    assert (folder / "bin" / "pip").exists() == (missing == "pip")
    assert index.installs == 1


def test_without_any_pip_it_is_said_how_to_get_one(index: Index, tmp_path: Path) -> None:
    maker = started(WITHOUT, str(tmp_path / "a"), str(index.requirements()), "ensurepip,pip")
    said, error = maker.communicate(timeout=100)

    assert maker.returncode == 1
    assert said == ""
    assert "python3-venv" in error
    assert "Traceback" not in error


def test_the_command_says_what_went_wrong_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    finished = subprocess.run(
        [sys.executable, "-m", "codybatch.standins.aws", str(tmp_path / "file" / "standins")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 1
    assert "may write to" in finished.stderr
    assert "Traceback" not in finished.stderr
