"""One request to the API as an endpoint sees it: who asks, what to call, how to answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.responses import Response

from codybatch.api.callers import Caller
from codybatch.api.refusals import NoAccess
from codybatch.api_settings import Scope
from codybatch.composition import Application
from codybatch.domain.identifiers import Person
from codybatch.domain.records import Record
from codybatch.services.findings import cleaned_json
from codybatch.services.wire.shape import Shape, as_json

Item = TypeVar("Item", bound=Record)
BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of CODYBATCH_API_TOKENS. Its scopes say what it is for.",
)


class PageOf(Shape, Generic[Item]):
    """A page of a list; the cursor leads to the next and is null on the last."""

    items: tuple[Item, ...]
    cursor: str | None


@dataclass(frozen=True)
class Call:
    """One request."""

    app: Application
    caller: Caller
    request: Request

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.caller.person

    def check(self, scope: Scope, what: str, why: str) -> None:
        """Refuse what of a request needs a further scope.

        Args:
            scope: that one.
            what: needs it, as a program writes it.
            why: here, and what to send without the scope.

        Raises:
            ScopeMissing: the token has no such scope.
        """
        self.caller.check(scope, what, f" {why}, or use a token that has it.")

    def answer(
        self, shape: Record, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """An answer of one thing, without secrets."""
        return self.written(as_json(shape), status, headers)

    def list(self, records: Iterable[Record]) -> Response:
        """An answer of a whole list."""
        return self.written([as_json(one) for one in records])

    def page(self, shapes: Sequence[Record], cursor: str | None) -> Response:
        """An answer of one page of a list, with the way to the next (RFC 8288)."""
        items = [as_json(one) for one in shapes]
        headers = {"link": f'<{self._next(cursor)}>; rel="next"'} if cursor else None
        return self.written({"items": items, "cursor": cursor}, headers=headers)

    def written(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """An answer of JSON, without secrets."""
        cleaned = cleaned_json(value, self.app.net.clean)
        body = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
        # A model may write half a surrogate pair, which no UTF-8 can hold.
        content = body.encode("utf-8", "backslashreplace")
        return Response(content, status, headers, media_type="application/json")

    def _next(self, cursor: str) -> str:
        url = self.request.url.include_query_params(cursor=cursor)
        return f"{url.path}?{url.query}"


async def application_of(request: Request) -> Application:
    """The application that the server stands on."""
    found: Application = request.app.state.application
    return found


async def call_of(
    request: Request,
    scopes: SecurityScopes,
    app: Annotated[Application, Depends(application_of)],
    _: Annotated[object, Depends(BEARER)],
) -> Call:
    """The call of a caller who may do what the endpoint does.

    Raises:
        NoAccess, ScopeMissing: they may not.
    """
    caller: Caller | None = request.state.caller
    if caller is None:
        raise NoAccess(is_wrong=False)
    for scope in scopes.scopes:
        caller.check(Scope(scope))
    return Call(app, caller, request)


Reading = Annotated[Call, Security(call_of, scopes=[Scope.READ.value])]
Submitting = Annotated[Call, Security(call_of, scopes=[Scope.SUBMIT.value])]
Judging = Annotated[Call, Security(call_of, scopes=[Scope.JUDGE.value])]
Publishing = Annotated[Call, Security(call_of, scopes=[Scope.PUBLISH.value])]
Administering = Annotated[Call, Security(call_of, scopes=[Scope.ADMIN.value])]
