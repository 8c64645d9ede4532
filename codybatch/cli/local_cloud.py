"""The cloud on this machine behind its command: AWS on loopback, and an application before it.

What lives here: how the stand-ins for DynamoDB, S3 and AWS Batch are made and wired.
What never does: a credential of anybody's; AWS's variables of this process are put aside.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codybatch.cli.backdrop import Backdrop, backdrop, kept_repositories
from codybatch.cli.output import hint
from codybatch.domain.errors import EngineError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.settings import Settings
    from codybatch.standins.aws import AwsStandin
    from codybatch.standins.batch import BatchStandin

NAME = "codybatch"
"""Of the table, the bucket and the job queue."""
DEFINITION, CONTAINER = "codybatch-worker", "worker"
TICK_SECONDS = 2.0
"""In AWS a minute: nothing is paid for here, and somebody waits."""
_NOT_IN_USE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""By these the SDK finds no profile and no role of anybody's."""
_PROXY = ("NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class LocalCloud:
    """A cloud at work on this machine."""

    application: Application
    aws: str
    """Where DynamoDB and S3 answer."""
    batch: str
    """Where AWS Batch answers."""

    def environment(self) -> dict[str, str]:
        """The variables by which a program in another terminal finds all of it; no secret of a
        person's is among them.
        """
        proxies = {name: os.environ[name] for name in _PROXY}
        return {**proxies, **self.application.settings.workers_environment()}


@contextmanager
def local_cloud(home: Path, mine: Settings) -> Iterator[LocalCloud]:
    """Run AWS on loopback and the stand-ins of the demonstration, and end all of it together.

    What is recorded lives as long as the stand-ins do, so the repositories begin anew each time,
    too.

    Args:
        home: the cloud's, which this process holds alone.
        mine: the settings whose person is kept.

    Raises:
        EngineError: the stand-in for DynamoDB and S3 cannot be made or started.
    """
    with ExitStack() as running:
        behind = running.enter_context(backdrop(home, _repositories(home, running)))
        aws = running.enter_context(_aws(home.parent))
        containers: dict[str, str] = {}
        batch = running.enter_context(_batch(home, aws, containers, mine.max_parallel_jobs))
        running.enter_context(_variables({**_NOT_IN_USE, **aws.environment, **batch.environment}))
        yield running.enter_context(_composed(mine, behind, aws, batch, containers))


@contextmanager
def _composed(
    mine: Settings,
    behind: Backdrop,
    aws: AwsStandin,
    batch: BatchStandin,
    containers: dict[str, str],
) -> Iterator[LocalCloud]:
    """An application that knows nothing but these stand-ins, with somebody who keeps it going."""
    from codybatch.api.cloud_events import look_at, upkeep_of
    from codybatch.backing import make_store
    from codybatch.composition import application
    from codybatch.services.timekeeper import Timekeeper
    from codybatch.settings import inherited_environment
    from codybatch.standins.batch import EventSink

    settings = behind.settings_for(
        mine,
        store="aws",
        engine="aws-batch",
        table=NAME,
        bucket=NAME,
        site_bucket=f"{NAME}-site",
        job_queue=NAME,
        job_definition=DEFINITION,
    )
    make_store(settings)
    containers.update({**inherited_environment(), **settings.workers_environment()})
    app = application(settings)
    upkeep = upkeep_of(app)
    batch.send_events(EventSink(lambda event: look_at(event, upkeep)))
    try:
        with Timekeeper(upkeep.tick, TICK_SECONDS):
            yield LocalCloud(app, aws.endpoint, batch.url)
    finally:
        batch.send_events(None)
        app.close()


def _repositories(home: Path, running: ExitStack) -> Path:
    """A copy of the repositories that nobody has changed yet."""
    kept, _ = kept_repositories(home)
    folder = running.enter_context(tempfile.TemporaryDirectory(prefix="codybatch-cloud-"))
    return shutil.copytree(kept, Path(folder) / "github", symlinks=True)


@contextmanager
def _aws(home: Path) -> Iterator[AwsStandin]:
    """DynamoDB and S3, from an environment that is made where there is none yet."""
    from codybatch.standins.aws import AwsStandin, AwsStandinFailed, EnvironmentNotMade, ensure
    from codybatch.standins.aws.environment import is_made

    developers = Path(sys.prefix) / "standins"  # as `make setup` makes it
    folder = developers if is_made(developers) else home / "standins"
    if not is_made(folder):
        hint("Getting a stand-in for DynamoDB and S3 (from PyPI, half a minute, once) …")
    try:
        aws = AwsStandin(ensure(folder)).start()
    except (EnvironmentNotMade, AwsStandinFailed) as error:
        raise EngineError(str(error)) from error
    with closing(aws):
        yield aws


@contextmanager
def _batch(
    home: Path, aws: AwsStandin, containers: Mapping[str, str], parallel: int
) -> Iterator[BatchStandin]:
    """AWS Batch; each of its containers is a worker with the variables ``containers``."""
    from codybatch.standins.batch import BatchStandin, Catalogue, Host

    host = Host((sys.executable, "-m", "codybatch"), containers, home / "logs")
    catalogue = Catalogue.of(aws.environment["AWS_REGION"], NAME, DEFINITION, CONTAINER)
    with BatchStandin(host, catalogue, parallel=parallel) as batch:
        yield batch


@contextmanager
def _variables(ours: Mapping[str, str]) -> Iterator[None]:
    """Put AWS's variables of this process aside, and set others."""
    from codybatch.aws_settings import AWS_VARIABLES

    before = {name: os.environ.pop(name, None) for name in AWS_VARIABLES}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
