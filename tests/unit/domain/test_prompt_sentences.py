from __future__ import annotations

import pytest

from codybatch.domain.prompt_sentences import is_english, sentences_of


def orders(text: str) -> list[str]:
    return [one.text[at:].split()[0] for one in sentences_of(text) for at in one.orders()]


def test_sentences_items_and_clauses_are_told_apart_where_they_stand() -> None:
    text = "Fix `a.b. c`: then\nstop.\n\n- Leave x\n2. Keep y"

    assert [text[one.start :][:5] for one in sentences_of(text)] == [
        "Fix `",
        "then\n",
        "Leave",
        "Keep ",
    ]


def test_an_order_begins_a_sentence_or_follows_another() -> None:
    assert orders("Please replace it and then run that. Then push.") == ["replace", "run", "push."]


@pytest.mark.parametrize(
    "text",
    ["Which scripts build it and run that?", "Find scripts that build and run that"],
)
def test_what_is_only_described_is_no_order(text: str) -> None:
    assert "run" not in orders(text)


def test_a_polite_question_is_an_order() -> None:
    assert orders("Could you run it?") == ["run"]


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("Replace the old name by the new one in all of these files", True),
        ("Tidy up.", True),
        ("Ersetze alle Aufrufe in der Datei durch einen anderen und lasse alles andere", False),
        ("すべてのファイルを確認する", False),
        ("", False),
    ],
)
def test_only_english_is_read(text: str, is_read: bool) -> None:
    assert is_english(text) is is_read
