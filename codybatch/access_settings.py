"""The settings of who may reach the workbench."""

from __future__ import annotations

from ipaddress import ip_network

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from codybatch.code_host_settings import empty_is_unset

LEAST_CHARACTERS = 24
"""As many as make guessing hopeless, where the token is random: ``openssl rand -hex 16``."""
ACCESS_VARIABLES = frozenset(
    {"CODYBATCH_ACCESS_TOKEN", "CODYBATCH_ACCESS_NAMES", "CODYBATCH_ACCESS_PROXIES"}
)
"""What no worker is told."""


class AccessSettings(BaseSettings):
    """Who may reach the workbench, and by which names."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    access_token: SecretStr | None = Field(
        default=None,
        validation_alias="CODYBATCH_ACCESS_TOKEN",
        description="What one signs in to the workbench with; at least 24 characters. Needed where "
        "it listens on another address than this machine's own.",
    )
    access_names: str = Field(
        default="",
        validation_alias="CODYBATCH_ACCESS_NAMES",
        description="Comma-separated host names by which the workbench may be reached, beside its "
        "address and this machine's name.",
    )

    access_proxies: str = Field(
        default="",
        validation_alias="CODYBATCH_ACCESS_PROXIES",
        description="Comma-separated addresses or networks of what stands before the workbench, "
        "such as a load balancer: it is believed who asks, and whether that was encrypted.",
    )

    @field_validator("access_token", mode="before")
    @classmethod
    def _unset_if_empty(cls, value: object) -> object:
        return empty_is_unset(value)

    @field_validator("access_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        written = value.get_secret_value() if value else ""
        if value and not all("!" <= character <= "~" for character in written):
            raise ValueError("a token has visible ASCII characters only, and no space")
        if value and len(written) < LEAST_CHARACTERS:
            raise ValueError(
                f"a token has at least {LEAST_CHARACTERS} characters: make one by "
                "`openssl rand -hex 16`"
            )
        return value

    @field_validator("access_proxies")
    @classmethod
    def _check_proxies(cls, value: str) -> str:
        proxies = [part.strip() for part in value.split(",") if part.strip()]
        try:
            return ",".join(str(ip_network(proxy)) for proxy in proxies)
        except ValueError:
            raise ValueError(
                "each proxy is an address, such as 10.0.0.7, or a network, such as 10.0.0.0/16"
            ) from None

    def access_token_value(self) -> str:
        """The token; empty where none is set."""
        return self.access_token.get_secret_value() if self.access_token else ""

    def names_of_access(self) -> frozenset[str]:
        """The further names by which the workbench may be reached."""
        names = (name.strip().lower().rstrip(".") for name in self.access_names.split(","))
        return frozenset(name for name in names if name)
