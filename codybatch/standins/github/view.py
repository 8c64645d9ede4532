"""How one caller sees the site: which addresses stand in the answers."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.standins.github.access import Caller, role_of
from codybatch.standins.github.records import Repository, Role
from codybatch.standins.github.site import Site


@dataclass(frozen=True)
class View:
    """The site for one request.

    Arguments:
        site: what there is.
        caller: who asks.
        origin: scheme, host and port that the client used: it may insist on them.
        prefix: `/api/v3` as on GitHub Enterprise, or empty as on api.github.com.
    """

    site: Site
    caller: Caller
    origin: str
    prefix: str

    def api(self, path: str) -> str:
        """Return the address of something in the API."""
        return f"{self.origin}{self.prefix}{path}"

    def html(self, path: str) -> str:
        """Return the address of a page for people."""
        return f"{self.origin}{path}"

    def role(self, repository: Repository) -> Role:
        """Return what the caller may do there."""
        return role_of(self.caller, repository)

    def visible(self) -> list[Repository]:
        """Return the repositories that the caller may read, oldest first."""
        with self.site.state.lock:
            known = list(self.site.state.repositories.values())
        return sorted((r for r in known if self.role(r) > Role.NONE), key=lambda r: r.id)

    def find(self, full_name: str) -> Repository | None:
        """Return a repository that the caller may read, by its present or a former name."""
        found = self.site.state.repository_named(full_name)
        return found if found is not None and self.role(found) > Role.NONE else None
