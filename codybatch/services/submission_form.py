"""What a person fills in to submit a request, and the rules that need nothing but the form."""

from __future__ import annotations

from pydantic import Field

from codybatch.domain.errors import InvalidRepository, TooManyRepositories
from codybatch.domain.identifiers import Person
from codybatch.domain.money import Usd
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.records import Record
from codybatch.domain.repositories import GITHUB, AllowList, RepositoryRef
from codybatch.domain.requests import Origin, RequestOptions


class SubmissionForm(Record):
    """A request as a person asks for it."""

    prompt: str | PromptDraft
    """A saved prompt (``name`` or ``name@3``), or the text to save first."""
    variables: dict[str, str] = Field(default_factory=dict)
    repositories: tuple[str, ...]
    """As written: ``owner/name``, ``owner/name@ref``, or an address on the code host."""
    options: RequestOptions
    request_cost_cap_usd: Usd | None = None
    requester: Person
    title: str = ""
    idempotency_key: str | None = None
    origin: Origin = Origin()


def chosen_repositories(
    written: tuple[str, ...], allowed: AllowList, limit: int, host: str = GITHUB
) -> tuple[RepositoryRef, ...]:
    """The repositories of a form, once they are known to be readable, few enough and allowed.

    Addresses are taken where they are on ``host``.

    Raises:
        InvalidRepository: none is named, one is named twice, or one is not
            written owner/name[@ref].
        TooManyRepositories: more than ``limit``.
        NoAllowList, RepositoryNotAllowed: as ``AllowList.check``.
    """
    found = tuple(RepositoryRef.parse(text, host) for text in written)
    if not found:
        raise InvalidRepository("Name at least one repository: -r OWNER/NAME.")
    if len(found) > limit:
        raise TooManyRepositories(
            f"A request takes at most {limit} repositories, and this one names {len(found)}. "
            "Split it, or raise CODYBATCH_MAX_REPOSITORIES_PER_REQUEST."
        )
    names = [repository.full_name.lower() for repository in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidRepository(f"{name} is named twice; a request works on it once.")
    for repository in found:
        allowed.check(repository)
    return found


def title_of(prompt_text: str) -> str:
    """A title for a request nobody gave one: the head of its prompt's first line."""
    lines = (line.strip().lstrip("# ").strip() for line in prompt_text.splitlines())
    first = next((line for line in lines if line), "Untitled")
    return first if len(first) <= 72 else first[:71].rstrip() + "…"
