"""`POST /graphql`."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from codybatch.standins.git.journal import RecordedRequest
from codybatch.standins.github.graphql.execution import Execution
from codybatch.standins.github.graphql.language import Document, Operation, SyntaxProblem, parse
from codybatch.standins.github.graphql.queries import build_schema
from codybatch.standins.github.graphql.schema import Schema
from codybatch.standins.github.problems import ApiProblem
from codybatch.standins.github.rest.call import Reply
from codybatch.standins.github.view import View
from codybatch.standins.loopback import Request


def answer_graphql(view: View, request: Request, entry: RecordedRequest) -> Reply:
    """Answer a query or a mutation; faults of the query are told in an answer of 200.

    Arguments:
        view: the caller's.
        request: its body holds `query`, `variables` and perhaps `operationName`.
        entry: the record of the request, which learns what was asked.

    Raises:
        ApiProblem: 400 when the body is no JSON object.
    """
    body = _body(request)
    if "query" not in body:
        return _refused("A query attribute must be specified and must be a string.")
    try:
        document = parse(str(body["query"]))
    except SyntaxProblem as problem:
        return _refused(str(problem))
    operation = _operation(document, body.get("operationName"))
    if operation is None:
        return _refused("An operation name is required")
    fields = ", ".join(getattr(selection, "name", "…") for selection in operation.selections)
    entry.detail = f"{operation.kind} {operation.name}".strip() + f": {fields}"[:200]
    variables = body.get("variables") or {}
    return Reply(200, Execution(_schema(), document, operation, variables, view).run())


@lru_cache(maxsize=1)
def _schema() -> Schema:
    return build_schema()


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiProblem(400, "Problems parsing JSON")
    return body


def _operation(document: Document, name: Any) -> Operation | None:
    named = [found for found in document.operations if not name or found.name == name]
    return named[0] if len(named) == 1 else None


def _refused(message: str) -> Reply:
    return Reply(200, {"errors": [{"message": message}]})
