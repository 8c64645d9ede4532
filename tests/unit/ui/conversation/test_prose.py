"""A model's prose as markdown of which only harmless parts are left."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codybatch.ui.conversation.prose import Prose, as_code, inline, pieces
from codybatch.ui.plain_text import visible
from tests.ui_kit import AWKWARD

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {
    *("paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak"),
    *("strong_open", "strong_close", "code_inline", "bullet_list_open", "bullet_list_close"),
    *("ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"),
    *("blockquote_open", "blockquote_close"),
}
MARKUP = st.text(
    alphabet=st.sampled_from(list("`*_[]()!<>:/@#&~$|-+=.\\{}^\"' \n\ta1xs")), max_size=60
)


def tokens(text: str) -> list[Token]:
    found = [
        token for piece in pieces(text) if not piece.is_code for token in READER.parse(piece.text)
    ]
    return found + [child for token in found for child in token.children or ()]


def test_what_makes_prose_easy_to_read_is_kept() -> None:
    said = "First:\n\n- **bold** words\n  - `code`\n1. one\n\n> quoted"

    kinds = {token.type for token in tokens(said)}

    assert {"bullet_list_open", "strong_open", "code_inline", "ordered_list_open"} <= kinds
    assert "blockquote_open" in kinds


def test_code_blocks_stand_apart_with_their_language() -> None:
    said = "Before\n```python\nx = [1](http://a.invalid)\n```\nafter\n~~~\nopen to the end"

    assert list(pieces(said)) == [
        Prose("Before"),
        Prose("x = [1](http://a.invalid)", is_code=True, language="python"),
        Prose("after"),
        Prose("open to the end", is_code=True),
    ]


def test_a_heading_is_bold_and_no_heading_of_the_page() -> None:
    assert [piece.text.strip() for piece in pieces("# Big\n### Small")] == ["**Big**  \n**Small**"]


@pytest.mark.parametrize(
    "said",
    [
        "![i](http://x.invalid/i.png)",
        "[x](http://x.invalid)",
        "<http://x.invalid>",
        "<img src=http://x.invalid/i.png onerror=alert(1)>",
        "[x]: http://x.invalid\n\n[x]",
        "[^1]\n\n[^1]: note",
        "| a | b |\n| - | - |\n| c | d |",
        "~~gone~~",
        "Title\n=====\n\nOther\n---",
        "&lt;b&gt; &#x1f600;",
        "    indented as code",
        "**[x](http://x.invalid)**",
        AWKWARD,
    ],
)
def test_nothing_but_harmless_markup_comes_of_it(said: str) -> None:
    found = tokens(said)

    assert {token.type for token in found} <= HARMLESS
    assert not any(token.attrs for token in found if token.type != "ordered_list_open")


@pytest.mark.parametrize(
    "acted_upon",
    [
        *("http://x.invalid/a?b=c", "javascript://x", "www.x.invalid", "me@x.invalid"),
        *(":material_check:", ":smile:", "->", "<-", "<->", "--", ">=", "<=", "~="),
    ],
)
def test_what_streamlit_acts_upon_in_plain_words_is_code(acted_upon: str) -> None:
    plain = "".join(
        token.content for token in tokens(f"so {acted_upon} then") if token.type == "text"
    )

    assert acted_upon not in plain


@given(MARKUP)
@example("`` ` ``")
@example("**a`b**`")
@example("1. ![a](b)")
@example("> - ** [x](y)")
def test_text_of_any_kind_stays_harmless(said: str) -> None:
    assert {token.type for token in tokens(said)} <= HARMLESS


@given(st.text(max_size=60).filter(lambda said: "```" not in said and "~~~" not in said))
def test_no_word_of_any_text_is_lost(said: str) -> None:
    told = "".join(
        piece.text if piece.is_code else _read(piece.text) for piece in pieces(visible(said))
    )

    assert _letters(told) >= _letters(visible(said))


def _read(text: str) -> str:
    found = READER.parse(text)
    children = [child for token in found for child in token.children or ()]
    return "".join(child.content for child in children)


def _letters(text: str) -> set[str]:
    return {letter for letter in text if letter.isalpha()}


@given(MARKUP.filter(str.strip))
def test_code_cannot_be_closed_from_inside(said: str) -> None:
    (paragraph,) = (token for token in READER.parse(f"x{as_code(said)}x") if token.children)

    assert [child.type for child in paragraph.children or ()] == ["text", "code_inline", "text"]


@pytest.mark.parametrize("said", ["see :material/check: it", "`:material/check:`"])
def test_the_name_of_an_icon_never_stands_as_streamlit_looks_for_it(said: str) -> None:
    """It replaces the characters before it reads the markdown."""
    assert ":material/" not in inline(said)
    assert ":material/" in _read(inline(said))


def test_words_on_one_line_keep_code_and_bold() -> None:
    assert inline("a **b** `c`") == "a **b** `c`"
