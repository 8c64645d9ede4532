"""What a job would begin with, shown before there is one."""

from __future__ import annotations

from decimal import Decimal

from codybatch.agent.first_message import first_message
from codybatch.agent.preview import opening_of
from codybatch.agent.system_prompt import system_text
from codybatch.agent.tokens import tokens_at_most
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.repositories import Profile, RepositoryFacts, RepositoryRef
from codybatch.domain.requests import RequestOptions
from tests.agent_kit import make_task

PROMPT = PromptDraft(name="p", kind=Kind.AUDIT, template="Look for {{what}}.")
OPTIONS = RequestOptions(
    model="m", max_turns=7, max_minutes=8, job_cost_cap_usd=Decimal(3), follow_guidance_files=True
)
PROFILE = Profile(files=3, bytes=300, readme="# Api", guidance_files=("AGENTS.md",))
FACTS = RepositoryFacts(
    id="1",
    repository=RepositoryRef.parse("acme/app"),
    default_branch="main",
    head_commit="a" * 40,
)


def test_the_preview_is_what_a_job_is_told() -> None:
    opening = opening_of(PROMPT, "Look for <leaks>.", OPTIONS, FACTS, PROFILE)
    task = make_task(
        prompt_text="Look for <leaks>.",
        repository=FACTS.repository,
        commit=FACTS.head_commit,
        base_branch="main",
        profile=PROFILE,
        kind=Kind.AUDIT,
        guidance={"AGENTS.md": "[the text of this file]"},
        limits={"max_turns": 7, "seconds_left": 480.0, "cost_cap_usd": "3"},
    )

    assert list(opening.parts) == [part["text"] for part in first_message(task)["content"]]
    assert opening.system == system_text(Kind.AUDIT)


def test_without_a_scan_it_names_what_will_stand_there() -> None:
    opening = opening_of(PROMPT, "Look.", OPTIONS)

    assert opening.parts[0] == "<task>\nLook.\n</task>"
    assert "head of the README]" in opening.parts[1]
    assert "about 7 replies, 8 minutes, $3.00" in opening.parts[2]


def test_its_tokens_are_a_careful_guess_of_all_of_it() -> None:
    short = opening_of(PROMPT, "Look.", OPTIONS)
    long = opening_of(PROMPT, "Look. " * 100, OPTIONS)

    assert long.tokens - short.tokens >= 100
    assert short.tokens >= tokens_at_most(short.system.encode())
