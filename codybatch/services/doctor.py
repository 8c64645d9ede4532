"""The doctor: looks at everything a job needs, and says how to mend what is wrong.

Each check is a small function that gives its finding; one that raises is a finding, too. No
credential's value is ever part of one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from codybatch.domain.errors import (
    CodyBatchError,
    ModelInterrupted,
    ModelWithoutPrice,
    RepositoryUnavailable,
)
from codybatch.domain.money import Usage
from codybatch.domain.records import Record
from codybatch.domain.repositories import AllowList
from codybatch.ports import Clock, CodeHostFactory, ModelClient, Records

OLDEST_GIT = (2, 38)
LEAST_FREE_BYTES = 1 << 30
MOST_SKEW = timedelta(minutes=2)
"""Tokens and signatures are refused when a clock is some minutes off."""
OLDEST_PYTHON = (3, 11)


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Record):
    """What a check found."""

    check: str
    health: Health
    detail: str
    mend: str = ""
    """What to do; empty where all is well."""


@dataclass(frozen=True)
class Patient:
    """What is looked at."""

    records: Records
    clock: Clock
    home: Path
    allowed: AllowList
    has_model_key: bool
    model_credential: str
    has_code_host_token: bool
    code_host_credential: str
    model_name: str
    model: Callable[[], ModelClient]
    code_host: CodeHostFactory
    is_demonstration: bool
    has_caps: bool
    """Whether any cost cap is set by default."""
    time_elsewhere: Callable[[], datetime | None]
    """What time the code host says it is, or None where it cannot be asked."""
    dispatcher: Callable[[], str | None]
    """The dispatcher's state in words, or None where none runs."""


def examine(patient: Patient, *, offline: bool = False) -> Iterator[Finding]:
    """Look at everything, one finding after the other.

    Args:
        patient: what to look at.
        offline: leave out the checks that ask a service.
    """
    local = (_python, _git, _home, _disk, _database, _allow_list, _keys, _dispatcher)
    remote = () if offline else (_model, _price, _code_host, _clock)
    for check in (*local, *remote):
        name = check.__name__.strip("_").replace("_", " ")
        try:
            yield from check(patient)
        except CodyBatchError as error:
            # Of what cannot be reached, the message itself says what to check.
            is_away = isinstance(error, RepositoryUnavailable | ModelInterrupted)
            mend = "" if is_away else _MENDS.get(name, "")
            yield Finding(check=name, health=Health.FAILED, detail=error.message, mend=mend)


def _ok(check: str, detail: str) -> Finding:
    return Finding(check=check, health=Health.OK, detail=detail)


def _python(_: Patient) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield _ok("python", version)
    else:
        yield Finding(
            check="python",
            health=Health.FAILED,
            detail=version,
            mend="Install Python 3.11 or newer.",
        )


def _git(_: Patient) -> Iterator[Finding]:
    program = shutil.which("git")
    if program is None:
        yield Finding(
            check="git",
            health=Health.FAILED,
            detail="git is not on the PATH.",
            mend="Install git 2.38 or newer.",
        )
        return
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    version = said.split()[2] if len(said.split()) > 2 else "unknown"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers >= OLDEST_GIT:
        yield _ok("git", version)
    else:
        yield Finding(
            check="git", health=Health.FAILED, detail=version, mend="Install git 2.38 or newer."
        )


def _home(patient: Patient) -> Iterator[Finding]:
    try:
        patient.home.mkdir(parents=True, exist_ok=True)
        probe = patient.home / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            check="home",
            health=Health.FAILED,
            detail=f"{patient.home}: {error.strerror}.",
            mend="Set CODYBATCH_HOME to a folder that you may write to.",
        )
        return
    yield _ok("home", str(patient.home))


