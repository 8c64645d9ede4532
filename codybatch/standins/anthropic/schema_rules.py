"""What strict tools and structured outputs accept of JSON Schema, and whether a value fits one.

Source: the SDK's ``lib/_parse/_transform.py`` (what it takes out before sending is what the service
refuses) and the service's limits on strict schemas: 20 tools, 24 optional parameters, 16 unions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codybatch.standins.anthropic.api_errors import invalid
from codybatch.standins.anthropic.wire import JsonObject

MOST_STRICT_TOOLS = 20
MOST_OPTIONAL_PARAMETERS = 24
MOST_UNION_PARAMETERS = 16

_TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}
_ANYWHERE = {
    *("type", "description", "title", "default", "enum", "const"),
    *("anyOf", "allOf", "$ref", "$defs", "definitions"),
}
_OF_TYPE = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems"},
    "string": {"format"},
}
_FORMATS = {
    *("date-time", "time", "date", "duration", "email"),
    *("hostname", "uri", "ipv4", "ipv6", "uuid"),
}


def check_strict_schema(schema: Any, path: str) -> None:
    """Refuse what the service's grammar cannot hold the model to.

    Arguments:
        schema: the JSON Schema.
        path: where it stands in the request, for the message.

    Raises:
        ApiError: 400, naming the first thing that is not supported.
    """
    for part in _parts(schema, path):
        _check_part(part, path)


def check_strict_limits(schemas: list[JsonObject], path: str = "tools") -> None:
    """Refuse more strict schemas in one request than the service compiles.

    Raises:
        ApiError: 400, naming the limit.
    """
    if len(schemas) > MOST_STRICT_TOOLS:
        raise invalid(
            f"{path}: Too many strict tools ({len(schemas)}). The maximum number of strict "
            f"tools supported is {MOST_STRICT_TOOLS}."
        )
    parts = [part for schema in schemas for part in _parts(schema, path)]
    optional = sum(len(set(part.get("properties", {})) - _required(part)) for part in parts)
    if optional > MOST_OPTIONAL_PARAMETERS:
        raise invalid(
            f"Schemas contains too many optional parameters ({optional}), which would make "
            "grammar compilation inefficient. Reduce the number of optional parameters in your "
            f"tool schemas (limit: {MOST_OPTIONAL_PARAMETERS})."
        )
    unions = sum("anyOf" in part or isinstance(part.get("type"), list) for part in parts)
    if unions > MOST_UNION_PARAMETERS:
        raise invalid(
            f"Schemas contains too many parameters with union types ({unions} parameters with "
            f"type arrays or anyOf) (limit: {MOST_UNION_PARAMETERS} parameters with unions)."
        )


def _required(part: JsonObject) -> set[str]:
    return set(part.get("required") or ())


def _parts(schema: Any, path: str) -> Iterator[JsonObject]:
    """The schema and every schema inside it."""
    if not isinstance(schema, dict):
        raise invalid(f"{path}: a schema must be an object")
    yield schema
    for group in ("properties", "$defs", "definitions"):
        for inner in schema.get(group, {}).values():
            yield from _parts(inner, path)
    for group in ("anyOf", "allOf"):
        for inner in schema.get(group, []):
            yield from _parts(inner, path)
    if "items" in schema:
        yield from _parts(schema["items"], path)


def _check_part(part: JsonObject, path: str) -> None:
    kinds = _kinds(part, path)
    allowed = _ANYWHERE.union(*(_OF_TYPE.get(kind, set()) for kind in kinds))
    refused = sorted(set(part) - allowed)
    if refused:
        what = "property" if len(refused) == 1 else "properties"
        verb = "is" if len(refused) == 1 else "are"
        names = ", ".join(f"'{name}'" for name in refused)
        of_type = f"For '{kinds[0]}' type, " if kinds else ""
        raise invalid(f"{path}: {of_type}{what} {names} {verb} not supported")
    if "object" in kinds and part.get("additionalProperties") is not False:
        raise invalid(
            f"{path}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )
    _check_values(part, path)


def _kinds(part: JsonObject, path: str) -> list[str]:
    declared = part.get("type", [])
    kinds = declared if isinstance(declared, list) else [declared]
    unknown = [kind for kind in kinds if kind not in _TYPES]
    if unknown:
        raise invalid(f"{path}: Invalid type: {unknown[0]!r}")
    if not kinds and not {"anyOf", "allOf", "$ref", "enum", "const"} & set(part):
        raise invalid(f"{path}: a schema must have a 'type', 'anyOf', 'allOf', 'enum' or 'const'")
    return kinds


def _check_values(part: JsonObject, path: str) -> None:
    if part.get("minItems", 0) not in {0, 1}:
        raise invalid(
            f"{path}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
        )
    if part.get("format", "date") not in _FORMATS:
        raise invalid(f"{path}: For 'string' type, format {part['format']!r} is not supported")
    if any(isinstance(value, dict | list) for value in part.get("enum", [])):
        raise invalid(f"{path}: Enum values must be strings, numbers, booleans or null")
    undeclared = _required(part) - set(part.get("properties", {}))
    if undeclared:
        raise invalid(f"{path}: required names no property: {', '.join(sorted(undeclared))}")


def misfit(schema: JsonObject, value: Any, path: str = "input") -> str | None:
    """Why ``value`` does not fit the strict ``schema``, or None where it does.

    References are followed nowhere: a schema with ``$ref`` fits everything.
    """
    if "$ref" in schema:
        return None
    if "enum" in schema and value not in schema["enum"]:
        return f"{path}: {value!r} is not one of {schema['enum']!r}"
    if "const" in schema and value != schema["const"]:
        return f"{path}: {value!r} is not {schema['const']!r}"
    if "anyOf" in schema:
        reasons = [misfit(inner, value, path) for inner in schema["anyOf"]]
        return None if None in reasons else reasons[0]
    declared = schema.get("type", [])
    kinds = declared if isinstance(declared, list) else [declared]
    if kinds and not any(_is_a(kind, value) for kind in kinds):
        return f"{path}: {value!r} is not of type {' or '.join(kinds)}"
    return _inner_misfit(schema, value, path)


def _inner_misfit(schema: JsonObject, value: Any, path: str) -> str | None:
    if isinstance(value, list):
        items = schema.get("items", {})
        found = (misfit(items, item, f"{path}[{place}]") for place, item in enumerate(value))
        return next((reason for reason in found if reason), None)
    if not isinstance(value, dict):
        return None
    properties = schema.get("properties", {})
    if missing := sorted(_required(schema) - set(value)):
        return f"{path}: {missing[0]!r} is required"
    if unknown := sorted(set(value) - set(properties)):
        return f"{path}: {unknown[0]!r} is not a property"
    found = (misfit(properties[key], item, f"{path}.{key}") for key, item in value.items())
    return next((reason for reason in found if reason), None)


def _is_a(kind: str, value: Any) -> bool:
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    types: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
    }
    return isinstance(value, types[kind])
