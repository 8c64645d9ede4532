"""What the doctor finds where it asks the code host and the model's service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from codybatch.services.doctor import Finding, Health, Patient, examine, services
from codybatch.standins.github import GitHubStandin, faults

MakePatient = Callable[..., Patient]


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def test_a_token_is_told_with_its_account_scopes_and_what_is_left(patient: MakePatient) -> None:
    found = by_check(list(services.code_host(patient())))

    assert {name: one.health for name, one in found.items()} == {
        "code host": Health.OK,
        "permissions": Health.OK,
        "rate limit": Health.OK,
    }
    assert found["code host"].detail == "logged in as service"
    assert found["permissions"].detail == "a classic token with the scopes repo"
    assert found["rate limit"].detail.endswith("of 5,000 calls an hour are left")


@pytest.mark.parametrize(
    ("scopes", "health", "detail"),
    [
        (None, "ok", "a token for named repositories and rights"),
        ("public_repo", "ok", "a classic token with the scopes public_repo"),
        ("repo, workflow, read:org", "ok", "a classic token with the scopes repo, workflow"),
        ("", "warning", "scopes are none: it may read public repositories, and push nowhere"),
        ("gist", "warning", "push nowhere"),
        ("repo, delete_repo, admin:org", "warning", "than a job needs: admin:org, delete_repo"),
    ],
)
def test_what_a_token_may_do_is_told(
    patient: MakePatient, github: GitHubStandin, scopes: str | None, health: str, detail: str
) -> None:
    github.tokens.add("other", scopes=scopes)

    found = by_check(list(services.code_host(patient(token="other"))))["permissions"]

    assert found.health.value == health
    assert detail in found.detail
    assert bool(found.mend) == (health == "warning")


@pytest.mark.parametrize(("repositories", "health"), [(("acme/app",), "ok"), ((), "warning")])
def test_an_app_is_told_with_where_it_is_installed(
    patient: MakePatient, github: GitHubStandin, repositories: tuple[str, ...], health: str
) -> None:
    ids = tuple(github.repository(name).id for name in repositories)
    github._site.new_token("installed", "cody[bot]", installation=1, repositories=ids)

    found = by_check(list(services.code_host(patient(token="installed"))))["permissions"]

    assert found.health.value == health
    assert "GitHub App" in found.detail


def test_few_calls_left_are_told_with_the_time_when_there_are_more(
    patient: MakePatient, github: GitHubStandin
) -> None:
    github._site.limits.spend("", "core", points=55)
    nobody = by_check(list(services.code_host(patient(token=None))))

    assert nobody["code host"].detail == "reached as nobody"
    assert "permissions" not in nobody
    assert nobody["rate limit"].health is Health.WARNING
    assert "of 60 calls an hour are left until " in nobody["rate limit"].detail
    assert "GITHUB_TOKEN" in nobody["rate limit"].mend


def test_a_clock_that_is_wrong_is_told_with_how_much(patient: MakePatient) -> None:
    looked_at = patient()
    late = patient(time_elsewhere=lambda: looked_at.clock.now() + timedelta(minutes=10))
    early = patient(time_elsewhere=lambda: looked_at.clock.now() - timedelta(minutes=10))

    assert [found.health for found in services.clock(looked_at)] == [Health.OK]
    assert [found.detail for found in services.clock(late)] == [
        "This machine's clock is 600 s slow."
    ]
    assert [found.detail for found in services.clock(early)] == [
        "This machine's clock is 600 s fast."
    ]


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(
    patient: MakePatient, github: GitHubStandin
) -> None:
    github.faults.add(faults.unauthorized("* *", times=20))

    found = by_check(list(examine(patient())))

    assert found["code host"].health is Health.FAILED
    assert "GITHUB_TOKEN" in found["code host"].mend
    assert found["clock"].health is Health.OK
