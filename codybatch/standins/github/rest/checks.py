"""Check runs and commit statuses."""

from __future__ import annotations

from codybatch.standins.github.checks import combined_state
from codybatch.standins.github.problems import ApiProblem
from codybatch.standins.github.records import Check, Repository, node_id
from codybatch.standins.github.rest.call import Call, Reply
from codybatch.standins.github.rest.repositories import resolve
from codybatch.standins.github.rest.shapes import Json, minimal_repository, time
from codybatch.standins.github.view import View


def check_runs(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/commits/{ref}/check-runs."""
    repository, oid = _commit(call)
    runs = [c for c in call.site.state.checks_of(repository.id, oid) if c.kind == "check_run"]
    reply = call.page(runs, lambda check: _check_run(call.view, repository, check))
    reply.data = {"total_count": len(runs), "check_runs": reply.data}
    return reply


def combined_status(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/commits/{ref}/status."""
    repository, oid = _commit(call)
    statuses = [c for c in call.site.state.checks_of(repository.id, oid) if c.kind == "status"]
    api = call.view.api(f"/repos/{repository.full_name}/commits/{oid}")
    return Reply(
        200,
        {
            "state": combined_state(statuses),
            "sha": oid,
            "total_count": len(statuses),
            "statuses": [_status(call.view, repository, status) for status in statuses],
            "repository": minimal_repository(call.view, repository),
            "commit_url": api,
            "url": f"{api}/status",
        },
    )


def _commit(call: Call) -> tuple[Repository, str]:
    repository = call.repository()
    oid = resolve(call.site.bare(repository), call.parameters["ref"])
    if oid is None:
        raise ApiProblem(422, f"No commit found for SHA: {call.parameters['ref']}")
    return repository, oid


def _check_run(view: View, repository: Repository, check: Check) -> Json:
    html = view.html(f"/{repository.full_name}/runs/{check.id}")
    texts = dict.fromkeys(("title", "summary", "text"))
    return {
        "id": check.id,
        "node_id": node_id("CR", check.id),
        "head_sha": check.oid,
        "external_id": "",
        "name": check.name,
        "url": view.api(f"/repos/{repository.full_name}/check-runs/{check.id}"),
        "html_url": html,
        "details_url": html,
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": time(check.at),
        "completed_at": time(check.at) if check.status == "completed" else None,
        "output": {**texts, "annotations_count": 0, "annotations_url": ""},
        "check_suite": {"id": check.repository},
        "app": None,
        "pull_requests": [],
    }


def _status(view: View, repository: Repository, check: Check) -> Json:
    return {
        "id": check.id,
        "node_id": node_id("SC", check.id),
        "url": view.api(f"/repos/{repository.full_name}/statuses/{check.oid}"),
        "avatar_url": None,
        "state": check.conclusion or "pending",
        "context": check.name,
        "description": None,
        "target_url": None,
        "created_at": time(check.at),
        "updated_at": time(check.at),
    }
