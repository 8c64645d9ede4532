"""What the doctor asks of the model's service and of the code host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from codybatch.domain.errors import ModelWithoutPrice
from codybatch.domain.money import Usage
from codybatch.ports import Account
from codybatch.services.doctor.findings import Finding, Health, failed, fine, warning
from codybatch.services.doctor.patient import Patient

MOST_SKEW = timedelta(minutes=2)
"""Tokens and signatures are refused when a clock is some minutes off."""
LEAST_CALLS_LEFT = 0.1
"""Of the calls of an hour."""
ENOUGH = frozenset({"repo", "public_repo"})
"""Scopes of which a classic token needs one to push (docs.github.com, "Scopes for OAuth apps")."""
NEEDED = ENOUGH | {"workflow", "read:org", "read:user", "user:email", "repo:status"}
"""Scopes that do no harm in the hands of a job."""


def model(patient: Patient) -> Iterator[Finding]:
    """Whether the service knows the key and the model."""
    if not patient.has_model_key:
        return
    found = patient.model().capabilities(patient.model_name)
    yield fine(
        "model",
        f"{found.model}: {found.max_input_tokens:,} tokens of context, "
        f"{found.max_output_tokens:,} a reply",
    )


def price(patient: Patient) -> Iterator[Finding]:
    """Whether the model has a price, without which no cap can hold."""
    if not patient.has_model_key:
        return
    client = patient.model()
    try:
        client.price(patient.model_name, Usage(), patient.clock.now())
    except ModelWithoutPrice as error:
        yield Finding(
            check="price",
            health=Health.FAILED if patient.has_caps else Health.WARNING,
            detail=error.message,
            mend="Give its price in a file that CODYBATCH_PRICES names.",
        )
        return
    yield fine("price", f"of {patient.model_name}, by {client.price_table}")


def code_host(patient: Patient) -> Iterator[Finding]:
    """Who the code host takes us for, what it lets us do, and how much is left of its limits."""
    account = patient.code_host().account()
    yield fine(
        "code host", f"logged in as {account.login}" if account.login else "reached as nobody"
    )
    if account.login:
        yield _permissions(account)
    if account.calls_left is not None and account.calls_an_hour:
        yield _limits(account, account.calls_left, account.calls_an_hour)


def _permissions(account: Account) -> Finding:
    check = "permissions"
    if account.installed is not None:
        if account.installed:
            noun = "repository" if account.installed == 1 else "repositories"
            return fine(check, f"a GitHub App, installed in {account.installed:,} {noun}")
        mend = "Install it where jobs are to work: in the App's settings on GitHub, Install App."
        return warning(check, "The GitHub App is installed in no repository.", mend)
    if account.scopes is None:
        return fine(check, "a token for named repositories and rights, which GitHub does not tell")
    scopes = ", ".join(account.scopes) or "none"
    if not ENOUGH.intersection(account.scopes):
        return warning(
            check,
            f"The token's scopes are {scopes}: it may read public repositories, and push nowhere.",
            "Give it the scope repo, or take a fine-grained token for the repositories in "
            "question with contents and pull requests to read and write.",
        )
    broad = sorted(set(account.scopes) - NEEDED)
    if broad:
        return warning(
            check,
            f"The token may do more than a job needs: {', '.join(broad)}.",
            "Take those scopes away, or take a fine-grained token.",
        )
    return fine(check, f"a classic token with the scopes {scopes}")


def _limits(account: Account, left: int, an_hour: int) -> Finding:
    detail = f"{left:,} of {an_hour:,} calls an hour are left"
    if left >= an_hour * LEAST_CALLS_LEFT:
        return fine("rate limit", detail)
    again = f"{account.resets_at:%H:%M} UTC" if account.resets_at else "the next hour"
    detail = f"{detail} until {again}"
    if account.login is None:
        mend = "Set GITHUB_TOKEN: an account has 5,000 calls an hour."
    else:
        mend = "Jobs wait by themselves; find out who else uses this account."
    return warning("rate limit", detail, mend)


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether this machine's clock goes right."""
    theirs = patient.time_elsewhere()
    if theirs is None:
        yield warning(
            "clock",
            "The code host said no time to compare with.",
            "Check the network, or the clock by hand.",
        )
        return
    skew = patient.clock.now() - theirs
    seconds = f"{abs(skew.total_seconds()):.0f} s"
    if abs(skew) <= MOST_SKEW:
        yield fine("clock", f"within {seconds} of the code host's")
    else:
        yield failed(
            "clock",
            f"This machine's clock is {seconds} {'fast' if skew > timedelta() else 'slow'}.",
            "Set it, best by NTP: services refuse credentials from another time.",
        )


def collector(patient: Patient) -> Iterator[Finding]:
    """Whether the collector takes spans; jobs run without it all the same."""
    if not patient.collector:
        return
    problem = patient.collector_problem()
    if problem:
        mend = "Check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS."
        yield warning("collector", f"{patient.collector} {problem}.", mend)
    else:
        yield fine("collector", f"{patient.collector} takes spans")
