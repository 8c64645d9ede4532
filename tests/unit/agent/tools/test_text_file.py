from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.agent.tools.text_file import as_text, without_cut_characters


@given(st.binary())
def test_any_bytes_come_back_from_their_text(data: bytes) -> None:
    file = as_text(data)
    assert file.encode(file.raw) == data


@given(st.text(st.sampled_from("a\r\nü"), max_size=20))
def test_offsets_in_the_text_lead_to_the_same_place_in_the_raw_text(raw: str) -> None:
    file = as_text(raw.encode())
    text = file.text
    offsets = file.raw_offsets(*range(len(text) + 1))
    for offset, place in enumerate(offsets):
        assert file.raw[:place].replace("\r\n", "\n") == text[:offset]
    assert offsets == sorted(offsets)


@given(st.text(min_size=1), st.data())
def test_a_piece_of_utf8_is_text_again_without_its_cut_ends(text: str, data: st.DataObject) -> None:
    whole = text.encode()
    start = data.draw(st.integers(0, len(whole)))
    piece = without_cut_characters(whole[start : data.draw(st.integers(start, len(whole)))])
    assert piece.decode() in text


@pytest.mark.parametrize(
    ("raw", "offset", "ending"),
    [("a\r\nb\n", 0, "\r\n"), ("a\r\nb\n", 3, "\n"), ("a\r\nb", 3, "\r\n"), ("ab", 1, "\n")],
)
def test_a_line_ends_like_itself_or_like_its_neighbour(raw: str, offset: int, ending: str) -> None:
    assert as_text(raw.encode()).line_ending_at(offset) == ending
