"""The settings of the HTTP API: who may ask for what, and how much at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from codybatch.code_host_settings import empty_is_unset

API_VARIABLES = frozenset(
    {
        "CODYBATCH_API_TOKENS",
        "CODYBATCH_API_REQUESTS_PER_MINUTE",
        "CODYBATCH_API_MAX_BODY_KB",
    }
)
"""What no worker is told."""
MOST_TOKENS = 200
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Scope(StrEnum):
    """What a token lets its holder do; ``admin`` is all of it, the others are apart."""

    READ = "read"
    SUBMIT = "submit"
    JUDGE = "judge"
    PUBLISH = "publish"
    ADMIN = "admin"


ABOUT_SCOPES: Mapping[Scope, str] = {
    Scope.READ: "Look at requests, jobs, results, costs, prompts, schedules and how things stand.",
    Scope.SUBMIT: "Choose repositories, estimate, submit, retry, follow up, release, cancel, and "
    "save prompts; no further, and for no more money, than the settings say.",
    Scope.JUDGE: "Give and take back one's own verdicts.",
    Scope.PUBLISH: "Publish patches, with an override where one is asked for, and refresh pull "
    "requests; with `submit`, submit what publishes further than CODYBATCH_PUBLISH.",
    Scope.ADMIN: "Everything: also raise caps, submit with higher ones than the settings', archive "
    "prompts, keep schedules, and look through the whole store.",
}


@dataclass(frozen=True)
class ApiToken:
    """One token that opens the API, known by its digest alone."""

    name: str
    """Whose it is: the person that requests and verdicts name."""
    scopes: frozenset[Scope]
    sha256: str
    """Of the token, in hex."""

    @classmethod
    def parse(cls, written: str) -> ApiToken:
        """Read ``name:scope+scope:SHA-256``.

        Raises:
            ValueError: it has another form; the message repeats neither a digest nor a token.
        """
        name, scopes, digest = (*(part.strip() for part in written.split(":")), "", "")[:3]
        if written.count(":") != 2:
            raise ValueError("an entry is written name:scope+scope:SHA-256 of the token in hex")
        if not _NAME.fullmatch(name):
            raise ValueError(
                "the name of a token has 1 to 64 letters, digits, dots, dashes, underscores or @"
            )
        unknown = sorted(set(scopes.split("+")) - set(Scope))
        if unknown:
            raise ValueError(
                f"the token {name} has {' and '.join(map(repr, unknown))} for a scope; there are "
                f"{', '.join(Scope)}"
            )
        if not _DIGEST.fullmatch(digest.lower()):
            raise ValueError(
                f"the token {name} ends in 64 hexadecimal digits, the SHA-256 of the token: "
                f"`codybatch api token {name}` prints the whole entry"
            )
        return cls(name, frozenset(map(Scope, scopes.split("+"))), digest.lower())

    def __str__(self) -> str:
        """The entry of the setting."""
        scopes = "+".join(scope for scope in Scope if scope in self.scopes)
        return f"{self.name}:{scopes}:{self.sha256}"


class ApiSettings(BaseSettings):
    """Who may ask the HTTP API for what, and how much at a time."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    api_token_entries: SecretStr | None = Field(
        default=None,
        validation_alias="CODYBATCH_API_TOKENS",
        description="Comma-separated name:scope+scope:SHA-256 of each token that opens the HTTP "
        "API; `codybatch api token NAME` makes one. Needed where the API listens on another "
        "address than this machine's own. A name may stand twice, to exchange its token.",
    )
    api_requests_per_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        validation_alias="CODYBATCH_API_REQUESTS_PER_MINUTE",
        description="How many requests a minute one token may send to the HTTP API, of each of "
        "its processes.",
    )
    api_max_body_kb: int = Field(
        default=1024,
        ge=16,
        le=10_240,
        validation_alias="CODYBATCH_API_MAX_BODY_KB",
        description="How large the body of one request to the HTTP API may be, in KiB.",
    )

    @field_validator("api_token_entries", mode="before")
    @classmethod
    def _no_tokens_if_empty(cls, value: object) -> object:
        return empty_is_unset(value)

    @field_validator("api_token_entries")
    @classmethod
    def _check_tokens(cls, value: SecretStr | None) -> SecretStr | None:
        found = _parsed(value.get_secret_value()) if value else ()
        if len(found) > MOST_TOKENS:
            raise ValueError(f"there are {len(found)} entries, and at most {MOST_TOKENS} are taken")
        digests = [token.sha256 for token in found]
        for token in found:
            if digests.count(token.sha256) > 1:
                raise ValueError(f"the token of {token.name} stands there twice: give each its own")
        return value

    def api_tokens(self) -> tuple[ApiToken, ...]:
        """The tokens that open the API."""
        entries = self.api_token_entries
        return _parsed(entries.get_secret_value()) if entries else ()

    def api_digests(self) -> list[str]:
        """The digests of the tokens, for redaction."""
        return [token.sha256 for token in self.api_tokens()]


def _parsed(written: str) -> tuple[ApiToken, ...]:
    return tuple(ApiToken.parse(entry) for entry in written.split(",") if entry.strip())
