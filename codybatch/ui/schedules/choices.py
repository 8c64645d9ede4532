"""What the form for a new schedule offers, and what it makes of a person's choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

from pydantic import ValidationError

from codybatch.composition import Application
from codybatch.domain.errors import InvalidSchedule
from codybatch.domain.expectations import explained
from codybatch.domain.identifiers import request_id
from codybatch.domain.prompts import PromptVersion
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import ExistingPullRequest, Request
from codybatch.domain.schedules import MissedRuns, Overlap, RequestTemplate
from codybatch.ports import PageRequest
from codybatch.services.proposed import PROPOSING
from codybatch.services.schedules import ScheduleForm

EXAMPLES = {
    "Every night": "0 2 * * *",
    "Every weekday morning": "30 9 * * MON-FRI",
    "Every Monday": "0 7 * * MON",
    "First of the month": "0 6 1 * *",
    "Every 6 hours": "every 6 hours",
}
"""Rules to begin from."""
MOST_OFFERED = 200
RECENT_REQUESTS = 25


@dataclass(frozen=True)
class PromptChoice:
    """What is to run, as chosen of the saved prompts."""

    prompt: str
    version: int | None = None
    """None: the latest each time."""
    variables: dict[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    publish: PublishMode = PublishMode.NONE
    existing: ExistingPullRequest = ExistingPullRequest.SKIP
    cap_usd: float | None = None


@dataclass(frozen=True)
class RuleChoice:
    """When it is to run, and by which rules."""

    name: str
    rule: str
    time_zone: str
    missed: MissedRuns
    overlap: Overlap


def prompts_offered(app: Application) -> dict[str, PromptVersion]:
    """The latest versions of the saved prompts, by name."""
    found = app.prompts.latest(PageRequest(limit=MOST_OFFERED)).items
    return {one.name: one for one in found}


def requests_offered(app: Application, like: str) -> dict[str, Request]:
    """Recent requests by id, and first the one that the address names.

    Args:
        app: whose requests.
        like: an id out of an address, or nothing.

    Raises:
        UnknownIdentifier, NotFound: the address names none.
    """
    named = [app.requests.find(request_id(like))] if like else []
    recent = app.requests.list(page=PageRequest(limit=RECENT_REQUESTS)).items
    return {one.id: one for one in (*named, *recent)}


@cache
def zones_offered() -> tuple[str, ...]:
    """The names of all time zones that have a place, and UTC first."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name))


def template_of(app: Application, choice: PromptChoice) -> RequestTemplate:
    """The request template of a choice; options that are not asked for are the settings'.

    Raises:
        InvalidSchedule: a value does not fit.
    """
    publishes = choice.publish in PROPOSING
    try:
        options = app.default_options().with_(
            publish=choice.publish,
            existing_pull_request=choice.existing if publishes else None,
        )
        return RequestTemplate(
            prompt=f"{choice.prompt}@{choice.version}" if choice.version else choice.prompt,
            variables=choice.variables,
            repositories=choice.repositories,
            options=options,
            request_cost_cap_usd=Decimal(str(choice.cap_usd)) if choice.cap_usd else None,
        )
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise InvalidSchedule(explained(str(problem["loc"][0]), problem)) from None


def form_of(template: RequestTemplate, choice: RuleChoice) -> ScheduleForm:
    """The form that the service takes."""
    return ScheduleForm(
        name=choice.name,
        template=template,
        rule=choice.rule,
        time_zone=choice.time_zone,
        missed=choice.missed,
        overlap=choice.overlap,
    )
