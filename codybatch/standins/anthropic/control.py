"""The way in for tests that run in another process: ``/_standin/...``, on loopback like the rest.

``GET requests?after=N&seconds=S``: the exchanges; with ``after``, once there are more than N.
``GET requests/N/body``: the bytes of one.
``POST faults``: add a list of them; ``DELETE``: forget them; ``GET``: list them.
``POST gates`` with ``{"open": NAME}`` or ``{"close": NAME}``; ``GET``: how many wait at each.
``POST keys`` with ``{"revoke": KEY}`` or ``{"admit": KEY}``.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.faults import Fault, Gates
from codybatch.standins.anthropic.journal import Journal
from codybatch.standins.anthropic.service import MessagesService
from codybatch.standins.anthropic.wire import to_bytes
from codybatch.standins.loopback import Answer, Request

PREFIX = "/_standin/"
_LONGEST_WAIT_SECONDS = 60.0
_faults = TypeAdapter(list[Fault])


class Control:
    """Answers the requests below ``/_standin/``.

    Arguments:
        service: whose faults and keys are changed.
        journal: what was asked.
        gates: where requests are held.
    """

    def __init__(self, service: MessagesService, journal: Journal, gates: Gates) -> None:
        self._service = service
        self._journal = journal
        self._gates = gates

    def answer(self, request: Request) -> Answer:
        """Answer one request.

        Raises:
            ApiError: 404 or 400.
        """
        what = request.path.removeprefix(PREFIX)
        name, _, rest = what.partition("/")
        if name == "requests" and request.method == "GET":
            return self._body(rest) if rest else self._requests(request.query)
        if name == "faults" and not rest:
            return self._change_faults(request)
        if name in {"gates", "keys"} and not rest:
            return self._change(name, request)
        raise ApiError(404, "Not found")

    def _requests(self, query: dict[str, str]) -> Answer:
        if "after" in query:
            try:
                after, seconds = int(query["after"]), float(query.get("seconds", "10"))
            except ValueError as error:
                raise ApiError(400, str(error)) from error
            self._journal.wait_for(after + 1, min(seconds, _LONGEST_WAIT_SECONDS))
        return _json([exchange.summary() for exchange in self._journal.exchanges()])

    def _body(self, rest: str) -> Answer:
        number, _, what = rest.partition("/")
        exchanges = self._journal.exchanges()
        if what != "body" or not number.isdigit() or not 1 <= int(number) <= len(exchanges):
            raise ApiError(404, "Not found")
        headers = {"content-type": "application/octet-stream"}
        return Answer(200, headers, exchanges[int(number) - 1].body)

    def _change_faults(self, request: Request) -> Answer:
        if request.method == "POST":
            try:
                self._service.faults.add(*_faults.validate_json(request.read()))
            except ValidationError as error:
                raise ApiError(400, str(error)) from error
        elif request.method == "DELETE":
            self._service.faults.clear()
        pending = [fault.model_dump() for fault in self._service.faults.pending()]
        return _json(pending)

    def _change(self, name: str, request: Request) -> Answer:
        if request.method == "POST":
            orders = self._orders(name)
            for verb, value in _object(request).items():
                if verb not in orders:
                    raise ApiError(400, f"{verb}: expected one of {', '.join(sorted(orders))}")
                orders[verb](str(value))
        return _json(self._gates.waiting() if name == "gates" else {})

    def _orders(self, name: str) -> dict[str, Any]:
        if name == "gates":
            return {"open": self._gates.open, "close": self._gates.close}
        return {"revoke": self._service.revoke, "admit": self._service.admit}


def _object(request: Request) -> dict[str, Any]:
    try:
        parsed = json.loads(request.read())
    except ValueError as error:
        raise ApiError(400, f"not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ApiError(400, "expected a JSON object")
    return parsed


def _json(value: object) -> Answer:
    return Answer(200, {"content-type": "application/json"}, to_bytes(value))
