"""What a notebook submits: the form of a request, as the command line fills it in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from pydantic import ValidationError

from codybatch.composition import Application
from codybatch.domain.errors import UsageError
from codybatch.domain.expectations import explained
from codybatch.domain.prompts import PromptDraft
from codybatch.services.option_choices import NO_CAP, OptionChoices
from codybatch.services.submission_form import SubmissionForm

Money = Decimal | float | int | str | None
"""US dollars; ``"none"`` for no cap; None where the settings decide."""


class Wishes(TypedDict, total=False):
    """What may be said of a request besides its prompt and repositories."""

    variables: Mapping[str, str] | None
    """Values of the prompt's variables."""
    title: str
    """Else the prompt's first line."""
    model: str | None
    """Else CODYBATCH_MODEL."""
    effort: str | None
    """low, medium, high, xhigh or max."""
    max_cost: Money
    """US dollars for the whole request."""
    job_cost: Money
    """US dollars for each job."""
    max_turns: int | None
    """Replies of the model for each job."""
    max_minutes: int | None
    """Minutes of work for each job."""
    publish: str | None
    """For owned repositories: none, branch, draft or ready."""
    rehearse: bool | None
    """Run the first job only, and hold the others."""
    follow_guidance: bool | None
    """Have AGENTS.md and its kin followed."""
    existing: str | None
    """Where the prompt's pull request is open: update, another or skip."""
    labels: Sequence[str] | None
    """Of a new pull request."""
    reviewers: Sequence[str] | None
    """Who is asked to review it."""
    assignees: Sequence[str] | None
    """Who it is assigned to."""
    idempotency_key: str | None
    """The same key submits the same request only once."""


_FIELDS = {
    "follow_guidance": "follow_guidance_files",
    "existing": "existing_pull_request",
}
"""What people call the fields of the options."""
_PLAIN = ("model", "effort", "max_turns", "max_minutes", "publish", "rehearse")
_LISTS = ("labels", "reviewers", "assignees")
_NAMES = {
    **{field: name for name, field in _FIELDS.items()},
    "job_cost_cap_usd": "job_cost",
    "request_cost_cap_usd": "max_cost",
}


def form_of(
    app: Application,
    prompt: str | PromptDraft,
    repositories: str | Sequence[str],
    wishes: Mapping[str, Any],
) -> SubmissionForm:
    """The form of a request.

    Args:
        app: whose settings decide what is left open.
        prompt: a saved prompt (``name`` or ``name@3``), or a draft to save first.
        repositories: ``owner/name``, ``owner/name@ref`` or addresses.
        wishes: the rest; see ``Wishes``.

    Raises:
        UsageError: something cannot be understood; the message names it.
    """
    if unknown := sorted(set(wishes) - set(Wishes.__annotations__)):
        raise UsageError(
            f"A request takes no {', '.join(map(repr, unknown))}; it takes "
            f"{', '.join(Wishes.__annotations__)}."
        )
    with understood():
        choices = _choices(wishes)
        return SubmissionForm(
            prompt=prompt,
            variables=dict(wishes.get("variables") or {}),
            repositories=several(repositories),
            options=choices.over(app.default_options()),
            request_cost_cap_usd=choices.request_cap_over(app.settings.request_cost_cap_usd),
            requester=app.person,
            title=wishes.get("title") or "",
            idempotency_key=wishes.get("idempotency_key"),
        )


@contextmanager
def understood() -> Iterator[None]:
    """Where records are made of what a person wrote.

    Raises:
        UsageError: it does not fit; the message names the argument and what it takes.
    """
    try:
        yield
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        written = str(problem["loc"][0]) if problem["loc"] else "This"
        field = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", written).lower()
        raise UsageError(explained(_NAMES.get(field, field), problem)) from None


def _choices(wishes: Mapping[str, Any]) -> OptionChoices:
    chosen: dict[str, Any] = {
        **{name: wishes.get(name) for name in _PLAIN},
        **{field: wishes.get(name) for name, field in _FIELDS.items()},
        **{name: several(wishes[name]) for name in _LISTS if wishes.get(name) is not None},
        "job_cost_cap_usd": amount_of(wishes.get("job_cost"), "job_cost"),
        "request_cost_cap_usd": amount_of(wishes.get("max_cost"), "max_cost"),
    }
    return OptionChoices(**chosen)


def several(written: str | Sequence[str]) -> tuple[str, ...]:
    """One or several, as a tuple."""
    return (written,) if isinstance(written, str) else tuple(map(str, written))


def amount_of(written: Money, name: str) -> Any:
    """An amount in US dollars, ``none``, or None where nothing was written.

    Raises:
        UsageError: it is no amount above 0; the message names the argument.
    """
    if written is None or (isinstance(written, str) and written.strip().lower() == NO_CAP):
        return written and NO_CAP
    try:
        amount = Decimal(str(written).removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"{name} takes US dollars above 0, or 'none'; not {written!r}.")
    return amount
