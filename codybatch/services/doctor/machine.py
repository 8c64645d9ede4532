"""What the doctor looks at on this machine, without asking any service."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from codybatch.services.doctor.findings import Finding, failed, fine, warning
from codybatch.services.doctor.patient import Patient

OLDEST_PYTHON = (3, 11)
OLDEST_GIT = (2, 38)
LEAST_FREE_BYTES = 1 << 30
LARGEST_LOG_BYTES = 256 << 20
"""Of the database's write-ahead log, which a healthy store keeps at a few MiB."""
SHOWN = ("anthropic", "GitPython", "pydantic", "PyGithub", "typer")
"""Packages whose versions help most where something goes wrong."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*>=\s*([0-9][0-9.]*)")
_GIT_COMMAND_SECONDS = 10


def python(_: Patient) -> Iterator[Finding]:
    """Python's version."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield fine("python", found)
    else:
        yield failed("python", found, "Install Python 3.11 or newer.")


def packages(_: Patient) -> Iterator[Finding]:
    """This release, and whether the packages that it needs are there and new enough."""
    try:
        ours, needed = version("codybatch"), requires("codybatch") or []
    except PackageNotFoundError:
        yield warning(
            "packages",
            "codybatch is not installed, but run from its source.",
            "Install it: python -m pip install -e . in its checkout.",
        )
        return
    wrong = [problem for line in needed if (problem := _problem_with(line))]
    if wrong:
        mend = "Install codybatch again, with pip or `make setup`."
        yield failed("packages", " ".join(wrong), mend)
    else:
        shown = ", ".join(f"{name} {version(name)}" for name in SHOWN)
        yield fine("packages", f"codybatch {ours} with {shown}")


def spans(patient: Patient) -> Iterator[Finding]:
    """Whether the packages that send spans are there, where a collector is named."""
    if not patient.collector:
        return
    try:
        yield fine("spans", f"OpenTelemetry {version('opentelemetry-sdk')}")
    except PackageNotFoundError:
        yield warning(
            "spans",
            "A collector is named, and OpenTelemetry is not installed: no spans are made.",
            "Install it: python -m pip install 'codybatch[telemetry]'.",
        )


def _problem_with(requirement: str) -> str:
    """What is wrong with a required package; empty where nothing is, or where it is optional."""
    wanted = _REQUIREMENT.match(requirement)
    if wanted is None or "extra ==" in requirement:
        return ""
    try:
        found = version(wanted[1])
    except PackageNotFoundError:
        return f"{wanted[1]} is missing."
    if _numbers(found) < _numbers(wanted[2]):
        return f"{wanted[1]} is {found}; at least {wanted[2]} is needed."
    return ""


def _numbers(written: str) -> tuple[int, ...]:
    release = re.match(r"[0-9]+(?:\.[0-9]+)*", written)
    numbers = [int(part) for part in release[0].split(".")] if release else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def git(_: Patient) -> Iterator[Finding]:
    """The version of git."""
    program = shutil.which("git")
    if program is None:
        yield failed("git", "git is not on the PATH.", "Install git 2.38 or newer.")
        return
    found = _version_of(program)
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdecimal())
    if numbers >= OLDEST_GIT:
        yield fine("git", found)
    else:
        yield failed("git", found or f"{program} says nothing.", "Install git 2.38 or newer.")


def _version_of(program: str) -> str:
    try:
        said = subprocess.run(
            [program, "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_COMMAND_SECONDS,
        ).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said[2] if len(said) > 2 else ""


def home(patient: Patient) -> Iterator[Finding]:
    """The home directory, and whether it can be written."""
    try:
        patient.home.mkdir(parents=True, exist_ok=True)
        probe = patient.home / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield failed(
            "home",
            f"{patient.home}: {error.strerror}.",
            "Set CODYBATCH_HOME to a folder that you may write to.",
        )
        return
    yield fine("home", str(patient.home))


def disk(patient: Patient) -> Iterator[Finding]:
    """What is free where the home directory is."""
    folder = next(path for path in (patient.home, *patient.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free >= LEAST_FREE_BYTES:
        yield fine("disk", detail)
    else:
        mend = "Free some space: a work tree needs room while its job runs."
        yield warning("disk", detail, mend)


def database(patient: Patient) -> Iterator[Finding]:
    """Whether the store is whole, and how large it is."""
    if patient.database is None:  # it is no file of this machine
        return
    patient.records.check()
    size = _size(patient.database)
    log = _size(patient.database.with_name(f"{patient.database.name}-wal"))
    detail = f"whole and writable, {_mib(size)} and {_mib(log)} of log"
    if log <= LARGEST_LOG_BYTES:
        yield fine("database", detail)
    else:
        yield warning(
            "database",
            f"{detail}: somebody reads it without end, so the log cannot be taken in.",
            "Close the workbench and other programs that read it; the next command then tidies up.",
        )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"


def settings(patient: Patient) -> Iterator[Finding]:
    """Variables that look like settings, and that nothing reads."""
    for name, meant in patient.unknown_variables.items():
        yield warning(
            "settings",
            f"{name} is set, and there is no such setting.",
            f"Did you mean {meant}?" if meant else "Unset it; docs/settings.md lists the settings.",
        )
    if not patient.unknown_variables:
        yield fine("settings", "every CODYBATCH_ variable is known")


def keys(patient: Patient) -> Iterator[Finding]:
    """Whether there are credentials; never what they are."""
    if patient.is_demonstration:
        yield fine("model key", "none is used by the demonstration")
        yield fine("code host token", "none is used by the demonstration")
        return
    if patient.has_model_key:
        yield fine("model key", _set(patient.model_credential))
    else:
        mend = "Set it to a key of the Anthropic API."
        yield failed("model key", "ANTHROPIC_API_KEY is not set.", mend)
    if patient.has_code_host_credential:
        yield fine("code host token", _set(patient.code_host_credential))
    else:
        yield warning(
            "code host token",
            "GITHUB_TOKEN is not set: public repositories only, and no pull requests.",
            "Set it to a token of the service account, or set GITHUB_APP_ID and the App's key.",
        )


def _set(credential: str) -> str:
    return f"set (fingerprint {credential.rpartition(':')[2]})"


def dispatcher(patient: Patient) -> Iterator[Finding]:
    """Whether somebody starts the jobs that wait to be started."""
    if patient.runs_here and patient.database is not None:
        yield dispatching(patient)


def dispatching(patient: Patient) -> Finding:
    """How the dispatcher of this machine stands, beside what there is to do."""
    running = patient.dispatcher()
    counts = patient.records.job_counts()
    if running is None and (counts.queued or counts.running):
        return warning(
            "dispatcher",
            f"None runs, and {counts.queued + counts.running} jobs have not ended.",
            "They go on with the next `codybatch up --demo`."
            if patient.is_demonstration
            else "Run `codybatch up`, or `codybatch jobs wait JOB_ID`: the jobs then go on.",
        )
    return fine("dispatcher", running or "none runs; one starts with the next request")
