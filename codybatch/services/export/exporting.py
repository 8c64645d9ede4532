"""Exporting requests, told as a story: choose them, write each, list what was written, publish."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule
from codybatch.domain.records import JsonObject
from codybatch.domain.requests import Request
from codybatch.ports import EVERYTHING, Clock, PageRequest, Partition, PartitionKind, Records
from codybatch.services.export.folder import ExportFolder
from codybatch.services.export.manifest import NAME, LeftOut, Manifest
from codybatch.services.export.thread_files import (
    ThreadFormat,
    cleaned_job,
    cleaned_lines,
    write_thread,
)
from codybatch.services.export.trajectory import prediction
from codybatch.services.findings import Clean, as_csv, as_records, cleaned_json, findings_of
from codybatch.services.jobs import Jobs
from codybatch.services.sarif import as_sarif

PAGE = 1000
"""Records that are read at once."""
Told = Callable[[int, int, str], None]
"""Told how many requests are done, of how many, and which comes now."""


class Part(StrEnum):
    """What an export can hold beside its requests."""

    JOBS = "jobs"
    PATCHES = "patches"
    THREADS = "threads"
    FINDINGS = "findings"
    VERDICTS = "verdicts"


@dataclass(frozen=True)
class Wanted:
    """What to export."""

    requests: tuple[RequestId, ...]
    parts: frozenset[Part] = frozenset(Part)
    formats: tuple[ThreadFormat, ...] = (ThreadFormat.JSONL,)
    with_secrets: bool = False
    """Whether patches that hold what looks like a secret go along; all else never holds one."""


@dataclass(frozen=True)
class Exporter:
    """Writes exports.

    Args:
        records: where requests, jobs and verdicts are.
        jobs: gives threads and patches.
        clock: for the manifest.
        clean: takes secrets out of whatever is written but patches.
        describe_request: a request as JSON.
        describe_job: a job as JSON.
        server_url: the code host's address.
        release: of Cody Batch.
    """

    records: Records
    jobs: Jobs
    clock: Clock
    clean: Clean
    describe_request: Callable[[Request], JsonObject]
    describe_job: Callable[[Job], JsonObject]
    server_url: str
    release: str

    def choose(self, prompt: str | None, since: datetime | None) -> tuple[RequestId, ...]:
        """The requests of a prompt, since a moment, or both; oldest first.

        Raises:
            UsageError: there are none.
        """
        partition = Partition(PartitionKind.PROMPT, prompt) if prompt else EVERYTHING
        found: list[RequestId] = []
        cursor: str | None = None
        while True:
            page = self.records.list_requests(partition, PageRequest(PAGE, cursor, since))
            found += [request.id for request in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        if not found:
            raise UsageError("No request matches. `codybatch requests list` shows them.")
        return tuple(reversed(found))

    def export(
        self, wanted: Wanted, target: Path, told: Told, *, replace: bool = False
    ) -> Manifest:
        """Write an export.

        Args:
            wanted: what to.
            target: a folder, or a file whose name ends in .zip; it comes to be whole or not at all.
            told: called before each request.
            replace: whether it takes the place of an earlier export.

        Raises:
            NotFound: there is no such request.
            UsageError: it cannot be written there.
        """
        requests = tuple(dict.fromkeys(wanted.requests))
        left_out: list[LeftOut] = []
        count = 0
        with ExportFolder(target, replace=replace) as folder:
            for number, request in enumerate(requests):
                told(number, len(requests), request)
                one = _RequestExport(self, wanted, folder, self.records.request(request))
                count += one.write()
                left_out += one.left_out
            manifest = Manifest(
                release=self.release,
                created_at=self.clock.now(),
                requests=requests,
                jobs=count,
                included=tuple(part.value for part in Part if part in wanted.parts),
                thread_formats=tuple(one.value for one in wanted.formats),
                files=tuple(sorted(folder.entries, key=lambda entry: entry.path)),
                left_out=tuple(left_out),
            )
            with folder.file(NAME) as file:
                file.write_text(_as_json(manifest.model_dump(mode="json", by_alias=True)))
            folder.publish()
        return manifest


class _RequestExport:
    """One request of an export."""

    def __init__(
        self, exporter: Exporter, wanted: Wanted, folder: ExportFolder, request: Request
    ) -> None:
        self._exporter = exporter
        self._wanted = wanted
        self._folder = folder
        self._request = request
        self.left_out: list[LeftOut] = []

    def write(self) -> int:
        """Write everything that is wanted; says how many jobs there are."""
        exporter = self._exporter
        jobs = tuple(self._jobs())
        self._write_json("request.json", exporter.describe_request(self._request))
        parts = self._wanted.parts
        if Part.JOBS in parts:
            self._write_lines("jobs.jsonl", map(exporter.describe_job, jobs))
        if Part.VERDICTS in parts:
            self._write_lines("verdicts.jsonl", self._verdicts(jobs))
        if Part.FINDINGS in parts and self._request.kind is Kind.AUDIT:
            self._write_findings(jobs)
        if Part.PATCHES in parts:
            self._write_patches(jobs)
        if Part.THREADS in parts:
            for job in jobs:
                self._write_thread(job)
        return len(jobs)

    def _jobs(self) -> Iterator[Job]:
        partition = Partition(PartitionKind.REQUEST, self._request.id)
        cursor: str | None = None
        while True:
            page = self._exporter.records.list_jobs(partition, PageRequest(PAGE, cursor))
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def _verdicts(self, jobs: Sequence[Job]) -> Iterator[JsonObject]:
        for job in jobs:
            for verdict in self._exporter.records.verdicts(job.id):
                yield verdict.model_dump(mode="json", by_alias=True)

    def _write_findings(self, jobs: Sequence[Job]) -> None:
        exporter = self._exporter
        found = findings_of(jobs, exporter.clean)
        sarif = as_sarif(jobs, found, exporter.server_url, exporter.release)
        self._write_json("findings.json", as_records(found))
        self._write_json("findings.sarif", sarif)
        with self._folder.file(self._path("findings.csv")) as file:
            file.write_text(as_csv(found))

    def _write_patches(self, jobs: Sequence[Job]) -> None:
        """Write patches byte for byte, and the same as predictions where text can hold them."""
        separator = ""
        with self._folder.file(self._path("preds.json")) as predictions:
            predictions.write_text("{")
            for job in jobs:
                patch = self._patch_to_show(job)
                if patch is None:
                    continue
                with self._folder.file(self._path(f"patches/{job.id}.patch")) as file:
                    file.write(patch)
                    file.holds_secret = self._holds_secret(job, patch)
                text = self._as_text(job, patch)
                if text is not None:
                    entry = json.dumps(prediction(job, text), indent=2, ensure_ascii=False)
                    predictions.write_text(f'{separator}\n"{job.id}": {entry}')
                    separator = ","
            predictions.write_text("\n}\n")

    def _patch_to_show(self, job: Job) -> bytes | None:
        if job.patch is None:
            return None
        patch = self._exporter.jobs.patch(job.id)
        if not self._wanted.with_secrets and self._holds_secret(job, patch):
            self._leave_out(
                f"patches/{job.id}.patch",
                "It holds what looks like a secret; --with-secrets takes it along.",
            )
            return None
        return patch

    def _holds_secret(self, job: Job, patch: bytes) -> bool:
        """Whether a patch adds or removes a secret, by what its job noted or by how it looks."""
        noted = any(finding.rule is GateRule.SECRET for finding in job.gate)
        if noted or (job.patch is not None and job.patch.redacts_secret):
            return True
        text = patch.decode(errors="replace")
        return self._exporter.clean(text) != text

    def _as_text(self, job: Job, patch: bytes) -> str | None:
        try:
            return patch.decode()
        except UnicodeDecodeError:
            self._leave_out(
                f"preds.json#{job.id}", "The patch is not UTF-8, so JSON cannot hold it."
            )
            return None

    def _write_thread(self, job: Job) -> None:
        clean = self._exporter.clean
        write_thread(
            self._folder,
            self._path(f"threads/{job.id}"),
            cleaned_job(job, clean),
            cleaned_lines(self._exporter.jobs.thread(job.id), clean),
            self._wanted.formats,
            self._submission(job),
        )

    def _submission(self, job: Job) -> str:
        """The patch as a trajectory shows it: always without secrets."""
        if job.patch is None or ThreadFormat.TRAJECTORY not in self._wanted.formats:
            return ""
        patch = self._exporter.jobs.patch(job.id)
        return "" if self._holds_secret(job, patch) else patch.decode(errors="replace")

    def _leave_out(self, path: str, why: str) -> None:
        self.left_out.append(LeftOut(path=self._path(path), why=why))

    def _path(self, name: str) -> str:
        return f"{self._request.id}/{name}"

    def _write_json(self, name: str, value: Any) -> None:
        with self._folder.file(self._path(name)) as file:
            file.write_text(_as_json(cleaned_json(value, self._exporter.clean)))

    def _write_lines(self, name: str, values: Iterable[JsonObject]) -> None:
        with self._folder.file(self._path(name)) as file:
            for value in values:
                cleaned = cleaned_json(value, self._exporter.clean)
                file.write_text(json.dumps(cleaned, ensure_ascii=False) + "\n")


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
