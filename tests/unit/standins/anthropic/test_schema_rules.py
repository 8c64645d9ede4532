from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic.lib._parse._transform import transform_schema

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.schema_rules import check_strict_schema, misfit
from codybatch.standins.anthropic.wire import JsonObject
from tests.unit.standins.anthropic.chat import READ_FILE, Chat


def of(**properties: Any) -> JsonObject:
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "object", "properties": {}}, "'additionalProperties' must be explicitly set"),
        (of(a={"type": "object"}), "'additionalProperties' must be explicitly set to false"),
        (
            of(a={"type": "integer", "minimum": 1}),
            "For 'integer' type, property 'minimum' is not supported",
        ),
        (
            of(a={"type": "number", "minimum": 1, "maximum": 5}),
            "For 'number' type, properties 'maximum', 'minimum' are not supported",
        ),
        (of(a={"type": "string", "maxLength": 5}), "property 'maxLength' is not supported"),
        (of(a={"type": "string", "format": "path"}), "format 'path' is not supported"),
        (of(a={"type": "array", "minItems": 2}), "'minItems' values other than 0 or 1"),
        (of(a={"type": "array", "items": {"type": "array", "uniqueItems": True}}), "'uniqueItems'"),
        (of(a={"oneOf": [{"type": "string"}]}), "a schema must have a 'type'"),
        (of(a={}), "a schema must have a 'type'"),
        (of(a={"type": "text"}), "Invalid type: 'text'"),
        (of(a={"enum": [{"a": 1}]}), "Enum values must be strings"),
        (of(a="string"), "a schema must be an object"),
        ({**of(a={"type": "null"}), "required": ["b"]}, "required names no property: b"),
    ],
)
def test_what_a_strict_tool_may_not_ask_for(
    shared_chat: Chat, schema: JsonObject, message: str
) -> None:
    tool = {**READ_FILE, "input_schema": schema}

    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.ask(tools=[tool])

    assert str(caught.value.api_message).startswith("tools.0.custom: ")
    assert message in str(caught.value.api_message)


def test_a_tool_that_is_not_strict_may_ask_for_more(shared_chat: Chat) -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string", "minLength": 1}}}

    assert shared_chat.ask(tools=[{**READ_FILE, "strict": False, "input_schema": schema}]).content


def test_what_the_sdk_makes_of_a_schema_is_accepted() -> None:
    schema = transform_schema(
        {
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 72, "default": "x"},
                "depth": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
                "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3},
                "at": {"type": "string", "format": "date-time"},
            },
            "required": ["name"],
        }
    )

    check_strict_schema(schema, "tools.0")


def test_optional_parameters_of_all_strict_tools_are_limited(shared_chat: Chat) -> None:
    many = [
        {
            **READ_FILE,
            "name": f"t{n}",
            "input_schema": of(**{f"p{i}": {"type": "null"} for i in range(5)}),
        }
        for n in range(5)
    ]

    with pytest.raises(anthropic.BadRequestError, match=r"too many optional parameters \(25\)"):
        shared_chat.ask(tools=many)
    with pytest.raises(anthropic.BadRequestError, match="is not offered"):
        shared_chat.ask(tools=many[:4])


def test_strict_tools_and_unions_are_limited(shared_chat: Chat) -> None:
    tools = [{**READ_FILE, "name": f"t{n}"} for n in range(21)]
    with pytest.raises(anthropic.BadRequestError, match="Too many strict tools"):
        shared_chat.ask(tools=tools)

    union = {"type": ["string", "null"]}
    schema = {**of(**{f"p{n}": union for n in range(17)}), "required": [f"p{n}" for n in range(17)]}
    with pytest.raises(anthropic.BadRequestError, match=r"parameters with union types \(17"):
        shared_chat.ask(tools=[{**READ_FILE, "input_schema": schema}])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": "x"}, None),
        ({"a": "x", "n": 1, "list": [True], "either": None}, None),
        ({}, "input: 'a' is required"),
        ({"a": 1}, "input.a: 1 is not of type string"),
        ({"a": "x", "b": 1}, "input: 'b' is not a property"),
        ({"a": "x", "n": True}, "input.n: True is not of type integer or null"),
        ({"a": "x", "list": ["y"]}, "input.list[0]: 'y' is not of type boolean"),
        ({"a": "x", "either": "z"}, "input.either: 'z' is not one of ['k']"),
    ],
)
def test_a_value_fits_its_schema_or_it_is_said_why(value: JsonObject, reason: str | None) -> None:
    schema = of(
        a={"type": "string"},
        n={"type": ["integer", "null"]},
        list={"type": "array", "items": {"type": "boolean"}},
        either={"anyOf": [{"enum": ["k"]}, {"type": "null"}]},
    )
    schema["required"] = ["a"]

    assert misfit(schema, value) == reason


def test_schemas_inside_definitions_are_looked_at() -> None:
    schema = {**of(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"type": "string", "pattern": "x"}}}

    with pytest.raises(ApiError, match="'pattern' is not supported"):
        check_strict_schema(schema, "tools.0")
