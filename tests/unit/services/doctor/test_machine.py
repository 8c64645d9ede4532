"""What the doctor finds on this machine."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from codybatch.services.doctor import Finding, Health, Patient, machine

MakePatient = Callable[..., Patient]


def only(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def test_the_packages_of_this_environment_are_named_with_their_versions(
    patient: MakePatient,
) -> None:
    found = only(list(machine.packages(patient())))

    assert found.health is Health.OK
    assert found.detail.startswith(f"codybatch {importlib.metadata.version('codybatch')} with ")
    assert f"PyGithub {importlib.metadata.version('PyGithub')}" in found.detail


def test_a_package_that_is_missing_or_too_old_is_named(
    patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = ["typer>=99.1", "no-such-package>=1.0", "also-missing>=1; extra == 'aws'", "rich>=1.0"]
    monkeypatch.setattr(machine, "requires", lambda _: needed)

    found = only(list(machine.packages(patient())))

    assert found.health is Health.FAILED
    assert found.detail.endswith("; at least 99.1 is needed. no-such-package is missing.")
    assert found.detail.startswith("typer is ")
    assert "make setup" in found.mend


def test_versions_are_compared_as_numbers(
    patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "requires", lambda _: ["typer[all]>=0.9", "rich >= 2.0.0"])
    monkeypatch.setattr(machine, "SHOWN", ())
    monkeypatch.setattr(machine, "version", lambda name: {"rich": "2"}.get(name, "0.10rc1"))

    assert only(list(machine.packages(patient()))).health is Health.OK


def program(folder: Path, says: str) -> str:
    """A folder with a git that says so."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{says}\n")
    (folder / "git").chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("says", "health"),
    [
        ("echo git version 2.38.0", "ok"),
        ("echo git version 3.0.0.windows.1", "ok"),
        ("echo 'git version 2.39.5 (Apple Git-154)'", "ok"),
        ("echo git version 2.37.9", "failed"),
        ("exit 1", "failed"),
    ],
)
def test_git_has_to_be_new_enough(
    patient: MakePatient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    says: str,
    health: str,
) -> None:
    monkeypatch.setenv("PATH", program(tmp_path / "bin", says))

    found = only(list(machine.git(patient())))

    assert found.health.value == health
    assert bool(found.mend) == (health == "failed")


def test_a_missing_git_is_told(
    patient: MakePatient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert only(list(machine.git(patient()))).detail == "git is not on the PATH."


def test_a_full_disk_is_a_warning(
    patient: MakePatient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))

    found = only(list(machine.disk(patient(home=tmp_path / "not" / "made" / "yet"))))

    assert (found.health, found.detail) == (Health.WARNING, "0.0 GiB free")


def test_a_database_says_its_size_and_its_logs(
    patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = patient()
    found = only(list(machine.database(looked_at)))
    monkeypatch.setattr(machine, "LARGEST_LOG_BYTES", -1)
    large = only(list(machine.database(looked_at)))

    assert found.health is Health.OK
    assert found.detail.startswith("whole and writable, 0.")
    assert large.health is Health.WARNING
    assert "Close the workbench" in large.mend


def test_variables_that_nothing_reads_are_named(patient: MakePatient) -> None:
    unknown = {"CODYBATCH_MODLE": "CODYBATCH_MODEL", "CODYBATCH_X": ""}

    first, second = machine.settings(patient(unknown_variables=unknown))

    assert (first.health, first.mend) == (Health.WARNING, "Did you mean CODYBATCH_MODEL?")
    assert "CODYBATCH_X is set" in second.detail
    assert "docs/settings.md" in second.mend


def test_credentials_are_shown_by_their_fingerprints_alone(patient: MakePatient) -> None:
    model, host = machine.keys(patient(has_model_key=True))

    assert (model.detail, host.detail) == (
        "set (fingerprint 0123abcd)",
        "set (fingerprint 4567cdef)",
    )
