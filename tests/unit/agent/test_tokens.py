from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.agent.conversation import to_bytes
from codybatch.agent.tokens import tokens_at_most

DICE = random.Random(7)
BYTES = DICE.randbytes(30_000)
PROSE = Path(__file__).parents[3].joinpath("docs", "decisions.md").read_bytes()
CODE = Path(__file__).read_bytes()


@pytest.mark.parametrize(
    ("content", "least"),
    [
        # Bytes a token that are seen at worst, by public tokenizers of the same kind.
        (BYTES.hex().encode(), 2.0),
        (base64.b64encode(BYTES), 2.2),
        ("".join(str(byte) for byte in BYTES).encode(), 3.0),
        ("今日は良い天気ですね。" * 1000, 3.0),
        ("привет, как дела? " * 1000, 3.0),
        ("🙂🎉" * 1000, 2.0),
        (PROSE, 4.0),
        (CODE, 3.2),
    ],
)
def test_dense_text_is_not_taken_for_prose(content: bytes | str, least: float) -> None:
    text = content.encode() if isinstance(content, str) else content

    assert tokens_at_most(text) >= len(text) / least


def test_prose_and_code_are_not_taken_for_twice_what_they_are() -> None:
    assert tokens_at_most(PROSE) <= len(PROSE) / 2.5
    assert tokens_at_most(CODE) <= len(CODE) / 2.2


@given(st.text())
def test_no_text_has_more_pieces_than_bytes_or_none(text: str) -> None:
    content = to_bytes(text)

    assert 0 < tokens_at_most(content) <= len(content)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_what_is_added_never_shortens(first: bytes, second: bytes) -> None:
    assert tokens_at_most(first + second) >= tokens_at_most(first)
    assert tokens_at_most(first + second) >= tokens_at_most(second)
