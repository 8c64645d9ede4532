"""Pull requests, and what belongs to them as issues."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from codybatch.standins.github import pulls
from codybatch.standins.github.problems import ApiProblem, invalid, not_found
from codybatch.standins.github.records import Comment, PullRequest, Role
from codybatch.standins.github.rest import pull_shapes
from codybatch.standins.github.rest.call import Call, Reply

SORTS: dict[str, Callable[[PullRequest], object]] = {
    "created": lambda pull: (pull.created_at, pull.number),
    "updated": lambda pull: (pull.updated_at, pull.number),
    "popularity": lambda pull: (len(pull.comments), pull.number),
    "long-running": lambda pull: (pull.created_at, pull.number),
}


def list_pulls(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/pulls with `state`, `head`, `base`, `sort` and `direction`.

    A `head` without `owner:` is not looked at: all pull requests come back, as from GitHub.
    """
    query = call.request.query
    found = pulls.follow_all(call.site, call.repository())
    state = query.get("state", "open")
    if state != "all":
        found = [pull for pull in found if pull.state == state]
    if "base" in query:
        found = [pull for pull in found if pull.base_ref == query["base"]]
    if ":" in query.get("head", ""):
        found = [pull for pull in found if _head_label(call, pull) == query["head"].lower()]
    sort = query.get("sort", "created")
    descending = query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    key = SORTS.get(sort, SORTS["created"])
    ordered = sorted(found, key=key, reverse=descending)  # type: ignore[arg-type]
    return call.page(ordered, lambda pull: pull_shapes.simple_pull(call.view, pull))


