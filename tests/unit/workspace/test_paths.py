from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import is_git_name, name_bytes, parts_of, shown


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (".", ()),
        ("", ()),
        ("a/b.txt", ("a", "b.txt")),
        ("./a//b/./c/", ("a", "b", "c")),
        ("-rf", ("-rf",)),
        ("a b/ü", ("a b", "ü")),
    ],
)
def test_paths_fall_into_their_components(path: str, parts: tuple[str, ...]) -> None:
    assert parts_of(path) == parts


@given(st.text())
def test_no_component_goes_up_or_holds_a_separator(path: str) -> None:
    try:
        parts = parts_of(path)
    except ToolRefused as refusal:
        refusal.message.encode()
        return
    assert not {"..", ".", ""} & set(parts)
    assert not any(is_git_name(part) or "/" in part or "\0" in part for part in parts)


@given(st.text())
def test_shown_names_are_printable_and_tell_names_apart(name: str) -> None:
    escaped = shown(name)
    escaped.encode()
    assert "\n" not in escaped
    assert (escaped == name) == (shown(escaped) == escaped and "\\" not in escaped)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_names_of_any_bytes_come_back_and_are_shown_differently(one: bytes, other: bytes) -> None:
    first, second = (name.decode("utf-8", "surrogateescape") for name in (one, other))
    assert name_bytes(first) == one
    assert (shown(first) == shown(second)) == (one == other)


def test_half_a_surrogate_pair_is_no_name() -> None:
    with pytest.raises(ToolRefused, match=r"\\ud800 is not a valid name"):
        name_bytes("\ud800")
