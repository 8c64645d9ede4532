"""Who asks the API, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from codybatch.api.refusals import ScopeMissing
from codybatch.api_settings import ApiToken, Scope
from codybatch.domain.identifiers import Person


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request."""

    person: Person
    scopes: frozenset[Scope]
    token: str = ""
    """The token's name; empty for the person of this machine."""

    @classmethod
    def by(cls, token: ApiToken) -> Self:
        """Whose token it is."""
        return cls(Person(token.name), token.scopes, token.name)

    @classmethod
    def of_this_machine(cls, person: Person) -> Self:
        """The person of this machine, who may do everything here, as on the command line."""
        return cls(person, frozenset(Scope))

    def check(self, scope: Scope, what: str = "this", why: str = "") -> None:
        """Refuse what the caller may not do.

        Args:
            scope: what they need.
            what: needs it.
            why: sentences more, for people.

        Raises:
            ScopeMissing: the token has no such scope.
        """
        if not self.scopes & {scope, Scope.ADMIN}:
            raise ScopeMissing(self.token, scope, what, why)
