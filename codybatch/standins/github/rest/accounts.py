"""Accounts, the caller, and whose repositories there are."""

from __future__ import annotations

from collections.abc import Callable

from codybatch.standins.github.problems import ApiProblem, not_found
from codybatch.standins.github.records import Account, Repository
from codybatch.standins.github.rest import shapes
from codybatch.standins.github.rest.call import Call, Reply

RESOURCES = ("core", "search", "code_search", "graphql")


def show_caller(call: Call) -> Reply:
    """GET /user."""
    _require_caller(call)
    if call.view.caller.is_installation:
        raise ApiProblem(403, "Resource not accessible by integration")
    account = call.site.account(call.view.caller.login)
    return Reply(200, shapes.full_account(call.view, account))


def show_user(call: Call) -> Reply:
    """GET /users/{login}, which finds organisations too."""
    return Reply(200, shapes.full_account(call.view, _account(call)))


def show_organization(call: Call) -> Reply:
    """GET /orgs/{login}."""
    return Reply(200, shapes.organization(call.view, _account(call, "Organization")))


def caller_repositories(call: Call) -> Reply:
    """GET /user/repos: owned by the caller, or with a role given to the caller by name."""
    _require_caller(call)
    login = call.view.caller.login.lower()
    wanted = call.request.query.get("affiliation", "owner,collaborator,organization_member")
    found = [
        repository
        for repository in call.view.visible()
        if (repository.owner.lower() == login and "owner" in wanted)
        or (login in repository.permissions and "collaborator" in wanted)
    ]
    return _sorted_page(call, found)


def user_repositories(call: Call) -> Reply:
    """GET /users/{login}/repos: the public ones."""
    account = _account(call)
    found = [r for r in _owned(call, account) if not r.private]
    return _sorted_page(call, found)


def organization_repositories(call: Call) -> Reply:
    """GET /orgs/{login}/repos: all that the caller may read, narrowed by `type`."""
    found = _owned(call, _account(call, "Organization"))
    kind = call.request.query.get("type", "all")
    tests: dict[str, Callable[[Repository], bool]] = {
        "public": lambda r: not r.private,
        "private": lambda r: r.private,
        "forks": lambda r: r.fork_of is not None,
        "sources": lambda r: r.fork_of is None,
    }
    fits = tests.get(kind)
    return _sorted_page(call, [r for r in found if fits is None or fits(r)])


def rate_limit(call: Call) -> Reply:
    """GET /rate_limit, which costs nothing."""
    windows = {
        name: call.site.limits.spend(call.view.caller.login, name, points=0) for name in RESOURCES
    }
    resources = {
        name: {
            "limit": window.limit,
            "used": window.used,
            "remaining": window.remaining,
            "reset": int(window.resets_at.timestamp()),
        }
        for name, window in windows.items()
    }
    return Reply(200, {"resources": resources, "rate": resources["core"]})


def _require_caller(call: Call) -> None:
    if not call.view.caller.is_known:
        raise ApiProblem(401, "Requires authentication")


def _account(call: Call, kind: str | None = None) -> Account:
    found = call.site.state.accounts.get(call.parameters["login"].lower())
    if found is None or (kind is not None and found.kind != kind):
        raise not_found()
    return found


def _owned(call: Call, account: Account) -> list[Repository]:
    return [r for r in call.view.visible() if r.owner.lower() == account.login.lower()]


def _sorted_page(call: Call, found: list[Repository]) -> Reply:
    """Order by `sort`, and return the page; by name or age upwards, by dates downwards."""
    sort = call.request.query.get("sort", "full_name")
    keys: dict[str, Callable[[Repository], tuple[float, int]]] = {
        "created": lambda r: (r.created_at.timestamp(), r.id),
        "updated": lambda r: (r.pushed_at.timestamp(), r.id),
        "pushed": lambda r: (r.pushed_at.timestamp(), r.id),
    }
    default = "desc" if sort in keys else "asc"
    descending = call.request.query.get("direction", default) == "desc"
    ordered = sorted(found, key=lambda r: r.full_name.lower(), reverse=descending)
    if sort in keys:
        ordered = sorted(found, key=keys[sort], reverse=descending)
    return call.page(ordered, lambda repository: shapes.repository(call.view, repository))
