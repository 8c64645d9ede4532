"""The command line of Cody Batch, composed with adapters that count and die.

``main`` runs the real commands. What they are composed of is the real thing too, with ``Watched``
around the store, the code host and the model, and a watched push and pipe; workers and
conversations are started through the same program, so that they are watched as well.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

from codybatch import backing, clients, composition, tracing
from codybatch.api import cloud_events
from codybatch.cli import main as command_line
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import JobId, SubmissionId, job_id
from codybatch.domain.jobs import Job
from codybatch.engines.local.crew import Crew, LaunchCommand
from codybatch.ports import Store
from codybatch.settings import Settings, inherited_environment, load_settings
from codybatch.worker.surroundings import ConversationCommand, Surroundings
from tests.worker.crashing import aws_calls
from tests.worker.crashing.aws_calls import Named
from tests.worker.crashing.points import (
    BLOBS_THAT_READ,
    HOST_THAT_READS,
    RECORDS_THAT_READ,
    Plan,
    Points,
    Watched,
)

FOLDER = "CRASHES_FOLDER"
STARTER = "CRASHES_STARTER"
"""The arguments that start this program, separated by line breaks."""
SUBJECT = "CRASHES_SUBJECT"
"""Of a conversation: its repository; of a submission: any name."""
WORKER = "CRASHES_WORKER"
"""Of a conversation: its worker's pid."""
OURS = (FOLDER, STARTER)

MODEL_THAT_READS = frozenset({"capabilities", "charge", "price", "worst_case"})

LATE = (
    "anthropic",
    "codybatch.claude.connection",
    "codybatch.cli.processes",
    "codybatch.engines.local.dispatcher",
    "codybatch.engines.aws_batch",
    "codybatch.github.code_host",
    "codybatch.services.doctor",
    "codybatch.stores.aws.store",
    "codybatch.worker.converse",
    "codybatch.worker.run",
    "requests",
)
"""What the commands import when they run."""


def import_all() -> None:
    """Import whatever the commands do, so that copies of this process need not."""
    for name in LATE:
        importlib.import_module(name)
    aws_calls.warm_up()


def subject_of(repository: str) -> str:
    """The name of what is done for a repository, as part of a file's name."""
    return repository.replace("/", "_")


def main(arguments: list[str]) -> int:
    """Run one command of the command line, or the tick, watched; its exit status."""
    words = tuple(arguments[:2])
    plan = Plan(Path(os.environ[FOLDER]))
    if words == ("worker", "run"):
        subject = _repository(arguments[2:])
        _watch(Points(plan, "worker", subject), subject)
    elif words == ("worker", "converse"):
        worker, subject = int(os.environ[WORKER]), os.environ[SUBJECT]
        _watch_conversation(Points(plan, "conversation", subject, worker))
    elif words == ("dispatcher", "run"):
        _watch(Points(plan, "dispatcher", "dispatcher"), "")
        _watch_crew(Points(plan, "dispatcher", "dispatcher"))
    elif words == ("tick",):
        _watch(Points(plan, "tick", os.environ[SUBJECT]), "")
        cloud_events.tick({}, None)
        return 0
    else:
        subject = os.environ[SUBJECT]
        _watch(Points(plan, "submit", subject), subject)
        cast("Any", backing).launch_command = _interpreter_command
    try:
        command_line.main(arguments)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0


def _repository(given: list[str]) -> str:
    """What a worker is for: a job, or one of a submission's."""
    store = backing.store_of(load_settings())
    try:
        job = job_id(given[0]) if given[0] != "--submission" else _given_by_batch(store, given[1])
        return subject_of(store.records.job(job).repository.full_name)
    except CodyBatchError:
        return "unknown"
    finally:
        store.close()


