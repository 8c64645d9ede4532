"""Holding an answer to its resolved schema: what the service's strict tools cannot express."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from math import isfinite
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from codybatch.domain.answer_schema import pattern_adapter
from codybatch.domain.records import JsonObject


@dataclass
class Fit:
    """An answer as it is kept, and why it does not fit."""

    value: Any
    """With the author's spelling of enumerated values: the service does not hold their capitals."""
    problems: list[str] = field(default_factory=list)
    """One line each, beginning with the place; empty where the answer fits."""


def fit(resolved: JsonObject, answer: Any) -> Fit:
    """Hold ``answer`` to a schema as ``answer_schema.resolved_schema`` gives it."""
    return _fit(resolved, answer, "answer")


def _fit(schema: JsonObject, value: Any, at: str) -> Fit:
    if "anyOf" in schema or "oneOf" in schema:
        return _fit_union(schema, value, at)
    if "enum" in schema or "const" in schema:
        return _fit_choice(schema, value, at)
    kind = schema["type"]
    if not _IS[kind](value):
        return Fit(value, [f"{at}: must be {_A[kind]}, not {_named(value)}"])
    if kind == "object":
        return _fit_object(schema, value, at)
    if kind == "array":
        return _fit_array(schema, value, at)
    return Fit(value, list(_bounds(schema, value, at)))


def _fit_union(schema: JsonObject, value: Any, at: str) -> Fit:
    fits = [_fit(branch, value, at) for branch in schema.get("anyOf") or schema["oneOf"]]
    fitting = [one for one in fits if not one.problems]
    if len(fitting) == 1 or (fitting and "anyOf" in schema):
        return fitting[0]
    if fitting:
        return Fit(value, [f"{at}: fits {len(fitting)} of the cases, and must fit exactly one"])
    closest = min(fits, key=lambda one: len(one.problems))
    return Fit(value, [f"{at}: fits none of the cases; the closest says:", *closest.problems])


def _fit_choice(schema: JsonObject, value: Any, at: str) -> Fit:
    choices = schema.get("enum", [schema.get("const")])
    for choice in choices:
        if _key(choice) == _key(value):
            return Fit(choice)
        if _same_letters(choice, value):
            return Fit(choice)
    allowed = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in choices)
    return Fit(value, [f"{at}: must be one of {allowed}"])


def _fit_object(schema: JsonObject, value: JsonObject, at: str) -> Fit:
    members = {
        name: _fit(schema["properties"][name], member, f"{at}.{name}")
        for name, member in value.items()
        if name in schema["properties"]
    }
    problems = [f"{at}.{name}: is missing" for name in schema["required"] if name not in value]
    if schema.get("additionalProperties") is False:
        extra = value.keys() - members.keys()
        problems += [f"{at}: has no property {name!r}" for name in sorted(extra)]
    problems += [problem for member in members.values() for problem in member.problems]
    problems += _counted(len(value), schema, "Properties", "properties", at)
    kept = {name: members[name].value if name in members else value[name] for name in value}
    return Fit(kept, problems)


def _fit_array(schema: JsonObject, value: list[Any], at: str) -> Fit:
    items = [_fit(schema["items"], item, f"{at}[{n}]") for n, item in enumerate(value)]
    problems = [problem for item in items for problem in item.problems]
    problems += _counted(len(value), schema, "Items", "items", at)
    kept = [item.value for item in items]
    if schema.get("uniqueItems") and len({_key(item) for item in kept}) < len(kept):
        problems.append(f"{at}: has the same item twice")
    return Fit(kept, problems)


def _bounds(schema: JsonObject, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from _counted(len(value), schema, "Length", "characters", at)
        if "pattern" in schema and not _matches(schema["pattern"], value):
            yield f"{at}: must match the pattern {schema['pattern']}"
        if "format" in schema and not _has_format(schema["format"], value):
            yield f"{at}: must be a {schema['format']}"
    elif _IS["number"](value):
        for key, (words, holds) in _COMPARISONS.items():
            if key in schema and not holds(Fraction(str(value)), Fraction(str(schema[key]))):
                yield f"{at}: must be {words} {schema[key]}"


def _counted(count: int, schema: JsonObject, what: str, named: str, at: str) -> Iterator[str]:
    least, most = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if count < least:
        yield f"{at}: has {count:,} {named}, and must have at least {least:,}"
    if most is not None and count > most:
        yield f"{at}: has {count:,} {named}, and may have at most {most:,}"


def _matches(pattern: str, value: str) -> bool:
    try:
        pattern_adapter(pattern).validate_python(value)
    except ValidationError:
        return False
    return True


def _has_format(name: str, value: str) -> bool:
    try:
        return bool(_FORMATS[name](value))
    except ValueError:
        return False


def _key(value: Any) -> str:
    """The same text for what JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_key(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_key, value)) + "]"
    return json.dumps(value)


def _same_letters(one: Any, other: Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold()


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _named(value: Any) -> str:
    return next((words for kind, words in _A.items() if _IS[kind](value)), "something else")


_IS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": _is_integer,
    "number": _is_number,
}
_A = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "integer": "a whole number",
    "number": "a number",
}
_COMPARISONS: dict[str, tuple[str, Callable[[Fraction, Fraction], bool]]] = {
    "minimum": ("at least", lambda value, bound: value >= bound),
    "maximum": ("at most", lambda value, bound: value <= bound),
    "exclusiveMinimum": ("more than", lambda value, bound: value > bound),
    "exclusiveMaximum": ("less than", lambda value, bound: value < bound),
    "multipleOf": ("a multiple of", lambda value, bound: value % bound == 0),
}
_DURATION = re.compile(
    r"P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)"
)
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_FORMATS: dict[str, Callable[[str], Any]] = {
    "date-time": lambda value: "T" in value.upper() and datetime.fromisoformat(value).tzinfo,
    "date": date.fromisoformat,
    "time": lambda value: (time.fromisoformat(value), True),
    "duration": _DURATION.fullmatch,
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}").fullmatch,
    "hostname": _HOST.fullmatch,
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+").fullmatch,
    "ipv4": lambda value: (IPv4Address(value), True),
    "ipv6": lambda value: (IPv6Address(value), True),
    "uuid": lambda value: len(value) == 36 and UUID(value),
}
