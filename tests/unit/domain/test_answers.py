from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.domain.answer_schema import resolved_schema
from codybatch.domain.answers import fit

TEXT = {"type": "string"}


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with ``value`` as the property ``a``, which is held to ``schema``."""
    root = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return fit(resolved_schema(root), {"a": value}).problems


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        (TEXT, 1, "answer.a: must be text, not a whole number"),
        ({"type": "integer"}, 1.5, "answer.a: must be a whole number, not a number"),
        ({"type": "integer"}, True, "answer.a: must be a whole number, not true or false"),
        ({"type": "number"}, float("inf"), "answer.a: must be a number, not something else"),
        ({"type": "boolean"}, 0, "answer.a: must be true or false, not a whole number"),
        ({"type": "null"}, "", "answer.a: must be null, not text"),
        ({**TEXT, "minLength": 2}, "é", "answer.a: has 1 characters, and must have at least 2"),
        ({**TEXT, "maxLength": 1}, "ab", "answer.a: has 2 characters, and may have at most 1"),
        ({**TEXT, "pattern": "^a+$"}, "ab", "answer.a: must match the pattern ^a+$"),
        ({**TEXT, "format": "date"}, "2026-13-01", "answer.a: must be a date"),
        ({"type": "number", "minimum": 0.1}, 0.09, "answer.a: must be at least 0.1"),
        ({"type": "number", "maximum": 1}, 1.01, "answer.a: must be at most 1"),
        ({"type": "integer", "exclusiveMinimum": 1}, 1, "answer.a: must be more than 1"),
        ({"type": "integer", "exclusiveMaximum": 1}, 1, "answer.a: must be less than 1"),
        ({"type": "number", "multipleOf": 0.1}, 0.35, "answer.a: must be a multiple of 0.1"),
        ({"enum": ["x", 1]}, 2, 'answer.a: must be one of "x", 1'),
        ({"const": None}, 0, "answer.a: must be one of null"),
        (
            {"type": "array", "items": TEXT, "uniqueItems": True},
            ["x", "y", "x"],
            "answer.a: has the same item twice",
        ),
        (
            {"type": "array", "items": TEXT, "minItems": 1},
            [],
            "answer.a: has 0 items, and must have at least 1",
        ),
        (
            {"type": "array", "items": TEXT},
            ["x", 2],
            "answer.a[1]: must be text, not a whole number",
        ),
        (
            {"oneOf": [{"type": "integer"}, {"type": "number"}]},
            1,
            "answer.a: fits 2 of the cases, and must fit exactly one",
        ),
        (
            {"anyOf": [{"type": "null"}, {**TEXT, "maxLength": 1}]},
            "ab",
            "answer.a: fits none of the cases; the closest says:",
        ),
        (
            {
                "type": "object",
                "properties": {"x": TEXT},
                "required": ["x"],
                "additionalProperties": False,
            },
            {"y": 1},
            "answer.a.x: is missing",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(
    schema: dict[str, Any], value: Any, problem: str
) -> None:
    assert problem in problems(schema, value)


def test_what_fits_has_no_problems() -> None:
    assert problems({"type": "number", "multipleOf": 0.1}, 0.3) == []
    assert problems({"type": "integer"}, 3.0) == []
    assert problems({"type": "number", "multipleOf": 0.5}, 1e300) == []
    assert problems({**TEXT, "pattern": "b"}, "abc") == []
    assert problems({"enum": [1, "x"]}, 1.0) == []


def test_enumerated_values_are_kept_in_the_authors_capitals_at_any_depth() -> None:
    schema = resolved_schema(
        {
            "type": "object",
            "properties": {
                "all": {"type": "array", "items": {"anyOf": [{"enum": ["Low Risk"]}, {"const": 1}]}}
            },
        }
    )
    assert fit(schema, {"all": ["low risk", 1]}).value == {"all": ["Low Risk", 1]}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.5+01:00"], ["2026-11-20", "x"]),
        ("date", ["2026-02-28"], ["2026-02-30", "28.2.2026"]),
        ("time", ["12:00:00Z", "12:00:00"], ["25:00", "noon"]),
        ("duration", ["P1D", "PT1H30M", "P2W"], ["P", "PT", "1D"]),
        ("email", ["a@example.com"], ["a", "@b", "a b@c"]),
        ("hostname", ["example.com", "localhost"], ["-a.com", "a_b", ""]),
        ("uri", ["https://example.com/x?y#z", "urn:isbn:1"], ["/path", "http//x", "a b:c"]),
        ("ipv4", ["127.0.0.1"], ["256.0.0.1", "1.2.3"]),
        ("ipv6", ["::1"], ["1::2::3", "127.0.0.1"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
    ],
)
def test_formats_are_held(name: str, good: list[str], bad: list[str]) -> None:
    schema = {**TEXT, "format": name}
    assert [value for value in good if problems(schema, value)] == []
    assert [value for value in bad if not problems(schema, value)] == []


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-3, 3), st.text("abA", max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)
COUNTS = st.integers(0, 3)
LEAVES = st.one_of(
    st.sampled_from(
        [{"type": "boolean"}, {"type": "null"}, {"const": 1}, {"enum": [1, "c", None]}]
    ),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": COUNTS,
            "maxLength": COUNTS,
            "pattern": st.sampled_from(["^a", "b$", "[ab]A"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": st.integers(-3, 3),
            "exclusiveMaximum": st.integers(-3, 3),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
        },
    ),
)


def _extended(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": COUNTS, "maxItems": COUNTS, "uniqueItems": st.booleans()},
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("xyz"), inner, min_size=1),
            },
            optional={"additionalProperties": st.booleans(), "maxProperties": COUNTS},
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=2)}),
    )


@settings(max_examples=400, deadline=None)
@given(schema=st.recursive(LEAVES, _extended, max_leaves=5), value=VALUES)
def test_what_fits_here_is_what_fits_by_the_standard(schema: dict[str, Any], value: Any) -> None:
    root = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    fitted = fit(resolved_schema(root), {"a": value})
    standard = jsonschema.Draft202012Validator(root)
    assert (not fitted.problems) == standard.is_valid({"a": value})
    if not fitted.problems:
        assert fitted.value == {"a": value}
