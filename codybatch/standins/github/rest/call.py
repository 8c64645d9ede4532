"""One call of the REST API, and what a route gives back for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from codybatch.standins.github.problems import ApiProblem, archived, disabled, forbidden, not_found
from codybatch.standins.github.pulls import follow
from codybatch.standins.github.records import PullRequest, Repository, Role
from codybatch.standins.github.rest.shapes import Json
from codybatch.standins.github.site import Site
from codybatch.standins.github.view import View
from codybatch.standins.loopback import Request

Item = TypeVar("Item")
LARGEST_PAGE = 100


@dataclass
class Reply:
    """What a route gives back: `data` is sent as JSON, None as no body."""

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request whose route is found; `parameters` are the route's."""

    view: View
    request: Request
    path: str
    parameters: dict[str, str]

    @property
    def site(self) -> Site:
        """What there is."""
        return self.view.site

    def body(self) -> Any:
        """Return the body, an empty object where none was sent.

        Raises:
            ApiProblem: 400 when it is no JSON.
        """
        try:
            return json.loads(self.request.read() or b"{}")
        except ValueError as error:
            raise ApiProblem(400, "Problems parsing JSON") from error

    def json(self) -> Json:
        """Return the body.

        Raises:
            ApiProblem: 400 when it is no JSON object.
        """
        body = self.body()
        if not isinstance(body, dict):
            raise ApiProblem(400, "Body should be a JSON object")
        return body

    def repository(self, needs: Role = Role.READ) -> Repository:
        """Return the repository that the path names, for a caller with the role it needs.

        Raises:
            ApiProblem: 404 when it is missing or hidden; 301, or 307 for a change, when it was
                renamed; 403 when the role is too small or nothing may be changed there.
        """
        full_name = f"{self.parameters['owner']}/{self.parameters['name']}"
        found = self.view.find(full_name)
        if found is None:
            raise not_found()
        if full_name.lower() != found.full_name.lower():
            raise self._moved(found, full_name)
        if needs > Role.READ:
            self._require(found, needs)
        return found

    def pull(self, needs: Role = Role.READ) -> PullRequest:
        """Return the pull request that the path names, up to date with its branches.

        Raises:
            ApiProblem: as `repository` does.
        """
        found = self.site.state.pulls.get((self.repository(needs).id, self.number("number")))
        if found is None:
            raise not_found()
        return follow(self.site, found)

    def number(self, parameter: str) -> int:
        """Return a parameter of the path that has to be a number.

        Raises:
            ApiProblem: 404 when it is none.
        """
        value = self.parameters[parameter]
        if not value.isdecimal():
            raise not_found()
        return int(value)

    def page(self, items: Sequence[Item], shape: Callable[[Item], Any]) -> Reply:
        """Return the page that the query asks for, with the `Link` header."""
        size = min(self._query_number("per_page", 30), LARGEST_PAGE)
        page = self._query_number("page", 1)
        last = max(1, -(-len(items) // size))
        shown = [shape(item) for item in items[(page - 1) * size : page * size]]
        links = {
            "prev": page - 1 if page > 1 else None,
            "next": page + 1 if page < last else None,
            "last": last if page < last else None,
            "first": 1 if page > 1 else None,
        }
        written = [f'<{self._address(to)}>; rel="{rel}"' for rel, to in links.items() if to]
        return Reply(200, shown, {"Link": ", ".join(written)} if written else {})

    def _query_number(self, name: str, default: int) -> int:
        value = self.request.query.get(name, "")
        return int(value) if value.isdecimal() and int(value) > 0 else default

    def _address(self, page: int) -> str:
        query = {**self.request.query, "page": str(page)}
        return f"{self.view.api(self.path)}?{urlencode(query)}"

    def _require(self, repository: Repository, needs: Role) -> None:
        if self.view.role(repository) < needs:
            raise forbidden()
        if repository.disabled:
            raise disabled()
        if repository.archived:
            raise archived()

    def _moved(self, repository: Repository, asked: str) -> ApiProblem:
        rest = self.path[len(f"/repos/{asked}") :]
        url = self.view.api(f"/repositories/{repository.id}{rest}")
        status = 301 if self.request.method == "GET" else 307
        return ApiProblem(status, "Moved Permanently", headers={"Location": url})
