"""A request that a person is composing: all that the page asks for, kept while it is unfinished."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from codybatch.domain.money import Usd
from codybatch.domain.prompts import Kind, Variable, VariableType
from codybatch.domain.publication import PublishMode
from codybatch.domain.records import Record
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.requests import Effort, ExistingPullRequest, RequestOptions


class PromptSource(StrEnum):
    """Where the prompt comes from."""

    SAVED = "saved"
    WRITTEN = "written"


class WrittenVariable(Record):
    """What a variable of a text that is being written takes; unlike a prompt's, it may be wrong."""

    name: str
    type: VariableType = VariableType.TEXT
    choices: tuple[str, ...] = ()

    def declared(self) -> Variable:
        """As a prompt declares it."""
        is_choice = self.type is VariableType.CHOICE
        return Variable(name=self.name, type=self.type, choices=self.choices if is_choice else ())


class ChosenRepository(Record):
    """A repository that the request is to work on."""

    repository: RepositoryRef
    """With the ref to begin from, where it is not the default branch."""
    facts: RepositoryFacts | None = None
    """What the code host said of it when it was looked up; None where it was not yet."""

    @property
    def name(self) -> str:
        """``owner/name``: what a row acts on."""
        return self.repository.full_name


class WrittenOptions(Record):
    """Options as a person sets them; what is wrong with them is said when they are used."""

    title: str = ""
    model: str = ""
    effort: Effort | None = None
    request_cap_usd: Usd | None = None
    """None for no cap."""
    job_cap_usd: Usd | None = None
    max_turns: int = 60
    max_minutes: int = 45
    publish: PublishMode = PublishMode.NONE
    rehearse: bool = False
    follow_guidance: bool = False
    existing: ExistingPullRequest | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


class Draft(Record):
    """The whole request as far as it is written."""

    source: PromptSource = PromptSource.SAVED
    prompt: str = ""
    """Of a saved prompt: its name."""
    version: int | None = None
    """Of a saved prompt; None is always the latest."""
    text: str = ""
    name: str = ""
    """Of a written prompt: under which it is saved; empty for a name made of its first line."""
    kind: Kind = Kind.CHANGE
    answer_schema: str = ""
    """Of a written ask: the JSON as it was typed."""
    types: tuple[WrittenVariable, ...] = ()
    """Of a written prompt: its variables that take more than text."""
    values: dict[str, str] = Field(default_factory=dict)
    """Of variables, also of those that the text does not use right now."""
    repositories: tuple[ChosenRepository, ...] = ()
    options: WrittenOptions = WrittenOptions()
    key: str = ""
    """The idempotency key under which it will be submitted, whoever clicks how often."""

    @property
    def names(self) -> tuple[str, ...]:
        """The chosen repositories in lower case, as they are compared."""
        return tuple(one.name.lower() for one in self.repositories)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it that would be lost."""
        return not (self.prompt or self.text.strip() or self.repositories)

    def with_repositories(self, added: Iterable[ChosenRepository]) -> Draft:
        """With more repositories, each once; what is known anew of one takes the place of the old.

        One that is there keeps its ref unless the new one names another.
        """
        kept = {one.name.lower(): one for one in self.repositories}
        for one in added:
            before = kept.get(one.name.lower())
            ref = one.repository.ref or (before.repository.ref if before else None)
            kept[one.name.lower()] = one.with_(repository=one.repository.with_(ref=ref))
        return self.with_(repositories=tuple(kept.values()))

    def without_repository(self, name: str) -> Draft:
        """With one repository less."""
        rest = (one for one in self.repositories if one.name.lower() != name.lower())
        return self.with_(repositories=tuple(rest))


def options_by(defaults: RequestOptions, request_cap_usd: Decimal | None) -> WrittenOptions:
    """Options as they stand before a person changes any, or as an earlier request had them."""
    return WrittenOptions(
        model=defaults.model,
        effort=defaults.effort,
        request_cap_usd=request_cap_usd,
        job_cap_usd=defaults.job_cost_cap_usd,
        max_turns=defaults.max_turns,
        max_minutes=defaults.max_minutes,
        publish=defaults.publish,
        rehearse=defaults.rehearse,
        follow_guidance=defaults.follow_guidance_files,
        existing=defaults.existing_pull_request,
        labels=defaults.labels,
        reviewers=defaults.reviewers,
        assignees=defaults.assignees,
    )
