"""The JSON Schema of an ask's answer: what of it can be held, and by whom.

The service holds the model to types, names, enumerations and required fields (its strict tools);
lengths, bounds and patterns are held by us afterwards. What neither can hold is refused when the
prompt is saved, with the reason.

What strict tools take, and how much of it in one request (20 tools, 24 optional fields, 16 unions):
https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations"
and "Schema complexity limits".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter
from pydantic_core import SchemaError

from codybatch.domain.errors import UnsupportedSchema
from codybatch.domain.records import JsonObject

MAX_SCHEMA_BYTES = 20_000
MAX_DEPTH = 8
MAX_NODES = 300
MAX_OPTIONAL = 12
"""The service takes 24 in one request, and our own tools have the other 12."""
MAX_UNIONS = 16
FORMATS = frozenset(
    "date-time time date duration email hostname uri ipv4 ipv6 uuid".split()  # noqa: SIM905
)

ANNOTATIONS = frozenset(
    "title description default examples deprecated readOnly writeOnly $comment $schema $id".split()  # noqa: SIM905
)
KEYWORDS = {
    "object": frozenset(
        {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}
    ),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
    "boolean": frozenset[str](),
    "null": frozenset[str](),
}
KEYWORDS["integer"] = KEYWORDS["number"]
_COUNTS = frozenset(
    {"minProperties", "maxProperties", "minItems", "maxItems", "minLength", "maxLength"}
)
_HELD_BY_US = _COUNTS | KEYWORDS["number"] | {"pattern", "uniqueItems"}
_WHY_NOT = {
    "allOf": "write the parts as one schema",
    "not": "say what is allowed instead",
    "if": "use anyOf with one branch a case",
    "then": "use anyOf with one branch a case",
    "else": "use anyOf with one branch a case",
    "patternProperties": "name each property",
    "propertyNames": "name each property",
    "dependentRequired": "use anyOf with one branch a case",
    "dependentSchemas": "use anyOf with one branch a case",
    "prefixItems": "use an object with named properties",
    "contains": "give the schema of every item",
    "unevaluatedProperties": "use additionalProperties: false",
    "unevaluatedItems": "give the schema of every item",
    "$dynamicRef": "use $ref to #/$defs/…",
    "$anchor": "use $ref to #/$defs/…",
}
_PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def check_answer_schema(schema: JsonObject) -> None:
    """Make sure that an answer can be held to ``schema``.

    Raises:
        UnsupportedSchema: it cannot; the message names the place and what to write instead.
    """
    resolved_schema(schema)


def resolved_schema(schema: JsonObject) -> JsonObject:
    """``schema`` checked, its references written out and lists of types written as unions.

    Raises:
        UnsupportedSchema: as ``check_answer_schema``.
    """
    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise UnsupportedSchema("The answer's schema is not JSON.") from None
    if size > MAX_SCHEMA_BYTES:
        raise UnsupportedSchema(
            f"The answer's schema has {size:,} characters; at most {MAX_SCHEMA_BYTES:,} are "
            "allowed."
        )
    resolver = _Resolver(schema)
    root = resolver.resolve(schema, "answer", (), 1)
    if root.get("type") != "object":
        raise UnsupportedSchema(
            "The answer's schema must be an object at its root: "
            '{"type": "object", "properties": …, "required": …}.'
        )
    return root


class _Resolver:
    """Checks a schema node by node and counts what the service limits."""

    def __init__(self, root: JsonObject) -> None:
        self._definitions = {
            f"#/{where}/{name}": schema
            for where in ("$defs", "definitions")
            for name, schema in _object(root.get(where, {}), f"answer.{where}").items()
        }
        self._nodes = self._optional = self._unions = 0

    def resolve(self, node: Any, at: str, through: tuple[str, ...], depth: int) -> JsonObject:
        schema = _object(node, at)
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise UnsupportedSchema(
                f"The answer's schema is too large at {at}: at most {MAX_DEPTH} levels and "
                f"{MAX_NODES} parts, references written out."
            )
        if "$ref" in schema:
            return self._reference(schema, at, through, depth)
        schema = {key: value for key, value in schema.items() if not key.startswith("x-")}
        _only(schema, schema.keys() - _WHY_NOT.keys(), at)
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self._union(schema, union, at, through, depth)
        if "enum" in schema or "const" in schema:
            return _checked_choice(schema, at)
        if isinstance(schema.get("type"), list):
            return self._union(_split_types(schema, at), "anyOf", at, through, depth)
        return self._typed(schema, at, through, depth)

    def _reference(
        self, schema: JsonObject, at: str, through: tuple[str, ...], depth: int
    ) -> JsonObject:
        target = schema["$ref"]
        if target in through:
            raise UnsupportedSchema(
                f"{at} refers to itself ({target}); recursive schemas cannot be held. "
                "Write out as many levels as are needed."
            )
        if not isinstance(target, str) or target not in self._definitions:
            raise UnsupportedSchema(
                f"{at} refers to {target!r}, which is not defined. References look like "
                '"#/$defs/NAME".'
            )
        own = {key: value for key, value in schema.items() if key != "$ref"}
        _only(own, _definition_keys(at), at)
        resolved = self.resolve(self._definitions[target], at, (*through, target), depth)
        return {**resolved, **_kept(own)}

    def _union(
        self, schema: JsonObject, union: str, at: str, through: tuple[str, ...], depth: int
    ) -> JsonObject:
        _only(schema, {union, *_definition_keys(at)}, at)
        self._unions += 1
        if self._unions > MAX_UNIONS:
            raise UnsupportedSchema(
                f"The answer's schema has over {MAX_UNIONS} unions (anyOf, oneOf, lists of types), "
                "which is more than the service takes."
            )
        branches = schema[union]
        if not isinstance(branches, list) or not branches:
            raise UnsupportedSchema(f"{at}.{union} must be a list of schemas.")
        return {
            union: [
                self.resolve(branch, f"{at}.{union}[{number}]", through, depth + 1)
                for number, branch in enumerate(branches)
            ],
            **_kept(schema),
        }

    def _typed(
        self, schema: JsonObject, at: str, through: tuple[str, ...], depth: int
    ) -> JsonObject:
        kind = schema.get("type")
        if not isinstance(kind, str) or kind not in KEYWORDS:
            raise UnsupportedSchema(
                f"{at} needs a type: one of {', '.join(sorted(KEYWORDS))}, or enum, const or anyOf."
            )
        _only(schema, {"type", *KEYWORDS[kind], *_definition_keys(at)}, at)
        _check_bounds(schema, at)
        resolved = {"type": kind, **_kept(schema)}
        resolved |= {key: schema[key] for key in KEYWORDS[kind] if key in schema}
        if kind == "array":
            if "items" not in schema:
                raise UnsupportedSchema(f"{at} needs items: the schema of its elements.")
            resolved["items"] = self.resolve(schema["items"], f"{at}[]", through, depth + 1)
        if kind == "object":
            resolved |= self._members(schema, at, through, depth)
        return dict(sorted(resolved.items()))

    def _members(
        self, schema: JsonObject, at: str, through: tuple[str, ...], depth: int
    ) -> JsonObject:
        properties = _object(schema.get("properties", {}), f"{at}.properties")
        required = schema.get("required", [])
        if not properties:
            raise UnsupportedSchema(f"{at} needs properties: names cannot be left to the model.")
        if isinstance(schema.get("additionalProperties"), dict):
            raise UnsupportedSchema(
                f"{at}.additionalProperties cannot be a schema, since names cannot be left to the "
                "model. Use an array of objects with a name and a value."
            )
        if not isinstance(required, list) or not set(map(str, required)) <= properties.keys():
            raise UnsupportedSchema(f"{at}.required must list names that stand in its properties.")
        for name in properties:
            if not _PROPERTY.fullmatch(name):
                raise UnsupportedSchema(
                    f"{at} has a property {name!r}; names have letters, digits, '_', '.' and '-', "
                    "at most 64."
                )
        self._optional += len(properties) - len(set(required))
        if self._optional > MAX_OPTIONAL:
            raise UnsupportedSchema(
                f"The answer's schema has over {MAX_OPTIONAL} optional properties, which is more "
                "than the service takes. List more of them in required."
            )
        return {
            "properties": {
                name: self.resolve(member, f"{at}.{name}", through, depth + 1)
                for name, member in properties.items()
            },
            "required": [name for name in properties if name in required],
        }


def strict_schema(resolved: JsonObject) -> JsonObject:
    """What of a resolved schema the service holds; the rest stands in its descriptions."""
    union = next((name for name in ("anyOf", "oneOf") if name in resolved), None)
    if union is not None:
        held = {"anyOf": [strict_schema(branch) for branch in resolved[union]]}
    elif resolved.keys() & {"enum", "const"}:
        held = {key: resolved[key] for key in ("enum", "const") if key in resolved}
    else:
        held = {"type": resolved["type"], **_strict_members(resolved)}
    words = "; ".join(_words(resolved))
    description = " ".join(
        filter(None, [resolved.get("description", ""), f"({words})" * bool(words)])
    )
    return {**held, **({"description": description} if description else {})}


def _strict_members(resolved: JsonObject) -> JsonObject:
    if resolved["type"] == "object":
        members = {name: strict_schema(node) for name, node in resolved["properties"].items()}
        return {
            "properties": members,
            "required": resolved["required"],
            "additionalProperties": False,
        }
    if resolved["type"] == "array":
        least = {"minItems": 1} if resolved.get("minItems", 0) >= 1 else {}
        return {"items": strict_schema(resolved["items"]), **least}
    return {"format": resolved["format"]} if "format" in resolved else {}


def _words(resolved: JsonObject) -> Iterator[str]:
    for key in sorted(_HELD_BY_US & resolved.keys()):
        yield f"{key}: {json.dumps(resolved[key], ensure_ascii=False)}"


def pattern_adapter(pattern: str) -> TypeAdapter[str]:
    """A check of a pattern that is linear in the text (pydantic's engine has no look-around).

    Raises:
        SchemaError: the pattern is no regular expression that it knows.
    """
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])


def _check_bounds(schema: JsonObject, at: str) -> None:
    for key in KEYWORDS["number"] & schema.keys():
        if not _is_number(schema[key]) or (key == "multipleOf" and schema[key] <= 0):
            raise UnsupportedSchema(f"{at}.{key} must be a number.")
    for key in _COUNTS & schema.keys():
        if not isinstance(schema[key], int) or isinstance(schema[key], bool) or schema[key] < 0:
            raise UnsupportedSchema(f"{at}.{key} must be a whole number, 0 or more.")
    if "uniqueItems" in schema and not isinstance(schema["uniqueItems"], bool):
        raise UnsupportedSchema(f"{at}.uniqueItems must be true or false.")
    if "format" in schema and schema["format"] not in FORMATS:
        raise UnsupportedSchema(
            f"{at}.format is {schema['format']!r}; what can be held: {', '.join(sorted(FORMATS))}."
        )
    if "pattern" in schema:
        try:
            pattern_adapter(schema["pattern"])
        except (SchemaError, TypeError) as error:
            raise UnsupportedSchema(
                f"{at}.pattern cannot be held: {str(error).splitlines()[-1].strip()}. Patterns "
                "have no look-around and no back-references."
            ) from None


def _checked_choice(schema: JsonObject, at: str) -> JsonObject:
    _only(schema, {"enum", "const", "type", *_definition_keys(at)}, at)
    values = schema.get("enum", [schema.get("const")])
    if not isinstance(values, list) or not values or not all(map(_is_primitive, values)):
        raise UnsupportedSchema(
            f"{at}.enum must list text, numbers, true, false or null: at least one of them."
        )
    texts = [value.casefold() for value in values if isinstance(value, str)]
    if len(set(texts)) < len(texts):
        raise UnsupportedSchema(
            f"{at}.enum has values that differ only by capitals, which the service does not hold."
        )
    return {**{key: schema[key] for key in ("enum", "const") if key in schema}, **_kept(schema)}


def _split_types(schema: JsonObject, at: str) -> JsonObject:
    """``{"type": ["string", "null"], …}`` as a union, each branch with the keywords of its type."""
    branches = []
    for kind in schema["type"]:
        keywords = KEYWORDS.get(kind, frozenset()) if isinstance(kind, str) else frozenset()
        branches.append({"type": kind, **{k: schema[k] for k in schema if k in keywords}})
    allowed = {"type", *_definition_keys(at)}.union(*(branch.keys() for branch in branches))
    _only(schema, allowed, at)
    return {"anyOf": branches, **_kept(schema)}


def _definition_keys(at: str) -> frozenset[str]:
    return ANNOTATIONS | {"$defs", "definitions"} if at == "answer" else ANNOTATIONS


def _only(schema: JsonObject, allowed: frozenset[str] | set[str], at: str) -> None:
    for key in schema:
        if key not in allowed:
            why = _WHY_NOT.get(key, "leave it out")
            raise UnsupportedSchema(f"{at} uses {key!r}, which cannot be held there: {why}.")


def _kept(schema: JsonObject) -> JsonObject:
    description = schema.get("description")
    return {"description": description} if isinstance(description, str) and description else {}


def _object(value: Any, at: str) -> JsonObject:
    if not isinstance(value, dict):
        raise UnsupportedSchema(f"{at} must be a JSON object, not {type(value).__name__}.")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_primitive(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
