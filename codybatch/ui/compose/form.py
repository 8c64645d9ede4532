"""From a draft to the form that is submitted, or to what stands in the way, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ValidationError

from codybatch.domain.answer_schema import check_answer_schema
from codybatch.domain.errors import CodyBatchError, InvalidPrompt, UnsupportedSchema, UsageError
from codybatch.domain.expectations import explained
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import Kind, PromptDraft, PromptVersion, VariableType
from codybatch.domain.requests import RequestOptions
from codybatch.services.intake import Policy
from codybatch.services.prompts import Prompts, refusal_of_archived
from codybatch.services.submission_form import SubmissionForm, chosen_repositories, title_of
from codybatch.ui.compose.draft import Draft, PromptSource, WrittenOptions, WrittenVariable

Found = TypeVar("Found")

_NAMED = {
    "model": "The model",
    "effort": "The effort",
    "job_cost_cap_usd": "The budget of a job",
    "request_cost_cap_usd": "The budget of the request",
    "max_turns": "Turns",
    "max_minutes": "Minutes",
    "labels": "Labels",
    "reviewers": "Reviewers",
    "assignees": "Assignees",
    "title": "The title",
}
"""What the page calls the fields of the options."""


class Place(StrEnum):
    """Where on the page something is missing or wrong."""

    PROMPT = "Prompt"
    REPOSITORIES = "Repositories"
    OPTIONS = "Options"


@dataclass(frozen=True)
class Problem:
    """One thing that stands in the way."""

    place: Place
    text: str
    is_wrong: bool = True
    """False where something is only not filled in yet."""


@dataclass(frozen=True)
class Checked:
    """A draft as far as it can be judged without asking anybody."""

    problems: tuple[Problem, ...]
    prompt: PromptDraft | None
    """What is to be run: a saved version or the text as a draft; None while there is none."""
    prompt_text: str | None
    """With its variables filled in; None while one lacks a value."""
    options: RequestOptions | None
    form: SubmissionForm | None
    """None while there are problems."""

    def of(self, place: Place) -> tuple[Problem, ...]:
        """The problems of one part of the page."""
        return tuple(one for one in self.problems if one.place is place)

    @property
    def kind(self) -> Kind | None:
        """Of the prompt."""
        return self.prompt.kind if self.prompt else None


def check(draft: Draft, prompts: Prompts, policy: Policy, person: Person) -> Checked:
    """What the draft comes to, and what stands in its way."""
    problems: list[Problem] = []
    prompt = _noted(problems, Place.PROMPT, lambda: prompt_of(draft, prompts))
    text = None
    if prompt is not None:
        text = _noted(problems, Place.PROMPT, lambda: _filled(draft, prompt))
    _noted(problems, Place.REPOSITORIES, lambda: _check_repositories(draft, policy))
    options = _noted(problems, Place.OPTIONS, lambda: options_of(draft.options))
    form = None
    if not problems and prompt is not None and options is not None:
        form = _noted(problems, Place.OPTIONS, lambda: _form(draft, prompt, options, person))
    return Checked(tuple(problems), prompt, text, options, form)


class _NotYet(CodyBatchError):
    """Something is not filled in yet."""


def prompt_of(draft: Draft, prompts: Prompts) -> PromptDraft:
    """What the draft is to run.

    Raises:
        CodyBatchError: there is none yet, or it cannot be used.
    """
    if draft.source is PromptSource.SAVED:
        if not draft.prompt:
            raise _NotYet("Pick a prompt, or write one.")
        written = draft.prompt if draft.version is None else f"{draft.prompt}@{draft.version}"
        if prompts.is_archived(draft.prompt):
            raise refusal_of_archived(draft.prompt)
        return prompts.find(written)
    if not draft.text.strip():
        raise _NotYet("Write what should be done in each repository.")
    found = written_prompt(draft)
    prompts.check(found)
    return found


def written_prompt(draft: Draft) -> PromptDraft:
    """The text of a draft as a prompt.

    Raises:
        InvalidPrompt, UnsupportedSchema: the name, the text or the schema cannot be used.
    """
    declared = (one.declared() for one in used_variables(draft))
    return PromptDraft(
        name=name_of(draft),
        kind=draft.kind,
        template=draft.text,
        variables=tuple(one for one in declared if one.type is not VariableType.TEXT),
        answer_schema=schema_of(draft.answer_schema) if draft.kind is Kind.ASK else None,
    )


def used_variables(draft: Draft) -> tuple[WrittenVariable, ...]:
    """The variables of a written text, with what they take; none where it is empty."""
    if not draft.text.strip():
        return ()
    known = {one.name: one for one in draft.types}
    used = PromptDraft(name="draft", template=draft.text).variables_used()
    return tuple(known.get(name, WrittenVariable(name=name)) for name in used)


def schema_problem(written: str) -> str:
    """Why an answer cannot be held to the schema as it is typed; empty where it can."""
    try:
        check_answer_schema(schema_of(written))
    except CodyBatchError as error:
        return error.message
    return ""


def name_of(draft: Draft) -> str:
    """The name under which a written prompt is saved: the chosen one, else of its first line."""
    if draft.name.strip():
        return draft.name.strip()
    slug = re.sub(r"[^a-z0-9]+", "-", title_of(draft.text).lower()).strip("-")
    return slug[:48].strip("-") or "untitled"


def schema_of(written: str) -> dict[str, Any]:
    """The JSON Schema that somebody typed.

    Raises:
        InvalidPrompt: nothing is typed.
        UnsupportedSchema: it is no JSON object.
    """
    if not written.strip():
        raise InvalidPrompt("A prompt of kind ask needs the JSON Schema of its answer.")
    try:
        found = json.loads(written)
    except json.JSONDecodeError as error:
        raise UnsupportedSchema(
            f"The schema is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise UnsupportedSchema("The schema is nested too deeply.") from None
    if not isinstance(found, dict):
        raise UnsupportedSchema(
            "The schema is not a JSON object: it begins with { and ends with }."
        )
    return found


def options_of(written: WrittenOptions) -> RequestOptions:
    """The options of a request.

    Raises:
        UsageError: a value that its option does not take; the message names both.
    """
    if not written.model.strip():
        raise UsageError("The model has no name: choose one.")
    if any(cap is not None and cap <= 0 for cap in (written.job_cap_usd, written.request_cap_usd)):
        raise UsageError("A budget is above 0; leave it empty for none.")
    try:
        return RequestOptions(
            model=written.model.strip(),
            effort=written.effort,
            job_cost_cap_usd=written.job_cap_usd,
            max_turns=written.max_turns,
            max_minutes=written.max_minutes,
            publish=written.publish,
            rehearse=written.rehearse,
            follow_guidance_files=written.follow_guidance,
            labels=written.labels,
            reviewers=written.reviewers,
            assignees=written.assignees,
            existing_pull_request=written.existing,
        )
    except ValidationError as error:
        raise UsageError(_explained(error)) from None


def _explained(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    field = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", str(problem["loc"][0])).lower()
    return explained(_NAMED.get(field, field), problem)


def _check_repositories(draft: Draft, policy: Policy) -> None:
    if not draft.repositories:
        raise _NotYet(f"Choose up to {policy.max_repositories} repositories.")
    written = tuple(str(one.repository) for one in draft.repositories)
    chosen_repositories(written, policy.allowed, policy.max_repositories, policy.host)


def _form(
    draft: Draft, prompt: PromptDraft, options: RequestOptions, person: Person
) -> SubmissionForm:
    return SubmissionForm(
        prompt=str(prompt.ref) if isinstance(prompt, PromptVersion) else prompt,
        variables=values_of(draft, prompt),
        repositories=tuple(str(one.repository) for one in draft.repositories),
        options=options,
        request_cost_cap_usd=draft.options.request_cap_usd,
        requester=person,
        title=draft.options.title,
        idempotency_key=draft.key or None,
    )


def _filled(draft: Draft, prompt: PromptDraft) -> str:
    values = values_of(draft, prompt)
    missing = [
        one.name for one in prompt.declared() if one.default is None and one.name not in values
    ]
    if missing:
        raise _NotYet(f"Fill in {', '.join(missing)}.")
    return prompt.render(values)


def values_of(draft: Draft, prompt: PromptDraft) -> dict[str, str]:
    """The values of the variables that the prompt uses; an empty one counts as none where there is
    a default, and as missing where there is not.
    """
    used = {one.name: one for one in prompt.declared()}
    return {name: value for name, value in draft.values.items() if name in used and value != ""}


def _noted(problems: list[Problem], place: Place, find: Callable[[], Found]) -> Found | None:
    try:
        return find()
    except CodyBatchError as error:
        problems.append(Problem(place, error.message, is_wrong=not isinstance(error, _NotYet)))
        return None
