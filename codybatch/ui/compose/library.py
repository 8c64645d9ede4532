"""The prompts that can be picked."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.prompts import PromptVersion
from codybatch.ports import PageRequest
from codybatch.services.prompts import Prompts
from codybatch.ui.compose.words import KINDS

MOST = 1000
"""Prompts that a person picks from; more are found by their name in the library's own page."""


@dataclass(frozen=True)
class Library:
    """The latest version of every prompt, by name."""

    entries: dict[str, PromptVersion]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to pick from."""
        return not self.entries

    def label(self, name: str) -> str:
        """A prompt as a line to pick."""
        found = self.entries.get(name)
        return f"{name} · {KINDS[found.kind].lower()}" if found else name


def library(prompts: Prompts) -> Library:
    """The prompts as they are now."""
    found: dict[str, PromptVersion] = {}
    page = prompts.latest(PageRequest(limit=MOST))
    found.update((one.name, one) for one in page.items)
    return Library(found)
