"""The library of prompts as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from codybatch.domain.prompts import PromptVersion
from codybatch.domain.tallies import Tally, total
from codybatch.ports import PageRequest
from codybatch.services.prompts import Prompts
from codybatch.services.starters import starters
from codybatch.services.wording import counted, money
from codybatch.ui.compose.words import KINDS
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import Moment, moment_of

ROWS = 50
"""Rows at most: who looks for another one writes its words."""
_LOOKED_AT = 1000
"""Prompts that a search looks through."""


@dataclass(frozen=True)
class PromptQuery:
    """What the library is asked for; all of it stands in the page's address."""

    words: str = ""
    """Only prompts whose name, kind or description hold all of these words."""
    archived: bool = False
    """Those that are archived, in place of the others."""


@dataclass(frozen=True)
class PromptRow:
    """One row: everything already in words; ``about`` is anybody's."""

    name: str
    kind: str
    version: str
    about: str
    jobs: str
    acceptance: str
    cost: str
    when: Moment


@dataclass(frozen=True)
class Starter:
    """A prompt to begin with."""

    name: str
    kind: str
    about: str
    text: str
    is_saved: bool
    """Whether the library holds a prompt of this name already, archived or not."""


@dataclass(frozen=True)
class PromptList:
    """The rows, by name."""

    rows: tuple[PromptRow, ...]
    left_out: bool = False
    """Whether there are more than are shown."""


def prompt_list(
    prompts: Prompts, clean: Clean, now: datetime, asked: PromptQuery, zone: tzinfo = UTC
) -> PromptList:
    """The prompts that hold all the words, by name."""
    page = prompts.latest(PageRequest(limit=_LOOKED_AT), archived=asked.archived)
    found = [one for one in page.items if _holds(one, asked.words)]
    rows = tuple(_row(prompts, one, clean, now, zone) for one in found[:ROWS])
    return PromptList(rows, left_out=len(found) > ROWS or page.cursor is not None)


def _holds(prompt: PromptVersion, words: str) -> bool:
    text = f"{prompt.name} {KINDS[prompt.kind]} {prompt.description}".lower()
    return all(word in text for word in words.lower().split())


def _row(
    prompts: Prompts, prompt: PromptVersion, clean: Clean, now: datetime, zone: tzinfo
) -> PromptRow:
    tally = total(prompts.tallies(prompt.name))
    first_line = prompt.template.strip().partition("\n")[0]
    return PromptRow(
        name=prompt.name,
        kind=KINDS[prompt.kind],
        version=f"v{prompt.number}",
        about=shown_on_one_line(prompt.description or first_line, clean, longest=160),
        jobs=counted(tally.ended, "job") if tally.ended else "not run",
        acceptance=acceptance(tally),
        cost=cost_of_one(tally),
        when=moment_of(prompt.created_at, now, zone),
    )


def acceptance(tally: Tally) -> str:
    """How many of the verdicts accept: ``3 of 4 accepted``; nothing where there is none."""
    return f"{tally.accepted} of {tally.judged} accepted" if tally.judged else ""


def cost_of_one(tally: Tally) -> str:
    """What one job cost on average; nothing where none has ended."""
    cost = tally.cost_of_one_usd
    return "" if cost is None else f"{money(cost)} a job"


def starters_shown(prompts: Prompts, clean: Clean) -> tuple[Starter, ...]:
    """The prompts to begin with; those that the library holds already are told apart."""
    saved = set(_names(prompts))
    return tuple(
        Starter(
            name=one.name,
            kind=KINDS[one.kind],
            about=one.description,
            text=shown(one.template, clean),
            is_saved=one.name in saved,
        )
        for one in starters()
    )


def _names(prompts: Prompts) -> Iterator[str]:
    for archived in (False, True):
        page = prompts.latest(PageRequest(limit=_LOOKED_AT), archived=archived)
        yield from (one.name for one in page.items)