def create(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/pulls."""
    body = call.json()
    repository = call.repository()
    caller = _known_login(call)
    missing = [name for name in ("base", "head", "title") if not body.get(name)]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        raise ApiProblem(422, f"Invalid request.\n\n{names} wasn't supplied.")
    new = pulls.NewPull(
        title=str(body["title"]),
        head=str(body["head"]),
        base=str(body["base"]),
        body=str(body.get("body") or ""),
        draft=bool(body.get("draft")),
        maintainer_can_modify=bool(body.get("maintainer_can_modify", True)),
    )
    made = pulls.create(call.site, repository, caller, call.view.role(repository), new)
    shape = pull_shapes.new_pull(call.view, made)
    return Reply(201, shape, {"Location": shape["url"]})


def show(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/pulls/{number}."""
    return Reply(200, pull_shapes.full_pull(call.view, call.pull()))


def edit(call: Call) -> Reply:
    """PATCH /repos/{owner}/{name}/pulls/{number}: `title`, `body`, `state` and `base`."""
    body = call.json()
    pull = call.pull()
    repository = call.site.state.repositories[pull.repository]
    if pull.author != call.view.caller.login:
        call.repository(Role.WRITE)
    pull = pulls.change_text(
        call.site,
        pull,
        str(body.get("title", pull.title)),
        str(body.get("body", pull.body) or ""),
    )
    base = str(body.get("base", pull.base_ref))
    if base != pull.base_ref:
        oid = call.site.bare(repository).branch(base)
        if oid is None:
            raise invalid("PullRequest", "invalid", field="base")
        pull = pulls.change(call.site, pull, base_ref=base, base_oid=oid, seen_base_oid=oid)
    pull = _with_state(call, pull, str(body.get("state", pull.state)))
    return Reply(200, pull_shapes.full_pull(call.view, pull))


def merge(call: Call) -> Reply:
    """PUT /repos/{owner}/{name}/pulls/{number}/merge."""
    pull = call.pull(Role.WRITE)
    expected = str(call.json().get("sha") or "")
    merged = pulls.merge(call.site, pull, call.view.caller.login, expected)
    message = "Pull Request successfully merged"
    return Reply(200, {"sha": merged.merge_oid, "merged": True, "message": message})


def is_merged(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/pulls/{number}/merge."""
    if not call.pull().merged:
        raise not_found()
    return Reply(204)


def request_review(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/pulls/{number}/requested_reviewers."""
    body = call.json()
    pull = call.pull(Role.WRITE)
    wanted = [str(login) for login in body.get("reviewers", [])]
    known = call.site.state.accounts
    if any(login.lower() not in known for login in wanted):
        message = "Reviews may only be requested from collaborators."
        raise ApiProblem(422, f"{message} One or more of the users is not a collaborator.")
    if pull.author in wanted:
        raise ApiProblem(422, "Review cannot be requested from pull request author.")
    teams = [str(slug) for slug in body.get("team_reviewers", [])]
    pull = pulls.change(
        call.site,
        pull,
        reviewers=_joined(pull.reviewers, wanted),
        team_reviewers=_joined(pull.team_reviewers, teams),
    )
    return Reply(201, pull_shapes.simple_pull(call.view, pull))


def add_labels(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/issues/{number}/labels."""
    pull = call.pull(Role.TRIAGE)
    return _labelled(call, pull, _joined(pull.labels, _names(call)))


def set_labels(call: Call) -> Reply:
    """PUT /repos/{owner}/{name}/issues/{number}/labels."""
    return _labelled(call, call.pull(Role.TRIAGE), _joined((), _names(call)))


def list_labels(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/issues/{number}/labels."""
    pull = call.pull()
    repository = call.site.state.repositories[pull.repository]
    return call.page(pull.labels, lambda name: pull_shapes.label(call.view, repository, name))


def remove_label(call: Call) -> Reply:
    """DELETE /repos/{owner}/{name}/issues/{number}/labels/{label}."""
    pull = call.pull(Role.TRIAGE)
    name = unquote(call.parameters["label"])
    if name not in pull.labels:
        raise ApiProblem(404, "Label does not exist")
    return _labelled(call, pull, tuple(label for label in pull.labels if label != name))


def add_assignees(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/issues/{number}/assignees; unknown ones are left out silently."""
    pull = call.pull(Role.TRIAGE)
    wanted = [str(login) for login in call.json().get("assignees", [])]
    known = [login for login in wanted if login.lower() in call.site.state.accounts]
    pull = pulls.change(call.site, pull, assignees=_joined(pull.assignees, known))
    return Reply(201, pull_shapes.issue(call.view, pull))


def show_issue(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/issues/{number} of a pull request."""
    return Reply(200, pull_shapes.issue(call.view, call.pull()))


def list_comments(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/issues/{number}/comments."""
    pull = call.pull()
    return call.page(pull.comments, lambda c: pull_shapes.comment(call.view, pull, c))


def add_comment(call: Call) -> Reply:
    """POST /repos/{owner}/{name}/issues/{number}/comments."""
    pull = call.pull()
    author = _known_login(call)
    body = str(call.json().get("body") or "")
    if not body:
        raise invalid("IssueComment", "missing_field", field="body")
    at = call.site.now()
    made = Comment(id=call.site.state.new_id(), author=author, body=body, created_at=at)
    pulls.change(call.site, pull, comments=(*pull.comments, made))
    return Reply(201, pull_shapes.comment(call.view, pull, made))


def _known_login(call: Call) -> str:
    if not call.view.caller.is_known:
        raise ApiProblem(401, "Requires authentication")
    return call.view.caller.login


def _head_label(call: Call, pull: PullRequest) -> str:
    owner = call.site.state.repositories[pull.head_repository].owner
    return f"{owner}:{pull.head_ref}".lower()


def _with_state(call: Call, pull: PullRequest, state: str) -> PullRequest:
    if state == pull.state:
        return pull
    return pulls.close(call.site, pull) if state == "closed" else pulls.reopen(call.site, pull)


def _names(call: Call) -> list[str]:
    body = call.body()
    # GitHub takes a bare list as well as an object with `labels`.
    labels = body.get("labels", []) if isinstance(body, dict) else body
    if not isinstance(labels, list):
        raise invalid("Label", "invalid", field="labels")
    names = [str(item["name"] if isinstance(item, dict) else item) for item in labels]
    if any(len(name) > 50 for name in names):
        raise invalid("Label", "invalid", field="name")
    return names


def _labelled(call: Call, pull: PullRequest, labels: tuple[str, ...]) -> Reply:
    pull = pulls.change(call.site, pull, labels=labels)
    repository = call.site.state.repositories[pull.repository]
    return Reply(200, [pull_shapes.label(call.view, repository, name) for name in pull.labels])


def _joined(present: tuple[str, ...], added: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*present, *added)))
