"""Every setting: read once from the environment, validated, explained.

Standard variables keep their names (``ANTHROPIC_API_KEY``, ``GITHUB_TOKEN``, …); ours begin with
``CODYBATCH_``. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import difflib
import getpass
import hashlib
import os
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import NoDecode

from codybatch.access_settings import ACCESS_VARIABLES, AccessSettings
from codybatch.api_settings import API_VARIABLES, ApiSettings
from codybatch.aws_settings import NO_AWS, AwsSettings
from codybatch.code_host_settings import (
    NO_APP,
    CodeHostSettings,
    checked_address,
    empty_is_unset,
)
from codybatch.domain.documents import EVERYBODY
from codybatch.domain.errors import InvalidSetting
from codybatch.domain.expectations import explained
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import AllowList
from codybatch.telemetry_settings import FURTHER_VARIABLES, NO_COLLECTOR, TelemetrySettings

_OURS = "CODYBATCH_"
DEFAULT_MODEL = "claude-sonnet-5-5"


class Settings(AwsSettings, TelemetrySettings, ApiSettings, AccessSettings, CodeHostSettings):
    """All settings with their defaults. The description of each is what the documentation shows."""

    # where things live
    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("codybatch", appauthor=False)),
        validation_alias="CODYBATCH_HOME",
        description="Folder of the embedded store, the logs and the work trees.",
    )
    person: str = Field(
        default="",
        validation_alias="CODYBATCH_PERSON",
        description="Who acts; the operating system's user by default.",
    )
    is_demonstration: bool = Field(
        default=False,
        validation_alias="CODYBATCH_DEMONSTRATION",
        description="Whether this home directory holds the demonstration; `up --demo` sets it.",
    )

    # the model
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias="ANTHROPIC_API_KEY", description="Key of the Anthropic API."
    )
    anthropic_base_url: str = Field(
        default="https://api.anthropic.com",
        validation_alias="ANTHROPIC_BASE_URL",
        description="Address of the Anthropic API.",
    )
    model: str = Field(
        default=DEFAULT_MODEL,
        validation_alias="CODYBATCH_MODEL",
        description="Model of new requests.",
    )
    price_overrides: Path | None = Field(
        default=None,
        validation_alias="CODYBATCH_PRICES",
        description="File with prices of models that the built-in table does not know.",
    )

    # policy
    allowed_repositories: Annotated[AllowList, NoDecode] = Field(
        default=AllowList(),
        validation_alias="CODYBATCH_ALLOWED_REPOSITORIES",
        description="Comma-separated patterns over owner/name; ! excludes. Empty: none is allowed.",
    )
    max_repositories_per_request: int = Field(
        default=5,
        ge=1,
        le=10_000,
        validation_alias="CODYBATCH_MAX_REPOSITORIES_PER_REQUEST",
        description="How many repositories one request may name.",
    )
    publish: PublishMode = Field(
        default=PublishMode.NONE,
        validation_alias="CODYBATCH_PUBLISH",
        description="How far publication goes by default: none, branch, draft or ready.",
    )
    verdict_reasons: str = Field(
        default="wrong, incomplete, too large, style, breaks tests, not needed, unsafe",
        validation_alias="CODYBATCH_VERDICT_REASONS",
        description="Comma-separated reasons that a verdict may name, until people change them.",
    )

    # limits and money
    max_parallel_jobs: int = Field(
        default=4,
        ge=1,
        le=256,
        validation_alias="CODYBATCH_MAX_PARALLEL_JOBS",
        description="How many jobs run at once on this machine.",
    )
    job_cost_cap_usd: Decimal | None = Field(
        default=Decimal(2),
        gt=0,
        validation_alias="CODYBATCH_JOB_COST_CAP_USD",
        description="What one job may cost, in US dollars; `none` for no cap.",
    )
    request_cost_cap_usd: Decimal | None = Field(
        default=Decimal(10),
        gt=0,
        validation_alias="CODYBATCH_REQUEST_COST_CAP_USD",
        description="What one request may cost, in US dollars; `none` for no cap.",
    )
    daily_cost_cap_usd: Decimal | None = Field(
        default=Decimal(50),
        gt=0,
        validation_alias="CODYBATCH_DAILY_COST_CAP_USD",
        description="What all jobs of one UTC day may cost, in US dollars; `none` for no cap.",
    )
    max_turns: int = Field(
        default=60,
        ge=1,
        le=1000,
        validation_alias="CODYBATCH_MAX_TURNS",
        description="How many replies of the model one job may take.",
    )
    max_minutes: int = Field(
        default=45,
        ge=1,
        le=14 * 24 * 60,
        validation_alias="CODYBATCH_MAX_MINUTES",
        description="How long one job may work, waiting not counted.",
    )
    max_repository_mb: int = Field(
        default=2048,
        ge=1,
        validation_alias="CODYBATCH_MAX_REPOSITORY_MB",
        description="How large a checked-out repository may be, in MiB.",
    )
    max_repository_files: int = Field(
        default=200_000,
        ge=1,
        validation_alias="CODYBATCH_MAX_REPOSITORY_FILES",
        description="How many files a repository may have.",
    )

    @field_validator("allowed_repositories", mode="before")
    @classmethod
    def _read_allow_list(cls, value: object) -> object:
        return AllowList.parse(value) if isinstance(value, str) else value

    @field_validator(
        "job_cost_cap_usd", "request_cost_cap_usd", "daily_cost_cap_usd", mode="before"
    )
    @classmethod
    def _read_cap(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() == "none" else value

    @field_validator("anthropic_api_key", "price_overrides", mode="before")
    @classmethod
    def _none_if_empty(cls, value: object) -> object:
        return empty_is_unset(value)

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("person")
    @classmethod
    def _somebody(cls, value: str) -> str:
        if value == EVERYBODY:
            raise ValueError(f"nobody is called {value!r}: it stands for everybody")
        return value

    @field_validator("anthropic_base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        return checked_address(value)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that a verdict may name, each once."""
        written = (" ".join(part.split()) for part in self.verdict_reasons.split(","))
        return tuple(dict.fromkeys(part for part in written if part))

    @property
    def acting_person(self) -> str:
        """Who acts: the setting, or else the operating system's user."""
        return self.person or _system_user()

    @property
    def standins_have_ended(self) -> bool:
        """Whether this is the demonstration's home, looked at while nothing answers there."""
        return self.is_demonstration and not is_loopback(self.github_server_url)

    def as_environment(self) -> dict[str, str]:
        """The environment from which another process reads exactly these settings."""
        named = variables()
        kept = {named[field]: _written(getattr(self, field)) for field in named}
        ours = {name: value for name, value in kept.items() if value}
        return {**self.aws_environment(), **ours}

    def workers_environment(self) -> dict[str, str]:
        """The same for workers, who are not told who may reach the workbench and the API."""
        ours = self.as_environment()
        kept = ours.keys() - ACCESS_VARIABLES - API_VARIABLES
        return {name: value for name, value in ours.items() if name in kept}

    def fingerprint(self) -> str:
        """A digest that differs where a setting that workers use differs; it reveals none."""
        used = {
            name: value
            for name, value in self.workers_environment().items()
            if name not in _USED_AT_SUBMISSION
        }
        key = self.github_app_key() if self.github_app_private_key_file else ""
        return hashlib.sha256(repr([*sorted(used.items()), key]).encode()).hexdigest()[:16]

    def for_demonstration(self, folder: str = "demo") -> Settings:
        """These settings for a demonstration: its own home, and no key of anybody's.

        Args:
            folder: the name of its home, inside ours.
        """
        return load_settings(
            home=self.home / folder,
            is_demonstration=True,
            person=self.acting_person,
            anthropic_api_key=None,
            github_token=None,
            anthropic_base_url=_default("anthropic_base_url"),
            github_api_url=_default("github_api_url"),
            github_server_url=_default("github_server_url"),
            allowed_repositories=AllowList.parse("demo-org/*,upstream/*"),
            price_overrides=None,
            model=DEFAULT_MODEL,
            **NO_APP,
            **NO_AWS,
            **NO_COLLECTOR,
        )

    def secrets(self) -> tuple[str, ...]:
        """The values of our own credentials, for redaction by value."""
        kept = (self.anthropic_api_key, self.github_token, self.access_token)
        values = [secret.get_secret_value() for secret in kept if secret]
        values += [*self.collector_secrets(), *self.aws_secrets(), *self.api_digests()]
        return (*values, key) if (key := self.github_app_key()) else tuple(values)


