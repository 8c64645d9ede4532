"""The bytes that are sent."""

from __future__ import annotations

import json
import math

import pytest

from codybatch.claude.request_body import body_of
from codybatch.domain.errors import ModelRejectedRequest
from tests.claude_kit import PARAMETERS, READ_FILE, SONNET, SYSTEM, request, user


def test_everything_is_sent_as_it_was_given() -> None:
    messages = [user("Grüße, 😀, \u2028 and \\ and \x00")]
    assert json.loads(body_of(request(messages))) == {
        "max_tokens": 32_000,
        "messages": messages,
        "model": SONNET,
        "system": SYSTEM,
        "tools": [READ_FILE],
        "stream": True,
        **PARAMETERS,
    }


def test_the_same_request_has_the_same_bytes() -> None:
    assert body_of(request()) == body_of(request())


def test_a_longer_conversation_begins_with_the_bytes_of_the_shorter_one() -> None:
    messages = [user("one")]
    shorter = body_of(request(messages))
    longer = body_of(request([*messages, user("two")]))
    end_of_messages = shorter.index(b'],"model"')
    assert longer.startswith(shorter[:end_of_messages])


def test_the_order_of_keys_is_kept() -> None:
    block = {"zeta": 1, "alpha": 2, "type": "text"}
    sent = body_of(request([{"role": "user", "content": [block]}]))
    assert b'{"zeta":1,"alpha":2,"type":"text"}' in sent


def test_empty_lists_are_left_out() -> None:
    sent = json.loads(body_of(request(system=[], tools=[], parameters={})))
    assert set(sent) == {"max_tokens", "messages", "model", "stream"}


def test_no_parameter_takes_the_place_of_what_the_request_names() -> None:
    hijack = {"stream": False, "model": "other", "messages": [], "max_tokens": 1}
    sent = json.loads(body_of(request(parameters=hijack)))
    assert (sent["stream"], sent["model"], sent["max_tokens"]) == (True, SONNET, 32_000)
    assert sent["messages"]


@pytest.mark.parametrize("value", ["\ud800", math.inf, math.nan, object(), {1, 2}])
def test_what_json_cannot_hold_is_refused_before_anything_is_sent(value: object) -> None:
    with pytest.raises(ModelRejectedRequest, match="cannot be written as JSON"):
        body_of(request([{"role": "user", "content": value}]))
