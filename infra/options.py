"""What whoever deploys decides: read from the context, else from the environment, at synthesis.

None of it is a secret: those go into Secrets Manager afterwards (``infra.keys``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codybatch.domain.errors import InvalidSetting

PASSED_ON = (
    "ANTHROPIC_BASE_URL",
    "CODYBATCH_ALLOWED_REPOSITORIES",
    "CODYBATCH_API_MAX_BODY_KB",
    "CODYBATCH_API_REQUESTS_PER_MINUTE",
    "CODYBATCH_DAILY_COST_CAP_USD",
    "CODYBATCH_JOB_COST_CAP_USD",
    "CODYBATCH_MAX_MINUTES",
    "CODYBATCH_MAX_REPOSITORIES_PER_REQUEST",
    "CODYBATCH_MAX_REPOSITORY_FILES",
    "CODYBATCH_MAX_REPOSITORY_MB",
    "CODYBATCH_MAX_TURNS",
    "CODYBATCH_MODEL",
    "CODYBATCH_PUBLISH",
    "CODYBATCH_REQUEST_COST_CAP_USD",
    "CODYBATCH_VERDICT_REASONS",
    "GITHUB_API_URL",
    "GITHUB_SERVER_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_SERVICE_NAME",
)
"""Settings of the product that every container gets as they stand where it is deployed from."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Options:
    """The decisions.

    Args:
        settings: settings of the product that are passed on to every container.
        alarm_email: who is told of alarms and of the budget; nobody where it is empty.
        monthly_budget_usd: what the account may cost in a month before somebody is told.
        capacity: ``spot`` (on-demand where there is none) or ``on-demand``.
        domain: the workbench's own name, beside the one that CloudFront gives it.
        certificate: ARN of its certificate, in us-east-1.
        reports_token_sha256: digest of the password of the report site; nobody gets in without.
        reserves_tick: whether the tick's one execution is reserved; a new account may have too few.
    """

    settings: Mapping[str, str]
    alarm_email: str = ""
    monthly_budget_usd: int = 100
    capacity: str = "spot"
    domain: str = ""
    certificate: str = ""
    reports_token_sha256: str = ""
    reserves_tick: bool = True


def read_options(context: Callable[[str], str], environment: Mapping[str, str]) -> Options:
    """The options as they were given.

    Args:
        context: what the context says of a name; empty for nothing.
        environment: where it is deployed from.

    Raises:
        InvalidSetting: one cannot be used.
    """

    def given(name: str, default: str = "") -> str:
        variable = f"CODYBATCH_{name.upper()}"
        return (context(name) or environment.get(variable) or default).strip()

    options = Options(
        settings={name: environment[name] for name in PASSED_ON if environment.get(name)},
        alarm_email=_checked("ALARM_EMAIL", given("alarm_email"), _MAIL, "one e-mail address"),
        monthly_budget_usd=int(
            _checked(
                "MONTHLY_BUDGET_USD",
                given("monthly_budget_usd", "100"),
                re.compile(r"[1-9]\d*"),
                "whole US dollars",
            )
        ),
        capacity=_checked(
            "CAPACITY", given("capacity", "spot"), re.compile("spot|on-demand"), "spot or on-demand"
        ),
        domain=given("domain"),
        certificate=given("certificate"),
        reports_token_sha256=_checked(
            "REPORTS_TOKEN_SHA256", given("reports_token_sha256"), _SHA256, "64 hexadecimal digits"
        ),
        reserves_tick=given("reserve_tick", "yes") != "no",
    )
    if bool(options.domain) != bool(options.certificate):
        raise InvalidSetting(
            "CODYBATCH_DOMAIN and CODYBATCH_CERTIFICATE go together: the workbench answers to a "
            "name of its own only with a certificate for it, made in us-east-1."
        )
    return options


def _checked(name: str, value: str, shape: re.Pattern[str], expected: str) -> str:
    if value and not shape.fullmatch(value):
        raise InvalidSetting(f"CODYBATCH_{name} is {value!r}: it is {expected}.")
    return value
