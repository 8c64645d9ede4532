"""The keys of the judging queue: each means one thing, and all are listed."""

from __future__ import annotations

from codybatch.ui.jobs.keys import in_words
from codybatch.ui.jobs.verdict_form import BUTTONS, RATINGS, REASON_KEYS

STREAMLITS = {"c", "r"}
OTHERS = {"u", "m", "j", "k", "h", "n"}
"""Undo, comment, next, previous, these keys, and a new request's."""


def test_no_key_means_two_things() -> None:
    decisions = [key for *_, key in BUTTONS]
    ratings = [str(number) for number, _ in enumerate(RATINGS, 1)]
    every = [*decisions, *ratings, *REASON_KEYS, *OTHERS]

    assert len(set(every)) == len(every)
    assert not STREAMLITS & set(every)


def test_the_reasons_are_listed_with_their_letters() -> None:
    listed = dict(in_words(["wrong", "style"]))

    assert listed["Q"] == "Reason: wrong"
    assert listed["W"] == "Reason: style"
    assert "E" not in listed


def test_more_reasons_than_letters_are_left_to_the_mouse() -> None:
    reasons = [f"reason {number}" for number in range(40)]

    listed = [does for _, does in in_words(reasons) if does.startswith("Reason")]
    assert listed == [f"Reason: {reason}" for reason in reasons[: len(REASON_KEYS)]]
