"""What every test stands on: no key, no personal configuration, an empty home directory."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

PERSONAL = ("ANTHROPIC_", "AWS_", "CODYBATCH_", "GH_", "GITHUB_", "GIT_", "XDG_")


@pytest.fixture(scope="session", autouse=True)
def _nobody_in_particular(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(PERSONAL)]:
            environment.delenv(name)
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("GIT_CONFIG_NOSYSTEM", "1")
        environment.setenv("GIT_TERMINAL_PROMPT", "0")
        yield
