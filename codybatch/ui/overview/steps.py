"""The first three steps of a new user: access, a prompt, and a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codybatch.settings import Settings
from codybatch.ui.navigation import COMPOSE
from codybatch.ui.words import Badge

SAMPLE = "replace-utcnow"
"""The starter prompt that a first request is offered with."""
_READY = Badge("Ready", ":material/check_circle:", "green")
_MISSING = Badge("Missing", ":material/warning:", "orange")


@dataclass(frozen=True)
class Step:
    """One step: what it is, how it stands, and the way to it."""

    title: str
    sentence: str
    badge: Badge | None = None
    command: str = ""
    page: str = ""
    label: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def first_steps(settings: Settings) -> tuple[Step, ...]:
    """What to do before and for the first request.

    Args:
        settings: say which access there is; no value of a credential is shown.
    """
    return (
        _access(settings),
        Step(
            "Begin with a prompt that works",
            "A sample asks for the deprecated datetime.utcnow() to be replaced. Take it as it is, "
            "choose another, or write your own.",
            page=COMPOSE,
            label="Compose with the sample prompt",
            parameters={"starter": SAMPLE},
        ),
        Step(
            "Choose repositories, look at the estimate, run",
            f"Up to {settings.max_repositories_per_request} repositories at once. You see what it "
            "may cost before anything is spent, and watch each job until it can be judged.",
        ),
    )


def _access(settings: Settings) -> Step:
    if settings.is_demonstration:
        return Step(
            "Access",
            "This is the demonstration: stand-ins take the places of the model and of GitHub, so "
            "that no key is needed and nothing is spent.",
            _READY,
        )
    missing = missing_access(settings)
    if not missing:
        return Step("Access", "The model's key, GitHub and the allow-list are set.", _READY)
    return Step(
        "Give access",
        "Set these in the shell that starts the workbench, and start it again; the page Settings "
        "checks them.",
        _MISSING,
        "\n".join(missing),
    )


def missing_access(settings: Settings) -> tuple[str, ...]:
    """A shell command for each thing without which no request can run."""
    has_host = settings.github_token or settings.github_app_id
    needed = (
        ("export ANTHROPIC_API_KEY=…   # pays for the model", settings.anthropic_api_key),
        ("export GITHUB_TOKEN=…        # reads repositories; pushes where it may", has_host),
        (
            "export CODYBATCH_ALLOWED_REPOSITORIES='my-org/*'   # what may be worked on",
            settings.allowed_repositories.patterns,
        ),
    )
    return tuple(command for command, is_set in needed if not is_set)
