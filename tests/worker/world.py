"""A whole world on loopback: stand-ins for the model and the code host, a home, the application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codybatch.composition import Application, application
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.repositories import AllowList
from codybatch.ports import Created
from codybatch.services.submission_form import SubmissionForm
from codybatch.settings import Settings, load_settings
from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin, Brain
from codybatch.standins.demonstration import DemonstrationModel
from codybatch.standins.github import GitHubStandin
from tests.prestarted.kit import forked_workers

UTCNOW = "Replace the deprecated datetime.utcnow() by timezone-aware calls."

CLOCKS: dict[str, bytes | str] = {
    "README.md": "# Clocks\n",
    "clocks/__init__.py": "",
    "clocks/now.py": (
        "from datetime import datetime\n\n\ndef now():\n    return datetime.utcnow()\n"
    ),
}
CLEAN: dict[str, bytes | str] = {
    "README.md": "# Clean\n",
    "clean.py": "def two():\n    return 2\n",
}


@dataclass
class World:
    """Everything a test needs."""

    model: AnthropicStandin
    github: GitHubStandin
    settings: Settings
    app: Application

    def submit(self, *repositories: str, key: str | None = None, **options: Any) -> Created:
        """Submit the utcnow prompt over repositories."""
        prompt = options.pop("prompt", UTCNOW)
        name, variables = options.pop("name", "utcnow"), options.pop("variables", {})
        cap = options.pop("request_cost_cap_usd", None)
        form = SubmissionForm(
            prompt=PromptDraft(name=name, template=prompt),
            variables=variables,
            repositories=repositories,
            options=self.app.default_options().with_(**options),
            request_cost_cap_usd=cap,
            requester=self.app.person,
            idempotency_key=key,
        )
        return self.app.requests.submit(form)

    def wait(self, created: Created) -> tuple[Job, ...]:
        """Wait until the request's jobs have ended, or wait for a person."""
        return tuple(self.wait_for(job.id) for job in created.jobs)

    def wait_for(self, job: JobId) -> Job:
        """Wait until a job has ended, or waits for a person."""
        *_, (ended,) = self.app.jobs.follow([job], every_seconds=0.1)
        return ended


def settings_for(
    home: Path, model: AnthropicStandin, github: GitHubStandin, **changes: Any
) -> Settings:
    """Settings that lead to the stand-ins."""
    return load_settings(
        **{
            "home": home,
            "anthropic_api_key": DEMONSTRATION_KEY,
            "anthropic_base_url": model.url,
            "github_token": github.tokens["service"],
            "github_api_url": github.api_url,
            "github_server_url": github.url,
            "allowed_repositories": AllowList.parse("acme/*,upstream/*"),
            "person": "dana",
            "max_parallel_jobs": 2,
            "github_write_pause_seconds": 0.0,  # the gate has its own tests
            **changes,
        }
    )


@contextmanager
def world(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain | None = None,
    *,
    has_forks: bool = True,
    **settings: Any,
) -> Iterator[World]:
    """Open a world in a folder; what runs in it ends with it.

    Args:
        folder: for the stand-ins and the home directory.
        repositories: of the code host, with their files.
        brain: what the model answers.
        has_forks: whether its workers are forked of a process that has imported everything, which
            takes a third of the time; otherwise each is a fresh interpreter.
        settings: further ones, by field name.
    """
    with (
        AnthropicStandin(brain or DemonstrationModel()) as model,
        GitHubStandin(folder / "github") as github,
    ):
        for name, files in repositories.items():
            rights = {"service": "push"} if name.startswith("acme/") else {}
            github.add_repository(name, files=files, permissions=rights)
        used = settings_for(folder / "home", model, github, **settings)
        with forked_workers() if has_forks else nullcontext():
            app = application(used)
        try:
            yield World(model, github, used, app)
        finally:
            if not used.runs_on_batch:
                app.local_engine.stop()
            app.close()
