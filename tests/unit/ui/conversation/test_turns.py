"""The turns of a page as it shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from codybatch.services.conversations import Conversation, turns_of
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.conversation.turns import (
    SHOWN_CHARACTERS,
    TURNS,
    ConversationPage,
    PartKind,
    Show,
    call_opened,
    conversation_page,
    narrowed,
    opened,
    page_of,
    parts_shown,
)
from tests.conversation_kit import Talk, call, everyday, of_length, result, text, thinking
from tests.ui_kit import HIDING


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "home")
    yield store
    store.close()


def clean(said: str) -> str:
    return said.replace("hunter2", "[secret]")


def page(talk: Talk, number: int = 1, zone: str = "UTC") -> ConversationPage:
    job = talk.settle()
    turns = turns_of(talk.store.records.steps(job.id))
    found = Conversation(turns, job.thread, talk.store.blobs)
    return conversation_page(found, number, clean, ZoneInfo(zone))


def test_a_turn_says_when_it_was_what_it_called_and_what_it_cost(store: EmbeddedStore) -> None:
    turn = page(everyday(Talk(store))).turns[1]

    assert (turn.title, turn.anchor, turn.time) == ("Turn 1", "turn-1", "12:00:10")
    assert turn.paid == "1.0 k read, 80% cached · 60 written · $0.0125"
    assert turn.tools == ("grep",)
    assert [part.kind for part in turn.parts] == [PartKind.FOLDED, PartKind.PROSE, PartKind.TOOL]
    assert turn.parts[0].subject == "I look."
    assert (turn.parts[2].title, turn.parts[2].subject) == ("grep", "utcnow")
    assert turn.parts[2].result is not None


def test_times_are_told_in_the_persons_zone(store: EmbeddedStore) -> None:
    assert page(everyday(Talk(store)), zone="Asia/Kolkata").turns[1].time == "17:30:10"


def test_what_went_wrong_and_what_was_changed_is_marked(store: EmbeddedStore) -> None:
    turns = {turn.number: turn for turn in page(everyday(Talk(store))).turns}

    assert [number for number, turn in turns.items() if turn.has_error] == [3, 4]
    assert [number for number, turn in turns.items() if turn.has_edit] == [5]
    assert turns[3].parts[0].has_failed
    assert turns[4].note.startswith("Cut off, refused or of no use: paid for")


def test_a_refusal_is_shown_open(store: EmbeddedStore) -> None:
    *_, turn = page(everyday(Talk(store)).refused("The prompt is too long.")).turns

    (part,) = turn.parts
    assert (part.kind, part.block.text) == (PartKind.PROBLEM, "The prompt is too long.")
    assert (turn.note, turn.paid) == ("", "")


def test_a_handoff_begins_a_second_conversation(store: EmbeddedStore) -> None:
    begins = [turn for turn in page(everyday(Talk(store))).turns if not turn.number]

    assert [(turn.title, turn.anchor) for turn in begins] == [
        ("Beginning", "conversation-1"),
        ("Conversation 2: goes on afresh", "conversation-2"),
    ]
    assert begins[1].parts[0].title == "What Claude was asked"
    assert "Go on from these notes." in begins[1].parts[0].block.text


def test_what_we_told_claude_is_not_taken_for_its_words(store: EmbeddedStore) -> None:
    turn = page(everyday(Talk(store))).turns[6]

    assert [(part.kind, part.title) for part in turn.parts] == [
        (PartKind.PROSE, ""),
        (PartKind.FOLDED, "Cody Batch told Claude"),
    ]


def test_tools_are_counted_in_short_and_unknown_ones_not_named(store: EmbeddedStore) -> None:
    talk = Talk(store).begin()
    talk.turn(
        [call("read_file", 1), call("<b>x</b>", 2), call("edit_file", 3), call("read_file", 4)]
    )

    assert page(talk).turns[1].tools == ("read x2", "edit", "other")


def test_a_long_conversation_has_pages_of_fifty_and_the_last_where_there_are_not_so_many(
    store: EmbeddedStore,
) -> None:
    talk = of_length(Talk(store), 119)

    last = page(talk, 99)

    assert (last.number, last.pages, last.total) == (3, 3, 119)
    assert [turn.number for turn in last.turns] == list(range(100, 120))
    assert page_of(last.turns[0].place) == 3
    assert last.turns[0].place == 2 * TURNS


def test_a_page_can_be_narrowed_to_text_tools_or_errors(store: EmbeddedStore) -> None:
    turns = page(everyday(Talk(store))).turns

    assert [turn.number for turn in narrowed(turns, Show.TEXT)] == [1, 4, 6]
    assert [turn.number for turn in narrowed(turns, Show.TOOLS)] == [1, 2, 3, 5, 7, 8]
    assert [turn.number for turn in narrowed(turns, Show.ERRORS)] == [3, 4]
    assert narrowed(turns, None) == turns
    assert [part.kind for part in parts_shown(turns[1], Show.TOOLS)] == [PartKind.TOOL]
    assert parts_shown(turns[1], Show.ERRORS) == turns[1].parts


def test_lines_of_folded_parts_hold_no_secret_and_hide_nothing(store: EmbeddedStore) -> None:
    talk = Talk(store).begin()
    nasty = f"hunter2 {HIDING}"
    talk.turn([thinking(nasty), call(nasty, 1, path=nasty)])

    thought, called = page(talk).turns[1].parts

    fit = "[secret] abc\\u202edef\\x1b[31m\\u200b"
    assert (thought.subject, called.title, called.subject) == (fit, fit, fit)


def test_a_secret_is_taken_out_before_a_text_is_cut(store: EmbeddedStore) -> None:
    said = "x" * (SHOWN_CHARACTERS - 3) + "hunter2"

    cut = opened(said, clean)

    assert (len(cut.text), cut.is_cut) == (SHOWN_CHARACTERS, True)
    assert cut.text.endswith("x[se")
    talk = Talk(store).begin().turn([thinking("x" * 86 + " hunter2")])
    assert "hunt" not in page(talk).turns[1].parts[0].subject


def test_an_edit_is_opened_as_its_lines(store: EmbeddedStore) -> None:
    talk = Talk(store).begin()
    talk.turn(
        [
            call("edit_file", 1, path="a", old_string="x\nhunter2", new_string="y"),
            call("write_file", 2, path="a", content="whole\n"),
            call("grep", 3, pattern="hunter2"),
        ],
        [result("ok", 1)],
    )
    edit, write, grep = page(talk).turns[1].parts

    assert call_opened(edit, clean).text == "-x\n-[secret]\n+y"
    assert call_opened(edit, clean).language == "diff"
    assert call_opened(write, clean).text == "whole\n"
    assert call_opened(grep, clean).text == '{\n  "pattern": "[secret]"\n}'
    assert grep.result is None


def test_a_conversation_that_goes_on_shows_what_is_committed(store: EmbeddedStore) -> None:
    talk = Talk(store).begin().turn([text("One.")])
    job = talk.commit()
    found = Conversation(turns_of(store.records.steps(job.id)), job.thread, store.blobs)

    assert [turn.number for turn in conversation_page(found, 1, clean, UTC).turns] == [0, 1]
