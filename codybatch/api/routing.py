"""How routes are made: bodies are read strictly, and every problem is in the document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from codybatch.api.problems import MEDIA_TYPE
from codybatch.api.refusals import BodyNotTaken
from codybatch.api.strict_json import parsed

PROBLEM_SCHEMA = "#/components/schemas/Problem"
DESCRIPTIONS: Mapping[int, str] = {
    400: "The request cannot be understood.",
    401: "No token is offered, or one that opens nothing.",
    403: "The token has not the scope, or a policy or a budget speaks against it.",
    404: "There is nothing with this id or name.",
    405: "The path takes other methods.",
    408: "The body did not come in time.",
    409: "It does not go with how things stand.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A field cannot be taken.",
    429: "Too many requests, here or at a service that is asked; Retry-After says when to come.",
    500: "Something went wrong inside; the log knows it by its errorId.",
    502: "The code host, git or the model's service failed.",
    503: "The store or the engine cannot do it now.",
    507: "The store is full.",
}
ALWAYS = (400, 401, 403, 422, 429, 500, 503, 507)
"""What any endpoint may answer."""
WITH_BODY = (408, 413, 415)

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """Answers that are problems, as the document has them."""
    schema = {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_SCHEMA}}}
    retry = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": schema,
            **({"headers": retry} if status == 429 else {}),
        }
        for status in statuses
    }


class StrictRequest(Request):
    """A request whose body is read by our own rules."""

    async def json(self) -> Any:
        """The value of the body.

        Raises:
            NotJson: it has none.
        """
        if not hasattr(self, "_json"):
            self._json = parsed(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route with such requests."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """What answers a request: the body is read first, so that what is wrong with it is said."""
        answer = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            given = await strict.json() if await strict.body() else {}
            if self.body_field is None and given != {}:
                raise BodyNotTaken
            return await answer(strict)

        return strictly


def router(tag: str) -> APIRouter:
    """A router for the endpoints of one noun."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=StrictRoute, responses=problems(*ALWAYS))
