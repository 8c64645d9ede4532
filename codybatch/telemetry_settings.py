"""The settings of OpenTelemetry, by the standard's own names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from codybatch.code_host_settings import checked_address

NO_COLLECTOR: Mapping[str, str] = {"otlp_endpoint": "", "otlp_headers": ""}
"""Overrides by which whatever collector the environment names is not used."""

_SIGNALS = ("", "TRACES_")
_FURTHER = ("TIMEOUT", "COMPRESSION", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE")
FURTHER_VARIABLES = frozenset(
    {
        *(f"OTEL_EXPORTER_OTLP_{signal}{name}" for signal in _SIGNALS for name in _FURTHER),
        *("OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"),
    }
)
"""What OpenTelemetry reads by itself, in the processes that export."""

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=\s*[ !#-:<-\[\]-~]+")


class TelemetrySettings(BaseSettings):
    """Where spans go: https://opentelemetry.io/docs/specs/otel/protocol/exporter/."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    otlp_endpoint: str = Field(
        default="",
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Address of an OpenTelemetry collector (OTLP over HTTP); empty for no spans.",
    )
    otlp_headers: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OTEL_EXPORTER_OTLP_HEADERS",
        description="Headers for the collector, such as a credential: name=value, with commas.",
    )
    otel_service_name: str = Field(
        default="codybatch",
        validation_alias="OTEL_SERVICE_NAME",
        description="The name under which the collector keeps spans.",
    )

    @field_validator("otlp_endpoint")
    @classmethod
    def _check_endpoint(cls, value: str) -> str:
        return checked_address(value) if value.strip() else ""

    @field_validator("otlp_headers")
    @classmethod
    def _check_headers(cls, value: SecretStr) -> SecretStr:
        # OpenTelemetry would repeat them in a log.
        written = [part.strip() for part in value.get_secret_value().split(",")]
        if not all(_HEADER.fullmatch(part) for part in written if part):
            raise ValueError("headers are written name=value, a comma between two of them")
        return value

    def collector_headers(self) -> Mapping[str, str]:
        """The headers as they are sent."""
        written = self.otlp_headers.get_secret_value()
        pairs = [part.partition("=") for part in written.split(",") if part.strip()]
        return {name.strip(): unquote(value.strip()) for name, _, value in pairs}

    def collector_secrets(self) -> tuple[str, ...]:
        """What a log must not hold of the headers: each value, as written and as sent."""
        written = self.otlp_headers.get_secret_value()
        values = [part.partition("=")[2].strip() for part in written.split(",")]
        sent = self.collector_headers().values()
        words = [value.rpartition(" ")[2] for value in sent]  # the token of `Bearer ...`
        return tuple(dict.fromkeys(value for value in (*values, *sent, *words) if value))
