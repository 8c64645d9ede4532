"""What the doctor says of an allow-list: by its looks, and by what the code host has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from codybatch.services.doctor import Finding, Health, Patient
from codybatch.services.doctor.allow_list import looks, what_it_permits
from codybatch.standins.github import GitHubStandin

MakePatient = Callable[..., Patient]


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.health.value, finding.detail) for finding in findings]


@pytest.mark.parametrize(
    "allowed", ["acme/*", "acme/app", "acme/a?p,acme/[a-c]*,!acme/secret*", "acme/*,!*/secret"]
)
def test_patterns_that_say_what_they_mean_are_fine(patient: MakePatient, allowed: str) -> None:
    (found,) = looks(patient(allowed=allowed))

    assert found.health is Health.OK


@pytest.mark.parametrize(
    ("allowed", "health", "detail", "mend"),
    [
        ("", "failed", "No repository is allowed.", "'my-org/*"),
        ("!acme/secret", "failed", "every pattern excludes", "my-org/*"),
        ("acme", "warning", "acme fits no repository", "Write acme/* for all of acme"),
        ("acme/*/x", "warning", "acme/*/x fits no repository", "Write acme/*"),
        ("https://github.com/acme/*", "warning", "is an address", "Write owner/name."),
        ("acme/app@main", "warning", "names a branch", "Leave out what follows the @"),
        ("acme/* other/*", "warning", "holds a space", "comma"),
        ("acme/.*", "warning", "looks like a regular expression", "Write *"),
        ("^acme/app$", "warning", "looks like a regular expression", "Write *"),
        ("*", "warning", "every repository that the credential can see", "Name the owner"),
        ("*/*", "warning", "every repository that the credential can see", "Name the owner"),
        ("acme*/*", "warning", "every owner whose name fits acme*", "Name the owner"),
        ("acme/*,!acme", "warning", "!acme fits no repository", "Write acme/*"),
    ],
)
def test_patterns_that_look_wrong_are_named_with_what_to_write(
    patient: MakePatient, allowed: str, health: str, detail: str, mend: str
) -> None:
    (found,) = looks(patient(allowed=allowed))

    assert found.health.value == health
    assert detail in found.detail
    assert mend in found.mend


def test_what_is_allowed_is_counted_with_what_may_be_pushed_to(patient: MakePatient) -> None:
    found = list(what_it_permits(patient(allowed="acme/*,!acme/old")))

    assert said(found) == [("ok", "2 in all, and the service account may push to 1 of them")]


def test_where_nothing_may_be_pushed_to_that_is_a_warning(patient: MakePatient) -> None:
    (found,) = what_it_permits(patient(allowed="acme/lib"))

    assert found.health is Health.WARNING
    assert "may push to none" in found.detail
    assert "contents and pull requests" in found.mend


def test_nobody_is_not_told_that_nobody_may_not_push(patient: MakePatient) -> None:
    (found,) = what_it_permits(patient(token=None, allowed="acme/*"))

    assert found.health is Health.OK


@pytest.mark.parametrize(
    "pattern", ["imaginary/*", "acme/imaginary", "acme/nothing-like-*", "acme/not a name", "dana/*"]
)
def test_a_pattern_that_nothing_fits_is_named(patient: MakePatient, pattern: str) -> None:
    first, second = what_it_permits(patient(allowed=f"acme/app,{pattern}"))

    assert first.health is Health.WARNING
    assert f"fits the pattern {pattern}." in first.detail
    assert "spelling" in first.mend
    assert second.health is Health.OK


def test_patterns_without_an_owner_are_not_looked_for(
    patient: MakePatient, github: GitHubStandin
) -> None:
    github.journal.clear()

    assert list(what_it_permits(patient(allowed="*/app,!acme/*"))) == []
    assert github.requests() == []


def test_many_owners_cost_few_calls_and_are_told_to_be_partial(
    patient: MakePatient, github: GitHubStandin
) -> None:
    github.journal.clear()
    owners = [f"owner{number}/app" for number in range(50)]

    *_, last = what_it_permits(patient(allowed=",".join(["acme/app", *owners])))

    assert "the 1 that were looked at" in last.detail
    assert len(github.requests()) <= 10
