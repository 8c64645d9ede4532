"""A report with something in each of its parts, and the patches behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Contender, Material, Subject
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.contents import Report
from codybatch.domain.errors import BlobMissing
from codybatch.domain.identifiers import RequestId, job_id_of
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.states import EndedBecause
from codybatch.domain.threads import BlobRef
from tests.report_kit import (
    ACCEPT,
    REJECT,
    a_material,
    a_verdict,
    an_arm,
    an_ended,
    as_they_are,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, named

REASONS = ("wrong", "incomplete", "too large")


class PatchShelf:
    """Patches as a store would give them."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}
        self._jobs = 0

    def named(self, job: Job) -> Job:
        """The job under the next id: the same for whoever does the same."""
        self._jobs += 1
        request = RequestId(f"01j{self._jobs:023}")
        return job.with_(id=job_id_of(request, 1), request=request)

    def put(self, content: bytes) -> BlobRef:
        """Keep one."""
        digest = hashlib.sha256(content).hexdigest()
        self._held[digest] = content
        return BlobRef(key=f"jobs/{digest[:20]}", size=len(content), sha256=digest)

    def read(self, ref: BlobRef) -> bytes:
        """One that was kept."""
        if ref.sha256 not in self._held:
            raise BlobMissing(ref.key)
        return self._held[ref.sha256]


def a_patch(path: str, removed: Sequence[str], added: Sequence[str]) -> bytes:
    """A patch of one file that changes some lines after two others."""
    old, new = len(removed) + 2, len(added) + 2
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    lines = [" import time", " import requests", *(f"-{one}" for one in removed)]
    return (head + "\n".join([*lines, *(f"+{one}" for one in added)]) + "\n").encode()


def a_job_with(shelf: PatchShelf, repository: str, content: bytes, **changes: Any) -> Job:
    """A job that ended with a patch."""
    added = content.count(b"\n+") - content.count(b"\n+++")
    removed = content.count(b"\n-") - content.count(b"\n---")
    patch = Patch(
        blob=shelf.put(content),
        files=content.count(b"diff --git"),
        additions=added,
        deletions=removed,
        paths=("app/client.py",),
        applies=True,
    )
    return shelf.named(an_ended(repository, patch=patch, **changes))


def an_arm_of(
    shelf: PatchShelf, name: str, accepted: Sequence[int], count: int = 3, **changes: Any
) -> Contender:
    """An arm whose jobs have patches, ratings and costs, and some of which failed."""
    drawn = Random(name)
    tried: dict[str, list[Tried]] = {}
    for at, some in enumerate(accepted):
        repository = named(at)
        tried[repository] = [
            _tried(shelf, repository, turn, turn <= some, drawn) for turn in range(1, count + 1)
        ]
    return an_arm(name, tried, **changes)


def _tried(shelf: PatchShelf, repository: str, turn: int, is_good: bool, drawn: Random) -> Tried:
    cost = Decimal(drawn.randrange(20, 180)) / 100
    seconds = float(drawn.randrange(40, 900))
    if not is_good and drawn.random() < 0.15:
        failed = an_ended(
            repository, EndedBecause.ANSWER_INVALID, cost_usd=cost, seconds_worked=seconds
        )
        return Tried(turn, shelf.named(failed))
    timeout = drawn.choice(("10", "30", "60"))
    patch = a_patch(
        "app/client.py",
        ["response = requests.get(url)"],
        [f"response = requests.get(url, timeout={timeout})"],
    )
    job = a_job_with(
        shelf,
        repository,
        patch,
        cost_usd=cost,
        seconds_worked=seconds,
        title="Give every request a time limit" if is_good else "Add a timeout to one call",
        were_changes_necessary=True,
    )
    verdicts = [
        a_verdict(
            job,
            ACCEPT if is_good else REJECT,
            rater,
            rating=drawn.choice((4, 5)) if is_good else drawn.choice((1, 2)),
            reasons=() if is_good else (drawn.choice(REASONS),),
            comment="" if is_good else "Two other calls in the same file still have none.",
            blind=True,
        )
        for rater in ("alice", "bob")
    ]
    return Tried(turn, job, tuple(verdicts))


PLAIN = """\
Find calls of `requests` without a timeout and give them one.

Repository: {{language}}
"""
HINTS = """\
Find every call of `requests` without a timeout and give it one.

Look at sessions, adapters and wrappers, too. Do not touch tests.
Repository: {{language}}
"""


def everyday(shelf: PatchShelf, **changes: Any) -> Material:
    """Three arms on twelve repositories, three times each: one better, one the same again."""
    thirds = [3, 1, 0, 2, 1, 2, 0, 2, 1, 1, 2, 1]
    arms = (
        an_arm_of(shelf, "plain", A_ACCEPTED, text=PLAIN),
        an_arm_of(shelf, "hints", B_ACCEPTED, text=HINTS),
        an_arm_of(shelf, "plain again", thirds, text=PLAIN, equal_to="plain"),
    )
    found = {
        "title": "Time limits for requests",
        "question": "Do hints on where to look make the patches better?",
        "subjects": tuple(
            Subject(named(at), changes_necessary=True if at % 3 else None) for at in range(12)
        ),
    }
    return a_material(*arms, **{**found, **changes})


def written_from(material: Material, shelf: PatchShelf) -> Report:
    """Its report, patches looked at."""
    return gather(material, as_they_are, shelf.read)
