"""Pull requests and labels as the REST API shows them."""

from __future__ import annotations

import hashlib

from codybatch.standins.github.pulls import merge_state, mergeable
from codybatch.standins.github.records import Comment, PullRequest, Repository, node_id
from codybatch.standins.github.rest.shapes import Json, account, repository, time
from codybatch.standins.github.view import View


def simple_pull(view: View, pull: PullRequest) -> Json:
    """Return a `pull-request-simple`, as lists give it: without `merged` and `mergeable`."""
    target = view.site.state.repositories[pull.repository]
    source = view.site.state.repositories[pull.head_repository]
    people = [account(view, login) for login in pull.assignees]
    return {
        **_addresses(view, target, pull),
        "id": pull.id,
        "node_id": pull.node_id,
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": account(view, pull.author),
        "body": pull.body or None,
        "labels": [label(view, target, name) for name in pull.labels],
        "milestone": None,
        "created_at": time(pull.created_at),
        "updated_at": time(pull.updated_at),
        "closed_at": time(pull.closed_at),
        "merged_at": time(pull.merged_at),
        "merge_commit_sha": pull.merge_oid,
        "assignee": people[0] if people else None,
        "assignees": people,
        "requested_reviewers": [account(view, login) for login in pull.reviewers],
        "requested_teams": [],
        "head": _end(view, source, pull.head_ref, pull.head_oid),
        "base": _end(view, target, pull.base_ref, pull.base_oid),
        "author_association": "COLLABORATOR",
        "auto_merge": _auto_merge(view, pull),
        "draft": pull.draft,
    }


def new_pull(view: View, pull: PullRequest) -> Json:
    """Return a `pull-request` just made: GitHub has not tried the merge yet."""
    return {**full_pull(view, pull), "mergeable": None, "mergeable_state": "unknown"}


def full_pull(view: View, pull: PullRequest) -> Json:
    """Return a `pull-request`, as asking for one gives it."""
    bare = view.site.bare(view.site.state.repositories[pull.repository])
    size = view.site.comparisons.size(bare, pull.base_oid, pull.head_oid)
    can_merge = mergeable(view.site, pull)
    return {
        **simple_pull(view, pull),
        "merged": pull.merged,
        "mergeable": can_merge,
        "rebaseable": can_merge,
        "mergeable_state": merge_state(view.site, pull).lower(),
        "merged_by": account(view, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.files,
    }


def issue(view: View, pull: PullRequest) -> Json:
    """Return the `issue` that every pull request is as well."""
    shape = simple_pull(view, pull)
    kept = (
        *("id", "node_id", "number", "state", "locked", "title", "user", "body", "labels"),
        *("milestone", "created_at", "updated_at", "closed_at", "assignee", "assignees"),
        *("html_url", "comments_url", "author_association", "draft"),
    )
    url = shape["issue_url"]
    repository_url = url.rpartition("/issues/")[0]
    links = {name: shape[name] for name in ("url", "html_url", "diff_url", "patch_url")}
    return {
        **{name: shape[name] for name in kept},
        "url": url,
        "repository_url": repository_url,
        "labels_url": f"{url}/labels{{/name}}",
        "events_url": f"{url}/events",
        "comments": len(pull.comments),
        "pull_request": {**links, "merged_at": shape["merged_at"]},
    }


def label(view: View, shown: Repository, name: str) -> Json:
    """Return a label; its colour follows from its name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {
        "id": int(digest[:8], 16),
        "node_id": node_id("LA", int(digest[:8], 16)),
        "url": view.api(f"/repos/{shown.full_name}/labels/{name}"),
        "name": name,
        "color": digest[:6],
        "default": False,
        "description": None,
    }


def comment(view: View, pull: PullRequest, shown: Comment) -> Json:
    """Return an issue comment."""
    repository_name = view.site.state.repositories[pull.repository].full_name
    issues = view.api(f"/repos/{repository_name}/issues")
    return {
        "id": shown.id,
        "node_id": node_id("IC", shown.id),
        "url": f"{issues}/comments/{shown.id}",
        "html_url": view.html(f"/{repository_name}/pull/{pull.number}#issuecomment-{shown.id}"),
        "issue_url": f"{issues}/{pull.number}",
        "body": shown.body,
        "user": account(view, shown.author),
        "author_association": "COLLABORATOR",
        "created_at": time(shown.created_at),
        "updated_at": time(shown.created_at),
    }


def _end(view: View, shown: Repository, ref: str, oid: str) -> Json:
    return {
        "label": f"{shown.owner}:{ref}",
        "ref": ref,
        "sha": oid,
        "user": account(view, shown.owner),
        "repo": repository(view, shown),
    }


def _auto_merge(view: View, pull: PullRequest) -> Json | None:
    if pull.auto_merge_method is None:
        return None
    return {
        "enabled_by": account(view, pull.author),
        "merge_method": pull.auto_merge_method.lower(),
        "commit_title": pull.title,
        "commit_message": "",
    }


def _addresses(view: View, target: Repository, pull: PullRequest) -> Json:
    html = view.html(f"/{target.full_name}/pull/{pull.number}")
    api = view.api(f"/repos/{target.full_name}")
    url = f"{api}/pulls/{pull.number}"
    issue_url = f"{api}/issues/{pull.number}"
    links = {
        "self": url,
        "html": html,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_oid}",
    }
    return {
        "url": url,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue_url,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "_links": {name: {"href": address} for name, address in links.items()},
    }
