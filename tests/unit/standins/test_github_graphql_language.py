"""Reading the query language."""

from __future__ import annotations

import pytest

from codybatch.standins.github.graphql.language import (
    FieldNode,
    Fragment,
    SyntaxProblem,
    Variable,
    parse,
)


def only_field(text: str) -> FieldNode:
    selection = parse(text).operations[0].selections[0]
    assert isinstance(selection, FieldNode)
    return selection


def test_every_kind_of_value_is_read() -> None:
    field = only_field(
        r'''{ f(i: -3, x: 1.5e2, s: "a\"\n\u00e4", b: true, n: null, e: OPEN, v: $v,
             l: [1, "two", [THREE]], o: {a: {b: 1}, c: []}, t: """ block "quoted" """) }'''
    )

    assert field.arguments == {
        "i": -3,
        "x": 150.0,
        "s": 'a"\nä',
        "b": True,
        "n": None,
        "e": "OPEN",
        "v": Variable("v"),
        "l": [1, "two", ["THREE"]],
        "o": {"a": {"b": 1}, "c": []},
        "t": 'block "quoted"',
    }


def test_an_alias_stands_before_the_name_and_the_place_is_kept() -> None:
    field = only_field("{\n  # a comment\n  mine: theirs @include(if: $x) { a, b }\n}")

    assert (field.alias, field.name, field.line, field.column) == ("mine", "theirs", 3, 3)
    assert field.directives[0].arguments == {"if": Variable("x")}
    assert [getattr(selection, "name", "") for selection in field.selections] == ["a", "b"]


def test_operations_have_kinds_names_and_variables() -> None:
    document = parse(
        "query Q($a: [ID!]!, $b: Int! = 3, $c: String) { x } mutation M { y } "
        "fragment F on Repository { z }"
    )

    query, mutation = document.operations
    assert (query.kind, query.name) == ("query", "Q")
    assert query.variables == {"a": None, "b": 3, "c": None}
    assert query.required == {"a"}
    assert (mutation.kind, mutation.name) == ("mutation", "M")
    assert document.fragments["F"].on == "Repository"


def test_inline_fragments_may_leave_the_type_out() -> None:
    selections = parse("{ ... { a } ... on T @skip(if: true) { b } }").operations[0].selections

    assert [selection.on for selection in selections if isinstance(selection, Fragment)] == [
        "",
        "T",
    ]


@pytest.mark.parametrize(
    "text",
    ["{", "{ }", "{ a(b: ) }", "{ a(b 1) }", "{ a: }", "subscription { a }", "{ a ^ }", "query ("],
)
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(SyntaxProblem, match="Parse error"):
        parse(text)
