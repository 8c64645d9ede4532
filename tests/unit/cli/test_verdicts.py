"""``jobs rate`` and ``jobs verdicts``, over a copy of a home whose jobs have ended."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli_kit import Call, call
from tests.unit.cli.conftest import Finished


class Judges:
    """People who judge one job, in a home of their own."""

    def __init__(self, finished: Finished, home: Path) -> None:
        self.settings = finished.world.settings.as_environment() | {"CODYBATCH_HOME": str(home)}
        self.job = finished.job("acme/clocks")["id"]

    def call(self, command: str, *arguments: str, person: str = "dana", **settings: str) -> Call:
        """One command of jobs, on the job."""
        environment = {**self.settings, "CODYBATCH_PERSON": person, **settings}
        return call("jobs", command, self.job, *arguments, environment=environment)


@pytest.fixture
def judges(finished: Finished, tmp_path: Path) -> Judges:
    shutil.copytree(finished.world.settings.home, tmp_path / "home")
    return Judges(finished, tmp_path / "home")


def test_a_verdict_is_given_and_shown_everywhere(judges: Judges) -> None:
    given = judges.call(
        *("rate", "reject", "--rating", "2", "--reason", "too large", "--reason", "style"),
        *("--comment", "Zürich ✓\nsecond line", "--json"),
    )

    (verdict,) = given.json
    assert given.status == 0, given.err
    assert (verdict["rater"], verdict["decision"], verdict["rating"]) == ("dana", "reject", 2)
    assert verdict["reasons"] == ["too large", "style"]
    assert verdict["comment"] == "Zürich ✓\nsecond line"
    assert judges.call("verdicts", "--json").json == given.json
    assert judges.call("show", "--json").json["verdicts"] == given.json
    assert "dana rejects 2/5 (too large, style): Zürich ✓" in judges.call("show").text
    (row,) = judges.call("verdicts").text.splitlines()
    assert row.split("\t")[:3] == ["dana", "reject", "2"]


def test_two_people_judge_and_each_may_think_again(judges: Judges) -> None:
    judges.call("rate", "accept")
    judges.call("rate", "reject", person="erin")
    judges.call("rate", "accept", "--rating", "5", person="erin")

    found = judges.call("verdicts", "--json").json

    assert [(one["rater"], one["decision"], one["rating"]) for one in found] == [
        ("dana", "accept", None),
        ("erin", "accept", 5),
    ]


def test_a_verdict_is_withdrawn(judges: Judges) -> None:
    judges.call("rate", "accept")

    withdrawn = judges.call("rate", "withdraw")
    again = judges.call("rate", "withdraw")

    assert (withdrawn.status, withdrawn.text) == (0, "Nobody has judged it.\n")
    assert again.status == 2
    assert "no verdict of dana" in again.sentence
    assert judges.call("show", "--json").json["verdicts"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("maybe",), "accept, reject or withdraw"),
        (("accept", "--rating", "6"), "from 1 (bad) to 5 (good)"),
        (("reject", "--reason", "ugly"), "wrong, incomplete, too large"),
        (("accept", "--comment", "x" * 10_001), "10,001"),
        (("withdraw", "--comment", "no"), "no rating, reason or comment"),
    ],
)
def test_what_cannot_be_is_wrong_usage(
    judges: Judges, arguments: tuple[str, ...], said: str
) -> None:
    done = judges.call("rate", *arguments)

    assert done.status == 2
    assert said in done.sentence
    assert judges.call("verdicts", "--json").json == []


def test_the_list_of_reasons_is_a_setting(judges: Judges) -> None:
    done = judges.call(
        "rate", "reject", "--reason", "ugly", CODYBATCH_VERDICT_REASONS=" ugly ,, too  odd"
    )

    assert done.status == 0
    assert "ugly" in judges.call("show").text


def test_lists_and_searches_are_as_before(judges: Judges) -> None:
    before = call("jobs", "list", "--json", environment=judges.settings).json

    judges.call("rate", "accept", "--comment", "unmistakable")

    assert call("jobs", "list", "--json", environment=judges.settings).json == before
    words = ("--search", "unmistakable", "--json")
    assert call("jobs", "list", *words, environment=judges.settings).json["items"] == []