def _given_by_batch(store: Store, submission: str) -> JobId:
    index = int(os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX", "0"))
    return store.records.submission(SubmissionId(submission)).jobs[index]


def _watch(points: Points, subject: str) -> None:
    """Put ``points`` around everything that this process is composed of."""
    composed, made = cast("Any", composition), cast("Any", clients)
    store_of = backing.store_of
    surroundings, code_host = composition.surroundings, clients.code_host

    def watched_store(settings: Settings, **given: Any) -> Any:
        store = store_of(settings, **given)
        if settings.uses_aws:  # of its verbs each call is a point
            aws_calls.watch(points)
            return SimpleNamespace(
                records=Named(store.records, "records"),
                blobs=Named(store.blobs, "blobs"),
                close=store.close,
            )
        records = Watched(store.records, points, "records", RECORDS_THAT_READ)
        blobs = Watched(store.blobs, points, "blobs", BLOBS_THAT_READ)
        return SimpleNamespace(records=records, blobs=blobs, close=store.close)

    def watched_surroundings(settings: Settings) -> Surroundings:
        around = surroundings(settings)
        return replace(around, conversation=_conversation(around.conversation, subject))

    composed.store_of = watched_store
    composed.surroundings = watched_surroundings
    cast("Any", backing).launch_command = _launch_command
    made.code_host = lambda settings, login: Watched(
        code_host(settings, login), points, "host", HOST_THAT_READS
    )
    _watch_the_network(points)


def _watch_the_network(points: Points) -> None:
    """Requests that change something at the code host, one by one, and the push."""
    adapters: Any = importlib.import_module("requests.adapters")
    publication: Any = importlib.import_module("codybatch.services.publication")
    send: Callable[..., Any] = adapters.HTTPAdapter.send

    def watched_send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET" or request.path_url.endswith("/graphql"):
            return send(self, request, *args, **kwargs)
        what = request.path_url.rpartition("/")[2]
        with points.at(f"http.{request.method} {what if not what.isdigit() else 'pull'}"):
            return send(self, request, *args, **kwargs)

    adapters.HTTPAdapter.send = watched_send
    publication.push = points.watched("git.push", publication.push)


def _watch_crew(points: Points) -> None:
    """The dispatcher's starts of workers."""
    composed: Any = backing

    class WatchedCrew(Crew):
        def start(self, job: Job) -> None:
            with points.at("crew.start"):
                super().start(job)

    composed.Crew = WatchedCrew


class WatchedPipe:
    """The way to the worker, each of whose messages is a point."""

    def __init__(self, target: BinaryIO, points: Points) -> None:
        """Write to ``target``."""
        self._target = target
        self._points = points

    def write(self, frame: bytes) -> int:
        """Write a message."""
        kind = frame[4:].partition(b'"type":"')[2].partition(b'"')[0].decode()
        with self._points.at(f"pipe.{kind}"):
            return self._target.write(frame)

    def flush(self) -> None:
        """Nothing is kept back."""


def _watch_conversation(points: Points) -> None:
    composed: Any = tracing
    converse: Any = importlib.import_module("codybatch.worker.converse")
    model, run = tracing.conversation_model, converse.run_conversation

    def watched_run(source: BinaryIO, target: BinaryIO, *rest: Any) -> None:
        run(source, cast("BinaryIO", WatchedPipe(target, points)), *rest)

    composed.conversation_model = lambda *given: Watched(
        model(*given), points, "model", MODEL_THAT_READS
    )
    converse.run_conversation = watched_run


def _launch_command(settings: Settings) -> LaunchCommand:
    """How this program starts itself."""
    environment = inherited_environment()
    return LaunchCommand(_starter(), {**environment, **settings.as_environment(), **_ours()})


def _interpreter_command(settings: Settings) -> LaunchCommand:
    """How a dispatcher is started: its pid is looked for, so that no other may stand for it."""
    command = _launch_command(settings)
    arguments = (sys.executable, "-m", "tests.worker.crashing.program")
    environment = {**command.environment, "PYTHONPATH": os.environ["PYTHONPATH"]}
    return LaunchCommand(arguments, environment)


def _conversation(command: ConversationCommand, subject: str) -> ConversationCommand:
    mine = {**_ours(), SUBJECT: subject, WORKER: str(os.getpid())}
    environment: Mapping[str, str] = {**command.environment, **mine}
    return ConversationCommand((*_starter(), "worker", "converse"), environment)


def _ours() -> dict[str, str]:
    return {name: os.environ[name] for name in OURS}


def _starter() -> tuple[str, ...]:
    return tuple(os.environ[STARTER].split("\n"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
