"""``python -m codybatch.standins.batch``: serve until SIGTERM or the parent's end.

Each container is ``--entry-point`` with the job's command behind it. Its variables are read from
``--environment-file``, a JSON object, which may hold secrets and is never shown; without the file
they are the stand-in's own.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from codybatch.standins.batch.catalogue import Catalogue
from codybatch.standins.batch.containers import Host
from codybatch.standins.batch.server import BatchStandin
from codybatch.standins.batch.sink import EventSink, posting

_SECONDS_BETWEEN_LOOKS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the stand-in; the first line on standard output is its address."""
    parent = os.getppid()
    options = _parser().parse_args(arguments)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with _standin(options) as batch:
        if options.port_file is not None:
            _write_whole(options.port_file, f"{batch.port}\n")
        sys.stdout.write(f"{batch.url}\n")
        sys.stdout.flush()
        # A parent that is gone leaves its child to another process.
        while os.getppid() == parent and not ending.wait(_SECONDS_BETWEEN_LOOKS):
            pass
    return 0


def _standin(options: argparse.Namespace) -> BatchStandin:
    host = Host(
        entry_point=tuple(shlex.split(options.entry_point)),
        environment=_environment(options.environment_file),
        logs=options.logs,
        grace_seconds=options.grace_seconds,
    )
    return BatchStandin(
        host,
        Catalogue.of(options.region, options.queue, options.definition, options.container),
        parallel=options.parallel,
        sink=EventSink(posting(options.events_url)) if options.events_url else None,
        log_group=options.log_group,
        port=options.port,
    )


def _environment(file: Path | None) -> dict[str, str]:
    if file is None:
        return dict(os.environ)
    read = json.loads(file.read_text(encoding="utf-8"))
    return {str(name): str(value) for name, value in read.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codybatch.standins.batch", description=__doc__)
    add = parser.add_argument
    add("--entry-point", required=True, help="what stands before each job's command")
    add("--environment-file", type=Path, help="JSON object: the variables of each container")
    add("--logs", type=Path, required=True, help="folder of the containers' logs")
    add("--queue", default="codybatch", help="name of the job queue")
    add("--definition", default="codybatch-worker", help="name of the job definition")
    add("--container", default="worker", help="name of its container; empty: container properties")
    add("--region", default="eu-central-1", help="the region whose requests find them")
    add("--log-group", default="/aws/batch/job", help="of CloudWatch, as containers are told")
    add("--parallel", type=int, default=2, help="how many containers run at once")
    add("--grace-seconds", type=float, default=30.0, help="between SIGTERM and SIGKILL")
    add("--events-url", help="where state change events are posted")
    add("--port", type=int, default=0, help="0 (default) lets the system choose")
    add("--port-file", type=Path, help="file to write the port to")
    return parser


def _write_whole(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


if __name__ == "__main__":
    sys.exit(main())
