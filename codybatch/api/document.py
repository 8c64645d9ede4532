"""The OpenAPI document of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from codybatch.api.problems import Problem
from codybatch.api.routing import PROBLEM_SCHEMA

PATH = "/v1/openapi.json"
ABOUT = (
    "One prompt over several repositories, a durable job each. The same services as the command "
    "line, and the same JSON as its `--json`. Errors are problems (RFC 9457), lists come in pages, "
    "and every endpoint names the scope that a token needs for it."
)
_SERVERS = [{"url": "/"}]


def documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What makes the document: once, then it is kept."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=ABOUT,
                routes=app.routes,
                servers=_SERVERS,
            )
            app.openapi_schema = _with_problems(made)
        return app.openapi_schema

    return document


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the schema of problems, and without FastAPI's own form of errors."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    template = PROBLEM_SCHEMA.replace("Problem", "{model}")
    problem = Problem.model_json_schema(by_alias=True, mode="serialization", ref_template=template)
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document
