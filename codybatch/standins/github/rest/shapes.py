"""Accounts and repositories as the REST API shows them (GitHub's OpenAPI description)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from codybatch.standins.github.records import Account, Repository, Role
from codybatch.standins.github.view import View

Json = dict[str, Any]

ACCOUNT_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
ORGANIZATION_LINKS = {
    "repos_url": "/repos",
    "events_url": "/events",
    "hooks_url": "/hooks",
    "issues_url": "/issues",
    "members_url": "/members{/member}",
    "public_members_url": "/public_members{/member}",
}
REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
REPOSITORY_CONSTANTS = {
    "mirror_url": None,
    "homepage": None,
    "license": None,
    "is_template": False,
    "has_issues": True,
    "has_projects": True,
    "has_wiki": True,
    "has_pages": False,
    "has_downloads": True,
    "has_discussions": False,
    "allow_forking": True,
    "web_commit_signoff_required": False,
    "forks": 0,
    "forks_count": 0,
    "open_issues": 0,
    "open_issues_count": 0,
}


def time(moment: datetime | None) -> str | None:
    """Return a moment as GitHub writes it, in UTC to the second."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def account(view: View, login: str) -> Json:
    """Return a `simple-user`, which stands for organisations too."""
    shown = view.site.account(login)
    url = view.api(f"/users/{shown.login}")
    return {
        "login": shown.login,
        "id": shown.id,
        "node_id": shown.node_id,
        "avatar_url": view.html(f"/avatars/{shown.id}"),
        "gravatar_id": "",
        "url": url,
        "html_url": view.html(f"/{shown.login}"),
        "type": shown.kind,
        "site_admin": False,
        **{name: url + rest for name, rest in ACCOUNT_LINKS.items()},
    }


def full_account(view: View, shown: Account) -> Json:
    """Return what `/users/{login}` and `/user` say beside a `simple-user`."""
    owned = [r for r in view.visible() if r.owner.lower() == shown.login.lower()]
    return {
        **account(view, shown.login),
        **dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio")),
        "name": shown.login,
        "public_repos": sum(not repository.private for repository in owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def organization(view: View, shown: Account) -> Json:
    """Return what `/orgs/{login}` says."""
    url = view.api(f"/orgs/{shown.login}")
    links = {name: url + rest for name, rest in ORGANIZATION_LINKS.items()}
    return {
        **full_account(view, shown),
        **links,
        "url": url,
        "description": None,
        "archived_at": None,
        "has_organization_projects": True,
        "has_repository_projects": True,
    }


def minimal_repository(view: View, shown: Repository) -> Json:
    """Return a `minimal-repository`, without permissions, as code search gives it."""
    url = view.api(f"/repos/{shown.full_name}")
    return {
        "id": shown.id,
        "node_id": shown.node_id,
        "name": shown.name,
        "full_name": shown.full_name,
        "private": shown.private,
        "owner": account(view, shown.owner),
        "html_url": view.html(f"/{shown.full_name}"),
        "description": shown.description or None,
        "fork": shown.fork_of is not None,
        "url": url,
        **{name: url + rest for name, rest in REPOSITORY_LINKS.items()},
    }


def repository(view: View, shown: Repository) -> Json:
    """Return a `repository`, as lists and searches give it."""
    clone_url = view.html(f"/{shown.full_name}.git")
    shape = {
        **minimal_repository(view, shown),
        **REPOSITORY_CONSTANTS,
        "created_at": time(shown.created_at),
        "updated_at": time(shown.pushed_at),
        "pushed_at": time(shown.pushed_at),
        "git_url": clone_url.replace("http://", "git://"),
        "ssh_url": f"git@127.0.0.1:{shown.full_name}.git",
        "clone_url": clone_url,
        "svn_url": view.html(f"/{shown.full_name}"),
        "size": view.site.size_kb(shown),
        "stargazers_count": shown.stars,
        "watchers_count": shown.stars,
        "watchers": shown.stars,
        "language": view.site.language(shown),
        "archived": shown.archived,
        "disabled": shown.disabled,
        "topics": list(shown.topics),
        "visibility": "private" if shown.private else "public",
        "default_branch": shown.default_branch,
    }
    if view.caller.is_known:
        shape["permissions"] = permissions(view.role(shown))
    return shape


def full_repository(view: View, shown: Repository) -> Json:
    """Return a `full-repository`, as `/repos/{owner}/{name}` gives it."""
    shape = {
        **repository(view, shown),
        "allow_auto_merge": shown.auto_merge_allowed,
        "allow_merge_commit": True,
        "allow_squash_merge": True,
        "allow_rebase_merge": True,
        "delete_branch_on_merge": False,
        "network_count": 0,
        "subscribers_count": 0,
    }
    if shown.fork_of is not None:
        parent = repository(view, view.site.state.repositories[shown.fork_of])
        shape |= {"parent": parent, "source": parent}
    return shape


def permissions(role: Role) -> dict[str, bool]:
    """Return the five flags for a role."""
    return {
        "admin": role >= Role.ADMIN,
        "maintain": role >= Role.MAINTAIN,
        "push": role >= Role.WRITE,
        "triage": role >= Role.TRIAGE,
        "pull": role >= Role.READ,
    }
