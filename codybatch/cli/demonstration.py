"""The demonstration behind its commands: alone in its home, its first request, its end.

What lives here: everything but the stand-ins themselves, which `backdrop.py` starts.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codybatch.cli.output import hint

if TYPE_CHECKING:
    from psutil import Process

    from codybatch.composition import Application
    from codybatch.domain.identifiers import JobId
    from codybatch.domain.jobs import Job

REPOSITORIES = (
    "demo-org/weather-client",
    "demo-org/invoice-ledger",
    "demo-org/job-queue",
    "demo-org/csv-importer",
    "upstream/holiday-calendar",
)
PROMPT = "replace-utcnow"
"""The starter that the first request runs."""
LABEL = (
    "DEMONSTRATION: a stand-in takes the model's place and sample repositories take GitHub's, all\n"
    "on this machine. The clones, edits, patches and pushes are real; no key is used, nothing is\n"
    "spent (costs are what Claude would have cost), and nothing leaves this machine."
)
CANCEL_SECONDS = 30.0
"""How long running jobs may take to heed that they are cancelled."""
LEAVE_SECONDS = 10.0
"""How long a workbench that was left behind may take to leave."""
_SAME_MOMENT_SECONDS = 1.0


@dataclass(frozen=True)
class Place:
    """The demonstration's home, held by this process alone.

    Args:
        home: the folder.
    """

    home: Path

    @property
    def _note(self) -> Path:
        from codybatch.demonstration_home import NOTE

        return self.home / NOTE

    def note_workbench(self, address: str, pid: int) -> None:
        """Note where the workbench is served, for whoever starts a second one or comes after us."""
        import psutil

        begun = psutil.Process(pid).create_time()
        self._write({**self._noted(), "address": address, "pid": pid, "begun": begun})

    def note_process(self, pid: int) -> None:
        """Note a process that must not outlive this one, for whoever comes after we were killed."""
        import psutil

        noted = self._noted()
        one = {"pid": pid, "begun": psutil.Process(pid).create_time()}
        self._write({**noted, "others": [*noted.get("others", ()), one]})

    def workbench(self) -> str:
        """The address that was noted; empty where none is served."""
        return str(self._noted().get("address", ""))

    def clear(self) -> None:
        """End what a demonstration that was killed has left, and forget where it was."""
        import psutil

        noted = self._noted()
        for left in map(_still_running, (noted, *noted.get("others", ()))):
            with suppress(psutil.Error):
                if left is not None:
                    left.send_signal(signal.SIGTERM)
                    left.wait(LEAVE_SECONDS)
        self._note.unlink(missing_ok=True)

    def _write(self, noted: dict[str, Any]) -> None:
        self._note.write_text(json.dumps(noted))

    def _noted(self) -> dict[str, Any]:
        from codybatch.demonstration_home import note_of

        return note_of(self.home)


def _still_running(noted: dict[str, Any]) -> Process | None:
    """The process of a note, where that very one still runs: a pid is used again."""
    import psutil

    with suppress(psutil.Error, KeyError, TypeError, ValueError):
        found = psutil.Process(int(noted["pid"]))
        if abs(found.create_time() - float(noted["begun"])) < _SAME_MOMENT_SECONDS:
            return found
    return None


@contextmanager
def alone(home: Path) -> Iterator[Place]:
    """One demonstration at a time: all use the same stand-ins.

    Raises:
        EngineError: another one runs.
        StoreError: its home directory cannot be made.
    """
    from filelock import FileLock, Timeout

    from codybatch.demonstration_home import LOCK
    from codybatch.domain.errors import EngineError, StoreError

    place = Place(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        shown = place.workbench()
        what = f"open {shown}, or end it first" if shown else "wait until it has ended"
        raise EngineError(f"A demonstration runs already; {what}.") from None
    except OSError as error:
        raise StoreError(
            f"{home} cannot be used ({error.strerror}). "
            "Set CODYBATCH_HOME to a folder that you may write to."
        ) from None
    try:
        place.clear()
        yield place
    finally:
        place.clear()
        lock.release()


def is_new(app: Application) -> bool:
    """Whether nothing was ever submitted there."""
    from codybatch.ports import PageRequest

    return not app.requests.list(page=PageRequest(limit=1)).items


def submit_first_request(app: Application) -> tuple[Job, ...]:
    """Submit what everybody sees first; beside it, a pull request of an earlier one may be open."""
    from codybatch.domain.publication import PublishMode
    from codybatch.domain.requests import ExistingPullRequest
    from codybatch.services.starters import starter_named
    from codybatch.services.submission_form import SubmissionForm

    form = SubmissionForm(
        prompt=starter_named(PROMPT),
        repositories=REPOSITORIES,
        options=app.default_options().with_(
            publish=PublishMode.DRAFT, existing_pull_request=ExistingPullRequest.ANOTHER
        ),
        request_cost_cap_usd=app.settings.request_cost_cap_usd,
        requester=app.person,
        title="Replace the deprecated datetime.utcnow()",
    )
    return app.requests.submit(form).jobs


def show_first_request(app: Application) -> None:
    """Run the first request, and say how it ended."""
    from codybatch.cli.live import watch
    from codybatch.cli.report import print_jobs

    print_jobs(watch(app, [job.id for job in submit_first_request(app)]))
    hint("")


def cancel_and_wait(app: Application, jobs: list[JobId]) -> None:
    """Cancel those of the jobs that have not ended, and wait until that was heeded."""
    asked = [job for job in jobs if not app.jobs.find(job).state.is_terminal]
    if not asked:
        return
    hint("Stopping the demonstration …")
    for job in asked:
        app.jobs.cancel(job, app.person)
    latest = app.clock.monotonic() + CANCEL_SECONDS
    for _ in app.jobs.follow(asked, every_seconds=0.1):
        if app.clock.monotonic() > latest:
            return


def cancel_unfinished(app: Application) -> None:
    """Ask every job that has not ended to stop: its repository is there no more."""
    from codybatch.domain.states import JobState
    from codybatch.ports import PageRequest, Partition, PartitionKind

    for state in JobState:
        if not state.is_terminal:
            unfinished = Partition(PartitionKind.STATE, state)
            for job in app.jobs.list(unfinished, PageRequest(limit=1000)).items:
                app.jobs.cancel(job.id, app.person)
