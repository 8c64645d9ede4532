"""The two searches of the REST API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from codybatch.standins.github import search
from codybatch.standins.github.problems import ApiProblem
from codybatch.standins.github.rest.call import Call, Reply
from codybatch.standins.github.rest.shapes import Json, minimal_repository, repository

Item = TypeVar("Item")
MOST_RESULTS = 1000


def search_repositories(call: Call) -> Reply:
    """GET /search/repositories."""
    found = search.repositories(call.view, call.request.query.get("q", ""))
    return _page(call, found, lambda item: {**repository(call.view, item), "score": 1.0})


def search_code(call: Call) -> Reply:
    """GET /search/code, which needs a credential; repositories come without permissions."""
    if not call.view.caller.is_known:
        raise ApiProblem(401, "Requires authentication")
    found = search.code(call.view, call.request.query.get("q", ""))
    return _page(call, found, lambda hit: _hit(call, hit))


def _page(call: Call, found: Sequence[Item], shape: Callable[[Item], Any]) -> Reply:
    query = call.request.query
    page, size = (
        int(query.get(name, "")) if query.get(name, "").isdecimal() else default
        for name, default in (("page", 1), ("per_page", 30))
    )
    if (page - 1) * size >= MOST_RESULTS:
        raise ApiProblem(422, "Only the first 1000 search results are available")
    reply = call.page(found[:MOST_RESULTS], shape)
    reply.data = {"total_count": len(found), "incomplete_results": False, "items": reply.data}
    return reply


def _hit(call: Call, hit: search.CodeHit) -> Json:
    name = hit.repository.full_name
    head = call.site.bare(hit.repository).branch(hit.repository.default_branch)
    return {
        "name": hit.path.rpartition("/")[2],
        "path": hit.path,
        "sha": hit.oid,
        "url": call.view.api(f"/repos/{name}/contents/{hit.path}?ref={head}"),
        "git_url": call.view.api(f"/repos/{name}/git/blobs/{hit.oid}"),
        "html_url": call.view.html(f"/{name}/blob/{head}/{hit.path}"),
        "repository": minimal_repository(call.view, hit.repository),
        "score": 1.0,
    }
