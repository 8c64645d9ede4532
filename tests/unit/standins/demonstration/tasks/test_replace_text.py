from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.standins.demonstration.tasks.replace_text import ReplaceText


@pytest.mark.parametrize(
    ("task", "old", "new"),
    [
        ("Replace `a.b` with `c.d`.", "a.b", "c.d"),
        ('Please replace all occurrences of "colour" by "color" everywhere', "colour", "color"),
        ("Rename get_user to fetch_user.", "get_user", "fetch_user"),
        ("change every use of 'http://x' to 'https://x'", "http://x", "https://x"),
    ],
)
def test_the_two_texts_are_read_from_the_task(task: str, old: str, new: str) -> None:
    assert ReplaceText.from_task(task) == ReplaceText(old, new)


@pytest.mark.parametrize("task", ["Improve the tests.", "Replace the build system.", ""])
def test_a_task_without_two_texts_is_none(task: str) -> None:
    assert ReplaceText.from_task(task) is None


def test_a_longer_word_is_another_word() -> None:
    rewrite = ReplaceText("user", "person").rewrite("a", "user users user_id user")

    assert rewrite.text == "person users user_id person"
    assert rewrite.places == 2


def test_a_new_text_that_holds_the_old_one_does_not_grow() -> None:
    task = ReplaceText("http", "http.client")
    once = task.rewrite("a", "import http\nimport http.client\n")

    assert once.text == "import http.client\nimport http.client\n"
    assert once.places == 1
    assert task.rewrite("a", once.text).text == once.text


TEXT = st.text(alphabet="ab.c(_ *\n", min_size=1, max_size=6)


@given(old=TEXT, new=TEXT, text=st.text(alphabet="ab.c(_ *\n", max_size=60))
def test_it_settles_and_its_search_finds_what_it_changes(old: str, new: str, text: str) -> None:
    task = ReplaceText(old, new)

    rewrite = task.rewrite("a", text)

    ((pattern, _),) = task.searches
    assert (rewrite.places > 0) <= bool(re.search(pattern, text))
    if old not in new:
        assert not rewrite.places or new in rewrite.text
