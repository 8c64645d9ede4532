"""What a field takes, in plain words, where a value did not fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Context = Mapping[str, Any]


def explained(field: str, problem: ErrorDetails) -> str:
    """What is wrong with a field, as a sentence such as ``--max-turns takes at least 1``.

    Args:
        field: how people call it.
        problem: one of ``ValidationError.errors()``.
    """
    takes = _TAKES.get(problem["type"])
    if takes is not None:
        return f"{field} takes {takes(problem.get('ctx', {}))}."
    said = problem["msg"].removeprefix("Value error, ")
    asked = said.removeprefix("Input should be ")
    return f"{field} takes {asked}." if asked != said else f"{field}: {said}."


def _choices(context: Context) -> str:
    return str(context["expected"]).replace("'", "")


def _number(limit: Any) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)  # as it can be typed


_TAKES: Mapping[str, Callable[[Context], str]] = {
    "bool_parsing": lambda _: "true or false",
    "decimal_parsing": lambda _: "a number, such as 2.50",
    "enum": _choices,
    "float_parsing": lambda _: "a number",
    "greater_than": lambda context: f"more than {_number(context['gt'])}",
    "greater_than_equal": lambda context: f"at least {_number(context['ge'])}",
    "int_from_float": lambda _: "a whole number",
    "int_parsing": lambda _: "a whole number",
    "less_than": lambda context: f"less than {_number(context['lt'])}",
    "less_than_equal": lambda context: f"at most {_number(context['le'])}",
    "literal_error": _choices,
    "string_too_long": lambda context: f"at most {_number(context['max_length'])} characters",
    "string_too_short": lambda context: f"at least {_number(context['min_length'])} characters",
    "too_long": lambda context: f"at most {_number(context['max_length'])}",
}
"""By pydantic's type of error (docs.pydantic.dev, "Validation Errors")."""
