"""One prompt as its page shows it: a version, what came before, and what became of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.prompts import PromptVersion, Variable
from codybatch.domain.tallies import Tally, total
from codybatch.ports import PageRequest
from codybatch.services.prompts import Prompts
from codybatch.services.wording import counted, money
from codybatch.ui.compose.words import KINDS, TYPES
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.prompt_hints import HintLine, hint_lines
from codybatch.ui.prompts.listing import acceptance, cost_of_one
from codybatch.ui.requests.listing import RequestRow, request_row
from codybatch.ui.words import Moment, moment_of

USES = 25
"""Requests that are shown; the list of requests has the others."""


@dataclass(frozen=True)
class VersionLine:
    """A version in the history."""

    number: int
    by: str
    when: Moment
    told: str
    """What became of its jobs, in a few words."""


@dataclass(frozen=True)
class VariableLine:
    """A variable in words: ``about`` is its author's."""

    name: str
    takes: str
    default: str | None
    about: str


@dataclass(frozen=True)
class PromptView:
    """A version of a prompt; texts are fit for the page."""

    name: str
    number: int
    latest: int
    kind: str
    description: str
    is_archived: bool
    about: str
    text: str
    hints: tuple[HintLine, ...]
    """On the text."""
    variables: tuple[VariableLine, ...]
    schema: str
    """Of an ask: the JSON Schema of its answer."""
    facts: tuple[tuple[str, str], ...]
    history: tuple[VersionLine, ...]
    """Newest first."""
    used: tuple[RequestRow, ...]
    """The newest requests of any version."""
    has_more_uses: bool

    @property
    def ref(self) -> str:
        """How a person names this version."""
        return f"{self.name}@{self.number}"

    @property
    def others(self) -> tuple[int, ...]:
        """The other versions: those that this one can be compared with, the one before first."""
        numbers = [line.number for line in self.history if line.number != self.number]
        return tuple(sorted(numbers, key=lambda one: (one > self.number, abs(one - self.number))))


def prompt_view(
    prompts: Prompts,
    clean: Clean,
    now: datetime,
    name: str,
    number: int | None = None,
    zone: tzinfo = UTC,
) -> PromptView:
    """A version of a prompt, the latest where none is named.

    Raises:
        UnknownPrompt: there is no such prompt, or no such version.
    """
    versions = prompts.versions(name)
    wanted = versions[0].number if number is None else number
    found = next((one for one in versions if one.number == wanted), None)
    if found is None:
        raise UnknownPrompt(f"The prompt {name!r} has no version {wanted}.")
    tallies = {one.version: one.tally for one in prompts.tallies(name)}
    uses = prompts.used_by(name, PageRequest(limit=USES))
    return PromptView(
        name=found.name,
        number=found.number,
        latest=versions[0].number,
        kind=KINDS[found.kind],
        description=shown_on_one_line(found.description, clean),
        is_archived=prompts.is_archived(name),
        about=shown_on_one_line(_about(found, now, zone), clean),
        text=shown(found.template, clean),
        hints=hint_lines(found, clean),
        variables=tuple(_variable(one, clean) for one in found.declared()),
        schema=_schema(found, clean),
        facts=_facts(tallies.get(found.number, Tally()), total(prompts.tallies(name))),
        history=tuple(_line(one, tallies.get(one.number), now, clean, zone) for one in versions),
        used=tuple(request_row(one, clean, now, zone) for one in uses.items),
        has_more_uses=uses.cursor is not None,
    )


def changes(prompts: Prompts, clean: Clean, name: str, before: int, after: int) -> str:
    """What changed from one version to another, as a diff; empty where the text is the same.

    Raises:
        UnknownPrompt: there is no such version.
    """
    return shown(prompts.diff(name, min(before, after), max(before, after)), clean)


def _about(found: PromptVersion, now: datetime, zone: tzinfo) -> str:
    when = moment_of(found.created_at, now, zone).shortly
    return f"Version {found.number} · saved {when} by {found.created_by}"


def _variable(one: Variable, clean: Clean) -> VariableLine:
    takes = TYPES[one.type] + (f": {', '.join(one.choices)}" if one.choices else "")
    return VariableLine(
        name=one.name,
        takes=shown_on_one_line(takes, clean),
        default=None if one.default is None else shown_on_one_line(one.default, clean),
        about=shown_on_one_line(one.description, clean),
    )


def _schema(found: PromptVersion, clean: Clean) -> str:
    if found.answer_schema is None:
        return ""
    return shown(json.dumps(found.answer_schema, indent=2, ensure_ascii=False), clean)


def _facts(mine: Tally, whole: Tally) -> tuple[tuple[str, str], ...]:
    """Of this version, then of all of them together."""
    succeeded = "" if mine.success is None else f"{mine.success:.0%}"
    found = (
        ("Jobs", f"{mine.ended:,} of {whole.ended:,}" if whole.ended else ""),
        ("Succeeded", succeeded),
        ("Verdicts", acceptance(mine)),
        ("Cost", cost_of_one(mine)),
        ("Cost of all", money(whole.cost_usd) if whole.ended else ""),
    )
    return tuple((label, value) for label, value in found if value)


def _line(
    one: PromptVersion, tally: Tally | None, now: datetime, clean: Clean, zone: tzinfo
) -> VersionLine:
    counts = (counted(tally.ended, "job"), acceptance(tally), cost_of_one(tally)) if tally else ()
    told = " · ".join(filter(None, counts)) if tally and tally.ended else "not run"
    return VersionLine(
        number=one.number,
        by=shown_on_one_line(one.created_by, clean, longest=60),
        when=moment_of(one.created_at, now, zone),
        told=told,
    )
