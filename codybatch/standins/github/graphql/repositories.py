"""The type Repository and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from codybatch.standins.github import pulls
from codybatch.standins.github.graphql import git_objects
from codybatch.standins.github.graphql.schema import (
    Arguments,
    Field,
    Problem,
    Type,
    TypeBuilder,
    connection_types,
)
from codybatch.standins.github.records import PullRequest, Repository, node_id
from codybatch.standins.github.rest.shapes import time
from codybatch.standins.github.view import View


@dataclass(frozen=True)
class Language:
    """A language, and its bytes in one repository."""

    name: str
    size: int


def types() -> Iterable[Type]:
    """Return the types of this file."""
    yield _repository()
    yield from connection_types("Repository")
    yield from _language_types()
    yield from _topic_types()
    queue = TypeBuilder("MergeQueue")
    queue.add("id", lambda repository, _, __: node_id("MQ", repository.id))
    queue.add("url", lambda r, _, view: view.html(f"/{r.full_name}/queue/{r.default_branch}"))
    yield queue.build()


def _repository() -> Type:
    built = TypeBuilder("Repository")
    built.add_plain(
        id="node_id",
        databaseId="id",
        name="name",
        nameWithOwner="full_name",
        isArchived="archived",
        isDisabled="disabled",
        isLocked="locked",
        isPrivate="private",
        stargazerCount="stars",
        autoMergeAllowed="auto_merge_allowed",
    )
    _add_facts(built)
    _add_git(built)
    _add_pulls(built)
    return built.build()


def _add_facts(built: TypeBuilder) -> None:
    built.add("description", lambda r, _, __: r.description or None)
    built.add("url", lambda r, _, view: view.html(f"/{r.full_name}"))
    built.add("owner", lambda r, _, view: view.site.account(r.owner), "RepositoryOwner")
    built.add("isFork", lambda r, _, __: r.fork_of is not None)
    built.add("isTemplate", lambda _, __, ___: False)
    built.add("visibility", lambda r, _, __: "PRIVATE" if r.private else "PUBLIC")
    built.add(
        "parent", lambda r, _, view: view.site.state.repositories.get(r.fork_of), "Repository"
    )
    built.add("diskUsage", lambda r, _, view: view.site.size_kb(r))
    built.add("viewerPermission", lambda r, _, view: view.role(r).name)
    built.add("viewerCanAdminister", lambda r, _, view: view.role(r).name == "ADMIN")
    built.add("pushedAt", lambda r, _, __: time(r.pushed_at))
    built.add("updatedAt", lambda r, _, __: time(r.pushed_at))
    built.add("createdAt", lambda r, _, __: time(r.created_at))
    built.add("primaryLanguage", _primary_language, "Language")
    built.add_connection("languages", _languages, "LanguageConnection", "orderBy")
    built.add_connection("repositoryTopics", lambda r, _, __: r.topics, "RepositoryTopicConnection")
    built.add("mergeQueue", lambda r, _, __: r if r.merge_queue else None, "MergeQueue", "branch")
    for name in ("mergeCommitAllowed", "squashMergeAllowed", "rebaseMergeAllowed"):
        built.add(name, lambda _, __, ___: True)


def _add_git(built: TypeBuilder) -> None:
    built.add("isEmpty", lambda r, _, view: not view.site.bare(r).branches())
    built.add("defaultBranchRef", _default_branch, "Ref")
    built.add("ref", _ref, "Ref", "qualifiedName!")
    built.add_connection("refs", _refs, "RefConnection", "refPrefix! query orderBy direction")
    built.add("object", _object, "GitObject", "expression oid")


def _add_pulls(built: TypeBuilder) -> None:
    built.add("pullRequest", _pull, "PullRequest", "number!")
    arguments = "states labels headRefName baseRefName orderBy"
    built.add_connection("pullRequests", _pulls, "PullRequestConnection", arguments)


def _default_branch(repository: Any, _: Arguments, view: View) -> git_objects.Ref | None:
    return git_objects.ref(view, repository, repository.default_branch)


def _ref(repository: Any, arguments: Arguments, view: View) -> git_objects.Ref | None:
    return git_objects.ref(view, repository, arguments["qualifiedName"])


def _refs(repository: Any, arguments: Arguments, view: View) -> list[git_objects.Ref]:
    if arguments["refPrefix"] != "refs/heads/":
        return []
    branches = view.site.bare(repository).branches().items()
    return [git_objects.Ref(repository, name, oid) for name, oid in branches]


def _object(repository: Any, arguments: Arguments, view: View) -> git_objects.GitObject | None:
    return git_objects.find_object(view, repository, arguments)


def _pull(repository: Any, arguments: Arguments, view: View) -> PullRequest:
    number = arguments["number"]
    found = view.site.state.pulls.get((repository.id, number))
    if found is None:
        message = f"Could not resolve to a PullRequest with the number of {number}."
        raise Problem("NOT_FOUND", message)
    return pulls.follow(view.site, found)


def _pulls(repository: Any, arguments: Arguments, view: View) -> list[PullRequest]:
    found = pulls.follow_all(view.site, repository)
    states = arguments.get("states")
    if states:
        found = [pull for pull in found if state_of(pull) in states]
    for name, attribute in (("headRefName", "head_ref"), ("baseRefName", "base_ref")):
        if arguments.get(name):
            found = [pull for pull in found if getattr(pull, attribute) == arguments[name]]
    newest_first = (arguments.get("orderBy") or {}).get("direction") == "DESC"
    return found if newest_first else found[::-1]


def state_of(pull: PullRequest) -> str:
    """Return GraphQL's state of a pull request, in which merged is not closed."""
    return "MERGED" if pull.merged else pull.state.upper()


def _primary_language(repository: Any, _: Arguments, view: View) -> Language | None:
    name = view.site.language(repository)
    return None if name is None else Language(name, 0)


def _languages(repository: Repository, _: Arguments, view: View) -> list[Language]:
    return [Language(*item) for item in view.site.language_bytes(repository).items()]


def _language_types() -> Iterable[Type]:
    language = TypeBuilder("Language")
    language.add_plain(name="name")
    language.add("id", lambda found, _, __: node_id("LA", sum(found.name.encode())))
    yield language.build()
    total = Field("", lambda page, _, __: sum(found.size for found in page.everything))
    connection, edge = connection_types("Language", extra={"totalSize": total})
    size = Field("", lambda pair, _, __: pair[1].size)
    yield connection
    yield Type(edge.name, {**edge.fields, "size": size})


def _topic_types() -> Iterable[Type]:
    topic = TypeBuilder("Topic")
    topic.add("name", lambda name, _, __: name)
    repository_topic = TypeBuilder("RepositoryTopic")
    repository_topic.add("topic", lambda name, _, __: name, "Topic")
    yield topic.build()
    yield repository_topic.build()
    yield from connection_types("RepositoryTopic")
