"""JSON of a body, read strictly."""

from __future__ import annotations

import pytest

from codybatch.api.refusals import NotJson
from codybatch.api.strict_json import MOST_LEVELS, parsed


def test_json_is_read_as_it_is() -> None:
    body = '{"a": [1, 2.5, true, null, "ü\\u00e9\\ud83d\\ude00"], "b": {}}'.encode()

    assert parsed(body) == {"a": [1, 2.5, True, None, "üé😀"], "b": {}}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} {"b": 2}', "Extra data"),
        (b'\xff{"a": 1}', "not UTF-8 (byte 0)"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": {"b": 1, "b": 1}}', "'b' twice"),
        (b'{"a": "x\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"a": "\\udc00\\ud800"}', "surrogate"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b"[" * 100_000, "deep"),
        (b"[" * 500_000 + b"]" * 500_000, "deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, f"{MOST_LEVELS} levels deep"),
    ],
)
def test_what_could_be_two_things_or_nothing_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(NotJson) as refused:
        parsed(body)

    assert says in refused.value.message


def test_many_fields_are_read_in_one_go() -> None:
    body = "{" + ",".join(f'"{n}": {n}' for n in range(100_000)) + "}"

    assert len(parsed(body.encode())) == 100_000
