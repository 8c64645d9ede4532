"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.standins.git.smart_http import (
    Admitted,
    GitCall,
    Refused,
    password_of,
)
from codybatch.standins.github.problems import bad_credentials
from codybatch.standins.github.records import Repository, Role, Token
from codybatch.standins.github.site import Site
from codybatch.standins.loopback import Request


@dataclass(frozen=True)
class Caller:
    """Who is asking; all fields are empty for nobody."""

    token: str = ""
    login: str = ""
    is_installation: bool = False
    repositories: tuple[int, ...] | None = None
    scopes: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a valid credential."""
        return bool(self.token)


def caller_of(site: Site, request: Request) -> Caller:
    """Return who sent an API request.

    Raises:
        ApiProblem: 401 for a credential that is unknown, revoked or expired.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        value = password_of(request) or ""
    if not scheme:
        return Caller()
    token = valid_token(site, value.strip())
    if token is None:
        raise bad_credentials()
    return _caller(token)


def valid_token(site: Site, value: str) -> Token | None:
    """Return the token of this value if it still holds."""
    with site.state.lock:
        tokens = list(site.state.tokens.values())
    for token in tokens:
        expired = token.expires_at is not None and token.expires_at <= site.now()
        if token.value == value and not token.revoked and not expired:
            return token
    return None


def role_of(caller: Caller, repository: Repository) -> Role:
    """Return what a caller may do with a repository."""
    least = Role.NONE if repository.private else Role.READ
    if not caller.is_known:
        return least
    if caller.repositories is not None:
        return Role.WRITE if repository.id in caller.repositories else least
    if caller.login.lower() == repository.owner.lower():
        return Role.ADMIN
    named = repository.permissions.get(caller.login.lower())
    return max(least, Role.named(named)) if named else least


class SiteAccess:
    """Decides for git as github.com does."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def admit(self, call: GitCall, password: str | None) -> Admitted:
        """Return where the repository lies; see `GitAccess`.

        Raises:
            Refused: with the status and the words of github.com.
        """
        caller = self._caller(password)
        repository = self._site.state.repository_named(f"{call.owner}/{call.name}")
        if repository is None or role_of(caller, repository) is Role.NONE:
            # Without credentials git is asked for them, so that a private repository can be read.
            raise Refused(404 if caller.is_known else 401, "Repository not found.")
        _refuse_moved(repository, call)
        if repository.disabled:
            raise Refused(403, "Access to this repository has been disabled.")
        if call.writes:
            _refuse_push(caller, repository)
            return Admitted(self._site.writable(repository).path, caller.login)
        return Admitted(self._site.bare(repository).path, caller.login)

    def _caller(self, password: str | None) -> Caller:
        if password is None:
            return Caller()
        token = valid_token(self._site, password)
        if token is None:
            raise Refused(
                401,
                "Invalid username or token. "
                "Password authentication is not supported for Git operations.",
            )
        return _caller(token)


def _refuse_moved(repository: Repository, call: GitCall) -> None:
    asked = f"{call.owner}/{call.name}".lower()
    if asked != repository.full_name.lower() and call.rest == "/info/refs":
        service = "git-receive-pack" if call.writes else "git-upload-pack"
        location = f"/{repository.full_name}.git/info/refs?service={service}"
        raise Refused(301, "Moved.", location)


def _refuse_push(caller: Caller, repository: Repository) -> None:
    if not caller.is_known:
        raise Refused(401, "No anonymous write access.")
    if role_of(caller, repository) < Role.WRITE:
        raise Refused(403, f"Permission to {repository.full_name}.git denied to {caller.login}.")
    if repository.archived:
        raise Refused(403, "This repository was archived so it is read-only.")
    if repository.locked:
        raise Refused(403, "This repository is locked.")


def _caller(token: Token) -> Caller:
    is_installation = token.installation is not None
    scopes = None if is_installation else token.scopes
    return Caller(token.name, token.login, is_installation, token.repositories, scopes)
