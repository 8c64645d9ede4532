"""In whose name GitHub is asked: a token's account, an installation of a GitHub App, or nobody.

A token that GitHub gives an installation ends after an hour (docs.github.com, "Generating an
installation access token for a GitHub App"). It is kept in memory alone, renewed before it ends,
and once more where GitHub refuses it early.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import jwt
from github import Auth, GithubIntegration
from github.Installation import Installation

from codybatch.domain.errors import CodeHostCredentialRefused, NotPermitted, RepositoryNotFound
from codybatch.github.failures import translated
from codybatch.ports import Clock

TIMEOUT_SECONDS = 30
"""To connect, and between two bytes of an answer."""
FOR_A_CALL = timedelta(minutes=2)
"""What is left of a token's life where a call of the API begins."""
FOR_GIT = timedelta(minutes=30)
"""What is left where git begins: a large clone takes minutes, and asks once."""


class Credential(Protocol):
    """What GitHub is shown."""

    @property
    def variable(self) -> str:
        """The settings it comes from, for messages."""
        ...

    @property
    def identity(self) -> str:
        """What tells it from every other, and reveals nothing."""
        ...

    @property
    def is_nobody(self) -> bool:
        """Whether GitHub is asked without any."""
        ...

    @property
    def is_installation(self) -> bool:
        """Whether it is a GitHub App's, of one installation."""
        ...

    def auth(self) -> Auth.Auth | None:
        """For PyGithub; None for nobody."""
        ...

    def token(self, lasting: timedelta) -> str | None:
        """A token that lives at least that long where GitHub gives such ones; None for nobody."""
        ...

    def renew(self) -> bool:
        """Give up the token that GitHub refused; whether there may be another."""
        ...


