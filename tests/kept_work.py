"""A home directory with ended jobs of every kind, written through the store's own ports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from codybatch.domain.findings import Finding
from codybatch.domain.identifiers import job_id_of
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.money import Usage
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.records import JsonObject
from codybatch.domain.requests import Request
from codybatch.domain.threads import ConversationHeader, Step, StepKind, step_key
from codybatch.services.threads import assemble
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import (
    ALICE,
    NOON,
    a_key,
    a_request,
    claimed,
    jobs_of,
    lease_of,
    settled,
)

PATCH = (
    b"diff --git a/notes.txt b/notes.txt\n"
    b"index 1111111..2222222 100644\n--- a/notes.txt\n+++ b/notes.txt\n"
    b"@@ -1 +1 @@\n-caf\xe9\r\n+tea\r\n"
)
"""Not UTF-8, and with carriage returns: whoever takes it for text changes it."""

Reply = tuple[JsonObject, ...]
"""Content blocks of a reply of the model."""


def says(text: str) -> JsonObject:
    return {"type": "text", "text": text}


def calls(name: str, number: int = 1, **given: Any) -> JsonObject:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": given}


def gave(content: str, number: int = 1) -> JsonObject:
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": content}


@dataclass
class Kept:
    """A home directory and what is kept there."""

    home: Path
    store: EmbeddedStore

    @classmethod
    def at(cls, home: Path) -> Kept:
        return cls(home, EmbeddedStore(home))

    @property
    def environment(self) -> dict[str, str]:
        """Settings that lead here."""
        return {"CODYBATCH_HOME": str(self.home), "CODYBATCH_PERSON": "alice"}

    def request(self, repositories: str = "acme/app", **changes: Any) -> Request:
        """Create a request; ``prompt`` is its draft."""
        draft = changes.pop("prompt", PromptDraft(name="update", template="Update what is old."))
        version = self.store.records.save_prompt(draft, ALICE, NOON)
        request = a_request(
            repositories=repositories, prompt=version.ref, kind=version.kind, **changes
        )
        self.store.records.create_request(request, jobs_of(request), a_key())
        return request

    def end(self, request: Request, index: int = 1, **changes: Any) -> Job:
        """End a job of a request."""
        records = self.store.records
        job = claimed(records, job_id_of(request.id, index), engine_job=f"e-{index}")
        return settled(records, job, **changes)

    def audit(self, *findings: tuple[Finding, ...]) -> tuple[Request, list[Job]]:
        """A request whose audits ended with these findings, a repository each."""
        names = " ".join(f"acme/app{number}" for number, _ in enumerate(findings, 1))
        draft = PromptDraft(name="injections", kind=Kind.AUDIT, template="Find injections.")
        request = self.request(names, prompt=draft, title="Look for injections")
        return request, [
            self.end(request, n, findings=found, were_changes_necessary=bool(found))
            for n, found in enumerate(findings, 1)
        ]

    def ask(self, *answers: JsonObject) -> tuple[Request, list[Job]]:
        """A request whose questions were answered, a repository each."""
        names = " ".join(f"acme/app{number}" for number, _ in enumerate(answers, 1))
        draft = PromptDraft(name="what", kind=Kind.ASK, template="What is it?", answer_schema={})
        request = self.request(names, prompt=draft, title="What is it")
        return request, [self.end(request, n, answer=one) for n, one in enumerate(answers, 1)]

    def change(
        self,
        request: Request,
        turns: Sequence[tuple[Reply, Reply]] = (),
        patch: bytes | None = PATCH,
        index: int = 1,
        **changes: Any,
    ) -> Job:
        """A job that changed something, after a conversation of replies and their results."""
        records, blobs = self.store.records, self.store.blobs
        job = claimed(records, job_id_of(request.id, index), engine_job=f"e-{index}")
        fence = lease_of(job).fence
        if patch is not None:
            blob = blobs.put(f"jobs/{job.id}/a{fence:04d}/change.patch", patch)
            more = changes.pop("redacts_secret", False)
            changes["patch"] = Patch(
                blob=blob, files=1, additions=1, deletions=1, redacts_secret=more
            )
        steps = self._steps(job, request, turns)
        if steps:
            records.commit(lease_of(job), job, steps)
            changes["thread"] = assemble(job.id, fence, steps, blobs)
        cost = sum((step.cost_usd for step in steps), start=Decimal(0))
        return settled(records, job, **{"cost_usd": cost, "title": "Take tea", **changes})

    def _steps(
        self, job: Job, request: Request, turns: Sequence[tuple[Reply, Reply]]
    ) -> list[Step]:
        header = ConversationHeader(
            model=job.model,
            system=[says("You are careful.")],
            tools=[{"name": "finish"}],
            first_message={"role": "user", "content": [says(request.prompt_text)]},
            parameters={},
            max_tokens=1000,
            prompt_version="change-1",
            base_tree="0",
        )
        kept = [(StepKind.HEADER, 0, header.to_json())] if turns else []
        for turn, (reply, results) in enumerate(turns, 1):
            message = {"role": "assistant", "content": list(reply), "stop_reason": "tool_use"}
            kept += [(StepKind.REQUEST, turn, ""), (StepKind.REPLY, turn, json.dumps(message))]
            if results:
                answer = {"role": "user", "content": list(results)}
                kept.append((StepKind.RESULTS, turn, json.dumps(answer)))
        return [self._step(job, n, *one) for n, one in enumerate(kept)]

    def _step(self, job: Job, sequence: int, kind: StepKind, turn: int, content: str) -> Step:
        fence = lease_of(job).fence
        sha = hashlib.sha256(str(turn).encode()).hexdigest()
        key = step_key(job.id, fence, 1, sequence, kind, sha if kind is StepKind.REPLY else None)
        paid = kind is StepKind.REPLY
        return Step(
            job=job.id,
            conversation=1,
            sequence=sequence,
            kind=kind,
            at=NOON,
            fence=fence,
            turn=turn,
            blob=self.store.blobs.put(key, content.encode()) if content else None,
            request_sha256=sha if kind in {StepKind.REQUEST, StepKind.REPLY} else None,
            usage=Usage(input_tokens=10, output_tokens=5) if paid else None,
            cost_usd=Decimal("0.25") if paid else Decimal(0),
        )
