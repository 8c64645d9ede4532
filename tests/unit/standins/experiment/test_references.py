from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from codybatch.standins.demonstration.slips import HABITS
from codybatch.standins.experiment import (
    PROMPTS,
    REPOSITORIES,
    is_necessary,
    prompt_text,
    reference_patch,
)
from codybatch.standins.experiment.prompts import OTHER_WORDS, SHORT, SPELLED_OUT
from codybatch.standins.repositories import files_of

NAIVE = {"utcnow", "utcfromtimestamp"}


def naive_calls(text: str) -> list[int]:
    """The lines where an attribute of such a name is used on something called datetime."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text.removeprefix("\ufeff")))
        if isinstance(node, ast.Attribute)
        and node.attr in NAIVE
        and ast.unparse(node.value).rpartition(".")[2] in {"datetime", "dt"}
    ]


def test_there_are_twelve_repositories_or_more_and_in_some_nothing_is_to_be_done() -> None:
    assert len(set(REPOSITORIES)) == len(REPOSITORIES) >= 12
    assert {is_necessary(one) for one in REPOSITORIES} == {True, False}


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_reference_is_there_where_a_change_is_necessary_and_applies(
    repository: str, tmp_path: Path
) -> None:
    for path, file in files_of(repository).items():
        if file.mode != "120000":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(file.content)
    patch = reference_patch(repository)

    assert bool(patch) is is_necessary(repository)
    if patch:
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True)
    left = [
        path
        for path in sorted(tmp_path.rglob("*.py"))
        if naive_calls(path.read_bytes().decode("utf-8"))
    ]
    assert left == []


def test_a_repository_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError):
        is_necessary("demo-org/nowhere")


def open_habits(name: str) -> set[str]:
    text = prompt_text(name).rpartition("+++\n")[2]
    return {habit for habit, one in HABITS.items() if not one.settled_by.search(text)}


def test_one_prompt_leaves_everything_open_and_the_others_the_same_little() -> None:
    assert set(PROMPTS) == {SHORT, SPELLED_OUT, OTHER_WORDS}
    assert open_habits(SHORT) == set(HABITS)
    assert open_habits(SPELLED_OUT) == open_habits(OTHER_WORDS) == {"knows one spelling"}
