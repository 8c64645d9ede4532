"""The type PullRequest and the changes that can be made to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from codybatch.standins.github import pulls
from codybatch.standins.github.graphql import git_objects
from codybatch.standins.github.graphql.repositories import state_of
from codybatch.standins.github.graphql.schema import (
    Arguments,
    Problem,
    Resolver,
    Type,
    TypeBuilder,
    connection_types,
)
from codybatch.standins.github.records import PullRequest, Repository, Role, number_of
from codybatch.standins.github.rest.shapes import time
from codybatch.standins.github.view import View

MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}


def find(view: View, global_id: str) -> PullRequest | None:
    """Return a pull request that the caller may see by its global id, up to date."""
    decoded = number_of(global_id)
    if decoded is None or decoded[0] != "PR":
        return None
    found = view.site.state.pull_with_id(decoded[1])
    if found is None or view.role(view.site.state.repositories[found.repository]) is Role.NONE:
        return None
    return pulls.follow(view.site, found)


def types() -> Iterable[Type]:
    """Return the types of this file."""
    yield _pull_request()
    yield from connection_types("PullRequest")
    label = TypeBuilder("Label")
    label.add("name", lambda name, _, __: name)
    yield label.build()
    yield from connection_types("Label")
    commit = TypeBuilder("PullRequestCommit")
    commit.add("commit", lambda found, _, __: found, "Commit")
    yield commit.build()
    yield from connection_types("PullRequestCommit")
    auto_merge = TypeBuilder("AutoMergeRequest")
    auto_merge.add("mergeMethod", lambda pull, _, __: pull.auto_merge_method)
    auto_merge.add("enabledAt", lambda pull, _, __: time(pull.updated_at))
    yield auto_merge.build()


def mutation() -> Iterable[Type]:
    """Return the root type of mutations and what they give back."""
    built = TypeBuilder("Mutation")
    for name, change in _MUTATIONS.items():
        payload = TypeBuilder(f"{name[0].upper()}{name[1:]}Payload")
        payload.add("clientMutationId", lambda result, _, __: result[1])
        payload.add("pullRequest", lambda result, _, __: result[0], "PullRequest")
        if name.endswith("AutoMerge"):
            payload.add("actor", _actor, "Actor")
        yield payload.build()
        built.add(name, _mutating(change), payload.name, "input!")
    yield built.build()


def _pull_request() -> Type:
    built = TypeBuilder("PullRequest")
    built.add_plain(
        id="node_id",
        databaseId="id",
        fullDatabaseId="id",
        number="number",
        title="title",
        body="body",
        isDraft="draft",
        merged="merged",
        headRefName="head_ref",
        headRefOid="head_oid",
        baseRefName="base_ref",
        baseRefOid="base_oid",
        isInMergeQueue="in_merge_queue",
        reviewDecision="review_decision",
        maintainerCanModify="maintainer_can_modify",
    )
    for name in ("createdAt", "updatedAt", "closedAt", "mergedAt"):
        built.add(name, _moment(f"{name[:-2]}_at"))
    _add_states(built)
    _add_people(built)
    _add_git(built)
    return built.build()


def _add_states(built: TypeBuilder) -> None:
    built.add("state", lambda pull, _, __: state_of(pull))
    built.add("closed", lambda pull, _, __: pull.state == "closed")
    built.add("mergeable", lambda pull, _, view: MERGEABLE[pulls.mergeable(view.site, pull)])
    built.add("mergeStateStatus", lambda pull, _, view: pulls.merge_state(view.site, pull))
    built.add(
        "autoMergeRequest",
        lambda pull, _, __: pull if pull.auto_merge_method else None,
        "AutoMergeRequest",
    )
    built.add("viewerCanUpdate", lambda pull, _, view: view.role(_base(pull, view)) >= Role.WRITE)
    built.add_connection("labels", lambda pull, _, __: pull.labels, "LabelConnection", "orderBy")


def _add_people(built: TypeBuilder) -> None:
    built.add("author", lambda pull, _, view: view.site.account(pull.author), "Actor")
    built.add("mergedBy", _merged_by, "Actor")
    built.add_connection(
        "assignees",
        lambda pull, _, view: [view.site.account(login) for login in pull.assignees],
        "UserConnection",
    )


def _add_git(built: TypeBuilder) -> None:
    for name in ("url", "permalink"):
        built.add(name, _url)
    for name in ("repository", "baseRepository"):
        built.add(name, lambda pull, _, view: _base(pull, view), "Repository")
    built.add("headRepository", lambda pull, _, view: _head(pull, view), "Repository")
    built.add("headRef", lambda p, _, v: git_objects.ref(v, _head(p, v), p.head_ref), "Ref")
    built.add("baseRef", lambda p, _, v: git_objects.ref(v, _base(p, v), p.base_ref), "Ref")
    built.add(
        "statusCheckRollup",
        lambda pull, _, view: git_objects.rollup_of(view, _head_commit(pull, view)),
        "StatusCheckRollup",
    )
    for name in ("additions", "deletions"):
        built.add(name, _size(name))
    built.add("changedFiles", _size("files"))
    built.add_connection("commits", _commits, "PullRequestCommitConnection")


def _moment(attribute: str) -> Resolver:
    return lambda pull, _, __: time(getattr(pull, attribute))


def _size(attribute: str) -> Resolver:
    def resolve(pull: PullRequest, _: Arguments, view: View) -> Any:
        bare = view.site.bare(_base(pull, view))
        size = view.site.comparisons.size(bare, pull.base_oid, pull.head_oid)
        return getattr(size, attribute)

    return resolve


def _url(pull: PullRequest, _: Arguments, view: View) -> str:
    return view.html(f"/{_base(pull, view).full_name}/pull/{pull.number}")


def _base(pull: PullRequest, view: View) -> Repository:
    return view.site.state.repositories[pull.repository]


def _head(pull: PullRequest, view: View) -> Repository:
    return view.site.state.repositories[pull.head_repository]


def _head_commit(pull: PullRequest, view: View) -> git_objects.GitObject:
    return git_objects.commit(view, _head(pull, view), pull.head_oid)


def _merged_by(pull: PullRequest, _: Arguments, view: View) -> Any:
    return view.site.account(pull.merged_by) if pull.merged_by else None


def _commits(pull: PullRequest, _: Arguments, view: View) -> list[git_objects.GitObject]:
    repository = _base(pull, view)
    span = f"{pull.base_oid}..{pull.head_oid}"
    oids = view.site.bare(repository).git("rev-list", "--reverse", span).decode().split()
    return [git_objects.commit(view, repository, oid) for oid in oids]


def _actor(_: Any, __: Arguments, view: View) -> Any:
    return view.site.account(view.caller.login)


def _mutating(change: Callable[[View, PullRequest, Arguments], PullRequest]) -> Resolver:
    def resolve(_: Any, arguments: Arguments, view: View) -> tuple[PullRequest, Any]:
        given = arguments["input"]
        pull = find(view, str(given.get("pullRequestId")))
        if pull is None:
            message = (
                f"Could not resolve to a node with the global id of '{given.get('pullRequestId')}'"
            )
            raise Problem("NOT_FOUND", message)
        if view.role(_base(pull, view)) < Role.WRITE:
            raise Problem("FORBIDDEN", "Resource not accessible by personal access token")
        return change(view, pull, given), given.get("clientMutationId")

    return resolve


def _mark_ready(view: View, pull: PullRequest, _: Arguments) -> PullRequest:
    return pulls.change(view.site, pull, draft=False)


def _convert_to_draft(view: View, pull: PullRequest, _: Arguments) -> PullRequest:
    if not _base(pull, view).drafts_supported:
        raise Problem("UNPROCESSABLE", pulls.DRAFTS_UNSUPPORTED)
    return pulls.change(view.site, pull, draft=True)


def _close(view: View, pull: PullRequest, _: Arguments) -> PullRequest:
    return pulls.close(view.site, pull)


def _enable_auto_merge(view: View, pull: PullRequest, given: Arguments) -> PullRequest:
    if not _base(pull, view).auto_merge_allowed:
        message = "Pull request Auto merge is not allowed for this repository"
        raise Problem("UNPROCESSABLE", message)
    status = pulls.merge_state(view.site, pull)
    if status in {"CLEAN", "DRAFT"}:
        raise Problem("UNPROCESSABLE", f"Pull request Pull request is in {status.lower()} status")
    expected = given.get("expectedHeadOid")
    if expected and expected != pull.head_oid:
        raise Problem("UNPROCESSABLE", "Head sha didn't match expected head sha.")
    method = str(given.get("mergeMethod") or "MERGE")
    return pulls.change(view.site, pull, auto_merge_method=method)


def _disable_auto_merge(view: View, pull: PullRequest, _: Arguments) -> PullRequest:
    return pulls.change(view.site, pull, auto_merge_method=None)


_MUTATIONS = {
    "markPullRequestReadyForReview": _mark_ready,
    "convertPullRequestToDraft": _convert_to_draft,
    "closePullRequest": _close,
    "enablePullRequestAutoMerge": _enable_auto_merge,
    "disablePullRequestAutoMerge": _disable_auto_merge,
}
