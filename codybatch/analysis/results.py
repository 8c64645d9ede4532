"""A job and a request in a notebook: their records, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from codybatch.analysis.display.cards import job_html, job_text, request_html, request_text
from codybatch.analysis.display.diff import Diff
from codybatch.analysis.display.thread import Thread
from codybatch.analysis.frames.threads import conversation_of
from codybatch.analysis.watching import watch
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.services.findings import cleaned_json
from codybatch.services.plain_text import in_plain_sight

if TYPE_CHECKING:
    from codybatch.analysis.workspace import Workspace


class JobResult:
    """One job as it was when it was read; ``refresh`` reads it again.

    Texts hold no secret; ``record`` and ``patch`` are as they are stored.
    """

    def __init__(self, workspace: Workspace, record: Job) -> None:
        """See ``Workspace.job``."""
        self._workspace = workspace
        self.record = record
        """Everything that is recorded, with exact amounts."""

    @property
    def id(self) -> str:
        """Its id: joins with ``jobs()``."""
        return self.record.id

    @property
    def state(self) -> str:
        """Such as ``succeeded``."""
        return self.record.state.value

    @property
    def repository(self) -> str:
        """``owner/name``."""
        return self.record.repository.full_name

    @property
    def title(self) -> str:
        """The result in one line."""
        return self._fit(self.record.title)

    @property
    def summary(self) -> str:
        """The result in words."""
        return self._fit(self.record.summary)

    @property
    def answer(self) -> Any:
        """Of an ask: its answer as JSON values; None where there is none."""
        return cleaned_json(self.record.answer, self._workspace.application.net.clean)

    @property
    def patch(self) -> bytes:
        """The patch byte for byte, for ``git apply``; empty where nothing was changed.

        Raises:
            BlobMissing, BlobDamaged: the bytes are not what was stored.
        """
        if self.record.patch is None:
            return b""
        return self._workspace.application.jobs.patch(self.record.id)

    def diff(self) -> Diff:
        """The patch for reading.

        Raises:
            BlobMissing, BlobDamaged: the bytes are not what was stored.
        """
        return Diff(self.record, self.patch, self._workspace.application.net.clean)

    def thread(self, *, errors: bool = False, first: int = 0, last: int | None = None) -> Thread:
        """The conversation for reading, also while the job runs.

        Args:
            errors: only turns in which something went wrong.
            first: the first turn that is shown; 0 is the beginning.
            last: the last one.
        """
        app = self._workspace.application
        conversation = conversation_of(app.jobs, self.record)
        return Thread(self.record, conversation, app.net.clean, errors, first, last)

    def findings(self) -> pd.DataFrame:
        """Of an audit: its findings, the worst first; see ``Workspace.findings``."""
        return self._workspace.findings(job=self.id)

    def turns(self) -> pd.DataFrame:
        """Its turns; see ``Workspace.turns``."""
        return self._workspace.turns(job=self.id)

    def tool_calls(self) -> pd.DataFrame:
        """Its tool calls; see ``Workspace.tool_calls``."""
        return self._workspace.tool_calls(job=self.id)

    def costs(self) -> pd.DataFrame:
        """What its cost is made of; see ``Workspace.costs``."""
        return self._workspace.costs(job=self.id)

    def verdicts(self) -> pd.DataFrame:
        """What people think of it; see ``Workspace.verdicts``."""
        return self._workspace.verdicts(job=self.id)

    def refresh(self) -> JobResult:
        """Read it again; gives itself.

        Raises:
            NotFound: it is not there any more.
        """
        self.record = self._workspace.application.jobs.find(self.record.id)
        return self

    def _fit(self, text: str) -> str:
        return in_plain_sight(self._workspace.application.net.clean(text))

    def __repr__(self) -> str:
        """The result as plain text."""
        app = self._workspace.application
        return job_text(self.record, app.net.clean, app.clock.now())

    def _repr_html_(self) -> str:
        app = self._workspace.application
        return job_html(self.record, app.net.clean, app.clock.now())


class RequestResult:
    """One request with its jobs, as they were when they were read; ``refresh`` reads them again."""

    def __init__(self, workspace: Workspace, record: Request, jobs: tuple[Job, ...]) -> None:
        """See ``Workspace.request`` and ``Workspace.submit``."""
        self._workspace = workspace
        self.record = record
        """Everything that is recorded of the request."""
        self._jobs = jobs

    @property
    def id(self) -> str:
        """Its id: joins with ``requests()`` and ``jobs()``."""
        return self.record.id

    @property
    def jobs(self) -> tuple[JobResult, ...]:
        """Its jobs, in the order of its repositories."""
        return tuple(JobResult(self._workspace, job) for job in self._jobs)

    @property
    def frame(self) -> pd.DataFrame:
        """Its jobs as they are now; see ``Workspace.jobs``."""
        return self._workspace.jobs(request=self.id)

    def wait(self, *, progress: bool = True) -> RequestResult:
        """Wait until its jobs have ended or wait for a person; gives itself.

        Interrupting it loses nothing: the jobs go on, and ``wait`` can be called again.

        Args:
            progress: whether a bar shows how far they are.
        """
        workspace = self._workspace
        only_look = not workspace.allows_changes
        ids = [job.id for job in self._jobs]
        watch(workspace.application, self.id, ids, progress=progress, only_look=only_look)
        return self.refresh()

    def cancel(self) -> RequestResult:
        """Cancel its jobs that have not ended; gives itself.

        Raises:
            PolicyError: the workspace is read-only.
        """
        app = self._workspace.to_change("cancel a request")
        app.requests.cancel(self.record.id, app.person)
        return self.refresh()

    def refresh(self) -> RequestResult:
        """Read it and its jobs again; gives itself."""
        requests = self._workspace.application.requests
        self.record, self._jobs = requests.find(self.record.id), requests.jobs_of(self.record.id)
        return self

    def __repr__(self) -> str:
        """The request and its jobs as plain text."""
        return request_text(self.record, self._jobs, self._workspace.application.net.clean)

    def _repr_html_(self) -> str:
        return request_html(self.record, self._jobs, self._workspace.application.net.clean)
