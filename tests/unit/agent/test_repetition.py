from __future__ import annotations

from codybatch.agent.repetition import Repetition
from codybatch.agent.turn import Call


def grep(pattern: str) -> Call:
    return Call("toolu_1", "grep", {"pattern": pattern})


def test_the_same_call_is_noticed_the_third_time_and_stuck_the_fifth() -> None:
    repetition = Repetition()
    seen = []
    for _ in range(5):
        repetition.count([grep("x")], "tree")
        seen.append((repetition.is_noticeable, repetition.is_stuck))

    assert seen == [
        (False, False),
        (False, False),
        (True, False),
        (False, False),
        (False, True),
    ]


def test_the_order_of_an_inputs_keys_does_not_make_another_call() -> None:
    repetition = Repetition()
    for given in ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 2}):
        repetition.count([Call("toolu_1", "grep", given)], "tree")

    assert repetition.is_noticeable


def test_other_calls_in_between_do_not_hide_a_repetition() -> None:
    repetition = Repetition()
    for number in range(5):
        repetition.count([grep("x"), grep(str(number))], "tree")

    assert repetition.is_stuck


def test_a_changed_tree_begins_the_count_anew() -> None:
    repetition = Repetition()
    for number in range(4):
        repetition.count([grep("x"), grep(str(number))], f"tree {number // 2}")

    assert not repetition.is_noticeable
    assert not repetition.is_stuck


def test_a_call_twice_in_one_reply_counts_once() -> None:
    repetition = Repetition()
    repetition.count([grep("x")] * 10, "tree")

    assert not repetition.is_noticeable
    assert not repetition.is_stuck


def test_two_edits_by_turns_are_stuck_although_the_tree_changes() -> None:
    repetition = Repetition()
    noticed = []
    for number in range(10):
        repetition.count([grep("there" if number % 2 else "back")], f"tree {number % 2}")
        noticed.append(repetition.is_noticeable)
        assert repetition.is_stuck == (number == 9)

    assert noticed.index(True) == 5
    assert noticed.count(True) == 1


def test_a_third_kind_of_reply_ends_an_alternation() -> None:
    repetition = Repetition()
    for number in range(30):
        repetition.count([grep(str(number % 3))], f"tree {number}")

    assert not repetition.is_stuck
