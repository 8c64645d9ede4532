"""The outline of a page of turns, which is HTML and so must hold nothing of others."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from codybatch.ui.conversation.outline import heading, outline
from codybatch.ui.conversation.turns import ShownTurn

TURN = ShownTurn(
    place=3,
    number=17,
    anchor="turn-17",
    title="Turn 17",
    time="18:40:12",
    paid="1.0 k read · $0.0125",
    tools=("read x2", "edit"),
    has_error=True,
    has_edit=True,
    note="",
    parts=(),
)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.found if tag == "a"]


def test_each_turn_is_a_link_to_its_place_with_a_dot_for_an_error() -> None:
    calm = replace(TURN, anchor="turn-18", number=18, has_error=False)

    written = outline([TURN, calm])

    assert Tags(written).links() == ["#turn-17", "#turn-18"]
    assert written.count("an error") == 1
    assert "<time>18:40</time><span>read x2, edit</span>" in written


def test_a_turn_has_an_address_that_keeps_the_page_it_is_on() -> None:
    written = heading(TURN, {"id": "a-1", "tab": "Conversation"})

    assert Tags(written).links() == ["?id=a-1&tab=Conversation&turn=17"]
    assert 'id="turn-17"' in written
    assert "wrong" in written


def test_a_beginning_has_no_address() -> None:
    assert Tags(heading(replace(TURN, number=0), {})).links() == []


def test_the_address_cannot_become_markup() -> None:
    written = heading(TURN, {"id": '"><script>alert(1)</script>'})

    assert {tag for tag, _ in Tags(written).found} == {"div", "strong", "a", "span"}
