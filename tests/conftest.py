"""What every test stands on: no key, no personal configuration, an empty home directory, and
Ctrl-C that works.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator

import pytest

from codybatch.standins.aws import AwsStandin
from tests.aws_kit import running_aws
from tests.prestarted import kit as prestarted

PATIENCE_SECONDS = 120
"""What a test may take that names no other time: ``timeout`` in ``pyproject.toml``."""
PERSONAL = ("ANTHROPIC_", "AWS_", "CODYBATCH_", "GH_", "GITHUB_", "GIT_", "XDG_")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no process is left alone with it in the end."""
    items.sort(key=patience_with, reverse=True)


def patience_with(item: pytest.Item) -> float:
    """How long a test may take, in seconds."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else PATIENCE_SECONDS


@pytest.fixture(scope="session", autouse=True)
def _nobody_in_particular(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(PERSONAL)]:
            environment.delenv(name)
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("GIT_CONFIG_NOSYSTEM", "1")
        environment.setenv("GIT_TERMINAL_PROMPT", "0")
        yield


@pytest.fixture(scope="session")
def aws(_nobody_in_particular: None) -> Iterator[AwsStandin]:
    """DynamoDB and S3 on loopback, one for all tests of this process: each takes its own names."""
    with running_aws() as aws:
        yield aws


@pytest.fixture(scope="session", autouse=True)
def _prestarted(_nobody_in_particular: None) -> Iterator[None]:
    """What was started so that others start quickly ends with the tests."""
    yield
    prestarted.end()


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> Iterator[None]:
    """A shell without job control starts what runs in its background deaf to SIGINT, and every
    child inherits that; a handler of ours is not inherited.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What set up our own lines in this process leaves none of it to the next test."""
    ours = logging.getLogger("codybatch")
    handlers, level, propagate = list(ours.handlers), ours.level, ours.propagate
    yield
    ours.handlers, ours.propagate = handlers, propagate
    ours.setLevel(level)
