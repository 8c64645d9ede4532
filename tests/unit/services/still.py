"""A world in which nothing runs by itself: jobs end as a test says, at real services' edges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, LineageRelation, Patch
from codybatch.domain.publication import Publication, PublicationKind, branch_of_lineage
from codybatch.domain.states import ENDINGS, EndedBecause
from codybatch.ports import PullRequestText, Records
from codybatch.services.continuations import ContinuationForm, Continued
from tests.contracts.examples import an_owner
from tests.worker.world import CLOCKS, World, world

CHANGE = b"--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# Clocks\n+# Watches\n"


@dataclass
class Still:
    """What a test works with."""

    world: World
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def records(self) -> Records:
        return self.world.app.store.records

    def repository(self) -> str:
        """A repository of the test's own."""
        name = f"acme/r{next(self._numbers)}"
        self.world.github.add_repository(name, files=CLOCKS, permissions={"service": "push"})
        return name

    def submitted(self, *repositories: str, **options: Any) -> tuple[Job, ...]:
        """The queued jobs of a new request; in one repository of their own where none is named."""
        return self.world.submit(*(repositories or (self.repository(),)), **options).jobs

    def end(
        self,
        job: Job,
        because: EndedBecause = EndedBecause.FINISHED,
        patch: bytes | None = CHANGE,
        applies: bool = True,
        **changes: Any,
    ) -> Job:
        """Have a worker end a job."""
        now, taken = self.world.app.clock.now(), self.claimed(job)
        assert taken.lease is not None
        fields = {
            "state": ENDINGS[because].state,
            "ended_because": because,
            "ended_at": now,
            "patch": self._stored(job.id, patch, applies) if patch else None,
        }
        self.records.settle(taken.lease, taken.with_(**{**fields, **changes}))
        return self.records.job(job.id)

    def claimed(self, job: Job) -> Job:
        """A job that a worker has begun."""
        now = self.world.app.clock.now()
        owner = an_owner(engine_job=job.id)
        return self.records.claim(job.id, owner, now, now + timedelta(minutes=5))

    def ended(
        self,
        because: EndedBecause = EndedBecause.FINISHED,
        patch: bytes | None = CHANGE,
        repository: str | None = None,
        ending: dict[str, Any] | None = None,
        **options: Any,
    ) -> Job:
        """The one job of a new request, ended."""
        (job,) = self.submitted(*([repository] if repository else []), **options)
        return self.end(job, because, patch, **(ending or {}))

    def proposed(self, job: Job) -> Publication:
        """Push a commit to the lineage's branch, and open or find its pull request."""
        name, host = job.repository, self.world.app.clients.code_host()
        branch = branch_of_lineage(job.lineage.root, job.repository_id, job.lineage.root_title)
        bare = self.world.github.bare(name.full_name)
        if bare.branch(branch) is None:
            bare.set_branch(branch, job.commit)
        head = self.world.github.commit(name.full_name, {f"{job.id}.txt": "x\n"}, branch=branch)
        text = PullRequestText(title="Change", body="A change.")
        return Publication(
            kind=PublicationKind.PULL_REQUEST,
            branch=branch,
            intended_commit=head,
            pushed_commit=head,
            pull_request=host.open_pull_request(name, branch, job.base_branch, text, draft=False),
        )

    def published(self, repository: str | None = None, **options: Any) -> Job:
        """The one job of a new request, ended, with an open pull request."""
        options = {"publish": "draft", **options}
        (job,) = self.submitted(*([repository] if repository else []), **options)
        return self.end(job, publication=self.proposed(job))

    def form(self, relation: LineageRelation, *jobs: Job, **given: Any) -> ContinuationForm:
        """A filled-in form; options by their own names, the rest by the form's."""
        app = self.world.app
        form = app.continuations.form(relation, [job.id for job in jobs], app.person)
        own = {name: given.pop(name) for name in list(given) if name in type(form).model_fields}
        return form.with_(**{"options": form.options.with_(**given), **own})

    def retry(self, *jobs: Job, **given: Any) -> Continued:
        """Retry jobs."""
        form = self.form(LineageRelation.RETRY, *jobs, **given)
        return self.world.app.continuations.submit(form)

    def follow_up(
        self, *jobs: Job, text: str = "Also update the tests.", **given: Any
    ) -> Continued:
        """Follow up on jobs."""
        form = self.form(LineageRelation.FOLLOW_UP, *jobs, instructions=text, **given)
        return self.world.app.continuations.submit(form)

    def _stored(self, job: JobId, patch: bytes, applies: bool) -> Patch:
        blob = self.world.app.store.blobs.put(f"jobs/{job}/change.patch", patch)
        paths = ("README.md",)
        return Patch(blob=blob, files=1, additions=1, deletions=1, paths=paths, applies=applies)


@contextmanager
def still(folder: Path) -> Iterator[Still]:
    """Open a world whose engine starts nothing."""
    with world(folder, {}) as w, pytest.MonkeyPatch.context() as patch:
        patch.setattr(w.app.engine, "ensure_dispatcher", lambda: None)
        yield Still(w)
