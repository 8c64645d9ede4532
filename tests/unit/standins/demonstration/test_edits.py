from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codybatch.standins.demonstration.edits import edits_between

LINES = st.lists(st.sampled_from(["a", "b", "", "  a", "def f():", "    return a"]), max_size=14)


def applied(text: str, old: str) -> str:
    for edit in edits_between(old, text):
        assert old.count(edit.old) == 1
        assert edit.old.strip()
        old = old.replace(edit.old, edit.new)
    return old


@given(before=LINES, after=LINES)
def test_each_edit_fits_exactly_once_and_together_they_give_the_new_text(
    before: list[str], after: list[str]
) -> None:
    old, new = "\n".join(["# head", *before]), "\n".join(["# head", *after])

    assert applied(new, old) == new


def test_an_edit_takes_no_more_around_it_than_it_needs() -> None:
    old = "a = 1\nb = 2\nc = 3\n"

    (edit,) = edits_between(old, "a = 1\nb = 5\nc = 3\n")

    assert (edit.old, edit.new) == ("b = 2", "b = 5")


def test_a_line_that_stands_twice_takes_its_neighbours_along() -> None:
    old = "def f():\n    return 1\n\n\ndef g():\n    return 1"

    (edit,) = edits_between(old, "def f():\n    return 1\n\n\ndef g():\n    return 2")

    assert "def g():" in edit.old


def test_equal_texts_need_no_edit() -> None:
    assert edits_between("a\nb", "a\nb") == []
