from __future__ import annotations

import json
from typing import Any

import pytest

from codybatch.domain.answer_schema import (
    MAX_NODES,
    MAX_OPTIONAL,
    check_answer_schema,
    resolved_schema,
    strict_schema,
)
from codybatch.domain.errors import UnsupportedSchema
from codybatch.standins.anthropic.schema_rules import check_strict_schema

TEXT = {"type": "string"}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


RICH = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "License report",
    "type": "object",
    "properties": {
        "license": {"enum": ["MIT", "Apache-2.0"], "description": "By its SPDX name."},
        "year": {"type": ["integer", "null"], "minimum": 1970, "maximum": 2100},
        "owners": {
            "type": "array",
            "items": {"$ref": "#/$defs/owner"},
            "minItems": 2,
            "uniqueItems": True,
        },
        "checked": {"type": "string", "format": "date"},
        "where": {"oneOf": [TEXT, an_object(path=TEXT)]},
        "version": {"const": 2},
    },
    "required": ["license", "owners"],
    "additionalProperties": False,
    "$defs": {"owner": an_object(name={"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"})},
}


def test_what_the_service_holds_is_sent_and_the_rest_stands_in_words() -> None:
    strict = strict_schema(resolved_schema(RICH))
    assert strict == {
        "type": "object",
        "properties": {
            "license": {"enum": ["MIT", "Apache-2.0"], "description": "By its SPDX name."},
            "year": {
                "anyOf": [
                    {"type": "integer", "description": "(maximum: 2100; minimum: 1970)"},
                    {"type": "null"},
                ]
            },
            "owners": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {
                            "type": "string",
                            "description": '(maxLength: 40; pattern: "^[a-z]+$")',
                        }
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                },
                "minItems": 1,
                "description": "(minItems: 2; uniqueItems: true)",
            },
            "checked": {"type": "string", "format": "date"},
            "where": {
                "anyOf": [
                    TEXT,
                    {**an_object(path=TEXT), "additionalProperties": False},
                ]
            },
            "version": {"const": 2},
        },
        "required": ["license", "owners"],
        "additionalProperties": False,
    }
    check_strict_schema(strict, "answer")


def test_the_same_schema_always_gives_the_same_bytes() -> None:
    one, other = (json.dumps(strict_schema(resolved_schema(RICH))) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({}, "answer needs a type"),
        (TEXT, "must be an object at its root"),
        ({"anyOf": [an_object(a=TEXT)]}, "must be an object at its root"),
        (an_object(), "answer needs properties"),
        (an_object(a=True), "answer.a must be a JSON object, not bool"),
        (an_object(a={"type": "text"}), "answer.a needs a type: one of array, boolean"),
        (an_object(a={"type": "array"}), "answer.a needs items"),
        (an_object(a={"allOf": [TEXT]}), "answer.a uses 'allOf'.*write the parts as one schema"),
        (an_object(a={"not": TEXT}), "answer.a uses 'not'.*say what is allowed instead"),
        (an_object(a={**TEXT, "minimum": 1}), "answer.a uses 'minimum', which cannot be held"),
        (an_object(a={**TEXT, "maxlength": 1}), "answer.a uses 'maxlength'"),
        (an_object(a={**TEXT, "maxLength": "1"}), r"answer\.a\.maxLength must be a whole number"),
        (an_object(a={**TEXT, "format": "phone"}), r"answer\.a\.format is 'phone'; what can be"),
        (an_object(a={**TEXT, "pattern": "(?=x)"}), r"answer\.a\.pattern cannot be held.*look"),
        (an_object(a={**TEXT, "pattern": "("}), r"answer\.a\.pattern cannot be held"),
        (an_object(a={**TEXT, "pattern": 7}), r"answer\.a\.pattern cannot be held"),
        (an_object(a={"type": "number", "multipleOf": 0}), r"answer\.a\.multipleOf must be a num"),
        (an_object(a={"enum": []}), r"answer\.a\.enum must list text"),
        (an_object(a={"enum": [{"x": 1}]}), r"answer\.a\.enum must list text"),
        (an_object(a={"enum": ["Yes", "yes"]}), r"answer\.a\.enum has values that differ only by"),
        (an_object(a={"anyOf": []}), r"answer\.a\.anyOf must be a list of schemas"),
        (an_object(a={"$ref": "#/$defs/b"}), "refers to '#/.defs/b', which is not defined"),
        (an_object(a={"$ref": "https://x/y"}), "refers to 'https://x/y', which is not defined"),
        (
            {
                **an_object(a={"$ref": "#/$defs/n"}),
                "$defs": {"n": an_object(next={"$ref": "#/$defs/n"})},
            },
            "refers to itself.*recursive schemas cannot be held",
        ),
        (
            {"type": "object", "additionalProperties": TEXT, "properties": {"a": TEXT}},
            "additionalProperties cannot be a schema",
        ),
        ({**an_object(a=TEXT), "required": ["b"]}, r"answer\.required must list names"),
        (an_object(**{"na me": TEXT}), "answer has a property 'na me'"),
        (
            {"type": "object", "properties": {f"p{n}": TEXT for n in range(MAX_OPTIONAL + 1)}},
            f"over {MAX_OPTIONAL} optional properties",
        ),
        (an_object(**{f"p{n}": {"type": ["string", "null"]} for n in range(17)}), "over 16 unions"),
        (an_object(**{f"p{n}": TEXT for n in range(MAX_NODES)}), f"{MAX_NODES} parts"),
        (an_object(a={"enum": ["x" * 20_000]}), "at most 20,000 are allowed"),
        (an_object(a={"const": {1, 2}}), "is not JSON"),
        (an_object(a={"const": float("nan")}), "is not JSON"),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_place_and_reason(
    schema: dict[str, Any], why: str
) -> None:
    with pytest.raises(UnsupportedSchema, match=why):
        check_answer_schema(schema)


def test_a_schema_nested_too_deeply_is_refused() -> None:
    schema = an_object(a=TEXT)
    for _ in range(10):
        schema = an_object(a=schema)
    with pytest.raises(UnsupportedSchema, match="at most 8 levels"):
        check_answer_schema(schema)


def test_references_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    definitions = {
        f"d{n}": an_object(a={"$ref": f"#/$defs/d{n + 1}"}, b={"$ref": f"#/$defs/d{n + 1}"})
        for n in range(6)
    }
    schema = {
        **an_object(**{f"p{n}": {"$ref": "#/$defs/d0"} for n in range(10)}),
        "$defs": {**definitions, "d6": TEXT},
    }
    with pytest.raises(UnsupportedSchema, match="300 parts, references written out"):
        check_answer_schema(schema)


def test_annotations_and_extensions_do_no_harm() -> None:
    check_answer_schema(
        an_object(a={**TEXT, "title": "A", "default": "x", "examples": ["y"], "x-order": 1})
    )
