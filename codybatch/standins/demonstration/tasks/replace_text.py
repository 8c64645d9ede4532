"""Replace one text by another wherever it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codybatch.standins.demonstration.survey import Search, escaped
from codybatch.standins.demonstration.tasks.task import Rewrite

_LONGEST_TITLE = 72
_QUOTED = r"`([^`\n]+)`|\"([^\"\n]+)\"|'([^'\n]+)'|“([^”\n]+)”"
_BARE = r"([^\s`\"'“”]+)"
_ALL = r"(?:(?:all|every|each|any)\s+)?(?:(?:occurrences?|uses?|mentions?|calls?)\s+(?:of|to)\s+)?"
_ORDER = re.compile(
    rf"\b(?:replace|rename|change|substitute)\s+{_ALL}(?:{_QUOTED}|{_BARE})"
    rf"\s+(?:with|by|to|into)\s+(?:{_QUOTED}|{_BARE})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReplaceText:
    """Replace ``old`` by ``new``; a whole word stays apart from longer words."""

    old: str
    new: str

    @classmethod
    def from_task(cls, task: str) -> ReplaceText | None:
        """The replacement that a task asks for in so many words, or None."""
        found = _ORDER.search(task)
        if found is None:
            return None
        groups = found.groups()
        half = len(groups) // 2
        old = next((group for group in groups[:half] if group), "")
        new = next((group for group in groups[half:] if group), "").rstrip(".,;:")
        return cls(old, new) if old and new and old != new else None

    @property
    def rule(self) -> str:
        """The short name of the problem."""
        return "text-to-replace"

    @property
    def severity(self) -> str:
        """How bad such a place is."""
        return "low"

    @property
    def title(self) -> str:
        """What the change does."""
        return _short(f"Replace {self.old} by {self.new}")

    @property
    def absent(self) -> str:
        """The title where nothing needed to be changed."""
        return _short(f"No change: {self.old} stands nowhere")

    @property
    def goal(self) -> str:
        """What is looked for."""
        return f"every place where `{self.old}` stands"

    @property
    def reason(self) -> str:
        """Why the change is made."""
        return f"The task asks for `{self.new}` wherever `{self.old}` stands."

    @property
    def caution(self) -> str:
        """What a person should check."""
        return ""

    @property
    def searches(self) -> tuple[Search, ...]:
        """What finds every file that holds the text."""
        return ((self._pattern, ""),)

    def rewrite(self, path: str, text: str) -> Rewrite:  # noqa: ARG002 - the protocol's arguments
        """The file with the text replaced."""
        replaced, places = re.subn(self._pattern, lambda _: self.new, text)
        # Where the new text holds the old one, it must not grow each time it is looked at.
        if self._pattern_finds(self.new):
            marker = "\0"
            kept = text.replace(self.new, marker)
            replaced, places = re.subn(self._pattern, lambda _: self.new, kept)
            replaced = replaced.replace(marker, self.new)
        return Rewrite(replaced, places)

    def _pattern_finds(self, text: str) -> bool:
        return re.search(self._pattern, text) is not None

    @property
    def _pattern(self) -> str:
        """A regular expression that Python and ripgrep read alike."""
        before = r"\b" if re.match(r"\w", self.old) else ""
        after = r"\b" if re.search(r"\w\Z", self.old) else ""
        return f"{before}{escaped(self.old)}{after}"


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
