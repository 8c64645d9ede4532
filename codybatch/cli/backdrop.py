"""The stand-ins that take the model's place and GitHub's in demonstrations, and the settings that
lead to them.

What lives here: how they are made, on which ports, over which repositories.
What never does: what runs before them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from codybatch.settings import Settings
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.github import GitHubStandin

Standin = TypeVar("Standin")

CAPS: dict[str, object] = {
    "max_repositories_per_request": 5,
    "job_cost_cap_usd": 2,
    "request_cost_cap_usd": 10,
    "daily_cost_cap_usd": None,
    "max_turns": 60,
    "max_minutes": 45,
}
"""A demonstration always runs the same, whatever one's own settings are."""
THINKING_SECONDS = 0.15
"""How long the stand-in thinks before each reply, so that a person can watch."""


@dataclass(frozen=True)
class Backdrop:
    """The stand-ins, at work."""

    model: AnthropicStandin
    github: GitHubStandin
    is_fresh: bool
    """Whether the repositories are as they were made."""
    has_moved: bool
    """Whether they have other addresses than the time before."""

    def settings_for(self, settings: Settings, **changes: object) -> Settings:
        """The demonstration's settings, leading to the stand-ins.

        Args:
            settings: whose home, person, model and allow-list are kept.
            changes: what else is set, by field name.
        """
        from codybatch.aws_settings import NO_AWS
        from codybatch.code_host_settings import NO_APP
        from codybatch.settings import load_settings
        from codybatch.standins.anthropic import DEMONSTRATION_KEY
        from codybatch.telemetry_settings import NO_COLLECTOR

        ours: dict[str, object] = {
            "home": settings.home,
            "is_demonstration": True,
            "person": settings.acting_person,
            "anthropic_api_key": DEMONSTRATION_KEY,
            "anthropic_base_url": self.model.url,
            "github_token": self.github.tokens["service"],
            "github_api_url": self.github.api_url,
            "github_server_url": self.github.url,
            "github_write_pause_seconds": 0,
            "allowed_repositories": settings.allowed_repositories,
            "price_overrides": None,
            "model": settings.model,
            "publish": "draft",
            **NO_APP,
            **NO_AWS,
            **NO_COLLECTOR,
            **CAPS,
        }
        return load_settings(**{**ours, **changes})


@contextmanager
def backdrop(
    home: Path, world: Path | None = None, thinking_seconds: float = THINKING_SECONDS
) -> Iterator[Backdrop]:
    """Run the stand-ins; where they can they take the ports of the time before.

    Args:
        home: the folder that this process holds alone.
        world: where the repositories are; those kept in ``home`` where None.
        thinking_seconds: how long the model thinks before each reply.
    """
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.demonstration import DemonstrationModel
    from codybatch.standins.github import GitHubStandin

    # Whatever proxy is set: it cannot reach this machine's loopback, and all else is elsewhere.
    os.environ.update(NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")
    served, is_fresh = (world, True) if world else kept_repositories(home)
    before = _ports(home)
    with ExitStack() as running:
        model = on_port(
            running,
            before.get("model", 0),
            lambda port: AnthropicStandin(
                DemonstrationModel(wavers=True), port=port, pause_seconds=thinking_seconds
            ),
        )
        github = on_port(running, before.get("github", 0), lambda port: GitHubStandin(served, port))
        now = {"model": model.port, "github": github.port}
        (home / "ports.json").write_text(json.dumps(now))
        yield Backdrop(model, github, is_fresh, now != before)


def kept_repositories(home: Path) -> tuple[Path, bool]:
    """The folder of the GitHub stand-in, and whether it begins anew; made whole or not at all."""
    from codybatch.standins.github import GitHubStandin
    from codybatch.standins.repositories import digest, materialise

    world = home / f"github-{digest()}"
    if world.is_dir():
        return world, False
    for former in home.glob("github-*/"):  # of another release
        shutil.rmtree(former)
    draft = home / "github.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    materialise(GitHubStandin(draft))
    draft.rename(world)
    return world, True


def on_port(
    running: ExitStack, port: int, made: Callable[[int], AbstractContextManager[Standin]]
) -> Standin:
    """A stand-in, on this port where nobody else has taken it meanwhile."""
    with suppress(OSError):
        return running.enter_context(made(port))
    return running.enter_context(made(0))


def _ports(home: Path) -> dict[str, int]:
    """The ports of the demonstration before, so that what it left open keeps its address."""
    with suppress(OSError, ValueError):
        found = json.loads((home / "ports.json").read_text())
        return {name: int(found[name]) for name in ("model", "github") if name in found}
    return {}