def load_settings(**overrides: object) -> Settings:
    """Read the environment once; ``overrides`` (by field name) win.

    Raises:
        InvalidSetting: a setting has a value that cannot be used; the message names each.
    """
    named = variables()
    try:
        return Settings(**{named[field]: value for field, value in overrides.items()})  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSetting(_explained(error)) from None


_USED_AT_SUBMISSION = frozenset(
    {
        "CODYBATCH_PERSON",
        "CODYBATCH_MODEL",
        "CODYBATCH_PUBLISH",
        "CODYBATCH_VERDICT_REASONS",
        "CODYBATCH_MAX_REPOSITORIES_PER_REQUEST",
        "CODYBATCH_JOB_COST_CAP_USD",
        "CODYBATCH_REQUEST_COST_CAP_USD",
        "CODYBATCH_MAX_TURNS",
        "CODYBATCH_MAX_MINUTES",
    }
)
"""A request keeps what it was submitted with, and verdicts are no worker's: these say nothing about
a running dispatcher."""

_NEEDED_NAMES = """
    PATH HOME USER LOGNAME LANG LANGUAGE LC_ALL LC_CTYPE TZ TMPDIR PYTHONPATH VIRTUAL_ENV
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    HTTPS_PROXY HTTP_PROXY NO_PROXY ALL_PROXY https_proxy http_proxy no_proxy all_proxy
"""
INHERITED = frozenset(_NEEDED_NAMES.split())
"""What every process of ours needs of its parent's environment, whatever it does."""


