"""A job's conversation turn by turn: where each turn stands, and what is found in it."""

from __future__ import annotations

import pytest

from codybatch.agent.tools import tools_for
from codybatch.domain.prompts import Kind
from codybatch.services.conversations import (
    CHANGING_TOOLS,
    MOST_HITS,
    Conversation,
    Wanted,
    search,
    seek,
    turns_of,
)
from codybatch.services.thread_blocks import BlockKind
from codybatch.stores.embedded import EmbeddedStore
from tests.conversation_kit import Talk, call, everyday, of_length, result, text


def conversation(talk: Talk, *, ended: bool = True) -> Conversation:
    job = talk.settle() if ended else talk.commit()
    return Conversation(turns_of(talk.store.records.steps(job.id)), job.thread, talk.store.blobs)


def plain(said: str) -> str:
    return said


@pytest.mark.parametrize("ended", [True, False])
def test_each_reply_is_a_turn_and_so_is_each_beginning(store: EmbeddedStore, ended: bool) -> None:
    found = conversation(everyday(Talk(store)), ended=ended)

    assert [(turn.number, turn.conversation, len(turn.steps)) for turn in found.turns] == [
        *((0, 1, 1), (1, 1, 2), (2, 1, 2), (3, 1, 2), (4, 1, 1), (5, 1, 2), (6, 1, 2)),
        *((0, 2, 1), (7, 2, 2), (8, 2, 1)),
    ]
    assert [turn.is_appended for turn in found.turns].index(False) == 4
    assert found.place_of(7) == 8
    assert found.place_of(99) is None


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("first", "last"), [(0, 99), (3, 5), (7, 8), (9, 9), (20, 30)])
def test_a_range_of_turns_says_what_the_whole_conversation_says_there(
    store: EmbeddedStore, ended: bool, first: int, last: int
) -> None:
    found = conversation(everyday(Talk(store)), ended=ended)
    whole = list(found.lines(0, len(found.turns)))

    assert list(found.lines(first, last)) == whole[first:last]
    assert [len(lines) for _, lines in whole] == [len(turn.steps) for turn in found.turns]


def test_a_search_finds_words_in_texts_calls_results_and_beginnings(store: EmbeddedStore) -> None:
    found = search(conversation(everyday(Talk(store))), "UTCNOW", plain)

    assert [(hit.number, hit.kind) for hit in found.hits] == [
        (1, BlockKind.TEXT),
        (1, BlockKind.CALL),
        (1, BlockKind.RESULT),
        (5, BlockKind.CALL),
    ]
    assert (found.hits[2].before, found.hits[2].found) == (
        "src/app.py:3: now = datetime.",
        "utcnow",
    )
    assert found.upto == 10


def test_a_search_for_nothing_finds_nothing(store: EmbeddedStore) -> None:
    assert search(conversation(everyday(Talk(store))), "  ", plain).hits == ()


def test_a_search_cannot_be_used_to_guess_a_secret(store: EmbeddedStore) -> None:
    talk = Talk(store).begin().turn([text("The key is hunter2, keep it.")])

    def clean(said: str) -> str:
        return said.replace("hunter2", "[secret]")

    found = conversation(talk)

    assert search(found, "hunt", clean).hits == ()
    (hit,) = search(found, "the key", clean).hits
    assert "hunter2" not in hit.after


def test_what_hides_in_an_excerpt_is_shown(store: EmbeddedStore) -> None:
    talk = Talk(store).begin().turn([text("a\u202eb needle c\u200bd")])

    (hit,) = search(conversation(talk), "needle", plain).hits

    assert (hit.before, hit.after) == ("a\\u202eb ", " c\\u200bd")


def test_a_search_says_how_far_it_looked_and_goes_on_from_there(store: EmbeddedStore) -> None:
    found = conversation(of_length(Talk(store), 30))
    size = sum(turn.size for turn in found.turns[:11])

    first = search(found, "module_29.py", plain, most_bytes=size)
    second = search(found, "module_29.py", plain, first.upto)

    assert (first.hits, first.upto) == ((), 11)
    assert [hit.number for hit in second.hits] == [29]
    assert second.upto == 31


def test_a_search_stops_where_it_found_very_much(store: EmbeddedStore) -> None:
    found = conversation(of_length(Talk(store), MOST_HITS + 20))

    looked = search(found, "I look at", plain)

    assert len(looked.hits) == MOST_HITS
    assert looked.upto == MOST_HITS + 1


def test_even_a_turn_of_any_size_is_looked_at(store: EmbeddedStore) -> None:
    found = conversation(of_length(Talk(store), 3))

    assert search(found, "module", plain, begin=1, most_bytes=1).upto == 2


def test_the_next_edit_is_one_that_was_made(store: EmbeddedStore) -> None:
    found = conversation(everyday(Talk(store)))

    assert seek(found, Wanted.EDIT, 0).place == found.place_of(5)
    assert seek(found, Wanted.EDIT, 6).place is None


def test_errors_are_calls_that_failed_replies_of_no_use_and_refusals(store: EmbeddedStore) -> None:
    talk = everyday(Talk(store)).refused("Overloaded for ever.")
    found = conversation(talk)
    places = []
    begin = 0
    while (place := seek(found, Wanted.ERROR, begin).place) is not None:
        places.append(found.turns[place].number)
        begin = place + 1

    assert places == [3, 4, 9]


def test_a_jump_says_how_far_it_looked(store: EmbeddedStore) -> None:
    found = conversation(of_length(Talk(store), 20))

    sought = seek(found, Wanted.ERROR, 0, most_bytes=found.turns[0].size + 1)

    assert (sought.place, sought.upto) == (None, 1)


def test_a_result_without_its_call_is_a_turn_of_its_own_where_nothing_was_before(
    store: EmbeddedStore,
) -> None:
    talk = Talk(store).begin().turn([call("grep", 1)], [result("x", 1)])

    assert [turn.number for turn in turns_of(talk.steps[3:])] == [1]


def test_the_tools_that_change_files_are_those_of_the_agent() -> None:
    changing = {tool.name for tool in tools_for(Kind.CHANGE) if tool.changes_files}

    assert changing == CHANGING_TOOLS
