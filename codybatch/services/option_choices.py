"""What a person chose of a request's options, over what the settings say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import ConfigDict, Field

from codybatch.domain.money import Usd
from codybatch.domain.publication import PublishMode
from codybatch.domain.records import Record
from codybatch.domain.requests import (
    Assignee,
    Effort,
    ExistingPullRequest,
    Label,
    RequestOptions,
    Reviewer,
)

NO_CAP: Literal["none"] = "none"
"""Chosen in place of a cap, as the settings write it."""

Cap = Usd | Literal["none"] | None
"""US dollars; ``none`` for no cap; None where nothing was chosen."""


class KeptRecord(Record):
    """A record that is kept for a person: what a newer release added to it is kept too."""

    model_config = ConfigDict(extra="allow")


class OptionChoices(KeptRecord):
    """What a person chose of a request's options; None where the settings decide."""

    model: str | None = None
    effort: Effort | None = None
    job_cost_cap_usd: Cap = None
    request_cost_cap_usd: Cap = None
    max_turns: int | None = Field(default=None, ge=1, le=1000)
    max_minutes: int | None = Field(default=None, ge=1, le=14 * 24 * 60)
    publish: PublishMode | None = None
    rehearse: bool | None = None
    follow_guidance_files: bool | None = None
    labels: tuple[Label, ...] | None = Field(default=None, max_length=20)
    reviewers: tuple[Reviewer, ...] | None = Field(default=None, max_length=15)
    assignees: tuple[Assignee, ...] | None = Field(default=None, max_length=10)
    existing_pull_request: ExistingPullRequest | None = None

    def over(self, options: RequestOptions) -> RequestOptions:
        """``options`` with what was chosen in their place."""
        chosen: dict[str, Any] = {
            name: getattr(self, name)
            for name in RequestOptions.model_fields
            if getattr(self, name) is not None
        }
        if self.job_cost_cap_usd == NO_CAP:
            chosen["job_cost_cap_usd"] = None
        return options.with_(**chosen)

    def request_cap_over(self, cap_usd: Decimal | None) -> Decimal | None:
        """The request's cap (US dollars): ``cap_usd`` where nothing else was chosen."""
        if self.request_cost_cap_usd == NO_CAP:
            return None
        chosen = self.request_cost_cap_usd
        return chosen if isinstance(chosen, Decimal) else cap_usd
