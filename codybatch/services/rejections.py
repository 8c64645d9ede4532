"""Why people rejected what a prompt made: the reasons of its verdicts, gathered by version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId
from codybatch.ports import PageRequest, Partition, PartitionKind, Records

LOOKED_AT = 200
"""The newest jobs of a prompt whose verdicts are read, whatever it ran before."""
NO_REASON = "no reason given"


@dataclass(frozen=True)
class Reason:
    """One reason, and the jobs that somebody rejected for it."""

    words: str
    count: int
    """Verdicts that name it; two raters of one job count twice."""
    jobs: tuple[JobId, ...]
    """Each once, newest first."""


@dataclass(frozen=True)
class RejectedVersion:
    """Why the jobs of one version were rejected."""

    version: int
    rejecting: int
    """Verdicts that reject."""
    reasons: tuple[Reason, ...]
    """The most frequent first; a verdict may name several."""


@dataclass(frozen=True)
class RejectedPrompt:
    """Why the jobs of a prompt were rejected, by version."""

    versions: tuple[RejectedVersion, ...]
    """Newest first; only those with a verdict that rejects."""
    looked_at: int
    """How many jobs were read for it."""
    is_all: bool
    """Whether these are all of the prompt's jobs."""


@dataclass(frozen=True)
class Rejections:
    """Use cases of what was rejected."""

    records: Records

    def of_prompt(self, name: str) -> RejectedPrompt:
        """The reasons of the verdicts that reject, of the prompt's newest ``LOOKED_AT`` jobs.

        Nothing is read of the jobs where the prompt's tallies count no rejection.
        """
        if not any(one.tally.rejected for one in self.records.prompt_tallies(name)):
            return RejectedPrompt((), 0, is_all=True)
        partition = Partition(PartitionKind.PROMPT, name)
        page = self.records.list_jobs(partition, PageRequest(limit=LOOKED_AT))
        rejecting: dict[int, int] = defaultdict(int)
        named: dict[int, dict[str, list[JobId]]] = defaultdict(lambda: defaultdict(list))
        for job in page.items:
            for verdict in self.records.verdicts(job.id) if job.state.is_terminal else ():
                if verdict.decision is not Decision.REJECT:
                    continue
                rejecting[job.prompt.version] += 1
                for reason in verdict.reasons or (NO_REASON,):
                    named[job.prompt.version][reason].append(job.id)
        versions = tuple(
            RejectedVersion(version, rejecting[version], _ordered(named[version]))
            for version in sorted(rejecting, reverse=True)
        )
        return RejectedPrompt(versions, len(page.items), is_all=page.cursor is None)


def scope_in_words(found: RejectedPrompt) -> str:
    """Which jobs were looked at; empty where it was all of them."""
    return "" if found.is_all else f"Of the newest {found.looked_at:,} jobs of this prompt."


def _ordered(named: Mapping[str, list[JobId]]) -> tuple[Reason, ...]:
    found = (Reason(words, len(jobs), tuple(dict.fromkeys(jobs))) for words, jobs in named.items())
    return tuple(sorted(found, key=lambda one: (-one.count, one.words)))
