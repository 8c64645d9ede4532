"""``codybatch repos``: choosing repositories, and looking one over."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.settings import inherited_environment
from codybatch.standins.github import faults
from tests.cli_kit import Call, call
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, CLOCKS, World, world

FULL: dict[str, bytes | str] = {
    "README.md": "# Shop\nThe password is " + "AKIA" + "Q3EGRWSHPAV7NBZ5\n",
    "AGENTS.md": "Be kind.\n",
    "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask"]\n'
    '[project.scripts]\nshop = "shop.main:main"\n',
    "shop/main.py": "def main() -> None:\n    pass\n" * 50,
    "tests/test_main.py": "def test_it() -> None:\n    pass\n",
    "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d" * 32 + "\nsize 5\n",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    repositories = {"acme/clean": CLEAN, "acme/clocks": CLOCKS, "acme/shop": FULL}
    with world(tmp_path_factory.mktemp("shop"), repositories) as w:
        w.github.change_repository("acme/clocks", archived=True, topics=("time",))
        w.github.add_repository("upstream/clocks", files=CLOCKS, topics=("time",))
        w.github.add_repository("else/where", files=CLEAN)
        w.github.bare("acme/shop").set_branch("dev", w.github.bare("acme/shop").branches()["main"])
        yield w


def repos(w: World, *arguments: str, stdin: bytes = b"", **changes: str | None) -> Call:
    environment = {**w.settings.as_environment(), **changes}
    return call("repos", *arguments, environment=environment, stdin=stdin)


def profiled(w: World, *arguments: str) -> Any:
    done = repos(w, "profile", *arguments, "--json")
    assert done.status == 0, done.err
    return done.json


def left_behind(w: World) -> list[Path]:
    return list((w.settings.home / "profiles").glob("*"))


# --- list


def test_repositories_are_listed_with_what_a_person_chooses_by(shop: World) -> None:
    done = repos(shop, "list", "--org", "acme")

    rows = [line.split("\t") for line in done.text.splitlines()]
    assert done.status == 0
    assert [row[0] for row in rows] == ["acme/clean", "acme/shop"]
    assert rows[1][1] == "Python"
    assert re.fullmatch(r"[\d.,]+ KB", rows[1][2])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", rows[1][3])
    assert rows[1][4] == "yes"
    assert done.err.splitlines()[-1] == "2 chosen, 1 left out: 1 archived. Show them: --left-out."


def test_what_is_left_out_is_shown_with_its_reason_where_that_is_asked_for(shop: World) -> None:
    done = repos(shop, "list", "--topic", "time", "else/where", "--left-out")

    rows = {line.split("\t")[0]: line.split("\t") for line in done.text.splitlines()}
    assert rows["upstream/clocks"][-1] == ""
    assert rows["acme/clocks"][-1].startswith("It is archived")
    assert rows["acme/clocks"][1] == "Python"
    assert rows["else/where"][-1].startswith("No pattern of CODYBATCH_ALLOWED_REPOSITORIES")
    assert done.err.splitlines()[-1] == "1 chosen, 2 left out: 1 archived, 1 not allowed."


def test_json_always_holds_the_reasons(shop: World) -> None:
    found = repos(shop, "list", "--org", "acme", "--org", "upstream", "else/where", "--json").json

    assert [one["repository"] for one in found["chosen"]] == [
        "acme/clean",
        "acme/shop",
        "upstream/clocks",
    ]
    assert {one["repository"]: one["because"] for one in found["leftOut"]} == {
        "else/where": "not_allowed",
        "acme/clocks": "archived",
    }
    assert (found["lookedAt"], found["incomplete"]) == (5, "")


def test_names_alone_go_on_into_a_pipe(shop: World) -> None:
    done = repos(shop, "list", "acme/shop@dev", "--user", "nobody-there", "--names")
    fine = repos(shop, "list", "acme/shop@dev", "--org", "acme", "--names")

    assert (done.status, done.text) == (3, "")
    assert "nobody-there" in done.sentence
    assert fine.text == "acme/shop@dev\nacme/clean\n"


def test_what_names_prints_is_what_a_file_may_hold(shop: World, tmp_path: Path) -> None:
    listed = repos(shop, "list", "--org", "acme", "--names")
    (tmp_path / "repos.txt").write_bytes(listed.out)

    by_file = repos(shop, "list", "--file", str(tmp_path / "repos.txt"), "--names")
    by_pipe = repos(shop, "list", "--file", "-", "--names", stdin=listed.out)

    assert by_file.out == by_pipe.out == listed.out


def test_addresses_on_the_code_host_in_use_name_repositories(shop: World) -> None:
    done = repos(shop, "list", f"{shop.settings.github_server_url}/acme/shop.git", "--names")
    elsewhere = repos(shop, "list", "https://github.com/acme/shop")

    assert done.text == "acme/shop\n"
    assert elsewhere.status == 2
    assert "is not the code host in use" in elsewhere.sentence


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--language", "python"), "acme/clean\nacme/shop\n"),
        (("--language", "go", "--language", "rust"), ""),
        (("--min-size", "10MB"), ""),
        (("--max-size", "10MB"), "acme/clean\nacme/shop\n"),
        (("--pushed-since", "1d"), "acme/clean\nacme/shop\n"),
        (("--archived",), "acme/clean\nacme/clocks\nacme/shop\n"),
        (("--owned",), "acme/clean\nacme/shop\n"),
        (("--not-owned",), ""),
        (("--limit", "1"), "acme/clean\n"),
    ],
)
def test_filters_say_which_ones(shop: World, arguments: tuple[str, ...], names: str) -> None:
    done = repos(shop, "list", "--org", "acme", "--names", *arguments)

    assert (done.status, done.text) == (0, names)


def test_searches_are_githubs_own(shop: World) -> None:
    by_search = repos(shop, "list", "--search", "shop org:acme", "--names")
    by_code = repos(shop, "list", "--code", "utcnow org:upstream", "--names")

    assert by_search.text == "acme/shop\n"
    assert by_code.text == "upstream/clocks\n"


def test_more_than_was_looked_at_is_told(shop: World) -> None:
    done = repos(shop, "list", "--org", "acme", "--limit", "1")

    assert "3 repositories are in acme, and the first 1 were looked at." in done.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "--org, --user, --topic"),
        (("acme",), 2, "write owner/name"),
        (("--file", "nowhere.txt"), 2, "cannot be read"),
        (("--org", "acme", "--min-size", "many"), 2, "10MB"),
        (("--org", "acme", "--min-size", "2", "--max-size", "1"), 2, "exchange the two sizes"),
        (("--org", "acme", "--pushed-since", "soon"), 2, "30d"),
        (("--org", "acme topic:x"), 2, "no organisation"),
        (("--org", "acme", "--names", "--json"), 2, "--names prints names alone"),
        (("--org", "imaginary"), 3, "imaginary"),
    ],
)
def test_what_cannot_be_listed_is_refused_with_what_to_write(
    shop: World, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = repos(shop, "list", *arguments)

    assert done.status == status, done.err
    assert said in done.sentence
    assert done.text == ""


def test_without_an_allow_list_the_error_says_how_to_set_one(shop: World) -> None:
    done = repos(shop, "list", "--org", "acme", CODYBATCH_ALLOWED_REPOSITORIES=None)

    assert done.status == 3
    assert "CODYBATCH_ALLOWED_REPOSITORIES='my-org/*" in done.sentence


def test_the_demonstration_has_nothing_to_choose_from(shop: World) -> None:
    done = call(
        "--demo", "repos", "list", "--org", "acme", environment=shop.settings.as_environment()
    )

    assert done.status == 3
    assert "--demo only looks" in done.sentence


def test_a_submission_takes_an_address_too(shop: World) -> None:
    address = f"{shop.settings.github_server_url}/acme/shop"

    done = call(*("submit", "unsaved", "-r", address), environment=shop.settings.as_environment())

    assert "unsaved" in done.sentence  # the address was read; the prompt is what is missing


def test_a_submission_takes_what_names_prints(shop: World) -> None:
    names = repos(shop, "list", "--org", "acme", "--names").out

    done = call(
        *("submit", "unsaved", "--repositories-file", "-"),
        environment=shop.settings.as_environment(),
        stdin=names,
    )
    nothing = call(
        *("submit", "unsaved", "--repositories-file", "-"),
        environment=shop.settings.as_environment(),
    )

    assert "unsaved" in done.sentence
    assert "standard input names no repository" in nothing.sentence


# --- profile


def test_a_profile_shows_what_a_repository_is_made_of(shop: World) -> None:
    done = repos(shop, "profile", "acme/shop")

    facts = {line[:18].strip(): line[18:] for line in done.text.splitlines()}
    assert done.status == 0
    assert facts["Repository"].startswith("acme/shop at ")
    assert facts["Files"].startswith("6 with ")
    assert facts["Languages"].startswith("Python (")
    assert facts["Package managers"] == "pip"
    assert facts["Frameworks"] == "Flask"
    assert facts["Tests"] == "tests"
    assert facts["Entry points"] == "shop = shop.main:main, shop/main.py"
    assert facts["Guidance"] == "AGENTS.md"
    assert facts["Git LFS"] == "1 file"
    assert facts["A job"] == "can work there."
    assert "The password" not in done.text
    assert left_behind(shop) == []


def test_a_profile_as_json_has_the_readme_without_secrets(shop: World) -> None:
    found = profiled(shop, "acme/shop@dev")

    assert found["repository"] == "acme/shop@dev"
    assert found["profile"]["readme"].startswith("# Shop")
    assert "AKIA" not in found["profile"]["readme"]
    assert (found["ends"], found["detail"]) == (None, "")


def test_a_repository_that_is_too_large_is_shown_as_a_job_would_meet_it(shop: World) -> None:
    done = repos(shop, "profile", "acme/shop", CODYBATCH_MAX_REPOSITORY_FILES="2")
    as_json = repos(shop, "profile", "acme/shop", "--json", CODYBATCH_MAX_REPOSITORY_FILES="2")

    assert (done.status, as_json.status) == (1, 1)
    assert "ends at once. The repository holds more than 2 files" in done.text
    assert (as_json.json["ends"], as_json.json["profile"]) == ("repository_too_large", None)
    assert left_behind(shop) == []


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("else/where", 3, "is not allowed"),
        ("acme/imaginary", 3, "knows no repository"),
        ("acme/clocks", 3, "archived"),
        ("acme/shop@nope", 3, "no branch, tag or commit"),
        ("shop", 2, "owner/name"),
    ],
)
def test_a_repository_that_no_job_could_have_is_refused_in_the_same_words(
    shop: World, name: str, status: int, said: str
) -> None:
    done = repos(shop, "profile", name)

    assert done.status == status
    assert said in done.sentence
    assert left_behind(shop) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_profile_that_is_interrupted_leaves_nothing_behind(
    shop: World, number: signal.Signals
) -> None:
    shop.github.faults.add(faults.stall("POST */git-upload-pack", seconds=60))
    shop.github.journal.clear()
    command = [sys.executable, "-m", "codybatch", "repos", "profile", "acme/shop"]
    environment = {**inherited_environment(), **shop.settings.as_environment()}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        cloning = next(line for line in process.stderr if b"Cloning" in line)
        rest = threading.Thread(target=process.stderr.read)
        rest.start()
        os.kill(process.pid, number)
        status = process.wait(60)
        rest.join()
    shop.github.faults.clear()

    assert b"acme/shop" in cloning
    assert status == 130
    assert left_behind(shop) == []


@pytest.mark.parametrize("columns", [40, 120])
def test_on_a_terminal_lists_and_profiles_fit(shop: World, columns: int) -> None:
    for arguments in (("list", "--org", "acme", "--left-out"), ("profile", "acme/shop")):
        terminal = Terminal(
            *("-m", "codybatch", "repos", *arguments),
            columns=columns,
            environment=shop.settings.as_environment(),
        )
        status = terminal.finish()

        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.shown)
        assert status == 0, plain
        assert "acme/shop" in plain
        assert max(len(line) for line in re.split(r"[\r\n]+", plain)) <= columns
