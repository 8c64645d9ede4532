"""Judging blind: an order that tells nothing, and names taken out of what is shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from codybatch.domain.documents import PersonDocument
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.ports import Records

HIDDEN = "[hidden]"
"""Stands where a name was."""
SHORTEST = 4
"""Letters and digits of a name that is hidden: a shorter one stands in every text by chance."""
_SEPARATOR = r"[\s._/:-]*"
_VERSION = r"(?:[ ,(]*(?:@|v\.?|version)[ ]*\d+\b)?"
"""Behind a name: two versions of one prompt differ in nothing else."""


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


class Telling(NamedTuple):
    """What would tell which prompt or model made a job."""

    names: frozenset[str] = frozenset()
    """Of prompts, requests and models."""
    families: frozenset[str] = frozenset()
    """Words of models' names that tell them apart: ``opus`` and the like."""


def telling(jobs: Iterable[Job]) -> Telling:
    """What would tell one of these jobs from another."""
    names, words = set[str](), set[str]()
    for job in jobs:
        names |= {job.prompt.name, job.request_title, job.model}
        words |= set(re.findall(r"[^\W\d_]{4,}", job.model.casefold()))
    return Telling(frozenset(names), frozenset(words - {"claude"}))


class Mask:
    """Takes names out of texts, and knows whether it did."""

    def __init__(self, what: Telling) -> None:
        """Hide these names, however their parts are joined."""
        patterns = [_joined(name) for name in what.names]
        patterns += [
            rf"(?:claude{_SEPARATOR})?{re.escape(word)}(?:{_SEPARATOR}\d+)*"
            for word in what.families
        ]
        longest_first = sorted(filter(None, patterns), key=len, reverse=True)
        either = "|".join(longest_first)
        whole = rf"(?<!\w)(?:{either})(?!\w){_VERSION}"
        self._names = re.compile(whole, re.IGNORECASE) if either else None
        self.hidden = 0
        """How many names were taken out so far."""

    def hide(self, text: str) -> str:
        """``text`` with each name replaced."""
        if self._names is None:
            return text
        masked, count = self._names.subn(HIDDEN, text)
        self.hidden += count
        return masked


@dataclass(frozen=True)
class Reveals:
    """Use cases of who was shown what made a job: from then on they do not judge it blind."""

    records: Records

    def note(self, by: Person, job: JobId) -> None:
        """A person is shown what made a job."""
        document = PersonDocument(person=by, name=_revealed(job), content="{}")
        self.records.put_person_document(document, overwrite=True)

    def has_seen(self, by: Person, job: JobId) -> bool:
        """Whether a person was shown what made a job."""
        return self.records.person_document(by, _revealed(job)) is not None


def _revealed(job: JobId) -> str:
    return f"revealed.{job}"


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
