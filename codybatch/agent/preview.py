"""What a job's conversation will begin with, for whoever looks before anything is submitted."""

from __future__ import annotations

from codybatch.agent.conversation import to_bytes
from codybatch.agent.first_message import opening_parts, unscanned_parts
from codybatch.agent.system_prompt import system_text
from codybatch.agent.task import Limits, Task
from codybatch.agent.tokens import tokens_at_most
from codybatch.domain.identifiers import JobId
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.records import Record
from codybatch.domain.repositories import Profile, RepositoryFacts
from codybatch.domain.requests import RequestOptions

_NO_JOB = JobId("preview")
_NO_COMMIT = "0" * 40


class Opening(Record):
    """What the model reads before its first reply, the definitions of its tools left out."""

    system: str
    parts: tuple[str, ...]
    """Of the first message, in order."""
    tokens: int
    """How many tokens system prompt and first message are at most, by a careful guess."""


def opening_of(
    prompt: PromptDraft,
    prompt_text: str,
    options: RequestOptions,
    facts: RepositoryFacts | None = None,
    profile: Profile | None = None,
) -> Opening:
    """The opening of a job that does not exist yet.

    Args:
        prompt: what is to be run.
        prompt_text: the same with its variables filled in.
        options: of the request.
        facts: of the repository.
        profile: what scanning it found; where it was not scanned, or no repository is chosen, the
            first message names what will stand there.
    """
    limits = Limits(
        max_turns=options.max_turns,
        seconds_left=options.max_minutes * 60.0,
        cost_cap_usd=options.job_cost_cap_usd,
    )
    if facts is None or profile is None:
        parts = unscanned_parts(prompt_text, limits)
    else:
        guided = profile.guidance_files if options.follow_guidance_files else ()
        task = Task(
            job=_NO_JOB,
            kind=prompt.kind,
            prompt_text=prompt_text,
            answer_schema=prompt.answer_schema,
            repository=facts.repository,
            commit=facts.head_commit or _NO_COMMIT,
            base_branch=facts.base_branch or facts.default_branch,
            model=options.model,
            limits=limits,
            profile=profile,
            guidance=dict.fromkeys(guided, "[the text of this file]"),
        )
        parts = opening_parts(task)
    system = system_text(prompt.kind)
    tokens = tokens_at_most(to_bytes([system, *parts, prompt.answer_schema]))
    return Opening(system=system, parts=tuple(parts), tokens=tokens)