@dataclass(frozen=True)
class FixedToken:
    """A token that a person has set; without a value, nobody."""

    value: str | None = field(repr=False)
    variable: str = "GITHUB_TOKEN"

    @property
    def identity(self) -> str:
        """A digest of the token."""
        return hashlib.sha256((self.value or "").encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_nobody(self) -> bool:
        """Whether there is no token."""
        return not self.value

    @property
    def is_installation(self) -> bool:
        """Whether somebody else got it for an installation, as GitHub Actions does."""
        return (self.value or "").startswith("ghs_")

    def auth(self) -> Auth.Auth | None:
        """For PyGithub."""
        return Auth.Token(self.value) if self.value else None

    def token(self, lasting: timedelta) -> str | None:  # noqa: ARG002 - it lives as long as it does
        """The token, whatever its life."""
        return self.value or None

    def renew(self) -> bool:
        """There is no other."""
        return False


def _tell_nobody(tokens: tuple[str, ...]) -> None:
    del tokens


@dataclass(frozen=True)
class GitHubApp:
    """A GitHub App, by its settings."""

    id: str
    private_key: str = field(repr=False)
    """In PEM."""
    installation: int | None = None
    """Which one; None where there is only one."""


@dataclass(frozen=True)
class _Held:
    value: str = field(repr=False)
    ends_at: datetime


class AppInstallation:
    """A GitHub App's installation, whose tokens are made when they are needed; for all threads."""

    variable = "GITHUB_APP_ID and its private key"
    is_nobody = False
    is_installation = True

    def __init__(
        self,
        app: GitHubApp,
        api_url: str,
        clock: Clock,
        on_tokens: Callable[[tuple[str, ...]], None] = _tell_nobody,
    ) -> None:
        """Get tokens for an app; nothing is asked for yet.

        Args:
            app: whose.
            api_url: of the REST API.
            clock: the time, for when a token ends.
            on_tokens: is told all tokens that are alive whenever there is a new one, so that they
                can be kept out of everything that is shown.
        """
        self._app = app
        self._api_url = api_url.rstrip("/")
        self._clock = clock
        self._on_tokens = on_tokens
        self._lock = threading.Lock()
        self._installation = app.installation
        self._held: _Held | None = None
        self._alive: tuple[_Held, ...] = ()

    @property
    def identity(self) -> str:
        """A digest of the app and its installation, which no renewal changes."""
        parts = (self._app.id, str(self._app.installation), self._app.private_key)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def auth(self) -> Auth.Auth | None:
        """For PyGithub."""
        return _InstallationAuth(self)

    def token(self, lasting: timedelta) -> str:
        """A token that lives at least ``lasting``, or as long as GitHub makes it.

        Raises:
            CodeHostCredentialRefused: GitHub gives none; the message says what to set.
            CodeHostThrottled, RepositoryUnavailable: it could not be asked for now.
        """
        with self._lock:
            if self._held is None or self._held.ends_at - self._clock.now() < lasting:
                self._held = self._made()
                now = self._clock.now()
                self._alive = (*(each for each in self._alive if each.ends_at > now), self._held)
                self._on_tokens(tuple(each.value for each in self._alive))
            return self._held.value

    def renew(self) -> bool:
        """Give up the token that was refused; the next one is a new one."""
        with self._lock:
            had, self._held = self._held, None
            return had is not None

    def _made(self) -> _Held:
        logging.getLogger("github.Requester").addFilter(_without_tokens)
        doing = "getting a token of the GitHub App"
        try:
            with translated(doing, self._clock, self.variable), closing(self._asking()) as asking:
                if self._installation is None:
                    self._installation = self._only_one(list(asking.get_installations()))
                made = asking.get_access_token(self._installation)
                return _Held(made.token, made.expires_at)
        except CodeHostCredentialRefused:
            raise CodeHostCredentialRefused(
                f"GitHub refused GITHUB_APP_ID {self._app.id} with its private key: one does not "
                "belong to the other, the key was revoked, or this machine's clock is wrong."
            ) from None
        except NotPermitted as error:
            raise CodeHostCredentialRefused(
                f"The GitHub App's installation cannot be used: {error}"
            ) from None
        except RepositoryNotFound:
            raise CodeHostCredentialRefused(
                f"The GitHub App {self._app.id} has no installation {self._installation}. "
                "Check GITHUB_APP_INSTALLATION_ID, or leave it out."
            ) from None
        except _NoInstallation as problem:
            raise CodeHostCredentialRefused(str(problem)) from None

    def _asking(self) -> GithubIntegration:
        return GithubIntegration(
            auth=Auth.AppAuth(self._app.id, sign_func=self._signed),
            base_url=self._api_url,
            timeout=TIMEOUT_SECONDS,
            user_agent="cody-batch",
            per_page=100,
            retry=0,
            seconds_between_requests=0,
            seconds_between_writes=0,
            lazy=True,
        )

    def _signed(self, claims: dict[str, object]) -> str:
        if not self._app.private_key:
            raise _NoInstallation(
                "The GitHub App's private key cannot be read. Check GITHUB_APP_PRIVATE_KEY_FILE."
            )
        try:
            return jwt.encode(claims, self._app.private_key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _NoInstallation(
                "The GitHub App's private key is no RSA key in PEM. Set GITHUB_APP_PRIVATE_KEY or "
                "GITHUB_APP_PRIVATE_KEY_FILE to the whole file that GitHub gave."
            ) from None

    def _only_one(self, found: list[Installation]) -> int:
        if len(found) == 1:
            return found[0].id
        if not found:
            raise _NoInstallation(
                f"The GitHub App {self._app.id} is installed nowhere. Install it for the "
                "organisation whose repositories it is to work on."
            )
        listed = ", ".join(
            f"{each.id} ({(each.raw_data.get('account') or {}).get('login', 'unknown')})"
            for each in found
        )
        raise _NoInstallation(
            f"The GitHub App {self._app.id} is installed {len(found)} times: {listed}. "
            "Set GITHUB_APP_INSTALLATION_ID to one of them."
        )


class _NoInstallation(Exception):
    """What keeps the app from having a token, in a sentence."""


class _InstallationAuth(Auth.Auth):
    """Gives PyGithub a token for each call."""

    def __init__(self, installation: AppInstallation) -> None:
        self._of = installation

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self._of.token(FOR_A_CALL)

    @property
    def _masked_token(self) -> str:
        return "(installation's token removed)"


class _WithoutTokens(logging.Filter):
    """PyGithub logs whole answers when it is asked to; one that holds a token is not logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "/access_tokens" not in record.getMessage()


_without_tokens = _WithoutTokens()
