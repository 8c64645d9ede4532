"""DynamoDB and S3 for tests: one stand-in for all of a test process, found through variables."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codybatch.standins.aws import AwsStandin, ensure

ENVIRONMENT = Path(sys.prefix) / "standins"
"""Where `make setup` puts the stand-in's environment."""
SECONDS_TO_START = 100.0
"""Every test of AWS fails where it does not start, and the machine may be busy."""


@contextmanager
def running_aws() -> Iterator[AwsStandin]:
    """A stand-in whose address stands in this process's variables, so that children find it too."""
    with AwsStandin(ensure(ENVIRONMENT), seconds_to_start=SECONDS_TO_START) as aws:
        before = {name: os.environ.get(name) for name in aws.environment}
        os.environ.update(aws.environment)
        try:
            yield aws
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
