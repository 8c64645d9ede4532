"""Cursors: opaque, and only ever what we made."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import InvalidCursor
from codybatch.ports import PageRequest
from codybatch.stores.cursors import encode, start_of

FORM = re.compile(r"[a-z]+")


def test_a_cursor_leads_back_to_its_row() -> None:
    cursor = encode("jobs", "row")

    assert start_of(PageRequest(cursor=cursor), "jobs", FORM) == "row"
    assert start_of(PageRequest(), "jobs", FORM) is None
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)


def test_the_key_of_a_cursor_has_the_form_of_its_list() -> None:
    with pytest.raises(InvalidCursor):
        start_of(PageRequest(cursor=encode("jobs", "ROW; --")), "jobs", FORM)


def test_a_cursor_has_one_spelling() -> None:
    content = base64.urlsafe_b64decode(encode("jobs", "row") + "==")
    spaced = base64.urlsafe_b64encode(content.replace(b",", b", ")).decode().rstrip("=")

    for other in (spaced, encode("jobs", "row") + "=", encode("jobs", "row") + "\n"):
        with pytest.raises(InvalidCursor):
            start_of(PageRequest(cursor=other), "jobs", FORM)


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode().rstrip("=")))
def test_nothing_else_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor):
        start_of(PageRequest(cursor=text), "jobs", FORM)


@given(st.text())
def test_a_list_may_have_any_name(name: str) -> None:
    cursor = encode(name, "row")

    assert start_of(PageRequest(cursor=cursor), name, FORM) == "row"
    with pytest.raises(InvalidCursor):
        start_of(PageRequest(cursor=cursor), name + "x", FORM)
