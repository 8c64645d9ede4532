"""Reading what the tools return: lines of a search, numbered lines of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HIT = re.compile(r"(?P<path>[^\n:]+?):(?P<line>\d+):(?P<text>.*)")
_NUMBERED = re.compile(r" *(\d+)\t(.*)", re.DOTALL)
_CUT = re.compile(r" \[line cut: [\d,]+ characters\]\Z")
_MORE = "[there is more"
_FOOTER = re.compile(r"\[lines? ([\d,]+)(?: ?[-–] ?([\d,]+))? of ([\d,]+)")  # noqa: RUF001


@dataclass(frozen=True)
class Hit:
    """One matching line."""

    path: str
    line: int
    text: str


def read_hits(output: str) -> list[Hit]:
    """The matching lines in the output of ``grep``; lines of context and remarks are left out."""
    found = (_HIT.fullmatch(line) for line in output.split("\n"))
    return [Hit(match["path"], int(match["line"]), match["text"]) for match in found if match]


def is_all(output: str) -> bool:
    """Whether a search showed everything that it found."""
    return _MORE not in output[-400:]


@dataclass
class FileView:
    """What is known of one file.

    Arguments:
        lines: by number, from 1.
        total: how many lines it has, once that is known.
        is_cut: whether a line was too long to be shown whole, so that it is not known.
        trouble: why it cannot be read, where it cannot.
    """

    lines: dict[int, str] = field(default_factory=dict)
    total: int | None = None
    is_cut: bool = False
    trouble: str = ""

    @property
    def text(self) -> str | None:
        """The whole file without its last line's end; None while a part is unknown."""
        if self.total is None or len(self.lines) < self.total:
            return None
        return "\n".join(self.lines[number] for number in range(1, self.total + 1))

    @property
    def next_unknown(self) -> int:
        """The number of the first line that is not known."""
        number = 1
        while number in self.lines:
            number += 1
        return number

    def add(self, output: str) -> None:
        """Take in the output of one ``read_file``."""
        for line in output.split("\n"):
            if match := _NUMBERED.fullmatch(line):
                self.lines[int(match[1])] = match[2]
                self.is_cut = self.is_cut or _CUT.search(match[2]) is not None
        footer = None
        for footer in _FOOTER.finditer(output[-400:]):  # noqa: B007 - the last one counts
            pass
        if footer:
            self.total = int(footer[3].replace(",", ""))
        else:
            self.total = max(self.lines, default=0)

    def replace_text(self, text: str) -> None:
        """Know the file as ``text``."""
        lines = text.split("\n")
        self.lines = dict(enumerate(lines, start=1))
        self.total = len(lines)
