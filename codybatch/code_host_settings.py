"""The settings of the code host: where it is, and in whose name it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NO_APP: Mapping[str, None] = {
    "github_app_id": None,
    "github_app_private_key": None,
    "github_app_private_key_file": None,
    "github_app_installation_id": None,
}
"""Overrides by which whatever App the environment names is not used."""


class CodeHostSettings(BaseSettings):
    """GitHub's addresses, and a token or a GitHub App."""

    # Not by field name: `home` would then be read from HOME.
    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    github_token: SecretStr | None = Field(
        default=None,
        validation_alias="GITHUB_TOKEN",
        description="Token of the service account; without one only public repositories are read.",
    )
    github_app_id: str | None = Field(
        default=None,
        pattern=r"[A-Za-z0-9.]+",
        validation_alias="GITHUB_APP_ID",
        description="Number or client id of a GitHub App, which takes the place of GITHUB_TOKEN.",
    )
    github_app_private_key: SecretStr | None = Field(
        default=None,
        validation_alias="GITHUB_APP_PRIVATE_KEY",
        description="The App's private key: the whole text of the PEM file that GitHub gave.",
    )
    github_app_private_key_file: Path | None = Field(
        default=None,
        validation_alias="GITHUB_APP_PRIVATE_KEY_FILE",
        description="The file with the App's private key, in place of its text.",
    )
    github_app_installation_id: int | None = Field(
        default=None,
        ge=1,
        validation_alias="GITHUB_APP_INSTALLATION_ID",
        description="Which installation of the App; not needed where there is only one.",
    )
    github_api_url: str = Field(
        default="https://api.github.com",
        validation_alias="GITHUB_API_URL",
        description="Address of the GitHub REST API (GitHub Enterprise: https://HOST/api/v3).",
    )
    github_server_url: str = Field(
        default="https://github.com",
        validation_alias="GITHUB_SERVER_URL",
        description="Where clones come from.",
    )

    github_write_pause_seconds: float = Field(
        default=1.0,
        ge=0,
        le=60,
        validation_alias="CODYBATCH_GITHUB_WRITE_PAUSE_SECONDS",
        description="How long between two writes to GitHub, which asks for a second.",
    )

    @field_validator(
        "github_token",
        "github_app_id",
        "github_app_private_key",
        "github_app_private_key_file",
        "github_app_installation_id",
        mode="before",
    )
    @classmethod
    def _none_if_unset(cls, value: object) -> object:
        return empty_is_unset(value)

    @field_validator("github_api_url", "github_server_url")
    @classmethod
    def _check_address(cls, value: str) -> str:
        return checked_address(value)

    @field_validator("github_app_private_key_file")
    @classmethod
    def _absolute_key_file(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("github_app_private_key")
    @classmethod
    def _check_private_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        # Where a variable can hold one line only, line feeds are written as \\n.
        text = value.get_secret_value().replace("\\n", "\n").strip()
        if not text.startswith("-----BEGIN "):
            raise ValueError("it is no private key in PEM, which begins with -----BEGIN")
        return SecretStr(f"{text}\n")

    @model_validator(mode="after")
    def _check_code_host_credential(self) -> Self:
        keys = [self.github_app_private_key, self.github_app_private_key_file]
        given = sum(key is not None for key in keys)
        if self.github_app_id is None and (given or self.github_app_installation_id):
            raise ValueError("a GitHub App needs GITHUB_APP_ID beside its private key")
        if self.github_app_id is None:
            return self
        if self.github_token is not None:
            raise ValueError(
                "GITHUB_TOKEN and GITHUB_APP_ID are both set, and only one can be used: unset one"
            )
        if given != 1:
            raise ValueError(
                "GITHUB_APP_ID needs the App's private key, once: set GITHUB_APP_PRIVATE_KEY or "
                "GITHUB_APP_PRIVATE_KEY_FILE"
            )
        return self

    @property
    def code_host_name(self) -> str:
        """The host, and its port where that is given, that addresses of repositories name."""
        return urlsplit(self.github_server_url).netloc

    @property
    def has_code_host_credential(self) -> bool:
        """Whether the code host is asked in somebody's name."""
        return self.github_token is not None or self.github_app_id is not None

    def github_app_key(self) -> str:
        """The private key of the GitHub App, in PEM; empty where it cannot be read."""
        if self.github_app_private_key is not None:
            return self.github_app_private_key.get_secret_value()
        if self.github_app_private_key_file is None:
            return ""
        try:
            return self.github_app_private_key_file.read_text(encoding="ascii")
        except (OSError, ValueError):  # said by whoever needs it
            return ""


def empty_is_unset(value: object) -> object:
    """What a variable says: nothing where it is empty, or ``none`` as we write it ourselves."""
    unset = isinstance(value, str) and value.strip().lower() in {"", "none"}
    return None if unset else value


def checked_address(value: str) -> str:
    """An address without a slash at its end.

    Raises:
        ValueError: it is none, or holds a credential.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address begins with https:// (or http://) and names a host")
    if parts.username or parts.password:
        raise ValueError("an address holds no user name or password; use the token's variable")
    return value.rstrip("/")
