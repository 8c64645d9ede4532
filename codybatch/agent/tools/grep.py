"""grep: lines by regular expression, over a folder or one file.

What is searched is what the model may see: a file that matches is redacted first and searched
again, so that no pattern can find out a secret character by character.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import Field

from codybatch.agent.tools.globs import Glob
from codybatch.agent.tools.lines import split
from codybatch.agent.tools.scope import Scope
from codybatch.agent.tools.text_file import as_text, is_binary, without_cut_characters
from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.patterns import CpuLimit, InvalidPattern, Pattern
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree

MAX_BYTES = 16 * 1024
MAX_LINES = 1_000
MAX_PATTERN = 1_000
LINE_CHARACTERS = 400
"""Of a longer line, what stands around the match."""
MAX_SECONDS = 15.0
"""Of processor time; only a pattern made to be slow takes it. Reads are not repeated on resume."""
_BLOCK = 1024 * 1024
# Carried from one block of a large file into the next, so that a key block is known for one.
_CARRIED = 64 * 1024
_PLACEHOLDER_WORD = "redacted"


class GrepInput(ToolInput):
    """What to look for, and where."""

    pattern: str = Field(min_length=1, max_length=MAX_PATTERN)
    path: str = "."
    glob: str | None = None
    ignore_case: bool = False
    context: int = Field(default=0, ge=0, le=5)
    limit: int = Field(default=200, ge=1, le=MAX_LINES)


@dataclass(frozen=True)
class _Block:
    """Consecutive lines of a file."""

    data: bytes
    first: int
    """The number of its first line, from 1."""
    carried: int
    """How many of its first lines were part of the block before."""


@dataclass
class _Output:
    """Lines of the result, within its limits."""

    limit: int
    lines: list[str] = field(default_factory=list)
    matches: int = 0
    size: int = 0
    is_full: bool = False
    _path: str = ""
    _number: int = 0
    """The last line that was shown."""

    @property
    def room(self) -> int:
        """How many more matches to look for: one above the limit shows that there are more."""
        return 0 if self.is_full else self.limit - self.matches + 1

    def begin_line(self, path: str, number: int, *, apart: bool) -> bool:
        """Whether a line is still to be shown; sets groups of lines apart where asked."""
        if path == self._path and number <= self._number:
            return False
        if apart and self.lines and (path, number - 1) != (self._path, self._number):
            self.add("--", is_match=False)
        self._path, self._number = path, number
        return True

    def add(self, line: str, is_match: bool) -> None:
        """Add a line, or note that the result is full."""
        self.size += len(line.encode()) + 1
        if self.is_full or self.size > MAX_BYTES or (is_match and self.matches >= self.limit):
            self.is_full = True
            return
        self.matches += is_match
        self.lines.append(line)


def grep(tree: WorkTree, redactor: Redactor, wanted: GrepInput) -> str:
    """Matching lines as ``path:line:text``, lines of context as ``path-line-text``."""
    pattern = _compiled(wanted)
    scope = Scope(tree, wanted.path)
    paths = scope.paths
    if wanted.glob is not None:
        paths = tuple(Glob(wanted.glob).select(scope))
    output = _Output(wanted.limit)
    any_file = _PLACEHOLDER_WORD in wanted.pattern.lower()
    limit = CpuLimit(MAX_SECONDS)
    search = _Search(pattern, redactor, wanted.context, output, limit, any_file)
    for path, data in tree.read_all(paths, _BLOCK + 1):
        if output.is_full:
            break
        if not is_binary(data):
            for block in _blocks(tree, path, data):
                search.take(path, block)
    return _result(output, len(paths))


def _compiled(wanted: GrepInput) -> Pattern:
    try:
        return Pattern(wanted.pattern, ignore_case=wanted.ignore_case)
    except InvalidPattern as error:
        raise ToolRefused(
            f"This pattern cannot be searched for: {error}. Patterns are in RE2's syntax: no "
            "look-around and no back-references; escape ( ) [ ] { } . * + ? | ^ $ with a backslash "
            "to search for them as they are."
        ) from None


def _result(output: _Output, files: int) -> str:
    if not output.matches:
        return f"No match in {files:,} files."
    if output.is_full:
        output.lines.append(
            "[there is more: narrow the pattern, the path or the glob, or raise limit]"
        )
    return "\n".join(output.lines)


def _lf(data: bytes) -> bytes:
    """As UTF-8 with LF, which is what patterns are written for."""
    if not data.isascii():
        data = as_text(data).raw.encode()
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _blocks(tree: WorkTree, path: str, head: bytes) -> Iterator[_Block]:
    """A file in one piece, or a large one in pieces of a MB, cut at line ends."""
    if len(head) <= _BLOCK:
        yield _Block(head, 1, 0)
        return
    first, carried, rest, more = 1, b"", b"", b"-"
    with tree.open(path) as file:
        while more:
            more = file.read(_BLOCK)
            data = rest + more
            end = (data.rfind(b"\n") + 1 if more else 0) or len(data)
            block = carried + data[:end]
            if end:
                yield _Block(block, first - carried.count(b"\n"), carried.count(b"\n"))
            first += data.count(b"\n", 0, end)
            carried, rest = _last_lines(block), data[end:]


def _last_lines(block: bytes) -> bytes:
    newline = block.find(b"\n", max(0, len(block) - _CARRIED))
    return b"" if newline < 0 else block[newline + 1 :]


@dataclass(frozen=True)
class _Search:
    """One call's search, which goes on from block to block."""

    pattern: Pattern
    redactor: Redactor
    context: int
    output: _Output
    limit: CpuLimit
    any_file: bool
    """Whether files are redacted even where the pattern does not match them as they are."""

    def take(self, path: str, block: _Block) -> None:
        """Add a block's matching lines, and the lines around them."""
        self.limit.check()
        if not self.any_file and not self.pattern.found_in(_lf(block.data)):
            return
        text = self.redactor.redact(as_text(without_cut_characters(block.data)).text)
        lines = split(text)
        matches = self._matches(text, block, len(lines))
        name = self.redactor.redact(shown(path))
        for number in _with_context(matches, self.context, len(lines)):
            if self.output.begin_line(path, block.first + number, apart=self.context > 0):
                mark = ":" if number in matches else "-"
                line = _around(lines[number], matches.get(number, 0))
                text = f"{name}{mark}{block.first + number}{mark}{line}"
                self.output.add(text, number in matches)

    def _matches(self, text: str, block: _Block, count: int) -> dict[int, int]:
        """In which lines matches begin, and in which column; no more than the result holds."""
        matches: dict[int, int] = {}
        for number, column in _matching(self.pattern, text.encode(), block.carried, count):
            self.limit.check()
            matches[number] = column
            if len(matches) >= self.output.room:
                break
        return matches


