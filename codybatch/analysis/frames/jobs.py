"""The frame of jobs."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

from codybatch.analysis.frames.column import (
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    WHOLE_IF_ANY,
    YES_OR_NO,
    YES_OR_NO_IF_ANY,
    Column,
    Frame,
    amount,
    levels,
)
from codybatch.analysis.frames.identity import job_columns
from codybatch.domain.findings import Confidence
from codybatch.domain.jobs import Job, Patch


def _of_patch(name: str) -> Any:
    def value(job: Job) -> Any:
        return None if job.patch is None else getattr(job.patch, name)

    return value


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return None if since is None or until is None else (until - since).total_seconds()


def _written_to_cache(job: Job) -> int:
    return job.usage.cache_write_5m_tokens + job.usage.cache_write_1h_tokens


def _size(patch: Patch | None) -> int | None:
    return None if patch is None else patch.blob.size


_WHAT_IT_IS: tuple[Column[Job], ...] = (
    Column("index", WHOLE, "Its place in the request, from 1.", attrgetter("index")),
    Column(
        "request_title",
        TEXT,
        "Title of the request.",
        attrgetter("request_title"),
        is_foreign=True,
    ),
    Column("kind", TEXT, "`change`, `audit` or `ask`.", attrgetter("kind")),
    Column("requester", TEXT, "Who submitted it.", attrgetter("requester"), is_foreign=True),
    Column(
        "ref",
        TEXT,
        "Branch, tag or commit that was asked for.",
        attrgetter("repository.ref"),
        is_foreign=True,
    ),
    Column("commit", TEXT, "The pinned commit, 40 hex digits.", attrgetter("commit")),
    Column("owned", YES_OR_NO, "Whether we may push there.", attrgetter("owned")),
    Column(
        "lineage",
        TEXT,
        "Id of the root job: retries and follow-ups share it.",
        attrgetter("lineage.root"),
    ),
    Column("parent", TEXT, "Id of the job that it continues.", attrgetter("lineage.parent")),
    Column(
        "relation",
        TEXT,
        "How it continues it: `retry` or `follow_up`.",
        attrgetter("lineage.relation"),
    ),
)

_WHERE_IT_STANDS: tuple[Column[Job], ...] = (
    Column(
        "experiment",
        TEXT,
        "Id of the experiment that it was made for: joins with `experiments()`.",
        lambda job: job.cell and job.cell.experiment,
    ),
    Column(
        "arm",
        TEXT,
        "Key of its arm there: joins with `experiment(…).arms`.",
        lambda job: job.cell and job.cell.arm,
    ),
    Column(
        "repetition",
        WHOLE_IF_ANY,
        "Its repetition there, from 1.",
        lambda job: job.cell and job.cell.repetition,
    ),
)

_HOW_IT_WENT: tuple[Column[Job], ...] = (
    Column(
        "state",
        TEXT,
        "`queued`, `running`, `waiting`, `succeeded`, `partial`, `failed` or `cancelled`.",
        attrgetter("state"),
    ),
    Column(
        "waiting_for",
        TEXT,
        "Of a waiting job: why.",
        lambda job: job.waiting and job.waiting.reason.value,
    ),
    Column(
        "ended_because",
        TEXT,
        "Why it ended, of a closed list; `finished` where all went well.",
        attrgetter("ended_because"),
    ),
    Column(
        "ended_detail",
        TEXT,
        "What exactly was wrong; empty where nothing was.",
        attrgetter("ended_detail"),
        is_foreign=True,
    ),
    Column("created_at", MOMENT, "When it was submitted.", attrgetter("created_at")),
    Column("started_at", MOMENT, "When work on it began first.", attrgetter("started_at")),
    Column("ended_at", MOMENT, "When it ended.", attrgetter("ended_at")),
    Column(
        "queued_seconds",
        NUMBER,
        "Seconds from submission to the beginning of work.",
        lambda job: _seconds(job.created_at, job.started_at),
    ),
    Column(
        "worked_seconds",
        NUMBER,
        "Seconds of work of all attempts; waiting is not counted.",
        attrgetter("seconds_worked"),
    ),
    Column("attempts", WHOLE, "Processes that worked on it.", attrgetter("attempts")),
    Column("turns", WHOLE, "Replies of the model.", attrgetter("progress.turn")),
    Column(
        "conversations",
        WHOLE,
        "Conversations: more than 1 where it began afresh to save context.",
        attrgetter("conversations"),
    ),
)

_WHAT_CAME_OF_IT: tuple[Column[Job], ...] = (
    Column(
        "were_changes_necessary",
        YES_OR_NO_IF_ANY,
        "The model's answer; of an audit whether a finding calls for a change; missing of an ask.",
        attrgetter("were_changes_necessary"),
    ),
    Column("title", TEXT, "The result in one line.", attrgetter("title"), is_foreign=True),
    Column("summary", TEXT, "The result in words.", attrgetter("summary"), is_foreign=True),
    Column(
        "confidence",
        levels(Confidence),
        "How sure the model says it is.",
        attrgetter("confidence"),
    ),
    Column(
        "claim_mismatch",
        TEXT,
        "Where what the model said of its change is not so; empty if it is.",
        attrgetter("claim_mismatch"),
        is_foreign=True,
    ),
    Column("files", WHOLE_IF_ANY, "Files that the patch changes.", _of_patch("files")),
    Column("additions", WHOLE_IF_ANY, "Lines that the patch adds.", _of_patch("additions")),
    Column("deletions", WHOLE_IF_ANY, "Lines that the patch removes.", _of_patch("deletions")),
    Column(
        "patch_bytes", WHOLE_IF_ANY, "Size of the patch in bytes.", lambda job: _size(job.patch)
    ),
    Column(
        "patch_applies",
        YES_OR_NO_IF_ANY,
        "Whether it was shown to apply to a fresh checkout.",
        _of_patch("applies"),
    ),
    Column("findings", WHOLE, "Findings of an audit.", lambda job: len(job.findings)),
    Column(
        "has_answer", YES_OR_NO, "Whether it answered an ask.", lambda job: job.answer is not None
    ),
    Column(
        "gate_findings",
        WHOLE,
        "Things that the gate found in the patch.",
        lambda job: len(job.gate),
    ),
    Column(
        "publication",
        TEXT,
        "`none`, `withheld`, `branch_pushed` or `pull_request`.",
        attrgetter("publication.kind"),
    ),
    Column(
        "withheld_because",
        TEXT,
        "Why it was not published, with commas; empty if it was not held.",
        lambda job: ", ".join(job.publication.reasons),
    ),
    Column(
        "pull_request",
        TEXT,
        "Address of the pull request.",
        attrgetter("publication.url"),
        is_foreign=True,
    ),
    Column(
        "pull_request_state",
        TEXT,
        "`open`, `closed` or `merged`, when it was last looked at.",
        lambda job: job.publication.pull_request and job.publication.pull_request.state,
        is_foreign=True,
    ),
)

_WHAT_IT_COST: tuple[Column[Job], ...] = (
    Column(
        "cost_usd", NUMBER, "US dollars, lost replies included.", lambda job: float(job.cost_usd)
    ),
    Column(
        "uncertain_usd",
        NUMBER,
        "US dollars of it: for replies that were lost.",
        lambda job: amount(job.uncertain_cost_usd),
    ),
    Column("input_tokens", WHOLE, "Tokens read fresh.", attrgetter("usage.input_tokens")),
    Column("cache_write_tokens", WHOLE, "Tokens written to the cache.", _written_to_cache),
    Column(
        "cache_read_tokens",
        WHOLE,
        "Tokens read from the cache.",
        attrgetter("usage.cache_read_tokens"),
    ),
    Column(
        "output_tokens", WHOLE, "Tokens that the model wrote.", attrgetter("usage.output_tokens")
    ),
    Column(
        "price_table",
        TEXT,
        "Name and version of the prices.",
        attrgetter("price_table"),
        is_foreign=True,
    ),
)

JOBS: Frame[Job] = Frame(
    name="jobs",
    row="A row is a job, newest first; of one request, in the order of its repositories.",
    columns=(
        *job_columns(),
        *_WHAT_IT_IS,
        *_WHERE_IT_STANDS,
        *_HOW_IT_WENT,
        *_WHAT_CAME_OF_IT,
        *_WHAT_IT_COST,
    ),
)
