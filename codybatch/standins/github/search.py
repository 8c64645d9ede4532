"""Search for repositories and for code: the qualifiers people use, over what is really there."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from codybatch.standins.git.bare import BareRepository
from codybatch.standins.github.languages import language_of
from codybatch.standins.github.problems import ApiProblem, invalid
from codybatch.standins.github.records import Repository
from codybatch.standins.github.view import View

# A part of a query: perhaps excluded, perhaps qualified, perhaps in quotes.
PART = re.compile(r'(?P<minus>-)?(?:(?P<name>[a-z-]+):)?(?P<value>"[^"]*"|\S+)')
COMPARISONS: tuple[tuple[str, Callable[[float, float], bool]], ...] = (
    (">=", operator.ge),
    ("<=", operator.le),
    (">", operator.gt),
    ("<", operator.lt),
)
OWNER_QUALIFIERS = ("org", "user")
IGNORED = ("in", "sort", "order")


@dataclass(frozen=True)
class Part:
    """A word (without a name) or a qualifier of a query."""

    name: str
    value: str
    excluded: bool


@dataclass(frozen=True)
class CodeHit:
    """One file in which all words of a query stand."""

    repository: Repository
    path: str
    oid: str


def parse(query: str) -> list[Part]:
    """Take a query apart.

    Raises:
        ApiProblem: 422 for an empty query.
    """
    parts = [
        Part(found["name"] or "", found["value"].strip('"'), bool(found["minus"]))
        for found in PART.finditer(query)
    ]
    if not parts:
        raise invalid("Search", "missing", field="q")
    return parts


def repositories(view: View, query: str) -> list[Repository]:
    """Return the repositories that fit, those with most stars first.

    Raises:
        ApiProblem: 422 for an empty query or an owner or repository that cannot be searched.
    """
    parts = parse(query)
    _check_scope(view, parts)
    forks = any(part.name == "fork" for part in parts)
    found = [
        repository
        for repository in view.visible()
        if (forks or repository.fork_of is None) and _fits_all(view, repository, parts)
    ]
    return sorted(found, key=lambda repository: (-repository.stars, repository.id))


def code(view: View, query: str) -> list[CodeHit]:
    """Return the files on default branches in which every word stands, in any case.

    Raises:
        ApiProblem: as `repositories`, and 422 without a word to look for.
    """
    parts = parse(query)
    _check_scope(view, parts)
    words = [part.value for part in parts if not part.name and not part.excluded]
    if not words:
        message = "Search text is required when searching source code. "
        raise invalid("Search", "invalid", field="q", message=message)
    narrowing = [part for part in parts if part.name in {"org", "user", "repo", "is", "archived"}]
    return [
        hit
        for repository in view.visible()
        if repository.fork_of is None and _fits_all(view, repository, narrowing)
        for hit in _grep(view, repository, words)
        if all(_file_fits(hit.path, part) for part in parts)
    ]


def _check_scope(view: View, parts: Sequence[Part]) -> None:
    """Refuse owners and repositories that do not exist, as GitHub does."""
    accounts = view.site.state.accounts
    for part in parts:
        unknown_owner = part.name in OWNER_QUALIFIERS and part.value.lower() not in accounts
        unknown_repository = part.name == "repo" and view.find(part.value) is None
        if unknown_owner or unknown_repository:
            message = (
                "The listed users and repositories cannot be searched either because the "
                "resources do not exist or you do not have permission to view them."
            )
            raise invalid("Search", "invalid", field="q", message=message)


def _fits_all(view: View, repository: Repository, parts: Sequence[Part]) -> bool:
    scopes = [part for part in parts if part.name in {"org", "user", "repo"} and not part.excluded]
    if scopes and not any(_in_scope(repository, part) for part in scopes):
        return False
    rest = [part for part in parts if part not in scopes]
    return all(_fits(view, repository, part) != part.excluded for part in rest)


def _in_scope(repository: Repository, part: Part) -> bool:
    name = repository.full_name if part.name == "repo" else repository.owner
    return name.lower() == part.value.lower()


def _fits(view: View, repository: Repository, part: Part) -> bool:
    value = part.value.lower()
    tests: dict[str, Callable[[], bool]] = {
        "": lambda: value in _searched_text(repository),
        "org": lambda: _in_scope(repository, part),
        "user": lambda: _in_scope(repository, part),
        "repo": lambda: _in_scope(repository, part),
        "topic": lambda: value in repository.topics,
        "language": lambda: (view.site.language(repository) or "").lower() == value,
        "archived": lambda: repository.archived == (value == "true"),
        "fork": lambda: value != "only" or repository.fork_of is not None,
        "is": lambda: repository.private == (value == "private"),
        "size": lambda: _in_range(view.site.size_kb(repository), part.value),
        "stars": lambda: _in_range(repository.stars, part.value),
        "pushed": lambda: _in_time(repository.pushed_at, part.value),
        "created": lambda: _in_time(repository.created_at, part.value),
    }
    if part.name in IGNORED:
        return not part.excluded
    # A qualifier that GitHub does not know is a word like any other.
    unknown = f"{part.name}:{value}"
    return tests.get(part.name, lambda: unknown in _searched_text(repository))()


def _searched_text(repository: Repository) -> str:
    return " ".join((repository.name, repository.description, *repository.topics)).lower()


def _in_range(number: float, wanted: str) -> bool:
    if ".." in wanted:
        low, _, high = wanted.partition("..")
        return (low == "*" or number >= _number(low)) and (high == "*" or number <= _number(high))
    for sign, compare in COMPARISONS:
        if wanted.startswith(sign):
            return compare(number, _number(wanted.removeprefix(sign)))
    return number == _number(wanted)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ApiProblem(422, "Validation Failed") from error


def _in_time(moment: datetime, wanted: str) -> bool:
    def seconds(found: re.Match[str]) -> str:
        try:
            parsed = datetime.fromisoformat(found[0])
        except ValueError as error:
            raise ApiProblem(422, "Validation Failed") from error
        return str((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())

    return _in_range(moment.timestamp(), re.sub(r"\d{4}-[^.]*", seconds, wanted))


def _grep(view: View, repository: Repository, words: Sequence[str]) -> list[CodeHit]:
    bare = view.site.bare(repository)
    head = bare.branch(repository.default_branch)
    if head is None:
        return []
    # The words may stand on different lines: what one pass for each has found in common.
    found = set.intersection(*(_files_with(bare, head, word) for word in words))
    if not found:
        return []
    tree = bare.git("ls-tree", "-r", "-z", head).decode(errors="replace").split("\0")
    oids = {path: facts.split()[2] for facts, _, path in (e.partition("\t") for e in tree if e)}
    return [CodeHit(repository, path, oids[path]) for path in sorted(found)]


def _files_with(bare: BareRepository, head: str, word: str) -> set[str]:
    flags = ("-i", "-I", "-F", "-l", "-z", "--full-name")
    listed = bare.try_git("grep", *flags, "-e", word, head).stdout.decode(errors="replace")
    return {entry.partition(":")[2] for entry in listed.split("\0") if entry}


def _file_fits(path: str, part: Part) -> bool:
    value = part.value.lower()
    name = path.rpartition("/")[2].lower()
    tests: dict[str, Callable[[], bool]] = {
        "language": lambda: (language_of(path) or "").lower() == value,
        "extension": lambda: name.endswith(f".{value.lstrip('.')}"),
        "filename": lambda: value in name,
        "path": lambda: value.strip("/") in path.lower() or fnmatchcase(path.lower(), value),
    }
    test = tests.get(part.name)
    return test is None or test() != part.excluded
