"""The draft as it is kept on the server for a person: another tab or day goes on with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.prompts import VariableType
from codybatch.domain.repositories import RepositoryRef
from codybatch.services import preferences
from codybatch.services.identities import new_idempotency_key
from codybatch.services.option_choices import NO_CAP, OptionChoices
from codybatch.ui.compose.draft import (
    ChosenRepository,
    Draft,
    PromptSource,
    WrittenOptions,
    WrittenVariable,
    options_by,
)


@dataclass(frozen=True)
class Shelf:
    """The draft that is kept for a person, as one tab last saw it."""

    version: int = 0
    kept: preferences.Draft | None = None

    def keep(self, app: Application, draft: Draft) -> Shelf:
        """Keep a draft; nothing is written where nothing has changed, or where there is nothing.

        Raises:
            StaleWrite: another tab kept, submitted or cleared it since.
            DocumentTooLarge: it has too much text.
        """
        wanted = kept_from(draft)
        if wanted == self.kept or (draft.is_blank and not self.version):
            return self
        return _keep(app, wanted, self.version)

    def overwrite(self, app: Application, draft: Draft) -> Shelf:
        """Keep a draft whatever other tabs did."""
        return _keep(app, kept_from(draft), None)


def _keep(app: Application, wanted: preferences.Draft, version: int | None) -> Shelf:
    found = app.personal.keep_draft(app.person, wanted, version)
    return Shelf(found.version, wanted)


def discarded(app: Application) -> Shelf:
    """Forget what is kept: it was submitted or cleared."""
    app.personal.discard_draft(app.person)
    return Shelf()


def taken_down(app: Application, *, has_prompts: bool) -> tuple[Draft, Shelf]:
    """The draft that the person left behind, or an empty one.

    One that was submitted by a tab that could not clear it any more is not brought back.
    """
    found = app.personal.draft(app.person)
    if not found.version or _was_submitted(app, found.value.submission_key):
        return blank(app, has_prompts=has_prompts), Shelf(found.version)
    return draft_from(app, found.value, has_prompts=has_prompts), Shelf(found.version, found.value)


def blank(app: Application, *, has_prompts: bool) -> Draft:
    """A draft in which only the person's defaults are filled in, with a key of its own."""
    defaults = app.personal.preferences(app.person).value.defaults
    return Draft(
        source=PromptSource.SAVED if has_prompts else PromptSource.WRITTEN,
        options=_options_over(app, defaults),
        key=new_idempotency_key(app.clock.now()),
    )


def draft_from(app: Application, kept: preferences.Draft, *, has_prompts: bool) -> Draft:
    """A draft to go on with, from how it is kept."""
    prompt, _, version = kept.prompt.partition("@")
    is_saved = bool(prompt) or (has_prompts and not kept.text)
    types = (
        WrittenVariable(name=one.name, type=one.type, choices=one.choices) for one in kept.declared
    )
    return Draft(
        source=PromptSource.SAVED if is_saved else PromptSource.WRITTEN,
        prompt=prompt,
        version=int(version) if version.isdecimal() else None,
        text=kept.text,
        name=kept.name,
        kind=kept.kind,
        answer_schema=kept.answer_schema,
        types=tuple(types),
        values=kept.variables,
        repositories=tuple(_chosen(kept.repositories)),
        options=_options_over(app, kept.options).with_(title=kept.title),
        key=kept.submission_key or new_idempotency_key(app.clock.now()),
    )


def kept_from(draft: Draft) -> preferences.Draft:
    """How a draft is kept. A prompt that was picked and is not used is not kept; its text is."""
    is_saved = draft.source is PromptSource.SAVED
    version = f"@{draft.version}" if draft.version else ""
    return preferences.Draft(
        prompt=f"{draft.prompt}{version}" if is_saved and draft.prompt else "",
        name=draft.name,
        text=draft.text,
        kind=draft.kind,
        declared=tuple(one.declared() for one in draft.types if one.type is not VariableType.TEXT),
        answer_schema=draft.answer_schema,
        variables=draft.values,
        repositories=tuple(str(one.repository) for one in draft.repositories),
        title=draft.options.title,
        options=_choices(draft.options),
        submission_key=draft.key,
    )


def _options_over(app: Application, choices: OptionChoices) -> WrittenOptions:
    defaults = app.personal.preferences(app.person).value.defaults
    cap = defaults.request_cap_over(app.settings.request_cost_cap_usd)
    return options_by(choices.over(app.preferred_options()), choices.request_cap_over(cap))


def _choices(options: WrittenOptions) -> OptionChoices:
    """Options as they are kept; one that is wrong is not."""
    written: dict[str, Any] = {
        "model": options.model or None,
        "effort": options.effort,
        "job_cost_cap_usd": NO_CAP if options.job_cap_usd is None else options.job_cap_usd,
        "request_cost_cap_usd": (
            NO_CAP if options.request_cap_usd is None else options.request_cap_usd
        ),
        "max_turns": options.max_turns,
        "max_minutes": options.max_minutes,
        "publish": options.publish,
        "rehearse": options.rehearse,
        "follow_guidance_files": options.follow_guidance,
        "labels": options.labels,
        "reviewers": options.reviewers,
        "assignees": options.assignees,
        "existing_pull_request": options.existing,
    }
    found = OptionChoices()
    for name, value in written.items():
        with suppress(ValidationError):
            found = found.with_(**{name: value})
    return found


def _chosen(names: tuple[str, ...]) -> list[ChosenRepository]:
    found = []
    for name in names:
        with suppress(CodyBatchError):
            found.append(ChosenRepository(repository=RepositoryRef.parse(name)))
    return found


def _was_submitted(app: Application, key: str) -> bool:
    return bool(key) and app.requests.submitted(app.person, key) is not None
