"""How a request is described: people, labels, files of repositories, and open pull requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.jobs import Job
from codybatch.engines.local.engine import LocalEngine
from tests.cli_kit import ESCAPES, Call, call
from tests.terminal_kit import Terminal
from tests.unit.services.still import Still, still


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalEngine, "ensure_dispatcher", lambda _: None)
        yield opened


@pytest.fixture(scope="module")
def name(s: Still) -> str:
    """A repository where nothing is proposed."""
    return s.repository()


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    """A prompt's file; the name is that of the kit's requests."""
    file = tmp_path / "utcnow.md"
    file.write_text("Replace utcnow.")
    return file


def submit(s: Still, prompt: Path | str, *arguments: str, stdin: bytes = b"") -> Call:
    environment = s.world.settings.as_environment()
    given = ("submit", "--prompt-file", str(prompt), *arguments)
    return call(*given, environment=environment, stdin=stdin)


def test_labels_people_and_guidance_are_recorded_once_each(
    s: Still, prompt: Path, name: str
) -> None:
    people = ("--reviewer", "mona_acme", "--reviewer", "acme/core", "--assignee", "bot[bot]")
    labels = ("--label", "good first issue", "--label", "chore", "--label", "chore")

    options = submit(s, prompt, "-r", name, *people, *labels, "--follow-guidance", "--json").json[
        "options"
    ]

    assert options["labels"] == ["good first issue", "chore"]
    assert (options["reviewers"], options["assignees"]) == (
        ["mona_acme", "acme/core"],
        ["bot[bot]"],
    )
    assert options["followGuidanceFiles"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--label", "x" * 51), ("--label", "50")),
        (("--label", "a\x1b[2J"), ("--label", "printable")),
        (("--reviewer", "@alice"), ("--reviewer", "without @")),
        (("--reviewer", "acme/core/x"), ("--reviewer",)),
        (("--assignee", "acme/core"), ("--assignee",)),
        (("--assignee", "two words"), ("--assignee",)),
        (tuple(f"--assignee=p{n}" for n in range(11)), ("--assignee", "10")),
        (("--existing", "replace"), ("--existing", "update")),
    ],
    ids=lambda part: str(part)[:40],
)
def test_what_no_pull_request_could_take_is_refused_by_its_option(
    s: Still, prompt: Path, name: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = submit(s, prompt, "-r", name, *arguments)

    assert done.status == 2
    assert [word for word in words if word not in done.sentence] == []


def test_repositories_come_from_the_call_and_from_a_file(
    s: Still, prompt: Path, tmp_path: Path
) -> None:
    first, second, third = (s.repository() for _ in range(3))
    listed = tmp_path / "list.txt"
    listed.write_text(f"# ours\n{second}\n\n{third}@main  # pinned\n")

    of_file = submit(s, prompt, "-r", first, "--repositories-file", str(listed), "--json")
    of_pipe = submit(
        s, prompt, "--repositories-file", "-", "--json", stdin=f"{first}\n{second}\n".encode()
    )

    assert of_file.json["repositories"] == [first, second, f"{third}@main"]
    assert of_pipe.json["repositories"] == [first, second]


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        ("acme/r0\nacme r1\n", 2, "line 2"),
        ("# none\n", 2, "list.txt"),
        ("acme/r0\n" * 2, 2, "twice"),
    ],
)
def test_a_file_of_repositories_that_cannot_be_used_says_where(
    s: Still, prompt: Path, tmp_path: Path, content: str, status: int, word: str
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(content)

    done = submit(s, prompt, "--repositories-file", str(listed))

    assert (done.status, word in done.sentence) == (status, True), done.sentence


def test_standard_input_holds_one_thing(s: Still) -> None:
    done = submit(s, "-", "--repositories-file", "-", stdin=b"acme/r0\n")

    assert (done.status, "not both" in done.sentence) == (2, True)


def test_a_prompts_file_declares_its_variables(s: Still, tmp_path: Path, name: str) -> None:
    file = tmp_path / "raise-python.md"
    file.write_text(
        '+++\ndescription = "Raise Python"\n[variables.version]\nchoices = ["3.11", "3.12"]\n'
        'default = "3.12"\n+++\nRaise Python to {{version}}.\n'
    )

    usual = submit(s, file, "-r", name, "--json").json
    wrong = submit(s, file, "-r", name, "--var", "version=2.7")
    shown = call(
        "prompts", "show", "raise-python", environment=s.world.settings.as_environment()
    ).text

    assert usual["promptText"] == "Raise Python to 3.12.\n"
    assert (wrong.status, "one of 3.11, 3.12" in wrong.sentence) == (2, True)
    assert "version (3.11, 3.12; '3.12' where nothing is said)" in shown
    assert "Raise Python\n" in shown


# where a pull request of the prompt is open


@pytest.fixture(scope="module")
def open_one(s: Still) -> Job:
    return s.published()


def test_it_is_refused_by_policy_with_what_to_choose(s: Still, prompt: Path, open_one: Job) -> None:
    done = submit(s, prompt, "-r", open_one.repository.full_name, "--publish", "draft")

    assert done.status == 3
    assert str(open_one.publication.url) in done.sentence
    assert "--existing" in done.sentence


def test_what_is_skipped_is_said_and_stands_in_the_json(
    s: Still, prompt: Path, open_one: Job
) -> None:
    names = ("-r", open_one.repository.full_name, "-r", s.repository())
    arguments = (*names, "--publish", "draft", "--existing", "skip")

    told, shown = submit(s, prompt, *arguments), submit(s, prompt, *arguments, "--json").json

    left = f"Left out: {open_one.repository.full_name}, where {open_one.publication.url} is open."
    assert (told.status, left in told.err) == (0, True)
    assert [job["repository"] for job in shown["jobs"]] == [names[3]]
    assert shown["skipped"] == [
        {
            "repository": open_one.repository.full_name,
            "job": open_one.id,
            "url": open_one.publication.url,
        }
    ]


def test_where_all_are_skipped_there_is_nothing_to_do_and_nothing_wrong(
    s: Still, prompt: Path, open_one: Job
) -> None:
    arguments = ("-r", open_one.repository.full_name, "--publish", "draft", "--existing", "skip")

    told, shown = submit(s, prompt, *arguments), submit(s, prompt, *arguments, "--json")

    assert (told.status, told.text.startswith("Nothing to do: ")) == (0, True)
    assert (shown.status, shown.json["jobs"], shown.json["id"]) == (0, [], None)
    assert [one["job"] for one in shown.json["skipped"]] == [open_one.id]


@pytest.mark.parametrize(
    ("keys", "status", "word"),
    [("perhaps\nSkip\n", 0, "Nothing to do"), ("\x04", 3, "--existing")],
    ids=["skip", "end of input"],
)
def test_on_a_terminal_a_person_is_asked(
    s: Still, prompt: Path, open_one: Job, keys: str, status: int, word: str
) -> None:
    terminal = Terminal(
        *("-m", "codybatch", "submit", "--prompt-file", str(prompt)),
        *("-r", open_one.repository.full_name, "--publish", "draft"),
        columns=100,
        environment=s.world.settings.as_environment(),
    )
    terminal.read_until(lambda shown: "Which of these" in shown)

    terminal.type(keys)

    assert terminal.finish() == status
    assert word in " ".join(ESCAPES.sub("", terminal.shown).split())
