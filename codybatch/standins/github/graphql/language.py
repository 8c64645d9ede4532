"""Reads GraphQL documents (the specification of October 2021, section 2), definitions excepted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r"""
    (?P<ignored>[\s,\ufeff]+|\#[^\n]*)
    |(?P<block>\"\"\"(?:\\\"\"\"|.|\n)*?\"\"\")
    |(?P<string>"(?:\\.|[^"\\\n])*")
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])
    """,
    re.VERBOSE,
)


class SyntaxProblem(Exception):
    """The document is no GraphQL; the message names the place."""


@dataclass(frozen=True)
class Token:
    """One word of a document."""

    kind: str
    text: str
    offset: int


@dataclass(frozen=True)
class Variable:
    """A `$name` where a value stands."""

    name: str


@dataclass(frozen=True)
class Directive:
    """`@include(if: …)` or `@skip(if: …)`."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class FieldNode:
    """A field; without a selection `selections` is empty."""

    name: str
    alias: str
    arguments: dict[str, Any]
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Spread:
    """`...Name`."""

    name: str
    directives: tuple[Directive, ...]


@dataclass(frozen=True)
class Fragment:
    """`... on Type { … }`, or the definition that a spread names; `on` may be empty."""

    on: str
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]


Selection = FieldNode | Spread | Fragment


@dataclass(frozen=True)
class Operation:
    """A query or a mutation; `variables` holds the defaults, `required` what has to be given."""

    kind: str
    name: str
    variables: dict[str, Any]
    required: frozenset[str]
    selections: tuple[Selection, ...]


@dataclass(frozen=True)
class Document:
    """All that one request's `query` text holds."""

    operations: tuple[Operation, ...]
    fragments: dict[str, Fragment]


def parse(text: str) -> Document:
    """Read a document.

    Raises:
        SyntaxProblem: it cannot be read.
    """
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def document(self) -> Document:
        operations: list[Operation] = []
        fragments: dict[str, Fragment] = {}
        while self._peek().kind != "end":
            if self._peek().text == "fragment":
                name, fragment = self._fragment_definition()
                fragments[name] = fragment
            else:
                operations.append(self._operation())
        return Document(tuple(operations), fragments)

    def _operation(self) -> Operation:
        if self._peek().text == "{":
            return Operation("query", "", {}, frozenset(), self._selections())
        kind = self._take_name()
        if kind not in {"query", "mutation"}:
            raise self._problem()
        name = self._take_name() if self._peek().kind == "name" else ""
        variables: dict[str, Any] = {}
        required: set[str] = set()
        if self._skip("("):
            while not self._skip(")"):
                self._variable(variables, required)
        self._directives()
        return Operation(kind, name, variables, frozenset(required), self._selections())

    def _variable(self, variables: dict[str, Any], required: set[str]) -> None:
        self._take("$")
        name = self._take_name()
        self._take(":")
        is_required = self._type()
        has_default = self._skip("=")
        variables[name] = self._value() if has_default else None
        if is_required and not has_default:
            required.add(name)

    def _type(self) -> bool:
        if self._skip("["):
            self._type()
            self._take("]")
        else:
            self._take_name()
        return self._skip("!")

    def _fragment_definition(self) -> tuple[str, Fragment]:
        self._take("fragment")
        name = self._take_name()
        self._take("on")
        return name, Fragment(self._take_name(), self._directives(), self._selections())

    def _selections(self) -> tuple[Selection, ...]:
        self._take("{")
        found: list[Selection] = []
        while not self._skip("}"):
            found.append(self._fragment_or_spread() if self._skip("...") else self._field())
        if not found:
            raise self._problem()
        return tuple(found)

    def _fragment_or_spread(self) -> Selection:
        if self._peek().kind == "name" and self._peek().text != "on":
            return Spread(self._take_name(), self._directives())
        on = self._take_name() if self._skip("on") else ""
        return Fragment(on, self._directives(), self._selections())

    def _field(self) -> FieldNode:
        line, column = self._place(self._peek().offset)
        name = alias = self._take_name()
        if self._skip(":"):
            name = self._take_name()
        arguments = self._arguments()
        directives = self._directives()
        selections = self._selections() if self._peek().text == "{" else ()
        return FieldNode(name, alias, arguments, directives, selections, line, column)

    def _arguments(self) -> dict[str, Any]:
        return self._pairs(")") if self._skip("(") else {}

    def _directives(self) -> tuple[Directive, ...]:
        found = []
        while self._skip("@"):
            found.append(Directive(self._take_name(), self._arguments()))
        return tuple(found)

    def _pairs(self, end: str) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        while not self._skip(end):
            name = self._take_name()
            self._take(":")
            pairs[name] = self._value()
        return pairs

    def _value(self) -> Any:
        token = self._next()
        readers: dict[str, Callable[[str], Any]] = {
            "number": json.loads,
            "string": json.loads,
            "block": lambda text: text[3:-3].replace('\\"""', '"""').strip(),
            "name": lambda text: {"true": True, "false": False, "null": None}.get(text, text),
        }
        if token.kind in readers:
            return readers[token.kind](token.text)
        return self._composite(token)

    def _composite(self, token: Token) -> Any:
        if token.text == "$":
            return Variable(self._take_name())
        if token.text == "{":
            return self._pairs("}")
        if token.text != "[":
            raise self._problem(token)
        items = []
        while not self._skip("]"):
            items.append(self._value())
        return items

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._peek()
        if token.kind == "end":
            raise self._problem()
        self._at += 1
        return token

    def _skip(self, text: str) -> bool:
        token = self._peek()
        matches = token.text == text and token.kind in {"mark", "name"}
        self._at += matches
        return matches

    def _take(self, text: str) -> None:
        if not self._skip(text):
            raise self._problem()

    def _take_name(self) -> str:
        if self._peek().kind != "name":
            raise self._problem()
        return self._next().text

    def _problem(self, token: Token | None = None) -> SyntaxProblem:
        token = token or self._peek()
        line, column = self._place(token.offset)
        what = f'"{token.text}"' if token.text else "end of file"
        return SyntaxProblem(f"Parse error on {what} at [{line}, {column}]")

    def _place(self, offset: int) -> tuple[int, int]:
        before = self._text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")


def _tokens(text: str) -> list[Token]:
    tokens, offset = [], 0
    while offset < len(text):
        found = TOKEN.match(text, offset)
        if found is None or found.lastgroup is None:
            raise SyntaxProblem(f"Parse error on {text[offset]!r}")
        if found.lastgroup != "ignored":
            tokens.append(Token(found.lastgroup, found[0], offset))
        offset = found.end()
    return [*tokens, Token("end", "", len(text))]
