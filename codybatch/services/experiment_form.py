"""What a person fills in to set an experiment up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from codybatch.domain.experiments import MAX_ARMS, MAX_REPETITIONS, MAX_REPOSITORIES, Metric
from codybatch.domain.money import Usd
from codybatch.domain.publication import PublishMode
from codybatch.domain.records import Record
from codybatch.domain.requests import Effort, RequestOptions
from codybatch.services.option_choices import NO_CAP, Cap

MAX_QUESTION = 2_000
_NO_PUBLICATION: dict[str, Any] = {
    "publish": PublishMode.NONE,
    "rehearse": False,
    "labels": (),
    "reviewers": (),
    "assignees": (),
    "existing_pull_request": None,
}


class OptionSet(Record):
    """What arms may differ in beside prompt and model; None where the experiment's own decides."""

    name: str = ""
    """What people call it; empty: what is chosen in it."""
    model: str | None = None
    effort: Effort | None = None
    job_cost_cap_usd: Cap = None
    """US dollars for each job, or ``none``."""
    max_turns: int | None = Field(default=None, ge=1, le=1000)
    max_minutes: int | None = Field(default=None, ge=1, le=14 * 24 * 60)
    follow_guidance_files: bool | None = None

    def over(self, options: RequestOptions) -> RequestOptions:
        """``options`` with what is chosen in their place; nothing is published."""
        chosen = {
            name: value
            for name in type(self).model_fields
            if name != "name" and (value := getattr(self, name)) is not None
        }
        if self.job_cost_cap_usd == NO_CAP:
            chosen["job_cost_cap_usd"] = None
        return options.with_(**{**_NO_PUBLICATION, **chosen})

    @property
    def in_words(self) -> str:
        """Its name, or what is chosen in it but for the model; empty where that is nothing."""
        guidance = {True: "with guidance", False: "without guidance", None: ""}
        cap = self.job_cost_cap_usd
        parts = (
            f"effort {self.effort}" if self.effort else "",
            f"{self.max_turns} turns" if self.max_turns else "",
            f"{self.max_minutes} minutes" if self.max_minutes else "",
            f"${cap} a job" if isinstance(cap, Decimal) else "",
            "no job cap" if cap == NO_CAP else "",
            guidance[self.follow_guidance_files],
        )
        return self.name.strip() or ", ".join(part for part in parts if part)


class ArmForm(Record):
    """One arm, as a person describes it."""

    prompt: str
    """A saved prompt: ``name`` (its latest version of now) or ``name@3``."""
    name: str = ""
    """Empty: the shortest that tells it from the others."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Over those of the form."""
    options: OptionSet = OptionSet()


class RepositoryForm(Record):
    """A repository, as a person names it, and what is known to be right for it."""

    repository: str
    """``owner/name``, ``owner/name@ref``, or an address on the code host."""
    changes_necessary: bool | None = None
    """What a person found; None where nobody looked."""
    reference: str | None = Field(default=None, max_length=1 << 20)
    """The text of a patch that is known to be right."""


class ExperimentForm(Record):
    """An experiment as a person asks for it: every prompt with every model and every option set, or
    the arms one by one.
    """

    name: str = ""
    """Empty: made of its arms."""
    question: str = Field(default="", max_length=MAX_QUESTION)
    prompts: tuple[str, ...] = Field(default=(), max_length=MAX_ARMS)
    """Saved prompts: ``name`` or ``name@3``."""
    models: tuple[str, ...] = Field(default=(), max_length=MAX_ARMS)
    """None: that of ``options``."""
    option_sets: tuple[OptionSet, ...] = Field(default=(), max_length=MAX_ARMS)
    arms: tuple[ArmForm, ...] = Field(default=(), max_length=MAX_ARMS)
    """Beside those that ``prompts``, ``models`` and ``option_sets`` make."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Each prompt takes those that it uses."""
    options: RequestOptions
    """Of every arm, where it does not say otherwise; what is about publishing is not used."""
    repositories: tuple[RepositoryForm, ...] = Field(max_length=MAX_REPOSITORIES)
    repetitions: int = Field(default=1, ge=1, le=MAX_REPETITIONS)
    baseline: str = ""
    """The name of an arm; empty: the first."""
    metric: Metric = Metric.ACCEPTED
    budget_usd: Usd | None = Field(default=None, gt=0)
    """US dollars for all of it, what was made before not counted."""
    requests_at_once: int = Field(default=4, ge=1, le=100)
    reuse: bool = True
    """Whether jobs of other experiments stand for cells that ask the same."""
    idempotency_key: str | None = None
    """The same key of the same person gives the same experiment."""
