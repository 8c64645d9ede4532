"""What a prompt leaves open is done by habit, and a habit is now and then wrong.

So that prompts of different quality come to different results here, too. What the words settle is
done as they say; what they leave open goes wrong as often as its habit says, by lots that are drawn
from the words, the repository and how often both were met before: the same prompt on the same
repositories, as often again, comes to the same.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple


class Habit(NamedTuple):
    """Something that goes wrong where the words do not settle it."""

    settled_by: re.Pattern[str]
    chance: float
    """That it goes wrong where they do not."""


def _words(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE | re.MULTILINE)


HABITS: Mapping[str, Habit] = MappingProxyType(
    {
        "looks once": Habit(
            _words("^verify", r"(?:search|look)\b[^.]{0,60}\b(?:again|once more)"), 0.12
        ),
        "knows one spelling": Habit(
            _words("^scope", "every way", "another name", "however (?:it|they)"), 0.03
        ),
        "leaves tests": Habit(_words("^scope", r"\btests?\b"), 0.3),
        "takes the short way": Habit(_words("time.zone", r"\baware\b"), 0.25),
        "leaves notes": Habit(
            _words(
                "nothing else",
                "(?:no|each) other",
                "(?:else|change)[^.]{0,30} stays?",
                "stay as they are",
                "no clean-up",
            ),
            0.15,
        ),
        "wants something to do": Habit(
            _words(r"no change is (?:needed|necessary)", "change nothing"), 0.4
        ),
    }
)
"""By what they are called; the chances are made up, and only their order means anything."""

_TEST_FILE = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|conftest\.py$)")


@dataclass(frozen=True)
class Slips:
    """What goes wrong in one conversation.

    Arguments:
        words: of the task.
        repository: its name.
        occasion: how often both were met, this time included; None for a hand that never slips.
    """

    words: str = ""
    repository: str = ""
    occasion: int | None = None

    def overlooks(self, path: str) -> bool:
        """Whether a file is never changed in which something is to be."""
        if _TEST_FILE.search(path) and self._has("leaves tests"):
            return True
        return self._has("looks once", path) or self._has("knows one spelling", path)

    @property
    def takes_the_short_way(self) -> bool:
        """Whether the nearest replacement is taken for the right one."""
        return self._has("takes the short way")

    def leaves_notes(self, *, was_needed: bool) -> bool:
        """Whether a file is added that nobody asked for.

        Arguments:
            was_needed: whether anything else is changed.
        """
        return self._has("leaves notes") or (not was_needed and self._has("wants something to do"))

    def _has(self, habit: str, of: str = "") -> bool:
        settled_by, chance = HABITS[habit]
        if self.occasion is None or settled_by.search(self.words):
            return False
        lot = "\0".join((self.words, self.repository, str(self.occasion), habit, of))
        drawn = int.from_bytes(blake2b(lot.encode(), digest_size=8).digest(), "big")
        return drawn / 2**64 < chance


CAREFUL = Slips()
"""Nothing goes wrong."""


class Occasions:
    """How often each task was met on each repository, since the stand-in was started."""

    def __init__(self) -> None:
        self._met: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def next(self, words: str, repository: str) -> int:
        """Meet them once more; 1 the first time."""
        key = blake2b(f"{repository}\0{words}".encode(), digest_size=16).digest()
        with self._lock:
            self._met[key] += 1
            return self._met[key]