def _with_context(matches: Iterable[int], context: int, count: int) -> list[int]:
    near = {line for match in matches for line in range(match - context, match + context + 1)}
    return sorted(line for line in near if 0 <= line < count)


def _matching(pattern: Pattern, data: bytes, first: int, count: int) -> Iterator[tuple[int, int]]:
    """The lines in which a match begins, from line ``first`` on, and in which column."""
    ends = [place.start() for place in re.finditer(b"\n", data)]
    at = ends[first - 1] + 1 if first else 0
    while (start := pattern.first_in(data, at)) is not None:
        number = bisect_left(ends, start)
        if number >= count:
            return
        line = ends[number - 1] + 1 if number else 0
        yield number, len(data[line:start].decode("utf-8", "replace"))
        if number >= len(ends):
            return
        at = ends[number] + 1


def _around(line: str, column: int) -> str:
    """A line, or of a long one what stands around a match."""
    if len(line) <= LINE_CHARACTERS:
        return line
    start = max(0, min(column - LINE_CHARACTERS // 4, len(line) - LINE_CHARACTERS))
    end = start + LINE_CHARACTERS
    return f"{'…' * (start > 0)}{line[start:end]}{'…' * (end < len(line))}"


GREP = FileTool(
    name="grep",
    description=(
        "Search text files by regular expression (RE2 syntax: no look-around, no "
        "back-references). Gives path:line:text for matching lines, sorted by path, and "
        "path-line-text for context. Binary files and symbolic links are not searched; a match "
        "that spans lines is shown by its first."
    ),
    properties={
        "pattern": {"type": "string", "description": "The expression; ^ and $ are line ends."},
        "path": {"type": "string", "description": "The folder or file to search. Default: all."},
        "glob": {
            "type": "string",
            "description": "Only files that match, relative to path: '*.py', 'src/**/*.{js,ts}'.",
        },
        "ignore_case": {"type": "boolean", "description": "Whether case is ignored. Default no."},
        "context": {"type": "integer", "description": "Lines around each match, 0 to 5."},
        "limit": {"type": "integer", "description": "At most so many matches. Default 200."},
    },
    required=("pattern",),
    input_model=GrepInput,
    act=grep,
)
