"""Repositories: how they are named, which are allowed, what is known of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Self

from codybatch.domain.errors import InvalidRepository, NoAllowList, RepositoryNotAllowed
from codybatch.domain.records import Moment, Record

# `_` stands before the short code of a company's managed users, such as mona_acme
# (docs.github.com, "Username considerations for external authentication").
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})"
_NAME = r"[A-Za-z0-9._-]{1,100}"
_REF = r"[^\s~^:?*\[\\\x00-\x1f\x7f\ud800-\udfff]{1,250}"
_WRITTEN = re.compile(rf"({_OWNER})/({_NAME})(?:@({_REF}))?")
_ADDRESS = re.compile(r"(?i)https?://([^/?#\s]+)(?:/(.*))?")
_CREDENTIAL = re.compile(r"//[^/\s]*@")
_SHOWN = 200
"""Characters of what somebody wrote that an error repeats."""
GITHUB = "github.com"


class RepositoryRef(Record):
    """A repository as a person writes it: ``owner/name`` or ``owner/name@ref``."""

    owner: str
    name: str
    ref: str | None = None

    @classmethod
    def parse(cls, text: str, host: str = GITHUB) -> Self:
        """Read ``owner/name[@ref]``, or a repository's address as a browser or git shows it.

        Args:
            text: what a person wrote.
            host: the code host's name, and its port where it has one; addresses elsewhere are
                refused.

        Raises:
            InvalidRepository: ``text`` has another form, or is an address on another host.
        """
        address = _ADDRESS.fullmatch(text.strip())
        written = _path_of(address[1], address[2] or "", host) if address else text.strip()
        found = _WRITTEN.fullmatch(written)
        if not found or found[2] in {".", ".."} or found[2].endswith(".git"):
            raise InvalidRepository(
                f"{_quoted(text)} is not a repository: write owner/name or owner/name@ref."
            )
        ref = found[3]
        if ref and not _git_allows(ref):
            raise InvalidRepository(
                f"{_quoted(ref)} in {_quoted(text)} is not a branch, tag or commit that git allows."
            )
        return cls(owner=found[1], name=found[2], ref=ref)

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        """As a person writes it."""
        return self.full_name + (f"@{self.ref}" if self.ref else "")


def _path_of(named: str, path: str, host: str) -> str:
    """``owner/name[@ref]`` of an address on ``host``.

    Raises:
        InvalidRepository: it is on another host, or holds a credential.
    """
    if "@" in named:  # never repeated: it may be somebody's token
        raise InvalidRepository(
            "An address that holds a user name or a token is not taken: write owner/name."
        )
    if named.lower() not in {host.lower(), f"www.{host}".lower()}:
        raise InvalidRepository(
            f"{_quoted(named)} is not the code host in use, which is {host}. Write owner/name, or "
            "set GITHUB_API_URL and GITHUB_SERVER_URL to the other one."
        )
    repository, has_branch, branch = path.partition("/tree/")
    if has_branch:
        return f"{repository}@{branch.rstrip('/')}"
    repository, has_ref, ref = path.partition("@")
    name = re.split("[?#]", repository, maxsplit=1)[0].rstrip("/").removesuffix(".git")
    return f"{name}{has_ref}{ref}"


def _quoted(text: str) -> str:
    """What somebody wrote, cut where it is long, and without what could be a token."""
    safe = _CREDENTIAL.sub("//…@", text[:10_000])
    return repr(safe if len(safe) <= _SHOWN else f"{safe[:_SHOWN]}…")


def _git_allows(ref: str) -> bool:
    """Whether a ref keeps the rules of ``git check-ref-format`` that a pattern cannot hold."""
    if ref == "@" or ref.startswith("-") or ref.endswith(".") or ".." in ref or "@{" in ref:
        return False
    parts = ref.split("/")
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)


class AllowList(Record):
    """Patterns over ``owner/name``, without regard to case; ``!`` excludes, and excluding wins."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read comma-separated patterns such as ``my-org/*,!my-org/secrets``."""
        return cls(patterns=tuple(part.strip() for part in text.split(",") if part.strip()))

    def permits(self, repository: RepositoryRef) -> bool:
        """Whether ``repository`` is allowed; an empty list allows none."""
        name = repository.full_name.lower()
        excluded = [p[1:].strip() for p in self.patterns if p.startswith("!")]
        included = [p for p in self.patterns if not p.startswith("!")]
        return _any_matches(name, included) and not _any_matches(name, excluded)

    def excluding(self, repository: RepositoryRef) -> str | None:
        """The first pattern, as it is written, that excludes ``repository``."""
        name = repository.full_name.lower()
        excluded = (p for p in self.patterns if p.startswith("!"))
        return next((p for p in excluded if _any_matches(name, [p[1:].strip()])), None)

    def check(self, repository: RepositoryRef) -> None:
        """Refuse a repository that is not allowed.

        Raises:
            NoAllowList: the list is empty.
            RepositoryNotAllowed: no pattern includes it, or one excludes it.
        """
        if not self.patterns:
            raise NoAllowList
        if not self.permits(repository):
            raise RepositoryNotAllowed(
                f"{repository.full_name} is not allowed: CODYBATCH_ALLOWED_REPOSITORIES is "
                f"{','.join(self.patterns)!r}."
            )


def _any_matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)


class RepositoryFacts(Record):
    """What the code host says of a repository at one moment."""

    id: str
    """The code host's own id; it survives a rename."""
    repository: RepositoryRef
    default_branch: str
    head_commit: str
    """The commit that the asked ref (or else the default branch) points at: 40 hex digits."""
    base_branch: str | None = None
    """Where a pull request would go to: the ref where it is a branch, else the default branch."""
    size_kb: int = 0
    """The code host's figure: kilobytes of the whole history."""
    private: bool = False
    archived: bool = False
    disabled: bool = False
    fork: bool = False
    language: str | None = None
    topics: tuple[str, ...] = ()
    pushed_at: Moment | None = None
    owned: bool = False
    """Whether the service account may push there (checked again before pushing)."""
    web_url: str | None = None


class LanguageShare(Record):
    """How much of a repository is in one language."""

    language: str
    files: int
    bytes: int


class Profile(Record):
    """What scanning a repository's pinned commit found; shown to people and given to the model."""

    files: int
    bytes: int
    languages: tuple[LanguageShare, ...] = ()
    """Most bytes first."""
    package_managers: tuple[str, ...] = ()
    test_folders: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    top_level: tuple[str, ...] = ()
    """Names at the root, folders with a trailing slash."""
    readme: str | None = None
    """The head of the README, at most 4 KiB; hostile text."""
    guidance_files: tuple[str, ...] = ()
    """AGENTS.md and its kin; read as guidance only where the request says so."""
    symlinks: int = 0
    submodules: tuple[str, ...] = ()
    lfs_files: int = 0
