"""The API's application: routes behind the guard, errors as problems."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from codybatch.api.allowance import Allowance
from codybatch.api.document import PATH, documented
from codybatch.api.guard import Door, Guard
from codybatch.api.problems import MEDIA_TYPE, Answered, answered, answered_fields
from codybatch.api.refusals import NotHere, Refusal, WrongMethod
from codybatch.api.routes import (
    after,
    costs,
    experiments,
    jobs,
    prompts,
    repositories,
    requests,
    results,
    schedules,
    status,
)
from codybatch.api.tokens import Tokens
from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.services.findings import Clean

NOUNS = (
    status,
    requests,
    jobs,
    results,
    after,
    prompts,
    experiments,
    schedules,
    repositories,
    costs,
)


def door_of(app: Application, address: str) -> Door:
    """What the guard is to know.

    Args:
        app: knows the settings.
        address: what the server listens on.
    """
    settings = app.settings
    return Door(
        tokens=Tokens(settings.api_tokens()),
        person=app.person,
        address=address,
        names=settings.names_of_access(),
        allowance=Allowance(settings.api_requests_per_minute),
        most_bytes=settings.api_max_body_kb * 1024,
        clean=app.net.clean,
        now=app.clock.now,
    )


def served(app: Application, door: Door) -> Guard:
    """What a server serves: the API of an application, behind a guard.

    Args:
        app: what the endpoints call.
        door: what the guard knows.
    """
    api = routed()
    api.state.application = app
    api.state.counters = door.counters
    _answer_errors(api, door)
    return Guard(api, door)


def routed() -> FastAPI:
    """The endpoints with their document, and nothing behind them."""
    api = FastAPI(
        title="Cody Batch",
        version=version("codybatch"),
        openapi_url=PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.openapi = documented(api)  # type: ignore[method-assign]
    for noun in NOUNS:
        api.include_router(noun.routes)
    return api


def _answer_errors(api: FastAPI, door: Door) -> None:
    """Turn every error into a problem; a traceback goes to the log alone."""

    async def told(request: Request, error: Exception) -> Response:
        return _problem(answered(error, request.method, request.url.path, door.now()), door.clean)

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
        return await told(request, _refusal(error, request))

    async def of_fields(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        found = answered_fields(error.errors(), request.method, request.url.path)
        return _problem(found, door.clean)

    for kind in (CodyBatchError, Refusal, Exception):
        api.add_exception_handler(kind, told)
    api.add_exception_handler(HTTPException, of_http)
    api.add_exception_handler(RequestValidationError, of_fields)


def _problem(answer: Answered, clean: Clean) -> Response:
    body = answer.body(clean)
    status = answer.problem.status
    return JSONResponse(body, status, dict(answer.headers), media_type=MEDIA_TYPE)


def _refusal(error: HTTPException, request: Request) -> Refusal:
    """What the framework refuses, in our words."""
    if error.status_code == 404:
        return NotHere(f"There is nothing at {request.url.path}. {PATH} lists what there is.")
    if error.status_code == 405:
        return WrongMethod(f"{request.method} is not taken here.", error.headers)
    return Refusal(str(error.detail))
