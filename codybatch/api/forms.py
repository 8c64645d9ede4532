"""What a program wrote to describe a request, read into the form that services take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from codybatch.api.asked import Asked, strictly
from codybatch.composition import Application
from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import Person
from codybatch.domain.money import Usd
from codybatch.domain.prompts import PromptDraft
from codybatch.services.continuations import MAX_INSTRUCTIONS, ContinuationForm
from codybatch.services.option_choices import OptionChoices
from codybatch.services.submission_form import SubmissionForm

KEY_PATTERN = r"^[!-~]{1,200}$"
Title = Annotated[str, Field(max_length=500)]


CapUsd = Annotated[Usd, Field(gt=0, max_digits=15, decimal_places=6)]
"""US dollars, to a millionth."""
Cap = CapUsd | Literal["none"] | None


class ChosenOptions(OptionChoices):
    """How jobs run, where it is to be otherwise than the settings say; ``none`` is no cap."""

    model_config = ConfigDict(extra="forbid", validate_by_name=False)

    model: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None
    job_cost_cap_usd: Cap = None
    request_cost_cap_usd: Cap = None


class Submission(Asked):
    """A request as a program asks for it."""

    prompt: str | PromptDraft
    """A saved prompt (``name`` or ``name@3``), or a text to save first."""
    variables: dict[str, str] = Field(default_factory=dict)
    repositories: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]
    """``owner/name``, ``owner/name@ref``, or an address on the code host."""
    title: Title = ""
    """Empty: the prompt's first line."""
    options: ChosenOptions = ChosenOptions()

    def form(self, app: Application, person: Person, key: str | None) -> SubmissionForm:
        """The form that is submitted.

        Args:
            app: knows the defaults.
            person: who asks.
            key: for idempotency; None where none was sent.
        """
        return SubmissionForm(
            prompt=self.prompt,
            variables=self.variables,
            repositories=self.repositories,
            options=self.options.over(app.default_options()),
            request_cost_cap_usd=self.options.request_cap_over(app.settings.request_cost_cap_usd),
            requester=person,
            title=self.title,
            idempotency_key=key,
        )


class Otherwise(Asked):
    """What is to be otherwise in a retry than in the earlier request."""

    same_commit: bool = False
    """On the same commit as before, not on the branch's head of now."""
    options: ChosenOptions = ChosenOptions()

    def form(self, continued: ContinuationForm, key: str | None) -> ContinuationForm:
        """The form of a retry, with what was written in it."""
        return changed(continued, self.options, key, same_commit=self.same_commit)


class FollowUp(Asked):
    """What to do after a job."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCTIONS, pattern=r"\S")]
    """What to do now; it may refer to what was done."""
    options: ChosenOptions = ChosenOptions()

    def form(self, continued: ContinuationForm, key: str | None) -> ContinuationForm:
        """The form of a follow-up, with what was written in it."""
        return changed(continued, self.options, key, instructions=self.text)


SubmissionBody = Annotated[Submission, strictly(Submission)]
OtherwiseBody = Annotated[Otherwise, strictly(Otherwise)]
FollowUpBody = Annotated[FollowUp, strictly(FollowUp)]


def changed(
    form: ContinuationForm, options: ChosenOptions, key: str | None, **more: Any
) -> ContinuationForm:
    """A continuation with other options.

    Raises:
        UsageError: a continuation cannot rehearse.
    """
    if options.rehearse:
        raise UsageError("A retry or follow-up does not rehearse: leave options.rehearse out.")
    return form.with_(
        options=options.over(form.options),
        request_cost_cap_usd=options.request_cap_over(form.request_cost_cap_usd),
        idempotency_key=key,
        **more,
    )
