"""The doctor: looks at everything a job needs, and says how to mend what is wrong.

Each check is a small function that gives its findings; one that raises is a finding, too. No
credential's value is ever part of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from codybatch.domain.errors import CodyBatchError, ModelInterrupted, RepositoryUnavailable
from codybatch.services.doctor import allow_list, cloud, machine, services
from codybatch.services.doctor.findings import Finding, Health, failed
from codybatch.services.doctor.patient import Patient

__all__ = ["Finding", "Health", "Patient", "examine"]

Check = Callable[[Patient], Iterator[Finding]]


def examine(patient: Patient, *, offline: bool = False) -> Iterator[Finding]:
    """Look at everything, one finding after the other.

    Args:
        patient: what to look at.
        offline: leave out the checks that ask a service.
    """
    for name, check, mend in (*_HERE, *(() if offline else _ELSEWHERE)):
        try:
            yield from check(patient)
        except CodyBatchError as error:
            # Of what cannot be reached, the message itself says what to check.
            is_away = isinstance(error, RepositoryUnavailable | ModelInterrupted)
            yield failed(name, error.message, "" if is_away else mend)


_HERE: Sequence[tuple[str, Check, str]] = (
    ("python", machine.python, ""),
    ("packages", machine.packages, ""),
    ("git", machine.git, ""),
    ("home", machine.home, ""),
    ("disk", machine.disk, ""),
    (
        "database",
        machine.database,
        "The message says how; `codybatch doctor` again shows whether it helped.",
    ),
    ("settings", machine.settings, ""),
    ("allow list", allow_list.looks, ""),
    ("model key", machine.keys, ""),
    ("dispatcher", machine.dispatcher, ""),
    ("spans", machine.spans, ""),
)
"""Name, check, and what to do where an error ends it."""
_ELSEWHERE: Sequence[tuple[str, Check, str]] = (
    (
        "model",
        services.model,
        "Check ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and CODYBATCH_MODEL.",
    ),
    ("price", services.price, ""),
    (
        "code host",
        services.code_host,
        "Check GITHUB_TOKEN (or GITHUB_APP_ID and its key) and GITHUB_API_URL.",
    ),
    ("allowed repositories", allow_list.what_it_permits, ""),
    ("clock", services.clock, ""),
    ("collector", services.collector, ""),
    ("AWS", cloud.account, ""),
    ("dispatcher", cloud.dispatcher, ""),
    ("AWS retries", cloud.setbacks, ""),
)
