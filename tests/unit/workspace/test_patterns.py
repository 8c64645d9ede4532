from __future__ import annotations

import pytest

from codybatch.workspace.patterns import InvalidPattern, Pattern


def test_matches_are_found_in_bytes() -> None:
    pattern = Pattern(r"b+")
    assert list(pattern.spans("äbb b".encode())) == [(2, 4), (5, 6)]
    assert pattern.found_in(b"ab")
    assert not pattern.found_in(b"ac")
    assert pattern.first_in(b"b b", 1) == 2
    assert pattern.first_in(b"b", 1) is None


def test_the_first_group_is_the_value_where_there_is_one() -> None:
    assert list(Pattern(r"a=(\d)").values(b"a=1 a=2")) == [(2, 3), (6, 7)]
    assert list(Pattern(r"a=\d").values(b"a=1")) == [(0, 3)]


def test_anchors_hold_at_each_line_unless_told_otherwise() -> None:
    assert list(Pattern("^a$").spans(b"a\na")) == [(0, 1), (2, 3)]
    assert not Pattern("^a$", lines=False).found_in(b"a\na")


def test_case_and_characters_are_unicodes() -> None:
    assert Pattern("É", ignore_case=True).found_in("é".encode())
    assert not Pattern("É").found_in("é".encode())
    assert list(Pattern("^.$").spans("é".encode())) == [(0, 2)]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", r"missing \)"),
        ("a)(b", r"unexpected \)"),
        ("(?=a)", r"invalid perl operator: \(\?="),
        (r"(a)\1", r"invalid escape sequence: \\1"),
        ("a{2000}", "invalid repetition size"),
        ("\ud800", "no Unicode text"),
    ],
)
def test_what_is_no_pattern_is_explained_without_our_own_additions(pattern: str, why: str) -> None:
    with pytest.raises(InvalidPattern, match=why) as refusal:
        Pattern(pattern)
    assert "(?m" not in str(refusal.value)