def _disk(patient: Patient) -> Iterator[Finding]:
    folder = next(path for path in (patient.home, *patient.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free >= LEAST_FREE_BYTES:
        yield _ok("disk", detail)
    else:
        yield Finding(
            check="disk",
            health=Health.WARNING,
            detail=detail,
            mend="Free some space: a work tree needs room while its job runs.",
        )


def _database(patient: Patient) -> Iterator[Finding]:
    patient.records.check()
    yield _ok("database", "whole and writable")


def _allow_list(patient: Patient) -> Iterator[Finding]:
    if patient.allowed.patterns:
        yield _ok("allow list", ", ".join(patient.allowed.patterns))
    else:
        yield Finding(
            check="allow list",
            health=Health.FAILED,
            detail="No repository is allowed.",
            mend="Set CODYBATCH_ALLOWED_REPOSITORIES, for example to 'my-org/*,!my-org/secrets'.",
        )


def _set(credential: str) -> str:
    return f"set (fingerprint {credential.rpartition(':')[2]})"


def _keys(patient: Patient) -> Iterator[Finding]:
    if patient.is_demonstration:
        yield _ok("model key", "none is used by the demonstration")
        yield _ok("code host token", "none is used by the demonstration")
        return
    if patient.has_model_key:
        yield _ok("model key", _set(patient.model_credential))
    else:
        yield Finding(
            check="model key",
            health=Health.FAILED,
            detail="ANTHROPIC_API_KEY is not set.",
            mend="Set it to a key of the Anthropic API.",
        )
    if patient.has_code_host_token:
        yield _ok("code host token", _set(patient.code_host_credential))
    else:
        yield Finding(
            check="code host token",
            health=Health.WARNING,
            detail="GITHUB_TOKEN is not set: public repositories only, and no pull requests.",
            mend="Set it to a token of the service account.",
        )


def _dispatcher(patient: Patient) -> Iterator[Finding]:
    running = patient.dispatcher()
    counts = patient.records.job_counts()
    if running is None and (counts.queued or counts.running):
        yield Finding(
            check="dispatcher",
            health=Health.WARNING,
            detail=f"None runs, and {counts.queued + counts.running} jobs have not ended.",
            mend="The next `codybatch demo` cancels them."
            if patient.is_demonstration
            else "Run `codybatch up`, or `codybatch jobs wait JOB_ID`: the jobs then go on.",
        )
    else:
        yield _ok("dispatcher", running or "none runs; one starts with the next request")


def _model(patient: Patient) -> Iterator[Finding]:
    if not patient.has_model_key:
        return
    client = patient.model()
    found = client.capabilities(patient.model_name)
    yield _ok(
        "model",
        f"{found.model}: {found.max_input_tokens:,} tokens of context, "
        f"{found.max_output_tokens:,} a reply",
    )


def _price(patient: Patient) -> Iterator[Finding]:
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
    yield _ok("price", f"of {patient.model_name}, by {client.price_table}")


def _code_host(patient: Patient) -> Iterator[Finding]:
    login = patient.code_host().whoami()
    yield _ok("code host", f"logged in as {login}" if login else "reached as nobody")


def _clock(patient: Patient) -> Iterator[Finding]:
    theirs = patient.time_elsewhere()
    if theirs is None:
        yield Finding(
            check="clock",
            health=Health.WARNING,
            detail="The code host said no time to compare with.",
            mend="Check the network, or the clock by hand.",
        )
        return
    skew = patient.clock.now() - theirs
    seconds = f"{abs(skew.total_seconds()):.0f} s"
    if abs(skew) <= MOST_SKEW:
        yield _ok("clock", f"within {seconds} of the code host's")
    else:
        yield Finding(
            check="clock",
            health=Health.FAILED,
            detail=f"This machine's clock is {seconds} {'fast' if skew > timedelta() else 'slow'}.",
            mend="Set it, best by NTP: services refuse credentials from another time.",
        )


_MENDS = {
    "database": "The message says how; `codybatch doctor` again shows whether it helped.",
    "model": "Check ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and CODYBATCH_MODEL.",
    "code host": "Check GITHUB_TOKEN and GITHUB_API_URL.",
}
"""What to do where a check was ended by an error."""
