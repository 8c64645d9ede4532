"""Prompts: list, show, save, look over, archive."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, Flag, Paged, strictly
from codybatch.api.call import Administering, PageOf, Reading, Submitting
from codybatch.api.routing import WITH_BODY, problems, router
from codybatch.domain.prompt_hints import Hint
from codybatch.domain.prompts import Kind, PromptDraft, PromptVersion, Variable
from codybatch.domain.records import JsonObject
from codybatch.ports import PageRequest
from codybatch.services.prompt_lint import hints_for

routes = router("prompts")

NamePath = Annotated[str, Path(description="The prompt's name.", max_length=100)]


class PromptList(Paged):
    """Which prompts."""

    archived: Flag = False
    """Those that are archived, in place of the others."""


class WhichVersion(Asked):
    """Which version of a prompt."""

    version: Annotated[int, Field(ge=1, le=2**31)] | None = None
    """Without it the latest."""


class PromptText(Asked):
    """A prompt's text and what goes with it."""

    kind: Kind = Kind.CHANGE
    template: Annotated[str, Field(min_length=1, pattern=r"\S")]
    """With ``{{variables}}``."""
    variables: tuple[Variable, ...] = ()
    description: Annotated[str, Field(max_length=2000)] = ""
    answer_schema: JsonObject | None = None
    """Of an ask: the JSON Schema of its answer."""

    def draft(self, name: str) -> PromptDraft:
        """The draft that is saved.

        Raises:
            InvalidPrompt: it cannot be used as it is.
        """
        given: dict[str, Any] = {field: getattr(self, field) for field in type(self).model_fields}
        return PromptDraft(name=name, **given)


@routes.get("/prompts", response_model=PageOf[PromptVersion])
def list_prompts(call: Reading, wanted: Annotated[PromptList, Query()]) -> Response:
    """List the latest version of every prompt that is not archived, by name."""
    page = PageRequest(limit=wanted.limit, cursor=wanted.cursor)
    found = call.app.prompts.latest(page, archived=wanted.archived)
    return call.page(found.items, found.cursor)


@routes.post("/prompts/lint", response_model=list[Hint], responses=problems(*WITH_BODY))
def lint_prompt(call: Reading, text: Annotated[PromptText, strictly(PromptText)]) -> Response:
    """Say what in a text commonly makes jobs fail or go too far; nothing is stored or refused.

    Hints read English only.
    """
    draft = text.draft("draft")
    draft.check_variables()
    return call.list(hints_for(draft))


@routes.get("/prompts/{name}", response_model=PromptVersion, responses=problems(404))
def show_prompt(
    call: Reading, name: NamePath, wanted: Annotated[WhichVersion, Query()]
) -> Response:
    """Show one version of a prompt."""
    version = f"@{wanted.version}" if wanted.version else ""
    return call.answer(call.app.prompts.find(f"{name}{version}"))


@routes.get("/prompts/{name}/versions", response_model=list[PromptVersion], responses=problems(404))
def prompt_versions(call: Reading, name: NamePath) -> Response:
    """List all versions of a prompt, newest first."""
    return call.list(call.app.prompts.versions(name))


@routes.put("/prompts/{name}", response_model=PromptVersion, responses=problems(*WITH_BODY, 409))
def save_prompt(
    call: Submitting, name: NamePath, text: Annotated[PromptText, strictly(PromptText)]
) -> Response:
    """Save a text as the next version of its name; the latest text again is that version again."""
    return call.answer(call.app.prompts.save(text.draft(name), call.person))


@routes.post("/prompts/{name}/archive", response_model=PromptVersion, responses=problems(404))
def archive(call: Administering, name: NamePath) -> Response:
    """Offer a prompt no longer; what it made stays, and can be retried and followed up."""
    call.app.prompts.archive(name)
    return call.answer(call.app.prompts.find(name))


@routes.post("/prompts/{name}/unarchive", response_model=PromptVersion, responses=problems(404))
def unarchive(call: Administering, name: NamePath) -> Response:
    """Offer an archived prompt again."""
    call.app.prompts.unarchive(name)
    return call.answer(call.app.prompts.find(name))
