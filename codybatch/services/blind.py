"""Judging blind: an order that tells nothing, and names taken out of what is shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job

HIDDEN = "[hidden]"
"""Stands where a name was."""
SHORTEST = 4
"""Letters and digits of a name that is hidden: a shorter one stands in every text by chance."""
_SEPARATOR = r"[\s._/:-]*"


def seed_of(by: Person, of: str) -> str:
    """What a person's order of an experiment or a request is drawn from: the same each time, and
    another for another person.
    """
    return f"{by}\0{of}"


def shuffled(jobs: Iterable[Job], seed: str) -> tuple[Job, ...]:
    """Jobs in an order that is drawn from a seed, with the arms spread evenly over it.

    An arm with n jobs has one at a random place in each n-th part of the order. So arms of the same
    size take turns in blocks of one job each, in random order within a block: a judge who tires
    or grows stricter does so to all arms alike, and nobody can count out which comes next, as with
    a fixed turn (permuted blocks: Matts and Lachin 1988, Control Clin Trials 9:327).
    """
    arms: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        arms[_arm(job)].append(job)
    placed = [
        ((number + _drawn(seed, "place", job.id)) / len(members), job)
        for members in arms.values()
        for number, job in enumerate(sorted(members, key=lambda one: _drawn(seed, "turn", one.id)))
    ]
    return tuple(job for _, job in sorted(placed, key=lambda one: (one[0], one[1].id)))


def place_name(seed: str, job: JobId) -> str:
    """A name for a job's place in such an order, for addresses: it leads back to no job."""
    return sha256(f"{seed}\0name\0{job}".encode()).hexdigest()[:10]


def telling_names(jobs: Iterable[Job]) -> frozenset[str]:
    """What would tell which prompt or model made one of these jobs."""
    return frozenset(
        name for job in jobs for name in (job.prompt.name, job.request_title, job.model)
    )


def families(jobs: Iterable[Job]) -> frozenset[str]:
    """The words of the models' names that tell them apart: ``opus`` and the like."""
    words = (re.findall(r"[^\W\d_]{4,}", job.model.casefold()) for job in jobs)
    return frozenset(word for found in words for word in found) - {"claude"}


class Mask:
    """Takes names out of texts, and knows whether it did."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        """Hide the prompts and models of ``jobs``, however their parts are joined."""
        patterns = [_joined(name) for name in telling_names(jobs)]
        patterns += [
            rf"(?:claude{_SEPARATOR})?{re.escape(word)}(?:{_SEPARATOR}\d+)*"
            for word in families(jobs)
        ]
        longest_first = sorted(filter(None, patterns), key=len, reverse=True)
        either = "|".join(longest_first)
        self._names = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if either else None
        self.hidden = 0
        """How many names were taken out so far."""

    def hide(self, text: str) -> str:
        """``text`` with each name replaced."""
        if self._names is None:
            return text
        masked, count = self._names.subn(HIDDEN, text)
        self.hidden += count
        return masked


def _joined(name: str) -> str:
    """A pattern of a name's parts; none where it is too short to be told from other words."""
    parts = re.findall(r"[^\W_]+", name)
    if sum(map(len, parts)) < SHORTEST:
        return ""
    return _SEPARATOR.join(map(re.escape, parts))


def _arm(job: Job) -> str:
    return job.cell.arm if job.cell else f"{job.prompt.name}@{job.prompt.version} {job.model}"


def _drawn(*from_: str) -> float:
    """A number from 0 up to 1 that depends on these words alone."""
    return int(sha256("\0".join(from_).encode()).hexdigest()[:13], 16) / 16**13