def is_loopback(address: str) -> bool:
    """Whether an address (a URL) names this machine alone."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def inherited_environment() -> dict[str, str]:
    """The part of this process's environment that its children get in any case."""
    return {name: value for name, value in os.environ.items() if name in INHERITED}


def exporting_environment() -> dict[str, str]:
    """The part of this process's environment that OpenTelemetry reads where spans are sent from."""
    return {name: value for name, value in os.environ.items() if name in FURTHER_VARIABLES}


def _default(field: str) -> object:
    return Settings.model_fields[field].default


def _written(value: object) -> str:
    """A setting's value as its environment variable holds it."""
    if value is None:
        return "none"
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, AllowList):
        return ",".join(value.patterns)
    return str(value)


def _explained(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        if problem["loc"]:
            lines.append(explained(_variable_of(str(problem["loc"][0])), problem))
        else:  # of several together
            lines.append(f"{problem['msg'].removeprefix('Value error, ')}.")
    return "A setting cannot be used. " + " ".join(lines)


def _variable_of(name: str) -> str:
    """The environment variable of a field (or of an alias, which is what errors carry)."""
    return variables().get(name, name)


def variables() -> Mapping[str, str]:
    """The environment variable of each field."""
    return {name: str(field.validation_alias) for name, field in Settings.model_fields.items()}


def unknown_variables() -> Mapping[str, str]:
    """Variables that look like ours and that nothing reads, each with the one that was probably
    meant, or ``""``.
    """
    known = {*variables().values(), "CODYBATCH_DEBUG"}
    ends = [name.removeprefix(_OURS) for name in known if name.startswith(_OURS)]
    found: dict[str, str] = {}
    for name in sorted({name for name in os.environ if name.startswith(_OURS)} - known):
        meant = difflib.get_close_matches(name.removeprefix(_OURS), ends, n=1, cutoff=0.75)
        found[name] = f"{_OURS}{meant[0]}" if meant else ""
    return found


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
