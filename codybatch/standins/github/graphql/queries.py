"""The root type of queries, and the schema as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from codybatch.standins.github import search
from codybatch.standins.github.graphql import (
    accounts,
    git_objects,
    pull_requests,
    repositories,
)
from codybatch.standins.github.graphql.schema import (
    Arguments,
    Field,
    Problem,
    Schema,
    Type,
    TypeBuilder,
    connection_types,
    page_info,
)
from codybatch.standins.github.problems import ApiProblem
from codybatch.standins.github.records import (
    Account,
    Check,
    PullRequest,
    Repository,
    Role,
    number_of,
)
from codybatch.standins.github.view import View

MOST_IDS = 100
PREFIX_TYPES = {"PR": "PullRequest", "R": "Repository", "U": "User", "O": "Organization"}


def build_schema() -> Schema:
    """Return the whole schema."""
    node = Type(
        "Node", {"id": Field("", lambda o, _, __: o.node_id)}, frozenset(PREFIX_TYPES.values())
    )
    found = [
        _query(),
        _rate_limit(),
        node,
        page_info(),
        Type("SearchResultItem", {}, frozenset({"Repository"})),
        *_search_types(),
        *accounts.types(),
        *git_objects.types(),
        *repositories.types(),
        *pull_requests.types(),
        *pull_requests.mutation(),
    ]
    return Schema({built.name: built for built in found}, name_of)


def name_of(value: Any) -> str:
    """Return the name of the object type of a value that stands for a node."""
    if isinstance(value, Account):
        return value.kind
    if isinstance(value, git_objects.GitObject):
        return value.kind.capitalize()
    if isinstance(value, Check):
        return "CheckRun" if value.kind == "check_run" else "StatusContext"
    return "PullRequest" if isinstance(value, PullRequest) else "Repository"


def _query() -> Type:
    built = TypeBuilder("Query")
    built.add("viewer", lambda _, __, view: view.site.account(view.caller.login), "User")
    built.add("repository", _repository, "Repository", "owner! name! followRenames")
    built.add("organization", _organization, "Organization", "login!")
    built.add("user", _user, "User", "login!")
    built.add("repositoryOwner", _owner, "RepositoryOwner", "login!")
    built.add("node", _node, "Node", "id!")
    built.add("nodes", _nodes, "Node", "ids!")
    built.add("rateLimit", _limit, "RateLimit", "dryRun")
    built.add_connection("search", _search, "SearchResultItemConnection", "query! type!")
    return built.build()


def _rate_limit() -> Type:
    built = TypeBuilder("RateLimit")
    built.add_plain(limit="limit", remaining="remaining", used="used")
    built.add("cost", lambda _, __, ___: 1)
    built.add("nodeCount", lambda _, __, ___: 0)
    built.add("resetAt", lambda window, _, __: window.resets_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return built.build()


def _search_types() -> Iterable[Type]:
    count = Field("", lambda page, _, __: len(page.everything))
    connection, edge = connection_types("SearchResultItem", extra={"repositoryCount": count})
    fields = {name: field for name, field in connection.fields.items() if name != "totalCount"}
    return Type(connection.name, fields), edge


def _repository(_: Any, arguments: Arguments, view: View) -> Repository:
    full_name = f"{arguments['owner']}/{arguments['name']}"
    found = view.find(full_name)
    renamed = found is not None and found.full_name.lower() != full_name.lower()
    if found is None or (renamed and arguments.get("followRenames") is False):
        message = f"Could not resolve to a Repository with the name '{full_name}'."
        raise Problem("NOT_FOUND", message)
    return found


def _account(view: View, login: str, kind: str | None, what: str) -> Account:
    found = view.site.state.accounts.get(login.lower())
    if found is None or (kind is not None and found.kind != kind):
        raise Problem("NOT_FOUND", f"Could not resolve to {what} with the login of '{login}'.")
    return found


def _organization(_: Any, arguments: Arguments, view: View) -> Account:
    return _account(view, arguments["login"], "Organization", "an Organization")


def _user(_: Any, arguments: Arguments, view: View) -> Account:
    return _account(view, arguments["login"], "User", "a User")


def _owner(_: Any, arguments: Arguments, view: View) -> Account | None:
    return view.site.state.accounts.get(str(arguments["login"]).lower())


def _node(_: Any, arguments: Arguments, view: View) -> Any:
    found = _find_node(view, str(arguments["id"]))
    if isinstance(found, Problem):
        raise found
    return found


def _nodes(_: Any, arguments: Arguments, view: View) -> list[Any]:
    ids = arguments["ids"] if isinstance(arguments["ids"], list) else [arguments["ids"]]
    if len(ids) > MOST_IDS:
        message = f"You may not provide more than {MOST_IDS} node ids; you provided {len(ids)}."
        raise Problem("ARGUMENT_LIMIT", message)
    return [_find_node(view, str(global_id)) for global_id in ids]


def _find_node(view: View, global_id: str) -> Any:
    """Return what a global id stands for, or the problem: others in a list are not harmed."""
    decoded = number_of(global_id)
    found: Any = None
    if decoded is not None and decoded[0] == "PR":
        found = pull_requests.find(view, global_id)
    elif decoded is not None and decoded[0] == "R":
        repository = view.site.state.repositories.get(decoded[1])
        found = repository if repository and view.role(repository) > Role.NONE else None
    elif decoded is not None and decoded[0] in PREFIX_TYPES:
        known = view.site.state.accounts.values()
        found = next((account for account in known if account.node_id == global_id), None)
    message = f"Could not resolve to a node with the global id of '{global_id}'"
    return Problem("NOT_FOUND", message) if found is None else found


def _limit(_: Any, __: Arguments, view: View) -> Any:
    return view.site.limits.spend(view.caller.login, "graphql", points=0)


def _search(_: Any, arguments: Arguments, view: View) -> list[Repository]:
    if arguments["type"] != "REPOSITORY":
        raise Problem("UNPROCESSABLE", f"The stand-in does not search for {arguments['type']}")
    try:
        return search.repositories(view, str(arguments["query"]))
    except ApiProblem:
        return []
