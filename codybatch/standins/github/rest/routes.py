"""Which function answers which path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codybatch.standins.github.problems import not_found
from codybatch.standins.github.rest import accounts, apps, checks, pulls, repositories, search
from codybatch.standins.github.rest.call import Call, Reply

Handler = Callable[[Call], Reply]
REPO = "/repos/{owner}/{name}"


@dataclass(frozen=True)
class Route:
    """A method and a pattern with `{parameters}`; `{path*}` takes slashes too."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    resource: str


def _route(template: str, handler: Handler, resource: str = "core") -> Route:
    method, _, path = template.partition(" ")
    escaped = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
    return Route(
        method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", escaped)), handler, resource
    )


ROUTES: Sequence[Route] = (
    _route("GET /user", accounts.show_caller),
    _route("GET /user/repos", accounts.caller_repositories),
    _route("GET /users/{login}", accounts.show_user),
    _route("GET /users/{login}/repos", accounts.user_repositories),
    _route("GET /orgs/{login}", accounts.show_organization),
    _route("GET /orgs/{login}/repos", accounts.organization_repositories),
    _route("GET /rate_limit", accounts.rate_limit, ""),
    _route("GET /search/repositories", search.search_repositories, "search"),
    _route("GET /search/code", search.search_code, "code_search"),
    _route("POST /app/installations/{installation}/access_tokens", apps.create_token, "app"),
    _route("GET /app/installations", apps.list_installations, "app"),
    _route("GET /installation/repositories", apps.installation_repositories),
    _route(f"GET {REPO}", repositories.show),
    _route(f"GET {REPO}/installation", apps.repository_installation, "app"),
    _route(f"GET {REPO}/languages", repositories.languages),
    _route(f"GET {REPO}/topics", repositories.topics),
    _route(f"GET {REPO}/readme", repositories.readme),
    _route(f"GET {REPO}/contents/{{path*}}", repositories.contents),
    _route(f"GET {REPO}/branches", repositories.list_branches),
    _route(f"GET {REPO}/branches/{{branch*}}", repositories.show_branch),
    _route(f"GET {REPO}/git/refs?/{{ref*}}", repositories.show_ref),
    _route(f"GET {REPO}/git/matching-refs/{{ref*}}", repositories.matching_refs),
    _route(f"DELETE {REPO}/git/refs/heads/{{branch*}}", repositories.delete_ref),
    _route(f"GET {REPO}/commits", repositories.list_commits),
    _route(f"GET {REPO}/commits/{{ref*}}/check-runs", checks.check_runs),
    _route(f"GET {REPO}/commits/{{ref*}}/status", checks.combined_status),
    _route(f"GET {REPO}/commits/{{ref*}}", repositories.show_commit),
    _route(f"POST {REPO}/forks", repositories.create_fork),
    _route(f"GET {REPO}/pulls", pulls.list_pulls),
    _route(f"POST {REPO}/pulls", pulls.create),
    _route(f"GET {REPO}/pulls/{{number}}", pulls.show),
    _route(f"PATCH {REPO}/pulls/{{number}}", pulls.edit),
    _route(f"PUT {REPO}/pulls/{{number}}/merge", pulls.merge),
    _route(f"GET {REPO}/pulls/{{number}}/merge", pulls.is_merged),
    _route(f"POST {REPO}/pulls/{{number}}/requested_reviewers", pulls.request_review),
    _route(f"GET {REPO}/issues/{{number}}", pulls.show_issue),
    _route(f"GET {REPO}/issues/{{number}}/labels", pulls.list_labels),
    _route(f"POST {REPO}/issues/{{number}}/labels", pulls.add_labels),
    _route(f"PUT {REPO}/issues/{{number}}/labels", pulls.set_labels),
    _route(f"DELETE {REPO}/issues/{{number}}/labels/{{label}}", pulls.remove_label),
    _route(f"POST {REPO}/issues/{{number}}/assignees", pulls.add_assignees),
    _route(f"GET {REPO}/issues/{{number}}/comments", pulls.list_comments),
    _route(f"POST {REPO}/issues/{{number}}/comments", pulls.add_comment),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route for a request, with the path's parameters.

    Raises:
        ApiProblem: 404 where there is none.
    """
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if route.method == method and found is not None:
            return route, found.groupdict()
    raise not_found()
